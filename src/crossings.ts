/**
 * Ways between environments, as a run went them: what the connection records say of bastions, jump users and the
 * identity that was accepted. The inventory's own say is in inventory/bastions.ts; this also sees ssh_config, the agent
 * and flags. Pure.
 */
import type { FleetWay } from './facts/types.js';
import { createWays, type Crossing } from './inventory/environments.js';
import type { HostReport } from './model.js';

/** Longest text of a record that is looked into: a saved run may be from anyone. */
const MOST = 1000;

type Reached = Pick<HostReport, 'name' | 'environment' | 'at' | 'connection'>;

/** What leads into production and out of it, once each, in the order of the hosts' names. */
export function crossingsOf(hosts: readonly Reached[]): readonly Crossing[] {
  const ways = createWays();
  for (const host of hosts.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const named = {
      name: host.name,
      ...(host.environment !== undefined && { environment: host.environment }),
    };
    for (const { kind, key, name } of waysOf(host.connection)) ways.note(kind, key, name, host.at, named);
  }
  return ways.crossings();
}

/** How one host was reached. Empty: not over a network, or the record does not tell. */
export function waysOf(connection: HostReport['connection']): readonly FleetWay[] {
  if (!connection || connection.transport === 'local') return [];
  const identity = identityOf(connection.authenticatedBy ?? '');
  const found: FleetWay[] = identity ? [{ kind: 'identity', ...identity }] : [];
  if (connection.transport === 'ssm') return found;
  for (const step of connection.route) {
    const [, user, endpoint] = /^(?:(.{1,255})@)?([^@]{1,300})$/.exec(step) ?? [];
    if (endpoint === undefined) continue;
    found.push({ kind: 'bastion', key: endpoint.toLowerCase(), name: endpoint });
    if (user !== undefined) found.push({ kind: 'jump user', key: user, name: user });
  }
  return found;
}

/**
 * Who was accepted: a certificate by its key ID, which stays when a run makes a new key; a plain key by its fingerprint;
 * with AWS the ARN, of an assumed role without the name of the session.
 */
function identityOf(text: string): { readonly key: string; readonly name: string } | undefined {
  const by = text.slice(0, MOST);
  const aws = /^AWS (arn:\S+)/.exec(by)?.[1];
  if (aws !== undefined) {
    const key = aws.replace(/^(arn:[^:]*:sts::\d*:assumed-role\/[^/]+)\/.*$/, '$1');
    return { key, name: key };
  }
  const id = /\bcertificate \S+ SHA256:\S+ ID "((?:[^"\\]|\\.)*)"/.exec(by)?.[1]?.replaceAll(/\\(.)/g, '$1');
  const print = /SHA256:[A-Za-z0-9+/]{43}/.exec(by)?.[0];
  const key = id === undefined || id === '' ? print : id;
  return key === undefined ? undefined : { key, name: key };
}
