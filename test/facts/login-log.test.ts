import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAccepted, readLogins } from '../../src/facts/login-log.js';
import { timeOf } from '../../src/facts/syslog-time.js';
import type { Login } from '../../src/facts/types.js';
import { evidenceOf, probeOutput, word } from '../helpers/evidence.js';

const VERSIONS = ['7.8', '8.0', '8.4', '8.7', '9.2', '10.0', '10.5', '10.6'];
const CA = 'SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
const KEY = 'SHA256:XjTtRMa4Noh3zF11/vqSr4cxHXQRi5vTsG3gwA9GOJQ';

/** Messages of a raw syslog sample, without priority, time and tag. */
function messages(name: string): string[] {
  const text = readFileSync(`test/fixtures/logging/syslog-${name}.txt`, 'utf8');
  return text
    .split('\n')
    .flatMap((line) => /^<\d+>.{15} sshd(?:-session|-auth)?\[\d+\]: (.*)$/.exec(line)?.[1] ?? []);
}

function line(keyId: string, more: { prefix?: string; suffix?: string } = {}): string {
  return `Accepted publickey for alice from 127.0.0.1 port 40000 ssh2: ED25519-CERT ${more.prefix ?? `${KEY} `}ID ${keyId} (serial 42) CA ED25519 ${CA}${more.suffix ?? ''}`;
}

