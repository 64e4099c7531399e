/**
 * The little DER (ITU-T X.690) that node:crypto asks for where it has no JSON form: DSA public keys.
 */

function der(tag: number, content: Buffer): Buffer {
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const hex = content.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content]);
}

/** OBJECT IDENTIFIER 1.2.840.10040.4.1 (id-dsa), complete. */
export const DSA_OID = Buffer.from('06072a8648ce380401', 'hex');

export function derSequence(parts: readonly Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

/** INTEGER of a non-negative big-endian magnitude without leading zeros. */
export function derInteger(magnitude: Buffer): Buffer {
  const needsZero = magnitude.length === 0 || (magnitude[0] ?? 0) >= 0x80;
  return der(0x02, needsZero ? Buffer.concat([Buffer.alloc(1), magnitude]) : magnitude);
}

export function derBitString(content: Buffer): Buffer {
  return der(0x03, Buffer.concat([Buffer.alloc(1), content]));
}
