/**
 * SHA-1 (FIPS 180-4, section 6.1.2) and UUID version 5 (RFC 9562, section 5.5), which asks for it. Names, not
 * secrets: nothing here is trusted for being hard to forge. Reports are pure, so node:crypto is out of reach.
 */
import { utf8Bytes } from './utf8.js';

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));

function padded(bytes: readonly number[]): number[] {
  const all = [...bytes, 0x80];
  while (all.length % 64 !== 56) all.push(0);
  const bits = bytes.length * 8;
  for (const part of [Math.floor(bits / 2 ** 32), bits >>> 0])
    all.push(part >>> 24, (part >>> 16) & 0xff, (part >>> 8) & 0xff, part & 0xff);
  return all;
}

/** One round's function and constant. */
function step(round: number, b: number, c: number, d: number): readonly [number, number] {
  if (round < 20) return [(b & c) | (~b & d), 0x5a827999];
  if (round < 40) return [b ^ c ^ d, 0x6ed9eba1];
  if (round < 60) return [(b & c) | (b & d) | (c & d), 0x8f1bbcdc];
  return [b ^ c ^ d, 0xca62c1d6];
}

function digest(bytes: readonly number[]): readonly number[] {
  const all = padded(bytes);
  let state: readonly [number, number, number, number, number] = [
    0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0,
  ];
  const words = new Int32Array(80);
  for (let at = 0; at < all.length; at += 64) {
    for (let i = 0; i < 16; i += 1) {
      const [p = 0, q = 0, r = 0, s = 0] = all.slice(at + i * 4, at + i * 4 + 4);
      words[i] = (p << 24) | (q << 16) | (r << 8) | s;
    }
    for (let i = 16; i < 80; i += 1)
      words[i] = rotate(
        (words[i - 3] ?? 0) ^ (words[i - 8] ?? 0) ^ (words[i - 14] ?? 0) ^ (words[i - 16] ?? 0),
        1,
      );
    let [a, b, c, d, e] = state;
    for (let i = 0; i < 80; i += 1) {
      const [mixed, constant] = step(i, b, c, d);
      [a, b, c, d, e] = [(rotate(a, 5) + mixed + e + constant + (words[i] ?? 0)) | 0, a, rotate(b, 30), c, d];
    }
    const [h0, h1, h2, h3, h4] = state;
    state = [(h0 + a) | 0, (h1 + b) | 0, (h2 + c) | 0, (h3 + d) | 0, (h4 + e) | 0];
  }
  return state.flatMap((word) => [word >>> 24, (word >>> 16) & 0xff, (word >>> 8) & 0xff, word & 0xff]);
}

const hex = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** SHA-1 of the text's UTF-8, 40 hex digits. */
export function sha1(text: string): string {
  return hex(digest(utf8Bytes(text)));
}

/** The name space of all our names: a random UUID, chosen once. */
const NAMESPACE = [
  0x6b, 0x1d, 0x0c, 0x5e, 0x93, 0x7a, 0x4f, 0x42, 0x8a, 0x6e, 0x21, 0xd4, 0x5b, 0x90, 0xe7, 0x3c,
];

/** The UUID of what these parts name: the same parts, the same UUID, on every machine. */
export function uuid5(...parts: readonly string[]): string {
  const bytes = digest([...NAMESPACE, ...utf8Bytes(JSON.stringify(parts))]).slice(0, 16);
  const marked = bytes.map((byte, index) =>
    index === 6 ? (byte & 0x0f) | 0x50 : index === 8 ? (byte & 0x3f) | 0x80 : byte,
  );
  return hex(marked).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
