import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oscal } from '../../reports/oscal.js';
import type { FleetReport } from '../../src/model.js';
import { fleet, host, METAS, report, result, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying, strings } from './hostile.js';
import { readSchema, schema, titled } from './schema.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => oscal.render(value, options);

interface Finding {
  readonly uuid: string;
  readonly target: {
    readonly 'target-id': string;
    readonly status: { readonly state: string; readonly reason: string };
  };
  readonly 'related-observations'?: readonly { readonly 'observation-uuid': string }[];
}
interface Observation {
  readonly uuid: string;
  readonly title: string;
  readonly props: readonly { readonly name: string; readonly value: string; readonly remarks?: string }[];
  readonly 'relevant-evidence'?: readonly {
    readonly description: string;
    readonly props?: readonly { readonly value: string }[];
  }[];
}
interface Result {
  readonly observations?: readonly Observation[];
  readonly findings: readonly Finding[];
}
function resultOf(value: FleetReport): Result {
  const document = JSON.parse(render(value)) as {
    readonly 'assessment-results': { readonly results: readonly [Result] };
  };
  return document['assessment-results'].results[0];
}
const states = (value: FleetReport): Readonly<Record<string, string>> =>
  Object.fromEntries(
    resultOf(value).findings.map(({ target }) => [
      target['target-id'],
      `${target.status.state} ${target.status.reason}`,
    ]),
  );

const file = schema('oscal-assessment-results-1.0.6.json');
const all: readonly (readonly [string, FleetReport])[] = [
  ['mixed', mixed],
  ['1 host', fleet(1)],
  ['500 hosts', fleet(500)],
  ['no host', report([])],
  ['hosts without results', report([host('a', [])])],
  ['no controls', report([], { checks: METAS.map((meta) => ({ ...meta, controls: {} })) })],
];

function validator() {
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  return ajv.compile(readSchema(file));
}

describe.skipIf(file.missing !== null)(titled(file), () => {
  it.each(all)('accepts %s', (_, value) => {
    const check = validator();
    check(JSON.parse(render(value)));
    expect(check.errors ?? []).toEqual([]);
  });

  it('accepts hostile text, and refuses what is no OSCAL', () => {
    const check = validator();
    fc.assert(
      fc.property(hostileText, (text) => {
        check(JSON.parse(render(saying(text))));
        expect(check.errors ?? []).toEqual([]);
      }),
      { ...fixed, numRuns: 100 },
    );
    expect(check({ 'assessment-results': { uuid: 'no' } })).toBe(false);
  });
});

describe('oscal', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/oscal.json');
  });

  it('is satisfied only when every host passes: unknown, waived and an empty fleet are not', () => {
    expect(states(report([host('a', ten())]))['root-login']).toBe('satisfied pass');
    expect(states(report([]))['root-login']).toBe('not-satisfied other');
    expect(states(report([host('a', [])]))['root-login']).toBe('not-satisfied other');
    expect(
      states(
        report([
          host('a', ten()),
          host('b', ten(result('root-login', { status: 'unknown', reason: 'denied', detail: 'd' }))),
        ]),
      )['root-login'],
    ).toBe('not-satisfied other');
    expect(states(report(mixed.hosts.filter(({ name }) => name === 'web-04')))['no-static-keys']).toBe(
      'not-satisfied fail',
    );
    expect(states(mixed)).toMatchObject({
      'closure-scorecard': 'not-satisfied fail',
      'closure-actors': 'satisfied pass',
      'closure-pipeline': 'not-satisfied other',
    });
  });

  it('observes every host, with statuses, waivers and the hash of its evidence', () => {
    const { observations = [] } = resultOf(mixed);
    expect(observations.map(({ title }) => title)).toEqual(mixed.hosts.map(({ name }) => name));
    const of = (name: string) => observations.find(({ title }) => title === name);
    expect(of('web-04')?.props.find(({ name }) => name === 'no-static-keys')).toMatchObject({
      value: 'fail',
      remarks: expect.stringContaining('by ciso'),
    });
    expect(of('web-01')?.['relevant-evidence']?.[0]?.props?.[0]?.value).toBe('ab'.repeat(32));
    expect(of('db-01')?.['relevant-evidence']?.[0]?.description).toContain('unknown, connect-timeout');
  });

  it('every reference leads somewhere, and no two things share a UUID', () => {
    const { observations = [], findings } = resultOf(mixed);
    const ids = [...observations, ...findings].map(({ uuid }) => uuid);
    expect(new Set(ids).size).toBe(ids.length);
    const known = new Set(observations.map(({ uuid }) => uuid));
    for (const one of findings)
      for (const reference of one['related-observations'] ?? [])
        expect(known.has(reference['observation-uuid'])).toBe(true);
    expect(render({ ...mixed, hosts: mixed.hosts.toReversed() })).toBe(render(mixed));
  });

  it('bounds what one host can say', () => {
    const finding = { subject: 's', message: 'm'.repeat(5000), evidence: [] };
    const loud = result('root-login', {
      status: 'fail',
      findings: [finding, ...Array.from({ length: 5000 }, () => finding)],
    });
    const out = render(report([host('loud', ten(loud))]));
    expect(out).toContain('and 4996 more findings');
    expect(out.length).toBeLessThan(40_000);
  });

  it('keeps hostile text inert: no control in the file or in a value', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const out = render(saying(text));
        expect(out.replaceAll('\n', '')).not.toMatch(INVISIBLE);
        for (const one of strings(JSON.parse(out))) expect(one).not.toMatch(INVISIBLE);
        expect(out).not.toMatch(/##(?:vso|teamcity)?\[/i);
      }),
      { ...fixed, numRuns: 150 },
    );
  });
});
