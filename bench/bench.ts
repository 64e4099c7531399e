/**
 * npm run bench [-- HOSTS…]: real logins on loopback at concurrency 50. ssh-scorecard's whole run (login, collection,
 * parsing, judging, JSON and JUnit) beside the bare `ssh host true` of the OpenSSH client in the same run.
 * Client and servers share this machine: hosts per second is bound by sshd; client CPU per host is what carries over.
 */
import { createHash } from 'node:crypto';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PROTOCOL } from '../src/collector/compose.js';
import { PROBES } from '../src/collector/probes.js';
import type { FleetReport } from '../src/model.js';
import { recording } from '../src/demo/fleet.js';
import {
  keyFingerprint,
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  startSshd,
  temporaryDirectory,
} from '../test/helpers/sshd.js';

const ROUNDS = 3;
const CONCURRENCY = 50;
const sizes = process.argv
  .slice(2)
  .map(Number)
  .filter((size) => size > 0);
const root = fileURLToPath(new URL('..', import.meta.url));
const cli = join(root, 'dist/src/cli.js');

interface Figures {
  readonly wall: number;
  readonly cpu: number;
  readonly peakMiB: number;
}

/** Runs a command to its end: wall and CPU seconds of its whole tree, peak memory of the process itself. */
function measure(command: readonly string[]): Promise<Figures> {
  return new Promise((resolve, reject) => {
    const script = 'TIMEFORMAT="@@ %R %U %S"; time "$@" >/dev/null 2>"$ERR"';
    const child = spawn('bash', ['-c', script, 'bench', ...command], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ERR: '/dev/null', NO_COLOR: '1', CI: '1' },
    });
    let peak = 0;
    let said = '';
    const poll = setInterval(() => {
      peak = Math.max(peak, peakOf(child.pid ?? 0));
    }, 50);
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', () => {
      clearInterval(poll);
      const [, wall = '0', user = '0', system = '0'] = /@@ (\S+) (\S+) (\S+)/.exec(said) ?? [];
      resolve({ wall: Number(wall), cpu: Number(user) + Number(system), peakMiB: peak });
    });
  });
}

/** Peak resident MiB of the largest direct child of bash. */
function peakOf(pid: number): number {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean);
    return Math.max(
      0,
      ...children.map(
        (child) =>
          Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0) / 1024,
      ),
    );
  } catch {
    return 0;
  }
}

