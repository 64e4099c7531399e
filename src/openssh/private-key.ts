/**
 * Recognises private key files by their content, from their first bytes, without ever handing on key material:
 * what comes out is format, protection, type and the fingerprint of the public half.
 */
import { classifyBinaryKey } from './private-key-binary.js';
import { fingerprintOfPlain, readPublicBlob } from './key-blob.js';
import type { PrivateKeyClass } from './private-key-class.js';
import { WireError, WireReader } from './wire.js';

/** More than the longest public half; the rest of a file is never looked at. */
const MAX_HEAD_BYTES = 64 * 1024;
const OPENSSH_MAGIC = 'openssh-key-v1\0';

/**
 * What kind of private key a file starts with, or null when it is none. `head` may be the whole file or only its
 * first part: with about 1 KiB the fingerprint of an OpenSSH-format key is found as well, also when the key is
 * encrypted, for its public half is not. Junk before a PEM header is skipped, as OpenSSL does. Never throws.
 */
export function classifyPrivateKey(head: Uint8Array): PrivateKeyClass | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, MAX_HEAD_BYTES));
  const text = bytes.toString('latin1');
  if (text.startsWith('SSH PRIVATE KEY FILE FORMAT 1.1\n')) return classifySsh1(bytes);
  return classifyPutty(text) ?? classifyArmoured(text) ?? classifyBinaryKey(bytes);
}

function classifyArmoured(text: string): PrivateKeyClass | null {
  const found = /^[ \t]*-----BEGIN ([A-Z0-9 ]{0,40})PRIVATE KEY-----[ \t]*\r?$/m.exec(text);
  if (found === null) {
    const sshCom = /^---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----/m.test(text);
    // ssh.com's format says ENCRYPTED even when the cipher is none; only the binary part tells.
    return sshCom ? { format: 'other', encrypted: false, hardwareBound: false } : null;
  }
  const label = (found[1] ?? '').trim();
  const body = text.slice(found.index + found[0].length).split('-----END', 1)[0] ?? '';
  switch (label) {
    case 'OPENSSH':
      return classifyOpenssh(decodeHead(body));
    case 'ENCRYPTED':
      return { format: 'pkcs8', encrypted: true, hardwareBound: false };
    case '':
      return { format: 'pkcs8', encrypted: false, hardwareBound: false, ...pkcs8Type(decodeHead(body)) };
    default:
      return classifyPem(label, body);
  }
}

function classifyPem(label: string, body: string): PrivateKeyClass {
  const encrypted = /^[ \t]*Proc-Type:.*ENCRYPTED/m.test(body);
  const types: Readonly<Record<string, string>> = { RSA: 'ssh-rsa', DSA: 'ssh-dss', EC: 'ecdsa' };
  const keyType = types[label];
  if (keyType === undefined) return { format: 'other', encrypted, hardwareBound: false };
  return { format: 'pem', encrypted, hardwareBound: false, keyType };
}

/** As much of base64 as is there: the head may end anywhere. */
function decodeHead(body: string): Buffer {
  const compact = body.replace(/\s+/g, '');
  const whole = /^[A-Za-z0-9+/]*/.exec(compact)?.[0] ?? '';
  return Buffer.from(whole, 'base64');
}

/** magic, string cipher, string kdf, string kdf options, uint32 count, string public key (PROTOCOL.key). */
function classifyOpenssh(bytes: Buffer): PrivateKeyClass {
  const known: { encrypted: boolean; keyType?: string; fingerprint?: string } = { encrypted: true };
  try {
    const reader = new WireReader(bytes);
    if (reader.bytes(OPENSSH_MAGIC.length).toString('latin1') !== OPENSSH_MAGIC) return unreadable('openssh');
    const cipher = reader.name();
    known.encrypted = cipher !== 'none';
    reader.string();
    reader.string();
    reader.u32();
    const length = reader.u32();
    const half = reader.rest().subarray(0, length);
    Object.assign(known, typeName(new WireReader(half).name()));
    const { fields, plainBlob } = readPublicBlob(new WireReader(half));
    Object.assign(known, { keyType: fields.plain, fingerprint: fingerprintOfPlain(plainBlob) });
  } catch (error) {
    // A short head: what was read until then stands.
    if (!(error instanceof WireError)) throw error;
  }
  return { format: 'openssh', ...known, hardwareBound: isHardwareBound(known.keyType) };
}

/** A header that does not go on as it must. Not called encrypted: nothing shows that it is protected. */
function unreadable(format: PrivateKeyClass['format']): PrivateKeyClass {
  return { format, encrypted: false, hardwareBound: false };
}

/** Only what can be a type name is handed on, so that no other bytes of a crafted file are. */
function typeName(name: string): { keyType?: string } {
  return /^[\w@.+-]{1,80}$/.test(name) ? { keyType: name } : {};
}

function isHardwareBound(keyType: string | undefined): boolean {
  return keyType?.startsWith('sk-') ?? false;
}

/** Object identifiers of PKCS#8's algorithm field, DER, in hex. */
const PKCS8_TYPES: readonly (readonly [string, string])[] = [
  ['06092a864886f70d010101', 'ssh-rsa'],
  ['06072a8648ce380401', 'ssh-dss'],
  ['06082a8648ce3d030107', 'ecdsa-sha2-nistp256'],
  ['06052b81040022', 'ecdsa-sha2-nistp384'],
  ['06052b81040023', 'ecdsa-sha2-nistp521'],
  ['06032b6570', 'ssh-ed25519'],
];

function pkcs8Type(der: Buffer): { keyType?: string } {
  const start = der.subarray(0, 40).toString('hex');
  const found = PKCS8_TYPES.find(([oid]) => start.includes(oid));
  return found === undefined ? {} : { keyType: found[1] };
}

/** After the magic: NUL, one byte of cipher number (0: none), reserved, then the RSA numbers of protocol 1. */
function classifySsh1(bytes: Buffer): PrivateKeyClass {
  const cipher = bytes[33];
  return {
    format: 'ssh1',
    encrypted: cipher !== undefined && cipher !== 0,
    hardwareBound: false,
    keyType: 'rsa1',
  };
}

/** PuTTY's text format: headers, then `Public-Lines: n` lines of base64. */
function classifyPutty(text: string): PrivateKeyClass | null {
  const first = /^PuTTY-User-Key-File-[1-9]: ([^\r\n]{1,80})/.exec(text);
  if (first === null) return null;
  const cipher = /^Encryption: ([^\r\n]*)/m.exec(text)?.[1]?.trim();
  const base = { format: 'putty', encrypted: cipher !== undefined && cipher !== 'none' } as const;
  const publicLines = /^Public-Lines: \d{1,4}\r?\n((?:[A-Za-z0-9+/=]+\r?\n)*)/m.exec(text)?.[1] ?? '';
  try {
    const { fields, plainBlob } = readPublicBlob(new WireReader(Buffer.from(publicLines, 'base64')));
    const fingerprint = fingerprintOfPlain(plainBlob);
    return { ...base, hardwareBound: isHardwareBound(fields.plain), keyType: fields.plain, fingerprint };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { ...base, hardwareBound: false, ...typeName(first[1] ?? '') };
  }
}
