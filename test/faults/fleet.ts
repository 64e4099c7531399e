/** A fleet of scripted hosts with its inventory, and the command line against it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKey, privateKeyFile } from '../../src/demo/certificate-authority.js';
import { recording } from '../../src/demo/fleet.js';
import { runMain, type Caught } from '../helpers/io.js';
import { startHost, type Play, type ScriptedHost } from './host.js';

export interface Member {
  readonly name: string;
  readonly play: Play;
}

/** An entry of the inventory that no scripted host stands behind. */
export interface Elsewhere {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly hostKey?: string;
}

export interface FaultFleet {
  readonly folder: string;
  readonly inventory: string;
  readonly now: string;
  /** Flags that reach this fleet and nothing else of this machine, with short limits. */
  readonly flags: readonly string[];
  readonly hosts: ReadonlyMap<string, ScriptedHost>;
  cli(...argv: readonly string[]): Promise<Caught>;
  stop(): Promise<void>;
}

/** A second for what should take none, and three for what may: the bounds every fault must keep. */
const LIMITS =
  'connect-timeout=1s handshake-timeout=3s login-timeout=3s first-byte-timeout=3s idle-timeout=3s'
    .split(' ')
    .map((limit) => `--${limit}`);

export async function startFaultFleet(
  members: readonly Member[],
  elsewhere: readonly Elsewhere[] = [],
): Promise<FaultFleet> {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-faults-'));
  const identity = join(folder, 'auditor');
  writeFileSync(identity, privateKeyFile(generateKey()), { mode: 0o600 });
  const hosts = new Map<string, ScriptedHost>();
  for (const { name, play } of members) hosts.set(name, await startHost(play));
  const { caFingerprint, recordedAt } = recording('sound');
  const inventory = join(folder, 'inventory.yaml');
  writeFileSync(
    inventory,
    inventoryText(caFingerprint, [
      ...[...hosts].map(([name, host]) => ({ name, address: '127.0.0.1', ...host })),
      ...elsewhere,
    ]),
  );
  return {
    folder,
    inventory,
    now: recordedAt,
    hosts,
    flags: ['-i', identity, '-F', 'none', '--no-agent', '--config', 'none', '--now', recordedAt, ...LIMITS],
    cli: (...argv) => runMain(argv, { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } }),
    async stop() {
      await Promise.all([...hosts.values()].map((host) => host.close()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function inventoryText(caFingerprint: string, hosts: readonly Elsewhere[]): string {
  const entries = hosts.map(({ name, address, port, hostKey }) =>
    [
      `  - name: ${name}`,
      `    address: ${address}`,
      `    port: ${port}`,
      ...(hostKey === undefined ? [] : [`    host_key: ${hostKey}`]),
      '    allowed_principals: { adm: [adm-full, adm-readonly], agt: [agt-incident-resolver-v2], atm: [atm-backup-daily, atm-logrotate, atm-scorecard] }',
    ].join('\n'),
  );
  return [
    'defaults: { user: auditor, become: sudo }',
    `ca: { trusted_user_ca_keys: /etc/ssh/ca/ca_user.pub, fingerprints: ["${caFingerprint}"] }`,
    'accounts: { adm: [ops], agt: [agent], atm: [automation, auditor] }',
    'hosts:',
    ...entries,
    '',
  ].join('\n');
}

/** `{ check: status }` of a host in a report. */
export function verdictOf(report: ReportLike, host: string): Record<string, string> {
  const found = report.hosts.find(({ name }) => name === host);
  return Object.fromEntries((found?.results ?? []).map(({ id, outcome }) => [id, outcome.status]));
}

export interface ReportLike {
  readonly hosts: readonly {
    readonly name: string;
    readonly score: number;
    readonly failure?: {
      readonly code: string;
      readonly phase: string;
      readonly detail: string;
      readonly attempts?: number;
    };
    readonly results: readonly { readonly id: string; readonly outcome: { readonly status: string } }[];
  }[];
}
