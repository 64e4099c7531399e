/** Small constructors for the engine's tests. */
import { parseConfig, type ConfigInput, type ParsedConfig } from '../../../src/facts/match-engine/index.js';
import type { Account, Connection, SshdVersion } from '../../../src/facts/types.js';

export function version(text: string): SshdVersion {
  const [major = 0, minor = 0] = text.split('.').map(Number);
  return { text: `OpenSSH_${text}p1`, major, minor };
}

export function account(name: string, groups: readonly string[] = [name], uid = 1000): Account {
  return {
    name,
    uid,
    gid: uid,
    home: name === 'root' ? '/root' : `/home/${name}`,
    shell: '/bin/sh',
    groups,
    source: 'nss',
  };
}

export const ACCOUNTS = [
  account('root', ['root'], 0),
  account('alice', ['alice', 'ops']),
  account('bob', ['bob', 'users'], 1001),
];

/** A configuration of one file, `/etc/ssh/sshd_config`. */
export function config(text: string, more: Partial<ConfigInput> = {}): ParsedConfig {
  const files = new Map([['/etc/ssh/sshd_config', text], ...(more.files ?? [])]);
  return parseConfig({
    mainPath: '/etc/ssh/sshd_config',
    version: version('9.2'),
    accounts: ACCOUNTS,
    ...more,
    files,
  });
}

export function connection(more: Partial<Connection> = {}): Connection {
  return {
    user: 'alice',
    host: 'h',
    address: '192.0.2.9',
    localAddress: '198.51.100.1',
    localPort: 22,
    ...more,
  };
}
