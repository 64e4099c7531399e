import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternWitnesses } from '../../../src/facts/match-engine/languages.js';
import {
  matchGroups,
  matchPattern,
  matchPatternList,
  splitPatternList,
} from '../../../src/facts/match-engine/patterns.js';
import { growth, LINEAR } from '../../helpers/growth.js';

const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '-'), maxLength: 6 });
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 1, maxLength: 8 });

function asRegExp(text: string): RegExp {
  return new RegExp(
    `^${text
      .split('')
      .map((char) => (char === '*' ? '.*' : char === '?' ? '.' : char))
      .join('')}$`,
    's',
  );
}

describe('matchPattern', () => {
  it('is the regular language its wildcards say', () => {
    fc.assert(
      fc.property(name, pattern, (text, each) => {
        expect(matchPattern(text, each)).toBe(asRegExp(each).test(text));
      }),
      { seed: 3, numRuns: 2_000 },
    );
  });
  it('does not blow up on patterns made to backtrack', () => {
    const one = (size: number) => (): void => {
      expect(matchPattern('a'.repeat(size), `${'a*'.repeat(8)}b`)).toBe(false);
    };
    // Trying every way to share 32 letters among eight stars takes millions of steps.
    expect(growth(8, one)).toBeLessThan(LINEAR);
    expect(growth(16_384, one)).toBeLessThan(LINEAR);
    expect(matchPattern('a'.repeat(5_000), `${'a*'.repeat(500)}b`)).toBe(false);
  });
});

describe('matchPatternList', () => {
  it.each([
    ['root', 'root', 1],
    ['root', 'alice,root', 1],
    ['root', '!root', -1],
    ['root', '*,!root', -1],
    ['alice', '!root', 0],
    ['alice', '!root,*', 1],
    ['root', 'root,', 1],
    ['Root', 'root', 0],
    ['x', `${'y'.repeat(2_000)},x`, 0],
  ])('%s in %s', (text, list, result) => {
    expect(matchPatternList(text, list)).toBe(result);
  });
  it('lets one negated group of a user decide', () => {
    expect(matchGroups(['users', 'wheel'], splitPatternList('users'))).toBe(true);
    expect(matchGroups(['users', 'wheel'], splitPatternList('users,!wheel'))).toBe(false);
    expect(matchGroups([], splitPatternList('*'))).toBe(false);
  });
});

describe('patternWitnesses', () => {
  it('has a string for every combination of matches that any name has', () => {
    fc.assert(
      fc.property(fc.array(pattern, { minLength: 1, maxLength: 4 }), name, (patterns, text) => {
        const truth = (each: string): string => patterns.map((one) => matchPattern(each, one)).join();
        const { strings, complete } = patternWitnesses(patterns);
        expect(complete).toBe(true);
        expect(new Set(strings.map(truth))).toContain(truth(text));
      }),
      { seed: 4, numRuns: 1_500 },
    );
  });
  it('tells a name apart from the plain names it continues', () => {
    expect(patternWitnesses(['ab', 'a']).strings).toEqual(expect.arrayContaining(['a', 'ab']));
  });
  it('says when patterns are too many to be sure, and does not hang', () => {
    const patterns = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('').map((char) => `*${char}*`);
    expect(patternWitnesses(patterns).complete).toBe(false);
  });
});
