/**
 * The evidence law in one place: a fail needs one piece, a pass needs the whole fact, everything else is unknown
 * and says what is missing.
 */
import type { EvidenceRef, Finding, Outcome, Reading, UnknownReason } from '../../src/model.js';

export interface Missing {
  readonly reason: UnknownReason;
  /** One sentence: which evidence is missing and how to provide it. */
  readonly detail: string;
}

export interface Judgement {
  readonly findings: readonly Finding[];
  readonly missing: readonly Missing[];
  /** What was looked at and found good; used only when nothing is wrong and nothing is missing. */
  readonly because: string;
  readonly evidence: readonly EvidenceRef[];
  /** Remarks that change nothing: warnings, partial observations. */
  readonly notes?: readonly string[];
}

export function judge({ findings, missing, because, evidence, notes = [] }: Judgement): Outcome {
  const [first, ...rest] = findings;
  const [gap] = missing;
  if (first) {
    const unseen = missing.map(({ detail }) => `Not seen: ${detail}`);
    return { status: 'fail', findings: [first, ...rest], ...withNotes([...notes, ...unseen]) };
  }
  if (gap) {
    return {
      status: 'unknown',
      reason: gap.reason,
      detail: gap.detail,
      evidence,
      ...(missing.length > 1 && { missing: missing.slice(1).map(({ detail }) => detail) }),
      ...withNotes(notes),
    };
  }
  return { status: 'pass', because, evidence, ...withNotes(notes) };
}

function withNotes(notes: readonly string[]): { notes?: readonly string[] } {
  return notes.length > 0 ? { notes } : {};
}

/** What keeps readings from being whole: unreadable ones and the gaps of readable ones. */
export function missingFrom(...readings: readonly Reading<unknown>[]): Missing[] {
  const seen = new Set<string>();
  return readings
    .flatMap((reading): Missing[] =>
      reading.ok
        ? reading.gaps.map((detail) => ({ reason: 'no-evidence', detail }))
        : [{ reason: reading.reason, detail: reading.detail }],
    )
    .filter(({ detail }) => !seen.has(detail) && seen.add(detail));
}

/** The value, or a stand-in when it could not be read: findings may still come from other readings. */
export function valueOr<T>(reading: Reading<T>, standIn: T): T {
  return reading.ok ? reading.value : standIn;
}

/** At most 300 characters of the decisive text. */
export function excerpt(text: string): string {
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}
