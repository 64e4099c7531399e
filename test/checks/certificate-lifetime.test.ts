import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { certificateLifetime } from '../../checks/certificate-lifetime.js';
import { duration, judgeLifetime } from '../../checks/lib/lifetime.js';
import type {
  CaCustody,
  Certificate,
  FoundCertificate,
  Issuance,
  LoginLog,
  SshRole,
} from '../../src/facts/types.js';
import type { Expectations, Outcome, Policy, Reading } from '../../src/model.js';
import { parseCertificateLine } from '../../src/openssh/certificate.js';
import {
  certificate,
  custody,
  expected,
  found,
  HOUR,
  issuanceLog,
  issued,
  log,
  login,
  not,
  ok,
  OTHER_CA,
  policy,
  SECONDS,
  sshRole,
  told,
  NOW,
} from '../helpers/actor-facts.js';
import { findingsOf } from '../helpers/keys-host.js';
import { needs, title } from '../helpers/needs.js';

interface Given {
  host?: Reading<readonly FoundCertificate[]>;
  log?: Reading<readonly Issuance[]>;
  logins?: Reading<LoginLog>;
  vault?: Reading<CaCustody>;
  expected?: Partial<Expectations>;
  policy?: Partial<Policy>;
}
function judge({
  host = ok([]),
  log: entries = ok([issued()]),
  logins = ok(log()),
  vault = not(),
  expected: wanted,
  policy: limits,
}: Given = {}): Outcome {
  return certificateLifetime.evaluate({
    host: { certificates: host, logins },
    fleet: {
      vault,
      certificateLog: entries.ok ? { ...entries, value: issuanceLog(entries.value) } : entries,
    },
    expected: expected(wanted),
    policy: policy(limits),
    now: NOW,
  });
}
const life = (seconds: bigint, more: Partial<Certificate> = {}): Partial<Certificate> => ({
  validAfter: SECONDS,
  validBefore: SECONDS + seconds,
  ...more,
});
const verdict = (more: Partial<Certificate>): ReturnType<typeof judgeLifetime> =>
  judgeLifetime(certificate(more), policy());

describe('limits by actor', () => {
  test.each([
    ['adm-a', ['adm-full'], 48n * HOUR, true],
    ['adm-a', ['adm-full'], 48n * HOUR + 119n, true],
    ['adm-a', ['adm-full'], 48n * HOUR + 30n, true],
    ['adm-a', ['adm-full'], 48n * HOUR + 300n, true],
    ['adm-a', ['adm-full'], 48n * HOUR + 301n, false],
    ['adm-a', ['adm-full'], 49n * HOUR, false],
    ['agt-a', ['agt-x'], 24n * HOUR, true],
    ['agt-a', ['agt-x'], 24n * HOUR + 301n, false],
    ['atm-a', ['atm-x'], 24n * HOUR, true],
    ['atm-a', ['atm-x'], 25n * HOUR, false],
    ['atm-a', ['atm-x'], 0n, true],
  ])('%s %j %i seconds: %s', (keyId, principals, seconds, good) =>
    expect(verdict(life(seconds, { keyId, principals })).ok).toBe(good),
  );

  test('a day over a change of the clock is a day: times are seconds', () => {
    // 2026-10-25: clocks in Berlin go back at 01:00 UTC.
    const before = BigInt(Date.parse('2026-10-24T10:00:00Z') / 1000);
    expect(
      verdict({
        keyId: 'agt-a',
        principals: ['agt-x'],
        validAfter: before,
        validBefore: before + 24n * HOUR,
      }),
    ).toMatchObject({ ok: true, says: 'lives 24 h of at most 24 h' });
  });

  test.each([
    ['forever', { validAfter: 0n, validBefore: 2n ** 64n - 1n }, 'always and forever'],
    ['after', { validBefore: 2n ** 64n - 1n }, 'never expires'],
    ['before', { validAfter: 0n, validBefore: SECONDS }, 'no beginning'],
    ['near forever', { validBefore: 2n ** 64n - 2n }, 'more than the 48 h'],
  ])('%s fails', (_, more, says) =>
    expect(verdict(more)).toMatchObject({ ok: false, says: expect.stringContaining(says) }),
  );

  test.each([
    ['nobody', { keyId: 'bernd', principals: ['root'] }],
    ['an empty name', { keyId: '', principals: [] }],
    ['only a prefix', { keyId: 'adm-', principals: ['adm-'] }],
    ['another case', { keyId: 'ADM-x', principals: ['ADM-full'] }],
    ['a default of Vault', { keyId: 'vault-root-1234', principals: ['ubuntu'] }],
  ])('%s: an unknown actor fails', (_, more) =>
    expect(verdict(life(HOUR, more))).toMatchObject({
      ok: false,
      says: expect.stringContaining('names no actor'),
    }),
  );

  test('actors that disagree: the strictest limit, and a finding even within it', () => {
    expect(verdict(life(30n * HOUR, { keyId: 'adm-x', principals: ['agt-y'] }))).toMatchObject({
      ok: false,
      says: expect.stringMatching(/lives 30 h, more than the 24 h allowed for adm and agt; .*strictest/),
    });
    expect(verdict(life(HOUR, { keyId: 'adm-x', principals: ['agt-y'] }))).toMatchObject({
      ok: false,
      says: expect.stringContaining('name adm and agt'),
    });
    expect(verdict(life(HOUR, { keyId: 'bernd', principals: ['adm-full'] }))).toMatchObject({
      ok: false,
      says: expect.stringContaining('in part only'),
    });
  });
});

