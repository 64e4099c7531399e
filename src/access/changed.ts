/** What each login did: its commands, what they alter, and what can be said when nothing recorded them. */
import type { AccessFacts } from '../facts/access-facts.js';
import { wordsOf } from '../facts/command-text.js';
import type {
  AuditedCommand,
  AuditLogin,
  PackageChange,
  SessionMark,
  SessionNumber,
  SudoUse,
} from '../facts/types.js';
import { effectOf, type CommandEffect } from './effects.js';
import type { KnownLogin, Window } from './logins.js';
import type { LooseChange, RunCommand, Session } from './types.js';

const DAY = 86_400_000;
const MOST_COMMANDS = 40;
const MOST_PACKAGES = 40;
const MOST_LOOSE = 200;
/** PAM opens the session within a minute after the login. Milliseconds. */
const OPENING = 60_000;

type SessionPart = Pick<Session, 'until' | 'commands' | 'moreCommands' | 'packages' | 'effect' | 'because'>;

export interface HostChanges {
  readonly parts: ReadonlyMap<KnownLogin, SessionPart>;
  readonly loose: readonly Omit<LooseChange, 'host'>[];
}

export interface Auditing {
  readonly state: 'on' | 'off' | 'unknown';
  readonly because: string;
}

/** Whether the kernel records every program a login session runs. */
export function auditingOf({ changes }: AccessFacts): Auditing {
  if (!changes.ok) return { state: 'unknown', because: changes.detail };
  const { running, enabled, rules } = changes.value.auditing;
  if (!running) return { state: 'off', because: 'auditd does not run: what sessions did cannot be known' };
  if (enabled === false) return { state: 'off', because: 'the kernel’s audit is switched off (auditctl -s)' };
  if (enabled === null) return { state: 'unknown', because: 'auditctl could not be asked' };
  if (rules.length === 0)
    return {
      state: 'off',
      because: 'no rule records execve (auditctl -l): what sessions ran cannot be known',
    };
  const both =
    rules.some((rule) => !/-F arch=/.test(rule)) ||
    ['b32', 'b64'].every((arch) => rules.some((rule) => rule.includes(`arch=${arch}`)));
  return both
    ? { state: 'on', because: 'auditd records every program of login sessions' }
    : {
        state: 'unknown',
        because: 'the rules record programs of one word size only (arch=b32 and arch=b64 are both needed)',
      };
}

interface Open {
  readonly known: KnownLogin;
  readonly until: number | null;
  readonly session: number | null;
}

/** @param uidOf of an account; undefined when it is not known. */
export function changesOf(
  logins: readonly KnownLogin[],
  access: AccessFacts,
  window: Window,
  uidOf: (account: string) => number | undefined,
): HostChanges {
  const { sessions, changes } = access;
  const marks = sessions.ok ? sessions.value : null;
  const log = changes.ok ? changes.value : null;
  const traces: Traces = {
    marks: grouped(marks?.marks ?? [], ({ pid }) => pid),
    numbers: grouped(marks?.numbers ?? [], ({ port }) => port),
    logins: grouped(log?.logins ?? [], ({ pid }) => pid),
  };
  const open = logins.filter(({ login }) => login.trusted).map((known) => opened(known, traces));
  const byNumber = sessionNumbers(open);
  const inside = (at: number) => at >= window.from && at < window.to;
  const audited = new Map<Open, AuditedCommand[]>();
  for (const command of log?.commands ?? []) {
    const session = byNumber(command.session, command.at);
    if (session && inside(command.at)) put(audited, session, command);
  }
  const loose: Omit<LooseChange, 'host'>[] = [];
  const sudo = new Map<Open, SudoUse[]>();
  for (const use of marks?.sudo ?? []) {
    if (!use.trusted || !inside(use.at)) continue;
    const owners = ownersOf(use, open, byNumber);
    const [owner] = owners;
    if (owner && owners.length === 1) put(sudo, owner, use);
    else if (owners.length > 1 || use.refused === undefined) looseSudo(use, owners.length, loose);
  }
  const packages = new Map<Open, PackageChange[]>();
  const tooled = new Set(open.filter((one) => ranPackages(audited.get(one) ?? [], sudo.get(one) ?? [])));
  for (const change of log?.packages ?? []) {
    if (!inside(change.at)) continue;
    const during = open.filter((one) => contains(one, change.at));
    const tools = during.filter((one) => tooled.has(one));
    const [owner] = tools;
    if (owner && tools.length === 1) put(packages, owner, change);
    else
      loose.push({
        at: iso(change.at),
        text: packageText(change),
        because: whyLoose(during.length, tools.length),
      });
  }
  const auditing = auditingOf(access);
  const parts = open.map((one) => {
    const { opaque, ...part } = partOf(
      one,
      audited.get(one) ?? [],
      sudo.get(one) ?? [],
      packages.get(one) ?? [],
    );
    const effect = effectOfSession(one, { ...part, opaque }, auditing, access, uidOf);
    return [one.known, { ...part, ...effect }] as const;
  });
  const left = loose.length - MOST_LOOSE;
  const rest = { at: '', text: `${left} more changes`, because: 'they are in the evidence of the run' };
  return { parts: new Map(parts), loose: left > 0 ? [...loose.slice(0, MOST_LOOSE), rest] : loose };
}

