import { describe, expect, it } from 'vitest';
import { changesMarkdown } from '../../reports/changes/markdown.js';
import { changesTable } from '../../reports/changes/table.js';
import { GUIDANCE } from '../../reports/group.js';
import { historyTable } from '../../reports/history/table.js';
import type { CheckMeta, FleetReport, HistoryPoint, HostReport } from '../../src/model.js';
import { failing, host, METAS, passing, report, result, ten } from '../fixtures/reports/build.js';
import { formats } from '../helpers/formats.js';

const options = { color: 0, width: 120, ascii: false, verbose: false } as const;
const wordy = { ...options, verbose: true };
const render = (id: string, value: FleetReport, how: typeof options | typeof wordy = options): string =>
  formats[id]?.render(value, how) ?? '';

const [first] = METAS;
if (!first) throw new Error('no metadata');
const { number: _number, ...plain } = first;
const meta: CheckMeta = {
  ...plain,
  pack: 'guidance',
  id: 'shared-keys',
  title: 'No key is shared',
  severity: 'critical',
};
const MESSAGE = 'The private key SHA256:abc lies in 2 places, alice on a; alice on b.';
const shared = failing('shared-keys', MESSAGE, 'private key SHA256:abc');
const waiver = {
  check: 'shared-keys',
  hosts: ['c'],
  subjects: [],
  owner: 'bernd',
  approver: 'dora',
  reason: 'gone in spring',
  expires: '2026-12-31T23:59:59.999Z',
  expired: false,
};
const hosts: readonly HostReport[] = [
  host('a', ten(), { guidance: [shared] }),
  host('b', ten(), { guidance: [shared] }),
  host('c', ten(), { guidance: [{ ...shared, waiver }] }),
  host('d', ten(), {
    guidance: [
      result('shared-keys', { status: 'unknown', reason: 'denied', detail: 'no key could be read' }),
    ],
  }),
  host('e', ten(), { guidance: [passing('shared-keys')] }),
];
const guided = report(hosts, { checks: [...METAS, meta] });
const without = report(
  hosts.map((one) => ({ ...one, guidance: [] })),
  { checks: METAS },
);
const change = {
  host: 'a',
  check: 'shared-keys',
  from: 'pass',
  to: 'fail',
  since: '',
  subjects: [],
} as const;
const run = { id: 'r', now: '2026-11-21T02:00:00.000Z', verdict: 'open' } as const;
const changed: NonNullable<FleetReport['changes']> = {
  from: run,
  to: run,
  newlyFailing: [{ ...change, guidance: true }],
  newlyPassing: [],
  newlyUnknown: [],
  stillFailing: [],
  newHosts: [],
  vanishedHosts: [],
  hostKeys: [],
  access: [],
};

describe('guidance in reports', () => {
  it.each(['table', 'markdown', 'html', 'csv', 'junit', 'sarif', 'ocsf', 'oscal', 'github'])(
    'stands under its own heading: %s',
    (id) => {
      const text = render(id, guided);
      expect(text.toLowerCase()).toContain(GUIDANCE.toLowerCase());
      expect(text.replaceAll('\\', '')).toContain('shared-keys');
      expect(render(id, without).toLowerCase()).not.toContain(GUIDANCE.toLowerCase());
    },
  );

  it('is told in full where a person looks for it, and what is unknown with -v', () => {
    const text = render('table', guided);
    expect(text).toMatch(/^shared-keys +No key is shared +1 +2 +1 +1$/m);
    expect(text).toContain('SHA256:abc');
    expect(text).toContain('1 reason why some of it is unknown: see -v');
    expect(text).not.toContain('no key could be read');
    expect(render('table', guided, wordy)).toContain('no key could be read');
    expect(text.indexOf('GUIDANCE')).toBeGreaterThan(text.indexOf('HOST'));
  });

  it('changes no count of the scorecard', () => {
    expect(guided.totals).toEqual(without.totals);
    const counts = (text: string) => /<testsuites [^>]*>/.exec(text)?.[0].replace(/ tests="\d+"/, '');
    expect(counts(render('junit', guided))).toBe(counts(render('junit', without)));
    const scorecard = (text: string) =>
      text.split('\n').filter((line) => /^ssh_scorecard_(?:check|results|host)/.test(line));
    expect(scorecard(render('prometheus', guided))).toEqual(scorecard(render('prometheus', without)));
  });

  it('fails no build: JUnit skips it with what was found', () => {
    const text = render('junit', guided);
    const suite = text.slice(text.indexOf(`<testsuite name="${GUIDANCE}"`));
    expect(suite).toContain('tests="1" failures="0" errors="0" skipped="1"');
    expect(suite).toContain('found: 2 hosts, a, b: ');
    expect(suite).toContain('waived: 1 host, c: ');
    expect(suite).toContain('unknown: 1 host, d: no key could be read');
  });

  it('is a note to code scanning, after everything else, and never high', () => {
    const { runs } = JSON.parse(render('sarif', guided)) as {
      runs: {
        results: { ruleId: string; level: string }[];
        tool: { driver: { rules: { id: string; properties?: object }[] } };
      }[];
    };
    const levels = runs[0]?.results
      .filter(({ ruleId }) => ruleId === 'shared-keys')
      .map(({ level }) => level);
    expect(new Set(levels)).toEqual(new Set(['note', 'none']));
    const rule = runs[0]?.tool.driver.rules.find(({ id }) => id === 'shared-keys');
    expect(rule?.properties).toMatchObject({ 'security-severity': '2.0' });
  });

  it('has metrics of its own', () => {
    const text = render('prometheus', guided);
    expect(text).toContain('ssh_scorecard_guidance_status{host="a",check="shared-keys"} 0');
    expect(text).toContain('ssh_scorecard_guidance_waived{host="c",check="shared-keys"} 1');
    expect(text).not.toContain('ssh_scorecard_check_status{host="a",check="shared-keys"}');
  });

  it('takes one notice in the log of a step, no error and no warning', () => {
    const lines = render('github', guided).split('\n');
    expect(lines.filter((line) => line.startsWith('::error') || line.startsWith('::warning'))).toEqual([]);
    expect(lines.filter((line) => line.startsWith(`::notice title=${GUIDANCE}`))).toHaveLength(1);
  });

  it('is told apart in changes, and counted apart', () => {
    const table = changesTable(changed, options);
    expect(table).toContain('GUIDANCE (NOT SCORED): NEWLY FAILING');
    expect(table).toContain('1 change of guidance');
    expect(table).not.toContain('1 newly failing');
    expect(changesMarkdown(changed)).toContain(`### ${GUIDANCE}: newly failing`);
    expect(render('table', { ...guided, changes: changed })).toContain('guidance newly failing');
  });

  it('has its own numbers in history', () => {
    const point = (fail: number): HistoryPoint => ({
      id: String(fail),
      now: `2026-11-2${fail}T02:00:00.000Z`,
      verdict: 'open',
      totals: guided.totals,
      fails: {},
      guidance: { 'shared-keys': fail },
      partial: false,
    });
    const text = historyTable({ points: [point(1), point(2)], earlier: 0, unreadable: [] }, wordy);
    expect(text).toContain('GUIDANCE (NOT SCORED)');
    expect(text).toMatch(/shared-keys .* 1 to 2/);
    expect(text).not.toContain('FAILS BY CHECK');
  });
});
