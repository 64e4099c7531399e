/** The sentences of OpenSSH 8.0 to 10, and the codes they stand for. */
import { describe, expect, it } from 'vitest';
import { explainLogin, type Explained } from '../../../src/transports/openssh/explain.js';
import { createSshLog } from '../../../src/transports/openssh/log.js';
import type { SshProcess } from '../../../src/transports/openssh/process.js';
import { createOutput } from '../../../src/transports/output.js';
import type { Hop } from '../../../src/transports/ssh/route.js';

const HOP: Hop = {
  name: 'db',
  alias: 'db.example',
  address: 'db.example',
  port: 22,
  user: 'auditor',
  identity: { configIdentityFiles: [], configCertificateFiles: [], identitiesOnly: false },
  knownHostsFiles: ['/k'],
  pins: [],
};

function ended(log: string, stderr = ''): SshProcess {
  const read = createSshLog(() => undefined);
  read.push(`${log}\n`);
  const errors = createOutput(1000);
  errors.take(Buffer.from(stderr));
  return {
    log: read,
    tagged: false,
    stdout: createOutput(0),
    stderr: errors,
    flooded: undefined,
    sawOutput: false,
    exit: { code: 255, signal: null },
    onChange: () => undefined,
    refresh: () => undefined,
    stop: () => undefined,
    kill: () => undefined,
    gone: Promise.resolve(),
  };
}

const explain = (
  log: string,
  about: Partial<Explained> & { readonly stderr?: string } = {},
): ReturnType<typeof explainLogin> =>
  explainLogin(ended(log, about.stderr), {
    hop: HOP,
    phase: 'handshake',
    knownHostsFiles: ['/k'],
    ...about,
  });

it.each<[string, string]>([
  ['ssh: Could not resolve hostname db.example: Name or service not known', 'dns'],
  ['ssh: Could not resolve hostname db.example: Temporary failure in name resolution', 'dns'],
  ['ssh: connect to host db.example port 22: Connection refused', 'connect-refused'],
  ['ssh: connect to host db.example port 22: Connection timed out', 'connect-timeout'],
  ['ssh: connect to host db.example port 22: Operation timed out', 'connect-timeout'],
  ['ssh: connect to host db.example port 22: No route to host', 'network-unreachable'],
  ['ssh: connect to host db.example port 22: Network is unreachable', 'network-unreachable'],
  ['ssh: connect to host db.example port 22: Too many open files', 'local-resources'],
  ['kex_exchange_identification: Connection closed by remote host', 'closed-before-login'],
  ['ssh_exchange_identification: Connection closed by remote host', 'closed-before-login'],
  ['ssh_exchange_identification: read: Connection reset by peer', 'connection-reset'],
  [
    'kex_exchange_identification: read: Connection reset by peer\nConnection reset by 192.0.2.1 port 22',
    'connection-reset',
  ],
  ['Connection timed out during banner exchange', 'handshake-timeout'],
  ['Connection to UNKNOWN port 65535 timed out', 'handshake-timeout'],
  ['Connection closed by UNKNOWN port 65535', 'closed-before-login'],
  ['Received disconnect from 192.0.2.1 port 22:11: Not allowed at this time', 'closed-before-login'],
  [
    'kex_exchange_identification: Connection closed by remote host\nNot allowed at this time',
    'closed-before-login',
  ],
  [
    'Unable to negotiate with 192.0.2.1 port 22: no matching key exchange method found. Their offer: diffie-hellman-group1-sha1',
    'handshake-failed',
  ],
  [
    'Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-dss',
    'handshake-failed',
  ],
  ['Protocol major versions differ: 2 vs. 1', 'handshake-failed'],
  ['banner exchange: Connection to 192.0.2.1 port 22: invalid format', 'handshake-failed'],
  ['ssh_dispatch_run_fatal: Connection to 192.0.2.1 port 22: incorrect signature', 'handshake-failed'],
  [
    'No ED25519 host key is known for db.example and you have requested strict checking.\nHost key verification failed.',
    'host-key-unknown',
  ],
  ['No RSA host key is known for [db]:2 and you have requested strict checking.', 'host-key-unknown'],
  [
    '@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending ED25519 key in /k:3\nHost key for db has changed and you have requested strict checking.\nHost key verification failed.',
    'host-key-mismatch',
  ],
  [
    '@       WARNING: REVOKED HOST KEY DETECTED!               @\nHost key verification failed.',
    'host-key-revoked',
  ],
  [
    'Certificate invalid: expired\nNo ED25519 host key is known for db and you have requested strict checking.\nHost key verification failed.',
    'host-certificate-invalid',
  ],
  [
    'Certificate invalid: name is not a listed principal\nHost key for db has changed and you have requested strict checking.',
    'host-key-mismatch',
  ],
  ['auditor@db.example: Permission denied (publickey,password).', 'login-refused'],
  ['Permission denied (publickey).', 'login-refused'],
  ['Permission denied (publickey,\ndebug1: x).', 'login-refused'],
  ['Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures', 'login-refused'],
  ['/etc/ssh/ssh_config: line 3: Bad configuration option: nosuch', 'dns'],
  ['Bad owner or permissions on /home/a/.ssh/config', 'dns'],
  ['', 'closed-before-login'],
])('%j is %s', (said, code) => {
  const failure = explain(said);
  expect(failure.code).toBe(code);
  expect(failure.detail).not.toBe('');
});

