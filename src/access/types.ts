/** The access report: who may, who did, why, what changed. Shapes only; every text may come from a host. */
import type { Actor, ApprovalState, DoorKind, LoginMethod, SessionEffect, SudoRights } from '../model.js';

export type { ApprovalState, SudoRights } from '../model.js';
export type Method = LoginMethod;

/** One way into one account of one host. */
export interface Door {
  readonly host: string;
  readonly kind: DoorKind;
  /** The principal, the key's or CA's fingerprint, the program, or `anybody with the password`. */
  readonly who: string;
  /** `*` for any account. */
  readonly account: string;
  readonly actor: Actor | null;
  readonly sudo: SudoRights;
  /** `path:line`; empty where there is none. */
  readonly at: string;
  /** CA roles that sign for the principal, and policies that may ask them. Null: the CA system was not asked. */
  readonly roles: readonly string[] | null;
  readonly policies: readonly string[] | null;
  /** Key IDs the CA's log or logins connect with it. Sorted. */
  readonly holders: readonly string[];
  /** Logins in the window that used it; null: cannot be told. */
  readonly uses: number | null;
  readonly note?: string;
  /** Of a remote agent: it runs. */
  readonly running?: boolean;
}

/** Logins of one identity to one account of one host by one method. */
export interface Use {
  readonly host: string;
  readonly account: string;
  readonly method: Method;
  /** Key ID, else the key's fingerprint, else the account. */
  readonly identity: string;
  readonly actor: Actor | null;
  /** ISO 8601. */
  readonly first: string;
  readonly last: string;
  readonly count: number;
  readonly from: readonly string[];
  readonly principals: readonly string[];
  /** Whether the inventory, the policy or the CA's log knows it. */
  readonly known: boolean;
  /** A login text nothing vouches for. */
  readonly trusted: boolean;
}

export interface RunCommand {
  readonly at: string;
  readonly text: string;
  readonly as: string;
  readonly by: 'audit' | 'sudo';
  readonly alters: readonly Effect[];
  /** sudo's reason; it did not run. */
  readonly refused?: string;
}

export type Effect = 'packages' | 'services' | 'users' | 'files' | 'mounts' | 'network' | 'kernel' | 'time';

/** One login and what is known to have followed from it. */
export interface Session {
  readonly host: string;
  readonly account: string;
  readonly identity: string;
  readonly actor: Actor | null;
  readonly method: Method;
  readonly from: string;
  readonly at: string;
  /** Null: still open, or not told. */
  readonly until: string | null;
  readonly approval: ApprovalState;
  /** The approval, or why there is none; the ticket in the key ID. */
  readonly why: string;
  readonly ticket: string;
  readonly commands: readonly RunCommand[];
  /** Commands beyond those shown. */
  readonly moreCommands: number;
  readonly packages: readonly string[];
  /** `read-only`: audit recorded every program it ran, and none of them alters the system. */
  readonly effect: SessionEffect;
  readonly because: string;
  readonly breakGlass: boolean;
}

/** What changed with no single session to name. */
export interface LooseChange {
  readonly host: string;
  readonly at: string;
  readonly text: string;
  /** Why it belongs to no session. */
  readonly because: string;
}

interface HostAccessState {
  readonly name: string;
  readonly environment: string;
  readonly stateless: boolean;
  readonly reached: boolean;
  /** ISO 8601; null: not known. Where logins are known from and to. */
  readonly coversFrom: string | null;
  readonly coversTo: string | null;
  /** The log of logins covers the window without a gap. */
  readonly whole: boolean;
  readonly loginSource: string;
  readonly auditing: 'on' | 'off' | 'unknown';
  readonly auditingBecause: string;
  readonly altered: number;
  readonly notKnown: number;
  /** What this report does not know about the host. */
  readonly gaps: readonly string[];
}

export interface AccessReport {
  readonly schema: 1;
  readonly run: string;
  /** ISO 8601. */
  readonly window: { readonly from: string; readonly to: string };
  readonly question: { readonly as?: string; readonly to?: string; readonly without?: string };
  readonly pseudonymised: boolean;
  readonly hosts: readonly HostAccessState[];
  readonly doors: readonly Door[];
  readonly uses: readonly Use[];
  readonly sessions: readonly Session[];
  readonly loose: readonly LooseChange[];
  /** Logins in the window by method; lines nothing vouches for apart. */
  readonly shares: Readonly<Record<Method, number>> & { readonly untrusted: number };
  /** Doors no login used, on hosts whose log covers the whole window. */
  readonly unused: readonly Door[];
  /** Identities seen that neither inventory, policy nor CA log knows. */
  readonly strangers: readonly Use[];
  readonly approvals: {
    readonly configured: boolean;
    /** Why it cannot be told, else empty. */
    readonly problem: string;
    readonly total: number;
    /** Approved, in the window, and no login used them. */
    readonly unused: readonly string[];
  };
  /** With `without`: doors that would close, and accounts nobody could enter any more. */
  readonly lost?: {
    readonly doors: readonly Door[];
    readonly closedAccounts: readonly { readonly host: string; readonly account: string }[];
    readonly logins: number;
  };
  /** Hosts tagged `stateless` that were altered. */
  readonly reprovision: readonly string[];
  readonly warnings: readonly string[];
}

/** What one host tells. */
export interface HostPart {
  readonly state: HostAccessState;
  readonly doors: readonly Door[];
  readonly uses: readonly Use[];
  readonly sessions: readonly Session[];
  readonly loose: readonly LooseChange[];
  /** Lines in sshd's name that nothing vouches for. */
  readonly untrusted: number;
  /** Doors no login used, when the log can tell. */
  readonly unused: readonly Door[];
  /** IDs of approvals that logins used. */
  readonly approvalsUsed: readonly string[];
  /** For `without`: principals of each login's certificate. */
  readonly principalLogins: readonly (readonly string[])[];
}
