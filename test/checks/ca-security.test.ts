import { describe, expect, test } from 'vitest';
import { caSecurity } from '../../checks/ca-security.js';
import type { CaCustody, FoundCertificate, FoundPrivateKey } from '../../src/facts/types.js';
import type { Attestation, Expectations, Outcome, Reading } from '../../src/model.js';
import {
  attestation,
  CA,
  expected,
  found,
  not,
  NOW,
  ok,
  OTHER_CA,
  policy,
  privateKey,
} from '../helpers/actor-facts.js';
import { findingsOf } from '../helpers/keys-host.js';

interface Given {
  keys?: Reading<readonly FoundPrivateKey[]>;
  certificates?: Reading<readonly FoundCertificate[]>;
  vault?: Reading<CaCustody>;
  attestations?: Reading<readonly Attestation[]>;
  expected?: Partial<Expectations>;
}
function judge({
  keys = ok([]),
  certificates = ok([]),
  vault = not('not-configured', 'no vault'),
  attestations = ok([attestation('ca-custody')]),
  expected: wanted,
}: Given = {}): Outcome {
  return caSecurity.evaluate({
    host: { privateKeys: keys, certificates },
    fleet: { vault, attestations },
    expected: expected(wanted),
    policy: policy(),
    now: NOW,
  });
}
const sound = ok<CaCustody>({ publicKeyFingerprints: [CA], problems: [] });

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
  test('no CA key, and custody attested or the CA system sound', () => {
    expect(judge({ keys: ok([privateKey()]) })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('attested by Ada (2026-10-01'),
      evidence: [{ path: '/home/auto/.ssh/id_ed25519', excerpt: 'SHA256:KEY' }],
    });
    expect(judge({ vault: sound, attestations: not() })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('the CA system holds its key soundly'),
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
  test('what the CA system says is wrong, and a key it signs with that nobody named', () => {
    expect(
      findingsOf(
        judge({ vault: ok({ publicKeyFingerprints: [CA, OTHER_CA], problems: ['no audit device'] }) }),
      ).map(({ subject }) => subject),
    ).toEqual(['CA system: no audit device', OTHER_CA]);
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
