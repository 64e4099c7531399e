import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  readStoredLine,
  storedCoverage,
  windowIn,
  type StoredWindow,
} from '../../../../src/facts/sources/certificates/stored.js';
import { auditLine } from '../../../helpers/vault-audit.js';

const seed = { seed: 20_261_121, numRuns: 400 };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const AT = '2026-11-20T12:00:00Z';
const LINE = auditLine({ time: AT, answered: { serial_number: 'aa' }, clear: ['serial_number'] });

describe('a line of a store', () => {
  test.each([
    ['as the device wrote it', LINE],
    ['after a prefix', `Nov 20 12:00:00 vault-1 vault[7]: ${LINE}`],
    ['by Docker', JSON.stringify({ log: `${LINE}\n`, stream: 'stdout', time: AT })],
    ['by journald', JSON.stringify({ MESSAGE: LINE, __REALTIME_TIMESTAMP: '1' })],
    ['by journald of Docker', JSON.stringify({ MESSAGE: JSON.stringify({ log: LINE }) })],
    ['in the ECS', JSON.stringify({ event: { original: LINE }, host: { name: 'v' } })],
    ['parsed, under a name', JSON.stringify({ hashicorp_vault: { audit: JSON.parse(LINE) as object } })],
    ['with more beside it', JSON.stringify({ ...(JSON.parse(LINE) as object), kubernetes: { pod: 'v' } })],
  ])('%s', (_, text) => {
    const read = readStoredLine(text, []);
    expect(read).toMatchObject({
      state: 'issued',
      time: Date.parse(AT),
      kept: { answered: { serial_number: 'aa' } },
    });
    expect(JSON.stringify(read)).not.toMatch(/client_token|accessor/);
    expect(readStoredLine(text, ['other'])).toMatchObject({ state: 'other' });
  });

  test.each([
    ['another program', 'GET /issue/4 HTTP/1.1', 'other'],
    ['JSON of another program', '{"url":"/sign/in","path":"/sign"}', 'other'],
    ['a request', auditLine({ time: AT, type: 'request' }), 'other'],
    ['nothing about signing', '{"request":{"path":"sys/mounts"},"type":"response"}', 'other'],
    ['cut at its end', LINE.slice(0, -20), 'unreadable'],
    ['cut at its beginning', LINE.slice(60), 'unreadable'],
    ['wrapped and cut', JSON.stringify({ log: LINE.slice(0, -20) }), 'unreadable'],
    ['told in other words', '{"vault":{"path":"ssh/sign/adm","serial":"aa"}}', 'unreadable'],
  ])('%s is %s', (_, text, state) => {
    expect(readStoredLine(text, [])).toEqual(expect.objectContaining({ state }));
  });

  test('any text is read without throwing, and no part of a line is taken for another', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.integer({ min: 0, max: LINE.length }).map((end) => LINE.slice(0, end)),
        ),
        fc.string({ maxLength: 20 }),
        (text, before) => {
          const { state } = readStoredLine(`${before}${text}/sign/`, []);
          expect(['issued', 'other', 'unreadable']).toContain(state);
        },
      ),
      seed,
    );
    const deep = `${'{"a":'.repeat(5000)}"/sign/"${'}'.repeat(5000)}`;
    expect(readStoredLine(deep, []).state).toBe('other');
    const wide = JSON.stringify(
      Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [at, '{"/sign/":1}'])),
    );
    expect(readStoredLine(wide, []).state).toBe('other');
  });
});

describe('what a window covers', () => {
  const TO = Date.parse('2026-11-21T00:00:00Z');
  const window = (hours: readonly number[] | null, more: Partial<StoredWindow> = {}): StoredWindow => ({
    store: 'loki',
    from: TO - 10 * DAY,
    to: TO,
    hours: hours === null ? null : hours.map((before) => TO - before * HOUR),
    lines: 0,
    unreadable: 0,
    firstUnreadable: null,
    cut: false,
    ...more,
  });
  const every = (from: number, to = 0, step = 6): number[] =>
    Array.from({ length: (from - to) / step }, (_, index) => from - index * step);

  test('all of it when every day has lines', () => {
    expect(storedCoverage(window(every(240)))).toEqual({
      coverage: { from: TO - 10 * DAY, to: TO },
      remarks: [],
    });
  });
  test('from the last hole on, until lines stopped', () => {
    expect(storedCoverage(window([...every(240, 120), ...every(72, 48)]))).toEqual({
      coverage: { from: TO - 72 * HOUR, to: TO - 53 * HOUR },
      remarks: [expect.stringContaining('no line'), expect.stringContaining('more than a day')],
    });
  });
  test('nothing when there is no line, or it is not known', () => {
    for (const hours of [[], null])
      expect(storedCoverage(window(hours)).coverage).toEqual({ from: null, to: null });
  });
  test('what was left out is said', () => {
    const { coverage, remarks } = storedCoverage(window(every(240), { from: TO - 2 * DAY, cut: true }));
    expect(coverage).toEqual({ from: TO - 2 * DAY, to: TO });
    expect(remarks).toEqual([expect.stringContaining('Only what was written since')]);
  });
  test('property: no time without lines for more than a day is covered, and what is kept is read back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 240 }), { maxLength: 60 }), (hours) => {
        const given = window(hours);
        const read = windowIn(JSON.parse(JSON.stringify({ window: given })) as Record<string, unknown>);
        expect(read).toEqual(given);
        const { from, to } = storedCoverage(given).coverage;
        if (from === null || to === null) {
          expect(hours).toEqual([]);
          return;
        }
        const marks = [...(given.hours ?? []).filter((hour) => hour >= from && hour < to), to].toSorted(
          (a, b) => a - b,
        );
        let last = from;
        for (const mark of marks) {
          expect(mark - last).toBeLessThanOrEqual(DAY + HOUR);
          last = mark;
        }
      }),
      seed,
    );
  });
  test.each([{}, { window: 1 }, { window: { from: 'x', to: 1 } }, { window: { from: Infinity, to: 1 } }])(
    '%j is no window',
    (line) => {
      expect(windowIn(line)).toBeNull();
    },
  );
});
