/**
 * One login to a real sshd, without a port: sshd speaks on its standard input (`-i`) behind ssh's ProxyCommand.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Scratch } from './support.js';

export interface Attempt {
  /** Content of authorized_keys, the principals file, the CA file and the revocation file; absent means none. */
  readonly authorizedKeys?: string;
  readonly principals?: string;
  readonly caKeys?: string;
  readonly revoked?: Uint8Array;
  /** Name of the private key in the folder; `NAME-cert.pub` is offered too when it is there. */
  readonly identity: string;
}

export interface Login {
  readonly accepted: boolean;
  /** sshd's own words, most talkative level. */
  readonly log: string;
}

/** Tries to log in as root with exactly these files in force. Needs root and a host key `host` in the folder. */
export function login(box: Scratch, attempt: Attempt): Login {
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  rmSync(box.path('log'), { force: true });
  const file = (name: string, content: string | Uint8Array | undefined): string =>
    content === undefined ? 'none' : box.write(name, content);
  const config = [
    `HostKey ${box.path('host')}`,
    `AuthorizedKeysFile ${file('authorized_keys', attempt.authorizedKeys)}`,
    `AuthorizedPrincipalsFile ${file('principals', attempt.principals)}`,
    `TrustedUserCAKeys ${file('ca_keys', attempt.caKeys)}`,
    `RevokedKeys ${file('revoked', attempt.revoked)}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'AuthenticationMethods publickey',
    'UsePAM no',
    // Getting in is what counts: no session is started.
    'MaxSessions 0',
    'LogLevel DEBUG3',
    'PidFile none',
  ];
  const daemon = `/usr/sbin/sshd -i -E ${box.path('log')} -f ${box.write('sshd_config', `${config.join('\n')}\n`)}`;
  const options = [
    ['ProxyCommand', daemon],
    // The fastest exchange there is: dozens of logins are made.
    ['KexAlgorithms', 'curve25519-sha256'],
    ['StrictHostKeyChecking', 'no'],
    ['UserKnownHostsFile', '/dev/null'],
    ['IdentitiesOnly', 'yes'],
    ['IdentityAgent', 'none'],
    ['BatchMode', 'yes'],
  ].flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  const args = ['-F', '/dev/null', ...options, '-i', box.path(attempt.identity), 'root@test.invalid', 'true'];
  spawnSync('ssh', args, { stdio: 'ignore', timeout: 20_000 });
  const log = readFileSync(box.path('log'), 'utf8');
  return { accepted: log.includes('Accepted publickey for root'), log };
}
