/** What `--dry-run` shows of a route over SSH. */
import type { Route } from '../transport.js';
import { selectIdentities } from './identities.js';
import { asciiLower } from './known-hosts.js';
import { endpointOf, type Hop, type ResolvedRoute } from './route.js';
import type { SessionTools } from './session.js';

/** What would be done, and what is already known to go wrong. Reads files and asks the agent; opens no connection to a host. */
export async function planOf(route: ResolvedRoute, tools: SessionTools): Promise<Route> {
  const { target } = route;
  const problems = [...route.errors.map((gone) => gone.detail), ...route.warnings];
  let identities: readonly string[] = [];
  for (const hop of [...route.bastions, target]) {
    const selection = await selectIdentities(hop.identity, tools.identities(hop));
    const prefix = hop === target ? '' : `jump host ${hop.name}: `;
    if (!selection.ok) problems.push(`${prefix}${selection.failure.detail}`);
    else if (hop === target)
      identities = [...new Set(selection.value.identities.map((identity) => identity.label))];
    problems.push(...hostKeyProblems(hop, tools).map((problem) => `${prefix}${problem}`));
  }
  return {
    user: target.user,
    address: target.address,
    port: target.port,
    via: route.bastions.map(endpointOf),
    identities,
    knownHosts: target.pins.length > 0 ? ['inventory'] : target.knownHostsFiles,
    problems: [...new Set(problems)],
  };
}

function hostKeyProblems(hop: Hop, tools: SessionTools): string[] {
  const known = tools.knownHosts(hop.knownHostsFiles);
  if (hop.pins.length > 0) return [];
  const name = asciiLower(hop.hostKeyAlias ?? hop.address);
  const names =
    hop.hostKeyAlias !== undefined || hop.port === 22 ? [name] : [`[${name}]:${String(hop.port)}`, name];
  const found = names.some((one) => known.all(one).some((entry) => entry.marker !== '@revoked'));
  return found
    ? [...known.problems]
    : [...known.problems, `no host key is known for ${names[0] ?? name}: the connection would be refused`];
}
