/**
 * The nouns of ssh-scorecard. No Node types here: checks and reports compile against this file alone.
 *
 * The life of one host's data:
 *   inventory entry -> transport runs the collector once -> Evidence (raw, saved)
 *   -> facts (typed Readings) -> checks (pure) -> Outcomes -> closure -> FleetReport -> reports.
 */
import type { FleetFacts, HostFacts } from './facts/types.js';

// ---------------------------------------------------------------------------------------------
// Who and where

/** The directive's three actor types (section 2): administrators, LLM agents, automations. */
export type Actor = 'adm' | 'agt' | 'atm';
export const ACTORS: readonly Actor[] = ['adm', 'agt', 'atm'];

export type TransportName = 'ssh';

/** Line and column of an inventory entry, so that a finding can point at it. Both count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One inventory entry with all defaults applied. `name` is the join key everywhere. */
export interface Host {
  readonly name: string;
  /** Host name or IP address to connect to, before ssh_config is asked. */
  readonly address: string;
  /** Absent means: ssh_config decides, else 22. */
  readonly port?: number;
  /** Absent means: ssh_config decides, else the local user name. */
  readonly user?: string;
  readonly transport: TransportName;
  /** How root is reached after login. `none` is for logins that are root already. */
  readonly become: 'sudo' | 'none';
  readonly environment?: string;
  readonly tags: readonly string[];
  /** Bastions to go through, nearest first. Each is the name of an inventory host or `[user@]host[:port]`. */
  readonly jump: readonly string[];
  /** Pinned host keys: `SHA256:…` fingerprints or `ssh-ed25519 AAAA…` public keys. Empty means known_hosts. */
  readonly hostKeys: readonly string[];
  readonly identityFile?: string;
  readonly certificateFile?: string;
  /** Section 4.1 of the directive: roles this host accepts, by actor type. */
  readonly allowedPrincipals: Readonly<Record<Actor, readonly string[]>>;
  /** The exact map account -> principals; when present it decides alone. */
  readonly principals?: Readonly<Record<string, readonly string[]>>;
  /** Which accounts each actor type logs in to; absent means union mode. */
  readonly accounts?: Readonly<Record<Actor, readonly string[]>>;
  readonly at: SourceLocation;
}

/** What the inventory says must be true on one host: the checks' side of a comparison. */
export interface Expectations {
  readonly host: string;
  readonly environment?: string;
  readonly tags: readonly string[];
  readonly allowedPrincipals: Host['allowedPrincipals'];
  readonly principals?: Host['principals'];
  readonly accounts?: Host['accounts'];
  readonly ca: CaExpectation;
}

export interface CaExpectation {
  /** The only file TrustedUserCAKeys may name. Default: /etc/ssh/ca/ca_user.pub (directive 3.2). */
  readonly trustedUserCaKeys: string;
  /** `SHA256:…` of every CA key that must be in it. Empty: the inventory does not say, so equality cannot be proven. */
  readonly fingerprints: readonly string[];
}

// ---------------------------------------------------------------------------------------------
// Policy: thresholds and accepted exceptions

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
  readonly reason: string;
  /** ISO 8601 instant, UTC. */
  readonly expires: string;
}

// ---------------------------------------------------------------------------------------------
// Evidence: raw, complete, saved; never fetched again in order to judge

/** Why a host could not be gathered. Stable codes, documented in docs/reason-codes.md. */
export type FailureCode =
  | 'dns' | 'connect-refused' | 'connect-timeout' | 'network-unreachable' | 'connection-reset'
  | 'closed-before-login' | 'handshake-timeout' | 'handshake-failed'
  | 'host-key-unknown' | 'host-key-mismatch' | 'host-key-revoked' | 'host-certificate-invalid'
  | 'login-refused' | 'login-timeout' | 'certificate-expired' | 'certificate-not-yet-valid'
  | 'identity-unusable' | 'identity-encrypted' | 'agent-unavailable' | 'agent-empty'
  | 'jump-failed' | 'exec-refused' | 'first-byte-timeout' | 'idle-timeout' | 'total-timeout'
  | 'too-much-output' | 'connection-lost' | 'killed-by-signal'
  | 'sudo-password' | 'sudo-tty' | 'sudo-not-allowed' | 'sudo-missing' | 'sudo-failed'
  | 'no-shell' | 'no-frames' | 'output-cut' | 'output-corrupt'
  | 'local-resources' | 'cancelled' | 'internal';

export type Phase = 'resolve' | 'connect' | 'handshake' | 'login' | 'exec' | 'run' | 'parse';

export interface GatherFailure {
  readonly code: FailureCode;
  readonly phase: Phase;
  /** One sentence for a person. May hold host text: escape at the edge. */
  readonly detail: string;
  readonly hint?: string;
  /** How many attempts were made, the failing one included. */
  readonly attempts?: number;
}

