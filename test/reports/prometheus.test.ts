import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { prometheus } from '../../reports/prometheus.js';
import type { FleetReport } from '../../src/model.js';
import { fleet, host, report } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying } from './hostile.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => prometheus.render(value, options);

/** A strict reader of the format: HELP, TYPE, then samples of that family only, no series twice. */
function parse(text: string): ReadonlyMap<string, number> {
  const series = new Map<string, number>();
  const families = new Set<string>();
  let family = '';
  let step: 'help' | 'type' | 'sample' = 'sample';
  for (const line of text.replace(/\n$/, '').split('\n')) {
    const help = /^# HELP ([a-z_]+) [ -~]+$/.exec(line);
    const type = /^# TYPE ([a-z_]+) gauge$/.exec(line);
    const sample = /^([a-z_]+)(?:\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\})? (-?\d+(?:\.\d+)?|NaN)$/.exec(
      line,
    );
    if (help) {
      expect(step).toBe('sample');
      [, family = ''] = help;
      expect(families.has(family)).toBe(false);
      families.add(family);
      step = 'help';
    } else if (type) {
      expect([step, type[1]]).toEqual(['help', family]);
      step = 'type';
    } else {
      expect(sample?.[1] ?? line).toBe(family);
      expect(step).not.toBe('help');
      step = 'sample';
      const key = line.slice(0, line.lastIndexOf(' '));
      expect(series.has(key)).toBe(false);
      series.set(key, Number(sample?.[3]));
    }
  }
  return series;
}

describe('prometheus', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/scorecard.prom');
  });

  it('tells pass, fail, unknown and waived apart', () => {
    const series = parse(render(mixed));
    const of = (name: string, check: string) =>
      ['status', 'unknown', 'waived'].map((kind) =>
        series.get(`ssh_scorecard_check_${kind}{host="${name}",check="${check}"}`),
      );
    expect(of('web-01', 'root-login')).toEqual([1, 0, undefined]);
    expect(of('web-03', 'root-login')).toEqual([0, 0, undefined]);
    expect(of('db-01', 'root-login')).toEqual([0, 1, undefined]);
    expect(of('web-04', 'no-static-keys')).toEqual([0, 0, 1]);
    expect(of('web-05', 'no-static-keys')).toEqual([0, 0, undefined]);
    expect(series.get('ssh_scorecard_verdict{verdict="open"}')).toBe(1);
    expect(series.get('ssh_scorecard_verdict{verdict="closed"}')).toBe(0);
    expect(series.get('ssh_scorecard_host_reached{host="db-01"}')).toBe(0);
    expect(series.get('ssh_scorecard_host_score{host="web-01"}')).toBe(10);
    expect(series.get('ssh_scorecard_last_run_timestamp_seconds')).toBe(
      Date.UTC(2026, 10, 21, 2, 0, 31) / 1000,
    );
  });

  it('nobody vanishes: an empty report and a host without results are there', () => {
    expect(parse(render(report([]))).get('ssh_scorecard_hosts')).toBe(0);
    const idle = parse(render(report([host('idle', [])])));
    expect(idle.get('ssh_scorecard_check_unknown{host="idle",check="judged"}')).toBe(1);
  });

  it('has no label a host can fill: series grow with hosts and checks only', () => {
    expect(parse(render(fleet(100))).size - parse(render(fleet(50))).size).toBe(50 * (2 + 20));
    expect(render({ ...mixed, hosts: mixed.hosts.toReversed() })).toBe(render(mixed));
  });

  it('keeps hostile text inert: no line or series of its own, no series twice', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const out = render(saying(text));
        expect(out.replaceAll('\n', '')).not.toMatch(INVISIBLE);
        expect(parse(out).size).toBeGreaterThan(80);
      }),
      fixed,
    );
  });
});
