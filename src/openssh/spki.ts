/**
 * Public keys as other tools write them (SubjectPublicKeyInfo, RFC 5280 section 4.1.2.7), into OpenSSH's own form.
 */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { fingerprintOfPlain, writePlainBlob, type KeyFields } from './key-blob.js';

/**
 * Type and fingerprint of the SSH key with these numbers; null for bytes that are no key, and for keys that have no
 * place in SSH (X25519, P-256K, RSA-PSS parameters). Never throws.
 */
export function identifySpki(
  der: Uint8Array,
): { readonly keyType: string; readonly fingerprint: string } | null {
  const fields = fieldsOf(der);
  return fields && { keyType: fields.plain, fingerprint: fingerprintOfPlain(writePlainBlob(fields)) };
}

const CURVES = { 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' } as const;

function fieldsOf(der: Uint8Array): KeyFields | null {
  let jwk: JsonWebKey;
  try {
    jwk = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }).export({ format: 'jwk' });
  } catch {
    return null;
  }
  const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : '', 'base64url');
  if (jwk.kty === 'RSA') return { family: 'rsa', plain: 'ssh-rsa', e: bytes(jwk.e), n: bytes(jwk.n) };
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519')
    return { family: 'ed25519', plain: 'ssh-ed25519', point: bytes(jwk.x) };
  const curve = Object.entries(CURVES).find(([name]) => name === jwk.crv)?.[1];
  if (jwk.kty !== 'EC' || curve === undefined) return null;
  const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
  return { family: 'ecdsa', plain: `ecdsa-sha2-${curve}`, curve, point };
}
