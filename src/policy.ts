/**
 * The policy: built-in thresholds, and the questions checks and the evaluation ask of it. Pure, without Node
 * types, so that checks may use it.
 */
import { compileHostGlob } from './inventory/glob.js';
import { ACTORS, type Actor, type Lifetimes, type Policy } from './model.js';

const HOUR = 3600;

/**
 * Seconds. `fail` is the scorecard's limit (directive section 5: 48 h adm, 24 h agt and atm), `warn` the upper
 * end of the typical range of section 2 (48 h, 24 h, 8 h). The tolerance forgives issuers that backdate.
 */
const DEFAULT_LIFETIMES: Lifetimes = {
  limits: {
    adm: { fail: 48 * HOUR, warn: 48 * HOUR },
    agt: { fail: 24 * HOUR, warn: 24 * HOUR },
    atm: { fail: 24 * HOUR, warn: 8 * HOUR },
  },
  tolerance: 300,
  sample: 100,
};

/** What holds when an inventory has no `policy:` section: the directive as it is written, no exceptions. */
export function defaultPolicy(): Policy {
  return {
    emergencyKeys: [],
    lifetimes: DEFAULT_LIFETIMES,
    krl: 'optional',
    authorizedPrincipalsFile: '/etc/ssh/auth_principals/%u',
    passwordAsSecondFactor: false,
    wrappers: ['/usr/local/bin/atm-wrapper.sh', '/usr/local/bin/ops-ssh-wrapper'],
    loginWindowDays: 14,
    requirements: {
      sso: false,
      sessionRecording: false,
      justInTimeApproval: false,
      workloadIdentity: false,
      centralPolicyEngine: false,
    },
    waivers: [],
    waiverMaxDays: 90,
    attestations: [],
    guidance: {
      strict: false,
      shellAccounts: [],
      tunnelAccounts: [],
      rootSessions: 0,
      privilegedSessions: 5,
      sessionHours: 12,
      cloudSessionHours: 8,
    },
  };
}

/**
 * Whether the policy lets this static key open this account on this host at this time (directive 4.3).
 * Case matters for accounts, not for host names. A key whose expiry cannot be read is not allowed.
 */
export function emergencyKeyAllows(
  policy: Pick<Policy, 'emergencyKeys'>,
  use: { readonly fingerprint: string; readonly host: string; readonly account: string; readonly now: Date },
): boolean {
  return policy.emergencyKeys.some(
    (key) =>
      key.fingerprint === use.fingerprint &&
      (key.accounts.length === 0 || key.accounts.includes(use.account)) &&
      (key.expires === undefined || isBefore(use.now, key.expires)) &&
      (key.hosts.length === 0 || matchesHost(key.hosts, use.host)),
  );
}

/** One sentence for each emergency key that no longer holds at `now`: it is a finding again. */
export function expiredExceptions(policy: Pick<Policy, 'emergencyKeys'>, now: Date): string[] {
  return policy.emergencyKeys.flatMap(({ fingerprint, expires }) =>
    expires === undefined || isBefore(now, expires)
      ? []
      : [`the emergency key ${fingerprint} expired on ${expires}`],
  );
}

/** The actor type a key ID or principal claims by its prefix (directive section 2); null when it claims none. */
export function actorOf(identity: string): Actor | null {
  return (
    ACTORS.find((actor) => identity.startsWith(`${actor}-`) && identity.length > actor.length + 1) ?? null
  );
}

function matchesHost(globs: readonly string[], host: string): boolean {
  return globs.some((glob) => compileHostGlob(glob)(host));
}

/** False also when the instant cannot be read: what has no readable end has ended. */
function isBefore(now: Date, instant: string): boolean {
  return now.getTime() < Date.parse(instant);
}
