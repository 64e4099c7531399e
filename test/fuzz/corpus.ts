/** True samples to start from: recordings of real hosts, real server logs, keys and certificates of the fixtures. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { recording } from '../../src/demo/fleet.js';
import type { ProbeOutput } from '../../src/model.js';

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