/** How the host was reached, and the proof that it was the right one. */
export interface ConnectionRecord {
  readonly transport: TransportName;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** Hosts passed on the way, nearest first, as `user@host:port`. */
  readonly route: readonly string[];
  readonly hostKey?: {
    readonly type: string;
    readonly fingerprint: string;
    /** What vouched for it: `known_hosts FILE:LINE`, `inventory`, or `@cert-authority FILE:LINE`. */
    readonly verifiedBy: string;
  };
  /** e.g. `publickey certificate SHA256:… ID "atm-scorecard" (serial 7)`. */
  readonly authenticatedBy?: string;
  readonly serverVersion?: string;
  /** Milliseconds from the start of the attempt to: connect, handshake, login, end of output. */
  readonly timings?: Readonly<Record<string, number>>;
}

/** What one probe printed. Bytes that are valid UTF-8 are kept as text, others as base64. */
export interface ProbeOutput {
  readonly rc: number;
  readonly stdout: string;
  readonly stdoutEncoding: 'utf8' | 'base64';
  readonly stderr: string;
  /** How many bytes the probe wrote, at least; more than kept when `cut`. */
  readonly bytes: number;
  readonly cut: boolean;
  /** The probe ran into its time limit. */
  readonly timedOut: boolean;
  /** SHA-256 of the kept stdout bytes, hex, computed by the auditor. */
  readonly sha256: string;
}

/** Everything one host said, as it said it. */
export interface HostEvidence {
  readonly schema: 1;
  readonly host: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly connection?: ConnectionRecord;
  /** Set when the host could not be gathered completely; probes that did arrive are kept. */
  readonly failure?: GatherFailure;
  readonly collector?: { readonly protocol: number; readonly uid: number; readonly clock: number; readonly shell: string };
  readonly probes: Readonly<Record<string, ProbeOutput>>;
}

// ---------------------------------------------------------------------------------------------
// Facts: typed values parsed from evidence

export type UnreadableReason = 'missing-tool' | 'denied' | 'failed' | 'truncated' | 'not-collected' | 'not-configured';

/**
 * A fact: the whole value with what is known to be missing from it, or why it could not be read.
 * A gap turns a would-be pass into unknown and leaves a fail standing.
 */
export type Reading<T> =
  | { readonly ok: true; readonly value: T; readonly gaps: readonly string[] }
  | { readonly ok: false; readonly reason: UnreadableReason; readonly detail: string };

// ---------------------------------------------------------------------------------------------
// Checks and outcomes

export type CheckId =
  | 'ca-trust' | 'no-static-keys' | 'principals' | 'certificate-lifetime' | 'password-auth'
  | 'root-login' | 'actor-wrapper' | 'audit-logging' | 'ca-security' | 'bootstrap-complete';

export type Severity = 'critical' | 'high' | 'medium' | 'low';
export type Framework = 'NIST 800-53 r5' | 'ISO 27001:2022' | 'CIS Controls v8' | 'SOC 2';

/** Points from an outcome back into the evidence. */
export interface EvidenceRef {
  /** Probe or source name. */
  readonly probe: string;
  /** File on the host, account, process, URL: whatever the text was read from. */
  readonly path?: string;
  /** Line in `path`, from 1. */
  readonly line?: number;
  /** The decisive text, at most 300 characters. Host text: escape at the edge. */
  readonly excerpt?: string;
}

export interface Finding {
  /** What is wrong, named: `account alice`, `/etc/ssh/sshd_config:12`, `SHA256:…`. Stable between runs. */
  readonly subject: string;
  /** A full sentence: what was found and what an attacker gains. */
  readonly message: string;
  readonly evidence: readonly EvidenceRef[];
  readonly at?: { readonly path: string; readonly line?: number };
  /** The exact remedy for this finding. */
  readonly remediation?: string;
}

export type UnknownReason =
  | UnreadableReason | 'unreachable' | 'missing-source' | 'no-evidence' | 'disagreement' | 'unsupported' | 'check-crashed';

export type Outcome =
  | { readonly status: 'pass'; readonly because: string; readonly evidence: readonly EvidenceRef[]; readonly notes?: readonly string[] }
  | { readonly status: 'fail'; readonly findings: readonly [Finding, ...Finding[]]; readonly notes?: readonly string[] }
  | {
      readonly status: 'unknown';
      readonly reason: UnknownReason;
      readonly detail: string;
      /** Everything else that is missing, one sentence each. */
      readonly missing?: readonly string[];
      readonly evidence?: readonly EvidenceRef[];
      readonly notes?: readonly string[];
    };

export interface CheckMeta<H extends keyof HostFacts = keyof HostFacts, F extends keyof FleetFacts = keyof FleetFacts> {
  /** 1 to 10 for the scorecard; plug-ins have none. */
  readonly number?: number;
  /** Equal to the file name; a noun. */
  readonly id: string;
  /** States the good condition. */
  readonly title: string;
  /** The scorecard's own category name (directive section 5). */
  readonly category: string;
  /** Section of the directive that asks for it. */
  readonly directive: string;
  /** What an attacker gains when it fails. */
  readonly why: string;
  /** How to mend it, generally. */
  readonly fix: string;
  /** What is looked at, one item each. */
  readonly looksAt: readonly string[];
  /** What a pass does not prove. */
  readonly limits: readonly string[];
  readonly severity: Severity;
  /** The only facts `evaluate` will receive. */
  readonly needs: { readonly host: readonly H[]; readonly fleet: readonly F[] };
  readonly controls: Readonly<Partial<Record<Framework, readonly string[]>>>;
}

