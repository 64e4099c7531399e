/**
 * What every lab host has in common: a plain Debian of which only /usr is the machine's own.
 *
 * `mid` hides the machine (whiteouts), `up` is what hosts have instead. Both are copied into each host's root.
 */
import { readdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run, writeTree } from './exec.js';
import type { FileSpec } from './types.js';

/** The accounts of the directive's example: one a role, and the auditor. */
export const ACCOUNTS = { ops: 1001, agent: 1002, automation: 1003, auditor: 1004 } as const;

/** Top-level entries that stay the machine's. Anything else a machine may have there is hidden. */
const SHOWN = new Set(['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']);
/** Folders every root has. */
const FOLDERS: readonly FileSpec[] = [
  ...[
    '/dev',
    '/proc',
    '/sys',
    '/run',
    '/mnt',
    '/media',
    '/opt',
    '/srv',
    '/boot',
    '/etc',
    '/home',
    '/var',
  ].map((path) => ({ path })),
  { path: '/root', mode: 0o700 },
  { path: '/tmp', mode: 0o1777 },
];
/** Parts of the machine's /usr that would be findings, or another SSH server, of the host. */
const HIDDEN_BELOW_USR = [
  'local',
  'src',
  'lib/systemd/system',
  'lib/systemd/user',
  'sbin/dropbear',
  'lib/python3/dist-packages',
];

/** Generic configuration copied from the machine: packaged defaults, nothing of its users or keys. */
const COPIED_FROM_ETC = [
  'alternatives',
  'bash.bashrc',
  'csh',
  'csh.cshrc',
  'csh.login',
  'csh.logout',
  'fish',
  'debian_version',
  'ld.so.cache',
  'ld.so.conf',
  'ld.so.conf.d',
  'login.defs',
  'os-release',
  'pam.conf',
  'pam.d',
  'profile',
  'protocols',
  'security',
  'services',
  'shells',
  'sudo.conf',
  'mkshrc',
  'issue',
  'localtime',
  'timezone',
];
const COPIED_UNITS = [
  'ssh.service',
  'cron.service',
  'rsyslog.service',
  'systemd-journald.service',
  'multi-user.target',
  'timers.target',
];

const FILES: readonly FileSpec[] = [
  { path: '/usr/local' },
  ...['bin', 'sbin', 'etc', 'lib', 'share', 'src'].map((name) => ({ path: `/usr/local/${name}` })),
  { path: '/usr/src' },
  { path: '/usr/lib/systemd/system' },
  { path: '/usr/lib/systemd/user' },
  {
    path: '/etc/nsswitch.conf',
    content: 'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
  },
  { path: '/etc/mtab', link: '/proc/mounts' },
  { path: '/etc/fstab', content: '' },
  { path: '/etc/environment', content: '' },
  { path: '/etc/default/locale', content: '' },
  { path: '/etc/default/ssh', content: 'SSHD_OPTS=\n' },
  { path: '/etc/motd', content: '' },
  { path: '/etc/hosts', content: '127.0.0.1 localhost\n' },
  { path: '/etc/skel' },
  { path: '/etc/profile.d' },
  { path: '/etc/ssh' },
  { path: '/etc/ssh/sshd_config.d' },
  {
    path: '/etc/sudoers',
    mode: 0o440,
    content:
      'Defaults env_reset\nDefaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"\nDefaults use_pty\nroot ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
  },
  { path: '/etc/sudoers.d', mode: 0o750 },
  {
    path: '/etc/crontab',
    content:
      'SHELL=/bin/sh\nPATH=/usr/local/sbin:/usr/local/bin:/sbin:/bin:/usr/sbin:/usr/bin\n17 * * * * root cd / && run-parts --report /etc/cron.hourly\n25 6 * * * root cd / && run-parts --report /etc/cron.daily\n',
  },
  ...['d', 'hourly', 'daily', 'weekly', 'monthly'].map((name) => ({ path: `/etc/cron.${name}` })),
  { path: '/etc/systemd/system/multi-user.target.wants' },
  {
    path: '/etc/systemd/system/multi-user.target.wants/ssh.service',
    link: '/lib/systemd/system/ssh.service',
  },
  { path: '/etc/systemd/system/sshd.service', link: '/lib/systemd/system/ssh.service' },
  {
    path: '/etc/systemd/journald.conf',
    content:
      '[Journal]\nStorage=persistent\nSystemMaxUse=8M\nSystemMaxFileSize=1M\nForwardToSyslog=yes\nReadKMsg=no\nAudit=no\n',
  },
  {
    path: '/etc/rsyslog.conf',
    content:
      'module(load="imuxsock" SysSock.Name="/run/systemd/journal/syslog")\n$FileOwner root\n$FileGroup adm\n$FileCreateMode 0640\n$Umask 0022\n$WorkDirectory /var/spool/rsyslog\n$IncludeConfig /etc/rsyslog.d/*.conf\n*.*;auth,authpriv.none -/var/log/syslog\nauth,authpriv.* /var/log/auth.log\n',
  },
  { path: '/etc/rsyslog.d' },
  ...[
    'log',
    'log/journal',
    'lib',
    'lib/misc',
    'lib/sudo',
    'spool',
    'spool/rsyslog',
    'spool/cron',
    'cache',
    'backups',
    'opt',
  ].map((name) => ({ path: `/var/${name}` })),
  { path: '/var/tmp', mode: 0o1777 },
  { path: '/var/mail', mode: 0o2775, gid: 8 },
  { path: '/var/spool/cron/crontabs', mode: 0o1730, gid: 105 },
  { path: '/var/run', link: '/run' },
  { path: '/var/lock', link: '/run/lock' },
  { path: '/etc/passwd', content: passwd() },
  {
    path: '/etc/shadow',
    mode: 0o640,
    gid: 42,
    content: passwd().replace(/^([^:]+):.*$/gm, '$1:*:19000:0:99999:7:::'),
  },
  { path: '/etc/group', content: group() },
  { path: '/etc/gshadow', mode: 0o640, gid: 42, content: group().replace(/^([^:]+):.*$/gm, '$1:*::') },
];

