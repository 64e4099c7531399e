import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldFirst, foldHosts } from '../../reports/fold.js';

const shown = (names: readonly string[]): readonly string[] => foldHosts(names).map(({ text }) => text);

/** `web[01-03,05].x` -> its names. */
function unfold(text: string): readonly string[] {
  const found = /^(.*)\[([\d,-]+)\](.*)$/su.exec(text);
  if (found === null) return [text];
  const [, prefix = '', list = '', suffix = ''] = found;
  return list.split(',').flatMap((part) => {
    const [from = '', to = from] = part.split('-');
    const padded = from.startsWith('0') || to.startsWith('0') || from.length === to.length;
    return Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => {
      const digits = String(Number(from) + index);
      return prefix + (padded ? digits.padStart(from.length, '0') : digits) + suffix;
    });
  });
}

describe('foldHosts', () => {
  it.each([
    [
      ['web01', 'web02', 'web03', 'web05', 'db1'],
      ['web[01-03,05]', 'db1'],
    ],
    [['web9', 'web10', 'web11'], ['web[9-11]']],
    [
      ['web01', 'web10', 'web1', 'web2'],
      ['web[01,10]', 'web[1-2]'],
    ],
    [
      ['web01.a.org', 'web02.a.org', 'web01.b.org'],
      ['web[01-02].a.org', 'web01.b.org'],
    ],
    [
      ['10.0.4.1', '10.0.4.2', '10.0.5.2'],
      ['10.0.4.[1-2]', '10.0.5.2'],
    ],
    [
      ['2001:db8::1', '2001:db8::2'],
      ['2001:db8::1', '2001:db8::2'],
    ],
    [
      ['bastion', '日本-1', '日本-2'],
      ['bastion', '日本-[1-2]'],
    ],
    [
      ['web-1-a', 'web-2-a', 'web-1-b'],
      ['web-[1-2]-a', 'web-1-b'],
    ],
    [[], []],
  ])('%j -> %j', (names, folded) => {
    expect(shown(names)).toEqual(folded);
  });

  it('is cut between pieces, so that a list of any length can be bounded', () => {
    const odd = Array.from({ length: 50 }, (_, index) => `web${String(index * 2 + 1).padStart(3, '0')}`);
    const pieces = foldHosts(odd);
    expect(pieces.length).toBe(5);
    expect(pieces.reduce((sum, { count }) => sum + count, 0)).toBe(50);
  });

  it('loses and invents nothing', () => {
    const name = fc
      .tuple(
        fc.constantFrom('web', 'db-', 'r2d', ''),
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('', '.x', '-a.y1'),
      )
      .map(([prefix, number, width, suffix]) => prefix + String(number).padStart(width, '0') + suffix);
    fc.assert(
      fc.property(fc.uniqueArray(name, { maxLength: 60 }), (names) => {
        const folded = foldHosts(names);
        expect(folded.reduce((sum, { count }) => sum + count, 0)).toBe(names.length);
        expect(folded.flatMap(({ text }) => unfold(text)).sort()).toEqual([...names].sort());
      }),
      { seed: 20261121, numRuns: 1000 },
    );
  });
});

describe('foldFirst', () => {
  it('counts the hosts of the pieces it leaves out', () => {
    const names = ['web01', 'web02', 'db1', 'bastion', 'mail1', 'mail2', 'mail3'];
    expect(foldFirst(names, 2)).toEqual({ shown: ['web[01-02]', 'db1'], left: 4 });
    expect(foldFirst(names, 4)).toEqual({
      shown: ['web[01-02]', 'db1', 'bastion', 'mail[1-3]'],
      left: 0,
    });
    expect(foldFirst([], 4)).toEqual({ shown: [], left: 0 });
  });
});
