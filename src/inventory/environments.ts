/**
 * What leads into production and out of it: a bastion, a jump user or an auditor identity. Whoever takes it over in
 * the weaker place is in production. Used for what the inventory says (bastions.ts) and what a run did (crossings.ts).
 */
import type { SourceLocation } from '../model.js';
import { quoted } from './problem.js';

const WORDS = new Set(['prod', 'production', 'prd', 'live']);
/** `pre-prod`, `non-production`: the word in front takes it back. */
const NOT = new Set(['non', 'not', 'no', 'pre', 'pseudo', 'sub']);

/**
 * Whether an environment is production: one of its words is `prod`, `production`, `prd` or `live`, where words are parted
 * by dash, dot or underscore. `prod-eu`, `eu.production` are; `preprod`, `non-prod`, `productivity` are not.
 */
export function isProduction(environment: string): boolean {
  const words = environment.toLowerCase().split(/[-_.]/);
  return words.some((word, at) => WORDS.has(word) && !NOT.has(words[at - 1] ?? ''));
}

type WayKind = 'bastion' | 'jump user' | 'identity';

interface Reached {
  readonly name: string;
  readonly environment?: string;
}

/** Where one way leads: the first host of each environment. */
interface Way {
  readonly kind: WayKind;
  readonly name: string;
  readonly at: SourceLocation;
  readonly hosts: Map<string, Reached>;
}

interface Ways {
  /** `key` tells ways of one kind apart, `name` is for people. */
  note(kind: WayKind, key: string, name: string, at: SourceLocation, host: Reached): void;
  /** One for every way that leads into production and elsewhere, in the order they were noted. */
  crossings(): readonly Crossing[];
}

export interface Crossing {
  readonly kind: WayKind;
  readonly at: SourceLocation;
  readonly message: string;
  readonly hint: string;
}

const HARM: Readonly<Record<WayKind, readonly [means: string, hint: string]>> = {
  bastion: [
    'whoever takes it over from the one reaches the other',
    'give production a bastion of its own, reachable from nowhere else',
  ],
  'jump user': [
    'a certificate for the one opens the bastions of the other',
    'give the bastions of each environment a jump user and a principal of their own',
  ],
  identity: [
    'whoever takes it reads the hosts of both',
    'give the auditor an identity and a role for each environment',
  ],
};

export function createWays(): Ways {
  const ways = new Map<string, Way>();
  return {
    note: (kind, key, name, at, host) => {
      const id = `${kind} ${key}`;
      const known = ways.get(id) ?? { kind, name, at, hosts: new Map<string, Reached>() };
      ways.set(id, known);
      const environment = host.environment ?? '';
      if (!known.hosts.has(environment)) known.hosts.set(environment, host);
    },
    crossings: () => [...ways.values()].flatMap(crossingOf),
  };
}

function crossingOf({ kind, name, at, hosts }: Way): Crossing[] {
  const all = [...hosts.values()];
  const inside = all.find(({ environment = '' }) => isProduction(environment));
  const outside =
    all.find(({ environment }) => environment !== undefined && !isProduction(environment)) ??
    all.find(({ environment }) => environment === undefined);
  if (!inside || !outside) return [];
  const [means, hint] = HARM[kind];
  return [
    {
      kind,
      at,
      message: `the ${kind} ${quoted(name)} reaches both ${placed(inside)} and ${placed(outside)}: ${means}`,
      hint:
        outside.environment === undefined ? `say which environment ${outside.name} is of, or ${hint}` : hint,
    },
  ];
}

function placed({ name, environment = 'a host of no environment' }: Reached): string {
  return `${environment} (${name})`;
}
