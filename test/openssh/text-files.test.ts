/**
 * What the line parsers say about a line, besides what a real sshd decides (sshd.test.ts).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAuthorizedKeys, parseAuthorizedKeysLine } from '../../src/openssh/authorized-keys.js';
import { parseCaKeys } from '../../src/openssh/ca-keys.js';
import { parsePrincipals } from '../../src/openssh/principals.js';
import { fingerprint } from '../../src/openssh/public-key.js';
import { wireString } from '../../src/openssh/wire.js';
import { growth, LINEAR } from '../helpers/growth.js';
import { SEED, ed25519Device, fixture, issue, line } from './support.js';

const device = ed25519Device();
const KEY = line(device.publicBlob, 'comment with  blanks');
const PRINT = fingerprint(device.publicBlob);
const TYPE = 'sk-ssh-ed25519@openssh.com';

describe('authorized_keys', () => {
  test('a recorded file: lines, options, keys', () => {
    const lines = parseAuthorizedKeys(fixture('authorized_keys.mixed').toString());
    const CA = 'SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM';
    expect(lines.map(({ line: number, valid }) => [number, valid])).toEqual([
      [1, true],
      [4, true],
      [5, false],
      [6, true],
    ]);
    expect(lines[0]).toMatchObject({
      certAuthority: false,
      options: [
        { name: 'command', value: 'x y' },
        { name: 'no-pty', value: '' },
      ],
      key: { type: 'ssh-ed25519', comment: 'bernd@laptop' },
    });
    expect(lines[1]).toMatchObject({
      certAuthority: true,
      options: [
        { name: 'cert-authority', value: '' },
        { name: 'principals', value: 'a,b' },
      ],
      key: { fingerprint: CA, comment: 'Ops SSH User CA (2026)' },
    });
    expect(lines[2]).toEqual({
      line: 5,
      valid: false,
      options: [],
      certAuthority: false,
      problem: 'no key that parses',
      text: 'garbage here',
    });
  });

  test('blank lines and comments are nothing, also with CRLF', () => {
    const texts = ['', ' \t', '#x', '  # x', '\r', '\r\n', '\n', '\0', '\0junk'];
    expect(texts.filter((text) => parseAuthorizedKeysLine(text, 1) !== null)).toEqual([]);
  });

  test('a line sshd ignores still shows its key and its options', () => {
    expect(parseAuthorizedKeysLine(`Cert-Authority,bogus ${KEY}`, 3)).toEqual({
      line: 3,
      valid: false,
      key: { type: TYPE, fingerprint: PRINT, comment: 'comment with  blanks' },
      options: [{ name: 'cert-authority', value: '' }],
      certAuthority: true,
      problem: 'bad options: unknown key option "bogus"',
      text: `Cert-Authority,bogus ${KEY}`.slice(0, 200),
    });
  });

  test('escaped quotes are unquoted, names lower-cased', () => {
    const parsed = parseAuthorizedKeysLine(`COMMAND="say \\"a, b\\" \\\\x",No-PTY\t${KEY}`, 1);
    expect(parsed).toMatchObject({
      valid: true,
      options: [
        { name: 'command', value: 'say "a, b" \\\\x' },
        { name: 'no-pty', value: '' },
      ],
    });
  });

  test('a key inside a command is not a key', () => {
    expect(parseAuthorizedKeysLine(`command="${KEY}" nothing`, 1)).toMatchObject({ valid: false });
    expect(parseAuthorizedKeysLine(`command="${KEY}" nothing`, 1)?.key).toBeUndefined();
  });

  test('a key type unknown here is a key all the same', () => {
    const blob = Buffer.concat([wireString('ssh-future@example.com'), wireString(Buffer.alloc(64, 1))]);
    for (const prefix of ['', 'restrict ']) {
      expect(parseAuthorizedKeysLine(prefix + line(blob), 1)).toMatchObject({
        valid: true,
        key: { type: 'ssh-future@example.com', fingerprint: expect.stringMatching(/^SHA256:/) },
        problem: expect.stringMatching(/not known/),
      });
    }
    expect(parseAuthorizedKeysLine(line(blob).replace('future', 'past'), 1)).toMatchObject({ valid: false });
  });

  test('a certificate in the place of a key admits nobody', () => {
    const parsed = parseAuthorizedKeysLine(line(issue({ subject: device.publicBlob, ca: device })), 1);
    expect(parsed).toMatchObject({
      valid: false,
      key: { fingerprint: PRINT },
      problem: expect.stringMatching(/certificate/),
    });
  });

  test('anything at all: never throws, numbers ascend, text is bounded', () => {
    const fragment = fc.constantFrom(
      '"',
      '\\',
      ',',
      ' ',
      '\t',
      '\r',
      '\0',
      '#',
      'command="',
      'cert-authority',
      KEY,
      'é',
    );
    const text = fc.array(fc.oneof(fragment, fc.string({ maxLength: 5 }), fc.constant('\n')), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(text, (parts) => {
        let last = 0;
        for (const parsed of parseAuthorizedKeys(parts.join(''))) {
          expect(parsed.line).toBeGreaterThan(last);
          expect(parsed.text.length).toBeLessThanOrEqual(200);
          expect(parsed.valid).toBe(parsed.key !== undefined && parsed.problem === undefined);
          last = parsed.line;
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test.each<[string, (size: number) => string]>([
    ['quotes', (size) => '"\\'.repeat(size / 2)],
    ['blanks', (size) => `a${' '.repeat(size)}b`],
    ['an open quote', (size) => `command="${'"\\'.repeat(size / 2)}`],
    ['commas', (size) => ','.repeat(size)],
    ['options', (size) => 'pty,'.repeat(size / 4)],
  ])('a long line of %s takes time in proportion', (_what, make) => {
    const read = (text: string): void => {
      parseAuthorizedKeys(text);
      parsePrincipals(text);
      parseCaKeys(text);
    };
    const ratio = growth(16_384, (size) => {
      const text = make(size);
      return () => read(text);
    });
    expect(ratio).toBeLessThan(LINEAR);
    read(make(400_000));
  });
});

describe('principals', () => {
  const one = (text: string): ReturnType<typeof parsePrincipals>[number] | undefined =>
    parsePrincipals(text)[0];

  test.each([
    ['adm-full', 'adm-full', true],
    [' \t adm-full \t', 'adm-full', true],
    ['adm-full # x', 'adm-full', true],
    ['restrict,from="10.0.0.0/8" adm-full', 'adm-full', true],
    ['adm-full adm-readonly', 'adm-readonly', false],
    ['adm-full,adm-readonly', 'adm-full,adm-readonly', true],
    ['command="a b"', 'b"', true],
    ['restrict a\tb', 'a\tb', true],
    ['cert-authority adm-full', 'adm-full', false],
    ['principals="x" adm-full', 'adm-full', false],
    ['adm-full\r', 'adm-full\r', true],
    ['\uFEFFadm-full', '\uFEFFadm-full', true],
  ])('%j names %j, honoured: %s', (text, principal, valid) => {
    expect(one(text)).toMatchObject({ line: 1, principal, valid, text });
  });

  test('what is unlikely to be meant is said', () => {
    expect(one('adm\r')?.problem).toMatch(/carriage return/);
    expect(one('\uFEFFadm')?.problem).toMatch(/byte-order mark/);
    expect(one('a,b')?.problem).toMatch(/comma/);
    expect(one('a\uFFFD')?.problem).toMatch(/UTF-8/);
    expect(one('nonsense a')?.problem).toBe('bad options: unknown key option "nonsense"');
    expect(one('adm-full')).not.toHaveProperty('problem');
  });

  test('blank lines and comments are skipped, lines keep their numbers', () => {
    const lines = parsePrincipals('# team\n\n \t\nadm-full\n\0x\n  #\nadm-x');
    expect(lines.map((row) => [row.line, row.principal])).toEqual([
      [4, 'adm-full'],
      [7, 'adm-x'],
    ]);
  });

  test('anything at all: never throws; names hold neither space at the end nor line feed', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', ' ', '\t', '"', '\\', ',', '#', '\r', '\n', '\0', '=') }),
        (text) => {
          for (const { principal } of parsePrincipals(text))
            expect(principal).toMatch(/^[^\n#\0]*[^ \t\n]$|^[^\n#\0]$/);
        },
      ),
      { seed: SEED, numRuns: 1000 },
    );
  });
});

describe('CA keys', () => {
  test('everything is trusted up to the first line that is no key, and what is dead is told', () => {
    const other = ed25519Device();
    const text = `# CAs\n${KEY}\r\n\ncert-authority ${line(other.publicBlob)}\n${KEY}\n`;
    expect(parseCaKeys(text)).toEqual({
      trusted: [{ line: 2, type: TYPE, fingerprint: PRINT, comment: 'comment with  blanks' }],
      stoppedAt: {
        line: 4,
        text: `cert-authority ${line(other.publicBlob)}`.slice(0, 200),
        deadKeys: [
          { type: TYPE, fingerprint: fingerprint(other.publicBlob), comment: '' },
          { type: TYPE, fingerprint: PRINT, comment: 'comment with  blanks' },
        ],
      },
    });
  });

  test('a byte-order mark stops at line 1', () => {
    expect(parseCaKeys(`\uFEFF${KEY}\n`)).toMatchObject({
      trusted: [],
      stoppedAt: { line: 1, deadKeys: [{ fingerprint: PRINT }] },
    });
  });

  test('empty and comments: no key, no stop', () => {
    for (const text of ['', '\n', '# x\n', ' \t']) expect(parseCaKeys(text)).toEqual({ trusted: [] });
  });

  test('anything at all: never throws, and stops once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(KEY, '# c', '', '\r', 'junk', '\t'), { maxLength: 12 }),
        (lines) => {
          const { trusted, stoppedAt } = parseCaKeys(lines.join('\n'));
          const stop = lines.findIndex((text) => text === 'junk' || text === '\r');
          expect(stoppedAt?.line ?? 0).toBe(stop + 1);
          const alive = stop === -1 ? lines : lines.slice(0, stop);
          expect(trusted).toHaveLength(alive.filter((text) => text === KEY).length);
        },
      ),
      { seed: SEED },
    );
  });
});
