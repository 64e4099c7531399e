/** Principals by hosts, used and unused grants told apart; by environments where there are many hosts. */
import type { DoorKind, GrantCounts, GrantMatrix } from '../../model.js';
import type { Door } from '../types.js';
import { createGroups, order } from './bounded.js';
import { clip } from './clip.js';

/** Hosts that get a column each. */
const MOST_HOSTS = 40;
const MOST_ENVIRONMENTS = 12;
const MOST_ROWS = 40;
const MOST_GROUPS = 4000;

type State = keyof GrantCounts;
type Cells = Map<string, Record<State, number>>;

interface Row {
  readonly kind: DoorKind;
  readonly who: string;
  readonly byEnvironment: Cells;
  /** Null: there are too many hosts for it. */
  byHost: Cells | null;
  hosts: number;
}

export interface Grants {
  /** All ways into one host. @param whole its log of logins can tell what was not used. */
  add(
    host: { readonly name: string; readonly environment: string; readonly whole: boolean },
    doors: readonly Door[],
  ): void;
  value(): GrantMatrix;
}

export function createGrants(): Grants {
  const rows = createGroups<Row>(MOST_GROUPS);
  const environments = createGroups<{ readonly name: string; hosts: number }>(500);
  const names = new Set<string>();
  let hosts = 0;
  return {
    add({ name, environment, whole }, doors) {
      hosts += 1;
      if (names.size <= MOST_HOSTS) names.add(name);
      const column = environments.of(environment, () => ({ name: environment, hosts: 0 }));
      if (column) column.hosts += 1;
      for (const [key, { kind, who, state }] of statesOf(doors, whole)) {
        const row = rows.of(key, () => ({
          kind,
          who,
          byEnvironment: new Map(),
          byHost: new Map(),
          hosts: 0,
        }));
        if (!row) continue;
        row.hosts += 1;
        count(row.byEnvironment, environment, state);
        if (hosts > MOST_HOSTS) row.byHost = null;
        else if (row.byHost) count(row.byHost, name, state);
      }
    },
    value() {
      const by = hosts > MOST_HOSTS ? 'environment' : 'host';
      const columns =
        by === 'host'
          ? [...names].sort().map((name) => ({ name, hosts: 1 }))
          : environments.values().toSorted((a, b) => b.hosts - a.hosts || order(a.name, b.name));
      const shown = columns.slice(0, by === 'host' ? MOST_HOSTS : MOST_ENVIRONMENTS);
      const all = rows
        .values()
        .toSorted((a, b) => RANK[a.kind] - RANK[b.kind] || b.hosts - a.hosts || order(a.who, b.who));
      return {
        by,
        columns: shown.map(({ name, hosts: number }) => ({ name, hosts: number })),
        rows: all.slice(0, MOST_ROWS).map(({ kind, who, byEnvironment, byHost }) => ({
          kind,
          who,
          cells: shown.map(({ name }) => (by === 'host' ? byHost : byEnvironment)?.get(name) ?? null),
        })),
        leftRows: Math.max(0, all.length - MOST_ROWS),
        leftColumns: columns.length - shown.length,
      };
    },
  };
}

/** Principals are what the picture is about; what opens a host beside them comes first, because it should be little. */
const RANK: Readonly<Record<DoorKind, number>> = {
  password: 0,
  'other-ca': 1,
  'static-key': 2,
  'emergency-key': 3,
  'other-server': 4,
  'remote-agent': 5,
  certificate: 6,
};

interface Grant {
  readonly kind: DoorKind;
  readonly who: string;
  state: State;
}

/** One state a principal and host: it is used when any account of it is. */
function statesOf(doors: readonly Door[], whole: boolean): ReadonlyMap<string, Grant> {
  const grants = new Map<string, Grant>();
  for (const { kind, who, uses } of doors) {
    const name = kind === 'certificate' ? clip(who) : '';
    const key = JSON.stringify([RANK[kind], name]);
    const state: State = uses !== null && uses > 0 ? 'used' : uses === 0 && whole ? 'unused' : 'unknown';
    const known = grants.get(key);
    if (!known) grants.set(key, { kind, who: name, state });
    else if (WEIGHT[state] > WEIGHT[known.state]) known.state = state;
  }
  return grants;
}

const WEIGHT: Readonly<Record<State, number>> = { used: 2, unknown: 1, unused: 0 };

function count(cells: Cells, column: string, state: State): void {
  const cell = cells.get(column) ?? { used: 0, unused: 0, unknown: 0 };
  cell[state] += 1;
  cells.set(column, cell);
}