describe('the check', () => {
  test('passes with what it looked at', () => {
    const outcome = judge({
      host: ok([found({ keyId: 'atm-x', principals: ['atm-x'], ...life(8n * HOUR) })]),
    });
    expect(outcome).toMatchObject({
      status: 'pass',
      because:
        'the last 1 issued certificates and the 1 found on this host live within the limits of their actors',
      evidence: [{ probe: 'certificateLog' }, { probe: 'credentials' }],
    });
    expect(outcome.status === 'pass' && outcome.notes).toEqual([
      'Only 1 of the 100 certificates asked for are in the log.',
    ]);
  });

  test('a certificate that lives too long fails, wherever it is, expired or not; once for all its copies', () => {
    const long = life(365n * 24n * HOUR, {
      validAfter: SECONDS - 900n * 24n * HOUR,
      validBefore: SECONDS - 500n * 24n * HOUR,
      serial: 2n ** 64n - 1n,
    });
    const findings = findingsOf(
      judge({ host: ok([found(long), found(long, '/home/auto/copy')]), log: ok([issued(), issued(long)]) }),
    );
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      subject: 'certificate "adm-bernd" (serial 18446744073709551615)',
      at: { path: '/home/auto/.ssh/id-cert.pub', line: 1 },
      message: expect.stringContaining('lives 9600 h'),
      remediation: expect.stringContaining('Put serial 18446744073709551615'),
    });
    expect(findings[0]?.evidence).toHaveLength(3);
    expect(findingsOf(judge({ host: ok([found(long)]), log: not() })).length).toBe(1);
  });

  test('without a certificate log it is unknown, and says which source', () => {
    const detail = 'a log of issued certificates is not configured (sources.certificates in the inventory)';
    expect(judge({ log: not('not-configured', detail) })).toMatchObject({
      status: 'unknown',
      reason: 'not-configured',
      detail,
    });
  });
  test('an empty log proves nothing', () => {
    for (const log of [
      ok([]),
      ok([issued({ kind: 'host' })]),
      ok([issued({ caFingerprint: OTHER_CA })]),
      ok([issued({ signatureValid: false })]),
    ]) {
      expect(judge({ log })).toMatchObject({
        status: 'unknown',
        reason: 'no-evidence',
        detail: expect.stringContaining('sources.certificates'),
      });
    }
  });
  test('a gap keeps it from passing and leaves a fail standing', () => {
    expect(judge({ host: ok([], 'cut') })).toMatchObject({ status: 'unknown', detail: 'cut' });
    expect(judge({ host: not('not-collected') })).toMatchObject({
      status: 'unknown',
      reason: 'not-collected',
    });
    expect(judge({ host: ok([found(life(999n * HOUR))], 'cut') }).status).toBe('fail');
  });

  test('only the newest are judged, by time of issue', () => {
    const old = issued(life(999n * HOUR, { serial: 999n }), 1);
    const many = Array.from({ length: 3 }, (_, index) => issued({ serial: BigInt(index) }, 1000 + index));
    expect(
      judge({ log: ok([old, ...many]), policy: { lifetimes: { ...policy().lifetimes, sample: 3 } } }).status,
    ).toBe('pass');
    expect(
      judge({ log: ok([old, ...many]), policy: { lifetimes: { ...policy().lifetimes, sample: 4 } } }).status,
    ).toBe('fail');
  });

  test('host certificates and those of other CAs are told, not judged', () => {
    const outcome = judge({
      host: ok([
        found({ kind: 'host', ...life(9999n * HOUR) }, '/a'),
        found({ caFingerprint: OTHER_CA, ...life(9999n * HOUR) }, '/b'),
        found({ signatureValid: false, ...life(9999n * HOUR) }, '/c'),
      ]),
    });
    expect(outcome.status).toBe('pass');
    expect(outcome.status === 'pass' && outcome.notes?.join('\n')).toMatch(
      /\/a is a host certificate signed by the user CA[^]*\/b holds a certificate of another CA[^]*\/c holds a certificate whose signature is wrong/,
    );
  });
  test('when the inventory names no CA, every certificate counts', () => {
    expect(
      findingsOf(
        judge({
          host: ok([found({ caFingerprint: OTHER_CA, ...life(9999n * HOUR) })]),
          expected: { ca: { trustedUserCaKeys: '/x', fingerprints: [] } },
        }),
      ),
    ).toHaveLength(1);
  });
  test('beyond the typical range is a note', () => {
    const outcome = judge({ log: ok([issued(life(20n * HOUR, { keyId: 'atm-x', principals: ['atm-x'] }))]) });
    expect(outcome).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([
        expect.stringContaining('lives 20 h of at most 24 h: within the limit, beyond the typical range'),
      ]),
    });
  });
});

