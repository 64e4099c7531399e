import fc from 'fast-check';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha1, uuid5 } from '../../reports/sha1.js';

const real = (data: string | Uint8Array) => createHash('sha1').update(data).digest();

describe('sha1', () => {
  it.each([0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 1000])('equals OpenSSL over %d bytes', (length) => {
    expect(sha1('a'.repeat(length))).toBe(real('a'.repeat(length)).toString('hex'));
  });

  it('equals OpenSSL over any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        expect(sha1(text)).toBe(real(text).toString('hex'));
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });
});

describe('uuid5', () => {
  it('is RFC 9562 version 5 over the name space and the parts', () => {
    const bytes = real(
      Buffer.concat([Buffer.from('6b1d0c5e937a4f428a6e21d45b90e73c', 'hex'), Buffer.from('["a","b"]')]),
    );
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    expect(uuid5('a', 'b').replaceAll('-', '')).toBe(bytes.subarray(0, 16).toString('hex'));
    expect(uuid5('a', 'b')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('keeps parts apart', () => {
    expect(uuid5('a', 'b')).not.toBe(uuid5('ab'));
    expect(uuid5('a"', 'b')).not.toBe(uuid5('a', '"b'));
  });
});
