/** known_hosts as OpenSSH reads it: `ssh-keygen -F` and `-H` are the oracles. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createKnownHostsLoader,
  indexKnownHosts,
  parseKnownHosts,
  type KnownHosts,
} from '../../../src/transports/ssh/known-hosts.js';
import { wireString } from '../../../src/openssh/wire.js';
import { needs, title } from '../../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../../helpers/sshd.js';

/** A well-formed ed25519 key; what its 32 bytes are does not matter here. */
const key = (seed: number): { line: string; blob: Buffer } => {
  const blob = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(32, seed))]);
  return { line: `ssh-ed25519 ${blob.toString('base64')}`, blob };
};
const K1 = key(1);
const K2 = key(2);
const parse = (text: string): KnownHosts => indexKnownHosts(parseKnownHosts(text, 'kh'), ['kh'], []);
const linesOf = (known: KnownHosts, name: string): number[] => known.all(name).map((entry) => entry.line);
const hash = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};

describe('lines', () => {
  it.each([
    ['plain', `a ${K1.line}`, 'a', true],
    ['upper case in the file', `HOST.Example ${K1.line}`, 'host.example', true],
    ['several names', `a,b,10.0.0.1 ${K1.line}`, 'b', true],
    ['another name', `a ${K1.line}`, 'ab', false],
    ['a pattern', `*.example ${K1.line}`, 'x.example', true],
    ['a question mark', `db? ${K1.line}`, 'db1', true],
    ['a negated name', `*.example,!bad.example ${K1.line}`, 'bad.example', false],
    ['a negated name first', `!bad.example,*.example ${K1.line}`, 'bad.example', false],
    ['only a negation', `!bad.example ${K1.line}`, 'good.example', false],
    ['a port', `[a]:2222 ${K1.line}`, '[a]:2222', true],
    ['a port is part of the name', `[a]:2222 ${K1.line}`, 'a', false],
    ['a pattern with a port', `[*.example]:2222 ${K1.line}`, '[x.example]:2222', true],
    ['hashed', `${hash('a')} ${K1.line}`, 'a', true],
    ['hashed, another name', `${hash('a')} ${K1.line}`, 'b', false],
    ['hashed with a short salt', `|1|AAAA|${hash('a').split('|')[3] ?? ''} ${K1.line}`, 'a', false],
    ['tabs and a comment', `a\t${K1.line}\tsomebody@somewhere`, 'a', true],
    ['leading blanks', `  a ${K1.line}`, 'a', true],
    ['carriage return', `a ${K1.line}\r`, 'a', true],
    ['a comment line', `# a ${K1.line}`, 'a', false],
    ['an unknown marker', `@trusted a ${K1.line}`, 'a', false],
    ['no key', 'a', 'a', false],
    ['a key of another type than it says', `a ${K1.line.replace('ssh-ed25519', 'ssh-rsa')}`, 'a', false],
    ['a cut key', `a ${K1.line.slice(0, -8)}`, 'a', false],
    ['SSH protocol 1', 'a 1024 35 12345678', 'a', false],
  ])('%s', (_what, line, name, found) => {
    expect(linesOf(parse(line), name)).toEqual(found ? [1] : []);
  });

  it('keeps markers, files and line numbers', () => {
    const known = parse(
      `\n# comment\n@cert-authority *.example ${K1.line}\n@revoked * ${K2.line}\na ${K2.line}\n`,
    );
    expect(known.all('a.example').map((entry) => [entry.marker, entry.line])).toEqual([
      ['@cert-authority', 3],
      ['@revoked', 4],
    ]);
    expect(known.holding(K2.blob, 'a').map((entry) => [entry.marker, entry.line])).toEqual([
      ['@revoked', 4],
      ['', 5],
    ]);
  });

  it('finds hashed lines by key, and reads them all only when asked to', () => {
    const known = parse(`${hash('a')} ${K1.line}\n@cert-authority ${hash('a')} ${K2.line}\n`);
    expect(known.holding(K1.blob, 'a')).toHaveLength(1);
    expect(known.holding(K1.blob, 'b')).toHaveLength(0);
    expect(known.readable('a').map((entry) => entry.line)).toEqual([2]);
    expect(linesOf(known, 'a').sort()).toEqual([1, 2]);
  });

  it('of 5,000 hashed entries one is tried per connection', () => {
    const entries = Array.from({ length: 5000 }, (_, index) => {
      const blob = Buffer.concat([
        wireString('ssh-ed25519'),
        wireString(createHmac('sha256', 'k').update(String(index)).digest()),
      ]);
      return { blob, line: `${hash(`host${String(index)}`)} ssh-ed25519 ${blob.toString('base64')}` };
    });
    let tried = 0;
    const parsed = parseKnownHosts(entries.map((entry) => entry.line).join('\n'), 'kh').map((entry) => ({
      ...entry,
      matches: (name: string) => {
        tried += 1;
        return entry.matches(name);
      },
    }));
    const known = indexKnownHosts(parsed, ['kh'], []);
    for (let index = 0; index < 5000; index += 1)
      expect(known.holding(entries[index]?.blob ?? Buffer.alloc(0), `host${String(index)}`)).toHaveLength(1);
    // One HMAC each.
    expect(tried).toBe(5000);
  });

  it('never throws, whatever the bytes', () => {
    const soup = fc.array(
      fc.constantFrom(
        'a',
        '*',
        '!',
        '|1|',
        '|',
        '@revoked ',
        '@',
        '#',
        ' ',
        '\t',
        '\n',
        '\r',
        '\0',
        ',',
        '[',
        ']',
        ':',
        K1.line,
        'ssh-rsa',
        'AAAA',
        '=',
        'é',
      ),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          soup.map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        fc.string(),
        (text, name) => {
          const known = parse(text);
          for (const entry of known.all(name)) expect(entry.matches(name)).toBe(true);
        },
      ),
      { seed: 20261121, numRuns: 2000 },
    );
  });
});

