/**
 * curve25519-sha256 (RFC 8731) with less work. ssh2 passes its public keys through DER, which OpenSSL 3 decodes and
 * encodes by trying one provider after another: a sixth of what a login costs. Node hands the 32 bytes of a JWK straight
 * to OpenSSL. The arithmetic is the same, and should ssh2's shape ever change, the server's signature does not verify.
 */
import { createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { wireMpint } from '../../openssh/wire.js';

/** What is used of one key exchange of ssh2. */
export interface Exchange {
  readonly type: string;
  getPublicKey(): Buffer;
  computeSecret(theirs: Buffer): Buffer | Error;
}

/** Replaces the arithmetic of one exchange that is about to begin, if it is over this curve. */
export function quickenX25519(kex: Exchange): void {
  if (kex.type !== '25519') return;
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const mine = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  kex.getPublicKey = () => mine;
  kex.computeSecret = (theirs) => {
    try {
      const key = { kty: 'OKP', crv: 'X25519', x: theirs.toString('base64url') };
      // A point of small order makes OpenSSL refuse: the secret would be all zeros.
      return mpint(diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'jwk' }) }));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
}

/** Without the length in front: ssh2 adds it. */
function mpint(secret: Buffer): Buffer {
  return wireMpint(secret).subarray(4);
}
