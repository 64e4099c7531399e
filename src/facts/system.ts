/** Who the host says it is. Source: uname(1), os-release(5), date(1). */
import type { HostEvidence, Reading } from '../model.js';
import { probeReading, records, wordInteger, wordText } from './reading.js';
import type { SystemInfo } from './types.js';

export function readSystem(evidence: HostEvidence): Reading<SystemInfo> {
  const probe = probeReading(evidence, 'system');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const one = (...keys: string[]) =>
    wordText(rows.find((row) => keys.every((key, at) => row[at] === key))?.[keys.length]);
  const clock = wordInteger(rows.find((row) => row[0] === 'clock')?.[1]);
  const finished = Date.parse(evidence.finishedAt) / 1000;
  const value: SystemInfo = {
    hostname: one('hostname'),
    kernel: one('kernel'),
    os: { id: one('os', 'ID'), version: one('os', 'VERSION_ID'), pretty: one('os', 'PRETTY_NAME') },
    clock,
    skew: clock < 0 || Number.isNaN(finished) ? null : Math.round(finished - clock),
  };
  return { ok: true, value, gaps: probe.gaps };
}
