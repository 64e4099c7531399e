/** Whose certificate it is and whether it lives too long. Directive sections 2 and 5. */
import type { Certificate, Issuance } from '../../src/facts/types.js';
import type { Actor, CaExpectation, Policy } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';

const FOREVER = 2n ** 64n - 1n;

export interface LifetimeVerdict {
  readonly ok: boolean;
  /** What was found, as the rest of a sentence that begins with the certificate. */
  readonly says: string;
  /** Within the limit, but beyond the typical range of directive section 2. */
  readonly long: boolean;
}

/** Whose a certificate is, as far as it is known. */
type Names = Pick<Issuance, 'keyId' | 'principals'>;

/** Every actor its key ID and principals name, in the order found; they agree when it is one and the key ID names it. */
export function actorsOf({ keyId, principals }: Names): {
  readonly actors: readonly Actor[];
  readonly agree: boolean;
} {
  const named = [...(keyId === null ? [] : [keyId]), ...(principals ?? [])].map(actorOf);
  const actors = [...new Set(named.filter((actor) => actor !== null))];
  return { actors, agree: actors.length === 1 && named[0] !== null };
}

/**
 * The same for an issuance, of which the log may not tell everything.
 * @returns null when what is not known could change the verdict.
 */
export function judgeIssuance(one: Issuance, policy: Pick<Policy, 'lifetimes'>): LifetimeVerdict | null {
  if (one.certificate) return judgeLifetime(one.certificate, policy);
  const verdict = judgeWords(one, policy);
  // It may be a host certificate, which may live longer.
  return one.kind === 'unknown' && verdict?.ok === false ? null : verdict;
}

function judgeWords(one: Issuance, policy: Pick<Policy, 'lifetimes'>): LifetimeVerdict | null {
  const { validAfter, validBefore, lifetimeSeconds, keyId, principals } = one;
  if (validAfter === 0n || validBefore === FOREVER || lifetimeSeconds === FOREVER)
    return judgeLifetime(
      { keyId, principals, validAfter: validAfter ?? 1n, validBefore: validBefore ?? FOREVER },
      policy,
    );
  if (lifetimeSeconds === null) return null;
  if (keyId === null || principals === null)
    return judgePartly({ keyId, principals }, lifetimeSeconds, policy);
  return judgeLifetime({ keyId, principals, validAfter: 1n, validBefore: 1n + lifetimeSeconds }, policy);
}

/** With the key ID or the principals unknown, any actor could turn out to be named: the strictest limit may count. */
function judgePartly(
  names: Names,
  seconds: bigint,
  { lifetimes: { limits, tolerance } }: Pick<Policy, 'lifetimes'>,
): LifetimeVerdict | null {
  const says = `lives ${duration(seconds)}`;
  const all = Object.values(limits).map(({ fail }) => fail);
  if (seconds <= BigInt(Math.min(...all) + tolerance)) return { ok: true, says, long: false };
  const { actors } = actorsOf(names);
  const limit = Math.min(Math.max(...all), ...actors.map((actor) => limits[actor].fail));
  if (seconds <= BigInt(limit + tolerance)) return null;
  const whom = actors.length > 0 ? actors.join(' and ') : 'any actor';
  return {
    ok: false,
    says: `${says}, more than the ${duration(BigInt(limit))} allowed for ${whom}`,
    long: false,
  };
}

/** Judges issuance, not today: an expired certificate that lived too long was a violation all the same. */
export function judgeLifetime(
  certificate: Names & Pick<Certificate, 'validAfter' | 'validBefore'>,
  policy: Pick<Policy, 'lifetimes'>,
): LifetimeVerdict {
  const { validAfter, validBefore } = certificate;
  const bad = (says: string): LifetimeVerdict => ({ ok: false, says, long: false });
  if (validBefore === FOREVER)
    return bad(validAfter === 0n ? 'is valid always and forever' : 'never expires');
  if (validAfter === 0n) return bad('has no beginning: it is valid from 1970 on');
  const seconds = validBefore > validAfter ? validBefore - validAfter : 0n;
  const { actors, agree } = actorsOf(certificate);
  if (actors.length === 0)
    return bad(
      `names no actor: neither its key ID nor its principals begin with adm-, agt- or atm-, so no limit can be right for the ${duration(seconds)} it lives`,
    );
  const { limits, tolerance } = policy.lifetimes;
  const limit = Math.min(...actors.map((actor) => limits[actor].fail));
  const conflict = agree
    ? ''
    : `; its key ID and principals do not name one actor (${actors.join(', ')}), so the strictest limit counts`;
  if (seconds > BigInt(limit + tolerance))
    return bad(
      `lives ${duration(seconds)}, more than the ${duration(BigInt(limit))} allowed for ${actors.join(' and ')}${conflict}`,
    );
  if (!agree)
    return bad(
      `does not say whose it is: its key ID and principals name ${actors.join(' and ')}${actors.length > 1 ? '' : ' in part only'}, and one certificate belongs to one actor`,
    );
  const typical = Math.min(...actors.map((actor) => limits[actor].warn));
  return {
    ok: true,
    says: `lives ${duration(seconds)} of at most ${duration(BigInt(limit))}`,
    long: seconds > BigInt(typical + tolerance),
  };
}

/** Signed by a CA the inventory names, with a good signature. Without named CAs every certificate counts. */
export function isOurs(certificate: Certificate, { fingerprints }: CaExpectation): boolean {
  return (
    certificate.signatureValid &&
    (fingerprints.length === 0 || fingerprints.includes(certificate.caFingerprint))
  );
}

/** Of a CA the inventory names, as far as the log tells: one that names no CA is the log of ours. */
export function isOurIssuance({ certificate, caFingerprint }: Issuance, ca: CaExpectation): boolean {
  if (certificate) return isOurs(certificate, ca);
  return ca.fingerprints.length === 0 || caFingerprint === null || ca.fingerprints.includes(caFingerprint);
}

/** `certificate "atm-backup" (serial 7)`. */
export function certificateName({
  keyId,
  serial,
}: Pick<Issuance, 'keyId'> & { serial: bigint | string | null }): string {
  return `certificate ${keyId === null ? 'of unknown key ID' : `"${keyId}"`} (serial ${serial ?? 'unknown'})`;
}

/** `25 h`, `25 h 30 min`, `59 s`; exact, whatever the size. */
export function duration(seconds: bigint): string {
  const parts = [
    [seconds / 3600n, 'h'],
    [(seconds % 3600n) / 60n, 'min'],
    [seconds % 60n, 's'],
  ] as const;
  const shown = parts.filter(([value]) => value > 0n).map(([value, unit]) => `${value} ${unit}`);
  return shown.length > 0 ? shown.join(' ') : '0 s';
}
