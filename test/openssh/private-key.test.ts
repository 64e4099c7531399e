import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { classifyPrivateKey } from '../../src/openssh/private-key.js';
import { fingerprint, parsePublicKeyLine } from '../../src/openssh/public-key.js';
import { wireString, wireU32 } from '../../src/openssh/wire.js';
import { needs, title } from '../helpers/needs.js';
import { SEED, ed25519Device, fixture, hasDsa, scratch } from './support.js';

const box = scratch();
afterAll(() => box.remove());

const TYPES = ['ed25519', 'rsa', 'ecdsa', ...(hasDsa ? ['dsa'] : [])];
const NAMES: Readonly<Record<string, string>> = {
  ed25519: 'ssh-ed25519',
  rsa: 'ssh-rsa',
  ecdsa: 'ecdsa-sha2-nistp256',
  dsa: 'ssh-dss',
};
const printOf = (name: string): string => {
  const key = parsePublicKeyLine(box.read(`${name}.pub`));
  if (key === null) throw new Error(name);
  return fingerprint(key.blob);
};
/** A copy of key `type` turned into another format and passphrase. */
function converted(type: string, format: string, passphrase: string): Buffer {
  const name = `${type}-${format}-${passphrase}`;
  box.write(name, box.read(type));
  box.keygen('-q', '-p', '-m', format, '-P', '', '-N', passphrase, '-f', name);
  return box.bytes(name);
}

beforeAll(() => {
  for (const type of TYPES) box.key(type, type);
});

describe.each(TYPES)('%s keys', (type) => {
  test.each([
    ['', false],
    ['secret phrase', true],
  ])('OpenSSH format, passphrase %j', (passphrase, encrypted) => {
    const bytes = converted(type, 'RFC4716', passphrase);
    const whole = {
      format: 'openssh',
      encrypted,
      hardwareBound: false,
      keyType: NAMES[type],
      fingerprint: printOf(type),
    };
    expect(classifyPrivateKey(bytes)).toEqual(whole);
    expect(classifyPrivateKey(bytes.subarray(0, 1024))).toEqual(whole);
    expect(classifyPrivateKey(bytes.subarray(0, 256))).toMatchObject({
      format: 'openssh',
      encrypted,
      keyType: NAMES[type],
    });
    expect(classifyPrivateKey(bytes.subarray(0, 60))).toMatchObject({ format: 'openssh' });
    const windows = Buffer.from(bytes.toString().replace(/^/gm, '  ').replace(/\n/g, '\r\n'));
    expect(classifyPrivateKey(windows)).toEqual(whole);
  });
});

// ssh-keygen writes Ed25519 in its own format only.
test.each(TYPES.filter((type) => type !== 'ed25519'))('%s as PEM and PKCS#8, open and encrypted', (type) => {
  const keyType = NAMES[type];
  const pem = { format: 'pem', hardwareBound: false, keyType: type === 'ecdsa' ? 'ecdsa' : keyType };
  expect(classifyPrivateKey(converted(type, 'PEM', ''))).toEqual({ ...pem, encrypted: false });
  expect(classifyPrivateKey(converted(type, 'PEM', 'secret'))).toEqual({ ...pem, encrypted: true });
  const pkcs8 = { format: 'pkcs8', hardwareBound: false };
  expect(classifyPrivateKey(converted(type, 'PKCS8', ''))).toEqual({ ...pkcs8, encrypted: false, keyType });
  expect(classifyPrivateKey(converted(type, 'PKCS8', 'secret'))).toEqual({ ...pkcs8, encrypted: true });
});

test('OpenSSL writes Ed25519 as PKCS#8; junk before a PEM header does not hide it', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  expect(classifyPrivateKey(Buffer.from(`Bag Attributes\n  name: x\n${String(pem)}`))).toMatchObject({
    format: 'pkcs8',
    keyType: 'ssh-ed25519',
    encrypted: false,
  });
});