describe('more about it', () => {
  it('which line holds the other key, and which methods are taken', () => {
    expect(explain('IDENTIFICATION HAS CHANGED\nOffending ED25519 key in /k:3').detail).toContain('/k:3');
    expect(explain('Permission denied (gssapi-with-mic,password).')).toMatchObject({
      detail: expect.stringContaining('gssapi-with-mic,password'),
      hint: expect.stringContaining('PubkeyAuthentication'),
    });
    expect(
      explain('Load key "/x": bad permissions\nauditor@db: Permission denied (publickey).').detail,
    ).toContain('bad permissions');
  });

  it('a pinned key that is another one is no unknown host', () => {
    const hop = { ...HOP, pins: [`SHA256:${'p'.repeat(43)}`] };
    const failure = explain('No ED25519 host key is known for db and you have requested strict checking.', {
      hop,
    });
    expect(failure.code).toBe('host-key-mismatch');
    expect(failure.detail).toContain('the inventory pins SHA256:ppp');
  });

  it('a ProxyCommand’s complaint is told, another’s stderr is not', () => {
    const stderr = 'no tunnel today\n';
    const hop = { ...HOP, proxyCommand: 'x' };
    expect(explain('Connection closed by UNKNOWN port 65535', { hop, stderr }).detail).toContain(
      'no tunnel today',
    );
    expect(explain('Connection closed by 192.0.2.1 port 22', { stderr }).detail).not.toContain('no tunnel');
  });

  it.each([
    [['connect failed: Connection refused'], 'connect-refused'],
    [['connect failed: Connection timed out'], 'connect-timeout'],
    [['connect failed: No route to host'], 'network-unreachable'],
    [['unknown channel type: x'], 'jump-failed'],
    [['administratively prohibited: open failed'], 'jump-failed'],
    [['connect failed: Name or service not known'], 'dns'],
    [['connect failed: Connection refused', 'connect failed: No route to host'], 'jump-failed'],
    [['odd'], 'jump-failed'],
  ])('a bastion’s %j is %s', (refusedChannels, code) => {
    expect(explain('Connection closed by remote host', { refusedChannels, bastionOpen: true }).code).toBe(
      code,
    );
  });

  it('a bastion that is gone', () => {
    expect(explain('Connection closed by remote host', { bastionOpen: false }).code).toBe('jump-failed');
  });
});
