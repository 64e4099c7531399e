/** Issued certificates, from the certificate log and from the host, each once. */
import type { Certificate, FoundCertificate, IssuedCertificate } from '../../src/facts/types.js';
import type { EvidenceRef, Finding, Policy } from '../../src/model.js';
import { excerpt } from './law.js';
import { certificateName, judgeLifetime } from './lifetime.js';

interface Issued {
  readonly certificate: Certificate;
  readonly places: readonly EvidenceRef[];
}

/** Newest first by time of issue: serials say nothing, Vault's are random. */
export function newest(log: readonly IssuedCertificate[], count: number): IssuedCertificate[] {
  const issued = ({ issuedAt, certificate }: IssuedCertificate): number =>
    issuedAt ?? Number(certificate.validAfter) * 1000;
  return log.toSorted((a, b) => issued(b) - issued(a)).slice(0, count);
}

/** Copies of one certificate are one certificate, with several places. */
export function withoutCopies(
  log: readonly IssuedCertificate[],
  found: readonly FoundCertificate[],
): Issued[] {
  const places = [
    ...log.map(({ certificate, from }) => ({ certificate, at: { probe: 'certificateLog', path: from } })),
    ...found.map(({ certificate, path, line }) => ({
      certificate,
      at: { probe: 'credentials', path, line },
    })),
  ];
  const byIdentity = new Map<string, { certificate: Certificate; places: EvidenceRef[] }>();
  for (const { certificate, at } of places) {
    const { caFingerprint, serial, fingerprint, validAfter, validBefore, keyId } = certificate;
    const identity = [caFingerprint, serial, fingerprint, validAfter, validBefore, keyId].join(' ');
    const place = { ...at, excerpt: describe(certificate) };
    const known = byIdentity.get(identity);
    if (known) known.places.push(place);
    else byIdentity.set(identity, { certificate, places: [place] });
  }
  return [...byIdentity.values()];
}

/** The finding that a certificate lives too long, or belongs to nobody; none when it is within its limits. */
export function lifetimeFinding({ certificate, places }: Issued, policy: Policy): Finding[] {
  const verdict = judgeLifetime(certificate, policy);
  if (verdict.ok) return [];
  const name = certificateName(certificate);
  const [first] = places;
  const onHost = places.find(({ probe }) => probe === 'credentials');
  return [
    {
      subject: name,
      message: `${name}${first?.path === undefined ? '' : `, seen in ${first.path},`} ${verdict.says}. Whoever holds a copy logs in with it for as long as it is valid.`,
      evidence: places.slice(0, 5),
      ...(onHost?.path !== undefined && {
        at: { path: onHost.path, ...(onHost.line !== undefined && { line: onHost.line }) },
      }),
      remediation: `Put serial ${certificate.serial} of this CA into the KRL (RevokedKeys)${onHost?.path === undefined ? '' : `, delete ${onHost.path}`}, and lower ttl and max_ttl of the role that issued it (vault write ssh/roles/NAME ttl=… max_ttl=…, or ssh-keygen -V).`,
    },
  ];
}

/** What decides, in one line. Times are seconds since 1970. */
function describe({ keyId, serial, validAfter, validBefore, principals }: Certificate): string {
  return excerpt(
    `key ID "${keyId}", serial ${serial}, valid ${validAfter} to ${validBefore}, principals ${principals.join(', ') || '(none)'}`,
  );
}
