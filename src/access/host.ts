/** One host's part of the access report. */
import type { AccessFacts } from '../facts/access-facts.js';
import { gapsOf } from '../facts/reading.js';
import type { Approval, FleetFacts, HostFacts } from '../facts/types.js';
import { grouped } from '../grouped.js';
import type { Expectations, HostEvidence, Policy, Reading } from '../model.js';
import { secondText } from '../when.js';
import { approvalOf, type Verdict } from './approvals.js';
import { auditingOf } from './audit-rules.js';
import { changesOf } from './changed.js';
import { doorGaps, doorsOf } from './doors.js';
import { withoutFields } from './fields.js';
import { loginsOf, type KnownLogin, type Window } from './logins.js';
import type { HostPart, Session, Use } from './types.js';

const MOST_ADDRESSES = 20;

export interface HostContext {
  readonly evidence: HostEvidence;
  readonly facts: HostFacts;
  readonly access: AccessFacts;
  readonly fleet: FleetFacts;
  readonly approvals: Reading<readonly Approval[]>;
  readonly expected: Expectations;
  readonly policy: Policy;
  readonly window: Window;
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>;
  readonly now: Date;
}

/** What one host tells, less what the policy leaves out (`access_omit`). */
export function hostPart(context: HostContext): HostPart {
  return withoutFields(wholePart(context), context.policy.accessOmit ?? []);
}

function wholePart(context: HostContext): HostPart {
  const { facts, access, expected, policy, window, fleet, now } = context;
  const name = expected.host;
  const logins = loginsOf(facts.logins, { policy, expected, certificates: fleet.certificateLog, window });
  // In a text log nothing tells who wrote a line: all of it counts, and a gap says what it is worth.
  const journal = facts.logins.ok && facts.logins.value.source === 'journal';
  const own = logins.filter(({ login }) => login.trusted || !journal);
  const doors = doorsOf({
    facts,
    access,
    expected,
    policy,
    vault: fleet.vault,
    logins: own,
    holders: context.holders,
    now,
    ...(context.evidence.connection && { transport: context.evidence.connection.transport }),
  });
  const uids = new Map(facts.accounts.ok ? facts.accounts.value.map((one) => [one.name, one.uid]) : []);
  const { parts, loose } = changesOf(own, access, window, (account) => uids.get(account), unseenOf(facts));
  const verdicts = new Map(
    own.map((one) => [
      one,
      approvalOf(one, name, { approvals: context.approvals, ticketPattern: policy.ticketPattern }),
    ]),
  );
  const sessions = own.map((one) => sessionOf(name, one, verdicts.get(one), parts.get(one)));
  const auditing = auditingOf(access);
  const from = facts.logins.ok ? facts.logins.value.coversFrom : null;
  const whole =
    facts.logins.ok && facts.logins.gaps.length === 0 && from !== null && from <= window.from + 60_000;
  return {
    state: {
      name,
      environment: expected.environment ?? '',
      stateless: expected.tags.includes('stateless'),
      reached: Object.keys(context.evidence.probes).length > 0,
      coversFrom: from === null ? null : secondText(Math.max(from, window.from)),
      coversTo:
        facts.logins.ok && facts.logins.value.coversTo !== null
          ? secondText(facts.logins.value.coversTo)
          : null,
      whole,
      loginSource: facts.logins.ok ? facts.logins.value.source : 'none',
      auditing: auditing.state,
      auditingBecause: auditing.because,
      altered: sessions.filter(({ effect }) => effect === 'altered').length,
      notKnown: sessions.filter(({ effect }) => effect === 'not-known').length,
      gaps: gaps(context),
    },
    doors,
    uses: usesOf(name, own, context),
    sessions,
    loose: loose.map((one) => ({ host: name, ...one })),
    untrusted: logins.length - own.length,
    unused: whole ? doors.filter(({ uses, kind }) => uses === 0 && kind !== 'emergency-key') : [],
    approvalsUsed: [...verdicts.values()].flatMap(({ approval }) => approval?.id ?? []),
    principalLogins: own.map(({ issuance }) => issuance?.principals ?? []),
  };
}

