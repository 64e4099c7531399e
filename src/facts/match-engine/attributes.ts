/**
 * A connection cut into independent attributes, and each attribute's values into classes that no Match line in
 * question can tell apart. Host names are free: with `UseDNS no` sshd compares `Match Host` with the address
 * only, but the setting is one line away from making every name count.
 */
import type { Account, Connection } from '../types.js';
import { addressWitnesses } from './address-witnesses.js';
import { patternWitnesses } from './languages.js';
import { matchLineHolds } from './match-line.js';
import type { Criterion, MatchLine, ParsedConfig } from './types.js';
import { userCandidates, type UserCandidate } from './user-classes.js';

export type Attribute = 'user' | 'host' | 'address' | 'localAddress' | 'localPort' | 'rdomain';
export const ATTRIBUTES: readonly Attribute[] = [
  'user',
  'host',
  'address',
  'localAddress',
  'localPort',
  'rdomain',
];

/** A value per attribute. */
export function perAttribute<T>(make: (attribute: Attribute) => T): Record<Attribute, T> {
  return {
    user: make('user'),
    host: make('host'),
    address: make('address'),
    localAddress: make('localAddress'),
    localPort: make('localPort'),
    rdomain: make('rdomain'),
  };
}

const ATTRIBUTE_OF: Readonly<Record<Criterion['kind'], Attribute | null>> = {
  user: 'user',
  group: 'user',
  'invalid-user': 'user',
  host: 'host',
  address: 'address',
  localaddress: 'localAddress',
  localport: 'localPort',
  rdomain: 'rdomain',
  all: null,
  version: null,
};

/** Values of one attribute that satisfy the same criteria. */
export interface AttributeClass {
  /** Sets the attribute in a connection. */
  readonly part: Partial<Connection>;
  /** How many criteria hold: the plainest class has the fewest. */
  readonly holding: number;
  /** For users only: who stands for the class, and which existing accounts are in it. */
  readonly user?: UserCandidate;
  readonly accounts: readonly string[];
}

export interface Space {
  readonly classes: Readonly<Record<Attribute, readonly AttributeClass[]>>;
  /** Per line, per attribute: indexes of the classes that satisfy the line's criteria on it. */
  readonly allowed: ReadonlyMap<MatchLine, Readonly<Record<Attribute, ReadonlySet<number>>>>;
  /** Attributes whose classes may be too few, with why. */
  readonly incomplete: readonly string[];
}

/** What the lines in question can tell apart. */
export function connectionSpace(
  config: ParsedConfig,
  lines: readonly MatchLine[],
  accounts: readonly Account[],
): Space {
  const criteria = (attribute: Attribute): Criterion[] =>
    distinct(lines.flatMap((line) => line.criteria.filter(({ kind }) => ATTRIBUTE_OF[kind] === attribute)));
  const incomplete: string[] = [];
  const classes = perAttribute((attribute) => {
    const own = criteria(attribute);
    const found = attribute === 'user' ? userCandidatesOf(own, accounts) : candidates(attribute, own, config);
    if (!found.complete) incomplete.push(attribute);
    return classify(own, found.candidates);
  });
  const allowed = new Map(lines.map((line) => [line, allowedClasses(line, classes)]));
  return { classes, allowed, incomplete };
}

function distinct(criteria: readonly Criterion[]): Criterion[] {
  return [...new Map(criteria.map((criterion) => [criterionKey(criterion), criterion])).values()];
}

function criterionKey(criterion: Criterion): string {
  if ('items' in criterion)
    return `${criterion.kind} ${criterion.items.map(({ negated, text }) => `${negated ? '!' : ''}${text}`).join()}`;
  return JSON.stringify(criterion);
}

interface Candidate {
  readonly part: Partial<Connection>;
  readonly user?: UserCandidate;
}

interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly complete: boolean;
}

