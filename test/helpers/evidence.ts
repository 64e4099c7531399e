/** Raw evidence as a probe would have printed it, for hosts this machine cannot be. */
import { createHash } from 'node:crypto';
import type { HostEvidence, ProbeOutput } from '../../src/model.js';

/** One word of a record, encoded. */
export function word(text: string): string {
  if (text === '') return '-';
  return /^[A-Za-z0-9_./:@%+,-]+$/.test(text) && text !== '-'
    ? text
    : `=${Buffer.from(text).toString('base64')}`;
}

export function probeOutput(stdout: string, more: Partial<ProbeOutput> = {}): ProbeOutput {
  return {
    rc: 0,
    stdout,
    stdoutEncoding: 'utf8',
    stderr: '',
    bytes: Buffer.byteLength(stdout),
    cut: false,
    timedOut: false,
    sha256: createHash('sha256').update(stdout).digest('hex'),
    ...more,
  };
}

export function evidenceOf(
  probes: Readonly<Record<string, string | ProbeOutput>>,
  more: Partial<HostEvidence> = {},
): HostEvidence {
  return {
    schema: 1,
    host: 'test',
    startedAt: '2026-11-21T02:00:00.000Z',
    finishedAt: '2026-11-21T02:00:05.000Z',
    probes: Object.fromEntries(
      Object.entries(probes).map(([name, output]) => [
        name,
        typeof output === 'string' ? probeOutput(output) : output,
      ]),
    ),
    ...more,
  };
}
