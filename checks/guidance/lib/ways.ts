/** Where the ways a run took lead, over all its hosts. */
import { rememberedByObject } from '../../../src/memo.js';
import type { FleetHost, FleetIndex, FleetWay } from '../../../src/facts/types.js';
import { isProduction } from '../../../src/inventory/environments.js';

/** Where one way leads. */
export interface Side {
  readonly production: string[];
  readonly other: string[];
  /** Hosts of no environment: either. */
  readonly unplaced: string[];
}

interface Ways {
  readonly byKey: ReadonlyMap<string, Side>;
  /** Hosts of which no way is known. */
  readonly untold: readonly FleetHost[];
}

/** One walk over the fleet for all its hosts. */
export const waysOf = rememberedByObject((fleet: FleetIndex): Ways => {
  const byKey = new Map<string, Side>();
  for (const host of fleet.hosts)
    for (const way of host.ways ?? []) {
      const side = byKey.get(keyOf(way)) ?? { production: [], other: [], unplaced: [] };
      byKey.set(keyOf(way), side);
      sideOf(host, side).push(host.name);
    }
  return { byKey, untold: fleet.hosts.filter(({ ways }) => ways === undefined) };
});

/** Whether the one may be on the other side of production than the other. */
export function mayDiffer({ environment: one }: FleetHost, { environment: other }: FleetHost): boolean {
  return one === undefined || other === undefined || isProduction(one) !== isProduction(other);
}

function sideOf({ environment }: FleetHost, { production, other, unplaced }: Side): string[] {
  if (environment === undefined) return unplaced;
  return isProduction(environment) ? production : other;
}

export function keyOf({ kind, key }: FleetWay): string {
  return `${kind} ${key}`;
}
