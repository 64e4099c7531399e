/**
 * The public part of a key as it stands in SSH blobs (RFC 4253 section 6.6, RFC 5656 section 3.1, RFC 8709,
 * OpenSSH PROTOCOL.u2f), read as sshd reads it and written back in its one canonical form.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { derBitString, derInteger, derSequence, DSA_OID } from './der.js';
import { WireError, WireReader, wireMpint, wireString } from './wire.js';

export type Curve = 'nistp256' | 'nistp384' | 'nistp521';

/** What a key type name stands for. */
export interface KeyShape {
  /** The one plain name OpenSSH writes for it, e.g. `ssh-rsa` also for `rsa-sha2-512`. */
  readonly plain: string;
  readonly family: 'ed25519' | 'rsa' | 'dss' | 'ecdsa' | 'mldsa44-ed25519';
  readonly curve?: Curve;
  /** FIDO: the key has an application and lives in a device. */
  readonly securityKey: boolean;
  readonly certificate: boolean;
}

/** The numbers of one public key. */
export type KeyFields =
  | {
      readonly family: 'ed25519';
      readonly plain: string;
      readonly point: Buffer;
      readonly application?: string;
    }
  | {
      readonly family: 'ecdsa';
      readonly plain: string;
      readonly curve: Curve;
      readonly point: Buffer;
      readonly application?: string;
    }
  | { readonly family: 'mldsa44-ed25519'; readonly plain: string; readonly point: Buffer }
  | { readonly family: 'rsa'; readonly plain: string; readonly e: Buffer; readonly n: Buffer }
  | {
      readonly family: 'dss';
      readonly plain: string;
      readonly p: Buffer;
      readonly q: Buffer;
      readonly g: Buffer;
      readonly y: Buffer;
    };

const CURVES: Readonly<
  Record<Curve, { readonly bits: number; readonly bytes: number; readonly jwk: string }>
> = {
  nistp256: { bits: 256, bytes: 32, jwk: 'P-256' },
  nistp384: { bits: 384, bytes: 48, jwk: 'P-384' },
  nistp521: { bits: 521, bytes: 66, jwk: 'P-521' },
};

/** SSH_RSA_MINIMUM_MODULUS_SIZE: shorter keys do not parse. */
const MIN_RSA_BITS = 1024;
/** Longest FIDO application string taken; OpenSSH's default is `ssh:`. */
const MAX_APPLICATION_BYTES = 1024;

/** An ML-DSA-44 public key and an Ed25519 one, back to back (draft-miller-sshm-composite-sigs). */
const MLDSA44_ED25519_BYTES = 1312 + 32;

const PLAIN: readonly (Omit<KeyShape, 'certificate' | 'securityKey'> & { aliases?: readonly string[] })[] = [
  { plain: 'ssh-ed25519', family: 'ed25519' },
  { plain: 'ssh-rsa', family: 'rsa', aliases: ['rsa-sha2-256', 'rsa-sha2-512'] },
  { plain: 'ecdsa-sha2-nistp256', family: 'ecdsa', curve: 'nistp256' },
  { plain: 'ecdsa-sha2-nistp384', family: 'ecdsa', curve: 'nistp384' },
  { plain: 'ecdsa-sha2-nistp521', family: 'ecdsa', curve: 'nistp521' },
  { plain: 'sk-ssh-ed25519@openssh.com', family: 'ed25519' },
  {
    plain: 'sk-ecdsa-sha2-nistp256@openssh.com',
    family: 'ecdsa',
    curve: 'nistp256',
    aliases: ['webauthn-sk-ecdsa-sha2-nistp256@openssh.com'],
  },
  { plain: 'ssh-dss', family: 'dss' },
  { plain: 'ssh-mldsa44-ed25519@openssh.com', family: 'mldsa44-ed25519' },
  { plain: 'ssh-mldsa44-ed25519', family: 'mldsa44-ed25519' },
];

const SHAPES = new Map<string, KeyShape>();
for (const { aliases = [], ...shape } of PLAIN) {
  const securityKey = shape.plain.startsWith('sk-');
  for (const name of [shape.plain, ...aliases]) {
    SHAPES.set(name, { ...shape, securityKey, certificate: false });
    SHAPES.set(certificateTypeName(name), { ...shape, securityKey, certificate: true });
  }
}

