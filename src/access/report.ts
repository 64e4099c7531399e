/** The access report from its hosts' parts: sorted, narrowed to what was asked, and what closing a principal would cost. */
import type { Approval } from '../facts/types.js';
import type { Reading } from '../model.js';
import { samePerson } from './approvals.js';
import type { Window } from './logins.js';
import type { AccessReport, Door, HostPart, Method, Session, Use } from './types.js';

export interface AccessQuestion {
  /** One identity or principal. */
  readonly as?: string;
  /** One host. */
  readonly to?: string;
  /** A principal that would be taken away. */
  readonly without?: string;
}

export interface Assembling {
  readonly run: string;
  readonly window: Window;
  readonly question: AccessQuestion;
  readonly parts: readonly HostPart[];
  readonly approvals: Reading<readonly Approval[]>;
  readonly warnings: readonly string[];
}

const METHODS: readonly Method[] = ['certificate', 'static-key', 'emergency-key', 'password', 'other'];

export function accessReport({
  run,
  window,
  question,
  parts,
  approvals,
  warnings,
}: Assembling): AccessReport {
  const sorted = parts.toSorted((a, b) => order(a.state.name, b.state.name));
  const shown = sorted.filter(({ state }) => question.to === undefined || state.name === question.to);
  const every = shown.flatMap(({ sessions }) => sessions);
  const isOne = ofIdentity(question.as, shown);
  const sessions = every.filter(isOne.session).toSorted((a, b) => order(a.at, b.at) || order(a.host, b.host));
  const uses = shown.flatMap((part) => part.uses).filter(isOne.use);
  const counts = Object.fromEntries(
    METHODS.map((method) => [method, sessions.filter((one) => one.method === method).length]),
  ) as Record<Method, number>;
  const { without } = question;
  return {
    schema: 1,
    run,
    window: { from: new Date(window.from).toISOString(), to: new Date(window.to).toISOString() },
    question,
    pseudonymised: false,
    hosts: shown.map(({ state }) => state),
    doors: shown.flatMap(({ doors }) => doors).filter(isOne.door),
    uses: uses.toSorted(
      (a, b) => order(a.identity, b.identity) || order(a.host, b.host) || order(a.account, b.account),
    ),
    sessions,
    loose: question.as === undefined ? shown.flatMap(({ loose }) => loose) : [],
    shares: { ...counts, untrusted: shown.reduce((sum, part) => sum + part.untrusted, 0) },
    unused: shown.flatMap(({ unused }) => unused).filter(isOne.door),
    strangers: uses.filter(({ known }) => !known),
    approvals: approvalsIn(approvals, new Set(sorted.flatMap(({ approvalsUsed }) => approvalsUsed)), window),
    ...(without !== undefined && { lost: lossOf(shown, without) }),
    reprovision: shown
      .filter(({ state, loose }) => state.stateless && (state.altered > 0 || loose.length > 0))
      .map(({ state }) => state.name),
    warnings,
  };
}

interface Filter {
  readonly door: (one: Door) => boolean;
  readonly use: (one: Use) => boolean;
  readonly session: (one: Session) => boolean;
}

/**
 * An identity reaches what its principals open: those its certificates held, and its own name. Doors that ask for no
 * certificate are open to whoever holds the key, which nothing here connects with a person, so they are left out.
 */
function ofIdentity(identity: string | undefined, parts: readonly HostPart[]): Filter {
  if (identity === undefined) return { door: () => true, use: () => true, session: () => true };
  const is = (name: string): boolean =>
    name === identity || (/^adm-|@/.test(name) && samePerson(name, identity));
  const held = new Set([
    identity,
    ...parts.flatMap(({ uses }) =>
      uses.filter((one) => is(one.identity)).flatMap(({ principals }) => principals),
    ),
  ]);
  return {
    door: ({ kind, who, holders }) =>
      (kind === 'certificate' && (held.has(who) || holders.some(is))) ||
      (kind !== 'certificate' && who === identity),
    use: (one) => is(one.identity) || one.principals.includes(identity),
    session: (one) => is(one.identity),
  };
}

/** @param used IDs of approvals that logins used. */
export function approvalsIn(
  approvals: Reading<readonly Approval[]>,
  used: ReadonlySet<string>,
  window: Window,
): AccessReport['approvals'] {
  if (!approvals.ok)
    return {
      configured: approvals.reason !== 'not-configured',
      problem: approvals.reason === 'not-configured' ? '' : approvals.detail,
      total: 0,
      unused: [],
    };
  const inWindow = approvals.value.filter((one) => one.until > window.from && one.from < window.to);
  return {
    configured: true,
    problem: approvals.gaps.join('; '),
    total: inWindow.length,
    unused: inWindow
      .filter(({ id, state, until }) => state === 'approved' && until <= window.to && !used.has(id))
      .map(({ id, requester, ticket }) => [requester, ticket || id].filter(Boolean).join(' '))
      .slice(0, 200),
  };
}

/** Root's own session at the console is always left; only doors of sshd and agents count here. */
function lossOf(parts: readonly HostPart[], principal: string): NonNullable<AccessReport['lost']> {
  const gone = (door: Door): boolean => door.kind === 'certificate' && door.who === principal;
  const doors = parts.flatMap((part) => part.doors.filter(gone));
  const closedAccounts = parts.flatMap(({ doors: all }) => {
    const others = all.filter((door) => !gone(door));
    const left = new Set(others.map(({ account }) => account));
    const lost = [...new Set(all.filter(gone).map(({ account }) => account))];
    return lost.flatMap((account) => {
      const host = all.find(gone)?.host;
      return left.has(account) || others.some(opensAny) || host === undefined ? [] : [{ host, account }];
    });
  });
  const logins = parts.reduce(
    (sum, part) => sum + part.principalLogins.filter((principals) => principals.includes(principal)).length,
    0,
  );
  return { doors, closedAccounts, logins };
}

/** A way past sshd into any account: an agent that runs, another server. */
function opensAny({ kind, account, running }: Door): boolean {
  return account === '*' && (kind === 'other-server' || (kind === 'remote-agent' && running === true));
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