export interface CheckInput<H extends keyof HostFacts = keyof HostFacts, F extends keyof FleetFacts = keyof FleetFacts> {
  readonly host: Pick<HostFacts, H>;
  readonly fleet: Pick<FleetFacts, F>;
  readonly expected: Expectations;
  readonly policy: Policy;
  readonly now: Date;
}

/** One scorecard item, or a plug-in's: metadata and a pure function. It need not catch: a throw becomes `unknown`. */
export interface Check<H extends keyof HostFacts = keyof HostFacts, F extends keyof FleetFacts = keyof FleetFacts> {
  readonly meta: CheckMeta<H, F>;
  evaluate(input: CheckInput<H, F>): Outcome;
}

/** A check whose needs are forgotten, as lists hold them. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- Check is contravariant in its needs; a list has to forget them
export type AnyCheck = Check<any, any>;

// ---------------------------------------------------------------------------------------------
// The report: one frozen value from which every format is made

export interface AppliedWaiver extends Waiver {
  readonly expired: boolean;
}

export interface CheckResult {
  readonly id: string;
  /** Absent for plug-ins. */
  readonly number?: number;
  readonly outcome: Outcome;
  /** Present when an unexpired waiver covers every finding. The outcome stays `fail`. */
  readonly waiver?: AppliedWaiver;
}

export interface HostReport {
  readonly name: string;
  readonly environment?: string;
  readonly tags: readonly string[];
  readonly at: SourceLocation;
  readonly connection?: ConnectionRecord;
  readonly failure?: GatherFailure;
  readonly collectedAt?: string;
  /** SHA-256 over the host's evidence, hex. */
  readonly evidenceSha256?: string;
  /** Passes among the ten. */
  readonly score: number;
  /** The selected ones of the ten, in order. */
  readonly results: readonly CheckResult[];
  /** Plug-in checks: shown, never scored. */
  readonly extra: readonly CheckResult[];
}

export type ConditionState = 'met' | 'not-met' | 'unproven';

/** One condition of section 6.1, or the sign-off. */
export interface Condition {
  readonly id: string;
  readonly title: string;
  readonly state: ConditionState;
  readonly because: string;
  /** What to provide so that it can be proven. */
  readonly provide?: string;
}

/** One trigger of section 6.2. `fired` null: nothing here can tell. */
export interface SwitchTrigger {
  readonly id: string;
  readonly title: string;
  readonly fired: boolean | null;
  readonly because: string;
}

export interface Closure {
  readonly verdict: 'closed' | 'open' | 'unproven';
  readonly because: string;
  readonly conditions: readonly Condition[];
  readonly triggers: readonly SwitchTrigger[];
  /** Set when a trigger fired: what section 6.2 recommends, in its order. */
  readonly recommended: readonly string[];
}

export interface RunInfo {
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The clock everything was judged at. ISO 8601. */
  readonly now: string;
  readonly inventory: { readonly path: string; readonly sha256: string; readonly hosts: number };
  /** What was left out on purpose; empty strings never appear. */
  readonly selection: {
    readonly hosts: readonly string[];
    readonly tags: readonly string[];
    readonly environments: readonly string[];
    readonly checks: readonly string[];
    readonly skippedChecks: readonly string[];
  };
  /** True when the run was interrupted before every host was asked. */
  readonly partial: boolean;
}

export interface Totals {
  readonly hosts: number;
  readonly reached: number;
  /** Hosts with ten passes of ten. */
  readonly complete: number;
  readonly pass: number;
  readonly fail: number;
  readonly unknown: number;
  readonly waived: number;
}

export interface FleetReport {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: 'ssh-scorecard'; readonly version: string };
  readonly run: RunInfo;
  /** Metadata of every check that ran: the ten that were selected, then plug-ins. */
  readonly checks: readonly CheckMeta[];
  readonly hosts: readonly HostReport[];
  readonly totals: Totals;
  readonly closure: Closure;
  /** Things the reader must know: expired waivers, skipped plug-ins, partial runs. */
  readonly warnings: readonly string[];
}

/** A format: a report in, text out. Never prints, never reads the clock. */
export interface Report {
  readonly id: string;
  readonly title: string;
  readonly mediaType: string;
  render(report: FleetReport, options: RenderOptions): string;
}

export interface RenderOptions {
  /** 0 no colour … 3 true colour. */
  readonly color: 0 | 1 | 2 | 3;
  /** Columns available. */
  readonly width: number;
  /** Draw with ASCII only. */
  readonly ascii: boolean;
  /** Show passes and evidence too. */
  readonly verbose: boolean;
}
