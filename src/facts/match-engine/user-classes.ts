/**
 * The users a Match line can tell apart: this host's accounts, names it does not have, and accounts it may get
 * later in groups the configuration names.
 */
import type { Account } from '../types.js';
import { patternWitnesses } from './languages.js';
import { matchSubPatterns, type SubPattern } from './patterns.js';
import type { Criterion } from './types.js';

/** Someone who may connect. */
export interface UserCandidate {
  readonly user: string;
  readonly account: Account | null;
  /** The account is this host's. */
  readonly existing: boolean;
  /** What must come true for this user to exist. */
  readonly assumes?: string;
}

export interface UserCandidates {
  readonly users: readonly UserCandidate[];
  readonly complete: boolean;
}

/** Most combinations of group memberships, and of names with them. */
const MOST_GROUP_SETS = 2_048;
const MOST_NEWCOMERS = 40_000;

/** Names tried before made-up ones. */
const ORDINARY_NAMES = ['newcomer', 'stranger'];

/** Candidates such that every truth of the given criteria that some user has is had by one of them. */
export function userCandidates(criteria: readonly Criterion[], accounts: readonly Account[]): UserCandidates {
  const existing = accounts.map((account): UserCandidate => ({
    user: account.name,
    account,
    existing: true,
  }));
  const taken = new Set(accounts.map(({ name }) => name));
  const names = patternWitnesses(listsOf(criteria, 'user').flatMap(patternsOf));
  const free = [...ORDINARY_NAMES, ...names.strings].filter((name) => !taken.has(name));
  const strangers = free.map((user): UserCandidate => ({ user, account: null, existing: false }));
  const groups = groupSets(listsOf(criteria, 'group'), accounts);
  const asAccounts = criteria.some(({ kind }) => kind === 'group' || kind === 'invalid-user');
  const newcomers = asAccounts ? free.flatMap((name) => groups.sets.map((set) => newcomer(name, set))) : [];
  return {
    users: [...existing, ...strangers, ...newcomers.slice(0, MOST_NEWCOMERS)],
    complete: names.complete && groups.complete && newcomers.length <= MOST_NEWCOMERS,
  };
}

type List = readonly SubPattern[];

function listsOf(criteria: readonly Criterion[], kind: 'user' | 'group'): List[] {
  return criteria.flatMap((criterion) => (criterion.kind === kind ? [criterion.parts] : []));
}

function patternsOf(list: List): string[] {
  return list.map(({ pattern }) => pattern);
}

function newcomer(name: string, groups: readonly string[]): UserCandidate {
  const account: Account = {
    name,
    uid: 65533,
    gid: 65533,
    home: `/home/${name}`,
    shell: '/bin/sh',
    groups: [name, ...groups],
    source: 'lookup',
  };
  const assumes =
    groups.length === 0 ? `an account ${name}` : `an account ${name} in group ${groups.join(', ')}`;
  return {
    user: name,
    account: groups.length === 0 ? account : { ...account, groups },
    existing: false,
    assumes,
  };
}

interface GroupSet {
  readonly groups: readonly string[];
  /** Per list: -1 a member is negated, 1 one matches, 0 neither. */
  readonly results: readonly number[];
}

/** Sets of group names that between them satisfy and miss the lists in every way a set of groups can. */
function groupSets(
  lists: readonly List[],
  accounts: readonly Account[],
): { sets: readonly (readonly string[])[]; complete: boolean } {
  const made = patternWitnesses(lists.flatMap(patternsOf));
  const names = [...new Set(['users', ...accounts.flatMap(({ groups }) => groups), ...made.strings])];
  const single = (name: string): GroupSet => ({
    groups: [name],
    results: lists.map((list) => matchSubPatterns(name, list)),
  });
  const singles = [...new Map(names.map(single).map((set) => [set.results.join(), set])).values()];
  const found = new Map<string, GroupSet>(singles.map((set) => [set.results.join(), set]));
  for (const set of found.values()) {
    if (found.size > MOST_GROUP_SETS)
      return { sets: [...found.values()].map(({ groups }) => groups), complete: false };
    for (const other of singles) {
      const results = set.results.map((result, index) => combined(result, other.results[index] ?? 0));
      if (!found.has(results.join()))
        found.set(results.join(), { groups: [...set.groups, ...other.groups], results });
    }
  }
  return { sets: [...found.values()].map(({ groups }) => groups), complete: made.complete };
}

function combined(one: number, other: number): number {
  return one === -1 || other === -1 ? -1 : Math.max(one, other);
}
