/** The sign-off of section 6.1: "Ops Lead signs off with date in the Git commit message". */
import type { FleetReport } from '../src/model.js';
import { bounded, terminal } from './escape.js';

/**
 * The commit message that declares closure, to be given to `git commit -S -F -`; null unless the verdict is closed.
 * Host text is one line each and never begins one, so that it cannot forge a trailer (git-interpret-trailers(1)).
 */
export function declaration(report: FleetReport): string | null {
  const { closure, run, totals } = report;
  if (closure.verdict !== 'closed') return null;
  const shown = (text: string): string => terminal(bounded(text, 300));
  const commit = run.inventory.commit === undefined ? '' : `, commit ${shown(run.inventory.commit)}`;
  return [
    'Declare SSH access operationally closed',
    '',
    'Section 6.1 of the access-management directive is met:',
    ...closure.conditions.map(({ title, because }) => `- ${shown(title)}: ${shown(because)}`),
    '',
    `Judged at ${run.now} in run ${shown(run.id)}: ${totals.complete} of ${totals.hosts} hosts at 10/10.`,
    `Inventory ${shown(run.inventory.path)}, SHA-256 ${run.inventory.sha256}${commit}.`,
    '',
    `Operational-Closure: ${run.now.slice(0, 10)}`,
    `Scorecard-Run: ${shown(run.id)}`,
    '',
  ].join('\n');
}
