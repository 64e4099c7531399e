/** Scorecard 9, "CA Security": the CA key is out of reach of any one person and of every host. */
import type { Check, Finding } from '../src/model.js';
import { attested } from './lib/attestations.js';
import { custodyFindings, keyOnHost, unidentified } from './lib/ca-custody.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';

export const caSecurity: Check<'privateKeys' | 'certificates', 'vault' | 'attestations'> = {
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
      'the CA system (sources.vault): key custody, roles, policies, audit devices; its public key against the one hosts trust',
      'an attestation of custody for an offline CA (sources.attestations, kind ca-custody)',
    ],
    limits: [
      'Copies of the CA key on machines that are not in the inventory, on laptops, in archives, or in files over 64 KiB.',
      'An attestation is a statement by a person, dated and expiring; nothing here can see a safe.',
    ],
    severity: 'critical',
    needs: { host: ['privateKeys', 'certificates'], fleet: ['vault', 'attestations'] },
    controls: {
      'NIST 800-53 r5': ['SC-12', 'SC-12(3)', 'AC-5', 'AU-12'],
      'ISO 27001:2022': ['A.5.3', 'A.8.24'],
      'CIS Controls v8': ['3.11', '6.8'],
      'SOC 2': ['CC6.1', 'CC6.6'],
    },
  },
  evaluate({ host, fleet, expected, now }) {
    const { fingerprints } = expected.ca;
    const keys = valueOr(host.privateKeys, []);
    const signers = new Set(
      valueOr(host.certificates, [])
        .filter(({ certificate }) => certificate.kind === 'user' && certificate.signatureValid)
        .map(({ certificate }) => certificate.caFingerprint),
    );
    const vault = valueOr(fleet.vault, null);
    const findings: Finding[] = [
      ...keys.flatMap((key) => keyOnHost(key, fingerprints, signers)),
      ...(vault ? custodyFindings(vault, fingerprints) : []),
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
      ...(fleet.vault.ok ? [] : custody.missing),
    ];
    return judge({
      findings,
      missing,
      because: `none of the ${keys.length} private keys found on the host is a CA; ${vault ? 'the CA system holds its key soundly' : `custody of the CA key attested by ${custody.by}`}`,
      evidence: keys.slice(0, 20).map(({ path, line, fingerprint, format }) => ({
        probe: 'credentials',
        path,
        line: line ?? 1,
        excerpt: fingerprint ?? `${format}, not an SSH key that could be a CA`,
      })),
      notes:
        vault && vault.publicKeyFingerprints.length === 0
          ? ['The CA system did not tell its public key: it was not compared with the one hosts trust.']
          : [],
    });
  },
};
