import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { count, day, digits, folded, instant, place } from '../../reports/html/text.js';
import { fitting, viewOf } from '../../reports/html/view.js';
import { fleet, host, passing, report, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText } from './hostile.js';

describe('words of the page', () => {
  it('writes numbers, counts, instants and places as people read them', () => {
    expect([digits(0), digits(12_345)]).toEqual(['0', '12,345']);
    expect([count(1, 'host'), count(2000, 'host'), count(2, 'pass', 'passes')]).toEqual([
      '1 host',
      '2,000 hosts',
      '2 passes',
    ]);
    expect([instant('2026-11-21T02:00:00.000Z'), instant('2026-11-21T02:00Z')]).toEqual([
      '2026-11-21 02:00 UTC',
      '2026-11-21 02:00 UTC',
    ]);
    expect([
      instant('yesterday'),
      instant('2026-11-21T02:00:00+01:00'),
      instant('x'.repeat(99)).length,
    ]).toEqual(['yesterday', '2026-11-21T02:00:00+01:00', 60]);
    expect([day('2026-11-21T02:00:00Z'), day('never')]).toEqual(['2026-11-21', 'never']);
    expect([
      place({ path: '/etc/x', line: 3 }),
      place({ path: '/etc/x' }),
      place({ line: 3 }),
      place(undefined),
    ]).toEqual(['/etc/x:3', '/etc/x', undefined, undefined]);
  });

  it('folds hosts into as many pieces as asked for, one at least, and counts the rest', () => {
    expect(folded(['web-02', 'db-1', 'web-01', 'x'], 2)).toEqual({
      pieces: ['db-1', 'web-[01-02]'],
      left: 1,
    });
    expect(folded(['a'.repeat(90), 'b'], 3, 60)).toEqual({ pieces: ['a'.repeat(90)], left: 1 });
    expect(folded([], 3, 60)).toEqual({ pieces: [], left: 0 });
    fc.assert(
      fc.property(
        fc.uniqueArray(hostileText, { maxLength: 30 }),
        fc.integer({ min: 1, max: 5 }),
        (names, most) => {
          const { pieces, left } = folded(names, most, 60);
          expect(pieces.length).toBeLessThanOrEqual(most);
          expect(pieces.length > 0).toBe(names.length > 0);
          expect(left).toBeLessThan(Math.max(1, names.length));
        },
      ),
      fixed,
    );
  });

  it('takes items while their texts fit, escaped length counted', () => {
    const items = ['&'.repeat(100), '&'.repeat(100), '&'.repeat(100)];
    const texts = (item: string): readonly string[] => [item];
    expect(fitting(items, 9, 560 * 2, texts)).toHaveLength(2);
    expect(fitting(items, 9, 560 * 2 - 1, texts)).toHaveLength(1);
    expect(fitting(items, 1, 9999, texts)).toHaveLength(1);
    expect(fitting(items, 9, 0, texts)).toEqual([]);
    expect(fitting([], 9, 0, texts)).toEqual([]);
  });
});

describe('the view', () => {
  it('puts every result under its column, also when some were not selected or come in another order', () => {
    const shuffled = host('a', ten().toReversed(), { extra: [passing('site')] });
    const few = host('b', ten().slice(2, 4));
    const { rows, plugins, ten: columns } = viewOf(report([few, shuffled]));
    expect(rows.map(({ host: { name } }) => name)).toEqual(['a', 'b']);
    const ids = [...columns, ...plugins].map(({ id }) => id);
    expect(rows[0]?.cells.map((cell) => cell?.id)).toEqual(ids);
    expect(rows[1]?.cells.map((cell) => cell?.id)).toEqual(
      ids.map((_, at) => (at === 2 || at === 3 ? ids[at] : undefined)),
    );
    expect([rows[0]?.clean, rows[1]?.clean]).toEqual([true, false]);
  });

  it('details hosts with something to do first, and never calls them clean', () => {
    const { detailed, rows } = viewOf(mixed);
    expect(detailed).toHaveLength(rows.length);
    expect(detailed.filter(({ clean }) => clean).map(({ host: { name } }) => name)).toEqual(['web-01']);
    expect(detailed.at(-1)?.host.name).toBe('web-01');
  });

  it('keeps every host of 1,000 in the table, and of 1,020 those that are not all-pass', () => {
    expect(viewOf(fleet(1000)).listed).toHaveLength(1000);
    const { listed, rows } = viewOf(fleet(1020));
    expect(listed).toHaveLength(153);
    expect(rows.filter(({ clean }) => !clean)).toEqual(listed);
  });
});
