/** The beginning and the end of the page: what was judged, and the verdict. */
import type { Closure, Condition, ConditionState, FleetReport } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { STATUSES } from '../group.js';
import { evidenceText } from '../judged.js';
import { block, heading, type Page, type Paint } from './page.js';

/** Names the selection, or nothing when everything was selected. */
function selection(report: FleetReport): string {
  const { hosts, tags, environments, checks, skippedChecks, noGuidance } = report.run.selection;
  const kinds: readonly (readonly [string, readonly string[]])[] = [
    ['hosts', hosts],
    ['tags', tags],
    ['environments', environments],
    ['checks', checks],
    ['without checks', [...skippedChecks, ...(noGuidance ? ['of the guidance'] : [])]],
  ];
  return kinds
    .filter(([, values]) => values.length > 0)
    .map(([kind, values]) => `${kind} ${values.join(', ')}`)
    .join('; ');
}

export function header(page: Page, report: FleetReport): readonly string[] {
  const { run, tool, hosts } = report;
  const selected = selection(report);
  const shown = page.statuses.length < STATUSES.length ? page.statuses.join(', ') : '';
  const of = run.inventory.hosts === hosts.length ? '' : ` of ${run.inventory.hosts}`;
  const first = `${tool.name} ${tool.version}  ${run.inventory.path}  ${hosts.length}${of} hosts  judged at ${run.now}`;
  const warnings = [
    ...(run.partial ? ['the run was interrupted; hosts not asked are unknown'] : []),
    ...report.warnings,
  ];
  return [
    ...block(page, page.show(first.replace(/\b1 hosts/, '1 host')), { paint: page.paint.strong }),
    ...(selected === '' ? [] : block(page, page.show(selected), { label: 'only ' })),
    ...(shown === '' ? [] : block(page, `${shown}; everything is counted`, { label: 'showing ' })),
    ...warnings.flatMap((warning) =>
      block(page, page.show(warning), { label: 'warning  ', paint: page.paint.unknown }),
    ),
  ];
}

const STATES: Readonly<Record<ConditionState, string>> = {
  met: 'met',
  'not-met': 'NOT MET',
  unproven: 'unproven',
};

function triggers(page: Page, { triggers: all, recommended }: Closure): readonly string[] {
  const fired = all.filter((trigger) => trigger.fired === true);
  const untold = all.filter((trigger) => trigger.fired === null);
  return [
    ...fired.flatMap(({ title, because }) =>
      block(page, page.show(`${title}: ${because}`), {
        indent: 2,
        label: 'SWITCH    ',
        paint: page.paint.fail,
      }),
    ),
    ...(recommended.length === 0
      ? []
      : block(page, page.show(recommended.join('; ')), { indent: 12, label: 'consider ' })),
    ...untold.flatMap(({ title, because }) =>
      block(page, page.show(`${title}: ${because}`), { indent: 2, label: 'switch ?  ' }),
    ),
  ];
}

function conditionLines(
  page: Page,
  { title, state, because, evidence = [], provide }: Condition,
  paint: Paint,
): readonly string[] {
  const [first = '', ...rest] = block(page, page.show(title), { indent: 12 });
  return [
    `  ${paint(STATES[state].padEnd(10))}${first.slice(12)}`,
    ...rest,
    ...block(page, page.show(because), { indent: 12, paint: page.paint.faint }),
    ...(page.verbose ? evidence : []).flatMap((one) =>
      block(page, page.show(evidenceText(one)), { indent: 12, label: '- ', paint: page.paint.faint }),
    ),
    ...(provide === undefined || state === 'met'
      ? []
      : block(page, page.show(provide), { indent: 12, label: 'provide ' })),
  ];
}

export function closureBlock(page: Page, closure: Closure): readonly string[] {
  const paints: Readonly<Record<ConditionState, Paint>> = {
    met: page.paint.pass,
    'not-met': page.paint.fail,
    unproven: page.paint.unknown,
  };
  const verdicts = { closed: paints.met, open: paints['not-met'], unproven: paints.unproven };
  return [
    ...heading(
      page,
      'CLOSURE',
      `${closure.verdict.toUpperCase()}: ${page.show(closure.because)}`,
      verdicts[closure.verdict],
    ),
    ...closure.conditions.flatMap((one) => conditionLines(page, one, paints[one.state])),
    ...(closure.beyond.length === 0
      ? []
      : block(page, 'besides the six:', { indent: 2, paint: page.paint.faint })),
    ...closure.beyond.flatMap((one) => conditionLines(page, one, paints[one.state])),
    ...triggers(page, closure),
  ];
}

export function totals(page: Page, report: FleetReport): readonly string[] {
  const { hosts, reached, complete, pass, fail, unknown, waived } = report.totals;
  const { paint } = page;
  const colored = (n: number, word: string, color: Paint): string =>
    n === 0 ? `0 ${word}` : color(`${n} ${word}`);
  const counted = [
    colored(pass, 'pass', paint.pass),
    colored(fail, 'FAIL', paint.fail) + (waived === 0 ? '' : ` (${waived} waived)`),
    colored(unknown, 'unknown', paint.unknown),
  ];
  return [
    ...heading(
      page,
      'TOTALS',
      `${plural(hosts, 'host')}: ${complete} at 10/10, ${hosts - complete} below, ${hosts - reached} not reached`,
    ),
    ...counted.map((text, index) => `${index === 0 ? 'results ' : '        '}${text}`),
  ];
}
