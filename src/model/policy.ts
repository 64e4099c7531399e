/** Thresholds and accepted exceptions. */
import type { Actor } from './inventory.js';

export interface Policy {
  readonly emergencyKeys: readonly EmergencyKey[];
  readonly lifetimes: Lifetimes;
  /** Whether RevokedKeys must be set (`required`), or only be sound when set (`optional`). */
  readonly krl: 'required' | 'optional';
  /** The only value AuthorizedPrincipalsFile may have. Default: /etc/ssh/auth_principals/%u. */
  readonly authorizedPrincipalsFile: string;
  /** Whether a password is accepted as a second factor after a public key (`AuthenticationMethods publickey,password`). */
  readonly passwordAsSecondFactor: boolean;
  /** Programs agents and automations must go through (directive 4.1). Absolute paths. */
  readonly wrappers: readonly string[];
  /** How far back login logs are judged. Days. */
  readonly loginWindowDays: number;
  /** Section 6.2: needs that native tooling does not meet, declared by the organisation. */
  readonly requirements: SwitchRequirements;
  readonly waivers: readonly Waiver[];
  /** A waiver that ends later than this after the judging clock is not accepted. Days. */
  readonly waiverMaxDays: number;
  readonly attestations: readonly Attestation[];
  readonly guidance: GuidancePolicy;
  /** A regular expression that finds the ticket in a key ID; for the access report alone. */
  readonly ticketPattern?: string;
  /** Personal data the access report leaves out. */
  readonly accessOmit?: readonly ('addresses' | 'commands' | 'reasons')[];
  /** What the organisation says of algorithms of SSH, against the built-in rules of the guidance. Absent: nothing. */
  readonly algorithms?: AlgorithmPolicy;
}

/** Names or patterns with `*`. What is denied is denied, also where it is allowed. */
export interface AlgorithmPolicy {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}

/** A static key that may exist for break-glass (directive 4.3), and where. */
export interface EmergencyKey {
  readonly fingerprint: string;
  /** Host-name globs it may be installed on. Empty: every host. */
  readonly hosts: readonly string[];
  /** Accounts it may open. Empty: any account. */
  readonly accounts: readonly string[];
  /** ISO 8601 instant after which it is a violation again. */
  readonly expires?: string;
}

/** Limits in seconds. `fail` is the scorecard's limit, `warn` the upper end of section 2's typical range. */
export interface Lifetimes {
  readonly limits: Readonly<Record<Actor, { readonly fail: number; readonly warn: number }>>;
  /** Backdating that issuers add to "valid from" (ssh-keygen up to 119 s, Vault 30 s), forgiven. Seconds. */
  readonly tolerance: number;
  /** How many of the most recently issued certificates are judged. */
  readonly sample: number;
}

/** What the guidance is judged by; nothing of it touches the ten. */
export interface GuidancePolicy {
  /** Guidance counts for the exit code, as with `--strict-guidance`. */
  readonly strict: boolean;
  /** Account-name globs: accounts that need a shell though the inventory names no administrator for them. */
  readonly shellAccounts: readonly string[];
  /** Account-name globs: accounts that are for port forwarding alone. */
  readonly tunnelAccounts: readonly string[];
  /** Logins as root, and shells of root opened by people, a host may see in the login window. */
  readonly rootSessions: number;
  /** Sessions in which a person ran something as root, the same. */
  readonly privilegedSessions: number;
  /** The longest a session over SSH may last. Hours. */
  readonly sessionHours: number;
  /** The longest credentials of a cloud may live. Hours. */
  readonly cloudSessionHours: number;
}

export interface SwitchRequirements {
  readonly sso: boolean;
  readonly sessionRecording: boolean;
  readonly justInTimeApproval: boolean;
  readonly workloadIdentity: boolean;
  readonly centralPolicyEngine: boolean;
}

/** An accepted failure. Shown apart; never turns a fail into a pass, never counts towards 10/10. */
export interface Waiver {
  readonly check: string;
  /** Host-name globs. */
  readonly hosts: readonly string[];
  /** Finding subjects it covers, as globs. Empty: every finding of that check. */
  readonly subjects: readonly string[];
  readonly owner: string;
  readonly approver: string;
  /** Who asked for it, when that is somebody else than the owner. Never the approver. */
  readonly author?: string;
  readonly reason: string;
  /** ISO 8601 instant, UTC. */
  readonly expires: string;
}

/** What a person may attest. `mfa-at-issuance`, for the guidance: people get a certificate only after a second factor. */
export const ATTESTATION_KINDS = [
  'ca-custody',
  'wrapper-review',
  'break-glass-test',
  'sign-off',
  'quarterly-review',
  'mfa-at-issuance',
] as const;

/** A dated, signed-off, expiring statement by a person for what no machine can see. */
export interface Attestation {
  readonly kind: (typeof ATTESTATION_KINDS)[number];
  /** What it is about: a CA fingerprint, a path, a procedure. */
  readonly subject: string;
  readonly by: string;
  /** ISO 8601 instants, UTC. */
  readonly date: string;
  readonly expires: string;
  /** Where the record is: a ticket, a commit, a document. */
  readonly evidence: string;
  /** How it is signed: `ssh-keygen -Y` principal and key, or the state of its Git commit's signature. Absent: it is not. */
  readonly signature?: string;
}
