/**
 * Judging saved hosts again, offline: `audit` with a table, JSON and JUnit. No sshd, so wall, processor time and memory
 * are all of this program.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../src/evidence/files.js';
import type { RunRecord } from '../src/evidence/run-record.js';
import { createRun } from '../src/evidence/store.js';
import { VERSION } from '../src/version.js';
import { removeDirectory, temporaryDirectory } from '../test/helpers/sshd.js';
import { evidenceOf, hostName, inventoryText, RECORDED_AT } from './fleet.js';
import { measure, median } from './measure.js';

const cli = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));

/** A run folder of so many hosts, as `gather` leaves it. */
async function savedRun(base: string, size: number): Promise<string> {
  const inventory = inventoryText(size, 'user: root, become: none');
  const record: RunRecord = {
    format: 1,
    tool: 'ssh-scorecard',
    version: VERSION,
    command: 'gather',
    state: 'running',
    run: {
      id: `saved-${size}`,
      startedAt: RECORDED_AT,
      finishedAt: RECORDED_AT,
      now: RECORDED_AT,
      inventory: { path: 'inventory.yaml', sha256: sha256(inventory), hosts: size },
      selection: { hosts: [], tags: [], environments: [], checks: [], skippedChecks: [] },
      partial: false,
    },
    clock: 'start',
    hosts: Array.from({ length: size }, (_, index) => hostName(index)),
    warnings: [],
  };
  const store = await createRun(base, { record, inventoryText: inventory });
  for (let index = 0; index < size; index += 1) await store.writeHost(evidenceOf(index));
  await store.finish({
    ...record,
    state: 'finished',
    counts: { evidence: size, complete: size, missing: 0 },
  });
  return store.folder;
}

/** Prints a line for each size, and one for the start of the program. */
export async function measureSaved(sizes: readonly number[], rounds: number): Promise<void> {
  const base = temporaryDirectory('saved');
  const errors = join(base, 'errors');
  const times = async (count: number, command: readonly string[]) => {
    const figures = [];
    for (let round = 0; round < count; round += 1) figures.push(await measure(command, [], errors));
    return figures;
  };
  try {
    const starts = await times(5, [process.execPath, cli, '--version']);
    console.log(`\n--version: ${median(starts.map(({ wall }) => wall)).toFixed(2)} s`);
    console.log('judged again, offline   wall s  CPU ms/host  peak RSS MiB');
    for (const size of sizes) {
      const folder = await savedRun(base, size);
      const outputs = ['json', 'junit'].flatMap((kind) => ['-o', `${kind}=${join(base, kind)}`]);
      const figures = await times(rounds, [process.execPath, cli, 'audit', folder, ...outputs]);
      // These hosts have findings: anything but 1 is no judgement.
      const odd = figures.find(({ exit }) => exit !== 1);
      if (odd) throw new Error(`audit ended with ${odd.exit}`);
      const wall = median(figures.map((one) => one.wall));
      const client = median(figures.map((one) => one.client));
      const peak = median(figures.map(({ peakMiB }) => peakMiB));
      console.log(
        `${String(size).padEnd(22)} ${wall.toFixed(1).padStart(7)} ${((client * 1000) / size).toFixed(2).padStart(12)} ${peak.toFixed(0).padStart(13)}`,
      );
    }
  } finally {
    removeDirectory(base);
  }
}
