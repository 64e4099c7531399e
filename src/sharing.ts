/**
 * What a fleet's hosts have in common, kept once. Most outcomes of most hosts are equal to the letter, so ten
 * thousand judged hosts need little more room than what sets them apart. Pure but for its own memory.
 */
import type { JudgedHost } from './evaluate.js';

/** Characters of JSON that are remembered, in each of two halves; the values they stand for take about as much. */
const REMEMBERED = 1.5 * 1024 * 1024;

/**
 * Returns a function that gives, for values equal as JSON, one and the same frozen value, equal parts of unequal
 * values included. Nothing of it holds on to the text it was cut from: an excerpt is a slice of what a probe
 * printed, and V8 would keep all of that alive for the slice.
 *
 * @param most characters of JSON remembered before the older half is forgotten: what is forgotten is merely no
 *   longer shared
 */
export function createSharing(most: number = REMEMBERED): <T>(value: T) => T {
  let recent = new Map<string, unknown>();
  let earlier = new Map<string, unknown>();
  let size = 0;

  const remember = (text: string, value: unknown): unknown => {
    recent.set(text, value);
    size += text.length;
    if (size > most) {
      earlier = recent;
      recent = new Map();
      size = 0;
    }
    return value;
  };
  const share = (value: unknown): unknown => {
    if (typeof value !== 'string' && (typeof value !== 'object' || value === null)) return value;
    const text = JSON.stringify(value);
    const known = recent.get(text);
    if (known !== undefined) return known;
    return remember(text, earlier.get(text) ?? copy(value, text));
  };
  const copy = (value: unknown, text: string): unknown => {
    if (typeof value === 'string') return JSON.parse(text) as string;
    if (Array.isArray(value)) return Object.freeze(value.map(share));
    return Object.freeze(
      Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, share(inner)])),
    );
  };
  return <T>(value: T): T => {
    try {
      return share(value) as T;
    } catch {
      // No JSON at all: a plug-in's outcome may hold anything.
      return structuredClone(value);
    }
  };
}

/** A judged host as it is kept until the report is made. What comes from the inventory is there anyway. */
export function keptHost({ report, summary }: JudgedHost, share: <T>(value: T) => T): JudgedHost {
  return {
    report: {
      ...report,
      ...(report.connection && { connection: share(report.connection) }),
      ...(report.failure && { failure: share(report.failure) }),
      results: report.results.map(share),
      extra: report.extra.map(share),
      guidance: report.guidance.map(share),
      ...(report.access && { access: share(report.access) }),
    },
    summary: share(summary),
  };
}