describe('issuances of which only words are known', () => {
  const words = (more: Partial<Issuance>): Issuance =>
    told({ serial: '9', keyId: 'agt-a', principals: ['agt-x'], ...more });
  test.each<readonly [string, Partial<Issuance>, boolean | null]>([
    ['within the limit', { lifetimeSeconds: 24n * HOUR }, true],
    ['beyond it', { lifetimeSeconds: 25n * HOUR }, false],
    ['forever', { validBefore: 2n ** 64n - 1n, lifetimeSeconds: 2n ** 64n - 1n }, false],
    ['beyond it, perhaps of a host', { kind: 'unknown', lifetimeSeconds: 25n * HOUR }, null],
    ['within it, perhaps of a host', { kind: 'unknown', lifetimeSeconds: HOUR }, true],
    ['no lifetime', {}, null],
    ['nobody', { keyId: 'x', principals: ['y'], lifetimeSeconds: HOUR }, false],
    ['names unknown, short', { keyId: null, principals: null, lifetimeSeconds: 24n * HOUR }, true],
    ['names unknown, perhaps too long', { keyId: null, principals: null, lifetimeSeconds: 30n * HOUR }, null],
    [
      'names unknown, too long for anyone',
      { keyId: null, principals: null, lifetimeSeconds: 49n * HOUR },
      false,
    ],
    [
      'an administrator by key ID alone',
      { keyId: 'adm-x', principals: null, lifetimeSeconds: 48n * HOUR },
      null,
    ],
    ['an agent by key ID alone', { principals: null, lifetimeSeconds: 25n * HOUR }, false],
    ['an agent by principals alone', { keyId: null, lifetimeSeconds: 25n * HOUR }, false],
    ['a default key ID, short', { keyId: 'vault-ldap-1', principals: null, lifetimeSeconds: HOUR }, true],
  ])('%s', (_, more, good) => {
    const status = good === null ? 'unknown' : good ? 'pass' : 'fail';
    expect(judge({ log: ok([words(more)]) }).status).toBe(status);
  });
  test('what hides it is said, with the remedy', () => {
    expect(judge({ log: ok([issued(), words({ hashed: ['certificate', 'lifetime'] })]) })).toMatchObject({
      status: 'unknown',
      reason: 'no-evidence',
      detail: expect.stringMatching(
        /lifetime of 1 of the last 2 .*"agt-a" \(serial 9\) in audit\.log:1.*audit_non_hmac_response_keys=signed_key/,
      ),
    });
  });
  test('of another CA by its words: not judged', () => {
    expect(judge({ log: ok([issued(), words({ caFingerprint: OTHER_CA })]) }).status).toBe('pass');
  });
});