describe.skipIf(needs.sshKeygen)(title('the same lines as ssh-keygen', needs.sshKeygen), () => {
  let directory: string;
  beforeAll(() => {
    directory = temporaryDirectory('known-hosts');
  });
  afterAll(() => removeDirectory(directory));

  /** Line numbers that `ssh-keygen -F` finds for a name. */
  const oracle = (text: string, name: string): number[] => {
    const path = join(directory, 'oracle');
    writeFileSync(path, text);
    const { stdout } = spawnSync('ssh-keygen', ['-F', name, '-f', path], { encoding: 'utf8' });
    return [...stdout.matchAll(/^# Host .* found: line (\d+)/gm)].map((match) => Number(match[1]));
  };

  it('-F agrees on names, patterns, negation, ports and markers', () => {
    // Keys are sound here: -F does not look at them.
    const part = fc.constantFrom(
      'a',
      'b.example',
      '*.example',
      'b*',
      '?',
      '!a',
      '!b.example',
      '!*',
      '[a]:22',
      '[a]:2222',
      '[*]:2222',
      'A',
      '*',
      '',
      '10.0.0.?',
    );
    const names = fc.oneof(
      fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join(',')),
      fc.constantFrom('a', 'b.example', '[a]:2222').map(hash),
    );
    const line = fc
      .tuple(
        fc.constantFrom('', '@revoked ', '@cert-authority ', '@other ', '#', ' '),
        names,
        fc.constantFrom(K1.line, K2.line),
      )
      .map(([marker, list, end]) => `${marker}${list} ${end}`);
    fc.assert(
      fc.property(
        // Each line is compared by itself: many for each start of ssh-keygen.
        fc.array(line, { maxLength: 25 }),
        fc.constantFrom('a', 'b.example', 'x', '[a]:2222', '10.0.0.1'),
        (lines, name) => {
          const text = `${lines.join('\n')}\n`;
          expect(linesOf(parse(text), name).sort()).toEqual(oracle(text, name).sort());
        },
      ),
      { seed: 20261121, numRuns: 60 },
    );
  });

  it('-H: hashed by OpenSSH, found by us', () => {
    const path = join(directory, 'hashed');
    writeFileSync(
      path,
      `one.example,10.1.1.1 ${K1.line}\n[two.example]:2222 ${K2.line}\n*.wild ${K1.line}\n`,
    );
    execFileSync('ssh-keygen', ['-q', '-H', '-f', path], { stdio: 'ignore' });
    const known = createKnownHostsLoader()([path]);
    for (const name of ['one.example', '10.1.1.1']) expect(known.holding(K1.blob, name)).toHaveLength(1);
    expect(known.holding(K2.blob, '[two.example]:2222')).toHaveLength(1);
    expect(known.all('[two.example]:2222').every((entry) => entry.hashed)).toBe(true);
    expect(known.all('three.example')).toHaveLength(0);
  });

  it('missing files are no problem, unreadable ones are told', () => {
    const path = join(directory, 'a-directory');
    mkdirSync(path);
    chmodSync(path, 0o700);
    const known = createKnownHostsLoader()([join(directory, 'missing'), path]);
    expect(known.problems).toEqual([expect.stringContaining(path)]);
  });
});
