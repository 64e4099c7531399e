/**
 * The same files read by our parsers and by a real sshd: they must agree about who gets in.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAuthorizedKeys } from '../../src/openssh/authorized-keys.js';
import { parseCaKeys } from '../../src/openssh/ca-keys.js';
import { parseCertificateLine } from '../../src/openssh/certificate.js';
import { isRevoked, parseRevokedKeys } from '../../src/openssh/krl.js';
import { parsePrincipals } from '../../src/openssh/principals.js';
import { fingerprint, parsePublicKeyLine } from '../../src/openssh/public-key.js';
import { needs, title } from '../helpers/needs.js';
import { login, type Attempt } from './sshd-login.js';
import { SEED, scratch } from './support.js';

const missing = needs.sshd;
const box = scratch();
afterAll(() => box.remove());

const pub = (name: string): string => box.read(`${name}.pub`).trim();
const printOf = (name: string): string => fingerprint(parsePublicKeyLine(pub(name))?.blob ?? Buffer.alloc(0));

beforeAll(() => {
  for (const name of ['host', 'ca', 'ca2', 'plain', 'user', 'crlf']) box.key(name);
  box.keygen('-q', '-s', 'ca', '-I', 'id', '-n', 'adm-full,root', '-z', '5', 'user.pub');
  box.keygen('-q', '-s', 'ca', '-I', 'id', '-n', 'adm\r,\uFEFFadm,a\tb,y"', 'crlf.pub');
});

/** Option text from fragments that are right, nearly right and wrong. */
const FRAGMENTS = String.raw`
restrict ¦ no-restrict ¦ pty ¦ no-pty ¦ NO-PTY ¦ No-User-RC ¦ ptyx ¦ no- ¦ cert-authority
unknown ¦ CERT-AUTHORITY ¦ no-cert-authority ¦ verify-required ¦ no-touch-required
X11-forwarding ¦ command="a b" ¦ command="a \"b\" c" ¦ command="" ¦ command=x ¦ command
command="x ¦ COMMAND="x" ¦ from="10.0.0.0/8" ¦ from="*" ¦ principals="a,b" ¦ environment="A=b"
environment="Ab" ¦ environment="=b" ¦ environment="A-B=c" ¦ permitopen="h:22" ¦ permitopen="h:*"
permitopen="h" ¦ permitopen="[::1]:22" ¦ permitopen="[::1:22" ¦ permitopen="h:0"
permitopen="h:65536" ¦ permitopen=":22" ¦ permitopen="h/22" ¦ permitopen="h: 22"
permitopen="h:+22" ¦ permitopen="[a]x:22" ¦ permitlisten="22" ¦ permitlisten="a:22"
permitlisten="!" ¦ permitlisten="*:*" ¦ permitlisten="" ¦ permitopen="" ¦ tunnel="0"
tunnel="any" ¦ tunnel="ANY" ¦ tunnel="-1" ¦ tunnel="x" ¦ tunnel="2147483645"
tunnel="2147483646" ¦ tunnel="" ¦ expiry-time="20300101" ¦ expiry-time="203001011200"
expiry-time="20300101120000" ¦ expiry-time="20300101Z" ¦ expiry-time="2030010112Z"
expiry-time="20301301" ¦ expiry-time="20300132" ¦ expiry-time="203001012460"
expiry-time="20300231" ¦ expiry-time="19600101" ¦ expiry-time="2030-01-01" ¦ expiry-time=""
expiry-time="Z" ¦ expiry-time="2030 1 1" ¦ expiry-time="203001011200z"
expiry-time="20300101UTC" ¦ expiry-time="2030+1 1" ¦ expiry-time="20300101125961"
expiry-time="20300101125962" ¦ expiry-time="20300001" ¦ " ¦ \" ¦ = ¦ é ¦ "a b" ¦ no-no-pty
restrict=x ¦ pty"x"
`;
const fragment = fc.constantFrom('', 'expiry-time="\t2300101"', ...FRAGMENTS.trim().split(/ ¦ |\n/));
const optionText = fc
  .tuple(
    fc.array(fc.tuple(fragment, fc.constantFrom(',', ',', ',', ',', ',', ',', ',', ',', '', ',,')), {
      minLength: 1,
      maxLength: 3,
    }),
    fc.boolean(),
  )
  .map(([parts, comma]) => {
    const text = parts.map(([part, separator]) => part + separator).join('');
    return comma ? text : text.replace(/,+$/, '');
  })
  .filter((text) => text !== '' && !text.startsWith('#'));

