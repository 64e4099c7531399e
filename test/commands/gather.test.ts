import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport } from '../../src/model.js';
import { inShard } from '../../src/evidence/shard.js';
import { runMain } from '../helpers/io.js';
import { HOSTS, runsIn, startBench, type Bench } from '../helpers/runs.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench('gather');
});
afterAll(() => bench.stop());

const evidenceIn = (run: string) =>
  readdirSync(join(bench.folder, run, 'evidence')).map((name) => name.replace('.json.gz', ''));

describe('gather', () => {
  test('prints the folder, judges nothing, and says in one line what was not gathered', async () => {
    const { code, out, err } = await bench.cli('gather', bench.inventory, ...bench.reach, '--no-progress');
    expect(code).toBe(3);
    expect(out).toMatch(/^runs\/\S+\n$/);
    expect(err).toBe('gathered: 8 of 10 hosts, 2 not to the end (exit 3)\n');
    const folder = join(bench.folder, out.trim());
    expect(readdirSync(folder).sort()).toEqual([
      'MANIFEST.sha256',
      'evidence',
      'inventory.yaml',
      'run.json',
      'sources',
    ]);
    expect((await bench.cli('verify', out.trim())).code).toBe(0);
  });

  test('exits 0 when every host was gathered to the end', async () => {
    const { code, out } = await bench.cli('gather', bench.inventory, ...bench.reach, '--host', 'web*', '-q');
    expect(code).toBe(0);
    expect(evidenceIn(out.trim()).sort()).toEqual(['web-01', 'web-02']);
  });

  test('takes no flag of a judgement', async () => {
    for (const flag of [['-f', 'json'], ['-o', 'json=x'], ['--require-closure'], ['--save']])
      expect((await bench.cli('gather', bench.inventory, ...flag)).code).toBe(2);
    expect((await bench.cli('gather')).err).toContain('an argument is missing');
  });
});

describe('--shard', () => {
  test.each(['run', 'gather'])('%s: parts that are disjoint, and together the fleet', async (command) => {
    const base = `shards-${command}`;
    const found: string[] = [];
    for (const index of [1, 2, 3]) {
      const argv = [command, bench.inventory, ...bench.reach, '-q', '--evidence', base];
      const { out } = await bench.cli(...argv, '--shard', `${index}/3`);
      const hosts = evidenceIn(out.trim());
      expect(hosts.every((host) => inShard(host, { index, of: 3 }))).toBe(true);
      expect(existsSync(join(bench.folder, out.trim(), 'results.json'))).toBe(false);
      const record = JSON.parse(readFileSync(join(bench.folder, out.trim(), 'run.json'), 'utf8')) as {
        run: FleetReport['run'];
      };
      expect(record.run.shard).toEqual({ index, of: 3 });
      found.push(...hosts);
    }
    expect(found.sort()).toEqual(HOSTS);
  });

  test('a shard without hosts is gathered too, or a merge would miss it', async () => {
    const base = 'empty-shards';
    const argv = ['gather', bench.inventory, ...bench.reach, '-q', '--evidence', base, '--host', 'web-01'];
    for (const index of [1, 2]) expect((await bench.cli(...argv, '--shard', `${index}/2`)).code).toBe(0);
    const { code } = await bench.cli('merge', ...runsIn(join(bench.folder, base)), '-q');
    expect(code).toBe(0);
  });

  test('audit of one part shows the hosts of the others as not gathered, and is unproven', async () => {
    const [shard = ''] = runsIn(join(bench.folder, 'shards-gather'));
    const { out } = await bench.cli('audit', shard, '-q', '-f', 'json');
    const { hosts, closure } = JSON.parse(out) as FleetReport;
    expect(hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(
      hosts.filter(({ failure }) => failure?.detail.startsWith('not gathered: the run is shard')).length,
    ).toBe(10 - readdirSync(join(shard, 'evidence')).length);
    expect(closure.verdict).not.toBe('closed');
    const saving = await bench.cli('audit', shard, '--save');
    expect([saving.code, saving.err.includes('is one shard of a run')]).toEqual([2, true]);
  });

  test('a bad form is one clear line', async () => {
    for (const bad of ['0/3', '4/3', '1/1001', 'x']) {
      const { code, err } = await bench.cli('run', bench.inventory, '--shard', bad);
      expect([code, err.includes('--shard: expected I/N')]).toEqual([2, true]);
    }
  });
});

test('an interrupted gather is sealed, and exits 130', async () => {
  const { code, out, err } = await runMain(
    ['gather', bench.inventory, ...bench.reach, '-q', '--evidence', 'stopped'],
    {
      cwd: bench.folder,
      env: { PATH: process.env['PATH'] },
      onInterrupt: (handler) => {
        handler(130);
        return () => undefined;
      },
    },
  );
  expect([code, err.includes('(exit 130)')]).toEqual([130, true]);
  const verified = await bench.cli('verify', out.trim());
  expect([verified.code, verified.out.includes('10 hosts')]).toEqual([0, true]);
  const resumed = await bench.cli('run', '--resume', out.trim(), ...bench.reach, '-q');
  expect([resumed.code, resumed.out]).toEqual([3, out]);
});
