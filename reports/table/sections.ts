/** What to mend, what to provide, what was accepted: causes, not rows. */
import type { CheckMeta, FleetReport } from '../../src/model.js';
import { causes, countsOf, gaps, grounds, STATUSES, unreached, type Cause } from '../group.js';
import { block, count, heading, type Page } from './page.js';
import { causeLines, gapLines, groundLines, unreachedLines, type CauseStyle } from './cause.js';

const MOST_CAUSES = 40;

function bounded(
  page: Page,
  all: readonly Cause[],
  lines: (cause: Cause, index: number) => readonly string[],
): readonly string[] {
  const shown = page.verbose ? all : all.slice(0, MOST_CAUSES);
  const left = all.length - shown.length;
  const more = `${page.ellipsis} and ${count(left, 'further cause')}, use -o json=results.json`;
  return [...shown.flatMap(lines), ...(left > 0 ? block(page, more) : [])];
}

/** Distinct hosts among causes or gaps. */
function hostCount(all: readonly { readonly hosts: Iterable<string> }[]): number {
  return new Set(all.flatMap(({ hosts }) => [...hosts])).size;
}

export function failures(page: Page, report: FleetReport): readonly string[] {
  const all = causes(report, 'results', 'fail');
  if (all.length === 0) return [];
  const rest = `${count(all.length, 'cause')} on ${count(hostCount(all), 'host')}; start at the top`;
  const total = report.hosts.length;
  return [
    ...heading(page, 'FAILURES', rest),
    ...bounded(page, all, (cause, index) =>
      causeLines(page, cause, { label: `${String(index + 1).padStart(2)}. `, paint: page.paint.fail, total }),
    ),
  ];
}

export function unknowns(page: Page, report: FleetReport): readonly string[] {
  const [silent, missing] = [unreached(report), gaps(report, 'results')];
  if (silent.length + missing.length === 0) return [];
  const total = report.hosts.length;
  const rest = `${count(silent.length + missing.length, 'gap')} on ${count(hostCount([...silent, ...missing]), 'host')}; provide what is missing, nothing passes by absence`;
  return [
    ...heading(page, 'UNKNOWN', rest),
    ...silent.flatMap((one) => unreachedLines(page, one, total)),
    ...missing.flatMap((gap) => gapLines(page, gap, total)),
  ];
}

export function waivers(page: Page, report: FleetReport): readonly string[] {
  const all = causes(report, 'results', 'waived');
  if (all.length === 0) return [];
  const rest = `${count(all.length, 'accepted failure')}; none counts as a pass`;
  const style: CauseStyle = { label: '  w ', paint: page.paint.waived, total: report.hosts.length };
  return [...heading(page, 'WAIVED', rest), ...bounded(page, all, (cause) => causeLines(page, cause, style))];
}

/** Plug-ins: the same blocks again, apart from the scorecard. */
export function plugins(page: Page, report: FleetReport): readonly string[] {
  const metas = report.checks.filter(({ number }) => number === undefined);
  if (metas.length === 0) return [];
  const total = report.hosts.length;
  const counted = ({ id, title }: CheckMeta): readonly string[] => {
    const counts = countsOf(report, id, 'extra');
    const words = STATUSES.filter((status) => counts[status] > 0).map(
      (status) => `${status} ${counts[status]}`,
    );
    return block(page, page.show(`${id}  ${title}  ${words.join(', ')}`), { indent: 2 });
  };
  return [
    ...heading(page, 'PLUG-INS', 'shown, never scored'),
    ...metas.flatMap(counted),
    ...bounded(page, causes(report, 'extra', 'fail'), (cause) =>
      causeLines(page, cause, { label: '  F ', paint: page.paint.fail, total }),
    ),
    ...bounded(page, causes(report, 'extra', 'waived'), (cause) =>
      causeLines(page, cause, { label: '  w ', paint: page.paint.waived, total }),
    ),
    ...gaps(report, 'extra').flatMap((gap) => gapLines(page, gap, total)),
  ];
}

/** With -v: what every pass rests on, hosts with the same reason together. */
export function passes(page: Page, report: FleetReport): readonly string[] {
  const all = page.verbose ? grounds(report) : [];
  if (all.length === 0) return [];
  const lines = all.flatMap((ground) => groundLines(page, ground, report.hosts.length));
  return [...heading(page, 'PASSES', `${count(all.length, 'reason')}, what each rests on`), ...lines];
}
