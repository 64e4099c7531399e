/** Run records and evidence for tests of run folders. */
import type { HostEvidence } from '../../src/model.js';
import { sha256 } from '../../src/evidence/files.js';
import type { RunRecord } from '../../src/evidence/run-record.js';
import { createRun, type RunStore } from '../../src/evidence/store.js';

export const INVENTORY_TEXT = 'hosts:\n  - name: db-01\n  - name: web-01\n';
const DIGEST = sha256(INVENTORY_TEXT);

export function evidence(host: string, more: Partial<HostEvidence> = {}): HostEvidence {
  return {
    schema: 1,
    host,
    startedAt: '2026-11-21T02:00:01.000Z',
    finishedAt: '2026-11-21T02:00:02.000Z',
    probes: {},
    ...more,
  };
}

export function record(
  id: string,
  run: Partial<RunRecord['run']> = {},
  more: Partial<RunRecord> = {},
): RunRecord {
  return {
    format: 1,
    tool: 'ssh-scorecard',
    version: '0.1.0',
    command: 'gather',
    state: 'running',
    run: {
      id,
      startedAt: '2026-11-21T02:00:00.000Z',
      finishedAt: '2026-11-21T02:00:05.000Z',
      now: '2026-11-21T02:00:00.000Z',
      inventory: { path: 'inventory.yaml', sha256: DIGEST, hosts: 2 },
      selection: { hosts: [], tags: [], environments: [], checks: [], skippedChecks: [] },
      partial: true,
      ...run,
    },
    clock: 'start',
    hosts: ['db-01', 'web-01'],
    warnings: [],
    ...more,
  };
}

/** A folder as a killed run leaves it. */
export function unfinished(base: string, id: string): Promise<RunStore> {
  return createRun(base, { record: record(id), inventoryText: INVENTORY_TEXT });
}

/** A sealed run of two hosts. Times are shifted by `minutes`. */
export async function sealed(
  base: string,
  id: string,
  minutes = 0,
  run: Partial<RunRecord['run']> = {},
): Promise<string> {
  const at = (seconds: number) =>
    new Date(Date.parse('2026-11-21T02:00:00Z') + minutes * 60_000 + seconds * 1000).toISOString();
  const whole = record(
    id,
    { startedAt: at(0), finishedAt: at(5), now: at(0), partial: false, ...run },
    { state: 'finished', counts: { evidence: 2, complete: 2, missing: 0 } },
  );
  const store = await createRun(base, { record: whole, inventoryText: INVENTORY_TEXT });
  for (const host of whole.hosts)
    await store.writeHost(evidence(host, { startedAt: at(1), finishedAt: at(2) }));
  await store.finish(whole);
  return store.folder;
}
