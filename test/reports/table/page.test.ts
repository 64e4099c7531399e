import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { fit, hostList, newPage, wrap } from '../../../reports/table/page.js';

const page = newPage({ color: 0, width: 80, ascii: false, verbose: false });
const ascii = newPage({ color: 0, width: 80, ascii: true, verbose: false });
const text = fc
  .array(
    fc.constantFrom('a', 'word', ' ', '  ', '::', '日本語', '👍', 'e\u0301', '/etc/ssh/sshd_config', '…'),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(''));
const runs = { seed: 20261121, numRuns: 1000 };

describe('wrap', () => {
  it('keeps every character but blanks at breaks, fits, and starts no line with ::', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 60 }), (input, width) => {
        const lines = wrap(input, width);
        for (const line of lines) {
          expect(stringWidth(line)).toBeLessThanOrEqual(width);
          expect(line).not.toMatch(/^\s*::/);
        }
        const bare = (one: string): string => one.replaceAll(' ', '').replaceAll('\\u003a', ':');
        expect(bare(lines.join(''))).toBe(bare(input));
      }),
      runs,
    );
  });

  it.each([
    ['::set-env name=x', 40, ['\\u003a:set-env name=x']],
    ['aaaaaaaa::error::b', 8, ['aaaaaaaa', '\\u003a:e', 'rror::b']],
    ['listen on ::1', 40, ['listen on ::1']],
    ['one  two', 40, ['one  two']],
    ['', 40, ['']],
  ])('%j in %i columns', (input, width, lines) => {
    expect(wrap(input, width)).toEqual(lines);
  });
});

describe('show', () => {
  it('draws emoji whose columns are known, and names the others by code', () => {
    expect(page.show('👍 🇩🇪 日本')).toBe('👍 🇩🇪 日本');
    expect(page.show('🫠')).toBe('\\u{1fae0}');
    expect(page.show('👍🏽')).toBe('👍\\u{1f3fd}');
    expect(page.show('👩‍👧')).toBe('👩\\u200d👧');
    expect(ascii.show('👍 é')).toBe('\\u{1f44d} \\u00e9');
  });
});

describe('fit', () => {
  it('never exceeds, and keeps both ends of a name', () => {
    expect(fit(page, 'database-primary-01', 11, 'middle')).toBe('datab…ry-01');
    expect(fit(ascii, 'database-primary-01', 11, 'middle')).toBe('data...y-01');
    expect(fit(page, 'a long sentence', 8)).toBe('a long …');
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 2, max: 30 }),
        fc.constantFrom('middle' as const, 'end' as const),
        (input, width, where) => {
          const out = fit(page, input, width, where);
          return stringWidth(out) <= width && (stringWidth(input) > width || out === input);
        },
      ),
      runs,
    );
  });
});

describe('hostList', () => {
  it('names, folds, or says all', () => {
    expect(hostList(page, ['a'], 1)).toBe('1 host: a');
    expect(hostList(page, ['web1', 'web2', 'db'], 9)).toBe('3 hosts: web[1-2], db');
    expect(hostList(page, ['web1', 'web2'], 2)).toBe('all 2 hosts');
  });
});
