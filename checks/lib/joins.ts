/**
 * Logins and the certificates behind them: each login with our CA's signature against the CA's own log. Shared by the
 * checks on lifetimes, wrappers, the CA, the bootstrap identity and principals.
 */
import type { Issuance, IssuanceLog, LoginLog } from '../../src/facts/types.js';
import type { Actor, CaExpectation, Policy, Reading } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import { conflictOf, type CertificateLogin } from './issuance-conflict.js';
import { exactKey, issuanceIndex, withoutSerial } from './issuance-index.js';

/**
 * `explained`: the log holds the certificate. `out-of-band`: it covers the time, was read whole, and does not.
 * `hashed`: it may hold it, but only as an HMAC. `unclear`: it may hold it, but does not tell serials.
 * `older`, `newer`: it does not cover the time. `incomplete`: it was not read whole.
 */
export type JoinState = 'explained' | 'out-of-band' | 'hashed' | 'unclear' | 'older' | 'newer' | 'incomplete';

export interface JoinedLogin {
  readonly login: CertificateLogin;
  /** By its key ID. */
  readonly actor: Actor | null;
  readonly state: JoinState;
  /** What explains it. */
  readonly issuance?: Issuance;
  /** Of an unexplained login: what the log has under its serial, when it has something. */
  readonly conflict?: string;
}

/** Logins sshd itself wrote down, with a signature of a CA the inventory names. */
export function ourLogins({ logins }: LoginLog, { fingerprints }: CaExpectation): CertificateLogin[] {
  return logins.filter(
    (login): login is CertificateLogin =>
      login.trusted &&
      !login.identityLost &&
      login.certificate !== undefined &&
      fingerprints.includes(login.certificate.caFingerprint),
  );
}

/** Every one of {@link ourLogins} with what the certificate log says of it; nothing when the log could not be read. */
export function joinLogins(
  log: LoginLog,
  reading: Reading<IssuanceLog>,
  ca: CaExpectation,
  { lifetimes }: Pick<Policy, 'lifetimes'>,
): readonly JoinedLogin[] {
  if (!reading.ok) return [];
  const { issuances, coverage } = reading.value;
  const index = issuanceIndex(issuances);
  const slack = lifetimes.tolerance * 1000;
  const limit = Math.max(...Object.values(lifetimes.limits).map(({ fail }) => fail));
  const earliest = coverage.from === null ? Infinity : coverage.from + limit * 1000 + slack;
  return ourLogins(log, ca).map((login): JoinedLogin => {
    const { keyId, keyFingerprint, serial } = login.certificate;
    const base = { login, actor: actorOf(keyId) };
    const named = index.bySerial.get(serial) ?? [];
    const exact = index.byKey.get(exactKey(keyId, keyFingerprint ?? '')) ?? [];
    const candidates = serial === '0' ? exact : [...named, ...exact];
    const issuance = best(candidates.filter((one) => conflictOf(one, login, slack) === null));
    if (issuance) return { ...base, state: 'explained', issuance };
    const possible = withoutSerial(index, login, limit * 1000, slack);
    if (possible) return { ...base, state: possible.hashed.includes('serial') ? 'hashed' : 'unclear' };
    const [first] = named;
    const conflict = first && (conflictOf(first, login, slack) ?? 'serial 0 belongs to no certificate alone');
    const found = { ...base, ...(conflict !== undefined && { conflict }) };
    if (login.at < earliest) return { ...found, state: 'older' };
    if (coverage.to === null || login.at > coverage.to) return { ...found, state: 'newer' };
    return { ...found, state: reading.gaps.length > 0 ? 'incomplete' : 'out-of-band' };
  });
}

/** Serials may come twice: the one that tells most. */
function best(candidates: readonly Issuance[]): Issuance | undefined {
  const told = (one: Issuance): number =>
    (one.certificate ? 10 : 0) +
    [one.lifetimeSeconds, one.principals, one.keyId, one.keyFingerprint].filter((part) => part !== null)
      .length;
  return candidates.toSorted((a, b) => told(b) - told(a))[0];
}
