import { expect, test } from 'vitest';
import type { FleetReport, HostReport } from '../src/model.js';
import { defaultPolicy } from '../src/policy.js';
import { buildReport, exitCodeOf } from '../src/report.js';
import { failing, host, result, ten, unreachable, run } from './fixtures/reports/build.js';

const build = (hosts: readonly HostReport[]): FleetReport =>
  buildReport({
    version: '1.0.0',
    run: run(hosts.length),
    checks: [],
    plugins: [],
    hosts,
    summaries: [],
    listedIdentities: [],
    policy: defaultPolicy(),
    warnings: [],
  });
const unknown = result('principals', { status: 'unknown', reason: 'denied', detail: 'x' });
const exit = (hosts: readonly HostReport[], requireClosure = false) =>
  exitCodeOf(build(hosts), { requireClosure });

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
