import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCertificates } from '../../../../src/facts/sources/certificates/index.js';
import {
  decimalSerial,
  hexSerial,
  instantOf,
  issueTime,
  ordered,
  principalsOf,
  secondsOf,
} from '../../../../src/facts/sources/certificates/issuance.js';
import { keeper, type LogType } from '../../../../src/facts/sources/certificates/keep.js';
import { auditHashes } from '../../../../src/facts/sources/certificates/vault-audit.js';
import type { SourceEvidence } from '../../../../src/model.js';
import { issued, told } from '../../../helpers/actor-facts.js';
import { auditLine } from '../../../helpers/vault-audit.js';

const seed = { seed: 20_261_121, numRuns: 300 };
const TYPES: readonly LogType[] = ['jsonl', 'directory', 'step-ca', 'vault-audit'];
const names = fc.constantFrom(
  'serial',
  'serial_number',
  'certificate',
  'signed_key',
  'key_id',
  'principals',
  'ttl',
  'time',
  'issued_at',
  'valid_after',
  'valid_before',
  'type',
  'request',
  'response',
  'data',
  'path',
  'mount_type',
  'auth',
  '__proto__',
);
const words = fc.oneof(
  fc.string({ maxLength: 40 }),
  fc.constantFrom(
    'ssh/sign/x',
    'response',
    'ssh',
    'hmac-sha256:00',
    'forever',
    '2026-11-20T12:00:00Z',
    'AAAA',
    '9'.repeat(400),
  ),
  fc.integer(),
  fc.double(),
  fc.constant(null),
);
const line = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    words,
    fc.dictionary(names, tie('value'), { maxKeys: 6 }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
})).value;

function evidence(type: string, body: string, hashes = ''): SourceEvidence {
  const answer = {
    asked: 'read x',
    at: '',
    status: 0,
    encoding: 'utf8' as const,
    bytes: 0,
    cut: false,
    sha256: '',
  };
  return {
    schema: 1,
    source: 'certificates',
    type,
    startedAt: '2026-11-21T02:00:00Z',
    finishedAt: '2026-11-21T02:00:00Z',
    configuration: {},
    failures: [],
    answers: { issued: { ...answer, body }, 'audit-hash': { ...answer, body: hashes } },
  };
}

describe('whatever a log holds', () => {
  test.each(TYPES)('%s: reading a line never throws, and what it keeps can be read back', (type) => {
    const keep = keeper(type, []);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 200, unit: 'binary' }),
          line.map((value) => JSON.stringify(value) ?? ''),
        ),
        (text) => {
          const kept = keep(text).flatMap((one) =>
            one.kept ? [JSON.stringify({ at: 'x:1', ...one.kept })] : [],
          );
          const reading = readCertificates(evidence(type, kept.join('\n')));
          expect(reading.ok).toBe(true);
          if (reading.ok)
            expect(reading.value.issuances.length + reading.gaps.length).toBeLessThanOrEqual(kept.length + 1);
        },
      ),
      seed,
    );
  });
  test('evidence from elsewhere never throws either', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.string({ maxLength: 60 }),
            fc
              .dictionary(fc.constantFrom('read', 'at', 'audit', 'entry', 'certificate'), line)
              .map((value) => JSON.stringify(value)),
          ),
        ),
        fc.string(),
        (lines, hashes) => {
          const reading = readCertificates(evidence('vault-audit', lines.join('\n'), hashes));
          expect(reading.ok).toBe(true);
        },
      ),
      seed,
    );
  });
  test('answers of audit-hash of any kind', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(auditHashes(text).size).toBe(0);
      }),
      seed,
    );
  });
  test('answers of audit-hash: as asked, and as Vault wraps them', () => {
    const text =
      '{"input":"a","hash":"hmac-sha256:00"}\n{"input":"b","data":{"hash":"hmac-sha256:01"}}\n{"input":"c","hash":"clear"}';
    expect([...auditHashes(text)]).toEqual([
      ['hmac-sha256:00', 'a'],
      ['hmac-sha256:01', 'b'],
    ]);
  });
  test('an audit line with any values: kept fields hold no HMAC as if it were clear', () => {
    const keep = keeper('vault-audit', []);
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), (keyId, ttl) => {
        const text = auditLine({
          time: '2026-11-20T12:00:00Z',
          asked: { key_id: keyId, ttl },
          answered: { serial_number: keyId },
        });
        const kept = keep(text).flatMap((one) =>
          one.kept ? [JSON.stringify({ at: 'x:1', ...one.kept })] : [],
        );
        const reading = readCertificates(evidence('vault-audit', kept.join('\n')));
        expect(reading).toMatchObject({
          ok: true,
          value: {
            issuances: [
              { serial: null, keyId: null, lifetimeSeconds: null, hashed: ['serial', 'keyId', 'lifetime'] },
            ],
          },
        });
      }),
      seed,
    );
  });
  test('a million nested values are read without recursion, and bounded', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    expect(keeper('step-ca', [])(deep)).toEqual([{ state: 'other', time: null }]);
  });
});

