import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinLogins, type JoinState } from '../../checks/lib/joins.js';
import { asLogged } from '../../checks/lib/logged-name.js';
import { principalUse } from '../../checks/lib/principal-use.js';
import { fromCertificate } from '../../src/facts/sources/certificates/issuance.js';
import type { Issuance, Login } from '../../src/facts/types.js';
import { parseAccepted } from '../../src/facts/login-log.js';
import {
  CA,
  expected,
  HOUR,
  issuanceLog,
  issued,
  log,
  login,
  not,
  NOW,
  ok,
  OTHER_CA,
  policy,
  SECONDS,
  told,
} from '../helpers/actor-facts.js';
import { issuer, parsed } from '../helpers/issued-certificates.js';
import { needs, title } from '../helpers/needs.js';

const { ca } = expected();
const MINUTE = 60_000;
const DAY = 86_400_000;
/** Half an hour ago; the certificate that is issued by default is valid from an hour ago for eight hours. */
const AT = NOW.getTime() - 30 * MINUTE;
const KEY = 'SHA256:KEY';

function stateOf(
  one: Login,
  entries: readonly Issuance[],
  coverage: Parameters<typeof issuanceLog>[1] = {},
  ...gaps: readonly string[]
): JoinState | undefined {
  return joinLogins(log(one), ok(issuanceLog(entries, coverage), ...gaps), ca, policy())[0]?.state;
}
const by = (keyId: string, serial: string, keyFingerprint?: string): Login =>
  login({
    at: AT,
    certificate: {
      keyId,
      serial,
      caFingerprint: CA,
      ...(keyFingerprint !== undefined && { keyFingerprint }),
    },
  });

describe('one login, one entry', () => {
  test.each<readonly [string, Login, Issuance, JoinState]>([
    ['the certificate', by('adm-bernd', '7', KEY), issued(), 'explained'],
    ['without a key fingerprint, up to 7.8', by('adm-bernd', '7'), issued(), 'explained'],
    ['another serial', by('adm-bernd', '8', KEY), issued(), 'out-of-band'],
    ['another key ID', by('adm-eve', '7', KEY), issued(), 'out-of-band'],
    ['another key', by('adm-bernd', '7', 'SHA256:EVE'), issued(), 'out-of-band'],
    ['another CA', by('adm-bernd', '7', KEY), issued({ caFingerprint: OTHER_CA }), 'out-of-band'],
    ['a host certificate', by('adm-bernd', '7', KEY), issued({ kind: 'host' }), 'out-of-band'],
    ['a forged entry', by('adm-bernd', '7', KEY), issued({ signatureValid: false }), 'out-of-band'],
    ['issued after the login', by('adm-bernd', '7'), issued({}, AT + 6 * MINUTE), 'out-of-band'],
    ['issued after it by a slow clock', by('adm-bernd', '7'), issued({}, AT + 4 * MINUTE), 'explained'],
    ['not yet valid', by('adm-bernd', '7'), issued({ validAfter: SECONDS }), 'out-of-band'],
    ['expired before', by('adm-bernd', '7'), issued({ validBefore: SECONDS - HOUR }), 'out-of-band'],
    ['expired a moment before', by('adm-bernd', '7'), issued({ validBefore: SECONDS - 2000n }), 'explained'],
    ['words: the serial', by('adm-bernd', '7'), told({ serial: '7' }), 'explained'],
    [
      'words: lived until before',
      by('adm-bernd', '7'),
      told({ serial: '7', lifetimeSeconds: 60n }),
      'out-of-band',
    ],
    ['words: the key ID of another', by('adm-bernd', '7'), told({ serial: '7', keyId: 'x' }), 'out-of-band'],
    [
      'serial 0 by key ID alone',
      by('adm-bernd', '0', KEY),
      told({ serial: '0', keyId: 'adm-bernd' }),
      'out-of-band',
    ],
    ['serial 0 by exact key and key ID', by('adm-bernd', '0', KEY), issued({ serial: 0n }), 'explained'],
    ['serial 0, another key', by('adm-bernd', '0', 'SHA256:EVE'), issued({ serial: 0n }), 'out-of-band'],
    ['serial 0, key not logged', by('adm-bernd', '0'), issued({ serial: 0n }), 'out-of-band'],
    ['a hidden serial', by('adm-bernd', '7'), told({ hashed: ['serial'] }), 'hashed'],
    [
      'a hidden serial of another',
      by('adm-bernd', '7'),
      told({ hashed: ['serial'], keyId: 'x' }),
      'out-of-band',
    ],
    [
      'a hidden serial, issued later',
      by('adm-bernd', '7'),
      told({ hashed: ['serial'], issuedAt: AT + DAY }),
      'out-of-band',
    ],
    [
      'a hidden serial, long before',
      by('adm-bernd', '7'),
      told({ hashed: ['serial'], issuedAt: AT - 3 * DAY }),
      'out-of-band',
    ],
    ['no serial told', by('adm-bernd', '7'), told({ by: 'x' }), 'unclear'],
    ['no serial and no time told', by('adm-bernd', '7'), told({ issuedAt: null }), 'unclear'],
    [
      'no serial, exact key and key ID',
      by('adm-bernd', '7', KEY),
      told({ keyId: 'adm-bernd', keyFingerprint: KEY }),
      'explained',
    ],
  ])('%s', (_, one, entry, state) => expect(stateOf(one, [entry])).toBe(state));
});

