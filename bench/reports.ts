/**
 * npm run bench:reports [-- HOSTS]: every format at 10,000 hosts: seconds to render, size, and peak memory of a process
 * that does nothing else. One child process for each format; `(none)` only builds the fleet and is what the others
 * start from.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RenderOptions } from '../src/model.js';
import { fleet } from '../test/fixtures/reports/build.js';
import { formats } from '../test/helpers/formats.js';

const MiB = 1024 * 1024;
const HOSTS = 10_000;
const NOTHING = '(none)';
const OPTIONS: RenderOptions = { color: 0, width: 120, ascii: false, verbose: false };

interface Figures {
  readonly seconds: number;
  readonly bytes: number;
  readonly peakMiB: number;
}

/** Renders one format in this process and prints the figures. */
function measure(id: string, hosts: number): Figures {
  const report = fleet(hosts);
  const begin = performance.now();
  const text = formats[id]?.render(report, OPTIONS) ?? '';
  const seconds = (performance.now() - begin) / 1000;
  return { seconds, bytes: Buffer.byteLength(text), peakMiB: process.resourceUsage().maxRSS / 1024 };
}

/** The same in a process of its own. */
function apart(id: string, hosts: number): Figures {
  const script = fileURLToPath(import.meta.url);
  const { stdout, status, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', script, '--one', id, String(hosts)],
    { encoding: 'utf8', maxBuffer: MiB },
  );
  if (status !== 0) throw new Error(`${id}: ${stderr}`);
  return JSON.parse(stdout) as Figures;
}

function row(cells: readonly string[]): string {
  const [name = '', ...numbers] = cells;
  return `${name.padEnd(12)}${numbers.map((cell) => cell.padStart(12)).join('')}\n`;
}

const [first, id = '', size] = process.argv.slice(2);
if (first === '--one') {
  process.stdout.write(JSON.stringify(measure(id, Number(size))));
} else {
  const hosts = Number(first) > 0 ? Number(first) : HOSTS;
  process.stdout.write(`${hosts} hosts\n${row(['format', 'seconds', 'MiB', 'peak MiB'])}`);
  for (const format of [NOTHING, ...Object.keys(formats)]) {
    const { seconds, bytes, peakMiB } = apart(format, hosts);
    process.stdout.write(row([format, seconds.toFixed(2), (bytes / MiB).toFixed(1), peakMiB.toFixed(0)]));
  }
}
