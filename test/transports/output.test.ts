/** Bytes of one stream, kept up to a limit. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createOutput } from '../../src/transports/output.js';

it('keeps the first bytes up to the limit, and says when there are more', () => {
  fc.assert(
    fc.property(
      fc.nat(70_000),
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }),
      fc.nat(60_000),
      (limit, chunks, large) => {
        const output = createOutput(limit);
        const all = [...chunks, new Uint8Array(large).fill(7)].map((chunk) => Buffer.from(chunk));
        let size = 0;
        for (const chunk of all) {
          size += chunk.length;
          const fits = output.take(chunk);
          if (fits && chunk.length > 0) expect(size).toBeLessThanOrEqual(limit);
        }
        expect(output.bytes().equals(Buffer.concat(all).subarray(0, limit))).toBe(true);
      },
    ),
    { seed: 6, numRuns: 200 },
  );
});

it('is told about every chunk beyond the limit, and keeps no reference to what it was given', () => {
  const output = createOutput(4);
  const chunk = Buffer.from('abc');
  expect(output.take(chunk)).toBe(true);
  chunk.fill('x');
  expect([
    output.take(Buffer.from('de')),
    output.take(Buffer.from('f')),
    output.take(Buffer.alloc(0)),
  ]).toEqual([false, false, true]);
  expect(output.bytes().toString()).toBe('abcd');
});
