import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { paceOf, parseRate } from '../../src/commands/pace.js';
import type { FleetReport } from '../../src/model.js';
import { HOSTS, startBench, startGate, type Bench } from '../helpers/runs.js';

describe('--rate', () => {
  test.each([
    ['20/s', 20],
    ['0.5/s', 0.5],
    ['90/m', 1.5],
  ])('%s', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  test.each(['', '20', '20/h', '-1/s', '0/s', '1e9/s', '99999/s', '1/s/s', '٣/s'])('refuses %j', (text) => {
    expect(() => parseRate(text)).toThrow('--rate: expected hosts per second or minute');
  });
});

test('only what was asked for is bounded', () => {
  const none = { rate: undefined, jump: undefined, 'per-bastion': 10, 'per-environment': 0, deadline: 0 };
  expect(paceOf(none)).toEqual({ perBastion: 10 });
  const all = paceOf({ ...none, rate: '2/s', jump: 'a, b', 'per-environment': 3, deadline: 60_000 });
  expect(all).toMatchObject({ rate: 2, perBastion: 10, perEnvironment: 3, deadlineMs: 60_000 });
  expect(all.bastionOf?.({} as never)).toBe('a');
});

describe('--deadline', () => {
  let bench: Bench;
  let served = 0;
  let gate: Awaited<ReturnType<typeof startGate>>;
  beforeAll(async () => {
    gate = await startGate();
    // Nobody is ever let through: every host of this fleet takes the connection and says nothing.
    bench = await startBench('pace', (text) => {
      served = Number(/port: (\d+)/.exec(text)?.[1]);
      return text.replaceAll(/port: \d+/g, `port: ${gate.port}`);
    });
  });
  afterAll(async () => {
    await bench.stop();
    await gate.close();
  });

  test('hosts that were not asked in time are rows of their own reason, and the run can be finished later', async () => {
    const argv = ['run', bench.inventory, ...bench.reach, '-q', '--evidence', 'late'];
    const { code, out, err } = await bench.cli(...argv, '-f', 'json', '-c', '1', '--deadline', '1s');
    const report = JSON.parse(out) as FleetReport;
    expect(report.hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(report.hosts.map(({ failure }) => failure?.code)).toEqual(HOSTS.map(() => 'deadline'));
    const details = new Set(report.hosts.map(({ failure }) => failure?.detail));
    expect([...details].sort()).toEqual([
      'stopped after 1.0 s, its share of the time until --deadline',
      'the deadline of the run came before this host was asked',
    ]);
    expect([code, report.run.partial]).toEqual([3, true]);
    expect(report.warnings.join()).toContain('the run is not whole');
    expect(err).toContain('verdict: UNPROVEN');
    gate.open(served);
    const resumed = await bench.cli(
      'run',
      '--resume',
      `late/${report.run.id}`,
      ...bench.reach,
      '-q',
      '-f',
      'json',
    );
    const again = JSON.parse(resumed.out) as FleetReport;
    expect(again.hosts.some(({ failure }) => failure?.code === 'deadline')).toBe(false);
    expect(again.run.partial).toBe(false);
    expect(readFileSync(`${bench.folder}/late/${report.run.id}/run.json`, 'utf8')).toContain('"finished"');
  });
});
