/**
 * What the lab needs of this machine, said before anything is started.
 */
import { accessSync, constants, readFileSync } from 'node:fs';

const PROGRAMS: readonly (readonly [path: string, debianPackage: string])[] = [
  ['/usr/sbin/sshd', 'openssh-server'],
  ['/usr/bin/ssh-keygen', 'openssh-client'],
  ['/usr/bin/sudo', 'sudo'],
  ['/usr/bin/unshare', 'util-linux'],
  ['/usr/bin/nsenter', 'util-linux'],
  ['/usr/sbin/pivot_root', 'util-linux'],
  ['/lib/systemd/systemd-journald', 'systemd'],
  ['/usr/sbin/rsyslogd', 'rsyslog'],
  ['/usr/bin/busybox', 'busybox-static'],
  ['/usr/bin/tcsh', 'tcsh'],
  ['/usr/bin/fish', 'fish'],
];

/** What is missing for the lab and how to get it, or null when it can start. */
export function fleetNeeds(): string | null {
  if (process.platform !== 'linux') return 'the lab needs Linux (namespaces and overlayfs)';
  if (process.getuid?.() !== 0) return 'the lab needs root: sudo npm test';
  const missing = PROGRAMS.filter(([path]) => !executable(path));
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(' ');
    return `the lab needs ${missing.map(([path]) => path).join(', ')}: apt-get install ${packages}`;
  }
  if ((effectiveCapabilities() & CAP_SYS_ADMIN) === 0n)
    return 'the lab needs CAP_SYS_ADMIN: run the container with --privileged';
  if (!/\boverlay$/m.test(readFileSync('/proc/filesystems', 'utf8')))
    return 'the lab needs overlayfs: modprobe overlay';
  if (!/ - cgroup2 /.test(readFileSync('/proc/self/mountinfo', 'utf8')))
    return 'the lab needs cgroup2: mount -t cgroup2 none /sys/fs/cgroup';
  return null;
}

const CAP_SYS_ADMIN = 1n << 21n;

function effectiveCapabilities(): bigint {
  const line = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return BigInt(`0x${line?.[1] ?? '0'}`);
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
