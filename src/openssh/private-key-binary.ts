/**
 * Private keys that are not text: dropbear's own format, and bare DER. Neither is ever encrypted.
 */
import {
  fingerprintOfPlain,
  readKeyFields,
  shapeOfTypeName,
  writePlainBlob,
  type KeyShape,
} from './key-blob.js';
import type { PrivateKeyClass } from './private-key-class.js';
import { WireError, WireReader, wireString } from './wire.js';

/** What `head` starts with, or null when it is no binary private key. Never throws. */
export function classifyBinaryKey(head: Buffer): PrivateKeyClass | null {
  return classifyDropbear(head) ?? classifyDer(head);
}

/** Dropbear writes the public key blob with the private numbers behind it, and nothing around. */
function classifyDropbear(head: Buffer): PrivateKeyClass | null {
  const length = head.length >= 4 ? head.readUInt32BE() : 0;
  if (length < 7 || length > 40 || head.length < 4 + length) return null;
  const name = head.toString('latin1', 4, 4 + length);
  const shape = shapeOfTypeName(name);
  if (shape === undefined || shape.certificate || shape.securityKey) return null;
  const known = { format: 'other', encrypted: false, hardwareBound: false, keyType: shape.plain } as const;
  try {
    const body = new WireReader(head.subarray(4 + length));
    if (shape.family === 'ed25519') return dropbearEd25519(body, shape, known);
    const fields = readKeyFields(body, shape);
    return body.done ? null : { ...known, fingerprint: fingerprintOfPlain(writePlainBlob(fields)) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    // The head ends inside the public half: only longer keys than a bare public blob are cut there.
    return known;
  }
}

/** One string of 64 bytes: 32 private, 32 public. A public blob has 32 bytes. */
function dropbearEd25519(body: WireReader, shape: KeyShape, known: PrivateKeyClass): PrivateKeyClass | null {
  if (body.u32() !== 64) return null;
  const both = body.rest();
  if (both.length < 64) return known;
  const publicHalf = new WireReader(wireString(both.subarray(32, 64)));
  return { ...known, fingerprint: fingerprintOfPlain(writePlainBlob(readKeyFields(publicHalf, shape))) };
}

/**
 * SEQUENCE { INTEGER 0 or 1, … }: PKCS#1, SEC 1 and PKCS#8 keys all begin like this. Lengths must fit, so that
 * certificates and random bytes do not.
 */
function classifyDer(head: Buffer): PrivateKeyClass | null {
  if (head[0] !== 0x30) return null;
  const lengthBytes = (head[1] ?? 0) >= 0x80 ? (head[1] ?? 0) - 0x80 : 0;
  if (lengthBytes > 2) return null;
  const at = 2 + lengthBytes;
  const isVersion = head[at] === 2 && head[at + 1] === 1 && (head[at + 2] ?? 0xff) <= 1;
  const next = head[at + 3];
  const isKey = isVersion && (next === 0x02 || next === 0x04 || next === 0x30);
  return isKey ? { format: 'other', encrypted: false, hardwareBound: false } : null;
}
