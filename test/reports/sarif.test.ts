import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MOST_RESULTS, sarif } from '../../reports/sarif.js';
import type { FleetReport } from '../../src/model.js';
import { failing, fleet, host, report, result, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying, strings } from './hostile.js';
import { readSchema, schema, titled } from './schema.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => sarif.render(value, options);

interface Result {
  readonly ruleId: string;
  readonly ruleIndex?: number;
  readonly kind: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly suppressions?: readonly { readonly justification: string }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly locations: readonly [
    {
      readonly physicalLocation: {
        readonly artifactLocation: { readonly uri: string };
        readonly region: { readonly startLine: number };
      };
    },
  ];
  readonly properties: Readonly<Record<string, unknown>>;
}
interface Run {
  readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
  readonly results: readonly Result[];
  readonly invocations: readonly [
    { readonly toolExecutionNotifications: readonly { readonly message: { readonly text: string } }[] },
  ];
}
function runOf(value: FleetReport): Run {
  const log = JSON.parse(render(value)) as { readonly runs: readonly [Run] };
  return log.runs[0];
}

const file = schema('sarif-2.1.0.json');
const all: readonly (readonly [string, FleetReport])[] = [
  ['mixed', mixed],
  ['1 host', fleet(1)],
  ['500 hosts', fleet(500)],
  ['no host', report([])],
  ['hosts without results', report([host('a', [])])],
];

/** The published file is draft-04, which ajv 8 no longer knows: `id` is `$id` now. */
function validator() {
  const { $schema: _draft, id, ...rest } = readSchema(file);
  const ajv = new Ajv({ strict: false });
  formats.default(ajv);
  return ajv.compile({ $id: String(id), ...rest });
}

describe.skipIf(file.missing !== null)(titled(file), () => {
  it.each(all)('accepts %s', (_, value) => {
    const check = validator();
    check(JSON.parse(render(value)));
    expect(check.errors ?? []).toEqual([]);
  });

  it('accepts hostile text, and refuses what is no SARIF', () => {
    const check = validator();
    fc.assert(
      fc.property(hostileText, (text) => check(JSON.parse(render(saying(text))))),
      { ...fixed, numRuns: 50 },
    );
    expect(check({ version: '2.1.0', runs: [{ results: [] }] })).toBe(false);
  });
});

describe('sarif', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/scorecard.sarif');
  });

  it('fail is an error, unknown is for review, waived is suppressed, a pass is no result', () => {
    const { results, tool } = runOf(mixed);
    const of = (name: string) => results.filter(({ properties }) => properties['host'] === name);
    expect(of('web-01')).toEqual([]);
    expect(of('web-02')).toMatchObject([{ ruleId: 'password-auth', kind: 'fail', level: 'error' }]);
    expect(of('web-04')[0]?.suppressions?.[0]?.justification).toContain('by ciso, owner bernd');
    expect(of('web-05')).toMatchObject([{ kind: 'fail' }]);
    expect(of('web-05')[0]).not.toHaveProperty('suppressions');
    expect(of('db-01')).toMatchObject([{ ruleId: 'host-reached', kind: 'review', level: 'none' }]);
    expect(of('db-02').map(({ kind }) => kind)).toEqual(Array.from({ length: 6 }, () => 'review'));
    for (const { ruleId, ruleIndex = -1 } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
  });

  it('a host that only plug-ins judged was reached', () => {
    const only = runOf(
      report([host('a', [], { extra: [failing('banner', 'm')] }), host('idle', [])]),
    ).results;
    expect(only.map(({ ruleId, kind }) => `${ruleId} ${kind}`)).toEqual([
      'banner fail',
      'host-reached review',
    ]);
  });

  it('fingerprints stay when messages, lines and other hosts change, and are unique', () => {
    const prints = (value: FleetReport): readonly string[] =>
      runOf(value).results.map(({ partialFingerprints }) => partialFingerprints['sshScorecard/v1'] ?? '');
    const [before] = prints(report([host('a', ten(failing('root-login', 'three ways in', 's')))]));
    const at = { file: 'inventory.yaml', line: 99, column: 1 };
    const after = prints(
      report([
        host('b', ten(failing('root-login', 'm', 's'))),
        host('a', ten(failing('root-login', 'two ways in', 's')), { at }),
      ]),
    );
    expect(after).toContain(before);
    const twins = { subject: 's', message: 'm', evidence: [] };
    const many = prints(
      report([host('a', ten(result('root-login', { status: 'fail', findings: [twins, twins] })))]),
    );
    expect(new Set(many).size).toBe(2);
    expect(new Set(prints(mixed)).size).toBe(prints(mixed).length);
  });

  it('is bounded: the most severe results first, the rest counted', () => {
    const hosts = Array.from({ length: 6000 }, (_, index) =>
      host(`h${index}`, ten(failing(index % 2 === 0 ? 'bootstrap-complete' : 'ca-trust', 'm'))),
    );
    const { results, invocations } = runOf(report(hosts));
    expect(results).toHaveLength(MOST_RESULTS);
    expect(results.filter(({ level }) => level === 'error')).toHaveLength(3000);
    expect(invocations[0].toolExecutionNotifications[1]?.message.text).toContain(
      '1000 further results are left out',
    );
    const finding = { subject: 's', message: 'm', evidence: [] };
    const loud = result('root-login', {
      status: 'fail',
      findings: [finding, ...Array.from({ length: 500 }, () => finding)],
    });
    const said = runOf(report([host('loud', ten(loud))])).results;
    expect(said).toHaveLength(20);
    expect(said.at(-1)?.message.text).toContain('(and 481 more findings)');
  });

  it('keeps hostile text inert: no control, link, placeholder or scheme of its own', () => {
    const calm = runOf(saying('x')).results.length;
    fc.assert(
      fc.property(hostileText, (text) => {
        const out = render(saying(text));
        expect(out.replaceAll('\n', '')).not.toMatch(INVISIBLE);
        const { results } = runOf(saying(text));
        expect(results).toHaveLength(calm);
        for (const { message, locations, properties } of results) {
          for (const one of strings([message, properties])) expect(one).not.toMatch(INVISIBLE);
          expect(message.text).not.toMatch(/\]\(|\{\d|##\[/);
          expect(locations[0].physicalLocation.artifactLocation.uri).toMatch(
            /^(?:file:\/\/\/|(?![a-z]+:)(?!\/))[\w\-.!~*'()%/]*$/i,
          );
        }
      }),
      { ...fixed, numRuns: 150 },
    );
  });
});
