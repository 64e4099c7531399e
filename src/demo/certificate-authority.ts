/**
 * A throw-away user CA for the demo: a fresh machine may have no ssh-keygen. Ed25519 only, in memory only.
 * Layout: PROTOCOL.certkeys, "New public key formats".
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { certificateTypeName } from '../openssh/key-blob.js';
import { wireString, wireU32, wireU64 } from '../openssh/wire.js';

export interface DemoKey {
  readonly publicBlob: Buffer;
  readonly privateKey: KeyObject;
}

export function generateKey(): DemoKey {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  // The end of it (RFC 8410). Not as a JWK, which a generated key may stand still at: see private-kex.ts.
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);
  return {
    publicBlob: Buffer.concat([wireString('ssh-ed25519'), wireString(point)]),
    privateKey,
  };
}

/** One line as in a `-cert.pub` file: a user certificate for `subject`, valid from a minute ago for `seconds`. */
export function issueCertificate(
  ca: DemoKey,
  subject: DemoKey,
  options: {
    readonly keyId: string;
    readonly principal: string;
    readonly serial: bigint;
    readonly seconds: number;
  },
): string {
  const type = certificateTypeName('ssh-ed25519');
  const now = BigInt(Math.floor(Date.now() / 1000));
  // The subject's blob is `string type, string key`; the certificate carries the key alone.
  const key = subject.publicBlob.subarray(4 + 'ssh-ed25519'.length);
  const unsigned = Buffer.concat([
    wireString(type),
    wireString(randomBytes(32)),
    key,
    wireU64(options.serial),
    wireU32(1),
    wireString(options.keyId),
    wireString(wireString(options.principal)),
    wireU64(now - 60n),
    wireU64(now + BigInt(options.seconds)),
    wireString(''),
    wireString(''),
    wireString(''),
    wireString(ca.publicBlob),
  ]);
  const signature = Buffer.concat([
    wireString('ssh-ed25519'),
    wireString(sign(null, unsigned, ca.privateKey)),
  ]);
  return `${type} ${Buffer.concat([unsigned, wireString(signature)]).toString('base64')} ${options.keyId}\n`;
}

/** The private key as OpenSSH writes it unencrypted (PROTOCOL.key), for the file the demo's login reads. */
export function privateKeyFile(key: DemoKey): string {
  const { d = '', x = '' } = key.privateKey.export({ format: 'jwk' });
  const [secret, open] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const check = randomBytes(4);
  const body = Buffer.concat([
    check,
    check,
    wireString('ssh-ed25519'),
    wireString(open),
    wireString(Buffer.concat([secret, open])),
    wireString('demo'),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (body.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0', 'latin1'),
    wireString('none'),
    wireString('none'),
    wireString(''),
    wireU32(1),
    wireString(key.publicBlob),
    wireString(Buffer.concat([body, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
