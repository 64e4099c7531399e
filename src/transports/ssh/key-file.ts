/** Reads identity files, once each: private keys become KeyObjects that every connection shares. */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync, statSync, type Stats } from 'node:fs';
import ssh2 from 'ssh2';
import { messageOf } from '../../errors.js';
import { parseCertificate, type ParsedCertificate } from '../../openssh/certificate.js';
import { parsePublicKeyLine } from '../../openssh/public-key.js';
import { writePlainBlob } from '../../openssh/key-blob.js';
import { WireReader } from '../../openssh/wire.js';

/** No key or certificate file is longer; a longer one was named by mistake. */
const MAX_FILE = 1024 * 1024;
const OPENSSH_MAGIC = 'openssh-key-v1\0';

export type KeyFile =
  | { readonly kind: 'private'; readonly plainBlob: Buffer; readonly key: KeyObject }
  /** Only the public half can be read: the private one is encrypted, or elsewhere (in an agent). */
  | { readonly kind: 'public' | 'encrypted'; readonly plainBlob?: Buffer; readonly fido?: true }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly why: string };

export type CertificateFile =
  | { readonly kind: 'certificate'; readonly certificate: ParsedCertificate; readonly blob: Buffer }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unusable'; readonly why: string };

export interface KeyFiles {
  key(path: string): KeyFile;
  certificate(path: string): CertificateFile;
}

/** Remembers what it read until the file changes, so that a certificate renewed during a run is seen. */
export function createKeyFiles(): KeyFiles {
  const keys = new Map<string, { readonly stamp: string; readonly value: KeyFile }>();
  const certificates = new Map<string, { readonly stamp: string; readonly value: CertificateFile }>();
  return {
    key: (path) => remembered(keys, path, readKey),
    certificate: (path) => remembered(certificates, path, readCertificate),
  };
}

type Failure = { readonly kind: 'missing' } | { readonly kind: 'unusable'; readonly why: string };

function remembered<T>(
  cache: Map<string, { readonly stamp: string; readonly value: T }>,
  path: string,
  read: (path: string, stats: Stats) => T | Failure,
): T | Failure {
  try {
    const stats = statSync(path);
    const stamp = `${String(stats.mtimeMs)} ${String(stats.ctimeMs)} ${String(stats.size)} ${String(stats.ino)}`;
    const known = cache.get(path);
    if (known?.stamp === stamp) return known.value;
    if (!stats.isFile()) return { kind: 'unusable', why: 'it is not a regular file' };
    if (stats.size > MAX_FILE) return { kind: 'unusable', why: `it is ${String(stats.size)} bytes long` };
    const value = read(path, stats);
    cache.set(path, { stamp, value: value as T });
    return value;
  } catch (error) {
    const errno = error instanceof Error && 'code' in error ? error.code : undefined;
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return { kind: 'missing' };
    return { kind: 'unusable', why: messageOf(error) };
  }
}

function readKey(path: string, stats: Stats): KeyFile {
  const text = readFileSync(path, 'utf8');
  if (!text.includes('PRIVATE KEY-----')) return readPublicLine(text);
  // As ssh(1) does: a private key others can read is not used.
  if ((stats.mode & 0o077) !== 0 && stats.uid === process.getuid?.()) {
    return {
      kind: 'unusable',
      why: `its mode ${(stats.mode & 0o777).toString(8).padStart(4, '0')} lets others read the private key (chmod 600)`,
    };
  }
  if (text.includes('BEGIN OPENSSH PRIVATE KEY')) return readOpensshKey(text);
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(text)) return encrypted(path);
  try {
    return fromKeyObject(createPrivateKey(text));
  } catch (error) {
    return { kind: 'unusable', why: `it is no private key this program can read: ${messageOf(error)}` };
  }
}

/** A PEM key hides its public half; it often lies beside it. */
function encrypted(path: string): KeyFile {
  try {
    const beside = readPublicLine(readFileSync(`${path}.pub`, 'utf8'));
    return beside.kind === 'public' && beside.plainBlob
      ? { kind: 'encrypted', plainBlob: beside.plainBlob }
      : { kind: 'encrypted' };
  } catch {
    return { kind: 'encrypted' };
  }
}

