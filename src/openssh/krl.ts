/**
 * RevokedKeys files: binary key revocation lists (OpenSSH PROTOCOL.krl) and plain lists of public keys, judged
 * as sshd judges them (authfile.c, sshkey_check_revoked; krl.c).
 */
import { createHash } from 'node:crypto';
import type { RevokedKeysFile } from '../facts/types.js';
import type { ParsedCertificate } from './certificate.js';
import { fingerprintOfPlain, readPublicBlob } from './key-blob.js';
import { cLine } from './key-line.js';
import { KRL_MAGIC, readKrl, type CertificateSection, type Krl } from './krl-format.js';
import { parsePublicKeyLine, plainBlob } from './public-key.js';
import { WireError, WireReader } from './wire.js';

/** How many serial ranges, keys or key IDs are listed; what is revoked beyond that still counts. */
const MAX_LISTED = 10_000;

/** The contents of a RevokedKeys file: what can be listed, and what {@link isRevoked} looks in. */
export interface RevokedKeys extends Omit<RevokedKeysFile, 'file'> {
  readonly krl?: Krl;
  /** Plain blobs, hex, of a text list. */
  readonly listed?: ReadonlySet<string>;
}

const NOTHING = { keys: [], serials: [], keyIds: [], caKeys: [] };

/**
 * Reads a whole RevokedKeys file. `invalid` means that sshd refuses every key and certificate while the file is
 * in force. In `keys`, entries are `SHA256:…`, or `SHA1:…` for a KRL's SHA-1 entries; in `serials`, `ca` is the
 * fingerprint of the CA meant, or `*` for any. Never throws.
 */
export function parseRevokedKeys(bytes: Uint8Array): RevokedKeys {
  if (bytes.length === 0) return { ...NOTHING, format: 'empty', detail: 'an empty file revokes nothing' };
  const buffer = Buffer.from(bytes);
  if (!buffer.subarray(0, KRL_MAGIC.length).equals(KRL_MAGIC)) return parseTextList(buffer.toString('utf8'));
  try {
    const krl = readKrl(buffer);
    const problem = signersProblem(krl);
    if (problem !== undefined) throw new WireError(problem);
    return describe(krl);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { ...NOTHING, format: 'invalid', detail: `broken KRL: ${error.message}` };
  }
}

function signersProblem(krl: Krl): string | undefined {
  const signers = krl.signers.map((signer) => signer.toString('hex'));
  if (new Set(signers).size < signers.length) return 'signed twice with the same key';
  const allRevoked = signers.length > 0 && krl.signers.every((signer) => keyRevoked(krl, signer));
  return allRevoked ? 'every key that signed it is revoked in it' : undefined;
}

