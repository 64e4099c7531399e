/** Principals three ways: what the inventory and the host grant, and what logins really used. Remarks only. */
import type { IssuanceLog, Login, LoginLog } from '../../src/facts/types.js';
import type { CaExpectation, Policy, Reading } from '../../src/model.js';
import { joinLogins, type JoinedLogin } from './joins.js';
import type { Grant } from './principal-sets.js';

/** A shorter log says nothing about need. Milliseconds. */
const WEEK = 7 * 86_400_000;

type Granted = Pick<Grant, 'account' | 'principal'>;

/**
 * @param joined the certificate logins of `log` with what the CA's log says of them.
 * @returns grants no login used. An account with a certificate login whose principals are not known has none: it may
 *   have used any of them.
 */
export function principalUse(
  grants: readonly Granted[],
  log: LoginLog,
  joined: readonly JoinedLogin[],
): readonly Granted[] {
  const known = new Map<Login, readonly string[] | null>(
    joined.map(({ login, issuance }) => [login, issuance?.principals ?? null]),
  );
  const used = new Map<string, Set<string>>();
  const unclear = new Set<string>();
  for (const login of log.logins) {
    if (!login.certificate && !login.identityLost) continue;
    const principals = known.get(login) ?? null;
    if (principals === null) unclear.add(login.account);
    const seen = used.get(login.account) ?? new Set();
    for (const principal of principals ?? []) seen.add(principal);
    used.set(login.account, seen);
  }
  return grants.filter(
    ({ account, principal }) => !unclear.has(account) && !used.get(account)?.has(principal),
  );
}

/** Remarks on grants nobody used, for as long as both logs can show. Nothing where they cannot. */
export function deadGrants(
  grants: readonly Granted[],
  logins: Reading<LoginLog>,
  log: Reading<IssuanceLog>,
  ca: CaExpectation,
  policy: Policy,
): string[] {
  if (!logins.ok || logins.gaps.length > 0 || !log.ok) return [];
  const { coversFrom, coversTo } = logins.value;
  if (coversFrom === null || coversTo === null || coversTo - coversFrom < WEEK) return [];
  const since = new Date(coversFrom).toISOString().slice(0, 10);
  const dead = principalUse(grants, logins.value, joinLogins(logins.value, log, ca, policy));
  const names = [...new Set(dead.map(({ account, principal }) => `${principal} (account ${account})`))];
  return names
    .slice(0, 20)
    .map(
      (name) =>
        `No login since ${since} used ${name}: consider taking it out of the inventory, because a grant nobody needs only serves an attacker.`,
    );
}
