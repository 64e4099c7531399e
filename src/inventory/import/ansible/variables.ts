/**
 * Which variables a host has in the end. Source: Ansible's "Understanding variable precedence": variables of groups in
 * the inventory, then group_vars, then those of the host in the inventory, then host_vars; groups from `all` downwards.
 */
import type { Graph } from './graph.js';

/** Files beside the inventory: by group and by host. */
export interface BesideFiles {
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  readonly hosts: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
}

export interface HostVariables {
  readonly name: string;
  /** Sorted; without `all` and `ungrouped`. */
  readonly groups: readonly string[];
  readonly vars: ReadonlyMap<string, unknown>;
}

/** Hosts in the order of their names. */
export function hostVariables(graph: Graph, beside: BesideFiles): HostVariables[] {
  const parents = parentsOf(graph);
  const depths = depthsOf(graph, parents);
  const direct = new Map<string, string[]>();
  for (const [group, { hosts }] of graph.groups)
    for (const host of hosts) direct.set(host, [...(direct.get(host) ?? []), group]);
  const order = (a: string, b: string): number =>
    (depths.get(a) ?? 0) - (depths.get(b) ?? 0) ||
    priorityOf(graph, a) - priorityOf(graph, b) ||
    compare(a, b);
  // Hosts of the same groups have the same variables of groups.
  const shared = new Map<string, { groups: string[]; vars: ReadonlyMap<string, unknown> }>();
  return [...graph.hosts]
    .map(([name, own]) => {
      const key = (direct.get(name) ?? []).join('\n');
      let known = shared.get(key);
      if (!known) {
        const groups = [...above(direct.get(name) ?? [], parents)]
          .filter((group) => group !== 'all')
          .sort(order);
        const inherited = ['all', ...groups];
        const layers = [
          ...inherited.map((group) => graph.groups.get(group)?.vars),
          ...inherited.map((group) => beside.groups.get(group)),
        ];
        known = { groups, vars: merged(layers) };
        shared.set(key, known);
      }
      return {
        name,
        groups: known.groups.filter((group) => group !== 'ungrouped').sort(compare),
        vars: merged([known.vars, own, beside.hosts.get(name)]),
      };
    })
    .sort((a, b) => compare(a.name, b.name));
}

function merged(layers: readonly (ReadonlyMap<string, unknown> | undefined)[]): Map<string, unknown> {
  return new Map(layers.flatMap((layer) => [...(layer ?? [])]));
}

function parentsOf(graph: Graph): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const [name, { children }] of graph.groups)
    for (const child of children) parents.set(child, [...(parents.get(child) ?? []), name]);
  return parents;
}

/** The groups and everything above them; circles end where they close. */
function above(groups: readonly string[], parents: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const todo = [...groups];
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    todo.push(...(parents.get(next) ?? []));
  }
  return found;
}

/** The longest way down from `all`; a group in a circle counts no deeper than there are groups. */
function depthsOf(graph: Graph, parents: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const depths = new Map<string, number>();
  const depth = (group: string, trail: ReadonlySet<string>): number => {
    const known = depths.get(group);
    if (known !== undefined || group === 'all' || trail.has(group) || trail.size > 200) return known ?? 0;
    const up = (parents.get(group) ?? []).map((parent) => depth(parent, new Set([...trail, group])));
    const own = 1 + Math.max(0, ...up);
    depths.set(group, own);
    return own;
  };
  for (const group of graph.groups.keys()) depth(group, new Set());
  return depths;
}

function priorityOf(graph: Graph, group: string): number {
  const given = Number(graph.groups.get(group)?.vars.get('ansible_group_priority') ?? 1);
  return Number.isFinite(given) ? given : 1;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
