/** Hosts that need exactly the same are mended together. */
import type { Automatic, Group, HostPlan } from './types.js';

/** Sorted by name; hosts in the order given. */
export function groupsOf(hosts: readonly HostPlan[]): Group[] {
  const byPlan = new Map<string, { automatic: Automatic; hosts: string[] }>();
  for (const { host, automatic } of hosts) {
    if (!automatic) continue;
    const key = JSON.stringify(automatic);
    const group = byPlan.get(key) ?? { automatic, hosts: [] };
    group.hosts.push(host);
    byPlan.set(key, group);
  }
  const seen = new Map<string, number>();
  const named = [...byPlan.values()].map((group) => {
    const base = `scorecard_${group.automatic.causes.join('_').replaceAll('-', '_')}`;
    const count = (seen.get(base) ?? 0) + 1;
    seen.set(base, count);
    return { name: count === 1 ? base : `${base}_${count}`, ...group };
  });
  return named.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
