import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chainOf } from '../../src/evidence/chain.js';
import { baselineOf, findBaseline, previousRun } from '../../src/evidence/siblings.js';
import { verifyRun } from '../../src/evidence/verify.js';
import { record, sealed, unfinished } from './records.js';

let base = '';
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'siblings-'));
});
afterEach(() => rmSync(base, { recursive: true }));

const A = '2026-11-21T02-00-00Z-aaaaaa';
const B = '2026-11-21T03-00-00Z-bbbbbb';
const C = '2026-11-21T04-00-00Z-cccccc';

test('the run before is the newest that is complete and sealed', async () => {
  expect(await previousRun(base)).toBeUndefined();
  expect(await previousRun(join(base, 'not-there'))).toBeUndefined();
  await sealed(base, A);
  await sealed(base, B, 60, { partial: true });
  await unfinished(base, C);
  expect((await previousRun(base))?.id).toBe(A);
  unlinkSync(join(base, A, 'MANIFEST.sha256'));
  expect(await previousRun(base)).toBeUndefined();
});

test('of two in one second the later is taken, whatever their names', async () => {
  const [early, late] = ['2026-11-21T02-00-00Z-ffffff', '2026-11-21T02-00-00Z-000000'];
  await sealed(base, early, 0, { startedAt: '2026-11-21T02:00:00.100Z' });
  await sealed(base, late, 0, { startedAt: '2026-11-21T02:00:00.900Z' });
  expect((await previousRun(base))?.id).toBe(late);
});

test('a folder that is no run is passed over', async () => {
  await sealed(base, A);
  const broken = await unfinished(base, C);
  writeFileSync(join(broken.folder, 'run.json'), '{');
  expect((await previousRun(base))?.id).toBe(A);
});

test('a run that was only gathered is no baseline', async () => {
  const folder = await sealed(base, A);
  expect(await findBaseline(base, record(B).run)).toBeUndefined();
  await expect(baselineOf(folder)).rejects.toMatchObject({ code: 'no-baseline' });
});

test('runs that follow each other are a chain; two that ran at one time may follow the same run', async () => {
  await sealed(base, A);
  const previous = await previousRun(base);
  const link = previous ? { previous } : {};
  await sealed(base, B, 60, link);
  await sealed(base, C, 60, link);
  const runs = await Promise.all(
    [A, B, C].map((id) => verifyRun(join(base, id), { env: { PATH: process.env['PATH'] } })),
  );
  expect(runs.map(({ integrity }) => integrity)).toEqual(['untouched', 'untouched', 'untouched']);
  expect(chainOf(runs)).toEqual({ problems: [], doubts: [] });
});
