/** The report: one frozen value from which every format is made. */
import type { AccessDigest } from './access.js';
import type { CheckMeta, Outcome } from './check.js';
import type { Closure, Totals } from './closure.js';
import type { ConnectionRecord, GatherFailure } from './evidence.js';
import type { SourceLocation } from './inventory.js';
import type { Attestation, Waiver } from './policy.js';
import type { Changes, HistoryPoint, HostAccess } from './standing.js';

export interface AppliedWaiver extends Waiver {
  readonly expired: boolean;
}

/** How one waiver of the policy fared in this run. */
export interface WaiverUse extends Waiver {
  /**
   * `too-long`: it ends later than the policy allows, and was not accepted. `unused`: nothing it covers failed.
   * `not-judged`: its check, or some of its hosts, were not judged, so nothing can be said.
   */
  readonly state: 'applied' | 'unused' | 'not-judged' | 'expired' | 'too-long';
  /** Hosts where it covered a failure, or would have. Sorted. */
  readonly appliedTo: readonly string[];
}

export interface AttestationUse extends Attestation {
  readonly state: 'in-force' | 'expired' | 'not-yet';
}

export interface CheckResult {
  readonly id: string;
  /** Absent for plug-ins and guidance. */
  readonly number?: number;
  readonly outcome: Outcome;
  /** Present when a waiver covers every finding; an expired one changes nothing. The outcome stays `fail`. */
  readonly waiver?: AppliedWaiver;
  /** ISO 8601: since which run it has had this status, when earlier runs are known. */
  readonly since?: string;
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
  /** Guidance: shown apart, never scored, never in closure. Empty when it was left out. */
  readonly guidance: readonly CheckResult[];
  /** Absent when the host's keys and principals could not be read. */
  readonly access?: HostAccess;
}

export interface RunInfo {
  readonly id: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The clock everything was judged at. ISO 8601. */
  readonly now: string;
  readonly inventory: {
    readonly path: string;
    readonly sha256: string;
    readonly hosts: number;
    /** Git commit the file was read at, when it is tracked; `+` at the end: with local changes. */
    readonly commit?: string;
  };
  /** SHA-256 of the policy file, when the policy is not in the inventory. */
  readonly policySha256?: string;
  /** What was left out on purpose; empty strings never appear. */
  readonly selection: {
    readonly hosts: readonly string[];
    readonly tags: readonly string[];
    readonly environments: readonly string[];
    readonly checks: readonly string[];
    readonly skippedChecks: readonly string[];
    /** Set when the guidance was left out. */
    readonly noGuidance?: true;
  };
  /** True when the run was interrupted before every host was asked. */
  readonly partial: boolean;
  /** Which part of the fleet this run gathered. */
  readonly shard?: { readonly index: number; readonly of: number };
  /** The run before it in the same folder, and the SHA-256 of its manifest. */
  readonly previous?: { readonly id: string; readonly manifestSha256: string };
}

export interface FleetReport {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: 'ssh-scorecard'; readonly version: string };
  readonly run: RunInfo;
  /** Metadata of every check that ran: the ten that were selected, then plug-ins, then guidance. */
  readonly checks: readonly CheckMeta[];
  readonly hosts: readonly HostReport[];
  readonly totals: Totals;
  readonly closure: Closure;
  /** Every waiver and attestation of the policy, and what came of it. */
  readonly waivers: readonly WaiverUse[];
  readonly attestations: readonly AttestationUse[];
  /** Against the run it was compared with. */
  readonly changes?: Changes;
  /** Earlier runs, oldest first, this one last. Empty when none are known. */
  readonly history: readonly HistoryPoint[];
  /** Who may log in, who did, why, what changed. Absent when no host was asked for it. Never judged. */
  readonly access?: AccessDigest;
  /** Things the reader must know: expired waivers, skipped plug-ins, partial runs. */
  readonly warnings: readonly string[];
}

/** A format: a report in, text out. Never prints, never reads the clock. */
export interface Report {
  readonly id: string;
  readonly title: string;
  readonly mediaType: string;
  render(report: FleetReport, options: RenderOptions): string;
  /** The same text in pieces, one after the other: of a large fleet no whole text need be held. Absent: it is small. */
  pieces?(report: FleetReport, options: RenderOptions): Iterable<string>;
}

export interface RenderOptions {
  /** 0 no colour … 3 true colour. */
  readonly color: 0 | 1 | 2 | 3;
  /** Columns available. */
  readonly width: number;
  /** Which results a format that can leave some out shows; judging, counting and the verdict are the same. Absent: all. */
  readonly statuses?: readonly ('pass' | 'fail' | 'unknown' | 'waived')[];
  /** Draw with ASCII only. */
  readonly ascii: boolean;
  /** Show passes and evidence too. */
  readonly verbose: boolean;
}
