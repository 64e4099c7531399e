import { expect, test } from 'vitest';
import { readAuthorizedKeys } from '../../src/facts/authorized-keys.js';
import { evidenceOf, word } from '../helpers/evidence.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJPtQVPT13qa9nbtMC85xQ4riVoe0v9/Z+Os16/4uQEb one';
const record = (path: string, text: string, status = 'ok'): string =>
  `F ${word(path)} ${word(path)} ${status} 81a4 0 0 ${Buffer.byteLength(text)} 1700000000 1700000000 ${Buffer.from(text).toString('base64') || '-'}\n`;
const unknown = { ok: false, reason: 'failed', detail: 'no answer' } as const;

test('a file that two accounts share comes once for each, parsed once', () => {
  const rows = `use u amy /k /k\nuse u bob /k /k\n${record('/k', `# all\n\nno-pty ${KEY}\n`)}`;
  const reading = readAuthorizedKeys(evidenceOf({ 'authorized-keys': rows }), unknown);
  if (!reading.ok) throw new Error(reading.detail);
  expect(
    reading.value.map(({ account, lines }) => [account, lines.map(({ line, valid }) => [line, valid])]),
  ).toEqual([
    ['amy', [[3, true]]],
    ['bob', [[3, true]]],
  ]);
  expect(reading.value[0]?.lines).toBe(reading.value[1]?.lines);
});

test('half a key at the end of a cut file is no key', () => {
  const rows = `use u amy /k /k\n${record('/k', `${KEY}\n${KEY}`, 'cut')}`;
  const reading = readAuthorizedKeys(evidenceOf({ 'authorized-keys': rows }), unknown);
  expect(reading.ok && reading.value[0]?.lines).toHaveLength(1);
});

test('no probe, no fact', () => {
  expect(readAuthorizedKeys(evidenceOf({}), unknown)).toMatchObject({ ok: false, reason: 'not-collected' });
});
