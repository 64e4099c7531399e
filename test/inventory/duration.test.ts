import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/inventory/duration.js';

describe('durations', () => {
  it.each([
    ['48h', 172_800],
    ['30m', 1800],
    ['90d', 7_776_000],
    ['1h30m', 5400],
    ['2w', 1_209_600],
    ['0s', 0],
    ['1w1d1h1m1s', 694_861],
  ])('%s is %d seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(['', '48', 'h', '30M', '1m1h', '-1h', '1.5h', '1h ', '1y', '9999999w', '1h1h'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it('reads back what it formats', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900_000_000 }), (seconds) => {
        expect(parseDuration(formatDuration(seconds))).toBe(seconds);
      }),
      { seed: 1 },
    );
    expect(formatDuration(172_800)).toBe('2d');
    expect(formatDuration(90)).toBe('90s');
  });
});
