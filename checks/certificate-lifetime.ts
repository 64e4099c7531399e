/** Scorecard 4, "Expiry Policy": every issued certificate lives no longer than its actor may. */
import type { Check } from '../src/model.js';
import { lifetimeFinding, newest, unjudged, withoutCopies } from './lib/issued.js';
import { joinLogins } from './lib/joins.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { certificateName, isOurs, judgeIssuance } from './lib/lifetime.js';
import { roleLimits } from './lib/role-limits.js';

export const certificateLifetime: Check<'certificates' | 'logins', 'certificateLog' | 'vault'> = {
  meta: {
    number: 4,
    id: 'certificate-lifetime',
    title: 'Issued certificates expire within the limit of their actor',
    category: 'Expiry Policy',
    directive: '5 (Expiry Policy), 2',
    why: 'A stolen certificate works until it expires. One that lives for months, or forever, is a static key again: whoever copies it keeps the access after the person, agent or job has lost it.',
    fix: "Lower ttl and max_ttl of the CA role (Vault: ssh/roles/NAME) or the -V of ssh-keygen to the actor's limit, and put the serials of those already issued into the KRL.",
    looksAt: [
      'the last issued certificates in the certificate log (sources.certificates), 100 by default',
      'the certificate behind every login on the host, as far as the log holds it',
      'every user certificate of this CA found on the host, under any file name, in homes and the usual places',
      'the longest lifetime every role of the CA system allows (sources.vault), where one is asked',
      'key ID and principals, for the actor type; the strictest one counts',
    ],
    limits: [
      'Certificates that no log and no host shows; logins before the log begins.',
      'Where a Vault audit log holds the certificate only as an HMAC, the ttl that was asked for is judged; a log that hides both cannot pass.',
      'Backdating up to policy.lifetimes.tolerance (5 minutes) is forgiven: ssh-keygen rounds the start back by up to 119 seconds, Vault by 30.',
      'Certificates of other CAs are not judged: check 1 proves that the host does not trust them.',
    ],
    severity: 'high',
    needs: { host: ['certificates', 'logins'], fleet: ['certificateLog', 'vault'] },
    controls: {
      'NIST 800-53 r5': ['AC-2(3)', 'IA-5(1)', 'SC-12'],
      'ISO 27001:2022': ['A.5.17', 'A.8.5', 'A.8.24'],
      'CIS Controls v8': ['5.3', '6.2'],
      'SOC 2': ['CC6.1', 'CC6.3'],
    },
  },
  evaluate({ host, fleet, expected, policy }) {
    const found = valueOr(host.certificates, []);
    const log = fleet.certificateLog.ok ? fleet.certificateLog.value.issuances : [];
    const onHost = found.filter(
      ({ certificate }) => certificate.kind !== 'host' && isOurs(certificate, expected.ca),
    );
    const sample = newest(log, expected.ca, policy.lifetimes.sample);
    const logins = host.logins.ok
      ? joinLogins(host.logins.value, fleet.certificateLog, expected.ca, policy)
      : [];
    const behind = logins.flatMap(({ issuance }) => issuance ?? []);
    const issued = withoutCopies([...new Set([...sample, ...behind])], onHost).map((one) => ({
      ...one,
      verdict: judgeIssuance(one.issuance, policy),
    }));
    const dark = sample.filter((one) => judgeIssuance(one, policy) === null);
    const shown = behind.filter((one) => judgeIssuance(one, policy) !== null).length;
    const roles = fleet.vault.ok ? roleLimits(fleet.vault.value, policy) : { findings: [], missing: [] };
    const empty: Missing[] =
      fleet.certificateLog.ok && sample.length === 0
        ? [
            {
              reason: 'no-evidence',
              detail: `the certificate log (sources.certificates) holds no user certificate of this CA${log.length > 0 ? `, only ${log.length} others` : ''}`,
            },
          ]
        : [];
    return judge({
      findings: [...issued.flatMap((one) => lifetimeFinding(one, one.verdict)), ...roles.findings],
      missing: [
        ...missingFrom(fleet.certificateLog, host.certificates),
        ...empty,
        ...unjudged(dark, sample.length),
        ...roles.missing,
      ],
      because: `the last ${sample.length} issued certificates${onHost.length > 0 ? ` and the ${onHost.length} found on this host` : ''} live within the limits of their actors`,
      evidence: issued.flatMap(({ places }) => places.slice(0, 1)).slice(0, 20),
      notes: [
        ...(sample.length > 0 && sample.length < policy.lifetimes.sample
          ? [`Only ${sample.length} of the ${policy.lifetimes.sample} certificates asked for are in the log.`]
          : []),
        ...(logins.length > 0
          ? [
              `The lifetime of the certificate is known for ${shown} of the ${logins.length} certificate logins on this host.`,
            ]
          : []),
        ...issued
          .filter(({ verdict }) => verdict?.long === true)
          .slice(0, 20)
          .map(
            ({ issuance, verdict }) =>
              `The ${certificateName(issuance)} ${verdict?.says ?? ''}: within the limit, beyond the typical range of section 2.`,
          ),
        ...aside(found, expected.ca),
        ...(expected.ca.fingerprints.length === 0
          ? ['The inventory names no CA (ca.fingerprints): certificates of every CA were judged.']
          : []),
      ],
    });
  },
};

type Found = { readonly path: string; readonly certificate: Parameters<typeof isOurs>[0] };

/** Certificates found on the host that were not judged, and why. */
function aside(found: readonly Found[], ca: Parameters<typeof isOurs>[1]): string[] {
  return found
    .flatMap(({ path, certificate }) => {
      if (!certificate.signatureValid)
        return [`${path} holds a certificate whose signature is wrong: sshd refuses it.`];
      if (!isOurs(certificate, ca))
        return [
          `${path} holds a certificate of another CA, ${certificate.caFingerprint}: it was not judged.`,
        ];
      return certificate.kind === 'host' && ca.fingerprints.length > 0
        ? [
            `${path} is a host certificate signed by the user CA: it was not judged, but one key should not sign both.`,
          ]
        : [];
    })
    .slice(0, 20);
}
