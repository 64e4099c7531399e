/**
 * Logins and the certificates behind them: each login with our CA's signature against the CA's own log. Shared by the
 * checks on lifetimes, wrappers, the CA, the bootstrap identity and principals.
 */
import type { Issuance, IssuanceLog, Login, LoginLog } from '../../src/facts/types.js';
import type { Actor, CaExpectation, Policy, Reading } from '../../src/model.js';
import { actorOf } from '../../src/policy.js';
import { asLogged } from './logged-name.js';

/**
 * `explained`: the log holds the certificate. `out-of-band`: it covers the time, was read whole, and does not.
 * `hashed`: it may hold it, but only as an HMAC. `unclear`: it may hold it, but does not tell serials.
 * `older`, `newer`: it does not cover the time. `incomplete`: it was not read whole.
 */
export type JoinState = 'explained' | 'out-of-band' | 'hashed' | 'unclear' | 'older' | 'newer' | 'incomplete';

type CertificateLogin = Login & { readonly certificate: NonNullable<Login['certificate']> };

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
  const index = indexOf(issuances);
  const slack = lifetimes.tolerance * 1000;
  const limit = Math.max(...Object.values(lifetimes.limits).map(({ fail }) => fail));
  const earliest = coverage.from === null ? Infinity : coverage.from + limit * 1000 + slack;
  return ourLogins(log, ca).map((login): JoinedLogin => {
    const { keyId, keyFingerprint, serial } = login.certificate;
    const base = { login, actor: actorOf(keyId) };
    const named = index.bySerial.get(serial) ?? [];
    const exact = index.byKey.get(keyOf(keyId, keyFingerprint ?? '')) ?? [];
    const candidates = serial === '0' ? exact : [...named, ...exact];
    const issuance = best(candidates.filter((one) => conflictOf(one, login, slack) === null));
    if (issuance) return { ...base, state: 'explained', issuance };
    const possible = hidden(index, login, limit * 1000, slack);
    if (possible) return { ...base, state: possible.hashed.includes('serial') ? 'hashed' : 'unclear' };
    const [first] = named;
    const conflict = first && (conflictOf(first, login, slack) ?? 'serial 0 belongs to no certificate alone');
    const found = { ...base, ...(conflict !== undefined && { conflict }) };
    if (login.at < earliest) return { ...found, state: 'older' };
    if (coverage.to === null || login.at > coverage.to) return { ...found, state: 'newer' };
    return { ...found, state: reading.gaps.length > 0 ? 'incomplete' : 'out-of-band' };
  });
}

interface LogIndex {
  readonly bySerial: ReadonlyMap<string, readonly Issuance[]>;
  /**
   * Those that no serial tells apart, by exact key ID and key. Serial 0 is what bare `ssh-keygen -s` gives every
   * certificate.
   */
  readonly byKey: ReadonlyMap<string, readonly Issuance[]>;
  /** Without a serial: newest first, and those without a time. */
  readonly dated: readonly Issuance[];
  readonly undated: readonly Issuance[];
}

/** One log serves every host and several checks. */
const indexes = new WeakMap<readonly Issuance[], LogIndex>();

function indexOf(issuances: readonly Issuance[]): LogIndex {
  const known = indexes.get(issuances);
  if (known) return known;
  const bySerial = new Map<string, Issuance[]>();
  const byKey = new Map<string, Issuance[]>();
  const put = (map: Map<string, Issuance[]>, key: string, one: Issuance): void => {
    const group = map.get(key);
    if (group) group.push(one);
    else map.set(key, [one]);
  };
  for (const one of issuances) {
    if (one.serial !== null) put(bySerial, one.serial, one);
    if ((one.serial === null || one.serial === '0') && one.keyId !== null && one.keyFingerprint !== null)
      put(byKey, keyOf(asLogged(one.keyId) ?? one.keyId, one.keyFingerprint), one);
  }
  const secret = issuances.filter(({ serial }) => serial === null);
  const index = {
    bySerial,
    byKey,
    dated: secret
      .filter(({ issuedAt }) => issuedAt !== null)
      .sort((a, b) => (b.issuedAt ?? 0) - (a.issuedAt ?? 0)),
    undated: secret.filter(({ issuedAt }) => issuedAt === null),
  };
  indexes.set(issuances, index);
  return index;
}

function keyOf(keyId: string, fingerprint: string): string {
  return `${fingerprint} ${keyId}`;
}

/** An entry without a serial that may be the one: issued before the login, and not so long before that it had ended. */
function hidden(
  { dated, undated }: LogIndex,
  login: CertificateLogin,
  limit: number,
  slack: number,
): Issuance | undefined {
  const possible = (one: Issuance): boolean => conflictOf(one, login, slack) === null;
  let low = 0;
  let high = dated.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((dated[middle]?.issuedAt ?? 0) > login.at + slack) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < dated.length; at += 1) {
    const one = dated[at];
    if (!one || (one.issuedAt ?? 0) < login.at - limit - slack) break;
    if (possible(one)) return one;
  }
  return undated.find(possible);
}

/** Whether an issued key ID is not the one sshd's log shows; what lost bytes on the way differs from nothing. */
function differs(issued: string | null, logged: string): boolean {
  const shown = issued === null ? null : asLogged(issued);
  return shown !== null && shown !== logged;
}

/** What the log says that speaks against an issuance being the one behind a login; null: nothing. */
function conflictOf(one: Issuance, { at, certificate }: CertificateLogin, slack: number): string | null {
  const { keyId, serial, caFingerprint, keyFingerprint } = certificate;
  if (one.kind === 'host') return 'it is the serial of a host certificate';
  if (one.certificate?.signatureValid === false) return 'the certificate in the log has a wrong signature';
  if (one.caFingerprint !== null && one.caFingerprint !== caFingerprint)
    return 'another CA issued that serial';
  if (one.serial !== null && one.serial !== serial) return 'it has another serial';
  if (differs(one.keyId, keyId)) return `the log has key ID “${one.keyId?.slice(0, 100)}” for it`;
  if (one.keyFingerprint !== null && keyFingerprint !== undefined && one.keyFingerprint !== keyFingerprint)
    return 'the log has another key for it';
  if (one.issuedAt !== null && one.issuedAt > at + slack) return 'it was issued after the login';
  if (one.validAfter !== null && Number(one.validAfter) * 1000 > at + slack)
    return 'it was not yet valid at the login';
  const ends = endOf(one);
  return ends !== null && at > ends + slack ? 'it had expired before the login' : null;
}

/** When it ends, milliseconds since the epoch; null: not known. */
export function endOf({ validBefore, issuedAt, lifetimeSeconds }: Issuance): number | null {
  if (validBefore !== null) return Number(validBefore) * 1000;
  return issuedAt === null || lifetimeSeconds === null ? null : issuedAt + Number(lifetimeSeconds) * 1000;
}

/** Serials may come twice: the one that tells most. */
function best(candidates: readonly Issuance[]): Issuance | undefined {
  const told = (one: Issuance): number =>
    (one.certificate ? 10 : 0) +
    [one.lifetimeSeconds, one.principals, one.keyId, one.keyFingerprint].filter((part) => part !== null)
      .length;
  return candidates.toSorted((a, b) => told(b) - told(a))[0];
}
