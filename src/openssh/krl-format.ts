/**
 * The bytes of an OpenSSH key revocation list (PROTOCOL.krl, format version 1).
 */
import { readPublicBlob } from './key-blob.js';
import { verifySignature } from './signature.js';
import { WireError, WireReader } from './wire.js';

export const KRL_MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');

/** What a KRL revokes of one CA's certificates. */
export interface CertificateSection {
  /** Plain blob of the CA meant; null for any CA. A section for a certificate as CA never matches. */
  readonly ca: Buffer | null;
  readonly ranges: readonly { readonly from: bigint; readonly to: bigint }[];
  /** Serial `start + i` is revoked when bit `i` of the big-endian integer `bits` is set. */
  readonly bitmaps: readonly { readonly start: bigint; readonly bits: Buffer }[];
  readonly keyIds: readonly string[];
}

export interface Krl {
  readonly version: bigint;
  /** Seconds since the epoch. */
  readonly generated: bigint;
  readonly comment: string;
  readonly sections: readonly CertificateSection[];
  /** Plain blobs as they stand in the list. */
  readonly explicitKeys: readonly Buffer[];
  readonly sha1: readonly Buffer[];
  readonly sha256: readonly Buffer[];
  /** Plain blobs of the keys that signed it, each signature checked. */
  readonly signers: readonly Buffer[];
}

const SECTION = { certificates: 1, explicitKey: 2, sha1: 3, signature: 4, sha256: 5, extension: 255 };
const CERTIFICATE = { serialList: 0x20, serialRange: 0x21, serialBitmap: 0x22, keyId: 0x23, extension: 0x39 };

/** Signature checks are the only dear thing in a KRL; nobody signs one with more keys. */
const MAX_SIGNATURES = 16;
const LAST_SERIAL = 2n ** 64n - 1n;

/** Reads the whole list. @throws WireError exactly where OpenSSH would refuse to load it. */
export function readKrl(bytes: Buffer): Krl {
  const reader = new WireReader(bytes);
  if (!reader.bytes(KRL_MAGIC.length).equals(KRL_MAGIC)) throw new WireError('no KRL magic');
  const format = reader.u32();
  if (format !== 1) throw new WireError(`format version ${String(format)} is not known`);
  const [version, generated] = [reader.u64(), reader.u64()];
  reader.u64();
  reader.string();
  const comment = reader.name();
  const sections: CertificateSection[] = [];
  const lists: Record<'explicitKeys' | 'sha1' | 'sha256' | 'signers', Buffer[]> = {
    explicitKeys: [],
    sha1: [],
    sha256: [],
    signers: [],
  };
  while (!reader.done) {
    const type = reader.u8();
    const section = reader.string();
    if (type !== SECTION.signature && lists.signers.length > 0)
      throw new WireError('a section after the signature');
    if (type === SECTION.certificates) sections.push(readCertificateSection(new WireReader(section)));
    else if (type === SECTION.explicitKey) readBlobs(lists.explicitKeys, section);
    else if (type === SECTION.sha1) readBlobs(lists.sha1, section, 20);
    else if (type === SECTION.sha256) readBlobs(lists.sha256, section, 32);
    else if (type === SECTION.extension) readExtension(new WireReader(section));
    else if (type === SECTION.signature) {
      if (lists.signers.length === MAX_SIGNATURES) throw new WireError('too many signatures');
      lists.signers.push(readSignature(section, bytes.subarray(0, reader.offset), reader.string()));
    } else throw new WireError(`section type ${String(type)} is not known`);
  }
  return { version, generated, comment, sections, ...lists };
}

function readBlobs(into: Buffer[], section: Buffer, length?: number): void {
  const reader = new WireReader(section);
  while (!reader.done) {
    const blob = reader.string();
    if (length !== undefined && blob.length !== length) throw new WireError('a digest of the wrong length');
    into.push(blob);
  }
}

function readSignature(signer: Buffer, signed: Buffer, signature: Buffer): Buffer {
  const key = readPublicBlob(new WireReader(signer));
  if (!verifySignature(key.fields, signed, signature))
    throw new WireError('a signature that does not verify');
  return key.plainBlob;
}

/** Extensions may be ignored unless they say otherwise. */
function readExtension(reader: WireReader): void {
  const name = reader.name();
  const critical = reader.u8() !== 0;
  reader.string();
  if (!reader.done) throw new WireError('bytes after the end of an extension');
  if (critical) throw new WireError(`critical extension ${JSON.stringify(name.slice(0, 80))} is not known`);
}

function checkRange(from: bigint, to: bigint): { from: bigint; to: bigint } {
  if (from === 0n || from > to) throw new WireError('a serial range that is empty or holds serial 0');
  return { from, to };
}

function readCertificateSection(reader: WireReader): CertificateSection {
  const scope = reader.string();
  reader.string();
  const ranges: { from: bigint; to: bigint }[] = [];
  const bitmaps: { start: bigint; bits: Buffer }[] = [];
  const keyIds: string[] = [];
  while (!reader.done) {
    const type = reader.u8();
    const part = new WireReader(reader.string());
    switch (type) {
      case CERTIFICATE.serialList:
        while (!part.done) {
          const serial = part.u64();
          ranges.push(checkRange(serial, serial));
        }
        break;
      case CERTIFICATE.serialRange:
        ranges.push(checkRange(part.u64(), part.u64()));
        break;
      case CERTIFICATE.serialBitmap:
        bitmaps.push(readBitmap(part));
        break;
      case CERTIFICATE.keyId:
        while (!part.done) keyIds.push(part.name());
        break;
      case CERTIFICATE.extension:
        readExtension(part);
        break;
      default:
        throw new WireError(`certificate section type ${String(type)} is not known`);
    }
    if (!part.done) throw new WireError('bytes after the end of a certificate section');
  }
  return { ca: readScope(scope), ranges, bitmaps, keyIds };
}

function readBitmap(part: WireReader): { start: bigint; bits: Buffer } {
  const start = part.u64();
  const bits = part.mpint();
  const width = bits.length * 8 - Math.clz32(bits[0] ?? 0) + 24;
  if (bits.length > 0 && start + BigInt(width - 1) > LAST_SERIAL)
    throw new WireError('a bitmap beyond the last serial');
  if (start === 0n && ((bits.at(-1) ?? 0) & 1) === 1) throw new WireError('a bitmap with serial 0');
  return { start, bits };
}

function readScope(scope: Buffer): Buffer | null {
  if (scope.length === 0) return null;
  const reader = new WireReader(scope);
  const { certificate, plainBlob } = readPublicBlob(reader);
  // sshd compares whole keys, so a certificate equals no CA; its raw blob equals none either.
  return certificate ? scope : plainBlob;
}
