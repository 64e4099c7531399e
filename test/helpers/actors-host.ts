/** A private host with nothing on it but what a test plants: for searches that look everywhere. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collect, probesNamed, type Collected, type PrivateHost } from './collect.js';

export const WRAPPERS = ['/usr/local/bin/atm-wrapper.sh', '/usr/local/bin/ops-ssh-wrapper'];
export const SHELLS = ['dash', 'bash', 'ksh93', 'mksh', 'busybox sh'] as const;

const PASSWD = [
  'ops:x:2001:2001::/home/ops:/bin/bash',
  'agt-resolver:x:2002:2002::/home/agt-resolver:/bin/bash',
  'atm-backup:x:2003:2003::/home/atm-backup:/usr/sbin/nologin',
];

/**
 * Collects the actors' probes from a host whose folders are empty except for a copy of `tree`: its folders `home`,
 * `root`, `opt`, `srv`, `usr-local`, `cron` (/var/spool/cron) and `etc` are laid over the host's own.
 */
export function collectActors(tree: string, more: PrivateHost = {}): Collected {
  return collect({
    config: 'Port 2222\n',
    sshd: null,
    passwd: PASSWD,
    group: PASSWD.map((line) => `${line.split(':')[0] ?? ''}:x:${line.split(':')[3] ?? ''}:`),
    probes: probesNamed('accounts', 'credentials', 'schedules', 'wrappers'),
    wrappers: WRAPPERS,
    ...more,
    before: `
rm -rf /etc/cron* /etc/anacrontab /etc/systemd/system /etc/systemd/user /etc/ssl /etc/ssh/ssh_host_*; mkdir -p /etc/systemd/system /etc/cron.d
tree=$(mktemp -d /run/tree.XXXX); cp -a '${tree}'/. "$tree"/
cp "\${0%/*}/script" /run/script.kept
for d in /opt /srv /usr/local /var/backups /var/tmp /var/spool/cron /dev/shm /tmp; do [ ! -d "$d" ] || mount -t tmpfs -o mode=755 tmpfs "$d"; done
mkdir -p "\${0%/*}"; mv /run/script.kept "\${0%/*}/script"
for p in home:/home root:/root opt:/opt srv:/srv usr-local:/usr/local cron:/var/spool/cron etc:/etc tmp:/tmp; do
  [ ! -d "$tree/\${p%%:*}" ] || cp -a "$tree/\${p%%:*}"/. "\${p#*:}"/
done
rm -rf "$tree"
for u in ops agt-resolver atm-backup; do [ ! -d "/home/$u" ] || chown -R "$u:" "/home/$u"; done
${more.before ?? ''}`,
  });
}

/** Writes files below `tree`, by path relative to it. */
export function plant(
  tree: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  mode = 0o644,
): void {
  for (const [path, content] of Object.entries(files)) {
    const to = join(tree, path);
    mkdirSync(join(to, '..'), { recursive: true });
    writeFileSync(to, content, { mode });
  }
}

/** A fresh key at `path` and `path.pub`; `args` go to ssh-keygen. */
export function keygen(path: string, ...args: readonly string[]): void {
  mkdirSync(join(path, '..'), { recursive: true });
  execFileSync('ssh-keygen', ['-q', '-C', '', '-f', path, ...args], { stdio: 'ignore' });
}

export function copy(from: string, to: string): void {
  mkdirSync(join(to, '..'), { recursive: true });
  cpSync(from, to);
}
