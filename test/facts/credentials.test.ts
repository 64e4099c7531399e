import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCertificates, readPrivateKeys } from '../../src/facts/credentials.js';
import { identifySpki } from '../../src/openssh/spki.js';
import { generateKeyPairSync } from 'node:crypto';
import { evidenceOf, word } from '../helpers/evidence.js';

const certificate = readFileSync('test/fixtures/openssh/certs/adm-24h-cert.pub', 'utf8').trim().split(' ');
const FILE = `f 1 ${word('/home/a b/x')} auto 8180 2003 2003 400 1700000000 1700000000\n`;
const END = 'looked 3 1\n';
const keys = (records: string): unknown => readPrivateKeys(evidenceOf({ credentials: FILE + records + END }));

describe('certificates', () => {
  test('with file, owner and line; without buffers', () => {
    const reading = readCertificates(
      evidenceOf({ credentials: `${FILE}c 1 7 ${certificate[0]} ${certificate[1]}\n${END}` }),
    );
    expect(reading).toMatchObject({
      ok: true,
      gaps: [],
      value: [
        {
          path: '/home/a b/x',
          line: 7,
          owner: 'auto',
          stat: { uid: 2003, mtime: 1_700_000_000 },
          certificate: { kind: 'user', signatureValid: true },
        },
      ],
    });
    expect(
      JSON.stringify(reading, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
    ).not.toContain('"type":"Buffer"');
  });
  test('one that does not parse is a gap, one of no known file is none', () => {
    expect(
      readCertificates(
        evidenceOf({
          credentials: `${FILE}c 1 7 ${certificate[0]} ${certificate[1]?.slice(0, 100)}\nc 9 1 ${certificate[0]} ${certificate[1]}\n${END}`,
        }),
      ),
    ).toMatchObject({ ok: true, value: [], gaps: [expect.stringContaining('/home/a b/x')] });
  });
});

describe('private keys', () => {
  test('armours', () => {
    expect(keys('k 1 1 RSA 1 -\n')).toMatchObject({
      value: [{ format: 'pem', encrypted: true, keyType: 'ssh-rsa', line: 1 }],
    });
    expect(keys('k 1 1 - 0 -\n')).toMatchObject({ value: [{ format: 'pkcs8', encrypted: false }] });
    expect(keys('k 1 1 ENCRYPTED 0 -\n')).toMatchObject({ value: [{ format: 'pkcs8', encrypted: true }] });
    expect(keys('k 1 1 SSH2 0 -\n')).toMatchObject({ value: [{ format: 'other' }] });
    expect(keys('k 1 1 OPENSSH 0 -\n')).toMatchObject({ value: [{ format: 'openssh', encrypted: false }] });
    expect(keys('b 1 5353482050524956415445204b45592046494c4520464f524d415420312e310a0003\n')).toMatchObject({
      value: [{ format: 'ssh1', encrypted: true }],
    });
  });
  test('the host’s tools tell the public half; else the file beside does; a broken one does not', () => {
    const line = readFileSync('test/fixtures/openssh/certs/ca_user.pub', 'utf8').trim();
    const [type, base64] = line.split(' ');
    expect(keys(`k 1 1 RSA 0 -\np 1 1 ${type} ${base64}\n`)).toMatchObject({
      value: [{ keyType: type, fingerprint: expect.stringMatching(/^SHA256:/) }],
    });
    expect(keys(`k 1 1 RSA 1 -\nu 1 ${word(line)}\n`)).toMatchObject({
      value: [{ fingerprint: expect.stringMatching(/^SHA256:/) }],
    });
    for (const bad of [
      'p 1 1 \nq 1 1 \n',
      'p 1 1 ssh-rsa AAAA\n',
      `p 1 2 ${type} ${base64}\n`,
      'u 1 -\n',
      `p 2 1 ${type} ${base64}\n`,
    ]) {
      expect(JSON.stringify(keys(`k 1 1 RSA 1 -\n${bad}`))).not.toContain('SHA256');
    }
  });
  test('an owner without a name is told by number', () => {
    const records = FILE.replace(' auto ', ' UNKNOWN ');
    expect(readPrivateKeys(evidenceOf({ credentials: `${records}k 1 1 RSA 0 -\n${END}` }))).toMatchObject({
      value: [{ owner: 'uid 2003' }],
    });
  });
});

test.each([
  [() => generateKeyPairSync('rsa', { modulusLength: 2048 }), 'ssh-rsa'],
  [() => generateKeyPairSync('ed25519'), 'ssh-ed25519'],
  [() => generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'ecdsa-sha2-nistp384'],
  [() => generateKeyPairSync('x25519'), null],
  [() => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), null],
])('SubjectPublicKeyInfo %#: %s', (make, keyType) => {
  const der = make().publicKey.export({ type: 'spki', format: 'der' });
  expect(identifySpki(der)?.keyType ?? null).toBe(keyType);
  expect(identifySpki(der.subarray(0, -1))).toBeNull();
});

describe('the reading', () => {
  test('without a closing record the search did not finish', () => {
    expect(readPrivateKeys(evidenceOf({ credentials: FILE }))).toMatchObject({
      ok: true,
      gaps: ['the search for keys and certificates did not finish'],
    });
    expect(readCertificates(evidenceOf({ credentials: `gap ${word('cut')}\n${END}` }))).toMatchObject({
      ok: true,
      gaps: ['cut'],
    });
    expect(readPrivateKeys(evidenceOf({}))).toMatchObject({ ok: false, reason: 'not-collected' });
  });
  test('nothing a host prints throws', () => {
    const part = fc.oneof(
      fc.constantFrom(
        'f',
        'c',
        'k',
        'b',
        'p',
        'q',
        'u',
        'looked',
        '1',
        '-',
        'OPENSSH',
        'PUTTY',
        'RSA',
        '=AA',
        '\n',
        certificate[1] ?? '',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
        const evidence = evidenceOf({ credentials: FILE + parts.join(' ') });
        expect([readPrivateKeys(evidence).ok, readCertificates(evidence).ok]).toEqual([true, true]);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