/** sshkey_type_from_name also takes these, in any case, inside a blob (never at the start of a text line). */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  ed25519: 'ssh-ed25519',
  'ed25519-sk': 'sk-ssh-ed25519@openssh.com',
  rsa: 'ssh-rsa',
  dsa: 'ssh-dss',
};

/** Canonical names of the plain key types known here, in the order OpenSSH prefers them. */
export const KEY_TYPES: readonly string[] = PLAIN.map((shape) => shape.plain);

/** What a type name at the start of a text line stands for, or undefined when OpenSSH knows no such type. */
export function shapeOfTypeName(name: string): KeyShape | undefined {
  return SHAPES.get(name);
}

/** What a type name inside a blob stands for: as {@link shapeOfTypeName}, and the short names. */
function shapeOfBlobType(name: string): KeyShape | undefined {
  return SHAPES.get(name) ?? SHAPES.get(SHORT_NAMES[name.toLowerCase()] ?? '');
}

function curvePoint(reader: WireReader, curve: Curve): Buffer {
  const point = reader.string();
  if (point[0] !== 4) throw new WireError('an elliptic-curve point that is not uncompressed');
  if (point.length !== 1 + 2 * CURVES[curve].bytes)
    throw new WireError(`a point of the wrong length for ${curve}`);
  return point;
}

function application(reader: WireReader): string {
  const value = reader.name();
  if (value.length > MAX_APPLICATION_BYTES) throw new WireError('an overlong security-key application');
  return value;
}

function bitLength(magnitude: Buffer): number {
  const top = magnitude[0];
  return top === undefined ? 0 : (magnitude.length - 1) * 8 + (32 - Math.clz32(top));
}

/**
 * The fields that follow the type name (and, in certificates, the nonce).
 * Throws {@link WireError}: wrong lengths, wrong curve, a point off its curve, RSA below 1024 bits.
 */
export function readKeyFields(reader: WireReader, shape: KeyShape): KeyFields {
  const { plain, family } = shape;
  if (family === 'rsa') {
    const fields = { family, plain, e: reader.mpint(), n: reader.mpint() };
    if (bitLength(fields.n) < MIN_RSA_BITS)
      throw new WireError(`an RSA key of ${String(bitLength(fields.n))} bits`);
    return fields;
  }
  if (family === 'dss') {
    return { family, plain, p: reader.mpint(), q: reader.mpint(), g: reader.mpint(), y: reader.mpint() };
  }
  if (family === 'mldsa44-ed25519') {
    const point = reader.string();
    if (point.length !== MLDSA44_ED25519_BYTES)
      throw new WireError(`a composite key of ${String(point.length)} bytes`);
    return { family, plain, point };
  }
  if (family === 'ed25519') {
    const point = reader.string();
    if (point.length !== 32) throw new WireError(`an Ed25519 key of ${String(point.length)} bytes`);
    return shape.securityKey
      ? { family, plain, point, application: application(reader) }
      : { family, plain, point };
  }
  const curve = shape.curve ?? 'nistp256';
  const named = reader.name();
  if (named !== curve) throw new WireError(`curve ${JSON.stringify(named)} in a key of type ${plain}`);
  const point = curvePoint(reader, curve);
  const bare = { family, plain, curve, point };
  const fields = shape.securityKey ? { ...bare, application: application(reader) } : bare;
  keyObjectOf(fields);
  return fields;
}

/** The plain blob OpenSSH would write for these fields: what fingerprints and comparisons are made of. */
export function writePlainBlob(fields: KeyFields): Buffer {
  const type = wireString(fields.plain);
  switch (fields.family) {
    case 'rsa':
      return Buffer.concat([type, wireMpint(fields.e), wireMpint(fields.n)]);
    case 'dss':
      return Buffer.concat([type, ...[fields.p, fields.q, fields.g, fields.y].map(wireMpint)]);
    case 'mldsa44-ed25519':
      return Buffer.concat([type, wireString(fields.point)]);
    case 'ed25519':
      return Buffer.concat([type, wireString(fields.point), ...applicationOf(fields)]);
    case 'ecdsa':
      return Buffer.concat([
        type,
        wireString(fields.curve),
        wireString(fields.point),
        ...applicationOf(fields),
      ]);
  }
}

