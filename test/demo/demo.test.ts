import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport } from '../../src/model.js';
import { runMain, type Caught } from '../helpers/io.js';

let folder = '';
let demo: Caught;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'demo-test-'));
  demo = await runMain(['demo', folder]);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the demo: real handshakes, certificate logins, recorded evidence, the same path as run', () => {
  test('exits 0 because the outcome is the expected one, and says the verdict', () => {
    expect(demo.code).toBe(0);
    expect(demo.err).toContain('verdict: OPEN (exit 1)');
    expect(demo.err).not.toContain('unexpected');
  });

  test('logs in with a certificate, verifies pinned host keys, and leaves nobody out', () => {
    const report = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as FleetReport;
    expect(report.hosts.length).toBeGreaterThanOrEqual(8);
    const reached = report.hosts.filter(({ failure }) => !failure);
    expect(reached.length).toBe(report.hosts.length - 2);
    for (const { connection } of reached) {
      expect(connection?.authenticatedBy).toContain('certificate');
      expect(connection?.authenticatedBy).toContain('atm-scorecard');
      expect(connection?.hostKey?.verifiedBy).toBe('inventory');
    }
    const junit = readFileSync(join(folder, 'junit.xml'), 'utf8');
    for (const { name } of report.hosts) expect(junit).toContain(`<testsuite name="${name}"`);
  });

  test("the README's sample is what the demo prints", () => {
    const sample =
      /<!-- demo:begin -->\s*```\n([\s\S]*?)\n```/.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';
    const printed = new Set(demo.out.split('\n'));
    const lines = sample.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(12);
    expect(lines.filter((line) => !printed.has(line))).toEqual([]);
  });

  test('only some checks, and a report on standard output', async () => {
    const { code, out } = await runMain(['demo', folder, '--check', 'root-login', '-o', 'json=-', '-q']);
    expect(code).toBe(0);
    const report = JSON.parse(out) as FleetReport;
    expect(report.checks.map(({ id }) => id)).toEqual(['root-login']);
  });
});
