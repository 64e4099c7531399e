/**
 * Public keys as OpenSSH writes them in text files (sshd(8), AUTHORIZED_KEYS FILE FORMAT) and in blobs.
 */
import type { KeyObject } from 'node:crypto';
import { decodeBase64 } from './base64.js';
import { parseCertificate } from './certificate.js';
import {
  bitsOf,
  certificateTypeName,
  fingerprintOfPlain,
  keyObjectOf,
  readPublicBlob,
  shapeOfTypeName,
} from './key-blob.js';
import { splitKeyLine } from './key-line.js';
import { WireError, WireReader } from './wire.js';

export { KEY_TYPES } from './key-blob.js';

export interface ParsedPublicKey {
  /** OpenSSH's name for the type, e.g. `ssh-rsa` also when the line says `rsa-sha2-512`. */
  readonly type: string;
  /** A plain key in its canonical form, or the certificate as it stands. */
  readonly blob: Buffer;
  readonly comment: string;
}

/**
 * One line of the plain form `type base64 comment`, accepted exactly when sshkey_read accepts it: a known type,
 * strict base64, the type inside equal to the type outside, every byte used, plausible lengths, and for a
 * certificate a good signature by its own CA. Null for everything else; never throws.
 */
export function parsePublicKeyLine(line: string): ParsedPublicKey | null {
  const parts = splitKeyLine(line);
  const shape = parts === null ? undefined : shapeOfTypeName(parts.type);
  const bytes = parts === null ? null : decodeBase64(parts.base64);
  if (parts === null || shape === undefined || bytes === null) return null;
  try {
    const { fields, certificate, plainBlob: plain } = readPublicBlob(new WireReader(bytes));
    if (fields.plain !== shape.plain || certificate !== shape.certificate) return null;
    if (!certificate) return { type: fields.plain, blob: plain, comment: parts.comment };
    if (!parseCertificate(bytes).signatureValid) return null;
    return { type: certificateTypeName(fields.plain), blob: bytes, comment: parts.comment };
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** The plain key in canonical form; of a certificate, the key it certifies. Throws {@link WireError}. */
export function plainBlob(blob: Uint8Array): Buffer {
  return readPublicBlob(new WireReader(blob)).plainBlob;
}

/** `SHA256:…` of the plain key, for a certificate too, as `ssh-keygen -l` prints it. Throws {@link WireError}. */
export function fingerprint(blob: Uint8Array): string {
  return fingerprintOfPlain(plainBlob(blob));
}

/** Size in bits, as `ssh-keygen -l` prints it. Throws {@link WireError}. */
export function keyBits(blob: Uint8Array): number {
  return bitsOf(readPublicBlob(new WireReader(blob)).fields);
}

/** The key for node:crypto; of a certificate, the key it certifies. Throws {@link WireError}. */
export function publicKeyObject(blob: Uint8Array): KeyObject {
  return keyObjectOf(readPublicBlob(new WireReader(blob)).fields);
}
