import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealFolder } from '../../src/evidence/manifest.js';
import type { HostEvidence } from '../../src/model.js';
import { copyBase, runsIn, startBench, type Bench } from '../helpers/runs.js';

let bench: Bench;
let base = '';
/** Two runs, the second after the first. */
let names: readonly [string, string];
let copies = 0;
beforeAll(async () => {
  bench = await startBench('verify');
  base = join(bench.folder, 'runs');
  for (const _ of [1, 2])
    await bench.cli('run', bench.inventory, ...bench.reach, '--evidence', 'runs', '-q', '--no-progress');
  const made = runsIn(base)
    .sort(byStart)
    .map((path) => basename(path));
  names = [made[0] ?? '', made[1] ?? ''];
});
afterAll(() => bench.stop());

function byStart(a: string, b: string): number {
  const at = (run: string) => started(run);
  return at(a) < at(b) ? -1 : 1;
}
function recordOf(run: string) {
  return JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as {
    run: { id: string; startedAt: string; finishedAt: string; previous?: { id: string } };
  };
}
function started(run: string): string {
  return recordOf(run).run.startedAt;
}
/** A copy of both runs; the paths of the first and the second. */
function copy(): { base: string; first: string; second: string } {
  copies += 1;
  const to = copyBase(base, join(bench.folder, `copy-${copies}`));
  return { base: to, first: join(to, names[0]), second: join(to, names[1]) };
}
function editHost(run: string, host: string, change: (evidence: HostEvidence) => unknown): void {
  const path = join(run, 'evidence', `${host}.json.gz`);
  const evidence = JSON.parse(gunzipSync(readFileSync(path)).toString('utf8')) as HostEvidence;
  writeFileSync(path, gzipSync(JSON.stringify(change(evidence))));
}
function editRecord(run: string, change: (text: string) => string): void {
  const path = join(run, 'run.json');
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

describe('a sealed run', () => {
  test('is untouched, follows the run before it, and sha256sum agrees', async () => {
    expect(recordOf(join(base, names[1])).run.previous?.id).toBe(names[0]);
    const { code, out, err } = await bench.cli('verify', 'runs');
    expect([code, err]).toEqual([0, 'untouched: 2 runs (2 untouched) (exit 0)\n']);
    expect(out.split('\n').filter((line) => line.includes(': untouched: '))).toHaveLength(2);
    const checked = execFileSync('sha256sum', ['-c', 'MANIFEST.sha256'], { cwd: join(base, names[1]) });
    expect(checked.toString()).toContain('evidence/web-01.json.gz: OK');
  });

  test('on its own it says that the run before it is not there, and passes', async () => {
    const { second, first } = copy();
    rmSync(first, { recursive: true });
    const { code, out } = await bench.cli('verify', second);
    expect(code).toBe(0);
    expect(out).toContain(`note: the run before it, ${names[0]}, is not here to compare with`);
  });

  test('json names every run', async () => {
    const { out } = await bench.cli('verify', 'runs', '-f', 'json');
    expect(JSON.parse(out)).toMatchObject({
      schemaVersion: 1,
      integrity: 'untouched',
      runs: [...names].sort().map((id) => ({ id, integrity: 'untouched', hosts: 10, problems: [] })),
      folders: [{ folder: 'runs', problems: [], doubts: [] }],
    });
    expect((await bench.cli('verify', 'runs', '-f', 'junit')).code).toBe(2);
  });
});

describe('what was touched is named', () => {
  const swap = (run: string) => {
    const path = (host: string) => join(run, 'evidence', `${host}.json.gz`);
    renameSync(path('web-01'), path('tmp'));
    renameSync(path('db-01'), path('web-01'));
    renameSync(path('tmp'), path('db-01'));
  };
  const tampers: readonly (readonly [string, (run: string) => void | Promise<void>, string])[] = [
    [
      'one flipped byte',
      (run) => {
        const path = join(run, 'results.json');
        const bytes = readFileSync(path);
        bytes[100] = (bytes[100] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
      'results.json was changed',
    ],
    [
      'a host dropped',
      (run) => unlinkSync(join(run, 'evidence', 'db-01.json.gz')),
      'evidence/db-01.json.gz is missing',
    ],
    [
      'a host dropped, and sealed again',
      async (run) => {
        unlinkSync(join(run, 'evidence', 'db-01.json.gz'));
        await sealFolder(run);
      },
      'run.json counts 10 hosts with evidence, 9 are there',
    ],
    ['two hosts swapped', swap, 'evidence/web-01.json.gz is evidence of db-01'],
    [
      'two hosts swapped, and sealed again',
      async (run) => {
        swap(run);
        await sealFolder(run);
      },
      'evidence/db-01.json.gz is evidence of web-01',
    ],
    [
      'evidence edited, and sealed again',
      async (run) => {
        editHost(run, 'db-01', (evidence) => ({ ...evidence, finishedAt: evidence.startedAt }));
        await sealFolder(run);
      },
      'results.json was not made from the evidence of db-01',
    ],
    [
      'what a probe printed',
      async (run) => {
        editHost(run, 'db-01', ({ probes, ...evidence }) => ({
          ...evidence,
          probes: Object.fromEntries(
            Object.entries(probes).map(([name, probe]) => [name, { ...probe, stdout: 'fine' }]),
          ),
        }));
        await sealFolder(run);
      },
      'what probe sshd printed is not what was hashed',
    ],
    [
      'old evidence in a new run',
      async (run) => {
        editHost(run, 'db-01', (evidence) => ({ ...evidence, startedAt: '2025-01-01T00:00:00.000Z' }));
        await sealFolder(run);
      },
      'was gathered at 2025-01-01T00:00:00.000Z, which is not within this run',
    ],
    [
      'a file added',
      (run) => writeFileSync(join(run, 'evidence', 'new-01.json.gz'), ''),
      'evidence/new-01.json.gz was added',
    ],
    [
      'a link in the folder',
      (run) => symlinkSync('/etc/passwd', join(run, 'passwd')),
      'passwd is a symbolic link',
    ],
    [
      'a link for a file',
      (run) => {
        const path = join(run, 'evidence', 'db-01.json.gz');
        renameSync(path, join(run, '..', 'db-01'));
        symlinkSync('../../db-01', path);
      },
      'evidence/db-01.json.gz is a symbolic link',
    ],
    [
      'a pipe, which would never end',
      (run) => void execFileSync('mkfifo', [join(run, 'evidence', 'pipe.json.gz')]),
      'evidence/pipe.json.gz is neither a file nor a folder of a run',
    ],
    [
      'a manifest that names paths outside',
      (run) => appendFileSync(join(run, 'MANIFEST.sha256'), `${'0'.repeat(64)}  ../../etc/passwd\n`),
      'names a path that no run has: ../../etc/passwd',
    ],
    [
      'a manifest line of another shape',
      (run) => appendFileSync(join(run, 'MANIFEST.sha256'), 'hello\n'),
      'is no line of a manifest',
    ],
    [
      'a manifest edited',
      (run) => {
        const path = join(run, 'MANIFEST.sha256');
        const lines = readFileSync(path, 'utf8').split('\n');
        writeFileSync(path, lines.slice(1).join('\n'));
      },
      'baseline.json.gz was added',
    ],
    ['a record that is none', (run) => editRecord(run, () => '{}'), 'cannot use'],
    [
      'an inventory edited, and sealed again',
      async (run) => {
        appendFileSync(join(run, 'inventory.yaml'), '# one host less\n');
        await sealFolder(run);
      },
      'inventory.yaml is not the one run.json tells of',
    ],
  ];
  test.each(tampers)('%s', async (_, tamper, message) => {
    const { second } = copy();
    await tamper(second);
    const { code, out, err } = await bench.cli('verify', second);
    expect(out).toContain(message);
    expect(out).toContain(`${second}: touched: `);
    expect(code).toBe(1);
    expect(err).toContain('touched: 1 run (');
  });

  test('names from the folder cannot draw on the terminal', async () => {
    const { second } = copy();
    writeFileSync(join(second, '\u001b[2Jhello'), '');
    const { out } = await bench.cli('verify', second);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('\\u001b[2Jhello was added');
  });
});

describe('what cannot be proven is said, with exit 3', () => {
  test('a run that is not sealed', async () => {
    const { second } = copy();
    unlinkSync(join(second, 'MANIFEST.sha256'));
    const { code, out } = await bench.cli('verify', second);
    expect(code).toBe(3);
    expect(out).toContain('unproven: it is not sealed');
  });
});

describe('a folder of runs', () => {
  test('an old run under a new name is a replay', async () => {
    const { base: to, first } = copy();
    cpSync(first, join(to, '2026-12-24T02-00-00Z-abcdef'), { recursive: true });
    const { code, out } = await bench.cli('verify', to);
    expect(code).toBe(1);
    expect(out).toContain(`it is run ${names[0]} under the name 2026-12-24T02-00-00Z-abcdef`);
    expect(out).toContain(`run ${names[0]} is here 2 times`);
  });

  test('a run that was edited and sealed again is not the one the next run saw', async () => {
    const { base: to, first } = copy();
    editRecord(first, (text) => text.replace('"warnings": []', '"warnings": ["all is well"]'));
    await sealFolder(first);
    const { code, out } = await bench.cli('verify', to);
    expect(code).toBe(1);
    expect(out).toContain(
      `the run before it, ${names[0]}, is not as it was then: it was changed and sealed again`,
    );
  });

  test('forks, gaps and clocks that go backwards', async () => {
    const later = async (from: string, to: string, id: string, minutes: number, previous?: string) => {
      cpSync(from, join(to, id), { recursive: true });
      const shift = (text: string) => new Date(Date.parse(text) + minutes * 60_000).toISOString();
      editRecord(join(to, id), (text) => {
        const record = JSON.parse(text) as ReturnType<typeof recordOf>;
        const { previous: before, ...run } = record.run;
        const link = before && (previous === undefined ? before : { ...before, id: previous });
        return JSON.stringify({
          ...record,
          run: {
            ...run,
            id,
            startedAt: shift(run.startedAt),
            finishedAt: shift(run.finishedAt),
            ...(link && { previous: link }),
          },
        });
      });
      await sealFolder(join(to, id));
    };
    const { base: to, second } = copy();
    await later(second, to, '2026-12-01T02-00-00Z-000001', 60);
    await later(second, to, '2026-12-02T02-00-00Z-000002', 120, '2026-11-30T00-00-00Z-ffffff');
    await later(second, to, '2026-12-03T02-00-00Z-000003', -60);
    const { code, out } = await bench.cli('verify', to);
    expect(code).toBe(1);
    expect(out).toContain(
      `${names[1]} and 2026-12-01T02-00-00Z-000001 both follow ${names[0]}, though the first was finished before the second began`,
    );
    expect(out).toContain('2026-11-30T00-00-00Z-ffffff is missing: 2026-12-02T02-00-00Z-000002 follows it');
    expect(out).toContain(
      `2026-12-03T02-00-00Z-000003 follows ${names[0]}, but was finished before it: a clock went backwards`,
    );
  });

  test('an empty folder holds no run', async () => {
    mkdirSync(join(bench.folder, 'empty'));
    const { code, err } = await bench.cli('verify', 'empty');
    expect(code).toBe(2);
    expect(err).toContain('there is no run folder in empty'.replace('empty', join(bench.folder, 'empty')));
  });
});
