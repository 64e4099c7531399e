/** The arithmetic alone; that a server agrees is shown by every suite that logs in to a real sshd. */
import { execFile } from 'node:child_process';
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quickenX25519, type Exchange } from '../../../src/transports/ssh/private-kex.js';

function exchange(type = '25519'): Exchange {
  return {
    type,
    getPublicKey: () => Buffer.from('ssh2'),
    computeSecret: () => Buffer.from('ssh2'),
  };
}

/** RFC 7748: the 32 bytes at the end of the DER. */
function bytesOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' }).subarray(-32);
}

/** As RFC 4251 writes integers: no zero in front but before a high bit. */
function integer(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const rest = bytes.subarray(start);
  return (rest[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), rest]) : rest;
}

describe('curve25519', () => {
  it('gives both sides the same secret, written as an integer', () => {
    // Enough for secrets with a high bit, without one, and with a zero in front.
    for (let round = 0; round < 1500; round += 1) {
      const kex = exchange();
      quickenX25519(kex);
      const theirs = generateKeyPairSync('x25519');
      const mine = kex.getPublicKey();
      expect(mine).toHaveLength(32);
      const der = Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), mine]);
      const publicKey = createPublicKey({ key: der, type: 'spki', format: 'der' });
      const expected = integer(diffieHellman({ privateKey: theirs.privateKey, publicKey }));
      const secret = kex.computeSecret(bytesOf(theirs.publicKey));
      expect(secret instanceof Error ? secret.message : secret.toString('hex')).toBe(
        expected.toString('hex'),
      );
    }
  });

  it('says the same public key every time, and another one in the next exchange', () => {
    const [one, two] = [exchange(), exchange()];
    quickenX25519(one);
    quickenX25519(two);
    expect(one.getPublicKey().equals(one.getPublicKey())).toBe(true);
    expect(one.getPublicKey().equals(two.getPublicKey())).toBe(false);
  });

  it('refuses what is no public key, and points that would make the secret known to all', () => {
    const kex = exchange();
    quickenX25519(kex);
    for (const small of [Buffer.alloc(32), Buffer.concat([Buffer.from([1]), Buffer.alloc(31)])])
      expect(kex.computeSecret(small)).toBeInstanceOf(Error);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const secret = kex.computeSecret(Buffer.from(bytes));
        expect(secret instanceof Error).toBe(bytes.length !== 32);
      }),
      {
        seed: 20261121,
        numRuns: 500,
        examples: [[new Uint8Array(31).fill(9)], [new Uint8Array(33).fill(9)]],
      },
    );
  });

  // Node 20 stands still for good when garbage is collected while a generated key is written as a JWK.
  it('goes on when garbage is collected in the middle of it', async () => {
    const script = `
      import { quickenX25519 } from './src/transports/ssh/private-kex.ts';
      for (let round = 0; round < 10000; round += 1) quickenX25519({ type: '25519' });
      console.log('ended');`;
    const heap = ['--semi-space-growth-factor=1', '--import', 'tsx', '--input-type=module'];
    const { stdout } = await promisify(execFile)(process.execPath, [...heap, '-e', script], {
      timeout: 60_000,
      killSignal: 'SIGKILL',
    });
    expect(stdout).toBe('ended\n');
  });

  it('leaves other exchanges alone', () => {
    const kex = exchange('ecdh');
    quickenX25519(kex);
    expect(kex.getPublicKey().toString()).toBe('ssh2');
  });
});
