/**
 * Checks SSH signatures (RFC 4253, RFC 5656, RFC 8332, RFC 8709, OpenSSH PROTOCOL.u2f) with node:crypto.
 */
import { createHash, verify } from 'node:crypto';
import { coordinateBytes, keyObjectOf, type Curve, type KeyFields } from './key-blob.js';
import { WireError, WireReader, wireU32 } from './wire.js';

const RSA_HASHES: Readonly<Record<string, string>> = {
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
};
const CURVE_HASHES: Readonly<Record<Curve, string>> = {
  nistp256: 'sha256',
  nistp384: 'sha384',
  nistp521: 'sha512',
};
const WEBAUTHN = 'webauthn-sk-ecdsa-sha2-nistp256@openssh.com';

/** Flag bits of a FIDO assertion. */
const ATTESTED = 0x40;
const EXTENSIONS = 0x80;

const sha256 = (bytes: Uint8Array | string): Buffer => createHash('sha256').update(bytes).digest();

/** The algorithm a signature blob names, e.g. `rsa-sha2-512`. Throws {@link WireError} when it names none. */
export function signatureAlgorithm(signature: Uint8Array): string {
  const name = new WireReader(signature).name();
  if (name === '' || name.length > 128) throw new WireError('a signature without a plausible algorithm name');
  return name;
}

/**
 * Whether `signature` (algorithm name first) is `key`'s signature over `data`, judged as sshkey_verify does:
 * the algorithm must belong to the key's type and no byte may be left over. Never throws.
 */
export function verifySignature(key: KeyFields, data: Uint8Array, signature: Uint8Array): boolean {
  try {
    return check(key, data, new WireReader(signature));
  } catch {
    // Unparseable signatures and numbers node:crypto refuses are alike: not a signature by this key.
    return false;
  }
}

function check(key: KeyFields, data: Uint8Array, reader: WireReader): boolean {
  const algorithm = reader.name();
  const value = reader.string();
  if (key.family === 'ed25519' || key.family === 'ecdsa') {
    if (key.application !== undefined)
      return checkSecurityKey(key, key.application, algorithm, value, data, reader);
    if (algorithm !== key.plain || !reader.done) return false;
    return key.family === 'ed25519' ? checkEd25519(key, data, value) : checkEcdsa(key, data, value);
  }
  // Composite post-quantum signatures are beyond node:crypto: not verifiable is not valid.
  if (!reader.done || key.family === 'mldsa44-ed25519') return false;
  if (key.family === 'dss') {
    if (algorithm !== 'ssh-dss' || value.length !== 40) return false;
    return verify('sha1', data, { key: keyObjectOf(key), dsaEncoding: 'ieee-p1363' }, value);
  }
  const hash = RSA_HASHES[algorithm];
  // OpenSSH pads short RSA signatures: some signers drop leading zero bytes.
  if (hash === undefined || value.length === 0 || value.length > key.n.length) return false;
  const padded = Buffer.concat([Buffer.alloc(key.n.length - value.length), value]);
  return verify(hash, data, keyObjectOf(key), padded);
}

type Ed25519Fields = Extract<KeyFields, { family: 'ed25519' }>;
type EcdsaFields = Extract<KeyFields, { family: 'ecdsa' }>;

function checkEd25519(key: Ed25519Fields, data: Uint8Array, value: Buffer): boolean {
  return value.length === 64 && verify(null, data, keyObjectOf(key), value);
}

function checkEcdsa(key: EcdsaFields, data: Uint8Array, value: Buffer): boolean {
  const reader = new WireReader(value);
  const size = coordinateBytes(key.curve);
  const halves = [reader.mpint(), reader.mpint()];
  if (!reader.done || halves.some((half) => half.length === 0 || half.length > size)) return false;
  const fixed = Buffer.concat(halves.flatMap((half) => [Buffer.alloc(size - half.length), half]));
  return verify(CURVE_HASHES[key.curve], data, { key: keyObjectOf(key), dsaEncoding: 'ieee-p1363' }, fixed);
}

/** FIDO devices sign hash(application) || flags || counter || extensions || hash(message). */
function checkSecurityKey(
  key: Ed25519Fields | EcdsaFields,
  application: string,
  algorithm: string,
  value: Buffer,
  data: Uint8Array,
  reader: WireReader,
): boolean {
  const flags = reader.u8();
  const counter = wireU32(reader.u32());
  const webauthn =
    algorithm === WEBAUTHN && key.family === 'ecdsa' ? readWebauthn(reader, flags, data) : undefined;
  if (webauthn === null || !reader.done) return false;
  if (webauthn === undefined && algorithm !== key.plain) return false;
  const { messageHash, extensions } = webauthn ?? { messageHash: sha256(data), extensions: Buffer.alloc(0) };
  const signed = Buffer.concat([sha256(application), Buffer.from([flags]), counter, extensions, messageHash]);
  return key.family === 'ed25519' ? checkEd25519(key, signed, value) : checkEcdsa(key, signed, value);
}

/** What a browser signed instead of the message itself; null when it is not about `data`. */
function readWebauthn(
  reader: WireReader,
  flags: number,
  data: Uint8Array,
): { messageHash: Buffer; extensions: Buffer } | null {
  const origin = reader.name();
  const clientData = reader.string();
  const extensions = reader.string();
  const challenge = Buffer.from(data).toString('base64url');
  const preamble = `{"type":"webauthn.get","challenge":"${challenge}","origin":"${origin}"`;
  const flagsFit = (flags & ATTESTED) === 0 && ((flags & EXTENSIONS) !== 0) === extensions.length > 0;
  if (origin.includes('"') || !flagsFit || !clientData.toString('utf8').startsWith(preamble)) return null;
  return { messageHash: sha256(clientData), extensions };
}
