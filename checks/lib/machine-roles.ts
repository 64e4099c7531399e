/** Roles of the CA system that sign for agents and automations: whether their certificates are bound to the wrapper. */
import type { CaCustody, SshRole } from '../../src/facts/types.js';
import type { Finding, Policy } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import { REAL_OPTIONS } from './ca-roles.js';
import { excerpt } from './law.js';
import { nameOf } from './role-limits.js';

/**
 * A request that names critical options of its own replaces the role's default ones, and an empty
 * allowed_critical_options allows any (path_issue_sign.go, calculateCriticalOptions).
 */
export function machineRoleFindings(
  { mounts }: CaCustody,
  { wrappers }: Pick<Policy, 'wrappers'>,
): Finding[] {
  return mounts
    .flatMap(({ roles }) => roles)
    .filter(({ keyType, allowUserCertificates }) => keyType === 'ca' && allowUserCertificates)
    .filter(isForMachines)
    .flatMap((role) => {
      const what = unbound(role, wrappers);
      if (what === null) return [];
      const name = nameOf(role);
      return [
        {
          subject: `role ${name} force-command`,
          message: `The role ${name} signs certificates of agents or automations that need not run the wrapper: ${what}. Whoever may ask that role gets a free shell.`,
          evidence: [
            {
              probe: 'vault',
              path: name,
              excerpt: excerpt(
                `default_critical_options ${role.defaultCriticalOptions.map((one) => `${one.name}=${one.value}`).join(', ') || 'none'}; allowed_critical_options ${role.allowedCriticalOptions.join(',') || '(any)'}`,
              ),
            },
          ],
          remediation: `Set default_critical_options force-command=${wrappers[0] ?? 'WRAPPER'} on the role ${name}, and allowed_critical_options to a name no sshd knows, such as none-allowed.`,
        },
      ];
    });
}

function isForMachines({ allowedUsers, defaultUser }: SshRole): boolean {
  return [...allowedUsers, defaultUser].some((name) => {
    const actor = actorOf(name);
    return actor === 'agt' || actor === 'atm';
  });
}

function unbound(role: SshRole, wrappers: readonly string[]): string | null {
  const forced = role.defaultCriticalOptions.find(({ name }) => name === 'force-command')?.value;
  if (forced === undefined) return 'it sets no force-command';
  if (!wrappers.includes(forced.trim().split(/\s+/, 1)[0] ?? ''))
    return `it forces “${excerpt(forced)}”, which is none of the wrappers`;
  if (role.allowedCriticalOptions.length === 0)
    return 'it forces the wrapper by default only, and a request may name any critical options instead';
  const usable = role.allowedCriticalOptions.filter((name) => REAL_OPTIONS.includes(name));
  return usable.length === 0
    ? null
    : `it forces the wrapper by default only, and a request may name ${usable.join(' or ')} instead`;
}
