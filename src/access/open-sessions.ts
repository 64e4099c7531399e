/** Logins as sessions: when each ended, which audit session it was, and whose a record is. */
import type {
  AuditLogin,
  ChangeLog,
  SessionLog,
  SessionMark,
  SessionNumber,
  SudoUse,
} from '../facts/types.js';
import { grouped } from '../grouped.js';
import type { KnownLogin } from './logins.js';

const DAY = 86_400_000;
/** PAM opens the session within a minute after the login. Milliseconds. */
const OPENING = 60_000;

export interface Open {
  readonly known: KnownLogin;
  /** Milliseconds since the epoch; null: still open, or not told. */
  readonly until: number | null;
  /** The kernel's audit session (`ses`). */
  readonly session: number | null;
}

/** @param loginUid the record's `auid`, where it has one. */
export type OwnerOf = (session: number, at: number, loginUid?: number) => Open | undefined;

export interface OpenSessions {
  readonly open: readonly Open[];
  readonly ownerOf: OwnerOf;
}

/** @param uidOf of an account; undefined when it is not known. */
export function openSessions(
  logins: readonly KnownLogin[],
  marks: SessionLog | null,
  log: ChangeLog | null,
  uidOf: (account: string) => number | undefined,
): OpenSessions {
  const traces: Traces = {
    marks: grouped(marks?.marks ?? [], ({ pid }) => pid),
    numbers: grouped(marks?.numbers ?? [], ({ port }) => port),
    logins: grouped(log?.logins ?? [], ({ pid }) => pid),
  };
  const open = logins.filter(({ login }) => login.trusted).map((known) => opened(known, traces));
  return { open, ownerOf: ownerBySession(open, log?.logins ?? [], uidOf) };
}

/** What sshd and the audit tell of logins, by process and by port. */
interface Traces {
  readonly marks: ReadonlyMap<number, readonly SessionMark[]>;
  readonly numbers: ReadonlyMap<number, readonly SessionNumber[]>;
  readonly logins: ReadonlyMap<number, readonly AuditLogin[]>;
}

/** The end of a login and its audit session, by the process of sshd that wrote both. */
function opened(known: KnownLogin, traces: Traces): Open {
  const { pid, at, account, from, port } = known.login;
  const own = (traces.marks.get(pid) ?? []).filter((one) => one.at >= at && one.account === account);
  const begun = own.find(({ what }) => what === 'opened');
  const next = own.find((one) => one.what === 'opened' && one !== begun);
  const closed = own.find((one) => one.what === 'closed' && (!next || one.at <= next.at));
  const login = (traces.logins.get(pid) ?? []).find((one) => near(one.at, at));
  const number = (traces.numbers.get(port) ?? []).find(
    (one) =>
      one.from === from && one.account === account && one.at >= at && (!closed || one.at <= closed.at + 1000),
  );
  return {
    known,
    until: closed?.at ?? null,
    session:
      (begun && begun.at <= at + OPENING ? begun.session : undefined) ??
      login?.session ??
      number?.session ??
      null,
  };
}

function near(one: number, other: number): boolean {
  return Math.abs(one - other) <= OPENING;
}

interface Start {
  readonly at: number;
  /** Absent: a session that no login of the log opened. */
  readonly open?: Open;
}

/**
 * Audit sessions count from 1 again after a boot, and timers and consoles have some, too: a record belongs to whatever
 * began last under its number before it, and only when its login user is that login's.
 */
function ownerBySession(
  open: readonly Open[],
  begun: readonly AuditLogin[],
  uidOf: (account: string) => number | undefined,
): OwnerOf {
  const starts = new Map<number, Start[]>();
  const byPid = grouped(open, ({ known }) => known.login.pid);
  for (const one of open)
    if (one.session !== null) put(starts, one.session, { at: one.known.login.at, open: one });
  for (const { session, at, pid } of begun)
    if (!(byPid.get(pid) ?? []).some(({ known }) => near(known.login.at, at))) put(starts, session, { at });
  for (const group of starts.values()) group.sort((a, b) => a.at - b.at);
  return (session, at, loginUid) => {
    const start = (starts.get(session) ?? []).findLast((one) => one.at <= (one.open ? at + OPENING : at));
    if (!start?.open) return undefined;
    const uid = uidOf(start.open.known.login.account);
    return loginUid !== undefined && uid !== undefined && uid !== loginUid ? undefined : start.open;
  };
}

/**
 * Whether something happened while the login was open, or within a day after it where its end is not known.
 * @param early milliseconds: a log in whole seconds puts what followed a login up to a second before it.
 */
export function contains({ known, until }: Open, at: number, early = 0): boolean {
  return at >= known.login.at - early && at <= (until === null ? known.login.at + DAY : until + 1000);
}

/** Logins that may have run it: one by the session's number, else those of its account that were open. */
export function ownersOf(use: SudoUse, open: readonly Open[], ownerOf: OwnerOf): readonly Open[] {
  const exact = use.session === undefined ? undefined : ownerOf(use.session, use.at);
  if (exact) return [exact];
  return open.filter((one) => one.known.login.account === use.account && contains(one, use.at));
}

export function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const group = map.get(key);
  if (group) group.push(value);
  else map.set(key, [value]);
}
