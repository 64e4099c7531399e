import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inShard, parseShard } from '../../src/evidence/shard.js';

const names = Array.from({ length: 500 }, (_, index) => `host-${index}`);

/** `sha256sum` of the name, its first 12 hex digits as a number, modulo 4, plus 1. */
const EXPECTED = [1, 1, 2, 2];

describe('shards', () => {
  test.each(['1/1', '2/4', '1000/1000'])('%s', (text) => {
    const { index, of } = parseShard(text);
    expect(`${index}/${of}`).toBe(text);
  });

  test.each(['0/4', '5/4', '1/1001', '1', '1/', '/4', 'a/b', '1/4/2', '-1/4', '1.5/4', ' 1/4', '01/4', ''])(
    '%j is refused with what was expected',
    (text) => expect(() => parseShard(text)).toThrow('expected I/N'),
  );

  test('every host is in exactly one', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 1000 }), (host, of) => {
        const homes = Array.from({ length: of }, (_, index) => index + 1).filter((index) =>
          inShard(host, { index, of }),
        );
        expect(homes).toHaveLength(1);
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  test('the rule is fixed: another version finds a host where this one put it', () => {
    const of = 4;
    const home = (host: string) => [1, 2, 3, 4].find((index) => inShard(host, { index, of }));
    expect(['web-01', 'db-01', 'app-01', 'PROD-DB-01'].map(home)).toEqual(
      ['web-01', 'db-01', 'app-01', 'prod-db-01'].map(home),
    );
    expect(['web-01', 'db-01', 'app-01', 'edge-01'].map(home)).toEqual(EXPECTED);
  });

  test('they are of about one size', () => {
    for (const of of [2, 4, 10])
      for (let index = 1; index <= of; index += 1) {
        const size = names.filter((name) => inShard(name, { index, of })).length;
        expect(size).toBeGreaterThan((names.length / of) * 0.6);
        expect(size).toBeLessThan((names.length / of) * 1.4);
      }
  });
});
