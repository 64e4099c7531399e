/** What changed between two runs. Pure; every list is sorted by host, then check. */
import type {
  AccessChange,
  Changes,
  CheckChange,
  CheckStanding,
  HistoryPoint,
  HostAccess,
  HostStanding,
  Standing,
} from '../model.js';
import { hostFinder, own } from './standing.js';

type Listed = 'newlyFailing' | 'newlyPassing' | 'newlyUnknown' | 'stillFailing' | 'newlyWaived';

interface Pair {
  /** As the newer run names it. */
  readonly host: string;
  readonly before: HostStanding | undefined;
  readonly after: HostStanding;
}

/**
 * Host names are compared as the inventory does, upper and lower case alike. A host is gone only when the newer run
 * asked for every host; and new only when the older one did. What fails on a host or in a check that the older run
 * did not judge is newly failing, from `absent`; what passes or is unknown there changes nothing that was said.
 */
export function changesBetween(from: Standing, to: Standing): Changes {
  const before = hostFinder(from.hosts);
  const after = hostFinder(to.hosts);
  const pairs = Object.entries(to.hosts)
    .map(([host, standing]): Pair => ({ host, before: before(host)?.[1], after: standing }))
    .sort((a, b) => byCodeUnit(a.host, b.host));
  const lists: Record<Listed, CheckChange[]> = {
    newlyFailing: [],
    newlyPassing: [],
    newlyUnknown: [],
    stillFailing: [],
    newlyWaived: [],
  };
  for (const pair of pairs)
    for (const check of Object.keys(pair.after.checks).sort()) {
      const found = checkChange(pair, check, to.point.now);
      if (found) lists[found[0]].push(found[1]);
    }
  const { newlyWaived, ...always } = lists;
  const dropped = droppedChecks(pairs);
  return {
    from: brief(from.point),
    to: brief(to.point),
    ...always,
    ...(newlyWaived.length > 0 && { newlyWaived }),
    ...(dropped.length > 0 && { droppedChecks: dropped }),
    newHosts: from.point.partial ? [] : pairs.flatMap((pair) => (pair.before ? [] : pair.host)),
    vanishedHosts: to.point.partial
      ? []
      : Object.keys(from.hosts)
          .filter((host) => !after(host))
          .sort(),
    hostKeys: pairs.flatMap(hostKeyChange),
    access: pairs.flatMap(accessChanges),
  };
}

function checkChange(pair: Pair, check: string, now: string): [Listed, CheckChange] | undefined {
  const is = own(pair.after.checks, check);
  const was = pair.before && own(pair.before.checks, check);
  const list = is && listOf(was?.status ?? 'absent', is.status);
  if (!is || !list) return undefined;
  const known = new Set(was?.status === 'fail' ? was.subjects : []);
  const fails = list === 'newlyFailing' || list === 'stillFailing' || list === 'newlyWaived';
  return [
    list,
    {
      host: pair.host,
      check,
      from: was?.status ?? 'absent',
      to: is.status,
      // A run that was compared with nothing knows no earlier beginning.
      since: was?.status === is.status && is.since === now ? was.since : is.since,
      subjects: fails ? (is.subjects ?? []).filter((subject) => !known.has(subject)) : [],
      ...(is.guidance && { guidance: true as const }),
    },
  ];
}

/** Where a pair of statuses belongs; undefined: nothing new is said. */
function listOf(from: CheckChange['from'], to: CheckStanding['status']): Listed | undefined {
  if (to === 'fail') return from === 'fail' ? 'stillFailing' : 'newlyFailing';
  if (from === to) return undefined;
  if (to === 'waived') return 'newlyWaived';
  if (from === 'absent') return undefined;
  return to === 'pass' ? 'newlyPassing' : 'newlyUnknown';
}

function droppedChecks(pairs: readonly Pair[]): string[] {
  const judged = new Set(pairs.flatMap(({ after }) => Object.keys(after.checks)));
  const then = new Set(pairs.flatMap(({ before }) => Object.keys(before?.checks ?? {})));
  return [...then].filter((check) => !judged.has(check)).sort();
}

function hostKeyChange({ host, before, after }: Pair): Changes['hostKeys'][number][] {
  const [from, to] = [before?.hostKey, after.hostKey];
  return from === undefined || to === undefined || from === to ? [] : [{ host, from, to }];
}

/** Only where both runs could read who may log in; what a partial reading lacks is not called removed. */
function accessChanges({ host, before, after }: Pair): AccessChange[] {
  if (!before?.access || !after.access) return [];
  const [was, is] = [rights(before.access), rights(after.access)];
  const lacking = (there: typeof was, here: typeof was, change: AccessChange['change']) =>
    [...here]
      .filter(([key]) => !there.has(key))
      .map(([key, one]) => ({ key, one: { host, change, ...one } }));
  return [...lacking(was, is, 'added'), ...(after.access.partial ? [] : lacking(is, was, 'removed'))]
    .sort((a, b) => byCodeUnit(a.key, b.key))
    .map(({ one }) => one);
}

function rights({ caKeys, staticKeys, principals }: HostAccess) {
  const all: Omit<AccessChange, 'host' | 'change'>[] = [
    ...caKeys.map((value) => ({ kind: 'ca-key' as const, value })),
    ...staticKeys.map(({ account, fingerprint }) => ({
      kind: 'static-key' as const,
      account,
      value: fingerprint,
    })),
    ...principals.map(({ account, principal }) => ({
      kind: 'principal' as const,
      account,
      value: principal,
    })),
  ];
  return new Map(all.map((one) => [JSON.stringify([one.kind, one.account, one.value]), one]));
}

function brief({ id, now, verdict }: HistoryPoint): Changes['from'] {
  return { id, now, verdict };
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