function applicationOf(fields: { readonly application?: string }): Buffer[] {
  return fields.application === undefined ? [] : [wireString(fields.application)];
}

/** Size as `ssh-keygen -l` prints it, bits; 0 for composite keys, whose strength no single number tells. */
export function bitsOf(fields: KeyFields): number {
  switch (fields.family) {
    case 'rsa':
      return bitLength(fields.n);
    case 'dss':
      return bitLength(fields.p);
    case 'ecdsa':
      return CURVES[fields.curve].bits;
    case 'ed25519':
      return 256;
    case 'mldsa44-ed25519':
      return 0;
  }
}

/** The type name a certificate for such a key has on disk. */
export function certificateTypeName(plain: string): string {
  return `${plain.replace('@openssh.com', '')}-cert-v01@openssh.com`;
}

/** One public key blob, read whole: its fields and whether they were wrapped in a certificate. */
interface PublicBlob {
  readonly fields: KeyFields;
  readonly certificate: boolean;
  /** The one form OpenSSH writes: equal keys have equal plain blobs, however the input was spelled. */
  readonly plainBlob: Buffer;
}

/**
 * Reads type and fields from the front of a blob. In a certificate the rest is left in the reader; after a plain
 * key nothing may follow. Throws {@link WireError}.
 */
export function readPublicBlob(reader: WireReader): PublicBlob {
  const name = reader.name();
  const shape = shapeOfBlobType(name);
  if (shape === undefined) throw new WireError(`key type ${JSON.stringify(name.slice(0, 80))} is not known`);
  if (shape.certificate) reader.string();
  const fields = readKeyFields(reader, shape);
  if (!shape.certificate && !reader.done) throw new WireError('bytes after the end of the key');
  return { fields, certificate: shape.certificate, plainBlob: writePlainBlob(fields) };
}

/** `SHA256:…` as OpenSSH prints it, of a plain blob in canonical form. */
export function fingerprintOfPlain(plainBlob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(plainBlob).digest('base64').replace('=', '')}`;
}

/** How many bytes one coordinate, and one half of a signature, has on a curve. */
export function coordinateBytes(curve: Curve): number {
  return CURVES[curve].bytes;
}

/**
 * The key for node:crypto. Throws {@link WireError} when the numbers are no key (a point off its curve) and for
 * composite ML-DSA keys, which node:crypto cannot hold.
 */
export function keyObjectOf(fields: KeyFields): KeyObject {
  if (fields.family === 'mldsa44-ed25519') throw new WireError(`${fields.plain} keys cannot be used here`);
  try {
    return importKey(fields);
  } catch (error) {
    throw new WireError(`not a usable ${fields.plain} key`, { cause: error });
  }
}

function importKey(fields: Exclude<KeyFields, { family: 'mldsa44-ed25519' }>): KeyObject {
  const base64url = (bytes: Buffer): string => bytes.toString('base64url');
  switch (fields.family) {
    case 'ed25519':
      return createPublicKey({
        key: { kty: 'OKP', crv: 'Ed25519', x: base64url(fields.point) },
        format: 'jwk',
      });
    case 'rsa':
      return createPublicKey({
        key: { kty: 'RSA', n: base64url(fields.n), e: base64url(fields.e) },
        format: 'jwk',
      });
    case 'ecdsa': {
      const { bytes, jwk } = CURVES[fields.curve];
      const x = base64url(fields.point.subarray(1, 1 + bytes));
      const y = base64url(fields.point.subarray(1 + bytes));
      return createPublicKey({ key: { kty: 'EC', crv: jwk, x, y }, format: 'jwk' });
    }
    case 'dss': {
      const parameters = derSequence([fields.p, fields.q, fields.g].map(derInteger));
      const algorithm = derSequence([DSA_OID, parameters]);
      const spki = derSequence([algorithm, derBitString(derInteger(fields.y))]);
      return createPublicKey({ key: spki, format: 'der', type: 'spki' });
    }
  }
}
