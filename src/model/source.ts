/** Control-plane systems: what they were asked and what they answered, raw. Kept beside the hosts' evidence. */

export const SOURCE_NAMES = [
  'certificates',
  'vault',
  'siem',
  'git',
  'pipeline',
  'attestations',
  'approvals',
  'people',
  'cloud',
] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** One question and its whole answer. Nothing secret: no tokens, no request headers. */
export interface SourceAnswer {
  /** `GET https://vault.example.org/v1/ssh/roles/adm`, `git status --porcelain=v2`, `read FILE`. */
  readonly asked: string;
  /** ISO 8601. */
  readonly at: string;
  /** HTTP status, exit code of a command, 0 for a file that was read. */
  readonly status: number;
  readonly body: string;
  /** Bytes that are valid UTF-8 are kept as text, others as base64. */
  readonly encoding: 'utf8' | 'base64';
  /** How many bytes there were, at least; more than kept when `cut`. */
  readonly bytes: number;
  readonly cut: boolean;
  /** SHA-256 of the kept bytes, hex. */
  readonly sha256: string;
}

/** Why a source could not be asked, or not to the end. */
export interface SourceFailure {
  /** Stable: `unreachable`, `timeout`, `denied`, `throttled`, `tls`, `bad-answer`, `too-much`, `credential`, `not-found`, `cancelled`, `internal`. */
  readonly code: string;
  /** One sentence. May hold text of the other side: escape at the edge. */
  readonly detail: string;
  readonly hint?: string;
}

/** Everything one source said in one run. Facts are parsed from this alone, so a run can be judged again offline. */
export interface SourceEvidence {
  readonly schema: 1;
  readonly source: SourceName;
  /** Which kind of system: `vault`, `loki`, `github` … */
  readonly type: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  /** The configuration it was asked with, without secrets: facts need mounts, labels, windows, zones. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Set when something could not be asked; answers that did arrive are kept. */
  readonly failures: readonly SourceFailure[];
  /** By a name the asker and the parser agree on, e.g. `roles/ssh/adm`. */
  readonly answers: Readonly<Record<string, SourceAnswer>>;
}
