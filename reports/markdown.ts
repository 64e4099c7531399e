import type { FleetReport, Report } from '../src/model.js';
import { plural } from '../src/plural.js';
import { bounded } from './escape.js';
import { foldFirst } from './fold.js';
import {
  causes,
  gaps,
  GUIDANCE,
  STATUSES,
  unreached,
  type Cause,
  type Gap,
  type Part,
  type Status,
  type Unreached,
} from './group.js';
import { byCodeUnit, sortedHosts, unasked } from './judged.js';
import { changed, conditionTable, item, section, show, standing } from './markdown/parts.js';
import { when } from './standing.js';
import { utf8Length } from './utf8.js';

/** GitHub rejects a step summary above 1 MiB whole, so this stays clear of it. Bytes. */
export const MOST_BYTES = 900_000;
/** Room for the note that says what was cut. Bytes. */
const NOTE_BYTES = 500;
const MOST_PIECES = 12;
const MOST_SUBJECTS = 5;

/** `2 of 8 hosts: web\[02-03\]` */
function hostList(names: Iterable<string>, total: number): string {
  const sorted = [...names].sort(byCodeUnit);
  const { shown, left } = foldFirst(sorted, MOST_PIECES);
  const more = left === 0 ? '' : ` and ${left} more`;
  return `${sorted.length} of ${plural(total, 'host')}: ${shown.map((text) => show(text, 200)).join(', ')}${more}`;
}

function causeItem(
  { check, number, severity, message, fix, subjects, hosts, waiver, since }: Cause,
  total: number,
): string {
  const named = [...subjects].sort(byCodeUnit);
  const left = named.length - MOST_SUBJECTS;
  const what = named
    .slice(0, MOST_SUBJECTS)
    .map((subject) => bounded(subject, 120))
    .join(', ');
  const accepted =
    waiver === undefined
      ? undefined
      : `${waiver.expired ? 'EXPIRED' : 'until'} ${when(waiver.expires)}, approved by ${waiver.approver}, owner ${waiver.owner}: ${waiver.reason}`;
  return item(
    `**${show(check, 100)}**${number === undefined ? '' : ` (check ${number})`}, ${severity}, ${hostList(hosts, total)}`,
    [
      ['What', message],
      ['Where', what + (left > 0 ? ` and ${left} more` : '')],
      ['Since', since === undefined ? undefined : when(since)],
      ['Waiver', accepted],
      ['Do', waiver?.expired === false ? undefined : fix],
    ],
  );
}

function unreachedItem({ cut, code, hint, hosts, example }: Unreached, total: number): string {
  return item(`**${code}**, ${cut ? 'cut short, ' : ''}${hostList(hosts, total)}`, [
    ['What', `${example.host}: ${example.failure.detail}`],
    ['Do', hint],
  ]);
}

function gapItem({ reason, detail, missing, checks, hosts }: Gap, total: number): string {
  return item(
    `**${reason}**, check${checks.length === 1 ? '' : 's'} ${show(checks.join(', '), 200)}, ${hostList(hosts, total)}`,
    [
      ['What', detail],
      ['Missing', missing.length === 0 ? undefined : missing.join('; ')],
    ],
  );
}

function head(report: FleetReport): readonly string[] {
  const { closure, run, totals, tool, warnings } = report;
  const warned = [
    ...(run.partial ? ['the run was interrupted; hosts not asked are unknown'] : []),
    ...warnings,
  ];
  const numbers = [
    totals.hosts,
    totals.reached,
    totals.complete,
    totals.pass,
    totals.fail,
    totals.waived,
    totals.unknown,
  ];
  const fired = closure.triggers.filter((trigger) => trigger.fired === true);
  const switches = fired.map(({ title, because }) =>
    item(`Switch trigger: ${show(title, 200)}`, [['Because', because]]),
  );
  const advice =
    closure.recommended.length === 0
      ? []
      : [item('Recommended', [['Consider', closure.recommended.join('; ')]])];
  return [
    `## SSH scorecard: ${closure.verdict.toUpperCase()}\n\nBecause ${show(closure.because)}`,
    `Judged at ${show(run.now, 40)} from ${show(run.inventory.path, 200)} by ${tool.name} ${show(tool.version, 40)}.`,
    ...section(
      'Warnings',
      warned.map((warning) => item(show(warning), [])),
    ),
    `| hosts | reached | 10/10 | pass | fail | of them waived | unknown |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n| ${numbers.join(' | ')} |`,
    ...changed(report),
    ...conditionTable('Conditions of closure', closure.conditions),
    ...conditionTable('Besides the conditions', closure.beyond),
    ...section('Time to switch', [...switches, ...advice]),
  ];
}

function body(report: FleetReport, statuses: readonly Status[]): readonly string[] {
  const total = report.hosts.length;
  const failing = (part: Part, status: 'fail' | 'waived'): readonly string[] =>
    statuses.includes(status) ? causes(report, part, status).map((cause) => causeItem(cause, total)) : [];
  const all = statuses.includes('unknown');
  const unknown = (part: Part): readonly string[] =>
    (all ? gaps(report, part) : []).map((gap) => gapItem(gap, total));
  const silent = all ? unasked(report) : [];
  const idle =
    silent.length === 0 ? [] : [item(`**not asked**, ${hostList(silent, total)}`, [['Do', 'run again']])];
  return [
    ...section('Failures', failing('results', 'fail')),
    ...section('Hosts not reached', [
      ...(all ? unreached(report) : []).map((group) => unreachedItem(group, total)),
      ...idle,
    ]),
    ...section('Unknown', unknown('results')),
    ...section('Waived failures', failing('results', 'waived')),
    ...section('Plug-ins, not scored', [
      ...failing('extra', 'fail'),
      ...unknown('extra'),
      ...failing('extra', 'waived'),
    ]),
    ...section(GUIDANCE, [
      ...failing('guidance', 'fail'),
      ...unknown('guidance'),
      ...failing('guidance', 'waived'),
    ]),
    ...standing(report),
  ];
}

/** As many whole blocks as fit, then a note that says how many do not. */
function fitted(blocks: readonly string[]): string {
  let bytes = 0;
  let taken = 0;
  for (const block of blocks) {
    const size = utf8Length(block) + 2;
    if (bytes + size > MOST_BYTES - NOTE_BYTES) break;
    bytes += size;
    taken += 1;
  }
  const left = blocks.length - taken;
  const note =
    left === 0
      ? []
      : [
          `**Cut here: ${left} more ${left === 1 ? 'entry' : 'entries'} did not fit.** The json and csv formats hold everything.`,
        ];
  return `${[...blocks.slice(0, taken), ...note].join('\n\n')}\n`;
}

/**
 * GitHub-flavoured Markdown for a pull request or a step summary: the verdict first, then the conditions, then
 * failures grouped by cause. At most 900,000 bytes; what does not fit is counted in a visible note.
 */
export const markdown: Report = {
  id: 'markdown',
  title: 'Markdown, for pull requests and step summaries',
  mediaType: 'text/markdown',
  render(report: FleetReport, { statuses = STATUSES }): string {
    const sorted = { ...report, hosts: sortedHosts(report) };
    return fitted([...head(sorted), ...body(sorted, statuses)]);
  },
};
