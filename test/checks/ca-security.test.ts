import { describe, expect, test } from 'vitest';
import { caSecurity } from '../../checks/ca-security.js';
import type {
  CaCustody,
  FoundCertificate,
  FoundPrivateKey,
  IssuanceLog,
  LoginLog,
} from '../../src/facts/types.js';
import type { Attestation, Expectations, Outcome, Reading } from '../../src/model.js';
import {
  attestation,
  CA,
  expected,
  found,
  issuanceLog,
  issued,
  log,
  login,
  not,
  NOW,
  ok,
  OTHER_CA,
  policy,
  privateKey,
  told,
} from '../helpers/actor-facts.js';
import { caSystem } from '../helpers/ca-system.js';
import { findingsOf } from '../helpers/keys-host.js';

interface Given {
  keys?: Reading<readonly FoundPrivateKey[]>;
  certificates?: Reading<readonly FoundCertificate[]>;
  vault?: Reading<CaCustody>;
  attestations?: Reading<readonly Attestation[]>;
  logins?: Reading<LoginLog>;
  certificateLog?: Reading<IssuanceLog>;
  expected?: Partial<Expectations>;
}
function judge({
  keys = ok([]),
  certificates = ok([]),
  vault = not('not-configured', 'no vault'),
  attestations = ok([attestation('ca-custody')]),
  logins = ok(log()),
  certificateLog = not('not-configured', 'no certificate log'),
  expected: wanted,
}: Given = {}): Outcome {
  return caSecurity.evaluate({
    host: { privateKeys: keys, certificates, logins },
    fleet: { vault, attestations, certificateLog },
    expected: expected(wanted),
    policy: policy(),
    now: NOW,
  });
}
const sound = ok<CaCustody>(caSystem());

describe('a CA key on the host', () => {
  test.each(['openssh', 'pem', 'pkcs8', 'putty', 'other'] as const)(
    'in the format %s, by its fingerprint',
    (format) => {
      const findings = findingsOf(
        judge({
          keys: ok([
            privateKey({ path: '/srv/old/backup', owner: 'root', format, fingerprint: CA, line: 4 }),
          ]),
        }),
      );
      expect(findings).toEqual([
        expect.objectContaining({
          subject: '/srv/old/backup',
          at: { path: '/srv/old/backup', line: 4 },
          message: expect.stringMatching(/private key of the trusted user CA .*no passphrase/),
        }),
      ]);
      expect(findings[0]?.remediation).toContain('Treat the CA as stolen');
    },
  );
  test('encrypted, or only a handle of a device: still a finding', () => {
    expect(
      findingsOf(judge({ keys: ok([privateKey({ fingerprint: CA, encrypted: true })]) }))[0]?.message,
    ).toContain('finds its passphrase');
    expect(
      findingsOf(judge({ keys: ok([privateKey({ fingerprint: CA, hardwareBound: true })]) }))[0]?.message,
    ).toContain('without the device');
  });
  test('stands against anything that proves custody, and against gaps', () => {
    expect(judge({ keys: ok([privateKey({ fingerprint: CA })], 'cut'), vault: sound }).status).toBe('fail');
  });
  test('a key that has signed user certificates lying here is a CA, named or not', () => {
    const keys = ok([privateKey({ path: '/root/my_ca', fingerprint: OTHER_CA })]);
    expect(
      findingsOf(judge({ keys, certificates: ok([found({ caFingerprint: OTHER_CA })]) }))[0]?.message,
    ).toContain('a CA the inventory does not name');
    expect(
      judge({ keys, certificates: ok([found({ caFingerprint: OTHER_CA, signatureValid: false })]) }).status,
    ).toBe('pass');
    expect(judge({ keys, certificates: ok([found({ caFingerprint: OTHER_CA, kind: 'host' })]) }).status).toBe(
      'pass',
    );
  });
});

