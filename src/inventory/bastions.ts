/**
 * Ways between environments: a bastion, a jump user or an auditor identity that reaches production and something else.
 * Whoever takes it over in the weaker place is in production. Routes are those of the inventory; ssh_config is not asked.
 */
import { UserError } from '../errors.js';
import type { Host } from '../model.js';
import { quoted, type Problem } from './problem.js';
import { parseJump } from './values.js';

/** More hops than a route may have (see jumps.ts), so that circles end. */
const MOST_HOPS = 16;
/** `production`, `prod-eu`, `prd`, `live`: what is to be kept apart from everything else. */
const PRODUCTION = /^(prod|production|prd|live)([-_.].*)?$/i;

interface Hop {
  /** What it is called in messages; also tells hops apart. */
  readonly name: string;
  readonly user?: string;
  /** The entry it is, when the inventory has one. */
  readonly entry?: Host;
}

type Entries = ReadonlyMap<string, Host>;

/** Where something leads: the first host of each environment. */
interface Reach {
  readonly kind: 'bastion' | 'jump user' | 'identity';
  readonly name: string;
  readonly at: Host['at'];
  readonly hosts: Map<string, Host>;
}

const WARNINGS: Readonly<Record<Reach['kind'], readonly [means: string, hint: string]>> = {
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

/** One warning for everything that leads into production and out of it. In the order of the file. */
export function segregationWarnings(hosts: readonly Host[], bastions: readonly Host[]): Problem[] {
  const entries = entriesOf(hosts, bastions);
  const reaches = new Map<string, Reach>();
  const note = (kind: Reach['kind'], name: string, at: Host['at'], host: Host, environment: string): void => {
    const key = `${kind} ${name}`;
    const known = reaches.get(key) ?? { kind, name, at, hosts: new Map<string, Host>() };
    reaches.set(key, known);
    if (!known.hosts.has(environment)) known.hosts.set(environment, host);
  };
  for (const host of hosts) {
    const { environment } = host;
    if (environment === undefined) continue;
    const identity = host.certificateFile ?? host.identityFile;
    if (identity !== undefined && host.transport === 'ssh')
      note('identity', identity, host.at, host, environment);
    for (const { name, user, entry } of hopsOf(host, entries)) {
      const at = entry?.at ?? host.at;
      note('bastion', name, at, host, environment);
      if (entry?.environment !== undefined) note('bastion', name, at, entry, entry.environment);
      if (user !== undefined) note('jump user', user, at, host, environment);
    }
  }
  return [...reaches.values()].flatMap(warningOf);
}

function warningOf({ kind, name, at, hosts }: Reach): Problem[] {
  const inside = [...hosts].find(([environment]) => PRODUCTION.test(environment));
  const outside = [...hosts].find(([environment]) => !PRODUCTION.test(environment));
  if (!inside || !outside) return [];
  const [means, hint] = WARNINGS[kind];
  const both = [inside, outside].map(([environment, host]) => `${environment} (${host.name})`).join(' and ');
  return [{ at, message: `the ${kind} ${quoted(name)} reaches both ${both}: ${means}`, hint }];
}

/**
 * Keeps a run that was narrowed by --environment inside: no host of another environment may be on the way.
 * @throws UserError naming the host and its jump host
 */
export function refuseCrossings(
  selected: readonly Host[],
  { hosts, bastions }: { readonly hosts: readonly Host[]; readonly bastions: readonly Host[] },
  environments: readonly string[],
): void {
  if (environments.length === 0) return;
  const entries = entriesOf(hosts, bastions);
  const inside = new Set(selected.map(({ environment }) => environment));
  for (const host of selected)
    for (const { name, entry } of hopsOf(host, entries))
      if (entry?.environment !== undefined && !inside.has(entry.environment))
        throw new UserError(
          'environment-crossed',
          `--environment ${environments.join(',')}: ${host.name} is reached through ${name}, a host of ${entry.environment}`,
          { at: host.at, hint: 'give it a bastion of its own environment, or leave out --environment' },
        );
}

function entriesOf(hosts: readonly Host[], bastions: readonly Host[]): Entries {
  return new Map([...bastions, ...hosts].map((host) => [host.name.toLowerCase(), host]));
}

/** Every hop on the way, those of the bastions too. */
function hopsOf(host: Host, entries: Entries): Hop[] {
  const found: Hop[] = [];
  const seen = new Set<string>();
  const todo = [...host.jump];
  for (let step = todo.shift(); step !== undefined && found.length < MOST_HOPS; step = todo.shift()) {
    if (seen.has(step)) continue;
    seen.add(step);
    const spec = parseJump(step);
    const entry = entries.get((spec?.host ?? step).toLowerCase());
    const user = spec?.user ?? entry?.user;
    const name = entry?.name ?? `${spec?.host ?? step}${spec?.port === undefined ? '' : `:${spec.port}`}`;
    found.push({ name, ...(user !== undefined && { user }), ...(entry && { entry }) });
    todo.push(...(entry?.jump ?? []));
  }
  return found;
}