describe('what the log covers', () => {
  test.each<readonly [string, Parameters<typeof issuanceLog>[1], JoinState]>([
    ['the time', {}, 'out-of-band'],
    ['a certificate from before it began could still live', { from: AT - DAY }, 'older'],
    ['long enough before', { from: AT - 2 * DAY - 6 * MINUTE }, 'out-of-band'],
    ['nobody says since when', { from: null }, 'older'],
    ['until before the login', { to: AT - 1 }, 'newer'],
    ['nobody says until when', { to: null }, 'newer'],
  ])('%s', (_, coverage, state) => expect(stateOf(by('adm-eve', '99'), [issued()], coverage)).toBe(state));
  test('a log that was not read whole disproves nothing', () => {
    expect(stateOf(by('adm-eve', '99'), [issued()], {}, 'hole')).toBe('incomplete');
    expect(stateOf(by('adm-bernd', '7'), [issued()], {}, 'hole')).toBe('explained');
  });
  test('an explanation needs no coverage', () =>
    expect(stateOf(by('adm-bernd', '7'), [issued()], { from: null, to: null })).toBe('explained'));
});

test('serials may come twice: any of them explains, the one that tells most is given', () => {
  const joined = joinLogins(
    log(by('adm-bernd', '7', KEY)),
    ok(
      issuanceLog([
        told({ serial: '7', keyId: 'x' }),
        told({ serial: '7' }),
        issued(),
        issued({ keyId: 'y' }),
      ]),
    ),
    ca,
    policy(),
  );
  expect(joined).toMatchObject([{ state: 'explained', actor: 'adm', issuance: { keyId: 'adm-bernd' } }]);
  expect(joined[0]?.issuance?.certificate).toMatchObject({ keyId: 'adm-bernd', serial: 7n });
});

test('what the log has under the serial of an unexplained login is told', () => {
  const joined = joinLogins(log(by('adm-eve', '7')), ok(issuanceLog([issued()])), ca, policy());
  expect(joined).toMatchObject([{ state: 'out-of-band', conflict: 'the log has key ID “adm-bernd” for it' }]);
});

test('only lines sshd wrote, whole, with a CA the inventory names', () => {
  const entries = ok(issuanceLog([issued()]));
  const plain: Login = { ...login(), keyFingerprint: KEY };
  delete (plain as { certificate?: unknown }).certificate;
  for (const one of [
    login({ trusted: false }),
    login({ identityLost: true }),
    login({ certificate: { keyId: 'x', serial: '1', caFingerprint: OTHER_CA } }),
    plain,
  ])
    expect(joinLogins(log(one), entries, ca, policy())).toEqual([]);
  expect(joinLogins(log(login()), not(), ca, policy())).toEqual([]);
});

