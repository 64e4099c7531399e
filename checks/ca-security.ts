/** Scorecard 9, "CA Security": the CA key is out of reach of any one person and of every host. */
import type { Check, Finding } from '../src/model.js';
import { attested } from './lib/attestations.js';
import { judgeCustody, keyOnHost, unidentified } from './lib/ca-custody.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { traceLogins } from './lib/out-of-band.js';

export const caSecurity: Check<
  'privateKeys' | 'certificates' | 'logins',
  'vault' | 'attestations' | 'certificateLog'
> = {
  meta: {
    number: 9,
    id: 'ca-security',
    title: 'The CA key is HSM-backed or under four eyes, and lies on no host',
    category: 'CA Security',
    directive: '5 (CA Security), 3.1',
    why: 'Whoever holds the CA key signs himself a certificate for any principal on every host, and no revocation list knows the serial.',
    fix: 'Keep the key in an HSM-backed CA or offline under four eyes, delete every copy on hosts and in backups, and rotate the CA if one was found.',
    looksAt: [
      'private keys on the host whose public half is a trusted CA (homes, /etc, /root, /opt, /srv, /secure, /tmp and other usual places)',
      'private keys that have signed user certificates found on the host',
      'the CA system (sources.vault): every SSH secrets engine with its roles, the ACL policies that reach it, audit devices, seal; its public key against the one hosts trust',
      'logins with this CA’s signature that its own log (sources.certificates) does not hold: signed past the CA',
      'an attestation of custody for an offline CA (sources.attestations, kind ca-custody)',
    ],
    limits: [
      'Certificates signed past the CA that have not been used on this host, or not in the time both logs cover.',
      'Copies of the CA key on machines that are not in the inventory, on laptops, in archives, or in files over 64 KiB.',
      'An attestation is a statement by a person, dated and expiring; nothing here can see a safe.',
      'A seal, Shamir or HSM, says nothing about who may sign: of the CA system only a managed key counts as custody.',
      'Root tokens and who holds which policy: policies are judged as if somebody held each of them.',
    ],
    severity: 'critical',
    needs: {
      host: ['privateKeys', 'certificates', 'logins'],
      fleet: ['vault', 'attestations', 'certificateLog'],
    },
    controls: {
      'NIST 800-53 r5': ['SC-12', 'SC-12(3)', 'AC-5', 'AU-12'],
      'ISO 27001:2022': ['A.5.3', 'A.8.24'],
      'CIS Controls v8': ['3.11', '6.8'],
      'SOC 2': ['CC6.1', 'CC6.6'],
    },
  },
  evaluate({ host, fleet, expected, policy, now }) {
    const traced = traceLogins(host.logins, fleet.certificateLog, { ca: expected.ca, policy, now });
    const { fingerprints } = expected.ca;
    const keys = valueOr(host.privateKeys, []);
    const signers = new Set(
      valueOr(host.certificates, [])
        .filter(({ certificate }) => certificate.kind === 'user' && certificate.signatureValid)
        .map(({ certificate }) => certificate.caFingerprint),
    );
    const vault = fleet.vault.ok ? judgeCustody(fleet.vault.value, fingerprints, policy) : null;
    const findings: Finding[] = [
      ...keys.flatMap((key) => keyOnHost(key, fingerprints, signers)),
      ...(vault?.findings ?? []),
      ...traced.findings,
    ];
    const custody = attested(fleet.attestations, 'ca-custody', now);
    const dark = keys.filter((key) => unidentified(key));
    const missing: Missing[] = [
      ...missingFrom(host.privateKeys, host.certificates),
      ...(fingerprints.length === 0
        ? [
            {
              reason: 'not-configured',
              detail:
                'the inventory names no CA (ca.fingerprints): a copy of its key could not be told from another key',
            } as const,
          ]
        : []),
      ...dark.slice(0, 20).map(({ path }) => ({
        reason: 'no-evidence' as const,
        detail: `the public half of the private key ${path} could not be read, so it could not be compared with the CA: put it beside as ${path}.pub, or remove the key`,
      })),
      ...(fleet.vault.ok || fleet.vault.reason !== 'not-configured' || custody.by === ''
        ? missingFrom(fleet.vault)
        : []),
      ...(vault?.missing ?? []),
      ...(vault?.proof ? [] : custody.missing),
      ...traced.missing,
    ];
    return judge({
      findings,
      missing,
      because: `none of the ${keys.length} private keys found on the host is a CA; ${vault?.proof || `custody of the CA key attested by ${custody.by}`}${vault ? '; its roles, policies and audit devices are sound' : ''}`,
      evidence: keys.slice(0, 20).map(({ path, line, fingerprint, format }) => ({
        probe: 'credentials',
        path,
        line: line ?? 1,
        excerpt: fingerprint ?? `${format}, not an SSH key that could be a CA`,
      })),
      notes: [...(vault?.notes ?? []), ...traced.notes],
    });
  },
};
