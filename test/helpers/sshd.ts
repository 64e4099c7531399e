/**
 * A real sshd on a loopback address, with its own host keys, CA, principals and authorized keys, all in one
 * temporary directory. Stopped by process id, with everything it started.
 */
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find(existsSync) ?? 'sshd';

export type KeyType = 'ed25519' | 'ecdsa' | 'ecdsa384' | 'ecdsa521' | 'rsa';
const GENERATE: Readonly<Record<KeyType, readonly string[]>> = {
  ed25519: ['-t', 'ed25519'],
  ecdsa: ['-t', 'ecdsa', '-b', '256'],
  ecdsa384: ['-t', 'ecdsa', '-b', '384'],
  ecdsa521: ['-t', 'ecdsa', '-b', '521'],
  rsa: ['-t', 'rsa', '-b', '2048'],
};

/** A fresh directory below the system's temporary one. Remove it with {@link removeDirectory}. */
export function temporaryDirectory(name = 'test'): string {
  return mkdtempSync(join(tmpdir(), `ssh-scorecard-${name}-`));
}

export function removeDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Makes `path` and `path.pub`. Returns `path`. */
export async function makeKey(path: string, type: KeyType = 'ed25519', passphrase = ''): Promise<string> {
  await run('ssh-keygen', ['-q', ...GENERATE[type], '-N', passphrase, '-C', '', '-f', path]);
  return path;
}

export function publicKey(path: string): string {
  return readFileSync(`${path}.pub`, 'utf8').trim();
}

/** `SHA256:…` of a key, by ssh-keygen. */
export async function keyFingerprint(path: string): Promise<string> {
  const { stdout } = await run('ssh-keygen', ['-lf', `${path}.pub`]);
  return stdout.split(' ')[1] ?? '';
}

export interface SignOptions {
  readonly id?: string;
  readonly principals?: readonly string[];
  readonly serial?: number;
  /** `ssh-keygen -V`. Default `-1m:+1h`. */
  readonly validity?: string;
  /** `ssh-keygen -O`, one each. */
  readonly options?: readonly string[];
  readonly host?: boolean;
}

/** Signs `key.pub` with the CA; the certificate is `key-cert.pub`, whose path is returned. */
export async function signKey(ca: string, key: string, options: SignOptions = {}): Promise<string> {
  const { id = 'test', principals = ['tester'], serial = 1, validity = '-1m:+1h' } = options;
  const names = principals.length === 0 ? [] : ['-n', principals.join(',')];
  const more = (options.options ?? []).flatMap((option) => ['-O', option]);
  await run('ssh-keygen', [
    '-q',
    '-s',
    ca,
    '-I',
    id,
    ...names,
    '-z',
    String(serial),
    '-V',
    validity,
    ...more,
    ...(options.host ? ['-h'] : []),
    `${key}.pub`,
  ]);
  return `${key}-cert.pub`;
}

/** A port nothing listens on at that address, a moment ago. */
export function freePort(address = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, address, () => {
      const at = server.address();
      server.close(() => resolve(typeof at === 'object' && at ? at.port : 0));
    });
  });
}

export interface SshdOptions {
  readonly address?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Private host key files. Default: one fresh ed25519 key. Certificates beside them are not used unless in `config`. */
  readonly hostKeys?: readonly string[];
  /** Public keys of trusted user CAs (TrustedUserCAKeys). */
  readonly cas?: readonly string[];
  /** AuthorizedPrincipalsFile, account by account. */
  readonly principals?: Readonly<Record<string, readonly string[]>>;
  /** AuthorizedKeysFile, account by account. */
  readonly authorizedKeys?: Readonly<Record<string, readonly string[]>>;
  /** Further lines of sshd_config. They replace the defaults of the same keyword; Match blocks go to the end. */
  readonly config?: readonly string[];
}

export interface Sshd {
  readonly address: string;
  readonly port: number;
  readonly pid: number;
  readonly directory: string;
  readonly hostKeys: readonly string[];
  readonly configFile: string;
  /** A known_hosts line for each host key. */
  knownHosts(): string;
  /** Everything it logged (LogLevel VERBOSE unless configured). */
  log(): string;
  setPrincipals(account: string, principals: readonly string[]): void;
  setAuthorizedKeys(account: string, lines: readonly string[]): void;
  /** Ends the connections it serves, and keeps listening. */
  dropConnections(): void;
  stop(): Promise<void>;
}

