/** The same change on many hosts, told once. */
import type { AccessChange, CheckChange } from '../../src/model.js';
import { entryOf, GUIDANCE } from '../status.js';

export interface CheckGroup {
  /** One, or several that changed alike on the same hosts. */
  readonly checks: readonly string[];
  readonly from: CheckChange['from'];
  /** ISO 8601: the earliest among the hosts. */
  readonly since: string;
  readonly subjects: readonly string[];
  readonly hosts: readonly string[];
}

/** Most hosts first, then by check. Subjects keep checks apart; without any, checks with the same hosts are one group. */
export function checkGroups(changes: readonly CheckChange[]): readonly CheckGroup[] {
  const groups = new Map<
    string,
    { check: string; from: CheckChange['from']; since: string; subjects: Set<string>; hosts: string[] }
  >();
  for (const { check, from, since, subjects, host } of changes) {
    // Failures that last are told apart by how long they do.
    const age = from === 'fail' ? since : '';
    const key = JSON.stringify([check, from, age]);
    const group = entryOf(groups, key, () => ({
      check,
      from,
      since,
      subjects: new Set<string>(),
      hosts: [],
    }));
    if (since < group.since) group.since = since;
    for (const subject of subjects) group.subjects.add(subject);
    group.hosts.push(host);
  }
  const merged = new Map<string, CheckGroup & { readonly checks: string[] }>();
  for (const { check, from, since, subjects, hosts } of groups.values()) {
    const key = JSON.stringify([from, from === 'fail' ? since : '', [...subjects], hosts]);
    entryOf(merged, key, () => ({ checks: [], from, since, subjects: [...subjects], hosts })).checks.push(
      check,
    );
  }
  return [...merged.values()].sort((a, b) => b.hosts.length - a.hosts.length);
}

export interface AccessGroup extends Omit<AccessChange, 'host'> {
  readonly hosts: readonly string[];
}

/** Additions before removals, then most hosts first. */
export function accessGroups(changes: readonly AccessChange[]): readonly AccessGroup[] {
  const groups = new Map<string, AccessGroup & { readonly hosts: string[] }>();
  for (const { host, ...what } of changes) {
    const key = JSON.stringify([what.change, what.kind, what.account, what.value]);
    entryOf(groups, key, () => ({ ...what, hosts: [] })).hosts.push(host);
  }
  return [...groups.values()].sort(
    (a, b) =>
      Number(a.change === 'removed') - Number(b.change === 'removed') || b.hosts.length - a.hosts.length,
  );
}

const KINDS: Readonly<Record<AccessChange['kind'], string>> = {
  'ca-key': 'CA key',
  'static-key': 'static key',
  principal: 'principal',
};

/** `static key SHA256:… opens account root`; no host. */
export function accessText({ kind, account, value }: Omit<AccessGroup, 'hosts' | 'change'>): string {
  const whom = account === undefined ? '' : ` for account ${account}`;
  return `${KINDS[kind]} ${value}${whom}`;
}

export interface Section {
  readonly title: string;
  /** How a person should take it. */
  readonly status: 'pass' | 'fail' | 'unknown' | 'waived';
  readonly changes: readonly CheckChange[];
}

/** The lists of results in the order people want to read them, those of the guidance last. */
export function sections(changes: {
  readonly newlyFailing: readonly CheckChange[];
  readonly newlyUnknown: readonly CheckChange[];
  readonly newlyWaived?: readonly CheckChange[];
  readonly newlyPassing: readonly CheckChange[];
  readonly stillFailing: readonly CheckChange[];
}): readonly Section[] {
  const all: readonly Section[] = [
    { title: 'Newly failing', status: 'fail', changes: changes.newlyFailing },
    { title: 'Newly unknown', status: 'unknown', changes: changes.newlyUnknown },
    { title: 'Newly waived', status: 'waived', changes: changes.newlyWaived ?? [] },
    { title: 'Newly passing', status: 'pass', changes: changes.newlyPassing },
    { title: 'Still failing', status: 'fail', changes: changes.stillFailing },
  ];
  const of = (guidance: boolean) => (section: Section) => ({
    ...section,
    title: guidance ? `${GUIDANCE}: ${section.title.toLowerCase()}` : section.title,
    changes: section.changes.filter((change) => (change.guidance === true) === guidance),
  });
  return [...all.map(of(false)), ...all.map(of(true))];
}

/** `was pass`, `not judged before`, `since 2026-11-18`. */
export function historyText({ from, since }: Pick<CheckGroup, 'from' | 'since'>): string {
  if (from === 'fail') return `since ${since.slice(0, 10)}`;
  return from === 'absent' ? 'not judged before' : `was ${from}`;
}
