/** Sentences that every format of the access report uses. Host text in them is not escaped. */
import { needsALook } from '../../src/access/exceptions.js';
import type { AccessReport, Door, Method, Session, SudoRights, Use } from '../../src/access/types.js';
import { grouped } from '../../src/grouped.js';
import { plural } from '../../src/plural.js';

export const KINDS: Readonly<Record<Door['kind'], string>> = {
  certificate: 'certificate',
  'static-key': 'static key',
  'emergency-key': 'emergency key',
  'other-ca': 'other CA',
  password: 'password',
  'remote-agent': 'agent',
  'other-server': 'other server',
};

export const METHODS: Readonly<Record<Method, string>> = {
  certificate: 'certificate',
  'static-key': 'static key',
  'emergency-key': 'emergency key',
  password: 'password',
  other: 'other',
};

export function sudoText({ level, noPassword, commands }: SudoRights): string {
  if (level === 'unknown') return 'sudo not known';
  if (level === 'none') return 'no sudo';
  const free = noPassword ? ', no password' : '';
  return level === 'all'
    ? `root by sudo${free}`
    : `sudo ${commands.slice(0, 4).join(', ')}${commands.length > 4 ? ' …' : ''}${free}`;
}

/** Doors of many hosts that differ in nothing else. */
export interface DoorGroup {
  readonly door: Door;
  /** A CA that should not be trusted opens every account alike: they are one row. */
  readonly accounts: string;
  readonly hosts: readonly string[];
  /** Null: cannot be told on some host. */
  readonly uses: number | null;
}

export function groupDoors(doors: readonly Door[]): readonly DoorGroup[] {
  const groups = grouped(doors, (door) => {
    const whose = door.kind === 'other-ca' ? [] : [door.account, sudoText(door.sudo)];
    return JSON.stringify([door.kind, door.who, whose, door.note]);
  });
  return [...groups.values()].map((group) => {
    const uses = group.map((one) => one.uses);
    return {
      door: group[0],
      accounts: accountsText([...new Set(group.map(({ account }) => account))]),
      hosts: [...new Set(group.map(({ host }) => host))].sort(),
      uses: uses.includes(null) ? null : uses.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    };
  });
}

function accountsText(accounts: readonly string[]): string {
  if (accounts[0] === '*') return 'any account';
  const shown = accounts.slice(0, 6).join(', ');
  return accounts.length > 6 ? `${shown} and ${accounts.length - 6} more accounts` : shown;
}

export function doorText({ door, accounts }: Pick<DoorGroup, 'door' | 'accounts'>): string {
  const { kind, who, account, sudo, roles, policies, holders, note } = door;
  const signed =
    roles === null
      ? ''
      : roles.length === 0
        ? '; no role of the CA system signs it'
        : `; signed by ${roles.join(', ')}${policies && policies.length > 0 ? ` for holders of policy ${policies.join(', ')}` : ''}`;
  const held =
    holders.length > 0
      ? `; held by ${holders.slice(0, 8).join(', ')}${holders.length > 8 ? ` and ${holders.length - 8} more` : ''}`
      : '';
  const rights = kind === 'other-ca' || account === '*' ? '' : ` (${sudoText(sudo)})`;
  return `${KINDS[kind]} ${who} -> ${accounts}${rights}${signed}${held}${note === undefined ? '' : `; ${note}`}`;
}

export function usesText(uses: number | null): string {
  if (uses === null) return 'use not known';
  return uses === 0 ? 'not used' : `used ${plural(uses, 'time')}`;
}

/** Uses of many hosts by one identity, in one row. */
export interface UseGroup {
  readonly use: Use;
  readonly hosts: readonly string[];
  readonly count: number;
  readonly first: string;
  readonly last: string;
  readonly from: readonly string[];
}

export function groupUses(uses: readonly Use[]): readonly UseGroup[] {
  const groups = grouped(uses, (use) => JSON.stringify([use.identity, use.account, use.method, use.known]));
  return [...groups.values()].map((group) => ({
    use: group[0],
    hosts: [...new Set(group.map(({ host }) => host))].sort(),
    count: group.reduce((sum, one) => sum + one.count, 0),
    first: group.map((one) => one.first).sort()[0] ?? '',
    last:
      group
        .map((one) => one.last)
        .sort()
        .at(-1) ?? '',
    from: [...new Set(group.flatMap((one) => one.from))].sort(),
  }));
}

export function useText({ use, count, first, last, from }: UseGroup): string {
  const more = from.length > 6 ? ` and ${from.length - 6} more addresses` : '';
  return `${use.identity} as ${use.account} by ${METHODS[use.method]}: ${plural(count, 'time')}, ${first.slice(0, 16)}Z to ${last.slice(0, 16)}Z, from ${from.slice(0, 6).join(', ')}${more}`;
}

/** The share of logins by certificate, in whole percent rounded down; null without logins. */
export function certificateShare({ shares }: AccessReport): number | null {
  const all = allLogins(shares);
  return all === 0 ? null : Math.floor((shares.certificate * 100) / all);
}

export function allLogins(shares: AccessReport['shares']): number {
  return Object.values(shares).reduce((sum, one) => sum + one, 0) - shares.untrusted;
}

export const APPROVALS: Readonly<Record<Session['approval'], string>> = {
  approved: 'approved',
  outside: 'outside its approval',
  'self-approved': 'self-approved',
  'not-approved': 'without approval',
  'not-asked': 'not asked',
};

/** What a reader must look at: break-glass use, and logins nobody else let in. */
export function exceptions({ sessions }: AccessReport): readonly Session[] {
  return sessions.filter(needsALook);
}

export function sessionText({ identity, account, host, at, method }: Session): string {
  return `${at} ${identity} as ${account} on ${host} by ${METHODS[method]}`;
}

/** Where nothing was recorded, nothing is said about changes. */
export function auditingText({ hosts }: AccessReport): string {
  const on = hosts.filter(({ auditing }) => auditing === 'on').length;
  const dark = hosts.length - on;
  if (dark === 0) return `auditing is on on all ${hosts.length} hosts`;
  return `auditing is off or not known on ${dark} of ${hosts.length} hosts: what sessions did there beyond sudo and packages cannot be known`;
}