/** One login line around an identity as a real daemon of any version writes it. */
describe.each(VERSIONS)('OpenSSH %s', (version) => {
  const logins = messages(`raw-${version}`).flatMap((message) => parseAccepted(message) ?? []);

  test('certificate logins carry key ID, serial and CA', () => {
    const certificates = logins.flatMap(({ certificate }) => certificate ?? []);
    expect(certificates.length).toBeGreaterThan(0);
    expect(certificates[0]).toMatchObject({ keyId: 'adm-bernd', serial: '42' });
    for (const one of certificates) {
      expect(one.caFingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
      // 7.8 and older do not name the key.
      expect(one.keyFingerprint === undefined).toBe(version === '7.8');
    }
  });

  test('nothing but logins is taken for one', () => {
    const accepted = messages(`raw-${version}`).filter((message) => /^Accepted \S+ for /.test(message));
    expect(logins).toHaveLength(accepted.length);
    expect(logins.every(({ identityLost }) => !identityLost)).toBe(true);
    expect(
      parseAccepted(
        `Accepted certificate ID "adm-bernd" (serial 42) signed by ED25519 CA ${CA} via /etc/ssh/ca.pub`,
      ),
    ).toBeNull();
    expect(
      parseAccepted(
        `Failed publickey for alice from 127.0.0.1 port 1 ssh2: ED25519-CERT ${KEY} ID adm-eve (serial 43) CA ED25519 ${CA}`,
      ),
    ).toBeNull();
  });
});

describe('key IDs that imitate the line', () => {
  test('the real samples of 9.2', () => {
    const parsed = messages('adversarial-keyids-9.2').flatMap((message) => parseAccepted(message) ?? []);
    expect(parsed.map(({ certificate, identityLost }) => certificate?.keyId ?? identityLost)).toEqual([
      'adm-\\303\\251',
      'a\\nb',
      'x (serial 5) CA ED25519 SHA256:AAAA, y',
      'back\\\\slash',
      true,
    ]);
    expect(parsed.map(({ certificate }) => certificate?.serial)).toEqual(['1', '2', '3', '4', undefined]);
    expect(parsed.every(({ account, port }) => account === 'alice' && port > 38000)).toBe(true);
  });

  test.each([
    [
      'a second beginning',
      `x from 9.9.9.9 port 5 ssh2: ED25519-CERT ID adm-root (serial 1) CA ED25519 ${CA}`,
    ],
    ['a complete ending', `adm-root (serial 1) CA ED25519 ${CA}`],
    ['empty', ''],
    ['a fingerprint', `${KEY} ID adm-root`],
    ['brackets', '(serial 7) CA X SHA256:y'],
  ])('%s', (_, keyId) => {
    expect(parseAccepted(line(keyId))).toMatchObject({
      account: 'alice',
      from: '127.0.0.1',
      port: 40000,
      certificate: { keyId, serial: '42', caFingerprint: CA },
    });
    expect(parseAccepted(line(keyId, { prefix: '' }))?.certificate).toMatchObject({
      serial: '42',
      caFingerprint: CA,
    });
  });

  test('a line that was cut never tells an identity, whatever it ends with', () => {
    const cut = (keyId: string) => parseAccepted(line(keyId).slice(0, 500));
    const room = 500 - line('').indexOf(' (serial');
    const planted = ` (serial 7) CA ED25519 ${CA}`;
    expect(cut(`${'x'.repeat(room - planted.length)}${planted}${'z'.repeat(600)}`)).toMatchObject({
      account: 'alice',
      identityLost: true,
    });
    expect(cut(`adm-root (serial 7) CA ED25519 ${CA}, client ${'z'.repeat(600)}`)).toMatchObject({
      identityLost: true,
    });
    expect(cut(`adm-root (serial 7) CA ED25519 ${CA}${'z'.repeat(600)}`)?.certificate).toBeUndefined();
    // Cut elsewhere, e.g. at busybox's 256 bytes.
    expect(
      parseAccepted(line(`adm-root (serial 7) CA ED25519 ${CA}, ${'z'.repeat(600)}`).slice(0, 256)),
    ).toMatchObject({ identityLost: true });
    expect(parseAccepted(line('adm-x', { suffix: '' }).slice(0, -3))).toMatchObject({ identityLost: true });
  });

  test('any key ID up to 200 characters survives', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200, unit: 'grapheme-ascii' }), (keyId) => {
        expect(parseAccepted(line(keyId))).toMatchObject({
          account: 'alice',
          from: '127.0.0.1',
          certificate: { keyId, serial: '42', caFingerprint: CA },
        });
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});

test('other methods and fingerprints', () => {
  expect(parseAccepted(`Accepted publickey for bob from ::1 port 22 ssh2: ED25519 ${KEY}`)).toMatchObject({
    method: 'publickey',
    from: '::1',
    keyFingerprint: KEY,
    identityLost: false,
  });
  expect(parseAccepted('Accepted keyboard-interactive/pam for bob from 10.0.0.1 port 22 ssh2')).toMatchObject(
    { method: 'keyboard-interactive/pam', identityLost: false },
  );
  expect(parseAccepted('Accepted none for deploy from 10.0.0.1 port 22 ssh2')).toMatchObject({
    method: 'none',
    account: 'deploy',
  });
  const md5 = 'MD5:b5:d1:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd';
  expect(
    parseAccepted(
      `Accepted publickey for bob from 10.0.0.1 port 22 ssh2: RSA-CERT ${md5} ID adm-x (serial 1) CA RSA ${md5}`,
    )?.certificate,
  ).toMatchObject({ keyId: 'adm-x', caFingerprint: md5 });
  expect(parseAccepted(line('adm-x').replace('42', '18446744073709551615'))?.certificate?.serial).toBe(
    '18446744073709551615',
  );
  expect(parseAccepted(line('adm-x').replace('42', '18446744073709551616'))?.identityLost).toBe(true);
});

// ---- evidence

const NOW = 1_795_230_000;
const entry = (fields: Readonly<Record<string, unknown>>) =>
  `J ${JSON.stringify({ MESSAGE: line('adm-bernd'), SYSLOG_IDENTIFIER: 'sshd', _PID: '4711', _UID: '0', _EXE: '/usr/sbin/sshd', __REALTIME_TIMESTAMP: `${NOW - 60}123456`, ...fields })}`;

function journal(entries: readonly string[], more: readonly string[] = []): ReturnType<typeof readLogins> {
  return readLogins(
    evidenceOf({
      logins: [
        `now ${NOW}`,
        `since ${NOW - 86_400}`,
        `begins ${NOW - 3600}000000`,
        'source journal',
        `total ${entries.length}`,
        ...entries,
        ...more,
        '',
      ].join('\n'),
    }),
  );
}

function loginsOf(reading: ReturnType<typeof readLogins>): readonly Login[] {
  if (!reading.ok) throw new Error(reading.detail);
  return reading.value.logins;
}

describe('the journal', () => {
  test('a real entry', () => {
    const reading = journal([entry({})]);
    expect(reading).toMatchObject({
      ok: true,
      gaps: [],
      value: { source: 'journal', coversFrom: (NOW - 3600) * 1000, coversTo: NOW * 1000 },
    });
    expect(loginsOf(reading)).toMatchObject([
      {
        account: 'alice',
        pid: 4711,
        at: (NOW - 60) * 1000 + 123,
        trusted: true,
        certificate: { keyId: 'adm-bernd', serial: '42' },
      },
    ]);
  });

  test.each([
    [{ _EXE: '/usr/lib/openssh/sshd-session' }, true],
    [{ _EXE: '/usr/libexec/openssh/sshd-auth' }, true],
    [{ _EXE: '/opt/openssh-9.9/sbin/sshd' }, true],
    [{ _EXE: '/usr/sbin/sshd (deleted)' }, true],
    [{ _UID: '1002' }, false],
    [{ _EXE: '/usr/bin/python3.11' }, false],
    [{ _EXE: '/home/eve/sshd' }, false],
    [{ _EXE: '/tmp/sshd' }, false],
    [{ _EXE: '/usr/sbin/notsshd' }, false],
    [{ _EXE: '/usr/sbin/sshd/x' }, false],
    [{ _UID: 0 }, false],
    [{ _UID: ['0', '0'] }, false],
    [{ _EXE: ['/usr/sbin/sshd'], _UID: '7' }, false],
    [{ _UID: undefined }, false],
  ])('%j is trusted: %s', (fields, trusted) => {
    expect(loginsOf(journal([entry(fields)]))[0]?.trusted).toBe(trusted);
  });

  test('root without a program tells nothing for certain', () => {
    const reading = journal([entry({ _EXE: undefined })]);
    expect(loginsOf(reading)).toEqual([]);
    expect(reading.ok && reading.gaps.join()).toContain('which program it was');
  });

  test('a message of byte numbers, one too large, broken lines', () => {
    expect(
      loginsOf(journal([entry({ MESSAGE: [...Buffer.from(line('adm-\xff', {}), 'latin1')] })])),
    ).toMatchObject([{ certificate: { serial: '42' } }]);
    expect(journal([entry({ MESSAGE: null })])).toMatchObject({ gaps: [], value: { logins: [] } });
    expect(journal(['J {"MESSAGE":"Acc'])).toMatchObject({ gaps: ['a journal entry could not be parsed'] });
    expect(journal(['J [1]', 'J null', 'J 5'])).toMatchObject({
      gaps: ['a journal entry could not be parsed'],
    });
  });

  test('a cut or broken-off log says so', () => {
    expect(journal([entry({})], ['total 5']).ok).toBe(true);
    const many = readLogins(
      evidenceOf({ logins: `now ${NOW}\nsince 0\nbegins -\nsource journal\ntotal 9000\n${entry({})}\n` }),
    );
    expect(many).toMatchObject({
      gaps: ['only the last 1 of 9000 logins in the window were read'],
      value: { coversFrom: null },
    });
    expect(journal([], ['journal-rc 124'])).toMatchObject({ gaps: [expect.stringContaining('124')] });
    expect(
      readLogins(evidenceOf({ logins: probeOutput('source none\n', { timedOut: true, rc: 124 }) })),
    ).toMatchObject({ ok: true, gaps: [expect.any(String), expect.stringContaining('no log of logins')] });
    expect(readLogins(evidenceOf({})).ok).toBe(false);
  });
});

describe('text logs', () => {
  const file = (lines: readonly string[], first = '2026-11-20T00:00:00Z vm x') =>
    readLogins(
      evidenceOf({
        logins: [
          `now ${NOW}`,
          `since ${NOW - 86_400 * 14}`,
          'source file',
          `first /var/log/auth.log ${NOW} ${word(first)}`,
          ...lines.map((text) => `L /var/log/auth.log ${NOW} ${text}`),
          '',
        ].join('\n'),
      }),
    );

  test('both forms, and busybox', () => {
    const at = Date.parse('2026-11-20T02:01:42Z');
    const reading = file([
      `2026-11-20T02:01:42.000000+00:00 vm sshd[11328]: ${line('adm-a')}`,
      `Nov 20 02:01:43 vm sshd-session[12453]: ${line('adm-b')}`,
      `Nov 20 02:01:44 vm auth.info sshd[7]: ${line('adm-c')}`,
    ]);
    expect(
      loginsOf(reading).map(({ at: time, pid, trusted, certificate }) => [
        time - at,
        pid,
        trusted,
        certificate?.keyId,
      ]),
    ).toEqual([
      [0, 11328, false, 'adm-a'],
      [1000, 12453, false, 'adm-b'],
      [2000, 7, false, 'adm-c'],
    ]);
    expect(reading).toMatchObject({
      gaps: [expect.stringContaining('text log')],
      value: { coversFrom: Date.parse('2026-11-20T00:00:00Z') },
    });
  });

  test('what another program quotes is no login, and doubles count once', () => {
    const same = `2026-11-20T02:01:42.000000+00:00 vm sshd[11328]: ${line('adm-a')}`;
    expect(
      loginsOf(file([same, same, `2026-11-20T02:01:42+00:00 vm app[1]: sshd[2]: ${line('adm-x')}`])),
    ).toHaveLength(1);
  });

  test('a year is chosen so that nothing lies in the future', () => {
    expect(timeOf('Dec 31 23:59:59 vm x', Date.UTC(2026, 0, 2))).toBe(Date.UTC(2025, 11, 31, 23, 59, 59));
    expect(timeOf('Jan  1 00:00:01 vm x', Date.UTC(2026, 0, 2))).toBe(Date.UTC(2026, 0, 1, 0, 0, 1));
    expect(timeOf('nonsense', 0)).toBeNull();
  });
});

describe('whatever a host sends', () => {
  const bytes = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      'J ',
      'L x 1 ',
      'J {"MESSAGE":"Accepted ',
      'source journal',
      'source file',
      'total 1',
      'first x 1 =AAAA',
      entry({}),
      line('x'),
    ),
  );

  test('the parser never throws', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 20 }), (lines) => {
        expect(typeof readLogins(evidenceOf({ logins: lines.join('\n') })).ok).toBe('boolean');
      }),
      { seed: 5, numRuns: 800 },
    );
  });

  test('a line of another user or program never becomes trusted', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 1, max: 70_000 }),
        fc.constantFrom('/usr/sbin/sshd', '/usr/bin/logger'),
        (text, uid, exe) => {
          const logins = loginsOf(
            journal([
              entry({ MESSAGE: `${line('adm-x')}${text}`, _UID: String(uid), _EXE: exe }),
              entry({ MESSAGE: text, _UID: String(uid) }),
            ]),
          );
          expect(logins.some(({ trusted }) => trusted)).toBe(false);
        },
      ),
      { seed: 6, numRuns: 300 },
    );
  });
});
