import { expect, test } from 'vitest';
import { readPrincipals } from '../../src/facts/principals.js';
import type { SshdCase, SshdFacts } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';
import { evidenceOf, word } from '../helpers/evidence.js';

const record = (path: string, text: string): string =>
  `F ${word(path)} ${word(path)} ok 81a4 0 0 ${Buffer.byteLength(text)} 1700000000 1700000000 ${Buffer.from(text).toString('base64') || '-'}\n`;

function sshd(values: Readonly<Record<string, string>>): Reading<SshdFacts> {
  const witness = { user: 'x', host: 'h', address: '192.0.2.1', localAddress: '192.0.2.2', localPort: 22 };
  const cases = Object.entries(values).map(([account, value]): SshdCase => ({
    witness,
    accounts: [account],
    settings: { authorizedprincipalsfile: [value] },
    origins: {},
    by: 'sshd',
  }));
  return {
    ok: true,
    gaps: [],
    value: { binary: '/usr/sbin/sshd', version: null, files: [], cases, matchBlocks: [] },
  };
}

test('a file comes for each account it serves, and once for nobody when it serves none', () => {
  const rows = `value /p/shared\nvalue /p/%u\nuse u amy /p/shared /p/shared\nuse u bob /p/shared /p/shared\nuse u bob /p/bob /p/%u\nuse u amy /p/amy /p/%u\nuse f - /p/amy -\nuse f - /p/gone -\n${record('/p/shared', 'adm-full\n')}${record('/p/bob', 'x\n')}${record('/p/amy', 'y\n')}${record('/p/gone', 'restrict adm-old # 2019\n')}`;
  const reading = readPrincipals(evidenceOf({ principals: rows }), sshd({ amy: '/p/shared', bob: '/p/%u' }));
  if (!reading.ok) throw new Error(reading.detail);
  expect(reading.gaps).toEqual([]);
  expect(
    reading.value.map(({ account, file, lines }) => [
      account,
      file.path,
      lines.map(({ principal }) => principal),
    ]),
  ).toEqual([
    ['amy', '/p/shared', ['adm-full']],
    ['bob', '/p/bob', ['x']],
    [null, '/p/amy', ['y']],
    [null, '/p/gone', ['adm-old']],
  ]);
});

test('a path with blanks is one path', () => {
  const rows = `value ${word('/my p/%u')}\nuse u amy ${word('/my p/amy')} ${word('/my p/%u')}\n${record('/my p/amy', 'a\n')}`;
  expect(readPrincipals(evidenceOf({ principals: rows }), sshd({ amy: '/my p/%u' }))).toMatchObject({
    ok: true,
    gaps: [],
    value: [{ account: 'amy' }],
  });
});

test('no probe, no fact', () => {
  expect(readPrincipals(evidenceOf({}), sshd({}))).toMatchObject({ ok: false, reason: 'not-collected' });
});
