import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearest } from '../../src/inventory/suggest.js';

describe('near names', () => {
  it.each([
    ['', '', 0],
    ['port', 'prot', 1],
    ['host', 'hosts', 1],
    ['kitten', 'sitting', 3],
    ['abc', 'xyz', 3],
  ])('%s and %s are %d apart', (a, b, distance) => {
    expect(editDistance(a, b, 5)).toBe(distance);
  });

  it('stops at the limit', () => {
    expect(editDistance('aaaaaaaa', 'bbbbbbbb', 2)).toBe(3);
    expect(editDistance('a', 'aaaaaaaa', 2)).toBe(3);
  });

  it('orders by distance, then by name, and forgives case, dashes and underscores', () => {
    expect(nearest('hostkey', ['host_key', 'hosts', 'hostile'])).toEqual(['host_key']);
    expect(nearest('allowedPrincipals', ['allowed_principals'])).toEqual(['allowed_principals']);
    expect(nearest('agtt', ['adm', 'agt', 'atm'])).toEqual(['agt', 'atm']);
    expect(nearest('prt', ['port', 'part', 'ports'])).toEqual(['part', 'port']);
    expect(nearest('zebra', ['name', 'port'])).toEqual([]);
  });

  it('phrases a question or nothing', () => {
    expect(didYouMean('prot', ['port'])).toBe('did you mean "port"?');
    expect(didYouMean('zebra', ['port'])).toBe('');
  });

  it('is symmetric, zero only for equal words, and never above the limit by more than one', () => {
    const word = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: 0, max: 6 }), (a, b, limit) => {
        const distance = editDistance(a, b, limit);
        expect(distance).toBe(editDistance(b, a, limit));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(limit + 1);
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
