import type { FleetReport, HostReport, Report } from '../src/model.js';
import { plural } from '../src/plural.js';
import { bounded, githubData, githubProperty } from './escape.js';
import { foldFirst } from './fold.js';
import { causes, gaps, GUIDANCE, STATUSES, unreached, type Part } from './group.js';
import { changeLines, changesText, countsText, waiverCounts, when } from './standing.js';
import { byCodeUnit, sortedHosts, unasked } from './judged.js';

/** GitHub shows the first ten errors and the first ten warnings of a step and drops the others unsaid. */
export const MOST_OF_A_LEVEL = 10;
const MOST_PIECES = 8;

interface Annotation {
  readonly title: string;
  /** The host at whose line of the inventory it is shown. */
  readonly host: string;
  readonly lines: readonly (string | undefined)[];
}

/** `2 of 8 hosts: web[02-03]` */
function hostList(names: Iterable<string>, total: number): string {
  const sorted = [...names].sort(byCodeUnit);
  const { shown, left } = foldFirst(sorted, MOST_PIECES);
  const more = left === 0 ? '' : ` and ${left} more`;
  return `${sorted.length} of ${plural(total, 'host')}: ${shown.map((text) => bounded(text, 200)).join(', ')}${more}`;
}

const label = (word: string, text: string | undefined): string | undefined =>
  text === undefined ? undefined : `${word}: ${bounded(text, 600)}`;

function failures(report: FleetReport, part: Part): readonly Annotation[] {
  return causes(report, part, 'fail').map(
    ({ check, number, severity, message, hosts, subjects, fix, example, waiver, since }) => {
      const [first = '', ...more] = [...subjects].sort(byCodeUnit);
      return {
        title: `${check}${number === undefined ? '' : ` (check ${number})`}, ${severity}`,
        host: example.host,
        lines: [
          hostList(hosts, report.hosts.length),
          bounded(message, 600),
          label('where', bounded(first, 300) + (more.length === 0 ? '' : ` and ${more.length} more`)),
          label('since', since === undefined ? undefined : when(since)),
          label(
            'waiver',
            waiver === undefined ? undefined : `expired ${when(waiver.expires)}, owner ${waiver.owner}`,
          ),
          label('do', fix),
        ],
      };
    },
  );
}

/** What could not be judged: hosts not reached, then missing evidence. */
function unknowns(report: FleetReport): readonly Annotation[] {
  const total = report.hosts.length;
  const silent = unreached(report).map(({ cut, code, hint, hosts, example }) => ({
    title: `${cut ? 'cut short' : 'not reached'}: ${code}`,
    host: example.host,
    lines: [
      hostList(hosts, total),
      bounded(`${example.host}: ${example.failure.detail}`, 600),
      label('do', hint),
    ],
  }));
  const parts: readonly Part[] = ['results', 'extra'];
  const missing = parts
    .flatMap((part) => gaps(report, part))
    .map(({ reason, detail, checks, hosts }) => ({
      title: `unknown: ${reason}, check${checks.length === 1 ? '' : 's'} ${checks.join(' ')}`,
      host: hosts[0] ?? '',
      lines: [hostList(hosts, total), bounded(detail, 600)],
    }));
  const [first] = unasked(report);
  const idle =
    first === undefined
      ? []
      : [
          {
            title: 'not asked',
            host: first,
            lines: [hostList(unasked(report), total), label('do', 'run again')],
          },
        ];
  return [...silent, ...idle, ...missing];
}

/** Guidance is told in one notice: it must not take the place of an error or a warning, of which ten are shown. */
function guidance(report: FleetReport, statuses: readonly string[]): readonly string[] {
  const failed = statuses.includes('fail') ? causes(report, 'guidance', 'fail') : [];
  const missing = statuses.includes('unknown') ? gaps(report, 'guidance') : [];
  if (failed.length + missing.length === 0) return [];
  const total = report.hosts.length;
  const left = failed.length - MOST_OF_A_LEVEL;
  const told = [
    ...failed
      .slice(0, MOST_OF_A_LEVEL)
      .map(({ check, message, hosts }) => `${check}, ${hostList(hosts, total)}: ${bounded(message, 300)}`),
    ...(left > 0 ? [`and ${left} more causes`] : []),
    ...(missing.length > 0 ? [`${missing.length} reasons why some of it is unknown`] : []),
  ];
  return [
    `::notice title=${githubProperty(GUIDANCE)}::${told.map((one) => githubData(one.replaceAll('\n', '\\n'))).join('%0A')}`,
  ];
}

