/**
 * npx tsx bench/saved.ts [HOSTS…]: judging saved hosts again, offline: `audit` with a table, JSON and JUnit. No sshd, so
 * wall, processor time and memory are all of this program. Build first: npm run build.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../src/evidence/files.js';
import type { RunRecord } from '../src/evidence/run-record.js';
import { createRun } from '../src/evidence/store.js';
import { VERSION } from '../src/version.js';
import { removeDirectory, temporaryDirectory } from '../test/helpers/sshd.js';
import { evidenceOf, hostName, inventoryText, RECORDED_AT } from './fleet.js';
import { measure } from './measure.js';

const given = process.argv
  .slice(2)
  .map(Number)
  .filter((size) => size > 0);
const cli = fileURLToPath(new URL('../dist/src/cli.js', import.meta.url));
if (!existsSync(cli)) throw new Error('build first: npm run build');

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

const base = temporaryDirectory('saved');
try {
  console.log('hosts   wall s  CPU ms/host  peak RSS MiB');
  for (const size of given.length > 0 ? given : [200, 1000, 10_000]) {
    const folder = await savedRun(base, size);
    const outputs = ['json', 'junit'].flatMap((kind) => ['-o', `${kind}=${join(base, kind)}`]);
    const command = [process.execPath, cli, 'audit', folder, ...outputs];
    const { wall, client, peakMiB, exit } = await measure(command, [], join(base, 'errors'));
    // These hosts have findings: anything but 1 is no judgement.
    if (exit !== 1) throw new Error(`audit ended with ${exit}`);
    console.log(
      `${String(size).padEnd(7)} ${wall.toFixed(1).padStart(6)} ${((client * 1000) / size).toFixed(2).padStart(12)} ${peakMiB.toFixed(0).padStart(13)}`,
    );
  }
} finally {
  removeDirectory(base);
}
