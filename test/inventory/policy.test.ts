import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { policyFrom } from '../../src/inventory/policy.js';
import { beginOf, dayOrInstantProblem, endOf } from '../../src/inventory/values.js';
import { defaultPolicy } from '../../src/policy.js';

describe('a day or an instant', () => {
  it.each([
    ['2026-12-31', '2026-12-31T00:00:00.000Z', '2026-12-31T23:59:59.999Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z', '2028-02-29T23:59:59.999Z'],
    ['2026-12-31T18:00:00+02:00', '2026-12-31T16:00:00.000Z', '2026-12-31T16:00:00.000Z'],
  ])('%s begins at %s and ends at %s', (text, begin, end) => {
    expect([dayOrInstantProblem(text), beginOf(text), endOf(text)]).toEqual([null, begin, end]);
  });
  it.each([
    ['2026-02-29', '"2026-02-29" is no day of the calendar'],
    ['2026-13-01', 'no day of the calendar'],
    ['2026-12-31T18:00', 'names no zone or no time'],
    ['2100-01-01', '"2100-01-01" never ends in practice'],
    ['31.12.2026', 'is not a date'],
    ['', 'is not a date'],
  ])('%j is refused: %s', (text, message) => {
    expect(dayOrInstantProblem(text)).toContain(message);
  });
  it('whatever is accepted can be read, and a day ends in itself', () => {
    const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (date) => {
        const day = date.toISOString().slice(0, 10);
        expect(dayOrInstantProblem(day)).toBeNull();
        expect(Date.parse(endOf(day)) - Date.parse(beginOf(day))).toBe(86_399_999);
        expect(endOf(day).slice(0, 10)).toBe(day);
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});

describe('what is given and what is not', () => {
  it('nothing is the built-in policy', () => {
    expect(policyFrom()).toEqual(defaultPolicy());
    expect(policyFrom({})).toEqual(defaultPolicy());
  });
  it('a waiver without author or subjects has none', () => {
    const waiver = {
      check: 'c',
      hosts: ['h'],
      owner: 'o',
      approver: 'a',
      reason: 'r',
      expires: '2026-12-31',
    };
    expect(policyFrom({ waivers: [waiver], waiver_max_days: 366 })).toEqual({
      ...defaultPolicy(),
      waiverMaxDays: 366,
      waivers: [{ ...waiver, subjects: [], expires: '2026-12-31T23:59:59.999Z' }],
    });
  });
});
