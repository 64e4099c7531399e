import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hostKeyProblem } from '../../src/inventory/host-key.js';
import * as values from '../../src/inventory/values.js';
import { needs, title } from '../helpers/needs.js';

/** What of all that should be accepted is not. */
const refused = (problemOf: values.ProblemOf, texts: readonly string[]): string[] =>
  texts.filter((text) => problemOf(text) !== null);
/** What of all that should be refused is accepted, or refused in other words. */
const misjudged = (problemOf: values.ProblemOf, texts: Readonly<Record<string, RegExp>>): unknown[] =>
  Object.entries(texts)
    .map(([text, message]) => ({ text, message, told: problemOf(text) }))
    .filter(({ message, told }) => told === null || !message.test(told));

describe('addresses', () => {
  it('are RFC 1123 names and IP addresses', () => {
    expect(
      refused(values.addressProblem, [
        'a',
        'db.example.com',
        'db.example.com.',
        '10.0.4.11',
        '2001:db8::1',
        '::1',
        'fe80::1%eth0',
        'db_1',
      ]),
    ).toEqual([]);
  });
  it('are nothing a shell or a program could take for something else', () => {
    expect(
      misjudged(values.addressProblem, {
        '-oProxyCommand=id': /begins with "-"/,
        '[::1]': /without brackets/,
        'root@host': /goes into user/,
        'host:22': /goes into port/,
        '10.0.4.300': /not an IP address/,
        '1.2.3': /not an IP address/,
        'a b': /not an address/,
        'a;id': /not an address/,
        '$(id)': /not an address/,
        '`id`': /not an address/,
        'a\nb': /not an address/,
        'a\u0000': /not an address/,
        'web*': /not an address/,
        'a..b': /not an address/,
        'ä.de': /not an address/,
        '': /not an address/,
      }),
    ).toEqual([]);
    expect(values.addressProblem(`${'a'.repeat(64)}.de`)).toMatch(/not an address/);
    expect(values.addressProblem(`${'a.'.repeat(130)}de`)).toMatch(/not an address/);
  });
});

describe('names, accounts and labels', () => {
  it('accept what is usual', () => {
    expect(refused(values.nameProblem, ['prod-db-01', 'a', 'web_1.eu'])).toEqual([]);
    expect(
      refused(values.accountProblem, ['ops', '_apt', 'svc-a$', 'first.last', 'user@corp.example']),
    ).toEqual([]);
    expect(refused(values.tagProblem, ['production', 'team:db', 'a/b'])).toEqual([]);
  });
  it('refuse what could leave its file, line or word', () => {
    expect(
      misjudged(values.nameProblem, {
        '..': /usable name/,
        '../x': /usable name/,
        'a/b': /usable name/,
        '-a': /usable name/,
        'a:1': /usable name/,
        '': /usable/,
      }),
    ).toEqual([]);
    expect(
      misjudged(values.accountProblem, {
        '..': /account/,
        'a/b': /account/,
        '-a': /account/,
        '+all': /account/,
        'a b': /account/,
        'a;b': /account/,
        '': /account/,
      }),
    ).toEqual([]);
    expect(
      misjudged(values.tagProblem, { 'a,b': /label/, '!a': /label/, 'a b': /label/, '*': /label/ }),
    ).toEqual([]);
  });
});

describe('principals', () => {
  it('are what sshd compares whole', () => {
    expect(refused(values.principalProblem, ['adm-full', 'agt-task-x.1', 'ops@corp', 'rôle', '1'])).toEqual(
      [],
    );
    expect(
      misjudged(values.principalProblem, {
        'a b': /last word/,
        'a\tb': /last word/,
        'a,b': /comma/,
        'adm-*': /exactly/,
        'a#b': /not a principal/,
        'a"b': /not a principal/,
        'a\u0007b': /not a principal/,
        'a\u202Eb': /not a principal/,
        '-a': /not a principal/,
        '': /not a principal/,
      }),
    ).toEqual([]);
  });
});

