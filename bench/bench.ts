/**
 * npm run bench [-- HOSTS…]: real logins on loopback at concurrency 50, every client in the same run, medians of three.
 * Client and servers share this machine: hosts per second is bound by sshd; client CPU per host is what carries over.
 *
 * With no numbers: 200 and 1,000 hosts, and 10,000 for the clients that are worth the time. BENCH_ROUNDS sets the rounds.
 */
import { existsSync, linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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
import { clientsFor, type Client, type Field } from './clients.js';
import { ASKED, framesOf, hostAddress, inventoryText, probesOfHost, RECORDED_AT } from './fleet.js';
import { measure, type Figures } from './measure.js';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const CONCURRENCY = 50;
/** From here on only the clients that are worth the time. */
const LARGE = 5000;
/** Hosts that say something of their own; beyond, two or more say the same. */
const DISTINCT = 1000;
const given = process.argv
  .slice(2)
  .map(Number)
  .filter((size) => size > 0);
const sizes = given.length > 0 ? given : [200, 1000, 10_000];
const cli = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));
if (!existsSync(cli)) throw new Error('build first: npm run build');

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

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
const clock = Math.floor(Date.parse(RECORDED_AT) / 1000);
const frameFiles = (size: number) => {
  for (let index = 0; index < size; index += 1) {
    const file = join(folder, 'frames', hostAddress(index));
    if (existsSync(file)) continue;
    if (index < DISTINCT) writeFileSync(file, framesOf(probesOfHost(index), clock));
    else linkSync(join(folder, 'frames', hostAddress(index % DISTINCT)), file);
  }
};
frameFiles(1);
const sample = join(folder, 'frames', hostAddress(0));
const answer = join(folder, 'answer.sh');
writeFileSync(answer, `#!/bin/sh\nexec cat ${sample}\n`, { mode: 0o755 });
const errors = join(folder, 'errors');
const script = join(folder, 'script');
writeFileSync(script, compose(ASKED, '0'.repeat(32)));

const [port, plainPort] = [await freePort('0.0.0.0'), await freePort('0.0.0.0')];
const hostKey = await makeKey(join(folder, 'host'));
const shared = {
  hostKeys: [hostKey],
  cas: [publicKey(ca)],
  principals: { root: ['atm-scorecard'] },
  authorizedKeys: { root: [publicKey(plain)] },
};
const config = (at: number) => [
  `ListenAddress 0.0.0.0:${at}`,
  'LogLevel INFO',
  'MaxStartups 500:30:1000',
  // root's bash would read .bashrc for a command over SSH; what is in there is not ours to measure.
  'SetEnv SHLVL=5',
];
const answering = await startSshd({
  ...shared,
  port,
  config: [
    ...config(port),
    'Match User root',
    `ForceCommand case "$SSH_ORIGINAL_COMMAND" in true) exit 0 ;; *) exec /bin/sh ${responder} ${join(folder, 'frames')} ;; esac`,
  ],
});
const obedient = await startSshd({
  ...shared,
  port: plainPort,
  config: [...config(plainPort), 'Subsystem sftp internal-sftp'],
});
const [keyType = '', hostKeyBlob = ''] = publicKey(hostKey).split(' ');
const hostFingerprint = await keyFingerprint(hostKey);
const knownHosts = join(folder, 'known_hosts');
writeFileSync(knownHosts, `* ${keyType} ${hostKeyBlob}\n`);

console.log(
  `${cpus().length} x ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, load before ${loadavg()[0]?.toFixed(1)}; concurrency ${CONCURRENCY}; script ${Math.round(readFileSync(script).length / 1024)} KiB, answer ${Math.round(readFileSync(sample).length / 1024)} KiB a host; median of ${ROUNDS}`,
);
console.log(
  'hosts  client                                     hosts/s  client ms  sshd ms  tree MiB  peak RSS MiB',
);

/** Interleaved, so that a machine that drifts touches all alike. */
async function compare(size: number, clients: readonly Client[]): Promise<void> {
  const rounds = clients.map((): Figures[] => []);
  for (let round = 0; round < ROUNDS; round += 1)
    for (const [index, client] of clients.entries()) {
      const figures = await measure(client.command, [answering.pid, obedient.pid], errors, client.env);
      if (client.judges) {
        const results = readFileSync(join(folder, 'out/results.json'), 'utf8');
        const { totals } = JSON.parse(results) as FleetReport;
        if (totals.reached !== size) throw new Error(`only ${totals.reached} of ${size} hosts were reached`);
      } else if (figures.exit !== 0)
        throw new Error(
          `${client.name} ended with ${figures.exit}:\n${readFileSync(errors, 'utf8').slice(0, 2000)}`,
        );
      rounds[index]?.push(figures);
    }
  for (const [index, { name }] of clients.entries()) {
    const of = (key: keyof Figures) => median((rounds[index] ?? []).map((each) => each[key]));
    const perHost = (key: 'client' | 'server') => ((of(key) * 1000) / size).toFixed(2);
    console.log(
      [
        String(size).padEnd(6),
        name.padEnd(42),
        (size / of('wall')).toFixed(0).padStart(7),
        perHost('client').padStart(10),
        perHost('server').padStart(8),
        of('treeMiB').toFixed(0).padStart(9),
        of('peakMiB').toFixed(0).padStart(13),
      ].join(' '),
    );
  }
}

try {
  for (const size of sizes) {
    frameFiles(size);
    const addresses = Array.from({ length: size }, (_, index) => hostAddress(index));
    const field: Field = {
      folder,
      inventory: join(folder, `inventory-${size}.yaml`),
      list: join(folder, `list-${size}`),
      port,
      plainPort,
      key: plain,
      hostKeyBlob,
      knownHosts,
      script,
      answer,
      concurrency: CONCURRENCY,
    };
    writeFileSync(field.list, `${addresses.join('\n')}\n`);
    writeFileSync(
      field.inventory,
      inventoryText(
        size,
        `user: root, become: none, port: ${port}, identity_file: ${certified}`,
        hostFingerprint,
      ),
    );
    const clients = clientsFor(field);
    await compare(size, size < LARGE ? clients : clients.filter(({ large }) => large));
  }
} finally {
  await answering.stop();
  await obedient.stop();
  removeDirectory(folder);
}
