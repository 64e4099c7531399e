import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../../../src/facts/sources/csv.js';

const texts = (source: string) => parseCsv(source).rows.map((row) => row.map(({ text }) => text));

describe('comma-separated values', () => {
  test.each<readonly [string, string, readonly (readonly string[])[]]>([
    [
      'commas and both line ends',
      'a,b\r\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'semicolons when the heading has more of them',
      'a;b;c,d\n1;2;3',
      [
        ['a', 'b', 'c,d'],
        ['1', '2', '3'],
      ],
    ],
    [
      'quotes, doubled quotes, separators and line ends inside',
      'a,b\n"x ""y"", z","1\n2"\n',
      [
        ['a', 'b'],
        ['x "y", z', '1\n2'],
      ],
    ],
    [
      'a byte order mark and empty lines',
      '\ufeffa,b\n\n  \n,\n',
      [
        ['a', 'b'],
        ['', ''],
      ],
    ],
    ['nothing', '', []],
  ])('%s', (_title, source, rows) => {
    expect(texts(source)).toEqual(rows);
    expect(parseCsv(source).problems).toEqual([]);
  });

  test('cells know their line and column, also behind a quoted line end', () => {
    const { rows } = parseCsv('a,b\n"x\ny",z\nlast,1\n');
    expect(rows[1]?.map(({ line, column }) => [line, column])).toEqual([
      [2, 1],
      [3, 4],
    ]);
    expect(rows[2]?.[0]).toEqual({ text: 'last', line: 4, column: 1 });
  });

  test('what is wrong is told with its place', () => {
    expect(parseCsv('a,b\n1,"never ends\n2,3').problems).toEqual([
      { line: 2, column: 3, message: 'the quote that begins here never ends' },
    ]);
    expect(parseCsv('a\n"x" y\n').problems).toMatchObject([{ line: 2, column: 1 }]);
  });

  test('whatever is written comes back', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', ';', '\n', '\r', ' ', 'ü'), maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        const all = [['h,', 'i'], ...rows];
        const source = all
          .map((row) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(','))
          .join('\r\n');
        expect(texts(source)).toEqual(all);
      }),
      { seed: 7 },
    );
  });

  test('no text makes it throw or stand still', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', ',', ';', '\n', '\r', 'x'), maxLength: 60 }),
        (source) => {
          parseCsv(source);
        },
      ),
      { seed: 7 },
    );
    expect(parseCsv('"'.repeat(1_000_001)).rows.length).toBe(1);
    expect(parseCsv(','.repeat(600_000)).problems).toMatchObject([
      { message: expect.stringContaining('500000') as string },
    ]);
  });
});