const MOST_CHANGES = 5;

/** Waivers, conditions that are not met, and what changed: a line each, behind a label. */
function standing(report: FleetReport): readonly string[] {
  const { changes, closure } = report;
  const counted = countsText(waiverCounts(report));
  const lines = changes === undefined ? [] : changeLines(changes);
  const left = lines.length - MOST_CHANGES;
  return [
    ...closure.conditions
      .filter(({ state }) => state !== 'met')
      .map(({ state, title }) => bounded(`${state}: ${title}`, 300)),
    ...(counted === '' ? [] : [`waivers: ${counted}`]),
    ...(changes === undefined ? [] : [`changes ${changesText(changes)}`]),
    ...lines.slice(0, MOST_CHANGES).map(({ word, text }) => bounded(`${word}: ${text}`, 300)),
    ...(left > 0 ? [`and ${left} more changes`] : []),
  ];
}

function command(
  level: 'error' | 'warning',
  { title, host, lines }: Annotation,
  hosts: ReadonlyMap<string, HostReport>,
): string {
  const at = hosts.get(host)?.at;
  const properties = [
    ...(at === undefined
      ? []
      : [`file=${githubProperty(bounded(at.file, 500))}`, `line=${Math.max(1, at.line)}`]),
    `title=${githubProperty(bounded(title, 200))}`,
  ];
  const text = lines.filter((one) => one !== undefined).map((one) => githubData(one.replaceAll('\n', '\\n')));
  return `::${level} ${properties.join(',')}::${text.join('%0A')}`;
}

/**
 * GitHub workflow commands for standard output: an error for each cause of failure, a warning for each reason
 * why something could not be judged, at the inventory's line of the first host it concerns; ten of each at most,
 * then one notice of the guidance, and one with the verdict and how many more there are. Waived failures are only
 * counted.
 */
export const github: Report = {
  id: 'github',
  title: 'Annotations, for the log of a GitHub Actions step',
  mediaType: 'text/plain',
  render(report: FleetReport, { statuses = STATUSES }): string {
    const sorted = { ...report, hosts: sortedHosts(report) };
    const hosts = new Map(sorted.hosts.map((host) => [host.name, host]));
    const errors = statuses.includes('fail')
      ? [...failures(sorted, 'results'), ...failures(sorted, 'extra')]
      : [];
    const warnings = statuses.includes('unknown') ? unknowns(sorted) : [];
    const { closure, totals } = report;
    const left = [
      ...(errors.length > MOST_OF_A_LEVEL
        ? [`${errors.length - MOST_OF_A_LEVEL} more causes of failure`]
        : []),
      ...(warnings.length > MOST_OF_A_LEVEL
        ? [`${warnings.length - MOST_OF_A_LEVEL} more reasons for unknowns`]
        : []),
    ];
    const counted = `${totals.hosts} hosts, ${totals.reached} reached, ${totals.complete} at 10/10; ${totals.pass} pass, ${totals.fail} fail (${totals.waived} waived), ${totals.unknown} unknown`;
    const told = [
      `${closure.verdict.toUpperCase()}: ${bounded(closure.because, 600)}`,
      counted,
      ...standing(report),
      ...(left.length === 0 ? [] : [`not shown here: ${left.join(', ')}`]),
    ];
    const lines = [
      ...errors.slice(0, MOST_OF_A_LEVEL).map((one) => command('error', one, hosts)),
      ...warnings.slice(0, MOST_OF_A_LEVEL).map((one) => command('warning', one, hosts)),
      ...guidance(sorted, statuses),
      `::notice title=ssh-scorecard::${told.map((one) => githubData(one.replaceAll('\n', '\\n'))).join('%0A')}`,
    ];
    return `${lines.join('\n')}\n`;
  },
};
