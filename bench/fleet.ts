/**
 * Hosts for the benches: what real recorded hosts said, with every host's own name, times, process IDs and ports, and one host in eight
 * with a fault. So no two hosts say the same, and what they share is what a fleet shares: contents of files.
 */
import { createHash } from 'node:crypto';
import { CHECKS } from '../checks/index.js';
import { probesOf } from '../src/gather/probes.js';
import { PROTOCOL } from '../src/collector/compose.js';
import { recording } from '../src/demo/fleet.js';
import type { HostEvidence, ProbeOutput } from '../src/model.js';

const FAULTS = [
  'bootstrap-left',
  'direct-ssh',
  'extra-ca',
  'password-drop-in',
  'root-match',
  'second-key-file',
];

/** What a run with the ten checks asks for. */
export const ASKED = probesOf(CHECKS);
export const CA_FINGERPRINT = recording('sound').caFingerprint;
/** The clock to judge at: when the hosts were recorded. */
export const RECORDED_AT = recording('sound').recordedAt;

export function hostName(index: number): string {
  return `host-${String(index).padStart(5, '0')}`;
}

/** How many servers the hosts are spread over, in turns. */
export const SERVERS = 4;

/** The second number of the addresses a server has. */
export function networkOf(server: number): number {
  return 10 + server;
}

/** 127.10.0.1, 127.11.0.1 …, 127.10.0.2 … : one loopback address a host. */
export function hostAddress(index: number): string {
  const own = Math.floor(index / SERVERS);
  return `127.${networkOf(index % SERVERS)}.${Math.floor(own / 250)}.${(own % 250) + 1}`;
}

/** What this host's probes printed. */
export function probesOfHost(index: number): Readonly<Record<string, ProbeOutput>> {
  const name = index % 8 === 7 ? (FAULTS[Math.floor(index / 8) % FAULTS.length] ?? 'sound') : 'sound';
  const { probes } = recordingOf(name);
  return Object.fromEntries(
    Object.entries(probes).map(([probe, output]) => {
      const stdout = output.stdoutEncoding === 'utf8' ? ownWords(output.stdout, index, name) : output.stdout;
      const bytes = Buffer.from(stdout, output.stdoutEncoding);
      return [
        probe,
        {
          ...output,
          stdout,
          bytes: bytes.length,
          sha256: createHash('sha256').update(bytes).digest('hex'),
        },
      ];
    }),
  );
}

const known = new Map<string, ReturnType<typeof recording>>();

function recordingOf(name: string): ReturnType<typeof recording> {
  const found = known.get(name) ?? recording(name);
  known.set(name, found);
  return found;
}

/** Seconds and microseconds of that day are moved alike, so that what was older stays older. */
function ownWords(text: string, index: number, name: string): string {
  return text
    .replace(/\b1795(\d{6})(\d{6})?\b/g, (_all, seconds: string, micro = '') =>
      String(1795 * 1_000_000 + Number(seconds) - index).concat(micro),
    )
    .replace(`hostname ${name}`, `hostname ${hostName(index)}`)
    .replace(
      / port (\d{5}) ssh2/g,
      (_all, port: string) => ` port ${20_000 + ((Number(port) + index) % 40_000)} ssh2`,
    );
}

/** The frames a collector would have sent, with `@@NONCE@@` for the nonce. */
export function framesOf(probes: Readonly<Record<string, ProbeOutput>>, clock: number): string {
  const body = ASKED.map(({ name, maxBytes }) => {
    const output = probes[name];
    const lines = `r${output?.rc ?? 127}\no${Buffer.from(output?.stdout ?? '', output?.stdoutEncoding ?? 'utf8').toString('base64')}\ne\n`;
    return `@@NONCE@@ P ${name} ${maxBytes}\n${lines}h${createHash('sha256').update(lines).digest('hex')}\n`;
  });
  return `\n@@NONCE@@ S ${PROTOCOL} 0 ${clock} sh\n${body.join('')}@@NONCE@@ E ${ASKED.length}\n`;
}

/** Its evidence, as a gathering would have saved it. */
export function evidenceOf(index: number): HostEvidence {
  return {
    schema: 1,
    host: hostName(index),
    startedAt: RECORDED_AT,
    finishedAt: RECORDED_AT,
    collector: { protocol: PROTOCOL, uid: 0, clock: Math.floor(Date.parse(RECORDED_AT) / 1000), shell: 'sh' },
    connection: {
      transport: 'ssh',
      address: hostAddress(index),
      port: 22,
      user: 'auditor',
      route: [],
      hostKey: {
        type: 'ssh-ed25519',
        fingerprint: `SHA256:${createHash('sha256').update(hostName(index)).digest('base64').slice(0, 43)}`,
        verifiedBy: 'inventory',
      },
      timings: {
        connect: 1 + (index % 7),
        handshake: 20 + (index % 11),
        login: 40 + (index % 13),
        done: 900 + (index % 97),
      },
    },
    probes: probesOfHost(index),
  };
}

const PRINCIPALS =
  'principals: { ops: [adm-full, adm-readonly], agent: [agt-incident-resolver-v2], automation: [atm-backup-daily, atm-logrotate], auditor: [atm-scorecard] }';

/** An inventory of so many hosts, which share their principals. The rest of `defaults` is the caller's. */
export function inventoryText(
  size: number,
  defaults: string,
  { hostKey, ports }: { readonly hostKey?: string; readonly ports?: readonly number[] } = {},
): string {
  return [
    `defaults: { ${defaults}, ${PRINCIPALS} }`,
    `ca: { fingerprints: ["${CA_FINGERPRINT}"] }`,
    'hosts:',
    ...Array.from(
      { length: size },
      (_, index) =>
        `  - { name: ${hostName(index)}, address: ${hostAddress(index)}${ports ? `, port: ${ports[index % SERVERS] ?? 22}` : ''}${hostKey === undefined ? '' : `, host_key: "${hostKey}"`}, environment: ${['production', 'staging'][index % 2] ?? ''} }`,
    ),
    '',
  ].join('\n');
}
