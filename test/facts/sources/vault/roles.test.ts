import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readVault } from '../../../../src/facts/sources/vault/index.js';
import { roleFrom, seconds } from '../../../../src/facts/sources/vault/roles.js';
import type { Json } from '../../../../src/facts/sources/answers.js';
import type { SourceAnswer } from '../../../../src/model.js';
import { role } from '../../../helpers/vault-system.js';

const limits = { namespace: '', path: 'ssh/', defaultLease: 2_764_800, maxLease: 2_764_800 };
const read = (data: object, more: Partial<typeof limits | { maxLease: null }> = {}) =>
  roleFrom('adm', data as Json, { ...limits, ...more });

describe('durations', () => {
  test.each([
    [3600, 3600],
    ['4h', 14_400],
    ['1h30m', 5400],
    ['30', 30],
    ['30s', 30],
    ['0', 0],
    ['', null],
    [null, null],
    [-1, null],
    ['soon', null],
    [[], null],
  ])('%j is %j s', (given, expected) => {
    expect(seconds(given as Json, null)).toBe(expected);
  });
});

describe('roles', () => {
  test('what a requester can get at most: max_ttl, else the mount, else unknown', () => {
    expect(read(role())?.longest).toBe(172_800);
    expect(read(role({ max_ttl: 0, ttl: 3600 }))?.longest).toBe(2_764_800);
    expect(read(role({ max_ttl: '24h' }))?.longest).toBe(86_400);
    expect(read(role({ max_ttl: 0 }), { maxLease: null })?.longest).toBeNull();
    expect(read(role({ max_ttl: 'soon' }))?.longest).toBeNull();
  });
  test('lists as text and as lists; a setting an old version does not know', () => {
    const { allow_empty_principals: _gone, ...old } = role({
      allowed_users: ' a, b,,',
      allowed_extensions: ['x'],
    });
    expect(read(old)).toMatchObject({
      allowedUsers: ['a', 'b'],
      allowedExtensions: ['x'],
      allowEmptyPrincipals: null,
      defaultExtensions: [{ name: 'permit-pty', value: '' }],
    });
  });
  test('one-time passwords; no role at all', () => {
    expect(read({ key_type: 'otp', default_user: 'ops', cidr_list: '0.0.0.0/0' })).toMatchObject({
      keyType: 'otp',
      defaultUser: 'ops',
    });
    expect(read({})).toBeNull();
    expect(roleFrom('x', undefined, limits)).toBeNull();
  });
});

test('answers of any kind never make it throw', () => {
  const name = fc.constantFrom(
    ':mounts',
    ':audit',
    ':policies',
    ':policy/x',
    ':ssh/roles',
    ':ssh/roles/a',
    ':ssh/public_key',
    'seal-status',
    ':ssh/config/ca',
  );
  const data = fc.oneof(
    fc.json(),
    fc.string(),
    fc.constantFrom(
      '{"data":{"ssh/":{"type":"ssh"},"__proto__":{"type":"ssh"}}}',
      '{"data":{"keys":["x","a",1,null,"__proto__"]}}',
      '{"data":{"policy":"path \\"*\\" { capabilities = [1, \\"sudo\\"] }"}}',
      '{"data":{"key_type":"ca","allowed_users":{"a":1},"max_ttl":{}}}',
    ),
  );
  const answer = fc.record({ body: data, status: fc.constantFrom(200, 403, 404), cut: fc.boolean() });
  fc.assert(
    fc.property(fc.dictionary(name, answer), (given) => {
      const answers = Object.fromEntries(
        Object.entries(given).map(([key, { body, status, cut }]): [string, SourceAnswer] => [
          key,
          {
            asked: 'GET x',
            at: '2026-11-21T00:00:00Z',
            status,
            body,
            encoding: 'utf8',
            bytes: body.length,
            cut,
            sha256: '',
          },
        ]),
      );
      const reading = readVault({
        schema: 1,
        source: 'vault',
        type: 'vault',
        startedAt: '',
        finishedAt: '',
        configuration: { url: 5, namespaces: [''] },
        failures: [],
        answers,
      });
      // Without a mount that was seen nothing is known; with one something is always missing from such answers.
      expect(reading.ok ? reading.gaps.length : reading.detail.length).toBeGreaterThan(0);
    }),
    { seed: 1, numRuns: 1000 },
  );
});