/** What sshd and the audit tell of logins, by process and by port. */
interface Traces {
  readonly marks: ReadonlyMap<number, readonly SessionMark[]>;
  readonly numbers: ReadonlyMap<number, readonly SessionNumber[]>;
  readonly logins: ReadonlyMap<number, readonly AuditLogin[]>;
}

function put<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const group = map.get(key);
  if (group) group.push(value);
  else map.set(key, [value]);
}

function grouped<V>(values: readonly V[], keyOf: (value: V) => number): ReadonlyMap<number, readonly V[]> {
  const map = new Map<number, V[]>();
  for (const value of values) put(map, keyOf(value), value);
  return map;
}

/** The end of a login and its audit session, by the process of sshd that wrote both. */
function opened(known: KnownLogin, traces: Traces): Open {
  const { pid, at, account, from, port } = known.login;
  const own = (traces.marks.get(pid) ?? []).filter((one) => one.at >= at && one.account === account);
  const begun = own.find(({ what }) => what === 'opened');
  const next = own.find((one) => one.what === 'opened' && one !== begun);
  const closed = own.find((one) => one.what === 'closed' && (!next || one.at <= next.at));
  const login = (traces.logins.get(pid) ?? []).find(
    (one) => one.at >= at - OPENING && one.at <= at + OPENING,
  );
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

function contains({ known, until }: Open, at: number): boolean {
  return at >= known.login.at && at <= (until === null ? known.login.at + DAY : until + 1000);
}

type ByNumber = (session: number, at: number) => Open | undefined;

/** Audit sessions count from 1 again after a boot: the latest login before the record counts. */
function sessionNumbers(open: readonly Open[]): ByNumber {
  const groups = new Map<number, Open[]>();
  for (const one of open) if (one.session !== null) put(groups, one.session, one);
  return (session, at) => (groups.get(session) ?? []).findLast(({ known }) => known.login.at <= at + OPENING);
}

function ownersOf(use: SudoUse, open: readonly Open[], byNumber: ByNumber): readonly Open[] {
  const exact = use.session === undefined ? undefined : byNumber(use.session, use.at);
  if (exact) return [exact];
  return open.filter((one) => one.known.login.account === use.account && contains(one, use.at));
}

function looseSudo(use: SudoUse, owners: number, loose: Omit<LooseChange, 'host'>[]): void {
  const { alters } = effectOf(wordsOf(use.command), use.runAs === 'root');
  if (alters.length === 0) return;
  loose.push({
    at: iso(use.at),
    text: `${use.account} ran ${use.command} as ${use.runAs}`,
    because:
      owners === 0
        ? `no login of ${use.account} was open then`
        : `${owners} logins of ${use.account} were open then`,
  });
}

function whyLoose(during: number, tools: number): string {
  if (during === 0) return 'no login was open then';
  return tools === 0
    ? `${during} logins were open then, and none is known to have run a package manager`
    : `${tools} logins ran package managers then`;
}

function ranPackages(audited: readonly AuditedCommand[], sudo: readonly SudoUse[]): boolean {
  const words = [
    ...audited.map(({ argv }) => argv),
    ...sudo.filter(({ refused }) => refused === undefined).map(({ command }) => wordsOf(command)),
  ];
  return words.some((argv) => effectOf(argv, true).alters.includes('packages'));
}

type Part = Omit<SessionPart, 'effect' | 'because'> & { readonly opaque: readonly string[] };

function partOf(
  { until }: Open,
  audited: readonly AuditedCommand[],
  sudo: readonly SudoUse[],
  packages: readonly PackageChange[],
): Part {
  const opaque = new Set<string>();
  const tell = (argv: readonly string[], effect: CommandEffect): void => {
    if (effect.opaque) opaque.add((argv[0] ?? '').slice(0, 60));
  };
  // Where the audit recorded the session, what sudo ran is in it; what sudo refused is not.
  const fromSudo = sudo.filter(({ refused }) => audited.length === 0 || refused !== undefined);
  const commands = [
    ...audited
      .filter(({ succeeded }) => succeeded)
      .map(({ at, argv, uid }): RunCommand => {
        const effect = effectOf(argv, uid === 0);
        tell(argv, effect);
        return {
          at: iso(at),
          text: shown(argv),
          as: uid === 0 ? 'root' : `uid ${uid}`,
          by: 'audit',
          alters: effect.alters,
        };
      }),
    ...fromSudo.map(({ at, command, runAs, refused }): RunCommand => {
      const argv = wordsOf(command);
      const effect = effectOf(argv, runAs === 'root');
      if (refused === undefined) tell(argv, effect);
      return {
        at: iso(at),
        text: command,
        as: runAs,
        by: 'sudo',
        alters: refused === undefined ? effect.alters : [],
        ...(refused !== undefined && { refused }),
      };
    }),
  ].sort((a, b) => (a.at < b.at ? -1 : 1));
  // What alters comes first when not all can be shown.
  const kept = [
    ...commands.filter(({ alters }) => alters.length > 0),
    ...commands.filter(({ alters }) => alters.length === 0),
  ].slice(0, MOST_COMMANDS);
  const told = new Set(kept);
  return {
    until: until === null ? null : iso(until),
    commands: commands.filter((one) => told.has(one)),
    moreCommands: commands.length - kept.length,
    packages: packages.slice(0, MOST_PACKAGES).map(packageText),
    opaque: [...opaque],
  };
}

function effectOfSession(
  { known, session, until }: Open,
  { commands, packages, opaque }: Part,
  auditing: Auditing,
  { changes, sessions }: AccessFacts,
  uidOf: (account: string) => number | undefined,
): Pick<Session, 'effect' | 'because'> {
  const altering = commands.filter(({ alters }) => alters.length > 0);
  if (altering.length > 0 || packages.length > 0) {
    const kinds = [
      ...new Set([...altering.flatMap(({ alters }) => alters), ...(packages.length > 0 ? ['packages'] : [])]),
    ];
    return { effect: 'altered', because: `it altered ${kinds.join(', ')}` };
  }
  const not = (because: string) => ({ effect: 'not-known', because }) as const;
  if (auditing.state !== 'on') return not(auditing.because);
  if (!changes.ok) return not(changes.detail);
  if (session === null) return not('its audit session is not known');
  const { coversFrom, rules } = changes.value.auditing;
  if (coversFrom === null || coversFrom > known.login.at)
    return not('the audit log does not reach back to it');
  const gap = [...changes.gaps, ...(sessions.ok ? [] : [sessions.detail])][0];
  if (gap !== undefined) return not(gap);
  if (until === null) return not('it was still open, or its end is not known');
  const uid = uidOf(known.login.account);
  const recorded = rules.some((rule) => {
    const least = /-F auid>=(\d{1,10})/.exec(rule)?.[1];
    return least === undefined || (uid !== undefined && uid >= Number(least));
  });
  if (!recorded) return not('the audit rules leave out this account');
  if (opaque.length > 0) return not(`it ran programs that may do anything: ${opaque.slice(0, 5).join(', ')}`);
  return { effect: 'read-only', because: 'every program it ran was recorded, and none alters the system' };
}

/** Words as one line that a shell would part again. */
function shown(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[A-Za-z0-9_@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(' ')
    .slice(0, 1000);
}

function packageText({ action, name, tool }: PackageChange): string {
  return `${action} ${name} (${tool})`;
}

function iso(at: number): string {
  return Math.abs(at) < 8.64e15 ? `${new Date(at).toISOString().slice(0, 19)}Z` : '?';
}