test('keys bound to a device are told apart', () => {
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    ...['none', 'none', ''].map(wireString),
    wireU32(1),
    wireString(ed25519Device().publicBlob),
  ]);
  const text = `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
  expect(classifyPrivateKey(Buffer.from(text))).toMatchObject({
    hardwareBound: true,
    keyType: 'sk-ssh-ed25519@openssh.com',
    fingerprint: expect.stringMatching(/^SHA256:/),
  });
});

describe('other formats', () => {
  test('PuTTY', () => {
    const blob = parsePublicKeyLine(box.read('ed25519.pub'))?.blob.toString('base64') ?? '';
    const half = Math.ceil(blob.length / 2);
    const file = (encryption: string): Buffer =>
      Buffer.from(
        `PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: ${encryption}\r\nComment: x\r\nPublic-Lines: 2\r\n` +
          `${blob.slice(0, half)}\r\n${blob.slice(half)}\r\nPrivate-Lines: 1\r\nAAAA\r\n`,
      );
    const expected = {
      format: 'putty',
      hardwareBound: false,
      keyType: 'ssh-ed25519',
      fingerprint: printOf('ed25519'),
    };
    expect(classifyPrivateKey(file('none'))).toEqual({ ...expected, encrypted: false });
    expect(classifyPrivateKey(file('aes256-cbc'))).toEqual({ ...expected, encrypted: true });
    expect(classifyPrivateKey(file('none').subarray(0, 50))).toMatchObject({
      format: 'putty',
      keyType: 'ssh-ed25519',
    });
  });

  test('protocol 1', () => {
    const file = (cipher: number): Buffer =>
      Buffer.concat([Buffer.from('SSH PRIVATE KEY FILE FORMAT 1.1\n\0'), Buffer.from([cipher, 0, 0, 0, 0])]);
    expect(classifyPrivateKey(file(0))).toMatchObject({ format: 'ssh1', encrypted: false });
    expect(classifyPrivateKey(file(3))).toMatchObject({ format: 'ssh1', encrypted: true });
  });

  const dropbear = needs.program('dropbearkey', 'dropbear-bin');
  test.skipIf(dropbear)(title('dropbear, as dropbearkey writes it', dropbear), () => {
    for (const type of ['ed25519', 'rsa', 'ecdsa']) {
      const path = box.path(`dropbear-${type}`);
      const printed = execFileSync('dropbearkey', ['-t', type, '-f', path], {
        encoding: 'utf8',
        stdio: 'pipe',
      });
      const key = parsePublicKeyLine(printed.split('\n').find((row) => /^(?:ssh|ecdsa)-/.test(row)) ?? '');
      if (key === null) throw new Error(printed);
      const bytes = box.bytes(`dropbear-${type}`);
      const expected = { format: 'other', encrypted: false, hardwareBound: false, keyType: NAMES[type] };
      expect(classifyPrivateKey(bytes)).toEqual({ ...expected, fingerprint: fingerprint(key.blob) });
      expect(classifyPrivateKey(bytes.subarray(0, 40))).toEqual(expected);
      // A public blob alone is no private key.
      expect(classifyPrivateKey(key.blob)).toBeNull();
    }
  });

  test('bare DER', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    for (const type of ['pkcs1', 'pkcs8'] as const) {
      expect(classifyPrivateKey(privateKey.export({ format: 'der', type }))).toMatchObject({
        format: 'other',
      });
    }
  });
});

describe('not private keys', () => {
  test('public keys, certificates, lists and ordinary text', () => {
    for (const type of TYPES) expect(classifyPrivateKey(box.bytes(`${type}.pub`))).toBeNull();
    for (const name of ['adm-24h-cert.pub', 'krl', 'textkrl', 'authorized_keys.mixed']) {
      expect(classifyPrivateKey(fixture(name))).toBeNull();
    }
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(classifyPrivateKey(Buffer.from(publicKey.export({ format: 'pem', type: 'spki' })))).toBeNull();
    expect(classifyPrivateKey(publicKey.export({ format: 'der', type: 'spki' }))).toBeNull();
    for (const text of [
      '',
      'grep -----BEGIN OPENSSH PRIVATE KEY----- *',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\n',
    ]) {
      expect(classifyPrivateKey(Buffer.from(text))).toBeNull();
    }
  });
});

test('no private byte comes out, whatever the lengths in the file say, and nothing throws', () => {
  const bytes = box.bytes('ed25519');
  const body = Buffer.from(bytes.toString().split('\n').slice(1, -2).join(''), 'base64');
  const known = ['format', 'encrypted', 'hardwareBound', 'keyType', 'fingerprint'];
  const armour = (content: Buffer): Buffer =>
    Buffer.from(`-----BEGIN OPENSSH PRIVATE KEY-----\n${content.toString('base64')}\n`);
  fc.assert(
    fc.property(fc.nat(body.length), fc.uint8Array({ maxLength: 8 }), (at, insert) => {
      const result = classifyPrivateKey(
        armour(Buffer.concat([body.subarray(0, at), insert, body.subarray(at)])),
      );
      for (const field of Object.keys(result ?? {})) expect(known).toContain(field);
      expect(result?.keyType ?? 'none').toMatch(/^[\w@.+-]{1,80}$/);
      classifyPrivateKey(Buffer.concat([bytes.subarray(0, at), insert]));
    }),
    { seed: SEED, numRuns: 1000 },
  );
});
