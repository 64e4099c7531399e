/** Runs in one line each, for a person at a terminal, oldest first, so that the latest is nearest to the prompt. */
import type { HistoryPoint, RenderOptions } from '../../src/model.js';
import { GUIDANCE } from '../status.js';
import { block, heading, newPage, type Page } from '../table/page.js';
import { sparkline } from './sparkline.js';

export interface History {
  /** Oldest first. */
  readonly points: readonly HistoryPoint[];
  /** Runs before these that are not shown. */
  readonly earlier: number;
  readonly unreadable: readonly { readonly folder: string; readonly problem: string }[];
}

const HEAD = ['run', 'verdict', '10/10', 'fails', 'unknown', 'reached', ''] as const;

/** No line is wider than `width` (at least 40 columns). Trends leave out partial runs, which say nothing about the whole. */
export function historyTable(history: History, options: RenderOptions): string {
  const page = newPage(options);
  const lines = [
    ...(history.earlier > 0 ? block(page, `${history.earlier} earlier, not shown`) : []),
    ...rows(page, history.points),
    ...trends(page, history.points, options),
    ...(options.verbose ? byCheck(page, history.points, options) : []),
    ...unreadable(page, history),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function rows(page: Page, points: readonly HistoryPoint[]): readonly string[] {
  const cells = points.map(({ now, verdict, totals, partial }) => [
    page.show(now.slice(0, 16).replace('T', ' '), 40),
    verdict.toUpperCase(),
    `${totals.complete}/${totals.hosts}`,
    String(totals.fail),
    String(totals.unknown),
    `${totals.reached}/${totals.hosts}`,
    partial ? 'partial' : '',
  ]);
  const [date = 0, ...rest] = HEAD.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const wide = (gap: number, first: number) => rest.reduce((sum, width) => sum + gap + width, first);
  const gap = wide(2, date) <= page.width ? 2 : 1;
  // Where there is no room, the hour goes first.
  const first = wide(gap, date) <= page.width ? date : 10;
  const draw = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        if (column === 0) return cell.slice(0, first).padEnd(first);
        const width = rest[column - 1] ?? 0;
        return column === 1 || column === 6 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(' '.repeat(gap))
      .trimEnd()
      .slice(0, page.width);
  return [
    page.paint.faint(draw(HEAD)),
    ...cells.map((row, index) => {
      const verdict = points[index]?.verdict;
      const paint = page.paint[verdict === 'closed' ? 'pass' : verdict === 'open' ? 'fail' : 'unknown'];
      return draw(row).replace(/ (CLOSED|OPEN|UNPROVEN)\b/, (word) => paint(word));
    }),
  ];
}

/** The last numbers that fit a line. */
function line(
  page: Page,
  label: string,
  numbers: readonly number[],
  text: string,
  ascii: boolean,
  most?: number,
) {
  const room = Math.max(4, page.width - label.length - text.length - 2);
  return `${label}${sparkline(numbers.slice(-room), ascii, most)}  ${text}`.slice(0, page.width);
}

function trends(page: Page, points: readonly HistoryPoint[], { ascii }: RenderOptions): readonly string[] {
  const whole = points.filter(({ partial }) => !partial);
  const [first, last] = [whole[0], whole.at(-1)];
  if (!first || !last || whole.length < 2) return [];
  const share = (one: HistoryPoint) => (one.totals.hosts === 0 ? 0 : one.totals.complete / one.totals.hosts);
  const percent = (one: HistoryPoint) => `${Math.floor(share(one) * 100)}%`;
  return [
    '',
    line(page, '10/10  ', whole.map(share), `${percent(first)} to ${percent(last)} of hosts`, ascii, 1),
    line(
      page,
      'fails  ',
      whole.map(({ totals }) => totals.fail),
      `${first.totals.fail} to ${last.totals.fail}`,
      ascii,
    ),
  ];
}

function byCheck(page: Page, points: readonly HistoryPoint[], options: RenderOptions): readonly string[] {
  const whole = points.filter(({ partial }) => !partial);
  return [
    ...counted(page, whole, options, 'FAILS BY CHECK', ({ fails }) => fails),
    ...counted(page, whole, options, GUIDANCE.toUpperCase(), ({ guidance = {} }) => guidance),
  ];
}

function counted(
  page: Page,
  whole: readonly HistoryPoint[],
  { ascii }: RenderOptions,
  title: string,
  failsOf: (point: HistoryPoint) => Readonly<Record<string, number>>,
): readonly string[] {
  const checks = [...new Set(whole.flatMap((point) => Object.keys(failsOf(point))))].sort();
  if (checks.length === 0) return [];
  const of = (point: HistoryPoint | undefined, check: string): number => {
    const fails = point ? failsOf(point) : {};
    return Object.hasOwn(fails, check) ? (fails[check] ?? 0) : 0;
  };
  const names = checks.map((check) => page.show(check, 24));
  const widest = Math.max(...names.map((name) => name.length));
  return [
    ...heading(page, title, 'over whole runs'),
    ...checks.map((check, index) =>
      line(
        page,
        `  ${(names[index] ?? '').padEnd(widest)}  `,
        whole.map((point) => of(point, check)),
        `${of(whole[0], check)} to ${of(whole.at(-1), check)}`,
        ascii,
      ),
    ),
  ];
}

function unreadable(page: Page, history: History): readonly string[] {
  if (history.unreadable.length === 0) return [];
  return [
    ...heading(page, 'NOT COUNTED', 'runs that cannot be read or were not judged'),
    ...history.unreadable.flatMap(({ folder, problem }) =>
      block(page, page.show(`${folder}: ${problem}`), { indent: 2, paint: page.paint.unknown }),
    ),
  ];
}