/** sshd reads a text list line by line and refuses the key in hand when a line does not parse. */
function parseTextList(text: string): RevokedKeys {
  const listed = new Map<string, string>();
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  for (const [index, raw] of lines.entries()) {
    const line = cLine(raw).replace(/^[ \t]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const key = parsePublicKeyLine(line);
    if (key === null) {
      const detail = `line ${String(index + 1)} is no public key: sshd refuses every key`;
      return { ...NOTHING, format: 'invalid', detail };
    }
    const plain = plainBlob(key.blob);
    listed.set(plain.toString('hex'), fingerprintOfPlain(plain));
  }
  if (listed.size === 0)
    return { ...NOTHING, format: 'empty', detail: 'no key in the list: nothing is revoked' };
  const detail = `a text list of ${String(listed.size)} keys`;
  return { ...NOTHING, keys: [...listed.values()], listed: new Set(listed.keys()), format: 'text', detail };
}

function describe(krl: Krl): RevokedKeys {
  const hash = (name: string, bytes: Buffer): string =>
    `${name}:${bytes.toString('base64').replace(/=+$/, '')}`;
  const keys = [
    ...krl.explicitKeys.map(fingerprintOfPlain),
    ...krl.sha256.map((digest) => hash('SHA256', digest)),
    ...krl.sha1.map((digest) => hash('SHA1', digest)),
  ];
  const serials = listSerials(krl.sections);
  const keyIds = krl.sections.flatMap((section) => section.keyIds);
  const cas = krl.sections.flatMap((section) =>
    section.ca === null ? [] : [fingerprintOfPlain(section.ca)],
  );
  const cut = [keys, serials, keyIds].some((list) => list.length > MAX_LISTED);
  const generated =
    krl.generated <= 8_640_000_000_000n ? new Date(Number(krl.generated) * 1000).toISOString() : '?';
  return {
    format: 'krl',
    detail: `KRL version ${String(krl.version)}, generated ${generated}${cut ? '; too long to list in full' : ''}`,
    keys: keys.slice(0, MAX_LISTED),
    serials: serials.slice(0, MAX_LISTED),
    keyIds: keyIds.slice(0, MAX_LISTED),
    caKeys: [...new Set(cas)],
    krlVersion: String(krl.version),
    krl,
  };
}

interface Serials {
  readonly ca: string;
  readonly from: string;
  readonly to: string;
}

/** Ranges and runs of set bits: one more than is shown at most, so that the cut is noticed. */
function listSerials(sections: readonly CertificateSection[]): Serials[] {
  const out: Serials[] = [];
  for (const section of sections) {
    const ca = section.ca === null ? '*' : fingerprintOfPlain(section.ca);
    for (const { from, to } of serialRuns(section)) {
      if (out.length > MAX_LISTED) return out;
      out.push({ ca, from: String(from), to: String(to) });
    }
  }
  return out;
}

function* serialRuns({ ranges, bitmaps }: CertificateSection): Generator<{ from: bigint; to: bigint }> {
  yield* ranges;
  for (const { start, bits } of bitmaps) {
    let first: number | null = null;
    for (let bit = 0; bit <= bits.length * 8; bit += 1) {
      const set = isSet(bits, bit);
      if (set) first ??= bit;
      else if (first !== null) {
        yield { from: start + BigInt(first), to: start + BigInt(bit - 1) };
        first = null;
      }
    }
  }
}

/** Bit 0 is the lowest bit of the last byte: bitmaps are big-endian integers. */
function isSet(bits: Buffer, bit: number): boolean {
  return (((bits[bits.length - 1 - (bit >> 3)] ?? 0) >> (bit & 7)) & 1) === 1;
}

function keyRevoked(krl: Krl, plain: Buffer): boolean {
  const digest = (name: string): Buffer => createHash(name).update(plain).digest();
  const [sha1, sha256] = [digest('sha1'), digest('sha256')];
  return (
    krl.sha1.some((entry) => entry.equals(sha1)) ||
    krl.sha256.some((entry) => entry.equals(sha256)) ||
    krl.explicitKeys.some((entry) => entry.equals(plain))
  );
}

function sectionRevokes(section: CertificateSection, cert: CertificateIdentity): boolean {
  if (section.ca !== null && !section.ca.equals(cert.caBlob)) return false;
  if (section.keyIds.includes(cert.keyId)) return true;
  // No list can hold serial 0, which means that the CA gave none.
  const { serial } = cert;
  if (section.ranges.some(({ from, to }) => from <= serial && serial <= to)) return true;
  return section.bitmaps.some(({ start, bits }) => {
    const bit = serial - start;
    return bit >= 0n && bit < BigInt(bits.length * 8) && isSet(bits, Number(bit));
  });
}

type CertificateIdentity = Pick<ParsedCertificate, 'plainBlob' | 'caBlob' | 'serial' | 'keyId'>;

/**
 * Whether sshd would refuse this key or certificate because of the file; what `ssh-keygen -Q` says of KRLs. A
 * certificate is revoked by its serial, its key ID, its own key or its CA's key. An invalid file revokes
 * everything. `target.blob` is a public key blob (for a certificate, pass the parsed certificate).
 * @throws WireError when `target.blob` is no public key.
 */
export function isRevoked(
  revoked: RevokedKeys,
  target: { readonly blob: Uint8Array } | CertificateIdentity,
): boolean {
  if (revoked.format === 'invalid') return true;
  const cert = 'blob' in target ? null : target;
  const plain = 'blob' in target ? readPublicBlob(new WireReader(target.blob)).plainBlob : target.plainBlob;
  const keys = cert === null ? [plain] : [plain, cert.caBlob];
  const { listed, krl } = revoked;
  if (listed !== undefined) return keys.some((key) => listed.has(key.toString('hex')));
  if (krl === undefined) return false;
  if (keys.some((key) => keyRevoked(krl, key))) return true;
  return cert !== null && krl.sections.some((section) => sectionRevokes(section, cert));
}
