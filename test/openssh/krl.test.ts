import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseCertificateLine, type ParsedCertificate } from '../../src/openssh/certificate.js';
import { isRevoked, parseRevokedKeys, type RevokedKeys } from '../../src/openssh/krl.js';
import { fingerprint, parsePublicKeyLine } from '../../src/openssh/public-key.js';
import { wireString, wireU32, wireU64 } from '../../src/openssh/wire.js';
import { growth } from '../helpers/growth.js';
import { SEED, ed25519Device, fixture, scratch } from './support.js';

const box = scratch();
afterAll(() => box.remove());

const MAGIC = Buffer.from('SSHKRL\n\0', 'latin1');
const section = (type: number, content: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([type]), wireString(content)]);
const header = (comment = ''): Buffer =>
  Buffer.concat([
    MAGIC,
    wireU32(1),
    wireU64(7n),
    wireU64(1_700_000_000n),
    wireU64(0n),
    wireString(''),
    wireString(comment),
  ]);
const krl = (...sections: Buffer[]): Buffer => Buffer.concat([header(), ...sections]);
const serialSection = (type: number, content: Uint8Array, ca: Uint8Array = Buffer.alloc(0)): Buffer =>
  section(1, Buffer.concat([wireString(ca), wireString(''), section(type, content)]));

const cert = (name: string): ParsedCertificate => {
  const parsed = parseCertificateLine(box.read(name));
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed;
};
const blob = (name: string): Buffer => {
  const key = parsePublicKeyLine(box.read(name));
  if (key === null) throw new Error(name);
  return key.blob;
};

const CERTS = [0n, 1n, 2n, 3n, 42n, 63n, 64n, 65n, 100n, 5000n, 2n ** 63n, 2n ** 64n - 1n];
const PLAIN = ['alice', 'bob'];
const certFile = (ca: string, serial: bigint): string => `${ca}-${String(serial)}-cert.pub`;
const targets: { file: string; target: ParsedCertificate | { blob: Buffer } }[] = [];

beforeAll(() => {
  for (const name of ['ca1', 'ca2', ...PLAIN]) box.key(name);
  for (const ca of ['ca1', 'ca2']) {
    for (const serial of CERTS) {
      box.write(`${ca}-${String(serial)}.pub`, box.read('alice.pub'));
      box.keygen(
        '-q',
        '-s',
        ca,
        '-I',
        `id-${String(serial)}`,
        '-n',
        'p',
        '-z',
        String(serial),
        `${ca}-${String(serial)}.pub`,
      );
      const file = certFile(ca, serial);
      targets.push({ file, target: cert(file) });
    }
  }
  for (const name of [...PLAIN, 'ca1'])
    targets.push({ file: `${name}.pub`, target: { blob: blob(`${name}.pub`) } });
});

/** What `ssh-keygen -Q` answers for every target, in order; null when it will not load the list. */
function keygenSays(file: string): boolean[] | null {
  const { stdout } = box.tryKeygen('-Q', '-f', file, ...targets.map((one) => one.file));
  const rows = stdout.split('\n').filter((row) => /: (?:REVOKED|ok)$/.test(row));
  return rows.length === targets.length ? rows.map((row) => row.endsWith('REVOKED')) : null;
}

const weSay = (revoked: RevokedKeys): boolean[] => targets.map(({ target }) => isRevoked(revoked, target));

/** A KRL made from a ssh-keygen specification (ssh-keygen(1), KEY REVOCATION LISTS). */
function generate(spec: string, ca?: string): Buffer {
  box.write('spec', spec);
  box.keygen('-q', '-k', '-f', 'made.krl', '-s', ca === undefined ? 'none' : `${ca}.pub`, '-z', '9', 'spec');
  return box.bytes('made.krl');
}