describe('single values', () => {
  test('serials are exact for every 64-bit number, in decimal and hex', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (serial) => {
        expect(decimalSerial(String(serial))).toBe(String(serial));
        expect(decimalSerial(`0x${serial.toString(16)}`)).toBe(String(serial));
        expect(hexSerial(serial.toString(16))).toBe(String(serial));
        const [kept] = keeper('jsonl', [])(`{"serial":${serial},"key_id":"x"}`);
        const reading = readCertificates(evidence('jsonl', JSON.stringify({ at: 'x:1', ...kept?.kept })));
        expect(reading).toMatchObject({ value: { issuances: [{ serial: String(serial) }] } });
      }),
      seed,
    );
  });
  test.each([
    '',
    '-1',
    '1.5',
    String(2n ** 64n),
    '0x',
    '0x1ffffffffffffffff',
    'f65ed2fd21443d5c',
    ' 1',
    2 ** 60,
    Number.NaN,
    {},
  ])('no serial: %s', (value) => expect(decimalSerial(value)).toBeNull());
  test('the serial of the documentation', () =>
    expect(hexSerial('f65ed2fd21443d5c')).toBe('17752858765767753052'));
  test.each([
    ['24h', 86_400n],
    ['1h30m0s', 5400n],
    ['90m', 5400n],
    ['2d', 172_800n],
    ['3600', 3600n],
    [3600, 3600n],
    ['1.5h', 5400n],
    ['forever', 2n ** 64n - 1n],
    ['', null],
    ['h', null],
    ['-1h', null],
    [-1, null],
    ['1 h', null],
    [null, null],
  ])('a lifetime of %j', (value, seconds) => expect(secondsOf(value)).toBe(seconds));
  test.each([
    ['2026-11-20T12:00:00Z', '2026-11-20T12:00:00.000Z'],
    ['2026-11-20T13:00:00+01:00', '2026-11-20T12:00:00.000Z'],
    ['2026-11-20 12:00:00Z', '2026-11-20T12:00:00.000Z'],
    ['2026-11-20T12:00:00.123456789Z', '2026-11-20T12:00:00.123Z'],
    [1_795_176_000, '2026-11-20T12:00:00.000Z'],
    ['1795176000', '2026-11-20T12:00:00.000Z'],
    [1_795_176_000_000, '2026-11-20T12:00:00.000Z'],
    ['1795176000000000000', '2026-11-20T12:00:00.000Z'],
    ['2026-11-20T12:00:00', null],
    ['2026-11-20', null],
    ['yesterday', null],
    [-1, null],
    [1e300, null],
    [{}, null],
  ])('an instant of %j', (value, time) => {
    const instant = instantOf(value);
    expect(instant === null ? null : new Date(instant).toISOString()).toBe(time);
  });
  test.each([
    ['a,b', ['a', 'b']],
    [
      ['a', ' b '],
      ['a', 'b'],
    ],
    ['', []],
    [[1], null],
    [7, null],
    [Array.from({ length: 257 }, () => 'a'), null],
  ])('principals of %j', (value, list) => expect(principalsOf(value)).toEqual(list));
});

test('newest first, each once: the beginning of validity stands in for an unknown time; copies gain its time', () => {
  const early = issued({ serial: 1n }, 1000);
  const late = issued({ serial: 2n }, null);
  const list = ordered([early, told({ issuedAt: null }), issued({ serial: 1n }, null), late, late]);
  expect(list.map(({ serial, issuedAt }) => [serial, issuedAt])).toEqual([
    ['2', null],
    ['1', 1000],
    [null, null],
  ]);
  expect(issueTime(told({ issuedAt: null }))).toBe(-Infinity);
});