function sessionOf(
  host: string,
  { login, identity, actor, method }: KnownLogin,
  verdict: Verdict | undefined,
  part: Pick<Session, 'until' | 'commands' | 'moreCommands' | 'packages' | 'effect' | 'because'> | undefined,
): Session {
  return {
    host,
    account: login.account,
    identity,
    actor,
    method,
    from: login.from,
    at: secondText(login.at),
    approval: verdict?.state ?? 'not-asked',
    why: verdict?.why ?? '',
    ticket: verdict?.ticket ?? '',
    breakGlass: method === 'emergency-key',
    ...(part ?? {
      until: null,
      commands: [],
      moreCommands: 0,
      packages: [],
      effect: 'not-known',
      because: 'the login comes from a text log, and cannot be joined to what it did',
    }),
  };
}

function usesOf(host: string, logins: readonly KnownLogin[], context: HostContext): readonly Use[] {
  const groups = grouped(logins, (one) => [one.identity, one.login.account, one.method].join('\0'));
  return [...groups.values()].map((group): Use => {
    const [first] = group;
    const last = group.at(-1) ?? first;
    return {
      host,
      account: first.login.account,
      method: first.method,
      identity: first.identity,
      actor: first.actor,
      first: secondText(first.login.at),
      last: secondText(last.login.at),
      count: group.length,
      from: [...new Set(group.map(({ login }) => login.from))].sort().slice(0, MOST_ADDRESSES),
      principals: [...new Set(group.flatMap(({ issuance }) => issuance?.principals ?? []))].sort(),
      known: group.every((one) => isKnown(one, context)),
      trusted: group.every(({ login }) => login.trusted),
    };
  });
}

/**
 * An administrator's certificate is known when the CA's log explains it, a machine's also when the inventory lists its
 * name; a key when the policy lists it. Without a log of the CA, an administrator's key ID that follows the directive's
 * form is taken as known: nothing says more.
 */
function isKnown(
  { method, issuance, strangeCa, actor, identity }: KnownLogin,
  context: HostContext,
): boolean {
  if (method === 'emergency-key') return true;
  if (method !== 'certificate' || strangeCa) return false;
  if (issuance) return true;
  const { allowedPrincipals } = context.expected;
  if (actor === 'agt' || actor === 'atm') return allowedPrincipals[actor].includes(identity);
  return actor === 'adm' && !context.fleet.certificateLog.ok;
}

/** What sessions can do here that runs no program: sshd's own SFTP server writes files by itself. */
function unseenOf({ sshd }: HostFacts): string {
  if (!sshd.ok) return 'whether sshd serves SFTP itself is not known: its settings could not be read';
  const inside = sshd.value.cases.some(({ settings }) =>
    [...(settings['subsystem'] ?? []), ...(settings['forcecommand'] ?? [])].some((value) =>
      /\binternal-sftp\b/.test(value),
    ),
  );
  return inside ? 'sshd serves SFTP itself (internal-sftp): files it wrote are in no record of programs' : '';
}

/** What this report does not know about the host, in the words of its facts. */
function gaps({ evidence, facts, access, policy }: HostContext): readonly string[] {
  if (evidence.failure && Object.keys(evidence.probes).length === 0)
    return [`not gathered: ${evidence.failure.code}: ${evidence.failure.detail}`];
  const { logins, principalsFiles, authorizedKeys, caFiles, sshd, accounts } = facts;
  const read = gapsOf(
    logins,
    principalsFiles,
    authorizedKeys,
    caFiles,
    sshd,
    accounts,
    access.sudoers,
    access.sessions,
    access.changes,
  );
  return [...new Set([...read, ...doorGaps({ facts, policy })])].slice(0, 50);
}

/** Key IDs the CA's log connects with each principal. */
export function holdersOf({
  certificateLog,
}: Pick<FleetFacts, 'certificateLog'>): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  if (!certificateLog.ok) return found;
  for (const { keyId, principals, kind } of certificateLog.value.issuances) {
    if (keyId === null || kind === 'host') continue;
    for (const principal of principals ?? []) {
      const known = found.get(principal);
      if (known) known.add(keyId);
      else found.set(principal, new Set([keyId]));
    }
  }
  return found;
}