/** Starts one and waits until it listens. Needs root (see needs.sshd). */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const directory = temporaryDirectory('sshd');
  chmodSync(directory, 0o755);
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const address = options.address ?? '127.0.0.1';
  const port = options.port ?? (await freePort(address));
  const hostKeys = options.hostKeys ?? [await makeKey(join(directory, 'host_ed25519'))];
  for (const part of ['principals', 'keys']) mkdirSync(join(directory, part));
  const write = (part: string, account: string, lines: readonly string[]): void =>
    writeFileSync(join(directory, part, account), lines.map((line) => `${line}\n`).join(''));
  for (const [account, lines] of Object.entries(options.principals ?? {}))
    write('principals', account, lines);
  for (const [account, lines] of Object.entries(options.authorizedKeys ?? {})) write('keys', account, lines);
  writeFileSync(join(directory, 'ca.pub'), (options.cas ?? []).map((line) => `${line}\n`).join(''));
  const configFile = join(directory, 'sshd_config');
  const given = new Set((options.config ?? []).map((line) => line.trim().split(/\s+/)[0]?.toLowerCase()));
  // The first value of most keywords wins, but not of all (MaxStartups): a default is left out where one is given.
  const defaults = [
    `ListenAddress ${address}:${String(port)}`,
    ...hostKeys.map((key) => `HostKey ${key}`),
    `PidFile ${join(directory, 'sshd.pid')}`,
    'UsePAM no',
    'StrictModes no',
    'LogLevel VERBOSE',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'MaxStartups 200:30:400',
    // bash, started by sshd, reads ~/.bashrc unless a shell started it: what this machine's does is not the test's.
    'SetEnv SHLVL=1',
    `AuthorizedKeysFile ${join(directory, 'keys', '%u')}`,
    ...(options.cas ? [`TrustedUserCAKeys ${join(directory, 'ca.pub')}`] : []),
    ...(options.principals ? [`AuthorizedPrincipalsFile ${join(directory, 'principals', '%u')}`] : []),
  ].filter((line) => !given.has(line.split(' ')[0]?.toLowerCase()));
  const before = (options.config ?? []).findIndex((line) => /^\s*match\b/i.test(line));
  const head = before === -1 ? (options.config ?? []) : (options.config ?? []).slice(0, before);
  const lines = [...head, ...defaults, ...(options.config ?? []).slice(head.length)];
  writeFileSync(configFile, `${lines.join('\n')}\n`);
  const logFile = join(directory, 'log');
  const child = spawn(SSHD, ['-D', '-f', configFile, '-E', logFile], { stdio: 'ignore' });
  const { pid } = child;
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    child.on('close', () => {
      ended = true;
      resolve();
    });
    child.on('error', () => {
      ended = true;
      resolve();
    });
  });
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  const deadline = Date.now() + 20_000;
  while (!log().includes('Server listening on')) {
    if (ended || pid === undefined || Date.now() > deadline) throw new Error(`sshd did not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  if (pid === undefined) throw new Error('sshd did not start');
  const listening = pid;
  return {
    address,
    port,
    pid: listening,
    directory,
    hostKeys,
    configFile,
    knownHosts: () =>
      hostKeys
        .map((key) => `${port === 22 ? address : `[${address}]:${String(port)}`} ${publicKey(key)}\n`)
        .join(''),
    log,
    setPrincipals: (account, principals) => write('principals', account, principals),
    setAuthorizedKeys: (account, keys) => write('keys', account, keys),
    dropConnections: () => killAll(descendants(listening)),
    stop: async () => {
      const below = descendants(listening);
      child.kill('SIGTERM');
      killAll(below);
      await gone;
      removeDirectory(directory);
    },
  };
}

/** Process ids below one, found by parentage in /proc. */
export function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      // The command name in parentheses may hold anything; the parent is the second field after it.
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It ended in between.
    }
  }
  const found: number[] = [];
  for (let layer = [pid]; layer.length > 0;) {
    layer = [...parents].filter(([, parent]) => layer.includes(parent)).map(([child]) => child);
    found.push(...layer);
  }
  return found;
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended in between.
    }
  }
}

export interface RunningAgent {
  readonly socket: string;
  readonly pid: number;
  add(...args: readonly string[]): Promise<void>;
  stop(): void;
}

/** A real ssh-agent in the foreground of its own process. */
export async function startAgent(directory: string): Promise<RunningAgent> {
  const socket = join(directory, `agent-${String(Math.random()).slice(2)}.sock`);
  const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  const deadline = Date.now() + 10_000;
  // The socket is there a moment before the agent listens on it.
  while (!(await answers(socket))) {
    if (Date.now() > deadline || child.pid === undefined) throw new Error('ssh-agent did not start');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    socket,
    pid: child.pid ?? 0,
    add: async (...args) => {
      await run('ssh-add', ['-q', ...args], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
    },
    stop: () => {
      child.kill('SIGKILL');
    },
  };
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(socket, () => {
      connection.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
