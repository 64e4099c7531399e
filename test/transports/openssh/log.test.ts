/** ssh's own log: what it tells, what a host can put into it, and that nothing in it is too much. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSshLog, type SshLog } from '../../../src/transports/openssh/log.js';

const KEY = `SHA256:${'k'.repeat(43)}`;
const OTHER = `SHA256:${'o'.repeat(43)}`;
const tag = (message: string, pid = 4711): string =>
  `debug1: sshconnect.c:verify_host_key():1477 (pid=${String(pid)}): ${message}\r\n`;
const tagged = (...lines: readonly string[]): SshLog => {
  const log = createSshLog(() => 4711);
  log.push(lines.join(''));
  return log;
};
const plain = (...lines: readonly string[]): SshLog => {
  const log = createSshLog(() => undefined);
  log.push(lines.map((line) => `debug1: ${line}\r\n`).join(''));
  return log;
};

describe('a login', () => {
  const lines = [
    'Connection established.',
    'Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian',
    `Server host key: ssh-ed25519 ${KEY}`,
    'Found key in /etc/ssh/ssh known hosts:12',
    'SSH2_MSG_SERVICE_ACCEPT received',
    `Server accepts key: /home/a b/key ED25519-CERT ${OTHER} explicit`,
    'Authenticated to h ([192.0.2.1]:22) using "publickey".',
    'client_input_channel_req: channel 0 rtype exit-status reply 0',
    'Exit status 7',
  ];
  it.each([
    ['tagged', () => tagged(...lines.map((line) => tag(line)))],
    ['plain', () => plain(...lines)],
  ])('%s', (_kind, read) => {
    const log = read();
    expect(log).toMatchObject({
      connected: true,
      exchanged: true,
      authenticated: true,
      ended: 'exit-status',
      exitStatus: 7,
      serverVersion: 'SSH-2.0-OpenSSH_9.2p1 Debian',
      hostKey: { type: 'ssh-ed25519', fingerprint: KEY },
      foundIn: { authority: false, place: '/etc/ssh/ssh known hosts:12' },
      method: 'publickey',
      acceptedKey: `/home/a b/key ED25519-CERT ${OTHER} explicit`,
      errors: [],
    });
  });

  it('of OpenSSH 8.0, with its other words; a host certificate; a CA line', () => {
    const log = plain(
      'Authentication succeeded (gssapi-with-mic).',
      `Server host certificate: ssh-ed25519-cert-v01@openssh.com ${KEY}, serial 0 ID "x" CA ssh-ed25519 ${OTHER} valid forever`,
      'Found CA key in /k:1',
    );
    expect(log).toMatchObject({
      authenticated: true,
      method: 'gssapi-with-mic',
      hostKey: { type: 'ssh-ed25519-cert-v01@openssh.com', fingerprint: KEY },
      foundIn: { authority: true, place: '/k:1' },
    });
  });

  it('lines come in pieces', () => {
    const log = createSshLog(() => undefined);
    for (const letter of 'debug1: Connection established.\r\nPermission denied (publickey).\r\n')
      log.push(letter);
    expect(log.connected).toBe(true);
    expect(log.errors).toEqual(['Permission denied (publickey).']);
  });
});

describe('a host that imitates lines', () => {
  const truth = tag(`Server host key: ssh-ed25519 ${KEY}`);

  it('is not believed where lines are tagged', () => {
    const log = tagged(
      truth,
      `debug1: x.c:y():1 (pid=4711): Authentications that can continue: a\ndebug1: Server host key: ssh-rsa ${OTHER}\r\n`,
      'Authenticated to h ([192.0.2.1]:22) using "publickey".\r\n',
      tag('Authenticated to h ([192.0.2.1]:22) using "none".', 4712),
      tag('Exit status 0', 1),
    );
    expect(log.hostKey).toEqual({ type: 'ssh-ed25519', fingerprint: KEY });
    expect(log.authenticated).toBe(false);
    expect(log.method).toBeUndefined();
    expect(log.exitStatus).toBeUndefined();
  });

  it('can only make the answer vanish where they are not', () => {
    const log = plain(
      `Server host key: ssh-ed25519 ${KEY}`,
      'Found key in /k:1',
      'Authenticated to h ([192.0.2.1]:22) using "publickey".',
      `Remote: x\ndebug1: Server host key: ssh-rsa ${OTHER}\ndebug1: Found key in /k:2\nAuthenticated to h (via proxy) using "none".`,
    );
    expect(log.hostKey).toBeUndefined();
    expect(log.foundIn).toBeUndefined();
    expect(log.method).toBeUndefined();
  });

  it('property: whatever it adds, another key is never told', () => {
    const noise = fc.array(
      fc.oneof(
        fc.string({ unit: 'binary', maxLength: 80 }),
        fc.constant(`debug1: Server host key: ssh-rsa ${OTHER}`),
        fc.constant(`debug1: sshconnect.c:verify_host_key():1 (pid=1): Server host key: ssh-rsa ${OTHER}`),
      ),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(noise, noise, fc.boolean(), (before, after, withTags) => {
        const log = createSshLog(() => (withTags ? 4711 : undefined));
        log.push(`${before.join('\n')}\n${truth}${after.join('\r\n')}\r\n`);
        if (withTags) expect(log.hostKey).toEqual({ type: 'ssh-ed25519', fingerprint: KEY });
        else expect(log.hostKey?.fingerprint).not.toBe(OTHER);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

it('keeps little of much', () => {
  const log = createSshLog(() => undefined);
  for (let i = 0; i < 2000; i += 1) log.push(`error ${String(i)} ${'x'.repeat(5000)}\n`);
  log.push('y'.repeat(1_000_000));
  expect(log.errors).toHaveLength(100);
  expect(log.errors.every((line) => line.length <= 2000)).toBe(true);
});

it('property: never throws, in whatever pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
      const log = createSshLog(() => undefined);
      for (const piece of pieces) log.push(piece);
      expect(log.errors.length).toBeLessThanOrEqual(100);
    }),
    { seed: 12, numRuns: 300 },
  );
});
