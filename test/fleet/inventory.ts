/**
 * The fleet as an inventory: what an organisation would have in Git for these hosts.
 */
import { ACTOR_ACCOUNTS, ALLOWED } from './profiles/sound.js';
import type { FleetHost } from './types.js';

export interface Trust {
  readonly caFingerprint: string;
  readonly emergencyFingerprint: string;
  readonly auditor: { readonly keyFile: string; readonly certFile: string };
}

/** YAML in which every scalar that could be misread is quoted. */
export function inventoryYaml(hosts: readonly FleetHost[], trust: Trust): string {
  const list = (values: readonly string[]): string =>
    `[${values.map((value) => JSON.stringify(value)).join(', ')}]`;
  const emergency = hosts.filter((host) =>
    host.spec.deviations?.some((each) => each.id.includes('emergency')),
  );
  const lines = [
    '# Written by the test lab.',
    'defaults:',
    '  user: auditor',
    `  identity_file: ${JSON.stringify(trust.auditor.keyFile)}`,
    `  certificate_file: ${JSON.stringify(trust.auditor.certFile)}`,
    'ca:',
    '  trusted_user_ca_keys: /etc/ssh/ca/ca_user.pub',
    `  fingerprints: ${list([trust.caFingerprint])}`,
    'accounts:',
    ...Object.entries(ACTOR_ACCOUNTS).map(([actor, accounts]) => `  ${actor}: ${list(accounts)}`),
    ...(emergency.length === 0
      ? []
      : [
          'policy:',
          '  emergency_keys:',
          `    - fingerprint: ${JSON.stringify(trust.emergencyFingerprint)}`,
          `      hosts: ${list(emergency.map((host) => host.name))}`,
          '      accounts: ["ops"]',
        ]),
    'hosts:',
    ...hosts.flatMap((host) => {
      const allowed = {
        ...ALLOWED,
        ...Object.assign({}, ...(host.spec.deviations ?? []).map((each) => each.inventory ?? {})),
      } as typeof ALLOWED;
      return [
        `  - name: ${JSON.stringify(host.name)}`,
        `    address: ${JSON.stringify(host.address)}`,
        `    port: ${host.port}`,
        ...(host.spec.environment === undefined
          ? []
          : [`    environment: ${JSON.stringify(host.spec.environment)}`]),
        '    allowed_principals:',
        ...Object.entries(allowed).map(([actor, principals]) => `      ${actor}: ${list(principals)}`),
      ];
    }),
  ];
  return `${lines.join('\n')}\n`;
}
