import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { canonicalJson, evidenceHash } from '../../src/evidence/hash.js';
import { createRun, readEvidence, readRun, runId } from '../../src/evidence/store.js';
import type { HostEvidence } from '../../src/model.js';

let base = '';
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'store-'));
});
afterAll(() => rmSync(base, { recursive: true }));

const evidence = (host: string): HostEvidence => ({
  schema: 1,
  host,
  startedAt: '2026-11-21T02:00:00.000Z',
  finishedAt: '2026-11-21T02:00:01.000Z',
  probes: {},
});
async function all(folder: string): Promise<HostEvidence[]> {
  const found: HostEvidence[] = [];
  for await (const each of readEvidence(folder)) found.push(each);
  return found;
}

describe('the run folder', () => {
  test('what was written comes back, private to its owner', async () => {
    const store = await createRun(base, 'one', 'hosts: []\n');
    await store.writeHost(evidence('web-01'));
    await store.writeHost(evidence('db-01'));
    expect((await all(store.folder)).map(({ host }) => host)).toEqual(['db-01', 'web-01']);
    expect((await readRun(store.folder)).inventoryText).toBe('hosts: []\n');
    expect(statSync(store.folder).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(join(store.folder, 'evidence')))
      expect(statSync(join(store.folder, 'evidence', name)).mode & 0o777).toBe(0o600);
  });

  test('without run.json it is a partial run that can be read', async () => {
    const store = await createRun(base, 'partial', '');
    await store.writeHost(evidence('web-01'));
    expect((await readRun(store.folder)).run).toBeNull();
    expect(await all(store.folder)).toHaveLength(1);
  });

  test('a temporary file of a killed run is not evidence', async () => {
    const store = await createRun(base, 'killed', '');
    writeFileSync(join(store.folder, 'evidence', 'web-01.json.gz.123.tmp'), 'half');
    expect(await all(store.folder)).toEqual([]);
  });

  test('a damaged file is named, not skipped', async () => {
    const store = await createRun(base, 'damaged', '');
    await store.writeHost(evidence('web-01'));
    writeFileSync(join(store.folder, 'evidence', 'web-01.json.gz'), 'not gzip');
    await expect(all(store.folder)).rejects.toThrow('web-01.json.gz');
  });

  test('no host name leaves the folder', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string(),
          fc.constantFrom('../../etc/passwd', '/etc/passwd', '.', '..', 'a/b', 'a\u0000b', 'CON'),
        ),
        async (name) => {
          const folder = mkdtempSync(join(base, 'names-'));
          const store = await createRun(folder, 'run', '');
          await store.writeHost(evidence(name));
          expect(readdirSync(folder)).toEqual(['run']);
          expect(readdirSync(join(folder, 'run', 'evidence'))).toHaveLength(1);
          expect((await all(store.folder))[0]?.host).toBe(name);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  test('a base that cannot be written fails before any host is asked', async () => {
    writeFileSync(join(base, 'file'), '');
    await expect(createRun(join(base, 'file'), 'run', '')).rejects.toThrow('cannot write the run folder');
  });
});

test('run IDs sort by time and stay apart within a second', () => {
  const at = new Date('2026-11-21T02:00:00.123Z');
  expect(runId(at, '1a2b3c4d')).toBe('2026-11-21T02-00-00Z-1a2b3c');
});

test('equal evidence has one hash, whatever the order of its keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const turned = Object.fromEntries(Object.entries(value).toReversed());
      expect(canonicalJson(turned)).toBe(canonicalJson(value));
    }),
    { seed: 7 },
  );
  expect(evidenceHash(evidence('a'))).not.toBe(evidenceHash(evidence('b')));
});