/** What the collector would have printed on the recorded host, with a mark in place of the nonce. */
function frames(): string {
  const { probes } = recording('sound');
  const clock = Math.floor(Date.now() / 1000);
  const body = PROBES.map(({ name, maxBytes }) => {
    const output = probes[name];
    const lines = `r${output?.rc ?? 127}\no${Buffer.from(output?.stdout ?? '', output?.stdoutEncoding ?? 'utf8').toString('base64')}\ne\n`;
    return `@@NONCE@@ P ${name} ${maxBytes}\n${lines}h${createHash('sha256').update(lines).digest('hex')}\n`;
  });
  return `\n@@NONCE@@ S ${PROTOCOL} 0 ${clock} sh\n${body.join('')}@@NONCE@@ E ${PROBES.length}\n`;
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

if (!existsSync(cli)) throw new Error('build first: npm run build');
const folder = temporaryDirectory('bench');
const [ca, user] = [await makeKey(join(folder, 'ca')), await makeKey(join(folder, 'auditor'))];
await signKey(ca, user, { id: 'atm-scorecard', principals: ['atm-scorecard'] });
mkdirSync(join(folder, 'out'));
const framesFile = join(folder, 'frames');
writeFileSync(framesFile, frames());
writeFileSync(join(folder, 'responder.sh'), readFileSync(join(root, 'bench/responder.sh')));
const responder = `/bin/sh ${join(folder, 'responder.sh')} ${framesFile}`;
const port = 20_000 + Math.floor(Math.random() * 20_000);
const sshd = await startSshd({
  port,
  cas: [publicKey(ca)],
  principals: { root: ['atm-scorecard'] },
  config: [
    `ListenAddress 0.0.0.0:${port}`,
    'LogLevel INFO',
    'MaxStartups 500:30:1000',
    // root's bash would read .bashrc for a command over SSH; what is in there is not ours to measure.
    'SetEnv SHLVL=5',
    'Match User root',
    `ForceCommand case "$SSH_ORIGINAL_COMMAND" in true) exit 0 ;; *) exec ${responder} ;; esac`,
  ],
});
const hostKey = await keyFingerprint(sshd.hostKeys[0] ?? '');

console.log(
  `${cpus().length} x ${cpus()[0]?.model ?? '?'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; concurrency ${CONCURRENCY}; ${Math.round(readFileSync(framesFile).length / 1024)} KiB of frames a host; median of ${ROUNDS}`,
);
console.log('hosts  client                                   hosts/s  CPU ms/host  peak MiB');
try {
  for (const size of sizes.length > 0 ? sizes : [200, 1000]) {
    const addresses = Array.from(
      { length: size },
      (_, index) => `127.10.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    );
    const inventory = join(folder, `inventory-${size}.yaml`);
    writeFileSync(
      inventory,
      [
        `defaults: { user: root, become: none, port: ${port}, identity_file: ${user} }`,
        `ca: { fingerprints: ["${recording('sound').caFingerprint}"] }`,
        'hosts:',
        ...addresses.map(
          (address, index) =>
            `  - { name: host-${String(index).padStart(5, '0')}, address: ${address}, host_key: "${hostKey}", allowed_principals: { adm: [adm-full] } }`,
        ),
        '',
      ].join('\n'),
    );
    const list = join(folder, `list-${size}`);
    writeFileSync(list, `${addresses.join('\n')}\n`);
    const known = join(folder, 'known');
    const [type, blob] = publicKey(sshd.hostKeys[0] ?? '').split(' ');
    writeFileSync(known, `* ${type} ${blob}\n`);
    const ssh = `ssh -F none -p ${port} -i ${user} -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${known} -o CheckHostIP=no`;
    const clients: readonly (readonly [string, readonly string[]])[] = [
      [
        'ssh-scorecard run, all reports',
        [
          process.execPath,
          cli,
          'run',
          inventory,
          '-c',
          String(CONCURRENCY),
          '-F',
          'none',
          '--no-agent',
          '-f',
          'json',
          '-o',
          `json=${join(folder, 'out/results.json')}`,
          '-o',
          `junit=${join(folder, 'out/junit.xml')}`,
          '-o',
          `table=${join(folder, 'out/table.txt')}`,
        ],
      ],
      [
        'ssh host true, curve25519-sha256',
        [
          'sh',
          '-c',
          `xargs -a ${list} -P ${CONCURRENCY} -I{} ${ssh} -o KexAlgorithms=curve25519-sha256 root@{} true`,
        ],
      ],
      [
        'ssh host true, default key exchange',
        ['sh', '-c', `xargs -a ${list} -P ${CONCURRENCY} -I{} ${ssh} root@{} true`],
      ],
    ];
    const rounds: Figures[][] = clients.map(() => []);
    // Interleaved, so that a drifting machine touches all alike.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, [, command]] of clients.entries()) rounds[index]?.push(await measure(command));
      // A figure counts only when every host was really logged in to and judged.
      const { totals } = JSON.parse(readFileSync(join(folder, 'out/results.json'), 'utf8')) as FleetReport;
      if (totals.reached !== size) throw new Error(`only ${totals.reached} of ${size} hosts were reached`);
    }
    for (const [index, [name]] of clients.entries()) {
      const figures = rounds[index] ?? [];
      const wall = median(figures.map((each) => each.wall));
      const cpu = median(figures.map((each) => each.cpu));
      const peak = median(figures.map((each) => each.peakMiB));
      console.log(
        `${String(size).padEnd(6)} ${name.padEnd(40)} ${(size / wall).toFixed(0).padStart(7)} ${((cpu * 1000) / size).toFixed(2).padStart(12)} ${index === 0 ? peak.toFixed(0).padStart(9) : '        -'}`,
      );
    }
  }
} finally {
  await sshd.stop();
  removeDirectory(folder);
}