function userCandidatesOf(criteria: readonly Criterion[], accounts: readonly Account[]): Candidates {
  const { users, complete } = userCandidates(criteria, accounts);
  return { candidates: users.map((user) => ({ part: { user: user.user }, user })), complete };
}

function candidates(
  attribute: Exclude<Attribute, 'user'>,
  criteria: readonly Criterion[],
  config: ParsedConfig,
): Candidates {
  switch (attribute) {
    case 'address':
    case 'localAddress': {
      const found = addressWitnesses(
        criteria.flatMap((criterion) => ('items' in criterion ? criterion.items : [])),
      );
      return {
        candidates: found.addresses.map((address) => ({ part: { [attribute]: address } })),
        complete: found.complete,
      };
    }
    case 'localPort':
      return {
        candidates: portsToTry(criteria, config).map((localPort) => ({ part: { localPort } })),
        complete: true,
      };
    case 'rdomain': {
      if (criteria.length === 0) return { candidates: [{ part: {} }], complete: true };
      const names = patternWitnesses(patternsOf(criteria));
      return {
        candidates: ['', ...names.strings].map((rdomain) => ({ part: { rdomain } })),
        complete: names.complete,
      };
    }
    default: {
      const names = patternWitnesses(patternsOf(criteria));
      return {
        candidates: ['client.example.net', ...names.strings].map((host) => ({ part: { host } })),
        complete: names.complete,
      };
    }
  }
}

/** The ports sshd listens on, one no line names, and those they name. */
function portsToTry(criteria: readonly Criterion[], config: ParsedConfig): number[] {
  const named = criteria.flatMap((criterion) => (criterion.kind === 'localport' ? [criterion.port] : []));
  const listening = config.globals
    .filter(({ keyword }) => keyword === 'port')
    .flatMap(({ values }) => values.map(Number));
  const free = Array.from({ length: named.length + 1 }, (_, index) => 20_000 + index);
  return [...listening, 22, 2222, 2022, ...free, ...named].filter((port) => port > 0);
}

function patternsOf(criteria: readonly Criterion[]): string[] {
  return criteria.flatMap((criterion) =>
    'parts' in criterion ? criterion.parts.map(({ pattern }) => pattern) : [],
  );
}

/** A connection nothing is known of. */
export const NEUTRAL: Connection = { user: '', host: '', address: '', localAddress: '', localPort: 0 };

function holdsFor(criterion: Criterion, { part, user }: Candidate): boolean {
  const line: MatchLine = { at: { path: '', line: 0 }, text: '', criteria: [criterion], always: false };
  return matchLineHolds(line, { ...NEUTRAL, ...part }, user?.account ?? null);
}

/** Candidates with the same truth become one class, told by the first of them. */
function classify(criteria: readonly Criterion[], all: readonly Candidate[]): AttributeClass[] {
  const classes = new Map<string, AttributeClass & { readonly accounts: string[] }>();
  for (const candidate of all) {
    const truth = criteria.map((criterion) => holdsFor(criterion, candidate));
    const key = truth.join();
    const known = classes.get(key);
    const entry = known ?? { ...candidate, holding: truth.filter(Boolean).length, accounts: [] };
    if (known === undefined) classes.set(key, entry);
    if (candidate.user?.existing === true) entry.accounts.push(candidate.user.user);
  }
  return [...classes.values()];
}

function allowedClasses(
  line: MatchLine,
  classes: Readonly<Record<Attribute, readonly AttributeClass[]>>,
): Record<Attribute, ReadonlySet<number>> {
  const possible = line.criteria.every((criterion) => criterion.kind !== 'version' || criterion.matches);
  return perAttribute((attribute) => {
    const own = line.criteria.filter(({ kind }) => ATTRIBUTE_OF[kind] === attribute);
    const fits = (each: AttributeClass): boolean =>
      possible && own.every((criterion) => holdsFor(criterion, each));
    return new Set(classes[attribute].flatMap((each, index) => (fits(each) ? [index] : [])));
  });
}