describe('what is needed to pass', () => {
  test('no CA key, and custody attested or by a managed key', () => {
    expect(judge({ keys: ok([privateKey()]) })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('attested by Ada (2026-10-01'),
      evidence: [{ path: '/home/auto/.ssh/id_ed25519', excerpt: 'SHA256:KEY' }],
    });
    expect(judge({ vault: sound, attestations: not() })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining(
        'signs with the managed key hsm-ca; its roles, policies and audit devices are sound',
      ),
    });
  });
  test('without both it is unknown, and says both', () => {
    expect(judge({ attestations: not('not-configured', 'no attestations') })).toMatchObject({
      status: 'unknown',
      reason: 'not-configured',
      detail: 'no vault',
      missing: ['no attestations'],
    });
    expect(judge({ attestations: ok([]) })).toMatchObject({
      status: 'unknown',
      missing: [expect.stringContaining('ca-custody')],
    });
  });
  test.each([
    ['expired', { expires: '2026-11-20' }],
    ['not made yet', { date: '2026-12-01' }],
    ['without a readable date', { date: 'soon' }],
    ['without a readable end', { expires: 'never' }],
    ['of another kind', { kind: 'wrapper-review' as const }],
  ])('an attestation that is %s does not count', (_, more) => {
    expect(judge({ attestations: ok([attestation('ca-custody', more)]) }).status).toBe('unknown');
  });
  test('a CA system that is configured and did not answer cannot be attested away', () => {
    expect(judge({ vault: not('denied', '403') })).toMatchObject({
      status: 'unknown',
      reason: 'denied',
      detail: '403',
    });
  });
  test('a CA system that is sound, with its key in its own storage: attested, or unknown', () => {
    const stored = ok(caSystem({ managedKey: null }));
    expect(judge({ vault: stored })).toMatchObject({
      status: 'pass',
      because: expect.stringMatching(/custody of the CA key attested by Ada .*; its roles, policies/),
    });
    expect(judge({ vault: stored, attestations: not('not-configured', 'no attestations') })).toMatchObject({
      status: 'unknown',
      detail: 'no attestations',
    });
  });
  test('what the CA system says is wrong fails, attested or not', () => {
    expect(findingsOf(judge({ vault: ok({ ...caSystem(), auditDevices: [] }) }))[0]?.subject).toBe(
      'audit devices',
    );
  });
  test('a gap of the CA system keeps it unknown', () => {
    expect(judge({ vault: ok(caSystem(), 'the roles at x could not be listed') })).toMatchObject({
      status: 'unknown',
      detail: 'the roles at x could not be listed',
    });
  });
  test('keys whose public half nobody can read keep it unknown, and how to mend it is said', () => {
    const { fingerprint: _none, ...dark } = privateKey({
      path: '/etc/ssl/private/x.key',
      format: 'pkcs8',
      encrypted: true,
    });
    expect(judge({ keys: ok([dark]) })).toMatchObject({
      status: 'unknown',
      reason: 'no-evidence',
      detail: expect.stringContaining('/etc/ssl/private/x.key.pub'),
    });
    expect(judge({ keys: ok([{ ...dark, format: 'ssh1' }]) }).status).toBe('pass');
  });
  test('an inventory without the CA, a search that was cut, facts not collected', () => {
    expect(judge({ expected: { ca: { trustedUserCaKeys: '/x', fingerprints: [] } } })).toMatchObject({
      status: 'unknown',
      detail: expect.stringContaining('ca.fingerprints'),
    });
    expect(judge({ keys: ok([], 'the search ran into its time limit') })).toMatchObject({
      status: 'unknown',
      detail: 'the search ran into its time limit',
    });
    expect(judge({ keys: not('not-collected', 'x') })).toMatchObject({
      status: 'unknown',
      reason: 'not-collected',
    });
    expect(judge({ certificates: not('not-collected', 'x') }).status).toBe('unknown');
  });
});

describe('certificates signed past the CA', () => {
  const at = NOW.getTime() - 86_400_000;
  const judgeLogin = (
    one: ReturnType<typeof login>,
    entries: Reading<IssuanceLog> = ok(issuanceLog()),
  ): Outcome => judge({ logins: ok(log(one)), certificateLog: entries });
  test('a login no issuance explains fails, whoever’s; once for each certificate', () => {
    const outcome = judge({
      logins: ok(log(login({ at }, 'adm-eve', '99'), login({ at: at + 1000 }, 'adm-eve', '99'))),
      certificateLog: ok(issuanceLog()),
    });
    expect(findingsOf(outcome)).toEqual([
      expect.objectContaining({
        subject: 'login of "adm-eve" (serial 99)',
        message: expect.stringContaining('signed it past the CA'),
        evidence: [{ probe: 'logins', excerpt: expect.stringContaining('serial 99') }, expect.anything()],
      }),
    ]);
  });
  test('serial 0 fails and says who makes it', () =>
    expect(findingsOf(judgeLogin(login({ at }, 'adm-eve', '0')))[0]?.message).toContain(
      'by hand with the CA’s key',
    ));
  test('unknown where the log cannot tell, and each says what to give it', () => {
    const status = (entries: Reading<IssuanceLog>) => judgeLogin(login({ at }, 'adm-eve', '99'), entries);
    const hashed = told({ hashed: ['serial'], issuedAt: at - 1000 });
    for (const [entries, says] of [
      [ok(issuanceLog([hashed])), 'audit_non_hmac_response_keys'],
      [ok(issuanceLog([told({ issuedAt: at - 1000 })])), 'tell no serial'],
      [ok(issuanceLog([], { from: at - 1000 })), 'complete_since'],
      [ok(issuanceLog([], { from: null })), 'complete_since'],
      [ok(issuanceLog([], { to: at - 1000 })), 'newer files'],
      [ok(issuanceLog(), '3 lines of x'), 'not read whole'],
      [not('denied', 'may not be read'), 'may not be read'],
    ] as const)
      expect(status(entries)).toMatchObject({ status: 'unknown', detail: expect.stringContaining(says) });
  });
  test('without a certificate log nothing is compared, and nothing is claimed', () =>
    expect(judgeLogin(login({ at }), not('not-configured', 'no log'))).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([expect.stringContaining('sources.certificates')]),
    }));
  test('a login the log explains', () => {
    const outcome = judgeLogin(login({ at: NOW.getTime() - 60_000 }), ok(issuanceLog([issued()])));
    expect(outcome).toMatchObject({
      status: 'pass',
      notes: expect.arrayContaining([
        'The certificate log explains 1 of the 1 logins with this CA’s signature.',
      ]),
    });
  });
});
