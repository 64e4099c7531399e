/** Which keys are where, over all hosts of a run: as much of it as a finding tells. */
import { rememberedByObject } from '../../../src/memo.js';
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

/** The hosts that have one host key: how many there are at each address, and the first ones by name. */
export interface Copies {
  readonly count: number;
  /** Two names of one address are one host. */
  readonly atAddress: ReadonlyMap<string, number>;
  /** At least the first {@link FIRST} by name, also when those of any one address are left out. */
  readonly first: readonly FleetHost[];
}

/** Hosts with one host key that are told. */
export const FIRST = 5;

/** By account. */
export type Places = ReadonlyMap<string, Spread>;

export interface KeyIndex {
  /** By fingerprint: accounts whose private key it is. */
  readonly privateKeys: ReadonlyMap<string, Places>;
  /** By fingerprint: accounts it opens as a static key, those the policy allows it to open left out. */
  readonly staticKeys: ReadonlyMap<string, Places>;
  /** By fingerprint: hosts whose host key it is. */
  readonly hostKeys: ReadonlyMap<string, Copies>;
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
  const hostKeys = new Map<string, Growing>();
  for (const host of fleet.hosts) {
    for (const place of host.privateKeys) note(privateKeys, place, host.name);
    for (const place of host.staticKeys)
      if (!emergencyKeyAllows(policy, { ...place, host: host.name, now })) note(staticKeys, place, host.name);
    for (const key of host.hostKeys) noteHost(hostKeys, key, host);
  }
  return {
    privateKeys,
    staticKeys,
    hostKeys,
    unread: fleet.hosts.filter(({ keysWhole }) => !keysWhole).map(({ name }) => name),
  };
}

interface Growing extends Copies {
  count: number;
  readonly atAddress: Map<string, number>;
  readonly first: FleetHost[];
}

/** Hosts come by name. Of one address {@link FIRST} are enough, and twice as many of all: one address may be left out. */
function noteHost(index: Map<string, Growing>, key: string, host: FleetHost): void {
  const copies = index.get(key) ?? { count: 0, atAddress: new Map<string, number>(), first: [] };
  index.set(key, copies);
  copies.count += 1;
  const known = host.address === undefined ? 0 : (copies.atAddress.get(host.address) ?? 0);
  if (host.address !== undefined) copies.atAddress.set(host.address, known + 1);
  if (known < FIRST && copies.first.length < 2 * FIRST) copies.first.push(host);
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
