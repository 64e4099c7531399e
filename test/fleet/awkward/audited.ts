import type { Awkward } from '../types.js';

const shell = (path: string): string => `sed -i "/^auditor:/s,/bin/bash,${path}," /etc/passwd`;
/** Nothing can be written, so neither can the log: what it would show says nothing about the host. */
const NO_LOG = {
  noLogins: true,
  also: { 'audit-logging': 'any', 'actor-wrapper': 'not-fail', 'bootstrap-complete': 'not-fail' },
} as const;

/** Hosts that are odd and must be audited all the same, with the same result as any sound host. */
export const ODD_BUT_SOUND: readonly Awkward[] = [
  {
    id: 'chatty-bashrc',
    title: 'the shell prints three megabytes before the command runs',
    why: 'bash reads .bashrc for commands over SSH, too',
    expect: ['audited'],
    kind: 'host',
    apply:
      '{ echo "yes \\"WELCOME \\$(hostname) @@\\" | head -c 3000000"; echo "echo noise >&2"; } >/home/auditor/.bashrc',
  },
  {
    id: 'shell-tcsh',
    title: 'the login shell is tcsh',
    why: 'another syntax',
    expect: ['audited'],
    kind: 'host',
    apply: shell('/usr/bin/tcsh'),
  },
  {
    id: 'shell-fish',
    title: 'the login shell is fish',
    why: 'another syntax',
    expect: ['audited'],
    kind: 'host',
    apply: shell('/usr/bin/fish'),
  },
  {
    id: 'shell-dash',
    title: 'the login shell is dash',
    why: 'nothing but POSIX',
    expect: ['audited'],
    kind: 'host',
    apply: shell('/usr/bin/dash'),
  },
  {
    id: 'sh-is-bash',
    title: '/bin/sh is bash',
    why: 'so it is on Red Hat, and echo means something else',
    expect: ['audited'],
    kind: 'host',
    apply: 'ln -sf bash /usr/bin/sh',
  },
  {
    id: 'one-session',
    title: 'MaxSessions 1',
    why: 'there is one channel, and no second',
    expect: ['audited'],
    kind: 'host',
    apply: 'conf MaxSessions 1',
  },
  {
    id: 'no-tty',
    title: 'PermitTTY no',
    why: 'an auditor needs none',
    expect: ['audited'],
    kind: 'host',
    apply: 'conf PermitTTY no',
  },
  {
    id: 'huge-banner',
    title: 'a banner of 200 KB with control characters',
    why: 'lawyers, and somebody who likes colours; ssh2 takes no packet over 35,000 bytes before login',
    expect: ['audited', 'handshake-failed'],
    kind: 'host',
    apply:
      'yes "$(printf "\\033[31mAUTHORISED USE ONLY\\033[0m")" | head -c 200000 >/etc/issue.net; conf Banner /etc/issue.net',
  },
  {
    id: 'long-motd',
    title: 'a long message of the day',
    why: 'PAM prints it at every login',
    expect: ['audited'],
    kind: 'host',
    apply: 'yes "have a lot of fun" | head -c 300000 >/etc/motd; conf PrintMotd yes',
  },
  {
    id: 'busybox-userland',
    title: 'the tools are busybox',
    why: 'no find -printf, no getent, another timeout',
    expect: ['audited'],
    otherwise: 'not-fail',
    kind: 'host',
    apply: `for a in $(busybox --list); do
  case $a in sh | ash | login | su | passwd | sudo | bash | busybox | init | halt | reboot | poweroff) continue ;; esac
  for d in /usr/bin /usr/sbin; do [ ! -e "$d/$a" ] || busybox ln -sf /usr/bin/busybox "$d/$a"; done
done
busybox ln -sf /usr/bin/busybox /usr/bin/sh
busybox rm -f /usr/bin/getent /usr/bin/perl /usr/bin/python3 /usr/bin/gawk /usr/bin/mawk`,
  },
  {
    id: 'read-only-root',
    title: 'nothing can be written anywhere',
    why: 'an immutable image, or a file system the kernel gave up on',
    expect: ['audited'],
    kind: 'host',
    // As the last thing, and after a moment: what follows in setting up still has to write.
    afterwards:
      '(while [ -d /run/lab ]; do sleep 0.02; done; for m in / /tmp /run /dev/shm; do mount -o remount,ro "$m" 2>/dev/null || mount -o remount,bind,ro "$m"; done) >/dev/null 2>&1 &',
    ...NO_LOG,
  },
  {
    id: 'full-disk',
    title: 'the disk is full',
    why: 'temporary files are not an option',
    expect: ['audited'],
    kind: 'host',
    rootSize: '24m',
    afterwards:
      'for d in / /tmp /dev/shm; do head -c 400000000 /dev/zero >"$d/full" 2>/dev/null || true; done',
    ...NO_LOG,
  },
  {
    id: 'many-accounts',
    title: 'two thousand accounts',
    why: 'one question to sshd for each would take for ever; past 2,000 the rest is said to be left out',
    expect: ['audited'],
    otherwise: 'not-fail',
    kind: 'host',
    apply: `seq 2000 3999 | awk '{ printf "user%d:x:%d:%d::/home/user%d:/bin/bash\\n", $1, $1, $1, $1 }' >>/etc/passwd
seq 2000 3999 | awk '{ printf "user%d:*:19000:0:99999:7:::\\n", $1 }' >>/etc/shadow`,
    patience: 180_000,
  },
  {
    id: 'many-match-blocks',
    title: 'two hundred Match blocks',
    why: 'each could be the one that matters',
    expect: ['audited'],
    otherwise: 'not-fail',
    kind: 'host',
    apply: `n=0; while [ $n -lt 200 ]; do n=$((n + 1)); match "Match User user$n Address 10.0.$n.0/24\\n  X11Forwarding no"; done`,
    patience: 180_000,
  },
  {
    id: 'fifo-for-keys',
    title: 'authorized_keys is a named pipe',
    why: 'whoever opens it waits for ever; sshd does not take it',
    expect: ['audited'],
    also: { 'no-static-keys': 'not-fail' },
    kind: 'host',
    apply:
      'keyfiles; install -d -m 700 -o ops /home/ops/.ssh; mkfifo /home/ops/.ssh/authorized_keys; chown ops /home/ops/.ssh/authorized_keys',
  },
  {
    id: 'key-links-to-device',
    title: 'authorized_keys is a link to /dev/zero',
    why: 'it never ends; sshd does not take it',
    expect: ['audited'],
    also: { 'no-static-keys': 'not-fail' },
    kind: 'host',
    apply:
      'keyfiles; install -d -m 700 -o ops /home/ops/.ssh; ln -s /dev/zero /home/ops/.ssh/authorized_keys',
  },
  {
    id: 'hostile-names',
    title: 'file names and accounts made to confuse',
    why: 'names may hold line ends, escape codes and quotes',
    expect: ['audited'],
    otherwise: 'not-fail',
    kind: 'host',
    apply: `account odd 1040 "/home/o d'd" /bin/bash
printf '# nobody\\n' >"/etc/ssh/auth_principals/$(printf 'a\\nb')"
printf '# nobody\\n' >"/etc/ssh/auth_principals/$(printf '\\033[2Jx')"
: >'/etc/cron.d/$(reboot)'
mkdir "/home/$(printf 'x\\ny')" '/home/-rf'`,
  },
  {
    id: 'no-journal',
    title: 'no journal, only files',
    why: 'hosts without systemd',
    expect: ['audited'],
    kind: 'host',
    apply: `printf 'module(load="imuxsock" SysSock.Name="/run/systemd/journal/dev-log")\\n$WorkDirectory /var/spool/rsyslog\\n$IncludeConfig /etc/rsyslog.d/*.conf\\nauth,authpriv.* /var/log/auth.log\\n' >/etc/rsyslog.conf
rm -rf /var/log/journal`,
    afterwards:
      'n=0; while [ ! -S /run/systemd/journal/dev-log ] && [ $n -lt 300 ]; do n=$((n + 1)); sleep 0.01; done',
    journal: false,
    also: { 'audit-logging': 'not-fail', 'actor-wrapper': 'not-fail', 'bootstrap-complete': 'not-fail' },
  },
];
