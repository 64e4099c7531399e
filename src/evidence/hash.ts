/** One hash per host's evidence, over its canonical JSON, so that a report can name exactly what it judged. */
import { createHash } from 'node:crypto';
import type { HostEvidence } from '../model.js';

/** JSON with sorted keys: equal evidence gives equal bytes. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : inner,
  );
}

/** SHA-256, hex. */
export function evidenceHash(evidence: HostEvidence): string {
  return createHash('sha256').update(canonicalJson(evidence)).digest('hex');
}
