/** An Ansible inventory as it is written: groups, their hosts, children and variables. */

/** Stands for a value that is encrypted with ansible-vault: known to be there, and not what it is. */
export const ENCRYPTED: unique symbol = Symbol('encrypted with ansible-vault');

export type Variables = Readonly<Record<string, unknown>>;

export interface Group {
  readonly hosts: Set<string>;
  readonly children: Set<string>;
  readonly vars: Map<string, unknown>;
}

export interface Graph {
  readonly groups: Map<string, Group>;
  /** Variables written beside the host, in any of its groups. */
  readonly hosts: Map<string, Map<string, unknown>>;
  /** One sentence each, for what was seen and is not understood. */
  readonly notes: string[];
}

export const MOST_HOSTS = 100_000;

export function createGraph(): Graph {
  return { groups: new Map(), hosts: new Map(), notes: [] };
}

export function groupOf(graph: Graph, name: string): Group {
  const known = graph.groups.get(name);
  if (known) return known;
  const group: Group = { hosts: new Set(), children: new Set(), vars: new Map() };
  graph.groups.set(name, group);
  return group;
}

/** A port behind the name counts only where the host is named first, as Ansible has it. */
export function addHost(graph: Graph, group: string, name: string, vars: Variables, port?: number): void {
  groupOf(graph, group).hosts.add(name);
  const known =
    graph.hosts.get(name) ?? new Map<string, unknown>(port === undefined ? [] : [['ansible_port', port]]);
  for (const [key, value] of Object.entries(vars)) known.set(key, value);
  graph.hosts.set(name, known);
}
