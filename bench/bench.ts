/**
 * npm run bench [-- --hosts 200,1000] [--rounds 3] [--minutes 20] [--quick] [--offline]
 *
 * Real logins on loopback at concurrency 50, every client in the same run and in turns, medians; then saved hosts judged
 * again. Client and servers share this machine: hosts per second is bound by sshd; client CPU per host is what carries
 * over. A first round of every size is always made; further ones, up to --rounds, while --minutes allow.
 *
 * --quick: one round of 200 hosts. --offline: no logins, only what is judged from saved hosts.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compose } from '../src/collector/compose.js';
import type { FleetReport } from '../src/model.js';
import {
  freePort,
  keyFingerprint,
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  startSshd,
  temporaryDirectory,
} from '../test/helpers/sshd.js';
import { clientsFor, type Client, type Field, type Role } from './clients.js';
import { ASKED, framesOf, hostAddress, inventoryText, probesOfHost, RECORDED_AT, SERVERS } from './fleet.js';
import { measure, median, type Figures } from './measure.js';
import { measureSaved } from './saved.js';

const { values: flags } = parseArgs({
  options: {
    hosts: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '20' },
    quick: { type: 'boolean', default: false },
    offline: { type: 'boolean', default: false },
  },
});
const ROUNDS = flags.quick ? 1 : Number(flags.rounds);
const CONCURRENCY = 50;
/** Hosts that say something of their own; beyond, two or more say the same. */
const DISTINCT = 1000;
/** Kept for what is judged offline. Seconds. */
const OFFLINE = 90;
const sizes = (flags.hosts ?? (flags.quick ? '200' : '200,1000,10000'))
  .split(',')
  .map(Number)
  .filter((size) => size > 0)
  .toSorted((a, b) => a - b);
const saved = flags.hosts !== undefined ? sizes : flags.quick ? [1000] : [1000, 10_000];
for (const program of ['cli', 'collect'])
  if (!existsSync(fileURLToPath(new URL(`../dist/src/${program}.js`, import.meta.url))))
    throw new Error('build first: npm run bench does');

const begun = performance.now();
const elapsed = () => (performance.now() - begun) / 1000;
console.log(
  `${cpus().length} x ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load before ${loadavg()[0]?.toFixed(1)}`,
);
if (!flags.offline) await measureLogins();
await measureSaved(saved, ROUNDS);

async function measureLogins(): Promise<void> {
  const folder = temporaryDirectory('bench');
  const [ca, certified, plain] = [
    await makeKey(join(folder, 'ca')),
    await makeKey(join(folder, 'auditor')),
    await makeKey(join(folder, 'plain')),
  ];
  await signKey(ca, certified, { id: 'atm-scorecard', principals: ['atm-scorecard'], validity: '-1m:+12h' });
  for (const name of ['out', 'cp', 'frames']) mkdirSync(join(folder, name));
  const responder = join(folder, 'responder.sh');
  writeFileSync(responder, readFileSync(new URL('responder.sh', import.meta.url)));
  writeFrames(folder, Math.max(...sizes));
  const sample = join(folder, 'frames', hostAddress(0));
  const answer = join(folder, 'answer.sh');
  writeFileSync(answer, `#!/bin/sh\nexec cat ${sample}\n`, { mode: 0o755 });
  const script = join(folder, 'script');
  writeFileSync(script, compose(ASKED, '0'.repeat(32)));

  const hostKey = await makeKey(join(folder, 'host'));
  const start = async (lines: readonly string[]) => {
    const port = await freePort('0.0.0.0');
    return startSshd({
      hostKeys: [hostKey],
      cas: [publicKey(ca)],
      principals: { root: ['atm-scorecard'] },
      authorizedKeys: { root: [publicKey(plain)] },
      port,
      config: [
        `ListenAddress 0.0.0.0:${port}`,
        'LogLevel INFO',
        'MaxStartups 500:30:1000',
        // root's bash would read .bashrc for a command over SSH; what is in there is not ours to measure.
        'SetEnv SHLVL=5',
        ...lines,
      ],
    });
  };
  const answering = [];
  for (let server = 0; server < SERVERS; server += 1)
    answering.push(
      await start([
        'Match User root',
        `ForceCommand case "$SSH_ORIGINAL_COMMAND" in true) exit 0 ;; *) exec /bin/sh ${responder} ${join(folder, 'frames')} ;; esac`,
      ]),
    );
  const obedient = await start(['Subsystem sftp internal-sftp']);
  const ports = answering.map(({ port }) => port);
  const [keyType = '', hostKeyBlob = ''] = publicKey(hostKey).split(' ');
  const hostFingerprint = await keyFingerprint(hostKey);
  const knownHosts = join(folder, 'known_hosts');
  writeFileSync(knownHosts, `* ${keyType} ${hostKeyBlob}\n`);
  console.log(
    `concurrency ${CONCURRENCY}, ${SERVERS} servers; script ${kib(script)} KiB, answer ${kib(sample)} KiB a host`,
  );
  try {
    /** Seconds a host takes, for all the clients that are measured at every size. */
    let each = 0;
    for (const [index, size] of sizes.entries()) {
      const addresses = Array.from({ length: size }, (_, host) => hostAddress(host));
      const field: Field = {
        folder,
        inventory: join(folder, `inventory-${size}.yaml`),
        list: join(folder, `list-${size}`),
        endpoints: join(folder, `endpoints-${size}`),
        ports,
        plainPort: obedient.port,
        key: plain,
        certified,
        hostKeyBlob,
        knownHosts,
        script,
        answer,
        concurrency: CONCURRENCY,
      };
      writeFileSync(field.list, `${addresses.join('\n')}\n`);
      writeFileSync(
        field.endpoints,
        addresses.map((address, host) => `${address} ${ports[host % SERVERS] ?? 0}\n`).join(''),
      );
      writeFileSync(
        field.inventory,
        inventoryText(size, `user: root, become: none, identity_file: ${certified}`, {
          hostKey: hostFingerprint,
          ports,
        }),
      );
      const clients = clientsFor(field).filter(({ most }) => size <= most);
      const later = sizes.slice(index + 1).reduce((sum, more) => sum + more, 0);
      const rounds: Figures[][] = [];
      let last = 0;
      while (rounds.length < ROUNDS) {
        const left = Number(flags.minutes) * 60 - OFFLINE - later * each - elapsed();
        if (rounds.length > 0 && left < last) break;
        const from = elapsed();
        rounds.push(await once(size, clients, [...answering, obedient], folder));
        last = elapsed() - from;
        const common = rounds.at(-1)?.filter((_, at) => clients[at]?.most === Infinity) ?? [];
        each = common.reduce((sum, { wall }) => sum + wall, 0) / size;
      }
      print(size, clients, rounds);
    }
  } finally {
    for (const server of [...answering, obedient]) await server.stop();
    removeDirectory(folder);
  }
}

