/**
 * The access report in little, host by host: each host's part is added and may be forgotten, so a run of ten thousand
 * hosts needs a few megabytes for it. The same hosts in any order give the same digest.
 */
import type {
  AccessDigest,
  AlteredRow,
  ApprovalState,
  ExceptionRow,
  LooseRow,
  SessionEffect,
} from '../model.js';
import { createFirst, createGroups, createHostSet, order, type HostSet } from './digest/bounded.js';
import { clip } from './digest/clip.js';
import { createDoorGroups } from './digest/doors.js';
import { createGrants } from './digest/grants.js';
import { createLoginTimes, createUseGroups } from './digest/logins.js';
import { needsALook } from './exceptions.js';
import type { AccessReport, HostPart, Session } from './types.js';

const MOST_ROWS = 60;
const MOST_GAPS = 400;
const MOST_GAP_ROWS = 20;
const MOST_COMMANDS = 5;
const MOST_UNUSED = 20;

export type DigestPart = Pick<
  HostPart,
  'state' | 'doors' | 'uses' | 'sessions' | 'loose' | 'untrusted' | 'unused'
>;

interface DigestEnd {
  /** Milliseconds since the epoch. */
  readonly window: { readonly from: number; readonly to: number };
  /** Hosts of the run, those that told nothing included. */
  readonly total: number;
  readonly approvals: AccessReport['approvals'];
}

export interface Digesting {
  /** What one host told. */
  add(part: DigestPart): void;
  value(end: DigestEnd): AccessDigest;
}

export function createDigest(): Digesting {
  const may = createDoorGroups();
  const unused = createDoorGroups();
  const did = createUseGroups();
  const times = createLoginTimes();
  const grants = createGrants();
  const exceptions = createFirst<ExceptionRow>(
    MOST_ROWS,
    (a, b) => Number(b.breakGlass) - Number(a.breakGlass) || newest(a, b),
  );
  const altered = createFirst<AlteredRow>(MOST_ROWS, newest);
  const loose = createFirst<LooseRow>(MOST_ROWS, newest);
  const gaps = createGroups<{ readonly text: string; readonly hosts: HostSet }>(MOST_GAPS);
  const reprovision = createHostSet();
  const notWhole = createHostSet();
  const auditing = { on: 0, off: 0, unknown: 0 };
  const effects: Record<SessionEffect, number> = { altered: 0, 'read-only': 0, 'not-known': 0 };
  const states: Record<ApprovalState, number> = {
    approved: 0,
    outside: 0,
    'self-approved': 0,
    'not-approved': 0,
    'not-asked': 0,
  };
  let read = 0;
  let untrusted = 0;
  let breakGlass = 0;
  let gapsTold = 0;
  return {
    add({ state, doors, uses, sessions, loose: changes, untrusted: forged, unused: idle }) {
      const { name } = state;
      read += 1;
      untrusted += forged;
      auditing[state.auditing] += 1;
      if (!state.whole) notWhole.add(name);
      may.add(name, doors);
      unused.add(name, idle);
      did.add(name, uses);
      times.add(sessions);
      grants.add(state, doors);
      for (const one of sessions) {
        effects[one.effect] += 1;
        states[one.approval] += 1;
        if (one.breakGlass) breakGlass += 1;
        if (needsALook(one)) exceptions.add(exceptionOf(one));
        if (one.effect === 'altered') altered.add(alteredOf(one));
      }
      for (const { at, host, text, because } of changes)
        loose.add({ at, host, text: clip(text), because: clip(because) });
      if (state.stateless && (state.altered > 0 || changes.length > 0)) reprovision.add(name);
      for (const text of new Set(state.gaps.map(clip))) {
        gapsTold += 1;
        gaps.of(text, () => ({ text, hosts: createHostSet() }))?.hosts.add(name);
      }
    },
    value({ window, total, approvals }) {
      const { configured, problem, unused: idle } = approvals;
      return {
        window: { from: iso(window.from), to: iso(window.to) },
        pseudonymised: false,
        hosts: { read, total, whole: read - notWhole.value().count, notWhole: notWhole.value(), auditing },
        may: may.value(),
        unused: unused.value(),
        did: did.value(),
        logins: { ...times.counts(), untrusted },
        strangers: did.strangers(),
        why: {
          rows: exceptions.values(),
          left: exceptions.left(),
          configured,
          problem: clip(problem),
          approvals: approvals.total,
          unused: idle.slice(0, MOST_UNUSED).map(clip),
          states,
          breakGlass,
        },
        changed: {
          effects,
          sessions: { rows: altered.values(), left: altered.left() },
          loose: { rows: loose.values(), left: loose.left() },
          reprovision: reprovision.value(),
        },
        gaps: gapRows(),
        pictures: { ...times.pictures(window), grants: grants.value() },
      };
    },
  };

  function gapRows(): AccessDigest['gaps'] {
    const all = gaps
      .values()
      .map(({ text, hosts }) => ({ text, hosts: hosts.value() }))
      .toSorted((a, b) => b.hosts.count - a.hosts.count || order(a.text, b.text))
      .slice(0, MOST_GAP_ROWS);
    return { rows: all, left: gapsTold - all.reduce((sum, { hosts }) => sum + hosts.count, 0) };
  }
}

/** The digest of a report that is already whole, as narrowed and pseudonymised as the report is. */
export function digestOf(report: AccessReport): AccessDigest {
  const digest = createDigest();
  const doors = byHost(report.doors);
  const uses = byHost(report.uses);
  const sessions = byHost(report.sessions);
  const loose = byHost(report.loose);
  const unused = byHost(report.unused);
  for (const [index, state] of report.hosts.entries())
    digest.add({
      state,
      doors: doors.get(state.name) ?? [],
      uses: uses.get(state.name) ?? [],
      sessions: sessions.get(state.name) ?? [],
      loose: loose.get(state.name) ?? [],
      unused: unused.get(state.name) ?? [],
      untrusted: index === 0 ? report.shares.untrusted : 0,
    });
  const value = digest.value({
    window: { from: Date.parse(report.window.from), to: Date.parse(report.window.to) },
    total: report.hosts.length,
    approvals: report.approvals,
  });
  return { ...value, pseudonymised: report.pseudonymised };
}

function byHost<T extends { readonly host: string }>(all: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const hosts = new Map<string, T[]>();
  for (const one of all) {
    const known = hosts.get(one.host);
    if (known) known.push(one);
    else hosts.set(one.host, [one]);
  }
  return hosts;
}

/** The latest first; the whole row tells apart what has one time. */
function newest<T extends { readonly at: string; readonly host: string }>(a: T, b: T): number {
  return order(b.at, a.at) || order(a.host, b.host) || order(JSON.stringify(a), JSON.stringify(b));
}

function exceptionOf(one: Session): ExceptionRow {
  const { at, host, method, approval, breakGlass } = one;
  return {
    at,
    host,
    account: clip(one.account),
    identity: clip(one.identity),
    method,
    approval,
    breakGlass,
    why: clip(one.why),
    ticket: clip(one.ticket),
  };
}

function alteredOf(one: Session): AlteredRow {
  const alters = one.commands.filter(({ alters: kinds }) => kinds.length > 0).map(({ text }) => clip(text));
  return {
    at: one.at,
    host: one.host,
    account: clip(one.account),
    identity: clip(one.identity),
    because: clip(one.because),
    commands: alters.slice(0, MOST_COMMANDS),
    packages: one.packages.slice(0, MOST_COMMANDS).map(clip),
    more: one.commands.length + one.moreCommands - Math.min(alters.length, MOST_COMMANDS),
  };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
