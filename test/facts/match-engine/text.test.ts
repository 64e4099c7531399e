import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dialectOf } from '../../../src/facts/match-engine/dialect.js';
import { argvSplit, configLines, strdelim, strdelimWords } from '../../../src/facts/match-engine/text.js';

const OLD = dialectOf({ text: 'OpenSSH_8.4p1', major: 8, minor: 4 });
const NEW = dialectOf({ text: 'OpenSSH_9.2p1', major: 9, minor: 2 });
const texts = (text: string, dialect = NEW): string[] => configLines(text, dialect).map((line) => line.text);

describe('configLines', () => {
  it('takes blanks, carriage returns and form feeds off the ends', () => {
    expect(texts('  A b \t\r\n\tC d\f\n')).toEqual(['A b', 'C d', '']);
  });
  it('keeps comments from 8.7 on and cuts at any # before', () => {
    expect(texts('ForceCommand /x # y\n')).toEqual(['ForceCommand /x # y', '']);
    expect(texts('ForceCommand /x # y\n', OLD)).toEqual(['ForceCommand /x', '']);
  });
  it('glues a line that holds a NUL byte to the next', () => {
    expect(configLines('A yes\0junk\nB no\nC x\n', NEW)).toEqual([
      { number: 1, text: 'A yesB no' },
      { number: 2, text: 'C x' },
      { number: 3, text: '' },
    ]);
  });
});

describe('strdelim', () => {
  it.each([
    ['Key value', 'Key', 'value'],
    ['Key=value', 'Key', 'value'],
    ['Key = value', 'Key', 'value'],
    ['Key==value', 'Key', '=value'],
    ['"Key" =value', 'Key', '=value'],
    ['a"b c"d e', 'ab c', 'd e'],
    ['Key', 'Key', null],
    ['=Key', '', 'Key'],
    ['"open', null, null],
  ])('%s', (text, word, rest) => {
    expect(strdelim(text)).toEqual({ word, rest });
  });
  it('reads words up to an unclosed quote', () => {
    expect(strdelimWords('a "b c" "d')).toEqual(['a', 'b c']);
  });
});

describe('argvSplit', () => {
  it.each([
    ['a b\tc', ['a', 'b', 'c']],
    ['a"b c"d', ['ab cd']],
    ["'a \"b' c", ['a "b', 'c']],
    ['a\\ b \\"c \\x', ['a b', '"c', '\\x']],
    ['a # b', ['a']],
    ['a#b', ['a#b']],
    ['""', ['']],
    ['', []],
  ])('%s', (text, words) => {
    expect(argvSplit(text)).toEqual(words);
  });
  it('refuses an unclosed quote', () => {
    expect(argvSplit('a "b')).toBeNull();
    expect(argvSplit("it's")).toBeNull();
  });
  it('gives back any words that were quoted', () => {
    const word = fc.string({ maxLength: 20 }).map((text) => text.replace(/["\\]/g, ''));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(argvSplit(words.map((each) => `"${each}"`).join(' '))).toEqual(words);
      }),
      { seed: 1 },
    );
  });
  it('ends on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        argvSplit(text);
        strdelimWords(text);
        expect(configLines(text, NEW).length).toBeGreaterThan(0);
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});
