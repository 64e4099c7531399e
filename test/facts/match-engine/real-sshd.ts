/** The machine's own sshd, asked what a configuration means for a connection. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseSshdT, parseSshdVersion } from '../../../src/facts/sshd-t.js';
import type { Account, Connection, SshdVersion } from '../../../src/facts/types.js';

const SSHD = '/usr/sbin/sshd';

/** A scratch folder with a host key, so that sshd needs nothing of /etc/ssh. */
export interface Bench {
  readonly root: string;
  readonly hostKey: string;
  readonly version: SshdVersion;
  readonly accounts: readonly Account[];
  close(): void;
}

/** The accounts tests speak of, as far as the machine has them. */
const ACCOUNTS = new Set(['root', 'daemon', 'bin', 'mail', 'nobody', 'sshd', 'postgres', 'games']);

export function openBench(): Bench {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const root = mkdtempSync(join(tmpdir(), 'match-engine-'));
  const hostKey = join(root, 'host-key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', hostKey]);
  return {
    root,
    hostKey,
    version: installedVersion(),
    accounts: realAccounts(),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
}

function installedVersion(): SshdVersion {
  const text = execFileSync('sh', ['-c', `${SSHD} -V 2>&1 || true`], { encoding: 'utf8' });
  const version = parseSshdVersion(text);
  if (version === null) throw new Error(`no OpenSSH version in: ${text}`);
  return version;
}

function realAccounts(): Account[] {
  const lines = execFileSync('getent', ['passwd'], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.split(':'))
    .filter(([name]) => ACCOUNTS.has(name ?? ''))
    .map(([name = '', , uid, gid, , home = '', shell = '']) => {
      const groups = execFileSync('id', ['-Gn', name], { encoding: 'utf8' }).trim().split(' ');
      return { name, uid: Number(uid), gid: Number(gid), home, shell, groups, source: 'nss' as const };
    });
}

export type Answer =
  | { readonly ok: true; readonly settings: Readonly<Record<string, readonly string[]>> }
  | { readonly ok: false; readonly stderr: string };

/** `sshd -T -C …`; `options` are `Keyword=value`. */
export function askSshd(
  bench: Bench,
  config: string,
  connection: Connection,
  options: readonly string[] = [],
): Promise<Answer> {
  const args = [
    '-T',
    '-f',
    config,
    '-h',
    bench.hostKey,
    ...options.flatMap((option) => ['-o', option]),
    '-C',
    testSpec(connection),
  ];
  return new Promise((resolve) => {
    execFile(SSHD, args, { cwd: '/', encoding: 'utf8' }, (error, stdout, stderr) => {
      resolve(error === null ? { ok: true, settings: parseSshdT(stdout) } : { ok: false, stderr });
    });
  });
}

function testSpec({ user, host, address, localAddress, localPort, rdomain }: Connection): string {
  const end = rdomain === undefined ? '' : `,rdomain=${rdomain}`;
  return `user=${user},host=${host},addr=${address},laddr=${localAddress},lport=${localPort}${end}`;
}

/** Writes a set of files, replacing what an earlier case left under the same names. */
export function writeFiles(files: ReadonlyMap<string, string>): void {
  for (const [path, text] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, 'latin1');
  }
}
