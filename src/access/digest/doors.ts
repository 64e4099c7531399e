/** Ways in of many hosts, those that differ in nothing but the host as one row. */
import type { DoorRow, Kept } from '../../model.js';
import type { Door } from '../types.js';
import { createFirst, createGroups, createHostSet, order, type First, type HostSet } from './bounded.js';
import { clip } from './clip.js';

const MOST_GROUPS = 4000;
const MOST_ROWS = 60;
const MOST_HOLDERS = 12;
const MOST_SIGNERS = 12;

interface Group {
  readonly row: Omit<DoorRow, 'hosts' | 'uses' | 'holders'>;
  readonly holders: Set<string>;
  readonly hosts: HostSet;
  uses: number | null;
  doors: number;
}

export interface DoorGroups {
  /** All ways into one host. */
  add(host: string, doors: readonly Door[]): void;
  value(): Kept<DoorRow> & { readonly total: number };
}

/** Rows: what should not be there first, then by hosts. `left` counts ways in. */
export function createDoorGroups(): DoorGroups {
  const groups = createGroups<Group>(MOST_GROUPS);
  let total = 0;
  return {
    add(host, doors) {
      total += doors.length;
      const here = new Set<Group>();
      for (const door of doors) {
        const group = groups.of(keyOf(door), () => groupOf(door));
        if (!group) continue;
        group.doors += 1;
        group.uses = group.uses === null || door.uses === null ? null : group.uses + door.uses;
        addHolders(group.holders, door.holders);
        if (!here.has(group)) group.hosts.add(host);
        here.add(group);
      }
    },
    value() {
      const first: First<{ readonly row: DoorRow; readonly doors: number }> = createFirst(
        MOST_ROWS,
        (a, b) =>
          RANK.indexOf(a.row.kind) - RANK.indexOf(b.row.kind) ||
          b.row.hosts.count - a.row.hosts.count ||
          order(a.row.who, b.row.who) ||
          order(a.row.account, b.row.account) ||
          order(a.row.note, b.row.note) ||
          order(JSON.stringify(a.row), JSON.stringify(b.row)),
      );
      for (const { row, hosts, uses, doors, holders } of groups.values())
        first.add({
          doors,
          row: {
            ...row,
            holders: [...holders].sort().slice(0, MOST_HOLDERS),
            hosts: hosts.value(),
            uses,
          },
        });
      const shown = first.values();
      const told = shown.reduce((sum, { doors }) => sum + doors, 0);
      return { rows: shown.map(({ row }) => row), left: total - told, total };
    },
  };
}

/** What should not be there comes first: it is what must not fall off the end of the list. */
const RANK: readonly DoorRow['kind'][] = [
  'password',
  'other-ca',
  'static-key',
  'emergency-key',
  'other-server',
  'remote-agent',
  'certificate',
];

function keyOf({ kind, who, account, sudo, note }: Door): string {
  const whose = kind === 'other-ca' ? '' : [account, sudo.level, sudo.noPassword, sudo.commands];
  return JSON.stringify([RANK.indexOf(kind), kind, who, whose, note ?? '']);
}

function groupOf({ kind, who, account, sudo, roles, policies, note }: Door): Group {
  return {
    row: {
      kind,
      who: clip(who),
      // A CA that should not be trusted opens every account alike.
      account: kind === 'other-ca' ? '*' : clip(account),
      sudo: { ...sudo, commands: sudo.commands.slice(0, 4).map(clip), from: [] },
      roles: roles && roles.slice(0, MOST_SIGNERS).map(clip),
      policies: policies && policies.slice(0, MOST_SIGNERS).map(clip),
      note: clip(note ?? ''),
    },
    holders: new Set(),
    hosts: createHostSet(),
    uses: 0,
    doors: 0,
  };
}

/** The first ones by name, whatever the order hosts came in. */
function addHolders(known: Set<string>, more: readonly string[]): void {
  for (const name of more) known.add(clip(name));
  if (known.size <= 4 * MOST_HOLDERS) return;
  for (const name of [...known].sort().slice(MOST_HOLDERS)) known.delete(name);
}