const SPECS: readonly (readonly [string, string | undefined, () => string])[] = [
  ['one serial', 'ca1', () => 'serial: 42\n'],
  ['a range', 'ca1', () => 'serial: 2-64\n'],
  [
    'many near serials, kept as a bitmap',
    'ca1',
    () => Array.from({ length: 60 }, (_, i) => `serial: ${String(1 + 2 * i)}\n`).join(''),
  ],
  ['the last serials there are', 'ca2', () => 'serial: 9223372036854775808\nserial: 18446744073709551615\n'],
  ['serials of any CA', undefined, () => 'serial: 3\nserial: 100-6000\n'],
  ['a key ID', 'ca1', () => 'id: id-42\n'],
  ['a key ID of any CA', undefined, () => 'id: id-65\n'],
  ['a key', undefined, () => `key: ${box.read('bob.pub')}`],
  ['a key behind certificates', undefined, () => `key: ${box.read('alice.pub')}`],
  ['a CA', undefined, () => `key: ${box.read('ca1.pub')}`],
  ['a key by SHA-1', undefined, () => `sha1: ${box.read('alice.pub')}`],
  ['a key by SHA-256', undefined, () => `sha256: ${box.read('bob.pub')}`],
  ['a CA by fingerprint', undefined, () => `hash: ${fingerprint(blob('ca2.pub'))}\n`],
];

describe('lists ssh-keygen makes', () => {
  test.each(SPECS)('%s (CA %s)', (_title, ca, spec) => {
    const bytes = generate(spec(), ca);
    const revoked = parseRevokedKeys(bytes);
    expect(revoked).toMatchObject({ format: 'krl', krlVersion: '9' });
    const said = keygenSays('made.krl');
    expect(said).toContain(true);
    expect(said).toContain(false);
    expect(weSay(revoked)).toEqual(said);
  });

  test('what is revoked can be listed', () => {
    const spec = `serial: 2-64\nserial: 70\nid: x y\nkey: ${box.read('bob.pub')}sha1: ${box.read('alice.pub')}`;
    const revoked = parseRevokedKeys(generate(spec, 'ca1'));
    const ca = fingerprint(blob('ca1.pub'));
    const sha1 = createHash('sha1').update(blob('alice.pub')).digest('base64').replace('=', '');
    expect(revoked).toMatchObject({ keyIds: ['x y'], caKeys: [ca] });
    expect(revoked.keys).toEqual([fingerprint(blob('bob.pub')), `SHA1:${sha1}`]);
    expect(revoked.serials).toEqual([
      { ca, from: '2', to: '64' },
      { ca, from: '70', to: '70' },
    ]);
  });

  test('an updated list with sections for two CAs', () => {
    generate('serial: 42\n', 'ca1');
    box.write('spec2', 'serial: 64\n');
    box.keygen('-q', '-k', '-u', '-f', 'made.krl', '-s', 'ca2.pub', 'spec2');
    const revoked = parseRevokedKeys(box.bytes('made.krl'));
    expect(revoked.caKeys).toHaveLength(2);
    expect(weSay(revoked)).toEqual(keygenSays('made.krl'));
  });

  test('random lists are answered as ssh-keygen answers them', () => {
    const serial = fc.oneof(fc.constantFrom(...CERTS.slice(1)), fc.bigInt(1n, 200n));
    const row = fc.oneof(
      serial.map((one) => `serial: ${String(one)}`),
      fc.tuple(serial, serial).map(([a, b]) => `serial: ${String(a < b ? a : b)}-${String(a < b ? b : a)}`),
      fc.constantFrom(...CERTS).map((one) => `id: id-${String(one)}`),
    );
    const spec = fc.tuple(
      fc.array(row, { minLength: 1, maxLength: 40 }),
      fc.constantFrom('ca1', 'ca2', undefined),
    );
    for (const [rows, ca] of fc.sample(spec, { seed: SEED, numRuns: 15 })) {
      const revoked = parseRevokedKeys(generate(`${rows.join('\n')}\n`, ca));
      expect({ rows, answers: weSay(revoked) }).toEqual({ rows, answers: keygenSays('made.krl') });
    }
  });

  test('the recorded list', () => {
    const revoked = parseRevokedKeys(fixture('krl'));
    expect(revoked.format).toBe('krl');
    expect(revoked.serials).toContainEqual(expect.objectContaining({ from: '100', to: '200' }));
    expect(revoked.serials).toContainEqual(expect.objectContaining({ from: '42', to: '42' }));
    expect(revoked.keyIds).toEqual(['adm-eve']);
    const [caFingerprint] = revoked.caKeys;
    expect(caFingerprint).toBe('SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM');
  });
});

