/**
 * Collections that stay small whatever is put into them, and that end the same in whatever order it comes: hosts of a
 * run finish in any order, and the report must not show which.
 */
import type { SomeHosts } from '../../model.js';

export interface First<T> {
  add(value: T): void;
  /** Sorted. */
  values(): readonly T[];
  /** How many were added and are not among the values. */
  left(): number;
}

/** The `most` first of all values by `compare`, which must tell any two values apart that differ in what is shown. */
export function createFirst<T>(most: number, compare: (a: T, b: T) => number): First<T> {
  let kept: T[] = [];
  let seen = 0;
  const trim = (): readonly T[] => (kept = kept.sort(compare).slice(0, most));
  return {
    add(value) {
      seen += 1;
      kept.push(value);
      if (kept.length >= 2 * most + 16) trim();
    },
    values: () => [...trim()],
    left: () => Math.max(0, seen - most),
  };
}

export interface Groups<G> {
  /** The group of a key; undefined when there are too many keys and this one is not among those kept. */
  of(key: string, make: () => G): G | undefined;
  values(): readonly G[];
}

/**
 * Groups by key. Of too many keys those that sort first are kept: such a key is never let go, so what is counted in
 * its group is whole, and a key once let go never comes back.
 */
export function createGroups<G>(most: number): Groups<G> {
  const groups = new Map<string, G>();
  let limit: string | undefined;
  const trim = (): void => {
    if (groups.size <= most) return;
    const keys = [...groups.keys()].sort();
    for (const key of keys.slice(most)) groups.delete(key);
    limit = keys[most - 1];
  };
  return {
    of(key, make) {
      const known = groups.get(key);
      if (known !== undefined) return known;
      if (limit !== undefined && key > limit) return undefined;
      const made = make();
      groups.set(key, made);
      if (groups.size >= 2 * most + 16) trim();
      return groups.get(key);
    },
    values() {
      trim();
      return [...groups].sort(([a], [b]) => order(a, b)).map(([, group]) => group);
    },
  };
}

/** Host names that are shown. */
const MOST_NAMES = 60;

export interface HostSet {
  /** Each host once: the caller sees to it. */
  add(name: string): void;
  value(): SomeHosts;
}

export function createHostSet(): HostSet {
  const names = createFirst(MOST_NAMES, order);
  let count = 0;
  return {
    add(name) {
      count += 1;
      names.add(name);
    },
    value: () => ({ names: names.values(), count }),
  };
}

export function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
