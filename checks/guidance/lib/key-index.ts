/** Which keys are where, over all hosts of a run: as much of it as a finding tells. */
import { rememberedByObject } from '../../../src/facts/memo.js';
import type { FleetHost, FleetIndex, KeyPlace } from '../../../src/facts/types.js';
import { emergencyKeyAllows } from '../../../src/policy.js';
import type { Policy } from '../../../src/model.js';

/** Hosts named of each account; the others are counted. */
const MOST_HOSTS = 3;

/** The hosts on which one account has a key: the first ones by name, and how many there are. */
interface Spread {
  readonly hosts: string[];
  count: number;
}

/** By account. */
export type Places = ReadonlyMap<string, Spread>;

export interface KeyIndex {
  /** By fingerprint: accounts whose private key it is. */
  readonly privateKeys: ReadonlyMap<string, Places>;
  /** By fingerprint: accounts it opens as a static key, those the policy allows it to open left out. */
  readonly staticKeys: ReadonlyMap<string, Places>;
  /** By fingerprint: hosts whose host key it is. */
  readonly hostKeys: ReadonlyMap<string, readonly FleetHost[]>;
  /** Hosts whose keys are not all known. */
  readonly unread: readonly string[];
}

/** One walk over the fleet for all its hosts. */
const byFleet = rememberedByObject((_fleet: FleetIndex) => new Map<Policy, Map<number, KeyIndex>>());

export function keyIndex(fleet: FleetIndex, policy: Policy, now: Date): KeyIndex {
  const byPolicy = byFleet(fleet);
  const byClock = byPolicy.get(policy) ?? new Map<number, KeyIndex>();
  const index = byClock.get(now.getTime()) ?? build(fleet, policy, now);
  byPolicy.set(policy, byClock.set(now.getTime(), index));
  return index;
}

function build(fleet: FleetIndex, policy: Policy, now: Date): KeyIndex {
  const privateKeys = new Map<string, Map<string, Spread>>();
  const staticKeys = new Map<string, Map<string, Spread>>();
  const hostKeys = new Map<string, FleetHost[]>();
  for (const host of fleet.hosts) {
    for (const place of host.privateKeys) note(privateKeys, place, host.name);
    for (const place of host.staticKeys)
      if (!emergencyKeyAllows(policy, { ...place, host: host.name, now })) note(staticKeys, place, host.name);
    for (const key of host.hostKeys) {
      const known = hostKeys.get(key);
      if (known) known.push(host);
      else hostKeys.set(key, [host]);
    }
  }
  return {
    privateKeys,
    staticKeys,
    hostKeys,
    unread: fleet.hosts.filter(({ keysWhole }) => !keysWhole).map(({ name }) => name),
  };
}

function note(
  index: Map<string, Map<string, Spread>>,
  { account, fingerprint }: KeyPlace,
  host: string,
): void {
  const places = index.get(fingerprint) ?? new Map<string, Spread>();
  const spread = places.get(account) ?? { hosts: [], count: 0 };
  spread.count += 1;
  if (spread.hosts.length < MOST_HOSTS) spread.hosts.push(host);
  index.set(fingerprint, places.set(account, spread));
}
