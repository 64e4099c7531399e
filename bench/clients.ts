/** Who is measured: ssh-scorecard, ssh2 alone, and what people use to run a script on many hosts. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { networkOf } from './fleet.js';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface Field {
  readonly folder: string;
  readonly inventory: string;
  /** One address a line. */
  readonly list: string;
  /** `address port` lines. */
  readonly endpoints: string;
  /** Servers that answer every command with the host's frames; the addresses of one end up at one port. */
  readonly ports: readonly number[];
  /** Runs what it is asked to, for Ansible, which copies its script first. */
  readonly plainPort: number;
  /** A plain key, for ssh2 alone, which knows no certificates. */
  readonly key: string;
  /** A key with a certificate beside it, for everybody else. */
  readonly certified: string;
  readonly hostKeyBlob: string;
  readonly knownHosts: string;
  /** The collector's script, with a nonce. */
  readonly script: string;
  /** Prints as much as a host's frames. */
  readonly answer: string;
  readonly concurrency: number;
}

/** What ratios are made of. */
export type Role = 'run' | 'collection' | 'bare' | 'ansible' | 'ansible-default';

export interface Client {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly role?: Role;
  /** Its exit status says that hosts have findings, and is not looked at. */
  readonly judges?: true;
  /** The most hosts it is worth its time at. */
  readonly most: number;
}

const EVERY = Infinity;
const FEW = 200;
const MANY = 1000;

export function clientsFor(field: Field): Client[] {
  const { folder, concurrency } = field;
  const node = (script: string, ...args: readonly string[]) => [
    process.execPath,
    join(root, script),
    ...args,
  ];
  const bare = (way: string, command: string) =>
    node(
      'bench/bare.mjs',
      way,
      command,
      field.endpoints,
      field.key,
      field.hostKeyBlob,
      field.script,
      String(concurrency),
    );
  const output = (kind: string, name: string) => ['-o', `${kind}=${join(folder, 'out', name)}`];
  const login = ['-c', String(concurrency), '-F', 'none', '--no-agent'];
  const own: Client[] = [
    {
      name: 'ssh-scorecard run: table, JSON, JUnit',
      role: 'run',
      judges: true,
      most: EVERY,
      command: [
        ...node('dist/src/cli.js', 'run', field.inventory, ...login),
        ...output('json', 'results.json'),
        ...output('junit', 'junit.xml'),
      ],
    },
    {
      name: 'ssh-scorecard, login and collection only',
      role: 'collection',
      most: EVERY,
      command: node('dist/src/collect.js', field.inventory, String(concurrency)),
    },
    {
      name: 'ssh2 alone, best way, the same bytes',
      role: 'bare',
      most: EVERY,
      command: bare('best', 'script'),
    },
    { name: 'ssh2 alone, best way, true', most: MANY, command: bare('best', 'true') },
    { name: 'ssh2 alone, as documented, the same bytes', most: FEW, command: bare('documented', 'script') },
  ];
  return [...own, ...KEX.flatMap((kex) => others(field, kex))];
}

const KEX = [
  { name: 'curve25519', lines: ['KexAlgorithms curve25519-sha256'], most: MANY, role: 'ansible' },
  { name: 'default kex', lines: [], most: FEW, role: 'ansible-default' },
] as const;

/** What OpenSSH's client reads: every network of addresses at the port of its server. */
function sshConfig(field: Field, kex: (typeof KEX)[number], ports: readonly number[]): string {
  const path = join(field.folder, `ssh_config ${kex.name} ${ports.length}`.replaceAll(' ', '-'));
  const lines = [
    ...ports.flatMap((port, server) => [
      `Host ${ports.length === 1 ? '*' : `127.${networkOf(server)}.*`}`,
      `  Port ${port}`,
    ]),
    'Host *',
    `  IdentityFile ${field.certified}`,
    '  BatchMode yes',
    '  StrictHostKeyChecking yes',
    `  UserKnownHostsFile ${field.knownHosts}`,
    '  CheckHostIP no',
    ...kex.lines.map((line) => `  ${line}`),
  ];
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

function others(field: Field, kex: (typeof KEX)[number]): Client[] {
  const { folder, list, concurrency, script } = field;
  const config = sshConfig(field, kex, field.ports);
  const obedient = sshConfig(field, kex, [field.plainPort]);
  const shell = (text: string) => ['sh', '-c', text];
  const named = (name: string) => `${name}, ${kex.name}`;
  const most = kex.most;
  const all: (Client & { readonly needs: string })[] = [
    {
      name: named('xargs -P ssh host true'),
      needs: 'ssh',
      most,
      command: shell(`xargs -a ${list} -P ${concurrency} -I{} ssh -F ${config} root@{} true`),
    },
    {
      name: named('clush, the same script'),
      needs: 'clush',
      most,
      command: shell(
        `clush -S -f ${concurrency} -l root -o '-F ${config}' --hostfile=${list} 'exec /bin/sh -s' <${script}`,
      ),
    },
    {
      name: named('pssh, the same script'),
      needs: 'parallel-ssh',
      most,
      command: shell(
        `parallel-ssh -h ${list} -l root -p ${concurrency} -t 0 -I -x '-F ${config}' -o ${folder}/pssh 'exec /bin/sh -s' <${script}`,
      ),
    },
    {
      name: named('ansible -m script, pipelining'),
      needs: 'ansible',
      most: FEW,
      role: kex.role,
      command: shell(`ansible all -i ${list} -m script -a ${field.answer} -f ${concurrency} -u root`),
      env: {
        ANSIBLE_PIPELINING: '1',
        ANSIBLE_HOST_KEY_CHECKING: '1',
        ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'cp'),
        ANSIBLE_LOCAL_TEMP: join(folder, 'ansible'),
        // Its own default, but for how long connections stay open behind it.
        ANSIBLE_SSH_ARGS: `-C -o ControlMaster=auto -o ControlPersist=10s -F ${obedient}`,
      },
    },
  ];
  return all.filter(({ needs, name }) => {
    const found = spawnSync('sh', ['-c', `command -v ${needs}`]).status === 0;
    if (!found) console.log(`       ${name}: skipped, ${needs} is not installed`);
    return found;
  });
}
