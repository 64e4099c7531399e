import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { dayText, instantText, minuteText, secondText } from '../src/when.js';

const AT = Date.UTC(2026, 10, 21, 2, 3, 4, 5);

describe('an instant as text', () => {
  it('is UTC, as fine as asked', () => {
    expect(instantText(AT)).toBe('2026-11-21T02:03:04.005Z');
    expect(secondText(AT)).toBe('2026-11-21T02:03:04Z');
    expect(minuteText(AT)).toBe('2026-11-21T02:03Z');
    expect(dayText(AT)).toBe('2026-11-21');
  });

  it('is a question mark for what no calendar holds, and never throws', () => {
    for (const at of [Number.NaN, Infinity, -Infinity, 8.64e15 + 1, Number.MAX_VALUE]) {
      expect([instantText(at), secondText(at), minuteText(at), dayText(at)]).toEqual(['?', '?', '?', '?']);
    }
  });

  it('of any number is a date that reads back, or a question mark', () => {
    fc.assert(
      fc.property(fc.double(), (at) => {
        const text = instantText(at);
        expect(text === '?' || Date.parse(text) === Math.trunc(at) + 0).toBe(true);
      }),
    );
  });
});