/** Makes the template in `directory`/template. */
export async function makeTemplate(directory: string): Promise<void> {
  const mid = join(directory, 'template', 'mid');
  const up = join(directory, 'template', 'up');
  await mkdir(mid, { recursive: true, mode: 0o755 });
  await mkdir(up, { mode: 0o755 });
  const top = readdirSync('/').filter((name) => !SHOWN.has(name));
  for (const hidden of [...top, ...HIDDEN_BELOW_USR.map((name) => `usr/${name}`)]) {
    await mkdir(join(mid, hidden, '..'), { recursive: true, mode: 0o755 });
    await run('mknod', ['-m', '0', join(mid, hidden), 'c', '0', '0']); // overlayfs: a whiteout
  }
  await writeTree(up, FOLDERS);
  const present = new Set(readdirSync('/etc'));
  const copied = COPIED_FROM_ETC.filter((name) => present.has(name)).map((name) => `/etc/${name}`);
  await run('cp', ['-a', ...copied, join(up, 'etc')]);
  await writeTree(up, FILES);
  const units = new Set(readdirSync('/usr/lib/systemd/system'));
  await run('cp', [
    '-a',
    ...COPIED_UNITS.filter((name) => units.has(name)).map((name) => `/usr/lib/systemd/system/${name}`),
    join(up, 'usr/lib/systemd/system'),
  ]);
  // Without CAP_SYS_RESOURCE pam_limits complains in the middle of every sudo: a trait of this machine, not of hosts.
  await run('sed', ['-i', '/pam_limits/d', join(up, 'etc/pam.d/sudo'), join(up, 'etc/pam.d/sshd')]);
}

function passwd(): string {
  const system = [
    'root:x:0:0:root:/root:/bin/bash',
    'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
    'bin:x:2:2:bin:/bin:/usr/sbin/nologin',
    'sys:x:3:3:sys:/dev:/usr/sbin/nologin',
    'mail:x:8:8:mail:/var/mail:/usr/sbin/nologin',
    'www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin',
    'backup:x:34:34:backup:/var/backups:/usr/sbin/nologin',
    'sshd:x:102:65534::/run/sshd:/usr/sbin/nologin',
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
  ];
  const people = Object.entries(ACCOUNTS).map(
    ([name, uid]) => `${name}:x:${uid}:${uid}::/home/${name}:/bin/bash`,
  );
  return [...system, ...people, ''].join('\n');
}

function group(): string {
  const system = [
    'root:x:0:',
    'daemon:x:1:',
    'bin:x:2:',
    'sys:x:3:',
    'adm:x:4:',
    'tty:x:5:',
    'mail:x:8:',
    'sudo:x:27:',
    'www-data:x:33:',
    'backup:x:34:',
    'shadow:x:42:',
    'utmp:x:43:',
    'staff:x:50:',
    'users:x:100:',
    '_ssh:x:101:',
    'crontab:x:105:',
    'systemd-journal:x:999:',
    'nogroup:x:65534:',
  ];
  const people = Object.entries(ACCOUNTS).map(([name, gid]) => `${name}:x:${gid}:`);
  return [...system, ...people, 'agents:x:1010:agent', ''].join('\n');
}
