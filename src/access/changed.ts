/** What each login did: its commands, what they alter, and what can be said when nothing recorded them. */
import type { AccessFacts } from '../facts/access-facts.js';
import { wordsOf } from '../facts/command-text.js';
import type { AuditedCommand, PackageChange, SudoUse } from '../facts/types.js';
import { secondText } from '../when.js';
import { auditingOf, recordsLogin, type Auditing } from './audit-rules.js';
import { effectOf, effectOfProgram, isInteractiveShell, type CommandEffect } from './effects.js';
import type { KnownLogin, Window } from './logins.js';
import { contains, openSessions, ownersOf, put, type Open } from './open-sessions.js';
import type { LooseChange, RunCommand, Session } from './types.js';

const MOST_COMMANDS = 40;
const MOST_PACKAGES = 40;
const MOST_LOOSE = 200;

type SessionPart = Pick<Session, 'until' | 'commands' | 'moreCommands' | 'packages' | 'effect' | 'because'>;

export interface HostChanges {
  readonly parts: ReadonlyMap<KnownLogin, SessionPart>;
  readonly loose: readonly Omit<LooseChange, 'host'>[];
}

/**
 * @param uidOf of an account; undefined when it is not known.
 * @param unseen why no record of programs can show all that a session did; empty: it can.
 */
export function changesOf(
  logins: readonly KnownLogin[],
  access: AccessFacts,
  window: Window,
  uidOf: (account: string) => number | undefined,
  unseen = '',
): HostChanges {
  const { sessions, changes } = access;
  const marks = sessions.ok ? sessions.value : null;
  const log = changes.ok ? changes.value : null;
  const { open, ownerOf } = openSessions(logins, marks, log, uidOf);
  const inside = (at: number) => at >= window.from && at < window.to;
  const audited = new Map<Open, AuditedCommand[]>();
  const stray: AuditedCommand[] = [];
  for (const command of log?.commands ?? []) {
    if (!inside(command.at)) continue;
    const session = ownerOf(command.session, command.at, command.loginUid);
    if (session) put(audited, session, command);
    else stray.push(command);
  }
  const loose: Omit<LooseChange, 'host'>[] = [...strayChanges(stray)];
  const sudo = new Map<Open, SudoUse[]>();
  for (const use of marks?.sudo ?? []) {
    if (!use.trusted || !inside(use.at)) continue;
    const owners = ownersOf(use, open, ownerOf);
    const [owner] = owners;
    if (owner && owners.length === 1) put(sudo, owner, use);
    else if (owners.length > 1 || use.refused === undefined) looseSudo(use, owners.length, loose);
  }
  const packages = new Map<Open, PackageChange[]>();
  const tooled = new Set(open.filter((one) => ranPackages(audited.get(one) ?? [], sudo.get(one) ?? [])));
  for (const change of log?.packages ?? []) {
    if (!inside(change.at)) continue;
    const during = open.filter((one) => contains(one, change.at, 999));
    const tools = during.filter((one) => tooled.has(one));
    const [owner] = tools;
    if (owner && tools.length === 1) put(packages, owner, change);
    else
      loose.push({
        at: secondText(change.at),
        text: packageText(change),
        because: whyLoose(during.length, tools.length),
      });
  }
  const auditing = auditingOf(access);
  const parts = open.map((one) => {
    const { opaque, recorded, shell, ...part } = partOf(
      one,
      audited.get(one) ?? [],
      sudo.get(one) ?? [],
      packages.get(one) ?? [],
    );
    const effect = effectOfSession(
      one,
      { ...part, opaque, recorded, shell },
      { auditing, access, uidOf, unseen },
    );
    return [one.known, { ...part, ...effect }] as const;
  });
  const left = loose.length - MOST_LOOSE;
  const rest = { at: '', text: `${left} more changes`, because: 'they are in the evidence of the run' };
  return { parts: new Map(parts), loose: left > 0 ? [...loose.slice(0, MOST_LOOSE), rest] : loose };
}

/** What the audit recorded of sessions that no login of the log opened: a console, a timer, another way in. */
function strayChanges(commands: readonly AuditedCommand[]): readonly Omit<LooseChange, 'host'>[] {
  const sessions = new Map<string, AuditedCommand[]>();
  for (const command of commands)
    if (
      command.succeeded &&
      effectOfProgram(command.argv, command.executable, command.uid === 0).alters.length > 0
    )
      put(sessions, `${command.session} ${command.loginUid}`, command);
  return [...sessions.values()].flatMap((all) => {
    const [first] = all;
    if (!first) return [];
    const more = all.length > 1 ? ` and ${all.length - 1} more commands that alter` : '';
    return [
      {
        at: secondText(first.at),
        text: `login uid ${first.loginUid} ran ${shown(first.argv)}${more}`,
        because: `no login of the log opened audit session ${first.session}`,
      },
    ];
  });
}

function looseSudo(use: SudoUse, owners: number, loose: Omit<LooseChange, 'host'>[]): void {
  const { alters } = effectOf(wordsOf(use.command), use.runAs === 'root');
  if (alters.length === 0) return;
  loose.push({
    at: secondText(use.at),
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

interface Part extends Omit<SessionPart, 'effect' | 'because'> {
  /** Programs that may have done anything. */
  readonly opaque: readonly string[];
  /** Programs the audit recorded, those that failed included. */
  readonly recorded: number;
  /** Somebody typed into a shell. */
  readonly shell: boolean;
}

interface Knowing {
  readonly auditing: Auditing;
  readonly access: AccessFacts;
  readonly uidOf: (account: string) => number | undefined;
  readonly unseen: string;
}

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
      .map(({ at, argv, executable, uid }): RunCommand => {
        const effect = effectOfProgram(argv, executable, uid === 0);
        tell(argv, effect);
        return {
          at: secondText(at),
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
        at: secondText(at),
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
    until: until === null ? null : secondText(until),
    commands: commands.filter((one) => told.has(one)),
    moreCommands: commands.length - kept.length,
    packages: packages.slice(0, MOST_PACKAGES).map(packageText),
    opaque: [...opaque],
    recorded: audited.length,
    shell: audited.some(({ argv }) => isInteractiveShell(argv)),
  };
}

function effectOfSession(
  { known, session, until }: Open,
  { commands, packages, opaque, recorded, shell }: Part,
  { auditing, access: { changes, sessions }, uidOf, unseen }: Knowing,
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
  if (!recordsLogin(rules, uidOf(known.login.account))) return not('the audit rules leave out this account');
  if (recorded === 0) return not('the audit recorded no program of it');
  if (unseen !== '') return not(unseen);
  if (opaque.length > 0) return not(`it ran programs that may do anything: ${opaque.slice(0, 5).join(', ')}`);
  const typed = shell ? '; what its shell wrote into files of the account by itself is in no log' : '';
  return {
    effect: 'read-only',
    because: `every program it ran was recorded, and none alters the system${typed}`,
  };
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
