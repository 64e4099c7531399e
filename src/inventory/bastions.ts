/**
 * Ways between environments, as the inventory has them: a bastion, a jump user or an auditor identity that reaches
 * production and something else. ssh_config and flags are not asked; what a run really did is in crossings.ts.
 */
import { UserError } from '../errors.js';
import type { Host } from '../model.js';
import { createWays } from './environments.js';
import type { Problem } from './problem.js';
import { parseJump } from './values.js';

/** More hops than a route may have (see jumps.ts), so that circles end. */
const MOST_HOPS = 16;
const SSH_PORT = 22;

interface Hop {
  /** What it is called in messages. */
  readonly name: string;
  /** `address:port`, which tells hops apart: one bastion may have several names. */
  readonly endpoint: string;
  readonly user?: string;
  /** The entry it is, when the inventory has one. */
  readonly entry?: Host;
}

/** By name and by endpoint, in lower case. */
type Entries = ReadonlyMap<string, Host>;

/** One warning for everything that leads into production and out of it. In the order of the file. */
export function segregationWarnings(hosts: readonly Host[], bastions: readonly Host[]): Problem[] {
  const entries = entriesOf(hosts, bastions);
  const ways = createWays();
  for (const host of hosts) {
    const identity = identityOf(host);
    if (identity !== undefined) ways.note('identity', identity, identity, host.at, host);
    for (const { name, endpoint, user, entry } of hopsOf({ ...host, jump: jumpOf(host) }, entries)) {
      const at = entry?.at ?? host.at;
      ways.note('bastion', endpoint, name, at, host);
      if (entry?.environment !== undefined) ways.note('bastion', endpoint, name, at, entry);
      if (user !== undefined) ways.note('jump user', user, user, at, host);
    }
  }
  return ways.crossings().map(({ at, message, hint }) => ({ at, message, hint }));
}

/** What the inventory says the auditor logs in with. */
function identityOf({ transport, certificateFile, identityFile, roleArn }: Host): string | undefined {
  if (transport === 'local') return undefined;
  return transport === 'ssm' ? roleArn : (certificateFile ?? identityFile);
}

/**
 * Keeps a run that was narrowed by --environment inside: no host of another environment may be on the way.
 * @param jump what --jump puts in the place of every host's own way
 * @throws UserError naming the host and its jump host
 */
export function refuseCrossings(
  selected: readonly Host[],
  { hosts, bastions }: { readonly hosts: readonly Host[]; readonly bastions: readonly Host[] },
  environments: readonly string[],
  jump?: readonly string[],
): void {
  if (environments.length === 0) return;
  const entries = entriesOf(hosts, bastions);
  const inside = new Set(selected.map(({ environment }) => environment));
  for (const host of selected)
    for (const { name, entry } of hopsOf({ ...host, jump: jumpOf(host, jump) }, entries))
      if (entry?.environment !== undefined && !inside.has(entry.environment))
        throw new UserError(
          'environment-crossed',
          `--environment ${environments.join(',')}: ${host.name} is reached through ${name}, a host of ${entry.environment}`,
          { at: host.at, hint: 'give it a bastion of its own environment, or leave out --environment' },
        );
}

/** Run Command and this very machine pass no other. */
function jumpOf({ transport, jump }: Host, instead?: readonly string[]): readonly string[] {
  return transport === 'ssm' || transport === 'local' ? [] : (instead ?? jump);
}

/** Names win over endpoints, as where a host is looked up. */
function entriesOf(hosts: readonly Host[], bastions: readonly Host[]): Entries {
  const all = [...bastions, ...hosts];
  return new Map([
    ...all.map((host) => [endpointOf(host.address, host.port), host] as const),
    ...all.map((host) => [host.name.toLowerCase(), host] as const),
  ]);
}

function endpointOf(address: string, port = SSH_PORT): string {
  return `${address.toLowerCase()}:${port}`;
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
    const address = spec?.host ?? step;
    const entry = entries.get(address.toLowerCase()) ?? entries.get(endpointOf(address, spec?.port));
    const user = spec?.user ?? entry?.user;
    const named = spec?.port === undefined ? address : `${address}:${spec.port}`;
    found.push({
      name: entry?.name ?? named,
      endpoint: endpointOf(entry?.address ?? address, spec?.port ?? entry?.port),
      ...(user !== undefined && { user }),
      ...(entry && { entry }),
    });
    todo.push(...(entry?.jump ?? []));
  }
  return found;
}
