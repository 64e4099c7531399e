/** Issued certificates, from the certificate log and from the host, each once. */
import type { Certificate, FoundCertificate, Issuance } from '../../src/facts/types.js';
import type { CaExpectation, EvidenceRef, Finding } from '../../src/model.js';
import { excerpt, type Missing } from './law.js';
import { certificateName, isOurIssuance, type LifetimeVerdict } from './lifetime.js';

interface Issued {
  readonly issuance: Issuance;
  readonly places: readonly EvidenceRef[];
}

/** The newest user certificates of our CA. @param log newest first, and perhaps long. */
export function newest(log: readonly Issuance[], ca: CaExpectation, count: number): Issuance[] {
  const sample: Issuance[] = [];
  for (const one of log) {
    if (sample.length === count) break;
    if (one.kind !== 'host' && isOurIssuance(one, ca)) sample.push(one);
  }
  return sample;
}

/** A certificate found on the host, as an issuance. */
function issuanceOf({ certificate, path, line }: FoundCertificate): Issuance {
  const { serial, keyId, principals, validAfter, validBefore, kind, fingerprint, caFingerprint } =
    certificate;
  return {
    issuedAt: null,
    serial: String(serial),
    keyId,
    principals,
    validAfter,
    validBefore,
    lifetimeSeconds: validBefore > validAfter ? validBefore - validAfter : 0n,
    keyFingerprint: fingerprint,
    caFingerprint,
    kind,
    by: null,
    role: null,
    hashed: [],
    from: `${path}:${line}`,
    certificate,
  };
}

/** Copies of one certificate are one certificate, with several places. */
export function withoutCopies(log: readonly Issuance[], found: readonly FoundCertificate[]): Issued[] {
  const places = [
    ...log.map((issuance) => ({ issuance, at: { probe: 'certificateLog', path: issuance.from } })),
    ...found.map((one) => ({
      issuance: issuanceOf(one),
      at: { probe: 'credentials', path: one.path, line: one.line },
    })),
  ];
  const byIdentity = new Map<string, { issuance: Issuance; places: EvidenceRef[] }>();
  for (const { issuance, at } of places) {
    const { certificate } = issuance;
    const identity = certificate ? identityOf(certificate) : at.path;
    const place = { ...at, excerpt: describe(issuance) };
    const known = byIdentity.get(identity);
    if (known) known.places.push(place);
    else byIdentity.set(identity, { issuance, places: [place] });
  }
  return [...byIdentity.values()];
}

function identityOf({
  caFingerprint,
  serial,
  fingerprint,
  validAfter,
  validBefore,
  keyId,
}: Certificate): string {
  return [caFingerprint, serial, fingerprint, validAfter, validBefore, keyId].join(' ');
}

/** The finding that a certificate lives too long, or belongs to nobody; none when it is within its limits. */
export function lifetimeFinding({ issuance, places }: Issued, verdict: LifetimeVerdict | null): Finding[] {
  if (verdict === null || verdict.ok) return [];
  const name = certificateName(issuance);
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
      remediation: `Put serial ${issuance.serial ?? '(unknown)'} of this CA into the KRL (RevokedKeys)${onHost?.path === undefined ? '' : `, delete ${onHost.path}`}, and lower ttl and max_ttl of the role that issued it (vault write ssh/roles/NAME ttl=… max_ttl=…, or ssh-keygen -V).`,
    },
  ];
}

/** What decides, in one line. Times are seconds since 1970. */
function describe({ keyId, serial, validAfter, validBefore, lifetimeSeconds, principals }: Issuance): string {
  const validity =
    validAfter !== null || validBefore !== null
      ? `valid ${validAfter ?? '?'} to ${validBefore ?? '?'}`
      : `lifetime ${lifetimeSeconds === null ? 'unknown' : `${lifetimeSeconds} s`}`;
  return excerpt(
    `key ID "${keyId ?? '?'}", serial ${serial ?? '?'}, ${validity}, principals ${principals === null ? '?' : principals.join(', ') || '(none)'}`,
  );
}

/** What keeps certificates of the sample from being judged. */
export function unjudged(dark: readonly Issuance[], asked: number): Missing[] {
  if (dark.length === 0) return [];
  const secret = dark.filter(({ hashed }) => hashed.length > 0);
  const example = dark[0] ? `, for example ${certificateName(dark[0])} in ${dark[0].from}` : '';
  const remedy =
    secret.length > 0
      ? ` ${secret.length} are written as HMACs only: tune the mount with audit_non_hmac_response_keys=signed_key and audit_non_hmac_response_keys=serial_number, or give answers of sys/audit-hash (audit_hash).`
      : ' Let the log hold the certificates themselves, or key ID, principals and lifetime.';
  return [
    {
      reason: 'no-evidence',
      detail: `the lifetime of ${dark.length} of the last ${asked} issued certificates cannot be told from the log${example}.${remedy}`,
    },
  ];
}
