/** Who is measured: ssh-scorecard, ssh2 alone, and what people use to run a script on many hosts. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

export interface Field {
  readonly folder: string;
  readonly inventory: string;
  /** One address a line. */
  readonly list: string;
  /** Answers every command with the host's frames. */
  readonly port: number;
  /** Runs what it is asked to, for Ansible, which copies its script first. */
  readonly plainPort: number;
  readonly key: string;
  readonly hostKeyBlob: string;
  readonly knownHosts: string;
  /** The collector's script, with a nonce. */
  readonly script: string;
  /** Prints as much as a host's frames. */
  readonly answer: string;
  readonly concurrency: number;
}

export interface Client {
  readonly name: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Its exit status says that hosts have findings, and is not looked at. */
  readonly judges?: true;
  /** Worth its time at ten thousand hosts. */
  readonly large?: true;
}

export function clientsFor(field: Field): Client[] {
  const { folder, concurrency } = field;
  const node = (script: string, ...args: readonly string[]) => [
    process.execPath,
    join(root, script),
    ...args,
  ];
  const bare = (way: string) =>
    node(
      'bench/bare.mjs',
      way,
      field.list,
      String(field.port),
      field.key,
      field.hostKeyBlob,
      field.script,
      String(concurrency),
    );
  const output = (kind: string, name: string) => ['-o', `${kind}=${join(folder, 'out', name)}`];
  const own: Client[] = [
    {
      name: 'ssh-scorecard run: table, JSON, JUnit',
      judges: true,
      large: true,
      command: [
        ...node(
          'dist/src/cli.js',
          'run',
          field.inventory,
          '-c',
          String(concurrency),
          '-F',
          'none',
          '--no-agent',
        ),
        ...output('json', 'results.json'),
        ...output('junit', 'junit.xml'),
      ],
    },
    {
      name: 'ssh-scorecard, login and collection only',
      large: true,
      command: node('bench/collect.mjs', field.inventory, String(concurrency)),
    },
    { name: 'ssh2 alone, plain key, best way', large: true, command: bare('best') },
    { name: 'ssh2 alone, plain key, as documented', command: bare('documented') },
  ];
  return [...own, ...KEX.flatMap((kex) => others(field, kex))];
}

const KEX = [
  { name: 'curve25519', options: ['-o', 'KexAlgorithms=curve25519-sha256'] },
  { name: 'default kex', options: [] },
] as const;

function others(field: Field, kex: (typeof KEX)[number]): Client[] {
  const { folder, list, key, concurrency, script } = field;
  const options = [
    '-F none',
    `-i ${key}`,
    '-o BatchMode=yes',
    '-o StrictHostKeyChecking=yes',
    `-o UserKnownHostsFile=${field.knownHosts}`,
    '-o CheckHostIP=no',
    ...(kex.options.length > 0 ? [kex.options.join(' ')] : []),
  ].join(' ');
  const at = (port: number) => `-p ${port} ${options}`;
  const shell = (text: string) => ['sh', '-c', text];
  const named = (name: string) => `${name}, ${kex.name}`;
  const all: (Client & { readonly needs: string })[] = [
    {
      name: named('xargs -P ssh host true'),
      needs: 'ssh',
      ...(kex.options.length > 0 && { large: true as const }),
      command: shell(`xargs -a ${list} -P ${concurrency} -I{} ssh ${at(field.port)} root@{} true`),
    },
    {
      name: named('clush, the same script'),
      needs: 'clush',
      command: shell(
        `clush -S -f ${concurrency} -l root -o '${at(field.port)}' --hostfile=${list} 'exec /bin/sh -s' <${script}`,
      ),
    },
    {
      name: named('pssh, the same script'),
      needs: 'parallel-ssh',
      command: shell(
        `parallel-ssh -h ${list} -l root -p ${concurrency} -t 0 -I -x '${at(field.port)}' -o ${folder}/pssh 'exec /bin/sh -s' <${script}`,
      ),
    },
    {
      name: named('ansible -m script, pipelining'),
      needs: 'ansible',
      command: shell(
        `ansible all -i ${list} -m script -a ${field.answer} -f ${concurrency} -u root -e ansible_port=${field.plainPort} --private-key ${key}`,
      ),
      env: {
        ANSIBLE_PIPELINING: '1',
        ANSIBLE_HOST_KEY_CHECKING: '1',
        ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, 'cp'),
        ANSIBLE_LOCAL_TEMP: join(folder, 'ansible'),
        // Its own default, but for how long connections stay open behind it.
        ANSIBLE_SSH_ARGS: `-C -o ControlMaster=auto -o ControlPersist=10s ${options}`,
      },
    },
  ];
  return all.filter(({ needs, name }) => {
    const found = spawnSync('sh', ['-c', `command -v ${needs}`]).status === 0;
    if (!found) console.log(`       ${name}: skipped, ${needs} is not installed`);
    return found;
  });
}