describe.skipIf(missing)(title('a real sshd', missing), () => {
  test('options before a principal are right or wrong for the same lines', () => {
    const texts = fc.sample(optionText, { seed: SEED, numRuns: 1500 });
    const content = texts.map((text) => `${text} nobody\n`).join('');
    const { log } = login(box, { principals: content, caKeys: `${pub('ca')}\n`, identity: 'user' });
    const refused = new Set(
      [...log.matchAll(/principals:(\d+): bad principals options: /g)].map((row) => Number(row[1])),
    );
    expect(refused.size).toBeGreaterThan(300);
    expect(refused.size).toBeLessThan(1300);
    const ours = parsePrincipals(content);
    const disagreed = ours.filter(({ line, problem }) => {
      const misplaced = problem?.endsWith('is not allowed here') ?? false;
      const bad = (problem?.startsWith('bad options') ?? false) && !misplaced;
      return bad !== refused.has(line);
    });
    expect(disagreed).toEqual([]);
  });

  test('options before a key are right or wrong for the same lines', () => {
    const texts = fc.sample(optionText, { seed: SEED + 1, numRuns: 1500 });
    const content = texts.map((text) => `${text} ${pub('plain')}\n`).join('');
    // A certificate, because sshd then tries keys of every type.
    const { log } = login(box, { authorizedKeys: content, identity: 'user' });
    const at = (pattern: RegExp): Set<number> =>
      new Set([...log.matchAll(pattern)].map((row) => Number(row[1])));
    const refused = at(/authorized_keys:(\d+): bad key options: /g);
    const unclosed = at(/authorized_keys:(\d+): check options: .*\n'\r?\ninvalid key option string/g);
    expect(Math.min(refused.size, unclosed.size)).toBeGreaterThan(20);
    const ours = parseAuthorizedKeys(content);
    expect(ours).toHaveLength(1500);
    const disagreed = ours.filter(({ line, problem }) => {
      const bad = problem?.startsWith('bad options') ?? false;
      const open = problem === 'a quote that is never closed';
      return bad !== refused.has(line) || open !== unclosed.has(line);
    });
    expect(disagreed).toEqual([]);
  });

  const KEY_LINES: readonly (readonly [string, (key: string) => string])[] = [
    ['plain', (key) => key],
    ['no final line feed, CRLF, blanks', (key) => `# c\r\n\r\n \t ${key}\r`],
    ['after a long junk line', (key) => `${'x'.repeat(300_000)}\n${key}\n`],
    ['options', (key) => `restrict,command="true" ${key}\n`],
    ['quoted blanks and quotes', (key) => `command="echo \\"a b\\"" ${key}\n`],
    ['quote never closed', (key) => `command="x ${key}\n`],
    ['byte-order mark', (key) => `\uFEFF${key}\n`],
    ['NUL before', (key) => `\0${key}\n`],
    ['NUL behind', (key) => `${key}\0 nonsense\n`],
    ['NUL in a comment, key on the next line', (key) => `# x\0\n${key}\n`],
    ['inside a command', (key) => `command="${key}" ssh-ed25519 AAAA\n`],
    ['vertical tab instead of a blank', (key) => key.replace(' ', '\v')],
    ['vertical tab inside base64', (key) => key.replace('AAAAI', 'AAAA\vI')],
    ['principals on a key', (key) => `principals="x" ${key}\n`],
    ['a certificate authority is no key', (key) => `cert-authority ${key}\n`],
    ['its own certificate', () => box.read('user-cert.pub')],
  ];
  test.each(KEY_LINES)('authorized_keys: %s', (_title, make) => {
    const content = make(pub('plain'));
    const ours = parseAuthorizedKeys(content).some(
      ({ valid, certAuthority, key }) => valid && !certAuthority && key?.fingerprint === printOf('plain'),
    );
    expect(login(box, { authorizedKeys: content, identity: 'plain' }).accepted).toBe(ours);
  });

  test.each([
    ['cert-authority', true],
    ['CERT-Authority,no-pty', true],
    ['cert-authority,principals="adm-full"', true],
    ['restrict', false],
    ['no-cert-authority', false],
  ])('authorized_keys: %s in front of a CA key', (options, trusted) => {
    const content = `${options} ${pub('ca')}\n`;
    const ours = parseAuthorizedKeys(content).some(({ valid, certAuthority }) => valid && certAuthority);
    expect(ours).toBe(trusted);
    expect(login(box, { authorizedKeys: content, identity: 'user' }).accepted).toBe(trusted);
  });

  const CA_FILES: readonly (readonly [string, () => string])[] = [
    [
      'after another, with comments, blanks and CRLF',
      () => `# CAs\r\n\n \t${pub('ca2')}\r\n\t${pub('ca')}\r\n`,
    ],
    ['after a line that is only a carriage return', () => `${pub('ca2')}\n\r\n${pub('ca')}\n`],
    ['after junk', () => `junk\n${pub('ca')}\n`],
    ['before junk', () => `${pub('ca')}\njunk\n`],
    ['with an option', () => `cert-authority ${pub('ca')}\n`],
    ['byte-order mark', () => `\uFEFF${pub('ca')}\n`],
    ['after a certificate', () => `${box.read('user-cert.pub')}${pub('ca')}\n`],
    ['only its own certificate', () => box.read('user-cert.pub')],
    ['after a cut key', () => `${pub('ca2').slice(0, 50)}\n${pub('ca')}\n`],
    ['after a line that starts with NUL', () => `\0junk\n${pub('ca')}\n`],
    ['no line feed at the end', () => pub('ca')],
  ];
  test.each(CA_FILES)('TrustedUserCAKeys: %s', (_title, make) => {
    const caKeys = make();
    const { trusted, stoppedAt } = parseCaKeys(caKeys);
    const ours = trusted.some((key) => key.fingerprint === printOf('ca'));
    expect(login(box, { caKeys, principals: 'adm-full\n', identity: 'user' }).accepted).toBe(ours);
    const dead = stoppedAt?.deadKeys.map((key) => key.fingerprint) ?? [];
    expect(ours || dead.includes(printOf('ca'))).toBe(caKeys.includes(pub('ca')));
  });

  const PRINCIPALS: readonly (readonly [string, 'user' | 'crlf'])[] = [
    ['adm-full', 'user'],
    [' \tadm-full \t\n', 'user'],
    ['adm-full # the team\n', 'user'],
    ['adm-full\r\n', 'user'],
    ['\uFEFFadm-full\n', 'user'],
    ['ADM-FULL\n', 'user'],
    ['adm-*\n', 'user'],
    ['adm-full,x\n', 'user'],
    ['adm-full x\n', 'user'],
    ['restrict,pty adm-full\n', 'user'],
    ['restrict \t adm-full\n', 'user'],
    ['command="true x" adm-full\n', 'user'],
    ['cert-authority adm-full\n', 'user'],
    ['restrict,principals="adm-full" adm-full\n', 'user'],
    ['x\0\nadm-full\n', 'user'],
    ['adm-full\0x\n', 'user'],
    ['', 'user'],
    ['adm\r\n', 'crlf'],
    ['\uFEFFadm\n', 'crlf'],
    ['restrict a\tb\n', 'crlf'],
    ['restrict\ta\tb\n', 'crlf'],
    ['command="x y"\n', 'crlf'],
  ];
  test.each(PRINCIPALS)('principals file %j with the certificate of %s', (principals, identity) => {
    const cert = parseCertificateLine(box.read(`${identity}-cert.pub`));
    if ('problem' in cert) throw new Error(cert.problem);
    const names = parsePrincipals(principals).flatMap(({ valid, principal }) => (valid ? [principal] : []));
    const ours = names.some((name) => cert.principals.includes(name));
    const attempt: Attempt = { principals, caKeys: `${pub('ca')}\n`, identity };
    expect(login(box, attempt).accepted).toBe(ours);
  });

  const REVOKED: readonly (readonly [string, () => Uint8Array])[] = [
    ['nothing', () => Buffer.alloc(0)],
    ['the CA, as text', () => Buffer.from(`${pub('ca')}\n`)],
    ['the key, as text', () => Buffer.from(`${pub('user')}\n`)],
    ['junk', () => Buffer.from(`${pub('plain')}\njunk\n`)],
    ['a carriage return', () => Buffer.from('\r\n')],
    ['a broken KRL', () => Buffer.from('SSHKRL\n\0\0\0\0')],
  ];
  test.each(REVOKED)('RevokedKeys: %s', (_title, make) => {
    const revoked = make();
    const cert = parseCertificateLine(box.read('user-cert.pub'));
    if ('problem' in cert) throw new Error(cert.problem);
    const attempt = { revoked, caKeys: `${pub('ca')}\n`, principals: 'adm-full\n', identity: 'user' };
    expect(login(box, attempt).accepted).toBe(!isRevoked(parseRevokedKeys(revoked), cert));
  });
});
