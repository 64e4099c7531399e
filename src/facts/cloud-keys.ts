/**
 * Long-lived access keys of AWS found on a host, from the `cloud-keys` probe. Source: IAM user guide, "IAM identifiers":
 * AKIA begins an access key that never expires, ASIA a temporary one.
 */
import type { HostEvidence, Reading } from '../model.js';
import { probeReading, records, toldGaps, wordInteger, wordText } from './reading.js';
import type { CloudKey } from './types.js';

/** The characters AWS makes key IDs of: base32 (RFC 4648, section 6). */
const LAST = /^[A-Z2-7]{4}$/;

/** @returns keys in the order of the search; whole only when the search came to its end. */
export function readCloudKeys(evidence: HostEvidence): Reading<readonly CloudKey[]> {
  const probe = probeReading(evidence, 'cloud-keys');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const gaps = [...probe.gaps, ...toldGaps(rows)];
  if (!rows.some(([kind]) => kind === 'looked')) gaps.push('the search for access keys did not finish');
  return { ok: true, value: rows.flatMap((row) => keyOf(row) ?? []), gaps };
}

/** `k PATH LINE OWNER LAST SECRET` or `p NAME OWNER LAST SECRET`. */
function keyOf([kind, path, ...rest]: readonly string[]): CloudKey | null {
  if (kind !== 'k' && kind !== 'p') return null;
  const line = kind === 'k' ? wordInteger(rest[0]) : 0;
  const [owner, last = '', secret] = kind === 'k' ? rest.slice(1) : rest;
  if (!LAST.test(last)) return null;
  return {
    id: `AKIA…${last}`,
    secret: secret === '1',
    place: kind === 'k' ? 'file' : 'process',
    path: wordText(path),
    ...(line > 0 && { line }),
    owner: wordText(owner),
  };
}
