/** What to mend, what to provide, what was accepted: causes, not rows. */
import type { FleetReport } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { causes, gaps, grounds, GUIDANCE, partOf, STATUSES, unreached, type Cause } from '../group.js';
import {
  attestationText,
  changeLines,
  changesText,
  countsText,
  waiverCounts,
  waiverUseText,
} from '../standing.js';
import { countGrid } from './matrix.js';
import { block, heading, type Page, type Paint } from './page.js';
import { causeLines, gapLines, groundLines, unreachedLines, type CauseStyle } from './cause.js';

const MOST_CAUSES = 40;
/** Fewer of what is not scored: it must not push the scorecard off the screen. */
const MOST_GUIDANCE = 8;

function bounded(
  page: Page,
  all: readonly Cause[],
  lines: (cause: Cause, index: number) => readonly string[],
  most: number = MOST_CAUSES,
): readonly string[] {
  const shown = page.verbose ? all : all.slice(0, most);
  const left = all.length - shown.length;
  const more = `${page.ellipsis} and ${plural(left, 'further cause')}, use -o json=results.json`;
  return [...shown.flatMap(lines), ...(left > 0 ? block(page, more) : [])];
}

/** Distinct hosts among causes or gaps. */
function hostCount(all: readonly { readonly hosts: Iterable<string> }[]): number {
  return new Set(all.flatMap(({ hosts }) => [...hosts])).size;
}

export function failures(page: Page, report: FleetReport): readonly string[] {
  const all = page.statuses.includes('fail') ? causes(report, 'results', 'fail') : [];
  if (all.length === 0) return [];
  const rest = `${plural(all.length, 'cause')} on ${plural(hostCount(all), 'host')}; start at the top`;
  const total = report.hosts.length;
  return [
    ...heading(page, 'FAILURES', rest),
    ...bounded(page, all, (cause, index) =>
      causeLines(page, cause, { label: `${String(index + 1).padStart(2)}. `, paint: page.paint.fail, total }),
    ),
  ];
}

export function unknowns(page: Page, report: FleetReport): readonly string[] {
  if (!page.statuses.includes('unknown')) return [];
  const [silent, missing] = [unreached(report), gaps(report, 'results')];
  if (silent.length + missing.length === 0) return [];
  const total = report.hosts.length;
  const rest = `${plural(silent.length + missing.length, 'gap')} on ${plural(hostCount([...silent, ...missing]), 'host')}; provide what is missing, nothing passes by absence`;
  return [
    ...heading(page, 'UNKNOWN', rest),
    ...silent.flatMap((one) => unreachedLines(page, one, total)),
    ...missing.flatMap((gap) => gapLines(page, gap, total)),
  ];
}

/** Accepted failures, then the waivers that somebody has to do something about. */
export function waivers(page: Page, report: FleetReport): readonly string[] {
  if (!page.statuses.includes('waived')) return [];
  const all = causes(report, 'results', 'waived');
  const idle = report.waivers.filter(({ state }) => state !== 'applied');
  if (all.length + report.waivers.length === 0) return [];
  const counted = countsText(waiverCounts(report));
  const rest = `${plural(all.length, 'accepted failure')}; none counts as a pass${counted === '' ? '' : `. Waivers: ${counted}`}`;
  const style: CauseStyle = { label: '  w ', paint: page.paint.waived, total: report.hosts.length };
  return [
    ...heading(page, 'WAIVED', rest),
    ...bounded(page, all, (cause) => causeLines(page, cause, style)),
    ...items(
      page,
      idle.map((use) => ({ word: use.state, text: waiverUseText(use), paint: page.paint.unknown })),
    ),
  ];
}

/** What people vouch for, and until when. */
export function attestations(page: Page, report: FleetReport): readonly string[] {
  const all = report.attestations;
  if (all.length === 0) return [];
  const told = all.map((use) => ({
    word: use.state,
    text: attestationText(use),
    paint: use.state === 'in-force' ? page.paint.pass : page.paint.unknown,
  }));
  return [...heading(page, 'ATTESTED', `${plural(all.length, 'statement')} of people`), ...items(page, told)];
}

