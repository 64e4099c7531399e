/** One hash per host's evidence, over its canonical JSON, so that a report can name exactly what it judged. */
import { createHash } from 'node:crypto';
import type { HostEvidence } from '../model.js';

/** The same value with sorted keys: what a saved file gives back. Strings are shared, not copied. */
export function canonical<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(canonical) as T;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return Object.fromEntries(entries.map(([key, inner]) => [key, canonical<unknown>(inner)])) as T;
}

/** JSON with sorted keys: equal evidence gives equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value));
}

/** SHA-256, hex. */
export function evidenceHash(evidence: HostEvidence): string {
  return createHash('sha256').update(canonicalJson(evidence)).digest('hex');
}
