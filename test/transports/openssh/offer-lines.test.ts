/** The server's offer from ssh's log lines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSshLog } from '../../../src/transports/openssh/log.js';

const tagged = (message: string, pid = 4711): string =>
  `debug2: kex.c:kex_buf2prop():443 (pid=${pid}): ${message}\r\n`;
const LINES = [
  'local client KEXINIT proposal',
  'KEX algorithms: ours',
  'peer server KEXINIT proposal',
  'KEX algorithms: curve25519-sha256,kex-strict-s-v00@openssh.com',
  'host key algorithms: ssh-ed25519',
  'ciphers ctos: aes256-ctr',
  'ciphers stoc: aes128-ctr',
  'MACs ctos: hmac-sha2-256',
  'MACs stoc: hmac-sha2-512',
  'compression ctos: none',
  'compression stoc: ',
  'languages ctos: ',
  'first_kex_follows 0 ',
];
const offerOf = (lines: readonly string[], pid: number | undefined = 4711) => {
  const log = createSshLog(() => pid);
  log.push(lines.map((line) => tagged(line)).join(''));
  return log.offer;
};

describe('the offer in ssh’s log', () => {
  it('is the peer’s, list by list', () => {
    expect(offerOf(LINES)).toEqual({
      kexInit: {
        kex: 'curve25519-sha256,kex-strict-s-v00@openssh.com',
        hostKey: 'ssh-ed25519',
        ciphersToServer: 'aes256-ctr',
        ciphersToClient: 'aes128-ctr',
        macsToServer: 'hmac-sha2-256',
        macsToClient: 'hmac-sha2-512',
        compressionToServer: 'none',
        compressionToClient: '',
      },
    });
  });

  it('is the first one: later exchanges change nothing', () => {
    const again = LINES.map((line) => line.replace('aes256-ctr', '3des-cbc'));
    expect(offerOf([...LINES, ...again])?.kexInit?.ciphersToServer).toBe('aes256-ctr');
  });

  it('is nothing before it is whole, in lines of another process, or where lines have no tags', () => {
    for (let end = 0; end < 11; end += 1) expect(offerOf(LINES.slice(0, end))).toBeUndefined();
    expect(offerOf(LINES, 1)).toBeUndefined();
    const plain = createSshLog(() => undefined);
    plain.push(LINES.map((line) => `debug2: ${line}\r\n`).join(''));
    expect(plain.offer).toBeUndefined();
  });

  it('is a problem when ssh may have cut a list', () => {
    const long = `MACs stoc: ${'hmac-sha2-256-etm@openssh.com,'.repeat(40)}`.slice(0, 960);
    expect(offerOf(LINES.map((line) => (line.startsWith('MACs stoc') ? long : line)))).toEqual({
      problem: expect.stringContaining('the list of MACs stoc is too long') as string,
    });
  });

  it('takes any text', () => {
    const log = createSshLog(() => 4711);
    const line = fc.oneof(fc.constantFrom(...LINES), fc.string({ maxLength: 300 }));
    fc.assert(
      fc.property(line, (text) => log.push(tagged(text))),
      { seed: 20261121, numRuns: 500 },
    );
    expect(Object.keys(log.offer ?? {}).length).toBeLessThanOrEqual(1);
  });
});
