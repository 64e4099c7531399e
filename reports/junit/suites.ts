/** Suites with distinct names, and the one of what stands beside the outcomes. */
import type { Builder, TestCase, TestSuite } from 'junit-report-builder';
import type { FleetReport } from '../../src/model.js';
import { bounded, xml } from '../escape.js';
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
function unique(used: Set<string>, name: string): string {
  let candidate = name;
  for (let next = 2; used.has(candidate); next += 1) candidate = `${name} (${next})`;
  used.add(candidate);
  return candidate;
}

/** A suite whose cases have distinct names and one class name. */
export function suiteOf(
  root: Builder,
  suites: Set<string>,
  name: string,
): { readonly suite: TestSuite; readonly newCase: (id: string) => TestCase } {
  const own = unique(suites, attribute(name));
  const suite = root.testSuite().name(own);
  const used = new Set<string>();
  return {
    suite,
    newCase: (id) =>
      suite
        .testCase()
        .name(unique(used, attribute(id)))
        .className(`ssh-scorecard.${own}`),
  };
}

const MOST_LINES = 50;

/** What stands beside the outcomes. These cases never fail: what is wrong with a host fails at the host. */
export function standingSuite(root: Builder, suites: Set<string>, report: FleetReport): void {
  const { waivers, attestations, changes } = report;
  if (waivers.length + attestations.length === 0 && changes === undefined) return;
  const { suite, newCase } = suiteOf(root, suites, 'standing');
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
