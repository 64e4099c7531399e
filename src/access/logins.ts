/** Logins of one host within the window, each with its identity, its method and the certificate behind it. */
import { joinLogins } from '../../checks/lib/joins.js';
import type { Issuance, IssuanceLog, Login, LoginLog } from '../facts/types.js';
import type { Actor, Expectations, Policy, Reading } from '../model.js';
import { actorOf, emergencyKeyAllows } from '../policy.js';
import type { Method } from './types.js';

export interface Window {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
}

/** A login may be logged by a clock that runs ahead. Milliseconds. */
const AHEAD = 300_000;

/**
 * The window of one host ends when the host was read: it knows nothing later, and hosts of one run may be read hours
 * apart. @param finishedAt ISO 8601. @param length milliseconds.
 */
export function windowOf(finishedAt: string, length: number): Window {
  const end = Date.parse(finishedAt);
  return { from: end - length, to: end + AHEAD };
}

export interface KnownLogin {
  readonly login: Login;
  readonly identity: string;
  readonly actor: Actor | null;
  readonly method: Method;
  readonly issuance?: Issuance;
  /** Signed by a CA the inventory does not name. */
  readonly strangeCa: boolean;
}

export interface LoginContext {
  readonly policy: Policy;
  readonly expected: Expectations;
  readonly certificates: Reading<IssuanceLog>;
  readonly window: Window;
}

/** @returns logins oldest first; nothing where the log could not be read. */
export function loginsOf(
  reading: Reading<LoginLog>,
  { policy, expected, certificates, window }: LoginContext,
): readonly KnownLogin[] {
  if (!reading.ok) return [];
  const joined = new Map(
    joinLogins(reading.value, certificates, expected.ca, policy).map((one) => [one.login as Login, one]),
  );
  return reading.value.logins
    .filter(({ at }) => at >= window.from && at < window.to)
    .map((login): KnownLogin => {
      const { certificate, keyFingerprint, account, at } = login;
      const identity =
        certificate?.keyId ??
        keyFingerprint ??
        (login.identityLost ? '(identity cut from the log)' : account);
      const issuance = joined.get(login)?.issuance;
      const emergency =
        keyFingerprint !== undefined &&
        emergencyKeyAllows(policy, {
          fingerprint: keyFingerprint,
          host: expected.host,
          account,
          now: new Date(at),
        });
      return {
        login,
        identity,
        actor: certificate ? actorOf(certificate.keyId) : null,
        method: methodOf(login, emergency),
        strangeCa: certificate !== undefined && !expected.ca.fingerprints.includes(certificate.caFingerprint),
        ...(issuance && { issuance }),
      };
    });
}

function methodOf({ method, certificate, identityLost }: Login, emergency: boolean): Method {
  if (certificate || identityLost) return 'certificate';
  if (method === 'publickey') return emergency ? 'emergency-key' : 'static-key';
  return method === 'password' || method.startsWith('keyboard-interactive') ? 'password' : 'other';
}
