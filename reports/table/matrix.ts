/** Hosts down, checks across. */
import Table from 'cli-table3';
import stringWidth from 'string-width';
import type { CheckMeta, FleetReport, HostReport } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { countsOf, isSilent, statusOf, STATUSES, type Status } from '../group.js';
import { block, fit, heading, type Page } from './page.js';

/** More hosts than this, and only those that are not complete get a row. */
export const MANY = 50;
const MOST_ROWS = 40;

const WORDS: Readonly<Record<Status, string>> = { pass: 'pass', fail: 'FAIL', unknown: '?', waived: 'waiv' };
const LETTERS: Readonly<Record<Status, string>> = { pass: 'p', fail: 'F', unknown: '?', waived: 'w' };

/**
 * Borderless columns one blank apart, and a rule under the head. The rule is drawn here: cli-table3 leaves
 * gaps in its own above a cell that spans columns.
 */
function grid(
  page: Page,
  head: readonly string[],
  colWidths: readonly number[],
  leftAligned: number,
  rows: readonly Table.HorizontalTableRow[],
): readonly string[] {
  const names = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
    side,
    `${side}-mid`,
    `${side}-left`,
    `${side}-right`,
  ]);
  const empty = Object.fromEntries([...names, 'mid-mid'].map((name) => [name, '']));
  const table = new Table({
    chars: { ...empty, middle: ' ' },
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 0 },
    colWidths: [...colWidths],
    colAligns: head.map((_, column) => (column < leftAligned ? 'left' : 'right')),
  });
  table.push(
    head.map((title) => page.paint.strong(title)),
    ...rows,
  );
  const [first = '', ...rest] = table.toString().split('\n');
  const rule = page.rule.repeat(colWidths.reduce((sum, width) => sum + width + 1, -1));
  return [first, page.paint.faint(rule), ...rest];
}

/** One line per host, for terminals too narrow for columns: `web01  7/10  FAIL 2,5  ? 8`. */
function list(page: Page, hosts: readonly HostReport[]): readonly string[] {
  return hosts.flatMap((host) => {
    const of = (status: Status): string => {
      const found = host.results.filter((result) => statusOf(result) === status);
      return found.length === 0
        ? ''
        : `  ${WORDS[status]} ${found.map(({ number, id }) => number ?? id).join(',')}`;
    };
    const why = isSilent(host)
      ? `  not reached: ${host.failure?.code ?? 'not judged'}`
      : of('fail') + of('unknown') + of('waived');
    const name = fit(page, page.show(host.name), page.width - 16, 'middle');
    const [first = '', ...more] = wrapped(page, `${host.score}/10${why}`, stringWidth(name) + 2);
    return [`${page.paint.strong(name)}  ${first}`, ...more];
  });
}

function wrapped(page: Page, text: string, indent: number): readonly string[] {
  return block(page, text, { indent }).map((line, index) => (index === 0 ? line.trimStart() : line));
}

function matrix(page: Page, checks: readonly CheckMeta[], hosts: readonly HostReport[]): readonly string[] {
  const names = hosts.map((host) => page.show(host.name));
  const longest = Math.max(4, ...names.map((name) => stringWidth(name)));
  const room = (cell: number): number => page.width - checks.length * (cell + 1) - 6;
  const cell = room(4) >= Math.min(longest, 16) ? 4 : 2;
  if (room(cell) < Math.min(longest, 10)) return list(page, hosts);
  const nameWidth = Math.min(longest, room(cell));
  const words = cell === 4 ? WORDS : LETTERS;
  const head = ['HOST', ...checks.map(({ number }) => String(number)), 'SCORE'];
  const rows = hosts.map((host, row): Table.HorizontalTableRow => {
    const name = fit(page, names[row] ?? '', nameWidth, 'middle');
    const score = host.score === 10 ? page.paint.pass('10/10') : `${host.score}/10`;
    const code = host.failure?.code ?? 'not judged';
    const reason = cell === 4 ? `not reached: ${code}` : code;
    if (isSilent(host) && reason.length < checks.length * (cell + 1)) {
      return [name, { content: page.paint.unknown(reason), colSpan: checks.length }, score];
    }
    const byId = new Map(host.results.map((result) => [result.id, statusOf(result)]));
    const cells = checks.map(({ id }) => {
      const status = byId.get(id) ?? 'unknown';
      return page.paint[status](words[status]);
    });
    return [name, ...cells, score];
  });
  const widths = [nameWidth, ...checks.map(() => cell), 5];
  const legend = STATUSES.map((status) => `${words[status]} ${MEANING[status]}`).join(', ');
  return [
    ...grid(page, head, widths, head.length - 1, rows),
    ...block(page, legend, { paint: page.paint.faint }),
  ];
}