function readPublicLine(text: string): KeyFile {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  const parsed = parsePublicKeyLine(line);
  if (parsed === null) return { kind: 'unusable', why: 'it holds neither a private nor a public key' };
  if (parsed.type.includes('-cert-v01@'))
    return {
      kind: 'unusable',
      why: 'it is a certificate; name the private key here, and the certificate as certificate file',
    };
  return { kind: 'public', plainBlob: parsed.blob };
}

/** PROTOCOL.key: cipher name and public key stand in the clear before the private part. */
function readOpensshKey(text: string): KeyFile {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END OPENSSH PRIVATE KEY-----/.exec(
    text,
  )?.[1];
  try {
    const reader = new WireReader(Buffer.from(body ?? '', 'base64'));
    if (reader.bytes(OPENSSH_MAGIC.length).toString('latin1') !== OPENSSH_MAGIC)
      throw new Error('not in OpenSSH format');
    const cipher = reader.text();
    reader.string();
    reader.string();
    if (reader.u32() !== 1) throw new Error('it holds more than one key');
    const plainBlob = Buffer.from(reader.string());
    const type = new WireReader(plainBlob).text();
    // A FIDO handle is no key: its signatures come from the device, through an agent.
    if (type.startsWith('sk-')) return { kind: 'public', plainBlob, fido: true };
    if (cipher !== 'none') return { kind: 'encrypted', plainBlob };
    const parsed = ssh2.utils.parseKey(text);
    if (parsed instanceof Error) throw parsed;
    return { kind: 'private', plainBlob, key: createPrivateKey(parsed.getPrivatePEM()) };
  } catch (error) {
    return { kind: 'unusable', why: `it is no private key this program can read: ${messageOf(error)}` };
  }
}

function fromKeyObject(key: KeyObject): KeyFile {
  const jwk = createPublicKey(key).export({ format: 'jwk' });
  const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : '', 'base64url');
  if (jwk.kty === 'RSA')
    return {
      kind: 'private',
      key,
      plainBlob: writePlainBlob({ family: 'rsa', plain: 'ssh-rsa', e: bytes(jwk.e), n: bytes(jwk.n) }),
    };
  if (jwk.kty === 'OKP' && jwk.crv === 'Ed25519')
    return {
      kind: 'private',
      key,
      plainBlob: writePlainBlob({ family: 'ed25519', plain: 'ssh-ed25519', point: bytes(jwk.x) }),
    };
  const curve = ({ 'P-256': 'nistp256', 'P-384': 'nistp384', 'P-521': 'nistp521' } as const)[jwk.crv ?? ''];
  if (jwk.kty !== 'EC' || curve === undefined)
    return { kind: 'unusable', why: `keys of type ${jwk.kty ?? '?'} ${jwk.crv ?? ''} have no place in SSH` };
  const point = Buffer.concat([Buffer.from([4]), bytes(jwk.x), bytes(jwk.y)]);
  return {
    kind: 'private',
    key,
    plainBlob: writePlainBlob({ family: 'ecdsa', plain: `ecdsa-sha2-${curve}`, curve, point }),
  };
}

function readCertificate(path: string): CertificateFile {
  const line =
    readFileSync(path, 'utf8')
      .split('\n')
      .find((candidate) => candidate.trim() !== '') ?? '';
  const fields = line.trim().split(/\s+/);
  if (!fields[0]?.endsWith('-cert-v01@openssh.com'))
    return { kind: 'unusable', why: 'it holds no OpenSSH certificate' };
  try {
    const blob = Buffer.from(fields[1] ?? '', 'base64');
    return { kind: 'certificate', certificate: parseCertificate(blob), blob };
  } catch (error) {
    return { kind: 'unusable', why: `its certificate cannot be read: ${messageOf(error)}` };
  }
}
