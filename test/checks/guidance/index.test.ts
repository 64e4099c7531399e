/** The pack itself: what holds for every check in it, and how it is left out and named. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { GUIDANCE } from '../../../checks/guidance/index.js';
import { CHECKS } from '../../../checks/index.js';
import { loadParts } from '../../../src/commands/setup.js';
import { loadPolicyFile } from '../../../src/policy-file.js';
import { resolveSettings } from '../../../src/settings.js';
import { runMain } from '../../helpers/io.js';

const folder = mkdtempSync(join(tmpdir(), 'guidance-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ids = GUIDANCE.map(({ meta }) => meta.id);
const parts = (flags: Readonly<Record<string, unknown>>) =>
  loadParts(resolveSettings({ config: 'none', ...flags }, {}, folder).settings, [], folder);

describe('the guidance', () => {
  test.each(GUIDANCE.map((check) => [check.meta.id, check.meta] as const))(
    '%s says all a check has to say, and takes no place in the score',
    (_id, meta) => {
      expect(meta).toMatchObject({ pack: 'guidance', category: 'Guidance' });
      expect(meta).not.toHaveProperty('number');
      for (const words of [meta.title, meta.why, meta.fix, meta.directive])
        expect(words.length).toBeGreaterThan(0);
      for (const list of [meta.looksAt, meta.limits, Object.keys(meta.controls)])
        expect(list.length).toBeGreaterThan(0);
    },
  );

  test('has ids of its own, and a waiver may name each of them', () => {
    expect(new Set([...ids, ...CHECKS.map(({ meta }) => meta.id)]).size).toBe(ids.length + CHECKS.length);
    const path = join(folder, 'policy.yaml');
    const rows = ids.map(
      (id) => `  - { check: ${id}, hosts: ['*'], owner: o, approver: p, reason: r, expires: 2026-12-01 }\n`,
    );
    writeFileSync(path, `waivers:\n${rows.join('')}guidance: { strict: true, tunnel_accounts: ['fwd-*'] }\n`);
    const { policy } = loadPolicyFile(path);
    expect(policy.waivers.map(({ check }) => check)).toEqual(ids);
    expect(policy.guidance).toMatchObject({ strict: true, tunnelAccounts: ['fwd-*'], privilegedSessions: 5 });
  });

  test('is there by default, and is left out, narrowed and named by flags', async () => {
    expect((await parts({})).guidance).toEqual(GUIDANCE);
    expect((await parts({ 'no-guidance': true })).guidance).toEqual([]);
    const one = await parts({ check: ['shells'] });
    expect([one.checks, one.guidance.map(({ meta }) => meta.id)]).toEqual([[], ['shells']]);
    const scored = await parts({ check: ['root-login'] });
    expect([scored.checks.length, scored.guidance]).toEqual([1, []]);
    const rest = await parts({ 'skip-check': ['shells'] });
    expect(rest.guidance.map(({ meta }) => meta.id)).toEqual(ids.filter((id) => id !== 'shells'));
  });

  test('alone it is nothing to judge, unless it was asked for by name', async () => {
    const all = CHECKS.map(({ meta }) => meta.id);
    await expect(parts({ 'skip-check': all })).rejects.toThrow(
      'no check is left after --check and --skip-check',
    );
    await expect(parts({ check: ['shells'], 'no-guidance': true })).rejects.toThrow('--no-guidance');
  });

  test('a run remembers that it was left out, and is judged again without it', async () => {
    const run = async (...argv: string[]) => runMain(argv, { cwd: folder });
    const demo = await run('demo', 'out', '--no-guidance', '-q', '-f', 'json');
    expect(JSON.parse(demo.out)).toMatchObject({ run: { selection: { noGuidance: true } } });
    const saved = (await import('node:fs')).readdirSync(join(folder, 'out/runs'))[0] ?? '';
    const again = await run('audit', join('out/runs', saved), '-q', '-f', 'json', '--config', 'none');
    expect(again.out).toBe(demo.out);
  });
});
