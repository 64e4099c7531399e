import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readRevokedKeys } from '../../src/facts/revoked-keys.js';
import { evidenceOf, probeOutput, word } from '../helpers/evidence.js';
import { testKeys, type TestKey } from '../helpers/keys-host.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const record = (path: string, bytes: Uint8Array, status = 'ok', mode = '81a4'): string =>
  `F ${word(path)} ${word(path)} ${status} ${mode} 0 0 ${bytes.length} 1700000000 1700000000 ${Buffer.from(bytes).toString('base64') || '-'}\n`;

describe.skipIf(needs.sshKeygen)(title('revocation lists', needs.sshKeygen), () => {
  let keys: Record<'ca' | 'dead' | 'user', TestKey>;
  let remove: () => void = () => undefined;
  let directory = '';
  beforeAll(async () => {
    ({ keys, remove } = await testKeys(['ca', 'dead', 'user']));
    directory = temporaryDirectory('krl');
  });
  afterAll(() => {
    remove();
    removeDirectory(directory);
  });

  /** Judged beside a CA file whose second key sshd never reads. */
  const read = (list: Uint8Array, status?: string, mode?: string) => {
    const cas = Buffer.from(`${keys.ca.line}\ngarbage\n${keys.dead.line}\n`);
    const reading = readRevokedKeys(
      evidenceOf({ 'ca-keys': record('/ca', cas), 'revoked-keys': record('/krl', list, status, mode) }),
    );
    if (!reading.ok) throw new Error(reading.detail);
    return { ...reading.value[0], gaps: reading.gaps };
  };
  const krl = (...args: readonly string[]): Buffer => {
    const path = join(directory, 'krl');
    execFileSync('ssh-keygen', ['-q', '-k', '-f', path, ...args]);
    return readFileSync(path);
  };

  test('a binary list that revokes a CA, by key', () => {
    expect(read(krl(`${keys.ca.path}.pub`, `${keys.user.path}.pub`))).toMatchObject({
      format: 'krl',
      revokedCas: [keys.ca.fingerprint],
      gaps: [],
    });
    expect(read(krl(`${keys.user.path}.pub`))).toMatchObject({ format: 'krl', revokedCas: [] });
  });

  test('revoking serials of a CA is not revoking the CA', () => {
    const spec = join(directory, 'spec');
    execFileSync('sh', ['-c', `printf 'serial: 1-9\\nid: x\\n' >${spec}`]);
    expect(read(krl('-s', `${keys.ca.path}.pub`, '-z', '7', spec))).toMatchObject({
      format: 'krl',
      revokedCas: [],
      krlVersion: '7',
      caKeys: [keys.ca.fingerprint],
    });
  });

  test('a text list, an empty one, junk, nothing', () => {
    expect(read(Buffer.from(`# stolen\n${keys.dead.line}\n`))).toMatchObject({
      format: 'text',
      revokedCas: [keys.dead.fingerprint],
    });
    expect(read(Buffer.alloc(0))).toMatchObject({ format: 'empty', revokedCas: [] });
    expect(read(Buffer.from('junk\n'))).toMatchObject({ format: 'invalid', revokedCas: [] });
    expect(read(Buffer.alloc(0), 'missing', '-')).toMatchObject({
      format: 'invalid',
      detail: 'the file does not exist',
      gaps: [],
    });
    expect(read(Buffer.alloc(0), 'not-regular', '11a4')).toMatchObject({
      format: 'invalid',
      detail: 'it is no regular file but a fifo',
      gaps: [],
    });
  });

  test('half a list is no list, and without the CA files it is not known whom it revokes', () => {
    expect(read(krl(`${keys.ca.path}.pub`).subarray(0, 50), 'cut')).toMatchObject({
      detail: 'it could not be read whole',
      gaps: [expect.stringContaining('/krl')],
    });
    expect(readRevokedKeys(evidenceOf({ 'revoked-keys': record('/krl', Buffer.alloc(0)) }))).toMatchObject({
      ok: true,
      gaps: [expect.stringContaining('ca-keys')],
    });
    expect(readRevokedKeys(evidenceOf({ 'revoked-keys': 'value none\n' }))).toEqual({
      ok: true,
      value: [],
      gaps: [],
    });
    expect(readRevokedKeys(evidenceOf({}))).toMatchObject({ ok: false, reason: 'not-collected' });
  });

  test('limits that were hit are told', () => {
    expect(
      readRevokedKeys(
        evidenceOf({
          'ca-keys': '',
          'revoked-keys': probeOutput(`gap ${word('more than 50')}\n`, { cut: true }),
        }),
      ),
    ).toMatchObject({ ok: true, gaps: [expect.stringContaining('cut'), 'more than 50'] });
    expect(
      readRevokedKeys(evidenceOf({ 'ca-keys': '', 'revoked-keys': `gap ${word('more than 50')}\n` })),
    ).toMatchObject({ ok: true, gaps: ['more than 50'] });
  });

  test('no bytes make it throw', () => {
    const good = krl(`${keys.ca.path}.pub`);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(good.length), (noise, at) => {
        for (const bytes of [noise, Buffer.concat([good.subarray(0, at), noise])]) {
          expect(['krl', 'text', 'empty', 'invalid']).toContain(read(bytes).format);
        }
      }),
      { seed: 20261121, numRuns: 400 },
    );
  });
});
