import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileGlob, compileHostGlob } from '../../src/inventory/glob.js';

const matches = (glob: string, names: readonly string[]): string[] => names.filter(compileHostGlob(glob));

describe('globs', () => {
  const names = ['web1', 'web01', 'web2', 'web9', 'web10', 'web40', 'web41', 'db-a', 'db-ab', 'WEB3'];
  it.each([
    ['web1', ['web1']],
    ['Web1', ['web1']],
    ['web?', ['web1', 'web2', 'web9', 'WEB3']],
    ['*', names],
    ['db-*', ['db-a', 'db-ab']],
    ['*b', ['db-ab']],
    ['d*a*', ['db-a', 'db-ab']],
    ['', []],
  ])('%s', (glob, expected) => {
    expect(matches(glob, names)).toEqual(expected);
  });

  it.each([
    ['web[1-10]', ['web1', 'web2', 'web9', 'web10', 'WEB3']],
    ['web[01-40]', ['web01', 'web10', 'web40']],
    ['web[1,9-10]', ['web1', 'web9', 'web10']],
    ['*[40-41]', ['web40', 'web41']],
    ['web[9]', ['web9']],
  ])('the range %s', (glob, expected) => {
    expect(matches(glob, names)).toEqual(expected);
  });

  it('takes a range that is none for the characters it is made of', () => {
    expect(matches('x[5-1]', ['x[5-1]', 'x3'])).toEqual(['x[5-1]']);
    expect(matches('x[a-b]', ['x[a-b]', 'xa'])).toEqual(['x[a-b]']);
    expect(compileGlob('x[1-2]')('x1')).toBe(false);
  });

  it('compares subjects with case, hosts without', () => {
    expect(compileGlob('account Alice')('account alice')).toBe(false);
    expect(compileGlob('/home/*/.ssh/*')('/home/a/.ssh/authorized_keys:3')).toBe(true);
  });

  it('answers in linear time for patterns that make regular expressions hang', () => {
    const text = 'a'.repeat(2000);
    expect(compileGlob(`${'*a'.repeat(60)}b`)(text)).toBe(false);
  });

  it('agrees with a regular expression on * and ?', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '$'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '$', '*', '?'), maxLength: 8 });
    fc.assert(
      fc.property(pattern, word, (glob, text) => {
        const source = glob.replaceAll(/[.$]/g, '\\$&').replaceAll('*', '.*').replaceAll('?', '.');
        expect(compileGlob(glob)(text)).toBe(new RegExp(`^(?:${source})$`).test(text));
      }),
      { seed: 1, numRuns: 2000 },
    );
  });
});
