/**
 * curve25519-sha256 (RFC 8731) with less work. ssh2 passes its public keys through DER, which OpenSSL 3 decodes and
 * encodes by trying one provider after another: a sixth of what a login costs. Node hands the 32 bytes of a JWK straight
 * to OpenSSL. The arithmetic is the same, and should ssh2's shape ever change, the server's signature does not verify.
 *
 * A generated key is never exported as a JWK: Node 20 holds the key's lock while it makes the strings of one, and if that
 * is when garbage is collected, the finished job that generated the key takes the same lock: the process stands still for
 * good, about once in ten thousand logins. The public half is asked of the arithmetic instead.
 */
import { createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { wireMpint } from '../../openssh/wire.js';

/** What is used of one key exchange of ssh2. */
export interface Exchange {
  readonly type: string;
  getPublicKey(): Buffer;
  computeSecret(theirs: Buffer): Buffer | Error;
}

/** The secret shared with it is the public key: X25519(a, 9). Source: RFC 7748, section 6.1. */
const BASE_POINT = publicKeyOf(Buffer.concat([Buffer.from([9]), Buffer.alloc(31)]));

/** Replaces the arithmetic of one exchange that is about to begin, if it is over this curve. */
export function quickenX25519(kex: Exchange): void {
  if (kex.type !== '25519') return;
  const { privateKey } = generateKeyPairSync('x25519');
  const mine = diffieHellman({ privateKey, publicKey: BASE_POINT });
  kex.getPublicKey = () => mine;
  kex.computeSecret = (theirs) => {
    try {
      // A point of small order makes OpenSSL refuse: the secret would be all zeros.
      return mpint(diffieHellman({ privateKey, publicKey: publicKeyOf(theirs) }));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
}

/** @throws Error when these are not 32 bytes */
function publicKeyOf(point: Buffer): KeyObject {
  const key = { kty: 'OKP', crv: 'X25519', x: point.toString('base64url') };
  return createPublicKey({ key, format: 'jwk' });
}

/** Without the length in front: ssh2 adds it. */
function mpint(secret: Buffer): Buffer {
  return wireMpint(secret).subarray(4);
}
