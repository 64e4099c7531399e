/** One hash per host's evidence, over its canonical JSON, so that a report can name exactly what it judged. */
import { hash } from 'node:crypto';
import type { HostEvidence } from '../model.js';

/** The same value with sorted keys: what a saved file gives back. What is sorted already is returned as it is. */
export function canonical<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = value.map(canonical);
    return (items.every((item, index) => item === value[index]) ? value : items) as T;
  }
  const keys = Object.keys(value);
  const from = value as Readonly<Record<string, unknown>>;
  const items = keys.map((key) => canonical(from[key]));
  const sorted = keys.every((key, index) => index === 0 || (keys[index - 1] ?? '') < key);
  if (sorted && items.every((item, index) => item === from[keys[index] ?? ''])) return value;
  const entries = keys.map((key, index): [string, unknown] => [key, items[index]]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) as T;
}

/** JSON with sorted keys: equal evidence gives equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value));
}

/** SHA-256, hex. */
export function evidenceHash(evidence: HostEvidence): string {
  return hash('sha256', canonicalJson(evidence), 'hex');
}
