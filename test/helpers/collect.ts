/**
 * The real collector on a real, private host: own mounts, own processes, own /etc/ssh, /run and /home, an own sshd.
 * Everything ends with the namespace. Needs root and unshare(1).
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { compose } from '../../src/collector/compose.js';
import { readFrames } from '../../src/collector/frames.js';
import { PROBES, type ProbeSpec } from '../../src/collector/probes.js';
import type { HostEvidence } from '../../src/model.js';
import { needs } from './needs.js';

export const NONCE = '00112233445566778899aabbccddeeff';

/** What {@link collect} needs, or null. */
export const collectNeeds = (): string | null =>
  needs.root ??
  needs.program('unshare', 'util-linux') ??
  needs.program('sshd', 'openssh-server') ??
  needs.sshKeygen;

export interface PrivateHost {
  /** The whole of /etc/ssh/sshd_config. */
  readonly config?: string;
  /** Further files, by absolute path; below /etc/ssh, /home, /run, /root and /etc only. */
  readonly files?: Readonly<Record<string, string>>;
  /** Lines added to /etc/passwd and /etc/group. */
  readonly passwd?: readonly string[];
  readonly group?: readonly string[];
  /** sshd's arguments; null: none is started. */
  readonly sshd?: readonly string[] | null;
  /** Shell commands: before sshd starts, and after it. */
  readonly before?: string;
  readonly after?: string;
  /** The shell that reads the script, e.g. `busybox sh`. */
  readonly shell?: string;
  /** Put before the shell, e.g. a tracer. */
  readonly wrap?: string;
  readonly probes?: readonly ProbeSpec[];
  /** The policy's wrapper paths. */
  readonly wrappers?: readonly string[];
}

export interface Collected {
  readonly evidence: HostEvidence;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Only the probes of the given names. */
export function probesNamed(...names: readonly string[]): readonly ProbeSpec[] {
  return PROBES.filter(({ name }) => names.includes(name));
}

export function collect(host: PrivateHost = {}): Collected {
  const probes = host.probes ?? probesNamed('system', 'accounts', 'sshd', 'daemons');
  const directory = mkdtempSync(join(tmpdir(), 'ssh-scorecard-collect-'));
  try {
    const files = join(directory, 'files');
    mkdirSync(files);
    for (const [path, text] of Object.entries({
      '/etc/ssh/sshd_config': host.config ?? 'Port 2222\n',
      ...host.files,
    })) {
      const to = join(files, path);
      mkdirSync(dirname(to), { recursive: true });
      writeFileSync(to, text);
    }
    writeFileSync(
      join(directory, 'script'),
      compose(probes, NONCE, { wrappers: host.wrappers ?? [], loginWindowDays: 14 }),
    );
    writeFileSync(join(directory, 'host'), hostScript(host, directory));
    const started = new Date();
    const ran = spawnSync(
      'unshare',
      [
        '--mount',
        '--net',
        '--pid',
        '--uts',
        '--ipc',
        '--fork',
        '--kill-child',
        '--mount-proc',
        '--propagation',
        'private',
        'sh',
        join(directory, 'host'),
      ],
      { maxBuffer: 64 << 20, timeout: 120_000 },
    );
    const stderr = ran.stderr.toString();
    if (stderr.includes('HOST FAILED')) throw new Error(stderr);
    const frames = readFrames(ran.stdout, NONCE, probes);
    const evidence = {
      schema: 1 as const,
      host: 'test',
      startedAt: started.toISOString(),
      finishedAt: new Date().toISOString(),
      ...frames,
    };
    return { evidence, stdout: ran.stdout, stderr };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}

/**
 * /etc is this machine's with a layer of its own over it (a copy where that cannot be had); /run, /home and /root are
 * new, and before the collector looks also the temporary folders, so that a search meets nothing of this machine's. The
 * loopback is up, so nothing reaches a real network.
 */
function hostScript(host: PrivateHost, directory: string): string {
  const append = (path: string, lines: readonly string[] = []) =>
    lines.map((line) => `printf '%s\\n' ${quoted([line])} >>${path}`).join('\n');
  const args = host.sshd === undefined ? [] : host.sshd;
  return `
set -e
PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap 'echo "HOST FAILED at status $?" >&2' EXIT
umask 022
ip link set lo up 2>/dev/null || true
mkdir ${directory}/etc ${directory}/over
mount -t tmpfs -o mode=755 tmpfs ${directory}/over
mkdir ${directory}/over/new ${directory}/over/work
mount -t overlay -o lowerdir=/etc,upperdir=${directory}/over/new,workdir=${directory}/over/work overlay ${directory}/etc 2>/dev/null || {
  mount --bind ${directory}/over/new ${directory}/etc
  cp -a /etc/. ${directory}/etc/
}
rm -rf ${directory}/etc/ssh/sshd_config.d ${directory}/etc/systemd/system/sshd.service
mkdir ${directory}/etc/ssh/sshd_config.d
rm -f ${directory}/etc/ssh/ssh_host_*
ssh-keygen -q -t ed25519 -N '' -f ${directory}/etc/ssh/ssh_host_ed25519_key
mount --bind ${directory}/etc /etc
for d in /run /home /root; do mount -t tmpfs -o mode=755 tmpfs "$d"; done
mkdir -m 755 /run/sshd
cp -a ${directory}/files/. /
${append('/etc/passwd', host.passwd)}
${append('/etc/group', host.group)}
${host.before ?? ''}
${
  args === null
    ? ''
    : `/usr/sbin/sshd ${quoted(args)} >&2
n=0; until [ -s /run/sshd.pid ]; do n=$((n + 1)); [ "$n" -lt 200 ]; sleep 0.02; done`
}
${host.after ?? ''}
exec 9<${directory}/script
for d in /tmp /var/tmp; do mount -t tmpfs -o mode=1777 tmpfs "$d"; done
trap - EXIT
set +e
${host.wrap ?? ''} ${host.shell ?? 'sh'} -s <&9 9<&-
`;
}
