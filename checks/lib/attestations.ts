/** Statements by a person for what no machine can see: they must be in force today. */
import type { Attestation, Reading } from '../../src/model.js';
import { missingFrom, type Missing } from './law.js';

export interface Attested {
  /** Who signed, and until when it holds; empty without one. */
  readonly by: string;
  readonly missing: readonly Missing[];
}

/** The attestation of a kind that is in force: made by now, not expired. Of several the one that holds longest. */
export function attested(
  reading: Reading<readonly Attestation[]>,
  kind: Attestation['kind'],
  now: Date,
): Attested {
  const all = reading.ok ? reading.value.filter((one) => one.kind === kind) : [];
  const valid = all
    .filter(({ date, expires }) => Date.parse(date) <= now.getTime() && now.getTime() < Date.parse(expires))
    .toSorted((a, b) => Date.parse(b.expires) - Date.parse(a.expires))[0];
  if (valid) return { by: `${valid.by} (${valid.date}, holds until ${valid.expires})`, missing: [] };
  if (!reading.ok) return { by: '', missing: missingFrom(reading) };
  const expired = all.length > 0 ? ', only one that is expired or not yet made' : '';
  return {
    by: '',
    missing: [
      {
        reason: 'missing-source',
        detail: `there is no attestation of kind ${kind} in force (sources.attestations)${expired}`,
      },
    ],
  };
}
