import { createPublicKey, verify, sign, createPrivateKey } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAuthorizedKeys } from '../../src/openssh/authorized-keys.js';
import {
  KEY_TYPES,
  fingerprint,
  keyBits,
  parsePublicKeyLine,
  plainBlob,
  publicKeyObject,
} from '../../src/openssh/public-key.js';
import { WireError, wireMpint, wireString } from '../../src/openssh/wire.js';
import { SEED, ecdsaDevice, ed25519Device, hasDsa, issue, line, scratch } from './support.js';

const box = scratch();
afterAll(() => box.remove());

const MADE: readonly (readonly [string, string, number | undefined])[] = [
  ['ed', 'ed25519', undefined],
  ['rsa', 'rsa', 2048],
  ['rsa1024', 'rsa', 1024],
  ['ec256', 'ecdsa', 256],
  ['ec384', 'ecdsa', 384],
  ['ec521', 'ecdsa', 521],
  ...(hasDsa ? ([['dsa', 'dsa', undefined]] as const) : []),
];
const lines: string[] = [];
beforeAll(() => {
  for (const [name, type, bits] of MADE) lines.push(box.key(name, type, bits).trim());
  const devices = [ed25519Device(), ecdsaDevice()];
  lines.push(...devices.map((device) => line(device.publicBlob, 'sk key')));
  box.keygen('-q', '-s', 'ed', '-I', 'x', '-n', 'p', 'rsa.pub', 'ec521.pub');
  lines.push(box.read('rsa-cert.pub').trim(), box.read('ec521-cert.pub').trim());
});

/** What ssh-keygen -l sees in a file: `bits fingerprint` per key; unreadable lines are skipped. */
function keygenSees(content: string): string[] {
  const { stdout } = box.tryKeygen('-l', '-f', box.write('many.pub', content));
  return stdout.split('\n').flatMap((row) => (row === '' ? [] : [row.split(' ').slice(0, 2).join(' ')]));
}

/** The key field of one line, whatever comes before it, as ssh-keygen -l tries it: bare, then after options. */
function weSee(content: string): string[] {
  return parseAuthorizedKeys(content).flatMap(({ key }) => (key === undefined ? [] : [key.fingerprint]));
}

