/** What one run leaves for the next: enough to say what changed and since when, and nothing that identifies evidence. */
import type { Closure, Totals } from './closure.js';

/** Who may log in to one host, as its facts show. Sorted. */
export interface HostAccess {
  /** Fingerprints of the user CAs sshd would load. */
  readonly caKeys: readonly string[];
  /** Keys in authorized_keys files that open an account. */
  readonly staticKeys: readonly { readonly account: string; readonly fingerprint: string }[];
  /** Principals each account accepts from its principals file. */
  readonly principals: readonly { readonly account: string; readonly principal: string }[];
  /** Set when some of it could not be read: what is not in the lists may be there all the same. */
  readonly partial?: true;
}

export interface CheckStanding {
  readonly status: 'pass' | 'fail' | 'unknown' | 'waived';
  /** ISO 8601: the first run of an unbroken series with this status. */
  readonly since: string;
  /** Subjects of the findings, for a fail. Sorted, without doubles. */
  readonly subjects?: readonly string[];
  /** Of the guidance: told apart, never scored. */
  readonly guidance?: true;
}

export interface HostStanding {
  /** False when the host could not be gathered. */
  readonly reached: boolean;
  readonly score: number;
  /** Fingerprint of the verified host key. */
  readonly hostKey?: string;
  /** By check id, plug-ins and guidance included. */
  readonly checks: Readonly<Record<string, CheckStanding>>;
  readonly access?: HostAccess;
}

/** Saved as standing.json.gz in the run folder. */
export interface Standing {
  readonly schema: 1;
  readonly point: HistoryPoint;
  /** By host name. */
  readonly hosts: Readonly<Record<string, HostStanding>>;
}

/** One run in one line, for trends. */
export interface HistoryPoint {
  readonly id: string;
  /** ISO 8601, the clock it was judged at. */
  readonly now: string;
  readonly verdict: Closure['verdict'];
  readonly totals: Totals;
  /** Fails by check id, guidance apart. */
  readonly fails: Readonly<Record<string, number>>;
  /** Fails of the guidance by check id. Absent: it was left out, or the run is older than it. */
  readonly guidance?: Readonly<Record<string, number>>;
  /** Hosts were left out on purpose, or the run was cut short: not to be compared with whole runs. */
  readonly partial: boolean;
}

export interface CheckChange {
  readonly host: string;
  readonly check: string;
  readonly from: CheckStanding['status'] | 'absent';
  readonly to: CheckStanding['status'];
  readonly since: string;
  /** Subjects that were not there before (newly failing, still failing). */
  readonly subjects: readonly string[];
  /** Of the guidance, not of the scorecard or a plug-in. */
  readonly guidance?: true;
}

export interface AccessChange {
  readonly host: string;
  readonly change: 'added' | 'removed';
  readonly kind: 'ca-key' | 'static-key' | 'principal';
  /** Absent for CA keys. */
  readonly account?: string;
  /** Fingerprint or principal. */
  readonly value: string;
}

/** What changed between two runs. Every list is sorted by host, then check. */
export interface Changes {
  readonly from: Pick<HistoryPoint, 'id' | 'now' | 'verdict'>;
  readonly to: Pick<HistoryPoint, 'id' | 'now' | 'verdict'>;
  readonly newlyFailing: readonly CheckChange[];
  readonly newlyPassing: readonly CheckChange[];
  /** Unknown now, pass or fail before: what can no longer be said. */
  readonly newlyUnknown: readonly CheckChange[];
  readonly stillFailing: readonly CheckChange[];
  /** Failures that are accepted now and were not before. Absent: none. */
  readonly newlyWaived?: readonly CheckChange[];
  /** Checks that were judged then and on no host of both runs now. Absent: none. */
  readonly droppedChecks?: readonly string[];
  readonly newHosts: readonly string[];
  readonly vanishedHosts: readonly string[];
  readonly hostKeys: readonly { readonly host: string; readonly from: string; readonly to: string }[];
  readonly access: readonly AccessChange[];
}

/** What a run is compared with: the standing of an earlier run, and the points before it, oldest first. */
export interface Baseline {
  readonly standing: Standing;
  readonly history: readonly HistoryPoint[];
}
