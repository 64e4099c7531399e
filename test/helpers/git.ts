/** Real repositories for tests: nobody's configuration, fixed dates, signing with SSH keys. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'Olga Lead',
  GIT_AUTHOR_EMAIL: 'olga@example.org',
  GIT_COMMITTER_NAME: 'Olga Lead',
  GIT_COMMITTER_EMAIL: 'olga@example.org',
};

export function git(cwd: string, args: readonly string[], date = '2026-11-20T10:00:00Z'): string {
  return execFileSync('git', ['-c', 'init.defaultBranch=main', ...args], {
    cwd,
    env: { ...ENV, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  }).trim();
}

/** A new key and an allowed signers file that vouches for it. */
export function signingKey(folder: string, principal = 'olga@example.org'): { key: string; signers: string } {
  const key = join(folder, 'signing-key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', principal, '-f', key]);
  const signers = join(folder, 'allowed_signers');
  const publicKey = execFileSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' }).trim();
  writeFileSync(signers, `${principal} ${publicKey}\n`);
  return { key, signers };
}

/** `commit` options that sign with the key. */
export function signWith(key: string): string[] {
  return ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${key}`];
}