describe('lists made by hand', () => {
  const u64s = (...values: bigint[]): Buffer => Buffer.concat(values.map(wireU64));
  const bitmap = (start: bigint, hex: string): Buffer =>
    Buffer.concat([wireU64(start), wireString(Buffer.from(hex, 'hex'))]);
  const extension = (critical: number): Buffer =>
    Buffer.concat([wireString('x@y'), Buffer.from([critical]), wireString('data')]);

  const CASES: readonly (readonly [string, 'krl' | 'invalid', () => Buffer])[] = [
    ['empty list of sections', 'krl', () => krl()],
    ['unknown section', 'invalid', () => krl(section(9, Buffer.alloc(0)))],
    ['unknown certificate section', 'invalid', () => krl(serialSection(0x2f, Buffer.alloc(0)))],
    ['serial 0', 'invalid', () => krl(serialSection(0x20, u64s(0n)))],
    ['range backwards', 'invalid', () => krl(serialSection(0x21, u64s(5n, 4n)))],
    ['range with more behind it', 'invalid', () => krl(serialSection(0x21, u64s(4n, 5n, 6n)))],
    ['half a serial', 'invalid', () => krl(serialSection(0x20, Buffer.alloc(7)))],
    ['bitmap', 'krl', () => krl(serialSection(0x22, bitmap(1n, '0b')))],
    ['bitmap with padding', 'krl', () => krl(serialSection(0x22, bitmap(40n, '000004')))],
    ['empty bitmap', 'krl', () => krl(serialSection(0x22, bitmap(40n, '')))],
    [
      'bitmap beyond the last serial',
      'invalid',
      () => krl(serialSection(0x22, bitmap(2n ** 64n - 1n, '03'))),
    ],
    ['bitmap up to the last serial', 'krl', () => krl(serialSection(0x22, bitmap(2n ** 64n - 2n, '03')))],
    ['bitmap with serial 0', 'invalid', () => krl(serialSection(0x22, bitmap(0n, '03')))],
    ['bitmap from 0 without serial 0', 'krl', () => krl(serialSection(0x22, bitmap(0n, '0c')))],
    ['negative bitmap', 'invalid', () => krl(serialSection(0x22, bitmap(1n, '80')))],
    ['largest bitmap', 'krl', () => krl(serialSection(0x22, bitmap(1n, '7f'.repeat(2048))))],
    ['too large a bitmap', 'invalid', () => krl(serialSection(0x22, bitmap(1n, '7f'.repeat(2049))))],
    ['key ID with a NUL inside', 'invalid', () => krl(serialSection(0x23, wireString('a\0b')))],
    ['short digest', 'invalid', () => krl(section(5, wireString(Buffer.alloc(31))))],
    ['explicit key that is no key', 'krl', () => krl(section(2, wireString('nonsense')))],
    ['CA that is no key', 'invalid', () => krl(serialSection(0x20, u64s(1n), Buffer.from('nonsense')))],
    ['other format version', 'invalid', () => Buffer.concat([MAGIC, wireU32(2), header().subarray(12)])],
    ['trailing byte', 'invalid', () => Buffer.concat([krl(), Buffer.from([2])])],
    ['only the magic', 'invalid', () => MAGIC],
  ];
  test.each(CASES)('%s: %s', (_title, format, make) => {
    const bytes = make();
    box.write('hand.krl', bytes);
    const revoked = parseRevokedKeys(bytes);
    expect(revoked.format).toBe(format);
    const said = keygenSays('hand.krl');
    expect(said === null).toBe(format === 'invalid');
    expect(weSay(revoked)).toEqual(said ?? targets.map(() => true));
  });

  test('extensions may be ignored unless critical', () => {
    expect(parseRevokedKeys(krl(section(255, extension(0)))).format).toBe('krl');
    expect(parseRevokedKeys(krl(section(255, extension(1)))).format).toBe('invalid');
    expect(parseRevokedKeys(krl(serialSection(0x39, extension(0)))).format).toBe('krl');
    expect(parseRevokedKeys(krl(serialSection(0x39, extension(1)))).format).toBe('invalid');
  });

  test('signatures: checked, last, not by a revoked key, not twice', () => {
    const signer = ed25519Device();
    const signed = (body: Buffer, by = signer): Buffer => {
      const start = Buffer.concat([body, section(4, by.publicBlob)]);
      return Buffer.concat([start, wireString(by.sign(start))]);
    };
    const body = krl(serialSection(0x20, u64s(42n)));
    const good = signed(body);
    expect(parseRevokedKeys(good).format).toBe('krl');
    expect(isRevoked(parseRevokedKeys(good), cert(certFile('ca1', 42n)))).toBe(true);
    const other = ed25519Device();
    const forged = { publicBlob: signer.publicBlob, sign: other.sign };
    expect(parseRevokedKeys(signed(body, forged)).detail).toMatch(/does not verify/);
    expect(parseRevokedKeys(Buffer.concat([good, section(2, wireString('x'))])).detail).toMatch(
      /after the signature/,
    );
    expect(parseRevokedKeys(signed(good)).detail).toMatch(/twice/);
    expect(parseRevokedKeys(signed(signed(body), other)).format).toBe('krl');
    const suicide = signed(krl(section(2, wireString(signer.publicBlob))));
    expect(parseRevokedKeys(suicide).detail).toMatch(/revoked in it/);
  });

  test('a list of a million serials in bitmaps is listed in part, and costs hardly more than a part', () => {
    const dense = Buffer.alloc(2048, 0x55);
    const list = (bitmaps: number): Buffer => {
      const parts = Array.from({ length: bitmaps }, (_, i) =>
        section(0x22, Buffer.concat([wireU64(BigInt(1 + i * 16384)), wireString(dense)])),
      );
      return krl(section(1, Buffer.concat([wireString(''), wireString(''), ...parts])));
    };
    const revoked = parseRevokedKeys(list(500));
    expect(revoked.serials).toHaveLength(10_000);
    expect(revoked.detail).toMatch(/too long/);
    expect(isRevoked(revoked, { ...cert(certFile('ca1', 42n)), serial: 1n + 499n * 16384n })).toBe(true);
    expect(isRevoked(revoked, { ...cert(certFile('ca1', 42n)), serial: 2n + 499n * 16384n })).toBe(false);
    const ratio = growth(
      125,
      (bitmaps) => {
        const bytes = list(bitmaps);
        return () => void parseRevokedKeys(bytes);
      },
      2,
    );
    expect(ratio).toBeLessThan(2);
  });
});