test('property: never explained by an entry that contradicts it, and never lost', () => {
  const small = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);
  const entry = fc.record({
    serial: small<string | null>('0', '1', '2', null),
    keyId: small<string | null>('adm-a', 'atm-b', null),
    keyFingerprint: small<string | null>('SHA256:A', 'SHA256:B', null),
    caFingerprint: small<string | null>(CA, OTHER_CA, null),
    issuedAt: small<number | null>(AT - 3 * DAY, AT - 1000, AT + DAY, null),
    lifetimeSeconds: small<bigint | null>(60n, 28_800n, null),
    hashed: small<Issuance['hashed']>([], ['serial']),
  });
  fc.assert(
    fc.property(
      fc.array(entry, { maxLength: 6 }),
      small('0', '1', '2'),
      small('adm-a', 'atm-b'),
      small('SHA256:A', 'SHA256:B', undefined),
      (entries, serial, keyId, key) => {
        const [joined, ...more] = joinLogins(
          log(by(keyId, serial, key)),
          ok(issuanceLog(entries.map((one) => told(one)))),
          ca,
          policy(),
        );
        expect(more).toEqual([]);
        const found = joined?.issuance;
        expect(joined?.state === 'explained').toBe(found !== undefined);
        if (!found) return;
        expect([null, serial]).toContain(found.serial);
        expect([null, keyId]).toContain(found.keyId);
        expect([null, CA]).toContain(found.caFingerprint);
        if (key !== undefined) expect([null, key]).toContain(found.keyFingerprint);
        if (found.serial === null || found.serial === '0')
          expect([found.keyId, found.keyFingerprint]).toEqual([keyId, key]);
        expect(found.issuedAt ?? 0).toBeLessThan(AT + 6 * MINUTE);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
});

test('a large log with every serial hidden is searched by time, not from end to end', () => {
  const entries = Array.from({ length: 50_000 }, (_, index) =>
    told({ hashed: ['serial'], keyId: 'other', issuedAt: NOW.getTime() - index * MINUTE, by: String(index) }),
  );
  const logins = Array.from({ length: 500 }, (_, index) =>
    login({ at: AT - index * 50 * MINUTE }, 'adm-x', '99'),
  );
  let looks = 0;
  const counted = entries.map((one) =>
    Object.defineProperty({ ...one }, 'kind', {
      get: () => {
        looks += 1;
        return 'user';
      },
    }),
  );
  const reading = ok({ ...issuanceLog(), issuances: counted });
  expect(joinLogins(log(...logins), reading, ca, policy())).toHaveLength(500);
  // Two days of entries a login at most, of 35.
  expect(looks).toBeLessThan(500 * 3000);
});

test.each([
  ['adm-bernd', 'adm-bernd'],
  ['adm-é', 'adm-\\303\\251'],
  ['a b(c)%7E', 'a b(c)%7E'],
  ['a\\b', 'a\\\\b'],
  ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
  ['\u001b[0m\u0001\u007f', '\\033[0m\\001\\177'],
  ['😀', '\\360\\237\\230\\200'],
  ['lost \ufffd', null],
  ['half \ud83d', null],
])('a key ID as sshd shows it: %j', (keyId, shown) => expect(asLogged(keyId)).toBe(shown));

describe('principals three ways', () => {
  const grants = [
    { account: 'ops', principal: 'adm-full' },
    { account: 'ops', principal: 'adm-read' },
    { account: 'auto', principal: 'atm-backup' },
  ];
  const dead = (logins: readonly Login[], entries: readonly Issuance[]): string[] => {
    const all = log(...logins);
    return principalUse(grants, all, joinLogins(all, ok(issuanceLog(entries)), ca, policy())).map(
      ({ principal }) => principal,
    );
  };
  test('used, unused, and what cannot be told', () => {
    expect(dead([login({ at: AT })], [issued()])).toEqual(['adm-read', 'atm-backup']);
    expect(dead([], [issued()])).toEqual(['adm-full', 'adm-read', 'atm-backup']);
    expect(dead([login({ at: AT }), login({ at: AT }, 'adm-x', '9')], [issued()])).toEqual(['atm-backup']);
    expect(dead([login({ at: AT, identityLost: true })], [issued()])).toEqual(['atm-backup']);
    expect(dead([login({ at: AT }, 'adm-x', '9')], [told({ serial: '9', keyId: 'adm-x' })])).toEqual([
      'atm-backup',
    ]);
  });
});

describe.skipIf(needs.sshKeygen)(
  title('the line sshd writes for a real certificate', needs.sshKeygen),
  () => {
    test('joins to that certificate and to no other', () => {
      const one = issuer();
      try {
        const serial = '18446744073709551615';
        const own = parsed(
          one.sign('adm-ä "x" (serial 5)', serial, 'adm-full', '20261121013000Z:20261121060000Z'),
        );
        const other = parsed(one.sign('adm-y', '5', 'adm-full', '20261121013000Z:20261121060000Z'));
        // As sshd 9.2 prints it: vis(3) makes octal of what is not ASCII.
        const shown = own.keyId.replace('ä', '\\303\\244');
        const message = `Accepted publickey for ops from 10.0.0.1 port 40000 ssh2: ED25519-CERT ${own.fingerprint} ID ${shown} (serial ${serial}) CA ED25519 ${own.caFingerprint}`;
        const accepted = parseAccepted(message);
        if (!accepted) throw new Error('not a login');
        const logins = log({ ...accepted, at: AT + 15 * MINUTE, pid: 1, trusted: true });
        const entries = [
          fromCertificate(own, 'a:1', { issuedAt: AT }),
          fromCertificate(other, 'a:2', { issuedAt: AT }),
        ];
        const trust = { ...ca, fingerprints: [own.caFingerprint] };
        expect(joinLogins(logins, ok(issuanceLog(entries)), trust, policy())).toMatchObject([
          { state: 'explained', issuance: { from: 'a:1' } },
        ]);
      } finally {
        one.remove();
      }
    });
  },
);
