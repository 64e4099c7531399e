/** Suites with distinct names, and the one of what stands beside the outcomes. */
import type { Builder, TestCase, TestSuite } from 'junit-report-builder';
import type { FleetReport } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { bounded, xml } from '../escape.js';
import { foldFirst } from '../fold.js';
import { causes, countsOf, gaps, GUIDANCE, partOf, STATUSES } from '../group.js';
import {
  attestationCounts,
  attestationText,
  changeKinds,
  changeLines,
  changesText,
  waiverCounts,
  waiverUseText,
} from '../standing.js';

/** An attribute: one bounded line. */
export const attribute = (text: string): string => xml(bounded(text, 300));
/** A line of a body always has a label first, so no host text can begin it (`::set-env` in a CI log). */
export const line = (label: string, text: string): string => `${label}: ${xml(bounded(text, 1000))}`;

/** Readers drop what has a name they saw before: GitLab keeps the first of two equal names. */
export function unique(used: Set<string>, name: string): string {
  let candidate = name;
  for (let next = 2; used.has(candidate); next += 1) candidate = `${name} (${next})`;
  used.add(candidate);
  return candidate;
}

/** A suite whose cases have distinct names and one class name. @param name an attribute, unlike those of other suites */
export function suiteOf(
  root: Builder,
  name: string,
): { readonly suite: TestSuite; readonly newCase: (id: string) => TestCase } {
  const suite = root.testSuite().name(name);
  const used = new Set<string>();
  return {
    suite,
    newCase: (id) =>
      suite
        .testCase()
        .name(unique(used, attribute(id)))
        .className(`ssh-scorecard.${name}`),
  };
}

const MOST_LINES = 50;

/**
 * Guidance, a case for each check: passed where every host passes, else skipped with what was found. It never fails a
 * build: a failure here would be a failure that the exit code does not know.
 */
export function guidanceSuite(root: Builder, suites: Set<string>, report: FleetReport): void {
  const metas = report.checks.filter((meta) => partOf(meta) === 'guidance');
  if (metas.length === 0) return;
  const failed = [...causes(report, 'guidance', 'fail'), ...causes(report, 'guidance', 'waived')];
  const missing = gaps(report, 'guidance');
  const { newCase } = suiteOf(root, unique(suites, GUIDANCE));
  for (const { id, title } of metas) {
    const counts = countsOf(report, id, 'guidance');
    const words = STATUSES.filter((status) => counts[status] > 0).map(
      (status) => `${counts[status]} ${status}`,
    );
    const told = [
      line('title', title),
      line('hosts', words.join(', ')),
      ...failed
        .filter(({ check }) => check === id)
        .map(({ message, hosts, waiver }) =>
          line(
            waiver?.expired === false ? 'waived' : 'found',
            `${hostsText(hosts)}: ${bounded(message, 600)}`,
          ),
        ),
      ...missing
        .filter(({ checks }) => checks.includes(id))
        .map(({ detail, hosts }) => line('unknown', `${hostsText(hosts)}: ${bounded(detail, 600)}`)),
    ];
    const left = told.length - MOST_LINES;
    const text = [...told.slice(0, MOST_LINES), ...(left > 0 ? [`and ${left} more`] : [])].join('\n');
    const test = newCase(id);
    const passed = counts.pass > 0 && counts.fail + counts.unknown + counts.waived === 0;
    (passed ? test : test.skipped()).standardOutput(text);
  }
}

/** `12 hosts, web[01-12]` */
function hostsText(names: Iterable<string>): string {
  const sorted = [...names].sort();
  const { shown, left } = foldFirst(sorted, 8);
  return `${plural(sorted.length, 'host')}, ${shown.map((text) => bounded(text, 200)).join(', ')}${left > 0 ? ' …' : ''}`;
}

/** What stands beside the outcomes. These cases never fail: what is wrong with a host fails at the host. */
export function standingSuite(root: Builder, suites: Set<string>, report: FleetReport): void {
  const { waivers, attestations, changes } = report;
  if (waivers.length + attestations.length === 0 && changes === undefined) return;
  const { suite, newCase } = suiteOf(root, unique(suites, 'standing'));
  for (const [state, count] of waiverCounts(report)) suite.property(`waivers-${state}`, String(count));
  for (const [state, count] of attestationCounts(report))
    suite.property(`attestations-${state}`, String(count));
  for (const [kind, count] of changes === undefined ? [] : changeKinds(changes))
    suite.property(kind.replaceAll('_', '-'), String(count));
  const show = (name: string, lines: readonly string[]): void => {
    const left = lines.length - MOST_LINES;
    const shown = [...lines.slice(0, MOST_LINES), ...(left > 0 ? [`and ${left} more`] : [])];
    if (lines.length > 0) newCase(name).standardOutput(shown.join('\n'));
  };
  show(
    'waivers',
    waivers.map((use) => line(use.state, waiverUseText(use))),
  );
  show(
    'attestations',
    attestations.map((use) => line(use.state, attestationText(use))),
  );
  if (changes === undefined) return;
  const first = line('changes', changesText(changes));
  show('changes', [first, ...changeLines(changes).map(({ word, text }) => line(word, text))]);
}