describe.skipIf(needs.sshKeygen)(title('fingerprints and host keys', needs.sshKeygen), () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'inventory-'));
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', 'a comment', '-f', join(folder, type)]);
    }
    execFileSync(
      'ssh-keygen',
      ['-q', '-s', join(folder, 'rsa'), '-h', '-I', 'host', join(folder, 'ed25519.pub')],
      { stdio: 'ignore' },
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();

  it('accept what ssh-keygen prints', () => {
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const printed = execFileSync('ssh-keygen', ['-lf', join(folder, `${type}.pub`)], { encoding: 'utf8' });
      expect(refused(hostKeyProblem, [read(`${type}.pub`), printed.split(' ')[1] ?? ''])).toEqual([]);
    }
  });

  it('accept every SHA-256 value, and no text that decodes to another', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
        const digest = createHash('sha256').update(bytes).digest('base64').replace('=', '');
        expect(values.fingerprintProblem(`SHA256:${digest}`)).toBeNull();
        expect(values.fingerprintProblem(`SHA256:${digest.slice(0, -1)}B`)).toMatch(/mistyped/);
      }),
      { seed: 1 },
    );
  });

  it('say what to write instead', () => {
    const digest = 'woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM';
    const md5 = '16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48';
    expect(
      misjudged(hostKeyProblem, {
        [`MD5:${md5}`]: /MD5.*ssh-keygen -lf/,
        [md5]: /MD5/,
        [`sha256:${digest}`]: /capitals/,
        [`SHA256:${digest}=`]: /remove the "="/,
        [`SHA256:${digest.slice(1)}`]: /43 base64/,
        'ssh-ed25519 AAAA': /not a public key/,
        'web1 ssh-ed25519 AAAA': /not a public key/,
        [`${read('ed25519.pub')}\n${read('rsa.pub')}`]: /one host key per list entry/,
        [read('ed25519-cert.pub')]: /certificate cannot be pinned/,
      }),
    ).toEqual([]);
  });

  it('never repeat a private key', () => {
    const key = read('ed25519');
    const secret = key.split('\n')[2] ?? '';
    expect(hostKeyProblem(key)).toMatch(/private key/);
    for (const problemOf of [hostKeyProblem, values.pathProblem, values.lineProblem]) {
      expect(problemOf(key)).not.toContain(secret.slice(0, 10));
      expect(problemOf(key)).not.toContain('b3BlbnNzaC1');
    }
  });
});

describe('instants', () => {
  it('have a time, a zone and an end in sight', () => {
    expect(
      refused(values.instantProblem, [
        '2027-03-31T00:00:00Z',
        '2027-03-31T00:00:00.5Z',
        '2028-02-29T23:59:59+02:00',
      ]),
    ).toEqual([]);
    expect(
      misjudged(values.instantProblem, {
        '2027-03-31': /no zone or no time/,
        '2027-03-31T00:00:00': /no zone or no time/,
        '2027-02-30T00:00:00Z': /no day of the calendar/,
        '2027-13-01T00:00:00Z': /no day of the calendar/,
        '2027-03-31T24:00:00Z': /not a date/,
        '9999-12-31T00:00:00Z': /never ends/,
        never: /not a date/,
      }),
    ).toEqual([]);
    expect(values.toUtc('2027-03-31T01:00:00+02:00')).toBe('2027-03-30T23:00:00.000Z');
  });
  it('are judged, not thrown over, whatever the text', () => {
    const digits = fc.string({
      unit: fc.constantFrom('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'),
      minLength: 2,
      maxLength: 2,
    });
    fc.assert(
      fc.property(digits, digits, digits, digits, (a, b, c, d) => {
        const text = `20${a}-${b}-${c}T${d}:00:00Z`;
        const accepted = values.instantProblem(text) === null;
        expect(accepted ? values.toUtc(text).slice(0, 13) : text.slice(0, 13)).toBe(text.slice(0, 13));
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
});

describe('jump hosts', () => {
  it.each([
    ['bastion', { host: 'bastion' }],
    ['ops@bastion:2222', { user: 'ops', host: 'bastion', port: 2222 }],
    ['10.0.0.1:22', { host: '10.0.0.1', port: 22 }],
    ['2001:db8::1', { host: '2001:db8::1' }],
    ['ops@[2001:db8::1]:22', { user: 'ops', host: '2001:db8::1', port: 22 }],
  ])('%s', (text, expected) => {
    expect(values.parseJump(text)).toEqual(expected);
  });
  it.each(['', 'a b', '@a', 'a@', '-x@a', 'a:0', 'a:65536', 'a:x', '[a]:22', '-oX=1', 'a@b@c', 'a;b'])(
    'not %j',
    (text) => {
      expect(values.parseJump(text)).toBeNull();
    },
  );
  it('point to lists', () => {
    expect(
      misjudged(values.jumpProblem, { 'a,b': /as a list/, none: /jump: \[\]/, 'a b': /not a jump host/ }),
    ).toEqual([]);
  });
});