const BAD: ReadonlySet<string> = new Set(['newly failing', 'host key', 'access added']);

/** Against the run before: what is new, not what is still so. */
export function changes(page: Page, report: FleetReport): readonly string[] {
  if (report.changes === undefined) return [];
  const told = changeLines(report.changes).map(({ word, text }) => ({
    word,
    text,
    paint: BAD.has(word) ? page.paint.fail : word === 'newly passing' ? page.paint.pass : page.paint.unknown,
  }));
  return [...heading(page, 'CHANGES', page.show(changesText(report.changes))), ...items(page, told)];
}

const MOST_ITEMS = 12;

/** `  word      text`, the words in one column. */
function items(
  page: Page,
  all: readonly { readonly word: string; readonly text: string; readonly paint: Paint }[],
): readonly string[] {
  const shown = page.verbose ? all : all.slice(0, MOST_ITEMS);
  const left = all.length - shown.length;
  const width = Math.max(0, ...shown.map(({ word }) => word.length));
  return [
    ...shown.flatMap(({ word, text, paint }) =>
      block(page, page.show(text), { indent: 2, label: `${word.padEnd(width)}  `, labelPaint: paint }),
    ),
    ...(left > 0 ? block(page, `${page.ellipsis} and ${left} more, see -v`, { indent: 2 }) : []),
  ];
}

/** Plug-ins: the same blocks again, apart from the scorecard. */
export function plugins(page: Page, report: FleetReport): readonly string[] {
  return unscored(page, report, 'extra', heading(page, 'PLUG-INS', 'shown, never scored'));
}

/** Guidance: the same once more; what is unknown in it is only counted, but with -v. */
export function guidance(page: Page, report: FleetReport): readonly string[] {
  const rest = 'beyond the ten; --no-guidance leaves it out';
  return unscored(page, report, 'guidance', heading(page, GUIDANCE.toUpperCase(), rest));
}

function unscored(
  page: Page,
  report: FleetReport,
  part: 'extra' | 'guidance',
  head: readonly string[],
): readonly string[] {
  const metas = report.checks.filter((meta) => partOf(meta) === part);
  if (metas.length === 0) return [];
  const total = report.hosts.length;
  const missing = page.statuses.includes('unknown') ? gaps(report, part) : [];
  const folded = part === 'guidance' && !page.verbose && page.statuses.length === STATUSES.length;
  return [
    ...head,
    ...countGrid(page, report, metas, part),
    ...(['fail', 'waived'] as const)
      .filter((status) => page.statuses.includes(status))
      .flatMap((status) =>
        bounded(
          page,
          causes(report, part, status),
          (cause) =>
            causeLines(page, cause, {
              label: status === 'fail' ? '  F ' : '  w ',
              paint: page.paint[status],
              total,
            }),
          part === 'guidance' ? MOST_GUIDANCE : MOST_CAUSES,
        ),
      ),
    ...(folded ? whyUnknown(page, missing.length) : missing.flatMap((gap) => gapLines(page, gap, total))),
  ];
}

function whyUnknown(page: Page, reasons: number): readonly string[] {
  if (reasons === 0) return [];
  return block(page, `${plural(reasons, 'reason')} why some of it is unknown: see -v`, { label: '  ? ' });
}

/** With -v, or when asked for passes by name: what every pass rests on, hosts with the same reason together. */
export function passes(page: Page, report: FleetReport): readonly string[] {
  const asked = page.statuses.length < STATUSES.length || page.verbose;
  const all = asked && page.statuses.includes('pass') ? grounds(report) : [];
  if (all.length === 0) return [];
  const lines = all.flatMap((ground) => groundLines(page, ground, report.hosts.length));
  return [...heading(page, 'PASSES', `${plural(all.length, 'reason')}, what each rests on`), ...lines];
}
