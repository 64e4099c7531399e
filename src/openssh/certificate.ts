/**
 * OpenSSH certificates (PROTOCOL.certkeys, version 01): parsed from their bytes, because the text
 * `ssh-keygen -L` prints can be forged by the names inside.
 */
import type { Certificate } from '../facts/types.js';
import { decodeBase64 } from './base64.js';
import { certificateTypeName, fingerprintOfPlain, readPublicBlob, shapeOfTypeName } from './key-blob.js';
import { splitKeyLine } from './key-line.js';
import { signatureAlgorithm, verifySignature } from './signature.js';
import { WireError, WireReader } from './wire.js';

/** `validBefore` of a certificate that never expires. */
export const FOREVER = 2n ** 64n - 1n;

/** SSHKEY_CERT_MAX_PRINCIPALS. */
const MAX_PRINCIPALS = 256;
/** No longer certificate can be offered to sshd: an SSH packet carries at most 256 KiB. */
const MAX_CERTIFICATE_BYTES = 256 * 1024;
/** OpenSSH sets no limit; real certificates have fewer than ten. */
const MAX_OPTIONS = 1024;

export interface ParsedCertificate extends Certificate {
  /** The certified key alone, in canonical form. */
  readonly plainBlob: Buffer;
  /** The CA's public key, in canonical form. */
  readonly caBlob: Buffer;
  /** Everything the CA signed: from the type name to its own key. */
  readonly signedBytes: Buffer;
  /** The signature blob, algorithm name first. */
  readonly signature: Buffer;
}

interface Option {
  readonly name: string;
  readonly value: string;
}

function readPrincipals(bytes: Buffer): string[] {
  const reader = new WireReader(bytes);
  const principals: string[] = [];
  while (!reader.done) {
    if (principals.length === MAX_PRINCIPALS)
      throw new WireError(`more than ${String(MAX_PRINCIPALS)} principals`);
    principals.push(reader.name());
  }
  return principals;
}

function readOptions(bytes: Buffer, what: string): Option[] {
  const reader = new WireReader(bytes);
  const options: Option[] = [];
  while (!reader.done) {
    if (options.length === MAX_OPTIONS) throw new WireError(`more than ${String(MAX_OPTIONS)} ${what}`);
    options.push({ name: reader.name(), value: optionValue(reader.string()) });
  }
  return options;
}

/** Values are a string inside a string; flags are empty; anything else is shown as hex, e.g. `0x00ff`. */
function optionValue(data: Buffer): string {
  if (data.length === 0) return '';
  if (data.length < 4 || data.readUInt32BE() !== data.length - 4) return `0x${data.toString('hex')}`;
  return data.toString('utf8', 4);
}

/**
 * Parses one certificate blob. The signature is checked and the result kept in `signatureValid`: a certificate
 * with a bad signature is described, not refused, so that it can be reported.
 * @throws WireError when the bytes are not one whole certificate of a known type: cut, overlong, trailing bytes,
 * more than 256 principals, or a CA key that is itself a certificate.
 */
export function parseCertificate(blob: Uint8Array): ParsedCertificate {
  if (blob.length > MAX_CERTIFICATE_BYTES) throw new WireError('a certificate of more than 256 KiB');
  const bytes = Buffer.from(blob);
  const reader = new WireReader(bytes);
  const { fields, certificate, plainBlob } = readPublicBlob(reader);
  if (!certificate) throw new WireError(`a plain ${fields.plain} key, not a certificate`);
  const serial = reader.u64();
  const kind = reader.u32();
  const keyId = reader.name();
  const principals = readPrincipals(reader.string());
  const validAfter = reader.u64();
  const validBefore = reader.u64();
  const criticalOptions = readOptions(reader.string(), 'critical options');
  const extensions = readOptions(reader.string(), 'extensions');
  reader.string();
  const ca = readPublicBlob(new WireReader(reader.string()));
  if (ca.certificate) throw new WireError('signed by a certificate: only a plain key can be a CA');
  const signedBytes = bytes.subarray(0, reader.offset);
  const signature = reader.string();
  if (!reader.done) throw new WireError('bytes after the end of the certificate');
  return {
    type: certificateTypeName(fields.plain),
    kind: kind === 1 ? 'user' : kind === 2 ? 'host' : 'unknown',
    serial,
    keyId,
    principals,
    validAfter,
    validBefore,
    criticalOptions,
    extensions,
    fingerprint: fingerprintOfPlain(plainBlob),
    caFingerprint: fingerprintOfPlain(ca.plainBlob),
    caType: ca.fields.plain,
    signatureAlgorithm: signatureAlgorithm(signature),
    signatureValid: verifySignature(ca.fields, signedBytes, signature),
    plainBlob,
    caBlob: ca.plainBlob,
    signedBytes,
    signature,
  };
}

/** {@link parseCertificate} for bytes from a host: what is wrong comes back as a sentence. Never throws. */
export function tryParseCertificate(blob: Uint8Array): ParsedCertificate | { readonly problem: string } {
  try {
    return parseCertificate(blob);
  } catch (error) {
    if (error instanceof WireError) return { problem: error.message };
    throw error;
  }
}

/** One line of a `-cert.pub` file: `type base64 comment`. What is wrong comes back as a sentence. Never throws. */
export function parseCertificateLine(line: string): ParsedCertificate | { readonly problem: string } {
  const parts = splitKeyLine(line);
  if (parts === null) return { problem: 'not a line of the form: type base64 comment' };
  const shape = shapeOfTypeName(parts.type);
  if (shape === undefined)
    return { problem: `key type ${JSON.stringify(parts.type.slice(0, 80))} is not known` };
  if (!shape.certificate) return { problem: `a plain ${shape.plain} key, not a certificate` };
  if (parts.base64.length > 2 * MAX_CERTIFICATE_BYTES)
    return { problem: 'a certificate of more than 256 KiB' };
  const bytes = decodeBase64(parts.base64);
  if (bytes === null) return { problem: 'the second field is not base64' };
  const parsed = tryParseCertificate(bytes);
  if ('problem' in parsed || parsed.type === certificateTypeName(shape.plain)) return parsed;
  return { problem: `the line says ${parts.type} but holds ${parsed.type}` };
}

/** Whether the certificate's signature was made by the CA key it names. Trust in that CA is another matter. */
export function verifyCertificate(cert: ParsedCertificate): boolean {
  return verifySignature(
    readPublicBlob(new WireReader(cert.caBlob)).fields,
    cert.signedBytes,
    cert.signature,
  );
}

/** Validity as sshd judges it: from `validAfter` on, up to but not including `validBefore`. Seconds since 1970. */
export function certificateValidity(
  cert: Pick<Certificate, 'validAfter' | 'validBefore'>,
  nowSeconds: bigint,
): 'valid' | 'expired' | 'not-yet-valid' {
  if (nowSeconds < cert.validAfter) return 'not-yet-valid';
  return nowSeconds < cert.validBefore ? 'valid' : 'expired';
}

/** How long the certificate was made to be valid, seconds; 0 when it ends before it begins. */
export function lifetimeSeconds(cert: Pick<Certificate, 'validAfter' | 'validBefore'>): bigint | 'forever' {
  if (cert.validBefore === FOREVER) return 'forever';
  return cert.validBefore > cert.validAfter ? cert.validBefore - cert.validAfter : 0n;
}
