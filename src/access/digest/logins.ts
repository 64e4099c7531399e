/** Logins of many hosts: who used which account by which method, and when. */
import type { AccessDigest, Kept, LoginCounts, LoginMethod, UseRow } from '../../model.js';
import type { Session, Use } from '../types.js';
import { createFirst, createGroups, createHostSet, order, type HostSet } from './bounded.js';
import { clip } from './clip.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MOST_GROUPS = 4000;
/** Of one host: a host that invents identities must not push out those of others. */
const MOST_OF_HOST = 300;
const MOST_ROWS = 60;
const MOST_ADDRESSES = 6;
/** A longer window is told in weeks. */
const MOST_DAYS = 62;
const METHODS: readonly LoginMethod[] = ['certificate', 'static-key', 'emergency-key', 'password', 'other'];

type Counts = Record<LoginMethod, number>;

function noLogins(): Counts {
  return { certificate: 0, 'static-key': 0, 'emergency-key': 0, password: 0, other: 0 };
}

interface Group {
  readonly row: Pick<UseRow, 'identity' | 'account' | 'method' | 'known'>;
  readonly hosts: HostSet;
  readonly from: Set<string>;
  count: number;
  first: string;
  last: string;
}

export interface UseGroups {
  /** All uses of one host. */
  add(host: string, uses: readonly Use[]): void;
  value(): Kept<UseRow>;
  /** Logins of identities nobody knows. */
  strangers(): number;
}

/** Rows: unknown identities first, then by logins. `left` counts logins. */
export function createUseGroups(): UseGroups {
  const groups = createGroups<Group>(MOST_GROUPS);
  let total = 0;
  let strangers = 0;
  return {
    strangers: () => strangers,
    add(host, uses) {
      for (const { count, known } of uses) {
        total += count;
        if (!known) strangers += count;
      }
      const here = new Set<Group>();
      for (const use of largest(uses)) {
        const { identity, account, method, known, count, first, last, from } = use;
        // Unknown identities sort first: they are what must not be let go.
        const group = groups.of(JSON.stringify([known, identity, account, method]), () => ({
          row: { identity: clip(identity), account: clip(account), method, known },
          hosts: createHostSet(),
          from: new Set(),
          count: 0,
          first,
          last,
        }));
        if (!group) continue;
        group.count += count;
        if (first < group.first) group.first = first;
        if (last > group.last) group.last = last;
        for (const address of from) group.from.add(clip(address));
        if (group.from.size > 4 * MOST_ADDRESSES)
          for (const address of [...group.from].sort().slice(MOST_ADDRESSES)) group.from.delete(address);
        if (!here.has(group)) group.hosts.add(host);
        here.add(group);
      }
    },
    value() {
      const rows = createFirst<UseRow>(
        MOST_ROWS,
        (a, b) =>
          Number(a.known) - Number(b.known) ||
          b.count - a.count ||
          order(a.identity, b.identity) ||
          order(a.account, b.account) ||
          order(a.method, b.method),
      );
      for (const { row, hosts, from, count, first, last } of groups.values())
        rows.add({
          ...row,
          count,
          first,
          last,
          from: [...from].sort().slice(0, MOST_ADDRESSES),
          hosts: hosts.value(),
        });
      const shown = rows.values();
      return { rows: shown, left: total - shown.reduce((sum, { count }) => sum + count, 0) };
    },
  };
}

function largest(uses: readonly Use[]): readonly Use[] {
  if (uses.length <= MOST_OF_HOST) return uses;
  return uses
    .toSorted((a, b) => b.count - a.count || order(a.identity, b.identity) || order(a.account, b.account))
    .slice(0, MOST_OF_HOST);
}

export interface LoginTimes {
  add(sessions: readonly Session[]): void;
  counts(): LoginCounts;
  pictures(window: {
    readonly from: number;
    readonly to: number;
  }): Pick<AccessDigest['pictures'], 'step' | 'days' | 'hours'>;
}

/** When logins were, in UTC: by day, and by hour and weekday. */
export function createLoginTimes(): LoginTimes {
  const counts = noLogins();
  const days = new Map<number, Counts>();
  const hours = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  return {
    counts: () => ({ ...counts }),
    add(sessions) {
      for (const { at, method } of sessions) {
        counts[method] += 1;
        const time = Date.parse(at);
        if (!Number.isFinite(time)) continue;
        const day = Math.floor(time / DAY);
        const known = days.get(day) ?? noLogins();
        known[method] += 1;
        days.set(day, known);
        // 1970-01-01 was a Thursday; Monday is 0.
        const row = hours[(((day + 3) % 7) + 7) % 7];
        const hour = Math.floor((time - day * DAY) / HOUR);
        if (row) row[hour] = (row[hour] ?? 0) + 1;
      }
    },
    pictures({ from, to }) {
      const first = Math.floor(from / DAY);
      // A window ends now: the day of its end is there, that of its first moment after is not.
      const last = Math.max(first, Math.ceil(to / DAY) - 1);
      const step = last - first >= MOST_DAYS ? 7 : 1;
      const bars = Array.from(
        { length: Math.min(Math.floor((last - first) / step) + 1, 400) },
        (_, index) => {
          const begin = first + index * step;
          const sum = noLogins();
          for (let day = begin; day < begin + step; day += 1)
            for (const method of METHODS) sum[method] += days.get(day)?.[method] ?? 0;
          return { day: new Date(begin * DAY).toISOString().slice(0, 10), counts: sum };
        },
      );
      return { step: step === 1 ? 'day' : 'week', days: bars, hours };
    },
  };
}
