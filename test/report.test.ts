import { expect, test } from 'vitest';
import { standingOf } from '../src/compare/standing.js';
import type { Baseline, FleetReport, HostReport, Standing } from '../src/model.js';
import { defaultPolicy } from '../src/policy.js';
import { buildReport, exitCodeOf } from '../src/report.js';
import { failing, host, result, ten, unreachable, run } from './fixtures/reports/build.js';

const none = { ok: false, reason: 'not-configured', detail: 'nobody was asked' } as const;
const build = (hosts: readonly HostReport[], baseline?: Baseline): FleetReport =>
  buildReport({
    version: '1.0.0',
    run: run(hosts.length),
    checks: [],
    plugins: [],
    guidance: [],
    hosts,
    summaries: [],
    listedIdentities: [],
    fleet: { git: none, pipeline: none, attestations: none },
    policy: defaultPolicy(),
    warnings: [],
    ...(baseline && { baseline }),
  });
const unknown = result('principals', { status: 'unknown', reason: 'denied', detail: 'x' });
const exit = (hosts: readonly HostReport[], requireClosure = false, strictGuidance = false) =>
  exitCodeOf(build(hosts), { requireClosure, strictGuidance });

test.each([
  ['every check passes on every host', [host('a', ten())], 0],
  ['one fail', [host('a', ten()), host('b', ten(failing('root-login', 'is not as it should be')))], 1],
  ['one unknown', [host('a', ten(unknown))], 3],
  [
    'a fail outweighs an unknown',
    [host('a', ten(unknown)), host('b', ten(failing('root-login', 'is not as it should be')))],
    1,
  ],
  ['an unreachable host is never 0', [host('a', ten()), unreachable('b')], 3],
  ['no host at all', [], 3],
  [
    'a failing plug-in check',
    [host('a', ten(), { extra: [failing('site-rule', 'is not as it should be')] })],
    1,
  ],
  ['an unknown plug-in check', [host('a', ten(), { extra: [unknown] })], 3],
])('exit code: %s', (_title, hosts, code) => {
  expect(exit(hosts)).toBe(code);
});

const weak = host('a', ten(), { guidance: [failing('shared-keys', 'is not as it should be')] });
const untold = host('a', ten(), { guidance: [unknown] });

test.each([
  ['fails, and nobody asked', weak, false, 0],
  ['is unknown, and nobody asked', untold, false, 0],
  ['fails, and counts', weak, true, 1],
  ['is unknown, and counts', untold, true, 3],
])('exit code: guidance that %s', (_title, one, strict, code) => {
  expect(exit([one], false, strict)).toBe(code);
});

test('guidance is in neither the score, nor the totals, nor closure', () => {
  const [with_, without] = [build([weak]), build([host('a', ten())])];
  expect(with_.totals).toEqual(without.totals);
  expect(with_.closure).toEqual(without.closure);
  expect(with_.hosts[0]?.score).toBe(10);
});

test('--require-closure turns an unproven verdict into 3', () => {
  expect(exit([host('a', ten())])).toBe(0);
  expect(exit([host('a', ten())], true)).toBe(3);
});

test('hosts are sorted, totals count passes only, and the report is frozen to its leaves', () => {
  const report = build([
    host('b', ten(failing('root-login', 'is not as it should be'))),
    host('a', ten(unknown)),
    unreachable('c'),
  ]);
  expect(report.hosts.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(report.totals).toMatchObject({ hosts: 3, reached: 2, complete: 0, pass: 18, fail: 1 });
  expect(() => {
    (report.hosts[0] as { name: string }).name = 'x';
  }).toThrow(TypeError);
  expect(Object.isFrozen(report.hosts[1]?.results[5]?.outcome)).toBe(true);
});

test('with a baseline: since when, what changed, and the runs before with this one last', () => {
  const earlier = { ...standingOf(build([host('a', ten()), host('gone', ten())])) };
  const standing: Standing = {
    ...earlier,
    point: { ...earlier.point, id: 'before', now: '2026-11-20T02:00:00.000Z' },
  };
  const oldest = { ...standing.point, id: 'oldest', now: '2026-11-19T02:00:00.000Z' };
  const [fails, site] = [
    failing('root-login', 'is not as it should be'),
    failing('site-rule', 'is not as it should be'),
  ];
  const report = build([host('a', ten(fails), { extra: [site] })], { standing, history: [oldest] });
  const since = Object.fromEntries(report.hosts[0]?.results.map((one) => [one.id, one.since]) ?? []);
  expect(since['root-login']).toBe(report.run.now);
  expect(since['ca-trust']).toBe(earlier.hosts['a']?.checks['ca-trust']?.since);
  expect(report.hosts[0]?.extra[0]?.since).toBe(report.run.now);
  expect(report.changes?.newlyFailing.map(({ check, from }) => [check, from])).toEqual([
    ['root-login', 'pass'],
    ['site-rule', 'absent'],
  ]);
  expect(report.changes?.vanishedHosts).toEqual(['gone']);
  expect(report.history.map(({ id }) => id)).toEqual(['oldest', 'before', report.run.id]);
  expect(Object.isFrozen(report.changes?.newlyFailing[0])).toBe(true);
});

test('without a baseline nothing is said of other runs', () => {
  const report = build([host('a', ten())]);
  expect(report).not.toHaveProperty('changes');
  expect(report.history).toEqual([]);
  expect(report.hosts[0]?.results[0]).not.toHaveProperty('since');
});
