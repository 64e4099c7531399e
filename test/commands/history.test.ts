import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HistoryPoint } from '../../src/model.js';
import { runMain } from '../helpers/io.js';
import { point } from '../compare/fleets.js';
import { failing, host, report, ten } from '../fixtures/reports/build.js';

let base = '';
const at = (...parts: string[]) => join(base, ...parts);
const history = (...argv: string[]) => runMain(['history', 'runs', ...argv], { cwd: base });

function run(name: string, one: HistoryPoint): void {
  mkdirSync(at('runs', name), { recursive: true });
  writeFileSync(
    at('runs', name, 'standing.json.gz'),
    gzipSync(JSON.stringify({ schema: 1, point: one, hosts: {} })),
  );
}

function day(date: string, fail: number, more: Partial<HistoryPoint> = {}): HistoryPoint {
  const totals = { hosts: 10, reached: 9, complete: 10 - fail, pass: 90, fail, unknown: 2, waived: 0 };
  return point(date, { totals, fails: { 'root-login': fail }, ...more });
}

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'history-test-'));
  run('c', day('2026-11-20', 2));
  run('a', day('2026-11-18', 8));
  run('b', day('2026-11-19', 1, { partial: true, verdict: 'unproven' }));
  mkdirSync(at('runs', 'results-only'));
  writeFileSync(
    at('runs', 'results-only', 'results.json'),
    JSON.stringify(report([host('a', ten(failing('root-login', 'is not as it should be')))])),
  );
  mkdirSync(at('runs', 'damaged\u001b[2J'));
  writeFileSync(at('runs', 'damaged\u001b[2J', 'run.json'), '{');
  mkdirSync(at('runs', 'notes'));
  symlinkSync(at('runs', 'a'), at('runs', 'latest'));
});
afterAll(() => rmSync(base, { recursive: true }));

describe('history', () => {
  test('one line a run, oldest first; what cannot be read is named', async () => {
    const { code, out } = await history();
    expect(code).toBe(0);
    const rows = out.split('\n').filter((line) => line.startsWith('2026'));
    expect(rows.map((row) => row.slice(0, 16))).toEqual([
      '2026-11-18 02:00',
      '2026-11-19 02:00',
      '2026-11-20 02:00',
      '2026-11-21 02:00',
    ]);
    expect(rows[0]?.split(/ +/)).toEqual(['2026-11-18', '02:00', 'OPEN', '2/10', '8', '2', '9/10']);
    expect(rows[1]).toMatch(/UNPROVEN .* partial$/);
    expect(out).toContain('NOT COUNTED');
    expect(out).toContain('damaged\\u001b[2J');
    expect(out).not.toContain('notes');
  });

  test('trends leave partial runs out; -v shows every check', async () => {
    const { out } = await history('-v');
    expect(out).toMatch(/^fails {2}█▃▂ {2}8 to 1$/m);
    expect(out).toMatch(/^ {2}root-login {2}█▃▂ {2}8 to 1$/m);
  });

  test('--last, and how many are not shown', async () => {
    const { out } = await history('--last', '2');
    expect(out).toMatch(/^2 earlier, not shown\n/);
    expect(out.match(/^2026/gm)).toHaveLength(2);
    expect((await history('--last', '0')).out.match(/^2026/gm)).toHaveLength(4);
  });

  test('json: the points as the results schema has them', async () => {
    const { out } = await history('-f', 'json');
    const { points, earlier, unreadable } = JSON.parse(out) as {
      points: HistoryPoint[];
      earlier: number;
      unreadable: { folder: string }[];
    };
    expect(points.map(({ now }) => now.slice(8, 10))).toEqual(['18', '19', '20', '21']);
    expect(points[0]).toEqual(day('2026-11-18', 8));
    expect(earlier).toBe(0);
    expect(unreadable.map(({ folder }) => folder)).toEqual(['damaged\u001b[2J']);
  });

  test.each([40, 60, 80, 120])('no line is wider than %i columns, and --ascii is ASCII', async (columns) => {
    const { out } = await runMain(['history', 'runs', '-v', '--ascii'], { cwd: base, columns });
    expect(out).toMatch(/^[\n -~]+$/);
    expect(Math.max(...out.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
  });

  test.each([
    ['a run folder itself', 'runs/a', /is not a folder of runs/],
    ['a folder without runs', 'runs/notes', /holds no run that can be read/],
    ['nothing', 'absent', /cannot read .*absent/],
  ])('%s is one line and exit 2', async (_what, path, says) => {
    const { code, err } = await runMain(['history', path], { cwd: base });
    expect(code).toBe(2);
    expect(err).toMatch(says);
  });
});
