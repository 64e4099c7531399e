import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8Bytes, utf8Length } from '../../reports/utf8.js';

describe('utf8', () => {
  it('equals what Node encodes, lone surrogates included', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(
            fc.constantFrom('\ud800', '\udc00', '\u{1f600}', 'é', '日', '\u07ff', '\u0800'),
            fc.string({ unit: 'binary', maxLength: 2 }),
          ),
        }),
        (text) => {
          expect(utf8Bytes(text)).toEqual([...Buffer.from(text, 'utf8')]);
          expect(utf8Length(text)).toBe(Buffer.byteLength(text, 'utf8'));
        },
      ),
      { seed: 20261121, numRuns: 2000 },
    );
  });
});
