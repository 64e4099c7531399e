/**
 * The access report in little: who may log in, who did, why, what changed; bounded whatever the fleet, because every
 * host of a run adds to it and is forgotten. Every text may come from a host.
 */

export type DoorKind =
  'certificate' | 'static-key' | 'emergency-key' | 'other-ca' | 'password' | 'remote-agent' | 'other-server';

export type LoginMethod = 'certificate' | 'static-key' | 'emergency-key' | 'password' | 'other';

export type ApprovalState = 'approved' | 'outside' | 'self-approved' | 'not-approved' | 'not-asked';

/** `altered`: something is known to have changed. `read-only`: all was recorded and nothing alters. */
export type SessionEffect = 'altered' | 'read-only' | 'not-known';

/** What an account may do as root, from sudoers. */
export interface SudoRights {
  /** `all`: any command as root. `some`: those listed. `none`. `unknown`: sudoers was not read, or not whole. */
  readonly level: 'all' | 'some' | 'none' | 'unknown';
  readonly noPassword: boolean;
  /** Commands it may run, as sudoers names them; at most 20. */
  readonly commands: readonly string[];
  /** `/etc/sudoers.d/ops:1`. */
  readonly from: readonly string[];
}

/** The first rows of a list. `left`: how many of what the list counts are in no row. */
export interface Kept<T> {
  readonly rows: readonly T[];
  readonly left: number;
}

/** The first host names, sorted, and how many hosts there are. */
export interface SomeHosts {
  readonly names: readonly string[];
  readonly count: number;
}

/** Ways in that differ in nothing but their hosts. */
export interface DoorRow {
  readonly kind: DoorKind;
  readonly who: string;
  /** `*`: any account. */
  readonly account: string;
  readonly sudo: SudoRights;
  /** CA roles that sign for the principal, policies that may ask them. Null: the CA system was not asked. */
  readonly roles: readonly string[] | null;
  readonly policies: readonly string[] | null;
  /** Key IDs known to have held it; the first ones, sorted. */
  readonly holders: readonly string[];
  readonly note: string;
  readonly hosts: SomeHosts;
  /** Logins that used it; null: cannot be told on some host. */
  readonly uses: number | null;
}

/** Logins of one identity to one account by one method, on any host. */
export interface UseRow {
  readonly identity: string;
  readonly account: string;
  readonly method: LoginMethod;
  /** Whether the inventory, the policy or the CA's log knows the identity. */
  readonly known: boolean;
  readonly count: number;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
  /** Addresses, the first ones, sorted. */
  readonly from: readonly string[];
  readonly hosts: SomeHosts;
}

/** A login a reader must look at. */
export interface ExceptionRow {
  readonly at: string;
  readonly host: string;
  readonly account: string;
  readonly identity: string;
  readonly method: LoginMethod;
  readonly approval: ApprovalState;
  readonly breakGlass: boolean;
  readonly why: string;
  readonly ticket: string;
}

/** A session that altered its host. */
export interface AlteredRow {
  readonly at: string;
  readonly host: string;
  readonly account: string;
  readonly identity: string;
  readonly because: string;
  /** Commands that alter, the first ones. */
  readonly commands: readonly string[];
  readonly packages: readonly string[];
  /** Commands that are not shown. */
  readonly more: number;
}

/** A change with no single session to name. */
export interface LooseRow {
  readonly at: string;
  readonly host: string;
  readonly text: string;
  readonly because: string;
}

export type LoginCounts = Readonly<Record<LoginMethod, number>>;

/** Grants that were used, that no login used, and those of which it cannot be told. */
export interface GrantCounts {
  readonly used: number;
  readonly unused: number;
  readonly unknown: number;
}

/** Principals by hosts; of a larger fleet, by environments. */
export interface GrantMatrix {
  readonly by: 'host' | 'environment';
  /** Hosts of each column; with `host`, always 1. */
  readonly columns: readonly { readonly name: string; readonly hosts: number }[];
  /** Cells in the order of the columns; null: nothing there grants it. They count hosts. */
  readonly rows: readonly {
    readonly kind: DoorKind;
    /** The principal; empty for ways in that are no principal, which are one row a kind. */
    readonly who: string;
    readonly cells: readonly (GrantCounts | null)[];
  }[];
  readonly leftRows: number;
  readonly leftColumns: number;
}

export interface AccessDigest {
  /** ISO 8601. The window of each host ends when that host was read. */
  readonly window: { readonly from: string; readonly to: string };
  readonly pseudonymised: boolean;
  readonly hosts: {
    /** Hosts that told something. */
    readonly read: number;
    readonly total: number;
    /** Hosts whose log of logins covers the window without a gap. */
    readonly whole: number;
    readonly notWhole: SomeHosts;
    readonly auditing: { readonly on: number; readonly off: number; readonly unknown: number };
  };
  /** Counts ways in. */
  readonly may: Kept<DoorRow> & { readonly total: number };
  /** Ways in no login of the window used, on hosts whose log can tell. */
  readonly unused: Kept<DoorRow> & { readonly total: number };
  /** Counts logins. */
  readonly did: Kept<UseRow>;
  readonly logins: LoginCounts & { readonly untrusted: number };
  /** Logins of identities nobody knows. */
  readonly strangers: number;
  readonly why: Kept<ExceptionRow> & {
    readonly configured: boolean;
    /** Why it cannot be told, else empty. */
    readonly problem: string;
    /** Approvals in the window, and those that no login used. */
    readonly approvals: number;
    readonly unused: readonly string[];
    readonly states: Readonly<Record<ApprovalState, number>>;
    readonly breakGlass: number;
  };
  readonly changed: {
    readonly effects: Readonly<Record<SessionEffect, number>>;
    readonly sessions: Kept<AlteredRow>;
    readonly loose: Kept<LooseRow>;
    /** Hosts tagged `stateless` that were altered. */
    readonly reprovision: SomeHosts;
  };
  /** What could not be read, most hosts first. */
  readonly gaps: Kept<{ readonly text: string; readonly hosts: SomeHosts }>;
  readonly pictures: {
    /** Days of the window in UTC, oldest first, none left out; weeks where the window has more than 62 days. */
    readonly step: 'day' | 'week';
    readonly days: readonly { readonly day: string; readonly counts: LoginCounts }[];
    /** Logins by weekday (Monday first) and hour, UTC: 7 times 24. */
    readonly hours: readonly (readonly number[])[];
    readonly grants: GrantMatrix;
  };
}