describe('parsePublicKeyLine', () => {
  test('reads every type as ssh-keygen -l does: size, fingerprint, comment', () => {
    const seen = keygenSees(`${lines.join('\n')}\n`);
    expect(seen).toHaveLength(lines.length);
    for (const [index, text] of lines.entries()) {
      const key = parsePublicKeyLine(text);
      expect(key?.type).toBe(text.split(' ')[0]);
      expect(key?.comment).toBe(text.split(' ').slice(2).join(' '));
      if (key === null) throw new Error(text);
      expect(`${String(keyBits(key.blob))} ${fingerprint(key.blob)}`).toBe(seen[index]);
      expect(key.blob.equals(plainBlob(key.blob))).toBe(!key.type.includes('-cert-'));
    }
    expect(new Set(KEY_TYPES).size).toBe(KEY_TYPES.length);
  });

  test('spellings of one key are one key: aliases, short names, padded integers', () => {
    const rsa = lines[1] ?? '';
    const blob = Buffer.from(rsa.split(' ')[1] ?? '', 'base64');
    const body = blob.subarray(4 + 7);
    const spelled = [
      `rsa-sha2-512 ${rsa.split(' ')[1] ?? ''}`,
      `ssh-rsa ${Buffer.concat([wireString('RSA'), body]).toString('base64')}`,
      `ssh-rsa ${Buffer.concat([wireString('rsa-sha2-256'), body]).toString('base64')}`,
    ];
    const numbers = wireString(Buffer.concat([Buffer.alloc(3), Buffer.from([1, 0, 1])]));
    const rest = body.subarray(4 + body.readUInt32BE());
    spelled.push(`ssh-rsa ${Buffer.concat([wireString('ssh-rsa'), numbers, rest]).toString('base64')}`);
    const seen = keygenSees(`${spelled.join('\n')}\n`);
    const expected = `2048 ${fingerprint(blob)}`;
    expect(seen).toEqual(spelled.map(() => expected));
    for (const text of spelled) {
      expect(parsePublicKeyLine(text)).toMatchObject({ type: 'ssh-rsa', blob });
    }
  });

  test('refuses what ssh-keygen refuses', () => {
    const [, ed = ''] = (lines[0] ?? '').split(' ');
    const raw = Buffer.from(ed, 'base64');
    const weakRsa = Buffer.concat([
      wireString('ssh-rsa'),
      wireMpint(Buffer.from([3])),
      wireMpint(Buffer.alloc(96, 0xff)),
    ]);
    const curve = 'ecdsa-sha2-nistp256';
    const ec = (name: string, point: Buffer): Buffer =>
      Buffer.concat([wireString(curve), wireString(name), wireString(point)]);
    const offCurve = ec('nistp256', Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]));
    const point = Buffer.from((lines[3] ?? '').split(' ')[1] ?? '', 'base64').subarray(-65);
    const bad = [
      `ssh-rsa ${ed}`,
      `SSH-ED25519 ${ed}`,
      `ED25519 ${ed}`,
      `ssh-ed25519 ${ed.slice(0, -4)}`,
      `ssh-ed25519 ${ed}AAAA`,
      `ssh-ed25519 ${ed.slice(0, -1)}-`,
      `ssh-ed25519 ${ed}=`,
      `ssh-ed25519\u00a0${ed}`,
      `ssh-ed25519\u000b${ed}`,
      `ssh-ed25519`,
      `ssh-ed25519 `,
      `\uFEFFssh-ed25519 ${ed}`,
      `ssh-ed25519 ${ed.slice(0, 20)}\0${ed.slice(20)}`,
      line(weakRsa),
      line(offCurve),
      line(ec('nistp384', point)),
      line(ec('nistp256', Buffer.concat([Buffer.from([2]), point.subarray(1, 33)]))),
      line(Buffer.concat([wireString('ssh-ed25519'), wireString(raw.subarray(-31))])),
      line(Buffer.concat([wireString('ssh-ed25519\0x'), wireString(raw.subarray(-32))])),
    ];
    expect(bad.filter((text) => parsePublicKeyLine(text) !== null)).toEqual([]);
    // One good key at the end, so that ssh-keygen has something to print.
    expect(keygenSees(`${[...bad, lines[0] ?? ''].join('\n')}\n`)).toHaveLength(1);
  });

  test('accepts what ssh-keygen accepts: white space inside base64, one NUL after the type', () => {
    const [, ed = ''] = (lines[0] ?? '').split(' ');
    const raw = Buffer.from(ed, 'base64');
    const good = [
      `ssh-ed25519 ${ed}\r`,
      `ssh-ed25519\t \t${ed}\tcomment`,
      `ssh-ed25519 ${ed.slice(0, 9)}\v\f${ed.slice(9)}`,
      line(Buffer.concat([wireString('ssh-ed25519\0'), wireString(raw.subarray(-32))])).replace('\0', ''),
    ];
    expect(good.filter((text) => parsePublicKeyLine(text)?.blob.equals(raw) !== true)).toEqual([]);
    expect(keygenSees(`${good.join('\n')}\n`)).toHaveLength(good.length);
  });

  test('a certificate line with a signature that does not verify is no key', () => {
    const ca = ed25519Device();
    const good = issue({ subject: ca.publicBlob, ca });
    const bad = Buffer.from(good);
    bad[bad.length - 20] = (bad[bad.length - 20] ?? 0) ^ 1;
    expect(parsePublicKeyLine(line(good))?.type).toBe('sk-ssh-ed25519-cert-v01@openssh.com');
    expect(parsePublicKeyLine(line(bad))).toBeNull();
    expect(keygenSees(`${line(bad)}\n${line(good)}\n`)).toHaveLength(1);
  });

  test('post-quantum composite keys of OpenSSH 10.6 are keys', () => {
    const blob = Buffer.concat([wireString('ssh-mldsa44-ed25519'), wireString(Buffer.alloc(1344, 5))]);
    expect(parsePublicKeyLine(line(blob, 'pq'))).toMatchObject({
      type: 'ssh-mldsa44-ed25519',
      comment: 'pq',
    });
    expect(parsePublicKeyLine(line(blob.subarray(0, -1)))).toBeNull();
    expect(() => publicKeyObject(blob)).toThrow(WireError);
  });

  test('thousands of damaged lines: the same keys as ssh-keygen, in the same order', () => {
    const damage = fc.tuple(
      fc.nat(),
      fc.constantFrom('drop', 'double', 'replace', 'swap-type', 'none', 'none'),
      fc.constantFrom('A', '=', '/', ' ', '\t', '"', '\\', ',', '#', '\r', '\v', '-', 'restrict ', 'no-pty,'),
      fc.constantFrom('', '', 'restrict ', 'command="a b" ', 'nonsense ', ' \t', 'x" ', '#', 'a\\"b '),
    );
    const many = fc
      .sample(damage, { seed: SEED, numRuns: 2500 })
      .map(([where, how, insert, prefix], index) => {
        const text = lines[index % lines.length] ?? '';
        const at = where % (text.indexOf(' ', text.indexOf(' ') + 1) + 1);
        const [head, tail] = [text.slice(0, at), text.slice(at)];
        switch (how) {
          case 'drop':
            return prefix + head + tail.slice(1);
          case 'double':
            return prefix + head + tail.slice(0, 1) + tail;
          case 'replace':
            return prefix + head + insert + tail.slice(1);
          case 'swap-type':
            return `${prefix}${KEY_TYPES[where % KEY_TYPES.length] ?? ''} ${text.split(' ').slice(1).join(' ')}`;
          default:
            return prefix + text;
        }
      });
    const content = `${many.join('\n')}\n`;
    const seen = keygenSees(content).map((row) => row.split(' ')[1]);
    expect(seen.length).toBeGreaterThan(600);
    expect(seen.length).toBeLessThan(2400);
    expect(weSee(content)).toEqual(seen);
  });

  test('anything at all is a key or null', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.base64String().map((text) => `ssh-ed25519 ${text}`),
    );
    fc.assert(
      fc.property(text, (junk) => {
        expect(parsePublicKeyLine(junk)).toBeNull();
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});

describe('blobs', () => {
  test('random and cut blobs throw WireError and nothing else', () => {
    const blob = Buffer.from((lines[3] ?? '').split(' ')[1] ?? '', 'base64');
    const cut = fc.tuple(fc.nat(blob.length), fc.uint8Array({ maxLength: 40 }));
    fc.assert(
      fc.property(cut, ([length, tail]) => {
        const bytes = Buffer.concat([blob.subarray(0, length), tail]);
        if (bytes.equals(blob)) return;
        for (const read of [fingerprint, plainBlob, keyBits, publicKeyObject]) {
          expect(() => read(bytes)).toThrow(WireError);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('publicKeyObject checks signatures of the matching private key', () => {
    for (const name of ['rsa', 'ec256', 'ec384', 'ec521', ...(hasDsa ? ['dsa'] : [])]) {
      const text = lines[MADE.findIndex(([made]) => made === name)] ?? '';
      const object = publicKeyObject(Buffer.from(text.split(' ')[1] ?? '', 'base64'));
      box.write(`${name}.pem`, box.read(name));
      box.keygen('-q', '-p', '-m', 'PEM', '-N', '', '-f', `${name}.pem`);
      const secret = createPrivateKey(box.read(`${name}.pem`));
      expect(object.equals(createPublicKey(secret))).toBe(true);
      expect(verify('sha256', Buffer.from('x'), object, sign('sha256', Buffer.from('x'), secret))).toBe(true);
    }
  });
});
