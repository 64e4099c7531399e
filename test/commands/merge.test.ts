import {
  appendFileSync,
  cpSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport, HostEvidence } from '../../src/model.js';
import { HOSTS, runsIn, startBench, type Bench } from '../helpers/runs.js';

let bench: Bench;
let shards: readonly string[] = [];
beforeAll(async () => {
  bench = await startBench('merge');
  for (const index of [1, 2, 3]) await gather('shards', '--shard', `${index}/3`);
  shards = runsIn(join(bench.folder, 'shards'));
});
afterAll(() => bench.stop());

async function gather(base: string, ...more: readonly string[]): Promise<string> {
  const argv = ['gather', bench.inventory, ...bench.reach, '-q', '--evidence', base];
  return join(bench.folder, (await bench.cli(...argv, ...more)).out.trim());
}
let copies = 0;
function copyOf(run: string): string {
  copies += 1;
  const to = join(bench.folder, `copy-${copies}`, run.split('/').at(-1) ?? '');
  cpSync(run, to, { recursive: true });
  return to;
}
function unsealed(run: string): string {
  const to = copyOf(run);
  unlinkSync(join(to, 'MANIFEST.sha256'));
  return to;
}
function edit(run: string, change: (text: string) => string): string {
  const to = unsealed(run);
  const path = join(to, 'run.json');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
  return to;
}
const hostsIn = (run: string) =>
  readdirSync(join(run, 'evidence')).map((name) => name.replace('.json.gz', ''));

describe('merge', () => {
  test('joins shards into a run that is judged, saved, verified and followed like any other', async () => {
    const { code, out, err } = await bench.cli('merge', ...shards, '--evidence', 'whole');
    expect([code, err]).toEqual([0, 'merged: 10 of 10 hosts from 3 runs (exit 0)\n']);
    const folder = out.trim();
    expect(hostsIn(join(bench.folder, folder)).sort()).toEqual(HOSTS);
    for (const shard of shards)
      for (const host of hostsIn(shard))
        expect(readFileSync(join(bench.folder, folder, 'evidence', `${host}.json.gz`))).toEqual(
          readFileSync(join(shard, 'evidence', `${host}.json.gz`)),
        );
    expect((await bench.cli('verify', folder)).code).toBe(0);
    const judged = await bench.cli('audit', folder, '-q', '-f', 'json');
    expect((JSON.parse(judged.out) as FleetReport).run).toMatchObject({ partial: false });
    expect((JSON.parse(judged.out) as FleetReport).run.shard).toBeUndefined();
  });

  test('says which hosts are missing, and the audit has them as rows', async () => {
    const { code, out, err } = await bench.cli('merge', ...shards.slice(1), '--evidence', 'part');
    const missing = HOSTS.filter((host) => hostsIn(shards[0] ?? '').includes(host));
    expect(code).toBe(3);
    expect(err).toContain(`; missing: ${missing.join(', ')} (exit 3)`);
    const { hosts, run } = JSON.parse(
      (await bench.cli('audit', out.trim(), '-q', '-f', 'json')).out,
    ) as FleetReport;
    expect(hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(run.partial).toBe(true);
    expect((await bench.cli('verify', out.trim())).code).toBe(0);
    expect((await bench.cli('run', '--resume', out.trim())).err).toContain('was made by merge');
  });

  test('of two, the one that was gathered to the end is kept, else the later, and it says so', async () => {
    const first = await gather('doubles', '--host', 'web-*');
    const second = await gather('doubles', '--host', 'web-*');
    const worse = unsealed(second);
    const path = join(worse, 'evidence', 'web-01.json.gz');
    const evidence = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as HostEvidence;
    const failure = { code: 'connection-lost', phase: 'run', detail: 'lost' };
    writeFileSync(path, gzipSync(JSON.stringify({ ...evidence, failure })));
    const id = (run: string) => run.split('/').at(-1) ?? '';
    for (const runs of [
      [first, worse],
      [worse, first],
    ]) {
      const { out, err } = await bench.cli('merge', ...runs, '--evidence', 'doubled');
      expect(err).toContain(`the one of ${id(first)} is kept, which was gathered to the end`);
      expect(err).toContain(`web-02 is in`);
      const kept = (host: string) =>
        readFileSync(join(bench.folder, out.trim(), 'evidence', `${host}.json.gz`));
      expect(kept('web-01')).toEqual(readFileSync(join(first, 'evidence', 'web-01.json.gz')));
      expect(kept('web-02')).toEqual(readFileSync(join(second, 'evidence', 'web-02.json.gz')));
    }
  });

  test('takes interrupted runs, and names other tool versions', async () => {
    const [a = '', b = '', c = ''] = shards;
    const other = edit(a, (text) => text.replace('"version": "', '"version": "9'));
    const { code, err } = await bench.cli('merge', other, unsealed(b), c, '--evidence', 'versions');
    expect(code).toBe(0);
    expect(err).toMatch(/gathered and merged by different versions: .*, 9/);
  });
});

describe('what cannot be joined is refused in one clear line', () => {
  /** What is said when it is merged with the first shard. */
  const refusal = async (other: string): Promise<string> => {
    const { code, out, err } = await bench.cli('merge', shards[0] ?? '', other, '--evidence', 'never');
    return code === 2 && out === '' ? err : `exit ${code}: ${out}`;
  };

  test('different inventories', async () => {
    const text = readFileSync(bench.inventory, 'utf8');
    appendFileSync(bench.inventory, '# other\n');
    const other = await gather('other', '--host', 'web-01');
    writeFileSync(bench.inventory, text);
    expect(await refusal(other)).toContain('are of different inventories');
  });

  test('different selections of checks', async () => {
    expect(await refusal(await gather('checks', '--check', 'root-login', '--host', 'web-01'))).toContain(
      'gathered for different checks',
    );
  });

  test('another format of evidence or record', async () => {
    expect(
      await refusal(edit(shards[1] ?? '', (text) => text.replace('"format": 1', '"format": 2'))),
    ).toContain('format');
    const other = unsealed(shards[1] ?? '');
    const [host = ''] = hostsIn(other);
    const path = join(other, 'evidence', `${host}.json.gz`);
    const evidence = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as HostEvidence;
    writeFileSync(path, gzipSync(JSON.stringify({ ...evidence, schema: 2 })));
    expect(await refusal(other)).toContain(`${host}.json.gz: schema`);
  });

  test('a sealed run that was changed since: merging would seal the change', async () => {
    const other = copyOf(shards[1] ?? '');
    rmSync(join(other, 'evidence', readdirSync(join(other, 'evidence'))[0] ?? ''));
    expect(await refusal(other)).toContain('was changed after it was sealed');
  });

  test('no run folder, or one given twice', async () => {
    expect(await refusal(bench.folder)).toContain('is not a run folder');
    expect(await refusal(shards[0] ?? '')).toContain('is given twice');
  });
});
