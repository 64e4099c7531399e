import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCaFiles } from '../../src/facts/ca-keys.js';
import type { SshdCase, SshdFacts } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';
import { evidenceOf, probeOutput, word } from '../helpers/evidence.js';

// Throw-away public keys; their private halves were never kept.
const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJPtQVPT13qa9nbtMC85xQ4riVoe0v9/Z+Os16/4uQEb one';
const FINGERPRINT = 'SHA256:HRGrM8VqFRMxDfTJweFcVx6Wg6tEJJoU0U4Ri4eM4Wc';

const record = (path: string, text: string, status = 'ok'): string =>
  `F ${word(path)} ${word(path)} ${status} 81a4 0 0 ${Buffer.byteLength(text)} 1700000000 1700000000 ${Buffer.from(text).toString('base64') || '-'}\n`;

function sshd(paths: Readonly<Record<string, string>>): Reading<SshdFacts> {
  const witness = { user: 'x', host: 'h', address: '192.0.2.1', localAddress: '192.0.2.2', localPort: 22 };
  const cases = Object.entries(paths).map(([account, path]): SshdCase => ({
    witness,
    accounts: [account],
    settings: { trustedusercakeys: [path] },
    origins: {},
    by: 'sshd',
  }));
  return {
    ok: true,
    gaps: [],
    value: { binary: '/usr/sbin/sshd', version: null, files: [], cases, matchBlocks: [] },
  };
}

describe('CA files from evidence', () => {
  test('keys, their lines, and the accounts they open', () => {
    const reading = readCaFiles(
      evidenceOf({ 'ca-keys': `value /ca\nD / 41ed 0 0 4096 1 1\n${record('/ca', `# us\n${KEY}\n`)}` }),
      sshd({ zoe: '/ca', amy: '/ca', bob: 'none' }),
    );
    expect(reading).toMatchObject({
      ok: true,
      gaps: [],
      value: [
        {
          accounts: ['amy', 'zoe'],
          trusted: [{ line: 2, fingerprint: FINGERPRINT, comment: 'one' }],
          file: { parents: [{ path: '/', uid: 0, mode: 0o755 }] },
        },
      ],
    });
  });

  test('the scan stops where sshd stops', () => {
    const reading = readCaFiles(
      evidenceOf({ 'ca-keys': record('/ca', `garbage\n${KEY}\n`) }),
      sshd({ amy: '/ca' }),
    );
    expect(reading).toMatchObject({
      ok: true,
      value: [
        { trusted: [], stoppedAt: { line: 1, text: 'garbage', deadKeys: [{ fingerprint: FINGERPRINT }] } },
      ],
    });
  });

  test('of a file that was cut only whole lines count, and that is a gap', () => {
    const reading = readCaFiles(
      evidenceOf({ 'ca-keys': record('/ca', `${KEY}\n${KEY.slice(0, 40)}`, 'cut') }),
      sshd({ amy: '/ca' }),
    );
    expect(reading).toMatchObject({
      ok: true,
      gaps: [expect.stringContaining('/ca was not read whole')],
      value: [{ trusted: [{ line: 1 }] }],
    });
    expect(reading.ok && reading.value[0]?.stoppedAt).toBeUndefined();
  });

  test('what is missing is said: a path of another connection, sshd’s answer, the probe, its end', () => {
    expect(
      readCaFiles(evidenceOf({ 'ca-keys': record('/ca', KEY) }), sshd({ amy: '/ca', bob: '/other' })),
    ).toMatchObject({ gaps: ['the CA file /other was not collected'] });
    expect(
      readCaFiles(evidenceOf({ 'ca-keys': '' }), { ok: false, reason: 'failed', detail: 'no answer' }),
    ).toMatchObject({ ok: true, value: [], gaps: [expect.stringContaining('no answer')] });
    expect(readCaFiles(evidenceOf({}), sshd({}))).toMatchObject({ ok: false, reason: 'not-collected' });
    expect(
      readCaFiles(evidenceOf({ 'ca-keys': probeOutput(record('/ca', KEY), { cut: true }) }), sshd({})),
    ).toMatchObject({ ok: true, gaps: [expect.stringContaining('cut')] });
    expect(readCaFiles(evidenceOf({ 'ca-keys': `gap ${word('more than 50')}\n` }), sshd({}))).toMatchObject({
      gaps: ['more than 50'],
    });
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.constantFrom('ok', 'cut', 'missing', '?'),
        (text, status) => {
          const evidence = evidenceOf({ 'ca-keys': record('/ca', text, status) + text });
          expect(readCaFiles(evidence, sshd({ amy: '/ca' }))).toMatchObject({ ok: true });
        },
      ),
      { seed: 20261121, numRuns: 1000 },
    );
  });
});
