import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport } from '../../src/model.js';
import { startBench, type Bench } from '../helpers/runs.js';

let bench: Bench;
let run = '';
beforeAll(async () => {
  bench = await startBench('closure');
  const gathered = await bench.cli('gather', bench.inventory, ...bench.reach, '-q', '--evidence', 'runs');
  run = join(bench.folder, gathered.out.trim());
});
afterAll(() => bench.stop());

describe('closure', () => {
  test('says the six conditions, and what is besides them, and nothing else', async () => {
    const { code, out, err } = await bench.cli('closure', run);
    expect(code).toBe(1);
    expect(err).toContain('verdict: OPEN (exit 1)');
    expect(out).toMatch(/CLOSURE/);
    for (const title of [
      '10/10 on every host',
      'central Git',
      'Three administrators',
      'runs hourly',
      'break-glass',
      'signed off',
    ])
      expect(out).toContain(title);
    expect(out).not.toContain('app-01');
  });

  test('is what every other format says', async () => {
    const { out } = await bench.cli('closure', run, '-f', 'json');
    const report = JSON.parse(out) as FleetReport;
    expect(report.closure.conditions).toHaveLength(6);
    expect(report.closure.beyond.map(({ id }) => id)).toEqual(['declared', 'quarterly-review']);
  });

  test('declares nothing that is not closed', async () => {
    const { code, out, err } = await bench.cli('closure', run, '--declare');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('nothing to declare: the verdict is open');
  });
});
