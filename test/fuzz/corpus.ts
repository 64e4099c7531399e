/** True samples to start from: recordings of real hosts, real server logs, keys and certificates of the fixtures. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recording } from '../../src/demo/fleet.js';
import type { HostEvidence, ProbeOutput } from '../../src/model.js';

const FIXTURES = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Every regular file of a folder of fixtures whose name fits. */
export function fixtures(folder: string, fits: RegExp): readonly Buffer[] {
  return readdirSync(join(FIXTURES, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile() && fits.test(entry.name))
    .map((entry) => readFileSync(join(FIXTURES, folder, entry.name)));
}

/** What a real, sound host's probes printed. */
export const SOUND: Readonly<Record<string, ProbeOutput>> = recording('sound').probes;

const ROUGH = ['bootstrap-left', 'extra-ca', 'root-match'].map((name) => recording(name).probes);

/** One probe's output on several hosts. */
export function outputsOf(probe: string): readonly Buffer[] {
  return [SOUND, ...ROUGH].flatMap((probes) => {
    const output = probes[probe];
    return output ? [Buffer.from(output.stdout, output.stdoutEncoding)] : [];
  });
}

/** The files in a probe's records (`F path … content`), decoded. */
export function filesIn(probe: string): readonly Buffer[] {
  return outputsOf(probe).flatMap((output) =>
    output
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('F '))
      .map((line) => line.split(' ').at(-1) ?? '')
      .filter((word) => word !== '-')
      .map((word) => (word.startsWith('=') ? word.slice(1) : word))
      .map((word) => Buffer.from(word, 'base64'))
      .filter((bytes) => bytes.length > 0),
  );
}

export function texts(...all: readonly string[]): readonly Buffer[] {
  return all.map((text) => Buffer.from(text));
}

/** A sound host, read as root, one of whose probes printed these bytes. */
export function evidenceWith(probe: string, bytes: Buffer): HostEvidence {
  const whole = bytes.toString('utf8');
  const clean = Buffer.from(whole).equals(bytes);
  const output: ProbeOutput = {
    rc: 0,
    stdout: clean ? whole : bytes.toString('base64'),
    stdoutEncoding: clean ? 'utf8' : 'base64',
    stderr: '',
    bytes: bytes.length,
    cut: false,
    timedOut: false,
    sha256: '',
  };
  return {
    schema: 1,
    host: 'fuzz',
    startedAt: '2026-11-21T02:00:00.000Z',
    finishedAt: '2026-11-21T02:00:05.000Z',
    collector: { protocol: 1, uid: 0, clock: 1_795_000_000, shell: 'sh' },
    probes: { ...SOUND, [probe]: output },
  };
}
