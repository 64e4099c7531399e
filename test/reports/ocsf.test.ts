import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ocsf } from '../../reports/ocsf.js';
import type { FleetReport } from '../../src/model.js';
import { failing, fleet, host, report, result, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying, strings } from './hostile.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => ocsf.render(value, options);

/** What OCSF requires of a Compliance Finding and of the objects in it, with the ids' own words. */
const text = z.string().min(1);
const event = z.looseObject({
  activity_id: z.literal(1),
  category_uid: z.literal(2),
  class_uid: z.literal(2003),
  type_uid: z.literal(200301),
  time: z.int().min(0),
  severity_id: z.int().min(0).max(6),
  status_id: z.union([z.literal(1), z.literal(3)]),
  message: z.string(),
  metadata: z.strictObject({
    version: z.literal('1.5.0'),
    product: z.strictObject({ name: text, vendor_name: text, version: text }),
    correlation_uid: text,
  }),
  finding_info: z.strictObject({
    uid: z.uuid({ version: 'v5' }),
    title: z.string(),
    first_seen_time: z.int().min(0).optional(),
  }),
  compliance: z.strictObject({
    control: z.string(),
    standards: z.array(z.string()).min(1),
    requirements: z.array(z.string()),
    status_id: z.union([z.literal(1), z.literal(2), z.literal(3)]),
    status: z.enum(['Pass', 'Warning', 'Fail']),
  }),
  resources: z.tuple([
    z.strictObject({
      uid: z.uuid({ version: 'v5' }),
      name: z.string(),
      type: z.literal('host'),
      group: z.strictObject({ name: z.string() }).optional(),
    }),
  ]),
  unmapped: z.looseObject({
    check: z.string(),
    scorecard_status: z.enum(['pass', 'fail', 'unknown', 'waived']),
  }),
});

const events = (value: FleetReport) =>
  render(value)
    .split('\n')
    .slice(0, -1)
    .map((line) => event.parse(JSON.parse(line)));

describe('ocsf', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/ocsf.ndjson');
  });

  it('has one finding for each host and check, and the same text whatever order the hosts came in', () => {
    expect(events(mixed)).toHaveLength(8 * 11);
    expect(events(fleet(100))).toHaveLength(1000);
    expect(render(report([]))).toBe('');
    expect(render({ ...mixed, hosts: mixed.hosts.toReversed() })).toBe(render(mixed));
  });

  it('unknown is a warning, waived a suppressed failure, neither a pass', () => {
    const of = (name: string, check: string) =>
      events(mixed).find(({ resources, unmapped }) => resources[0].name === name && unmapped.check === check);
    expect(of('web-01', 'root-login')).toMatchObject({
      severity_id: 1,
      status_id: 1,
      compliance: { status_id: 1 },
    });
    expect(of('web-03', 'root-login')).toMatchObject({
      severity_id: 4,
      compliance: { status_id: 3 },
      message: expect.stringContaining('account toor'),
    });
    expect(of('db-01', 'root-login')).toMatchObject({
      severity_id: 0,
      compliance: { status_id: 2 },
      message: expect.stringContaining('connect-timeout: '),
    });
    expect(of('web-04', 'no-static-keys')).toMatchObject({
      severity_id: 5,
      status_id: 3,
      compliance: { status_id: 3 },
    });
    expect(of('web-05', 'no-static-keys')).toMatchObject({ status_id: 1, compliance: { status_id: 3 } });
    expect(events(report([host('idle', [])]))).toMatchObject([{ compliance: { status_id: 2 } }]);
  });

  it('a finding keeps its uid from run to run, and no two share one', () => {
    const uids = (value: FleetReport) => events(value).map(({ finding_info }) => finding_info.uid);
    expect(uids(report([host('a', ten(failing('root-login', 'x')))]))).toEqual(
      uids(report([host('a', ten())])),
    );
    expect(new Set(uids(mixed)).size).toBe(88);
  });

  it('bounds what one host can say', () => {
    const finding = { subject: 's', message: 'm'.repeat(5000), evidence: [] };
    const loud = result('root-login', {
      status: 'fail',
      findings: [finding, ...Array.from({ length: 5000 }, () => finding)],
    });
    const out = render(report([host('loud', ten(loud))]));
    expect(out).toContain('and 4996 more findings');
    expect(out.length).toBeLessThan(20_000);
  });

  it('keeps hostile text inert: no line or control of its own, in the file or in a value', () => {
    const calm = events(saying('x')).length;
    fc.assert(
      fc.property(hostileText, (said) => {
        expect(render(saying(said)).replaceAll('\n', '')).not.toMatch(INVISIBLE);
        const all = events(saying(said));
        expect(all).toHaveLength(calm);
        for (const one of strings(all)) expect(one).not.toMatch(INVISIBLE);
      }),
      { ...fixed, numRuns: 150 },
    );
  });
});
