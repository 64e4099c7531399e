/** The auditor's own AWS credentials, as far as they may be kept. Never throws. */
import type { Reading, SourceEvidence } from '../../model.js';
import type { AuditorCloud } from '../types.js';
import { jsonOf, list, member, scalar, unreadable } from './answers.js';

const MOST_SECONDS = 1e9;

export function readCloud(evidence: SourceEvidence): Reading<AuditorCloud> {
  const answer = jsonOf(evidence.answers['aws']);
  if (answer === undefined) return unreadable(evidence, 'nothing could be read');
  const gaps = evidence.failures.map(({ detail }) => detail);
  const entries = list(member(answer, 'entries'));
  const keys = entries.flatMap((entry) => {
    const id = scalar(member(entry, 'key'));
    if (id === '') return [];
    const at = Date.parse(scalar(member(entry, 'expires')));
    const expires = Number.isNaN(at) ? null : at;
    return [{ id, from: scalar(member(entry, 'from')), longLived: id.startsWith('AKIA'), expires }];
  });
  const sessions = entries.flatMap((entry) => {
    const written = scalar(member(entry, 'duration'));
    const seconds = Number(written);
    if (written === '' || !Number.isFinite(seconds) || seconds <= 0 || seconds > MOST_SECONDS) return [];
    return [{ from: scalar(member(entry, 'from')), seconds }];
  });
  return { ok: true, value: { keys, sessions }, gaps };
}
