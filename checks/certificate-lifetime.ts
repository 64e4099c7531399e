/** Scorecard 4, "Expiry Policy": every issued certificate lives no longer than its actor may. */
import type { Check } from '../src/model.js';
import { lifetimeFinding, newest, withoutCopies } from './lib/issued.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { certificateName, isOurs, judgeLifetime } from './lib/lifetime.js';

export const certificateLifetime: Check<'certificates', 'certificateLog'> = {
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
      'every user certificate of this CA found on the host, under any file name, in homes and the usual places',
      'key ID and principals, for the actor type; the strictest one counts',
    ],
    limits: [
      'Certificates that no log and no host shows.',
      'Backdating up to policy.lifetimes.tolerance (5 minutes) is forgiven: ssh-keygen rounds the start back by up to 119 seconds, Vault by 30.',
      'Certificates of other CAs are not judged: check 1 proves that the host does not trust them.',
    ],
    severity: 'high',
    needs: { host: ['certificates'], fleet: ['certificateLog'] },
    controls: {
      'NIST 800-53 r5': ['AC-2(3)', 'IA-5(1)', 'SC-12'],
      'ISO 27001:2022': ['A.5.17', 'A.8.5', 'A.8.24'],
      'CIS Controls v8': ['5.3', '6.2'],
      'SOC 2': ['CC6.1', 'CC6.3'],
    },
  },
  evaluate({ host, fleet, expected, policy }) {
    const found = valueOr(host.certificates, []);
    const log = valueOr(fleet.certificateLog, []);
    const isUser = ({ certificate }: (typeof found)[number] | (typeof log)[number]): boolean =>
      certificate.kind !== 'host' && isOurs(certificate, expected.ca);
    const onHost = found.filter(isUser);
    const sample = newest(log.filter(isUser), policy.lifetimes.sample);
    const issued = withoutCopies(sample, onHost);
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
      findings: issued.flatMap((one) => lifetimeFinding(one, policy)),
      missing: [...missingFrom(fleet.certificateLog, host.certificates), ...empty],
      because: `the last ${sample.length} issued certificates${onHost.length > 0 ? ` and the ${onHost.length} found on this host` : ''} live within the limits of their actors`,
      evidence: issued.flatMap(({ places }) => places.slice(0, 1)).slice(0, 20),
      notes: [
        ...(sample.length > 0 && sample.length < policy.lifetimes.sample
          ? [`Only ${sample.length} of the ${policy.lifetimes.sample} certificates asked for are in the log.`]
          : []),
        ...issued
          .filter(({ certificate }) => judgeLifetime(certificate, policy).long)
          .slice(0, 20)
          .map(
            ({ certificate }) =>
              `The ${certificateName(certificate)} ${judgeLifetime(certificate, policy).says}: within the limit, beyond the typical range of section 2.`,
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
