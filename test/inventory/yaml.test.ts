import { describe, expect, it } from 'vitest';
import { readYaml } from '../../src/inventory/yaml.js';

const told = (text: string): string =>
  readYaml('f', text)
    .problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`)
    .join('\n');

describe('values', () => {
  it('are plain, with aliases followed', () => {
    expect(readYaml('f', 'a: &x [1, "no"]\nb: *x\nc: { d: null, e: true, f: ~ }').value).toEqual({
      a: [1, 'no'],
      b: [1, 'no'],
      c: { d: null, e: true, f: null },
    });
  });

  it('take the last anchor of a name before the alias', () => {
    expect(readYaml('f', 'a: &x 1\nb: *x\nc: &x 2\nd: *x').value).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });
});

describe('places', () => {
  const file = readYaml('f', 'hosts:\n  - name: a\n    jump: &j [b, c]\n  - { name: d, jump: *j }\n');
  it.each([
    [[], 1, 1],
    [['hosts', 0], 2, 5],
    [['hosts', 0, 'jump', 1], 3, 18],
    [['hosts', 1, 'name'], 4, 13],
    [['hosts', 1, 'jump'], 4, 22],
    [['hosts', 1, 'jump', 0], 3, 15],
    [['hosts', 1, 'missing', 'deeper'], 4, 5],
    [['hosts', 9], 2, 3],
  ])('of %j', (path, line, column) => {
    expect(file.locate(path)).toEqual({ file: 'f', line, column });
  });
  it('of keys', () => {
    expect(file.locateKey(['hosts', 1], 'jump')).toEqual({ file: 'f', line: 4, column: 16 });
    expect(file.locateKey(['hosts', 1], 'none')).toEqual({ file: 'f', line: 4, column: 5 });
  });
});

describe('what other readers understand differently', () => {
  it.each([
    'yes',
    'No',
    'on',
    'OFF',
    '1:30',
    '22:30:59',
    '1_000',
    '0b11',
    '010',
    '08',
    '0o17',
    '0x1F',
    '1e3',
    '.inf',
    '+1',
  ])('%s', (word) => {
    expect(told(`a: [${word}]`)).toMatch(/^1:5 /);
    expect(told(`a: ["${word}", '${word}']`)).toBe('');
  });
  it.each([
    'true',
    'null',
    '10',
    '-1',
    '1.5',
    '0',
    'yesterday',
    '2001:db8::1',
    '10.0.0.1',
    '48h',
    '2027-01-01T00:00:00Z',
    'host:22',
  ])('not %s', (word) => {
    expect(told(`a: [${word === '2001:db8::1' || word === 'host:22' ? `"${word}"` : word}]`)).toBe('');
    expect(told(`a: ${word}`)).toBe('');
  });
  it('as a key', () => {
    expect(told('no: 1')).toMatch(/^1:1 unquoted no/);
    expect(told('10: 1')).toMatch(/^1:1 the key "10" is not text/);
    expect(told('~: 1')).toMatch(/is not text/);
    expect(told('? [a]\n: 1')).toMatch(/not plain text/);
    expect(told('"__proto__": 1')).toMatch(/is not text/);
  });
});

describe('what is refused', () => {
  it.each([
    ['a key given twice', 'a: 1\nb: 2\na: 3', /^3:1 "a" is given twice, first in line 1$/],
    ['merge keys', 'a: &x {b: 1}\nc: { <<: *x }', /^2:6 merge keys/],
    ['a second document', 'a: 1\n---\nb: 2', /^2:1 a second YAML document/],
    ['YAML 1.1', '%YAML 1.1\n---\na: no', /changes what words mean/],
    ['tags', 'a: !vault x', /^1:4 YAML tags are not understood/],
    ['tabs', 'a:\n\tb: 1', /^2:1 not valid YAML: Tabs/],
    ['an open quote', 'a: "b', /not valid YAML/],
    ['an unknown alias', 'a: *x', /^1:4 the alias \*x has no anchor/],
    ['an alias before its anchor', 'a: *x\nb: &x 1', /no anchor/],
    ['an alias inside itself', 'a: &x [*x]', /inside what it stands for/],
    ['an alias inside itself, round a corner', 'a: &x [&y [*x]]\nb: *y', /inside what it stands for/],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toMatch(expected);
  });

  it('nesting without end, however deep', () => {
    for (const depth of [70, 1000, 20_000]) {
      expect(told('['.repeat(depth) + ']'.repeat(depth))).toMatch(/nested deeper than 64 levels/);
      expect(
        told(
          Array.from({ length: Math.min(depth, 2000) }, (_, level) => `${' '.repeat(level)}a:`).join('\n'),
        ),
      ).toMatch(/nested deeper than 64 levels/);
    }
  });

  it('aliases that multiply', () => {
    const bomb = ['a0: &a0 [x]'];
    for (let level = 1; level < 30; level += 1)
      bomb.push(`a${level}: &a${level} [${`*a${level - 1}, `.repeat(10)}]`);
    expect(told(bomb.join('\n'))).toMatch(/aliases repeat more values/);
  });

  it('ten thousand ordinary aliases are no bomb', () => {
    const text = `base: &base [a, b, c]\n${Array.from({ length: 10_000 }, (_, index) => `k${index}: *base`).join('\n')}`;
    expect(told(text)).toBe('');
  });
});