function kib(path: string): number {
  return Math.round(readFileSync(path).length / 1024);
}

function writeFrames(folder: string, size: number): void {
  const clock = Math.floor(Date.parse(RECORDED_AT) / 1000);
  for (let index = 0; index < size; index += 1) {
    const file = join(folder, 'frames', hostAddress(index));
    if (index < DISTINCT) writeFileSync(file, framesOf(probesOfHost(index), clock));
    else linkSync(join(folder, 'frames', hostAddress(index % DISTINCT)), file);
  }
}

/** Every client once, one after another: a machine that drifts touches all alike. @throws Error when a host was not reached. */
async function once(
  size: number,
  clients: readonly Client[],
  servers: readonly { readonly pid: number }[],
  folder: string,
): Promise<Figures[]> {
  const round: Figures[] = [];
  const errors = join(folder, 'errors');
  const pids = servers.map(({ pid }) => pid);
  for (const client of clients) {
    const figures = await measure(client.command, pids, errors, client.env);
    if (client.judges) {
      const results = readFileSync(join(folder, 'out/results.json'), 'utf8');
      const { totals } = JSON.parse(results) as FleetReport;
      if (totals.reached !== size) throw new Error(`only ${totals.reached} of ${size} hosts were reached`);
    } else if (figures.exit !== 0)
      throw new Error(
        `${client.name} ended with ${figures.exit}:\n${readFileSync(errors, 'utf8').slice(0, 2000)}`,
      );
    round.push(figures);
  }
  return round;
}

function print(size: number, clients: readonly Client[], rounds: readonly (readonly Figures[])[]): void {
  console.log(
    `\n${`${size} hosts, median of ${rounds.length}`.padEnd(43)} hosts/s  client ms  sshd ms  tree MiB  peak RSS MiB`,
  );
  for (const [at, { name }] of clients.entries()) {
    const of = (key: keyof Figures) => median(rounds.map((round) => round[at]?.[key] ?? 0));
    const perHost = (key: 'client' | 'server') => ((of(key) * 1000) / size).toFixed(2);
    console.log(
      [
        name.padEnd(43),
        (size / of('wall')).toFixed(0).padStart(7),
        perHost('client').padStart(10),
        perHost('server').padStart(8),
        of('treeMiB').toFixed(0).padStart(9),
        of('peakMiB').toFixed(0).padStart(13),
      ].join(' '),
    );
  }
  const ratio = (key: keyof Figures, over: Role, under: Role): string | undefined => {
    const [top, bottom] = [over, under].map((role) => clients.findIndex((client) => client.role === role));
    const all = rounds.flatMap((round) => {
      const [a, b] = [round[top ?? -1]?.[key], round[bottom ?? -1]?.[key]];
      return a === undefined || b === undefined || b === 0 ? [] : [a / b];
    });
    return all.length === 0 ? undefined : median(all).toFixed(2);
  };
  // Of the same round each; of hosts a second, the other way round than of seconds.
  for (const [words, value] of [
    [
      'client CPU, collection : ssh2 alone with the same bytes (goal: at most 1.3)',
      ratio('client', 'collection', 'bare'),
    ],
    ['client CPU, run : ssh2 alone with the same bytes (goal: at most 2.6)', ratio('client', 'run', 'bare')],
    [
      'hosts a second, run : Ansible, the same key exchange (goal: at least 5)',
      ratio('wall', 'ansible', 'run'),
    ],
    [
      'hosts a second, run : Ansible, its own key exchange (goal: at least 5)',
      ratio('wall', 'ansible-default', 'run'),
    ],
  ] as const)
    if (value !== undefined) console.log(`  ${words}: ${value}`);
}