describe('certificates behind logins', () => {
  const old = SECONDS - 20n * 24n * HOUR;
  const long = issued(
    { serial: 5n, validAfter: old, validBefore: old + 30n * 24n * HOUR },
    Number(old) * 1000,
  );
  const sample = { lifetimes: { ...policy().lifetimes, sample: 1 } };
  test('are judged, also when they are no longer among the last ones; the share that is known is told', () => {
    const logins = ok(log(login({}, 'adm-bernd', '5'), login({}, 'adm-bernd', '6')));
    const outcome = judge({ log: ok([long, issued()]), logins, policy: sample });
    expect(findingsOf(outcome)).toEqual([
      expect.objectContaining({ subject: 'certificate "adm-bernd" (serial 5)' }),
    ]);
    expect(outcome.notes).toContain(
      'The lifetime of the certificate is known for 1 of the 2 certificate logins on this host.',
    );
    expect(judge({ log: ok([long, issued()]), policy: sample }).status).toBe('pass');
  });
  test('a host’s log that cannot be read takes nothing from what was issued', () => {
    expect(judge({ logins: not('denied') }).status).toBe('pass');
  });
});

describe('roles of the CA system', () => {
  test.each<readonly [string, Partial<SshRole>, 'pass' | 'fail' | 'unknown']>([
    ['within the limit', {}, 'pass'],
    ['no max_ttl, so 768 h', { ttl: 0, maxTtl: 0, longest: 768 * 3600 }, 'fail'],
    [
      'an administrator’s limit for an agent',
      { allowedUsers: ['adm-full', 'agt-x'], longest: 48 * 3600 },
      'fail',
    ],
    ['for nobody in particular, too long', { allowedUsers: ['*'], longest: 49 * 3600 }, 'fail'],
    ['not known', { longest: null }, 'unknown'],
    ['host certificates only', { allowUserCertificates: false, longest: 9999 * 3600 }, 'pass'],
    ['one-time passwords', { keyType: 'otp', longest: null }, 'pass'],
  ])('%s', (_, more, status) => {
    const outcome = judge({ vault: ok(custody([sshRole(more)])) });
    expect(outcome.status).toBe(status);
    if (status === 'fail') expect(findingsOf(outcome)[0]?.subject).toBe('role ssh/roles/adm');
  });
});

test('durations', () =>
  expect([0n, 59n, 3600n, 90_061n].map(duration)).toEqual(['0 s', '59 s', '1 h', '25 h 1 min 1 s']));

describe.skipIf(needs.sshKeygen)(title('certificates of the real ssh-keygen', needs.sshKeygen), () => {
  test('its backdating is forgiven; always, forever and a day more are not; names with line ends change nothing', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ssh-scorecard-life-'));
    try {
      const run = (...args: string[]): void => {
        execFileSync('ssh-keygen', ['-q', ...args], { cwd: directory, stdio: 'ignore' });
      };
      run('-t', 'ed25519', '-N', '', '-f', 'ca');
      run('-t', 'ed25519', '-N', '', '-f', 'key');
      const sign = (validity: string, id = 'adm-x', principal = 'adm-full'): Certificate => {
        run('-s', 'ca', '-I', id, '-n', principal, '-V', validity, 'key.pub');
        const parsed = parseCertificateLine(readFileSync(join(directory, 'key-cert.pub'), 'utf8'));
        if ('problem' in parsed) throw new Error(parsed.problem);
        return parsed;
      };
      const good = (one: Certificate): boolean => judgeLifetime(one, policy()).ok;
      expect(good(sign('+48h'))).toBe(true);
      expect(good(sign('+24h', 'agt-x', 'agt-y'))).toBe(true);
      expect(good(sign('+25h', 'agt-x', 'agt-y'))).toBe(false);
      expect(good(sign('+49h'))).toBe(false);
      expect(good(sign('always:forever'))).toBe(false);
      expect(good(sign('always:+1h'))).toBe(false);
      expect(good(sign('-1m:forever'))).toBe(false);
      expect(
        judgeLifetime(sign('+9999h', 'adm-x\nValid: from now to soon', 'adm-full\nSerial: 999'), policy())
          .says,
      ).toContain('lives 9999 h');
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});