describe('text lists', () => {
  test('keys, comments and certificates; a certificate is revoked by its key and by its CA', () => {
    const text = `# revoked\n\n \t${box.read('bob.pub')}${box.read('ca1.pub')}`;
    const revoked = parseRevokedKeys(Buffer.from(text));
    expect(revoked.format).toBe('text');
    expect(revoked.keys).toEqual([fingerprint(blob('bob.pub')), fingerprint(blob('ca1.pub'))]);
    expect(isRevoked(revoked, { blob: blob('bob.pub') })).toBe(true);
    expect(isRevoked(revoked, { blob: blob('alice.pub') })).toBe(false);
    expect(isRevoked(revoked, cert(certFile('ca1', 42n)))).toBe(true);
    expect(isRevoked(revoked, cert(certFile('ca2', 42n)))).toBe(false);
    const byCertificate = parseRevokedKeys(box.bytes(certFile('ca2', 1n)));
    expect(isRevoked(byCertificate, cert(certFile('ca1', 42n)))).toBe(true);
  });

  test('the recorded list', () => {
    expect(parseRevokedKeys(fixture('textkrl'))).toMatchObject({
      format: 'text',
      keys: [expect.stringMatching(/^SHA256:/)],
    });
  });

  test.each([
    ['', 'empty'],
    ['# nothing\n\n', 'empty'],
    ['junk\n', 'invalid'],
    ['\r\n', 'invalid'],
    ['\uFEFF# comment\n', 'invalid'],
  ])('%j is %s', (text, format) => {
    const revoked = parseRevokedKeys(Buffer.from(text));
    expect(revoked.format).toBe(format);
    expect(isRevoked(revoked, { blob: blob('bob.pub') })).toBe(format === 'invalid');
  });
});

test('random and damaged bytes never throw', () => {
  const base = generate(`serial: 2-64\nid: x\nkey: ${box.read('bob.pub')}`, 'ca1');
  const damaged = fc
    .tuple(fc.nat(base.length), fc.uint8Array({ maxLength: 60 }))
    .map(([length, tail]) => Buffer.concat([base.subarray(0, length), tail]));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => {
      const revoked = parseRevokedKeys(bytes);
      expect(['krl', 'text', 'empty', 'invalid']).toContain(revoked.format);
    }),
    { seed: SEED, numRuns: 500 },
  );
});
