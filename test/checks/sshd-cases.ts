/** Hand-made facts for the checks that judge sshd's effective configuration. */
import { parseSshdT } from '../../src/facts/sshd-t.js';
import type {
  Account,
  DaemonFacts,
  SshdCase,
  SshdFacts,
  SshListener,
  SystemInfo,
} from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';

export function ok<T>(value: T, gaps: readonly string[] = []): Reading<T> {
  return { ok: true, value, gaps };
}

export function account(name: string, uid: number): Account {
  return { name, uid, gid: uid, home: `/home/${name}`, shell: '/bin/bash', groups: [name], source: 'nss' };
}

/** A case with everything closed, as 9.2 prints it, changed by `printed`. */
export function sshdCase(printed: string, more: Partial<SshdCase> = {}): SshdCase {
  const closed =
    'passwordauthentication no\nkbdinteractiveauthentication no\npermitemptypasswords no\nusepam yes\nauthenticationmethods any\npermitrootlogin no\n';
  return {
    witness: {
      user: 'alice',
      host: 'client.invalid',
      address: '192.0.2.1',
      localAddress: '192.0.2.2',
      localPort: 22,
    },
    accounts: ['root', 'alice'],
    settings: { ...parseSshdT(closed), ...parseSshdT(printed) },
    origins: {},
    by: 'sshd',
    ...more,
  };
}

export function sshdFacts(...cases: readonly SshdCase[]): SshdFacts {
  return {
    binary: '/usr/sbin/sshd',
    version: { text: 'OpenSSH_9.2p1', major: 9, minor: 2 },
    files: [
      {
        path: '/etc/ssh/sshd_config',
        stat: {
          path: '/etc/ssh/sshd_config',
          kind: 'file',
          mode: 0o644,
          uid: 0,
          gid: 0,
          size: 1,
          mtime: 1,
          ctime: 1,
        },
        text: '',
      },
    ],
    cases,
    matchBlocks: [],
  };
}

export function listener(program: string, commandLine = program): SshListener {
  return {
    pid: 77,
    program,
    executable: `/usr/sbin/${program}`,
    commandLine,
    startedAt: 1,
    sockets: ['0.0.0.0:22'],
    overrides: [],
  };
}

export function daemonFacts(more: Partial<DaemonFacts> = {}): DaemonFacts {
  return { listeners: [listener('sshd')], units: [], newerThanDaemon: [], impostors: [], ...more };
}

export const linux: SystemInfo = {
  hostname: 'h',
  os: { id: 'debian', version: '12', pretty: 'Debian 12' },
  kernel: 'Linux 6.1.0',
  clock: 1,
  skew: 0,
};