const MEANING: Readonly<Record<Status, string>> = {
  pass: 'proven',
  fail: 'disproved',
  unknown: 'not proven',
  waived: 'failure accepted until a date',
};

const failed = ({ results }: HostReport): number =>
  results.filter((result) => statusOf(result) === 'fail').length;

/** A host with a result of the kind that is shown; one without any result is unknown. */
function isShown(page: Page, { results }: HostReport): boolean {
  if (page.statuses.length === STATUSES.length) return true;
  if (results.length === 0) return page.statuses.includes('unknown');
  return results.some((result) => page.statuses.includes(statusOf(result)));
}

/** The matrix; of a large fleet only the hosts that need work, failures first, and never endlessly. */
export function hostMatrix(page: Page, report: FleetReport): readonly string[] {
  const checks = report.checks.filter(({ number }) => number !== undefined);
  if (checks.length === 0 || report.hosts.length === 0) return [];
  const shown = report.hosts.filter((host) => isShown(page, host));
  if (report.hosts.length <= MANY) return shown.length === 0 ? [] : ['', ...matrix(page, checks, shown)];
  const work = shown
    .filter(({ score }) => score < 10 || page.statuses.length < STATUSES.length)
    .sort((a, b) => failed(b) - failed(a) || a.score - b.score);
  const left = work.length - MOST_ROWS;
  const what = page.statuses.length < STATUSES.length ? `with ${page.statuses.join(' or ')}` : 'below 10/10';
  const rest = `${work.length} of ${plural(report.hosts.length, 'host')} ${what}${left > 0 ? ', failures first' : ''}`;
  if (work.length === 0 && shown.length < report.hosts.length) return heading(page, 'HOSTS', rest);
  if (work.length === 0) return heading(page, 'HOSTS', `all ${report.hosts.length} at 10/10`);
  const more = `${page.ellipsis} and ${left} more, use -o json=results.json`;
  return [
    ...heading(page, 'HOSTS', rest),
    ...matrix(page, checks, work.slice(0, MOST_ROWS)),
    ...(left > 0 ? block(page, more) : []),
  ];
}

/** What the numbers mean, and how many hosts stand where. */
export function checkCounts(page: Page, report: FleetReport): readonly string[] {
  const checks = report.checks.filter(({ number }) => number !== undefined);
  return checks.length === 0 ? [] : ['', ...countGrid(page, report, checks, 'results')];
}

/** How the hosts stand, a line a check; only the ten have numbers to begin with. */
export function countGrid(
  page: Page,
  report: FleetReport,
  checks: readonly CheckMeta[],
  part: 'results' | 'extra' | 'guidance',
): readonly string[] {
  const numbered = part === 'results';
  const width = Math.max(4, String(report.hosts.length).length);
  const wide = page.width >= 110;
  const idWidth = Math.max(20, ...checks.map(({ id }) => stringWidth(page.show(id))));
  const room = page.width - (numbered ? 3 : 0) - 4 * (width + 1) - (wide ? idWidth + 1 : 0);
  // A title cut to two words says less than the id; and what has no number is known by its id.
  const named = room < 30 || !(numbered || wide);
  const titles = checks.map(({ id, title }) => fit(page, page.show(named ? id : title), room));
  const titleWidth = Math.max(5, ...titles.map((title) => stringWidth(title)));
  const counted = ['pass', 'FAIL', '?', 'waiv'];
  const head = [...(numbered ? [' #'] : []), ...(wide ? ['ID'] : []), 'CHECK', ...counted];
  const widths = [
    ...(numbered ? [2] : []),
    ...(wide ? [idWidth] : []),
    titleWidth,
    ...counted.map(() => width),
  ];
  const rows = checks.map(({ id, number }, row) => {
    const counts = countsOf(report, id, part);
    const cells = STATUSES.map((status) =>
      counts[status] === 0 ? '.' : page.paint[status](String(counts[status])),
    );
    return [
      ...(numbered ? [String(number).padStart(2)] : []),
      ...(wide ? [page.show(id)] : []),
      titles[row] ?? '',
      ...cells,
    ];
  });
  return grid(page, head, widths, head.length - 4, rows);
}
