import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchPattern, matchPatternList } from '../../src/openssh/glob.js';
import { growth, LINEAR } from '../helpers/growth.js';
import { SEED } from './support.js';

/** The same language as a regular expression, for short inputs. */
function byRegex(text: string, pattern: string): boolean {
  const source = [...pattern]
    .map((c) => (c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[^\w]/g, '\\$&')))
    .join('');
  return new RegExp(`^${source}$`, 's').test(text);
}

describe('matchPattern', () => {
  test('agrees with a regular expression', () => {
    const letters = fc.constantFrom('a', 'b', '.', '-');
    const text = fc.string({ unit: letters, maxLength: 8 });
    const pattern = fc.string({ unit: fc.oneof(letters, fc.constantFrom('*', '?')), maxLength: 8 });
    fc.assert(
      fc.property(text, pattern, (subject, glob) => {
        expect(matchPattern(subject, glob)).toBe(byRegex(subject, glob));
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  test('case counts, and ? is one byte', () => {
    expect(matchPattern('Alice', 'alice')).toBe(false);
    expect(matchPattern('é', '?')).toBe(false);
    expect(matchPattern('é', '??')).toBe(true);
    expect(matchPattern('', '*')).toBe(true);
    expect(matchPattern('', '')).toBe(true);
  });

  test('a pattern made to be slow is not', () => {
    const one = (size: number) => (): void => {
      expect(matchPattern('a'.repeat(size), `${'*a'.repeat(8)}*b`)).toBe(false);
    };
    // Trying every way to share 32 letters among the stars takes millions of steps.
    expect(growth(8, one)).toBeLessThan(LINEAR);
    expect(growth(16_384, one)).toBeLessThan(LINEAR);
    expect(matchPattern('a'.repeat(5000), `${'*a'.repeat(500)}*b`)).toBe(false);
  });
});

describe('matchPatternList', () => {
  test.each([
    ['alice', 'bob,alice', 'match'],
    ['alice', '!alice,*', 'negated'],
    ['alice', '*,!alice', 'negated'],
    ['alice', '!bob', 'none'],
    ['alice', '', 'none'],
    ['', '', 'none'],
    ['', 'a,', 'none'],
    ['', 'a,,b', 'match'],
    ['', '!', 'negated'],
    ['!x', '!!x', 'negated'],
    ['alice', ' alice', 'none'],
  ] as const)('%j in %j: %s', (text, list, result) => {
    expect(matchPatternList(text, list)).toBe(result);
  });

  test('only the list is lower-cased, and only on request', () => {
    expect(matchPatternList('web', 'WEB', true)).toBe('match');
    expect(matchPatternList('web', 'WEB')).toBe('none');
    expect(matchPatternList('WEB', 'WEB', true)).toBe('none');
    expect(matchPatternList('ä', 'Ä', true)).toBe('none');
  });

  test('an overlong element ends the search without a match', () => {
    expect(matchPatternList('a', `${'*'.repeat(1022)},x`)).toBe('match');
    expect(matchPatternList('a', `a,${'*'.repeat(1023)}`)).toBe('none');
  });
});
