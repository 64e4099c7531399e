/** People who have left, and how they are recognised in evidence. Made once a run: all hosts share the lists. */
import { rememberedByObject } from '../../../src/memo.js';
import type { Issuance, Person } from '../../../src/facts/types.js';
import { dayText } from '../../../src/when.js';
import type { Missing } from '../../lib/law.js';
import { listed } from './words.js';

export interface Leaver {
  /** How findings name them. */
  readonly who: string;
  /** Milliseconds since the epoch; null: the day is not known. */
  readonly left: number | null;
  /** Where the list says so. */
  readonly from: string;
  /** Certificates with their key ID or a principal of theirs, newest first. */
  readonly issued: Issuance[];
}

type Lookup = ReadonlyMap<string, readonly Leaver[]>;

export interface Departed {
  readonly leavers: readonly Leaver[];
  /** By key ID, principal, name of a CA role: lower case. */
  readonly byName: Lookup;
  /** By account: the names without `adm-`, and of an address what stands before `@`. */
  readonly byAccount: Lookup;
  /** By fingerprint: keys the list names, and those a certificate of theirs was made for. */
  readonly byKey: Lookup;
  /** Certificates of which the log does not tell whose they are. */
  readonly nameless: readonly Issuance[];
  readonly missing: readonly Missing[];
}

const known = rememberedByObject((_people: readonly Person[]) =>
  rememberedByObject((_log: readonly Issuance[]) => new Map<number, Departed>()),
);

/** @param people as read once for the run, and `log` too: they are remembered by identity. */
export function departed(people: readonly Person[], log: readonly Issuance[], now: Date): Departed {
  const byClock = known(people)(log);
  const found = byClock.get(now.getTime()) ?? build(people, log, now);
  byClock.set(now.getTime(), found);
  return found;
}

/** A name that somebody still here goes by recognises nobody. */
function build(people: readonly Person[], log: readonly Issuance[], now: Date): Departed {
  const gone = (one: Person): boolean =>
    one.status === 'left' || (one.left !== null && one.left <= now.getTime());
  const odd = people.filter((one) => one.status === 'active' && gone(one));
  const left = people.filter((one) => one.status !== 'active' && gone(one));
  const here = people.filter((one) => !gone(one)).flatMap(({ names }) => names.map(nameKey));
  const [hereNames, hereAccounts] = [new Set(here), new Set(here.map(accountKey))];
  const [byName, byAccount, byKey] = [lookup(), lookup(), lookup()];
  const shared = new Set<Person>();
  const leavers = left.map((person): Leaver => {
    const leaver: Leaver = { who: person.names[0], left: person.left, from: person.from, issued: [] };
    for (const name of person.names.map(nameKey)) {
      const account = accountKey(name);
      if (hereNames.has(name)) shared.add(person);
      else if (isFingerprint(name)) add(byKey, name, leaver);
      else add(byName, name, leaver);
      if (isFingerprint(name)) continue;
      if (hereAccounts.has(account)) shared.add(person);
      else add(byAccount, account, leaver);
    }
    return leaver;
  });
  for (const one of log) {
    if (one.kind === 'host') continue;
    const own = new Set([one.keyId ?? '', ...(one.principals ?? [])].flatMap((name) => found(byName, name)));
    for (const leaver of own) leaver.issued.push(one);
    if (one.keyFingerprint !== null)
      for (const leaver of found(byName, one.keyId ?? '')) add(byKey, one.keyFingerprint, leaver);
  }
  return {
    leavers,
    byName,
    byAccount,
    byKey,
    nameless: log.filter(({ keyId, kind }) => keyId === null && kind !== 'host'),
    missing: [...contradictions(odd), ...ambiguities([...shared])],
  };
}

function lookup(): Map<string, Leaver[]> {
  return new Map();
}

function add(to: Map<string, Leaver[]>, key: string, leaver: Leaver): void {
  const all = to.get(key);
  if (key === '' || all?.includes(leaver)) return;
  if (all) all.push(leaver);
  else to.set(key, [leaver]);
}

/** Whoever goes by this name. */
export function found(map: Lookup, name: string): readonly Leaver[] {
  return map.get(nameKey(name)) ?? [];
}

function contradictions(people: readonly Person[]): Missing[] {
  return people.slice(0, 20).map(({ names: [who], from }) => ({
    reason: 'disagreement',
    detail: `${from} calls ${who} active, with a last day that is over: correct one of the two`,
  }));
}

function ambiguities(people: readonly Person[]): Missing[] {
  if (people.length === 0) return [];
  const who = listed(people.map(({ names: [first], from }) => `${first} (${from})`));
  return [
    {
      reason: 'disagreement',
      detail: `somebody who is here goes by a name of somebody who left, so what it opens cannot be told apart: ${who}`,
    },
  ];
}

function nameKey(name: string): string {
  return isFingerprint(name) ? name : name.trim().toLowerCase();
}

function accountKey(name: string): string {
  const [before = ''] = name.split('@', 1);
  return before.replace(/^adm-/, '');
}

function isFingerprint(name: string): boolean {
  return name.startsWith('SHA256:');
}

/** Whom the comment on a key names: with a word of it, or with what stands before `@` in one. */
export function namedIn({ byName, byAccount }: Departed, comment: string): readonly Leaver[] {
  const words = comment.toLowerCase().split(/[\s<>(),;]+/);
  return words.flatMap((word) => [...found(byName, word), ...found(byAccount, accountKey(word))]);
}

/** Who left when, and where it is written. */
export function left({ who, left: at, from }: Leaver): string {
  return `${who} left${at === null ? '' : ` on ${dayText(at)}`} (${from})`;
}

export function each(...leavers: readonly (readonly Leaver[])[]): readonly Leaver[] {
  return [...new Set(leavers.flat())];
}
