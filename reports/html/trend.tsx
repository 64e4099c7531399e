/** Runs over time: small charts of one scale each, and the same numbers as a table. */
import { extent, max } from 'd3-array';
import { scaleLinear, scaleUtc } from 'd3-scale';
import { line } from 'd3-shape';
import type { VNode } from 'preact';
import type { HistoryPoint } from '../../src/model.js';
import { Section, Tag, Time } from './parts.js';
import { count, cut, day, digits } from './text.js';
import type { Column, View } from './view.js';

/** Runs that are drawn and listed. Earlier ones are in their own run folders. */
const MOST_POINTS = 60;
const WIDTH = 300;
const HEIGHT = 90;
const EDGE = { top: 8, right: 8, bottom: 8, left: 8 } as const;

interface Point {
  readonly at: number;
  readonly y: number;
  readonly partial: boolean;
}

interface Series {
  readonly name: string;
  readonly tone: string;
  readonly points: readonly Point[];
  /** Top of the scale; the bottom is 0. */
  readonly top: number;
}

/** Date.parse takes many more words for a date than a clock writes. */
const ISO = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** The runs whose clock can be read, and what to measure of each. */
function points(history: readonly HistoryPoint[], of: (point: HistoryPoint) => number): readonly Point[] {
  return history.flatMap((point) => {
    const at = ISO.test(point.now) ? Date.parse(point.now) : Number.NaN;
    return Number.isFinite(at) ? [{ at, y: of(point), partial: point.partial }] : [];
  });
}

/** A line through whole runs; partial runs are open dots beside it. */
function Chart({ series, small = false }: { readonly series: Series; readonly small?: boolean }): VNode {
  const [from = 0, to = 0] = extent(series.points, ({ at }) => at);
  const span = from === to ? 1 : 0;
  const x = scaleUtc([from - span, to + span], [EDGE.left, WIDTH - EDGE.right]);
  const y = scaleLinear([0, Math.max(1, series.top)], [HEIGHT - EDGE.bottom, EDGE.top]);
  const draw = line<Point>()
    .x(({ at }) => x(at))
    .y((point) => y(point.y))
    .digits(1);
  const whole = series.points.filter(({ partial }) => !partial);
  const last = series.points.at(-1);
  const before = whole.findLast((point) => point !== last);
  const step = last === undefined || before === undefined || last.partial ? 0 : last.y - before.y;
  const label = `${series.name}: ${digits(last?.y ?? 0)} now${before === undefined ? '' : `, ${digits(before.y)} in the run before`}`;
  return (
    <figure class={`chart t-${series.tone}`}>
      <figcaption>
        <span>{series.name}</span> <b>{digits(last?.y ?? 0)}</b>
        <span class="soft">{step === 0 ? '' : ` ${step > 0 ? '+' : '−'}${digits(Math.abs(step))}`}</span>
        {small ? null : <span class="range soft">0 to {digits(Math.max(1, series.top))}</span>}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        <line class="axis" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(0)} y2={y(0)} />
        <line class="grid" x1={EDGE.left} x2={WIDTH - EDGE.right} y1={EDGE.top} y2={EDGE.top} />
        {whole.length < 2 ? null : <path class="line" d={draw(whole) ?? ''} />}
        {series.points.map((point) => (
          <circle
            class={point.partial ? 'open' : 'dot'}
            cx={x(point.at).toFixed(1)}
            cy={y(point.y).toFixed(1)}
            r={point === last ? 4 : 2}
          />
        ))}
      </svg>
    </figure>
  );
}

function main(history: readonly HistoryPoint[]): readonly Series[] {
  const hosts = max(history, ({ totals }) => totals.hosts) ?? 0;
  const results = max(history, ({ totals }) => Math.max(totals.fail, totals.unknown)) ?? 0;
  const of = (name: string, tone: string, top: number, y: (point: HistoryPoint) => number): Series => ({
    name,
    tone,
    top,
    points: points(history, y),
  });
  return [
    of('Hosts with ten of ten', 'pass', hosts, ({ totals }) => totals.complete),
    of('Failed results', 'fail', results, ({ totals }) => totals.fail),
    of('Unknown results', 'unknown', results, ({ totals }) => totals.unknown),
  ];
}

/** One chart a check, all of one scale, so that they can be compared by eye. */
function perCheck(history: readonly HistoryPoint[], columns: readonly Column[]): readonly Series[] {
  const failsOf = ({ fails }: HistoryPoint, id: string): number =>
    Object.hasOwn(fails, id) ? (fails[id] ?? 0) : 0;
  const top = max(history, (point) => max(columns, ({ id }) => failsOf(point, id))) ?? 0;
  return columns.map(({ id, meta }) => {
    const own = points(history, (point) => failsOf(point, id));
    const name = `${meta?.number ?? ''} ${cut(id, 40)}`.trim();
    return { name, tone: own.every(({ y }) => y === 0) ? 'none' : 'fail', top, points: own };
  });
}

const TONE = { closed: 'pass', open: 'fail', unproven: 'unknown' } as const;

function Table({ history }: { readonly history: readonly HistoryPoint[] }): VNode {
  const shown = history.slice(-MOST_POINTS).reverse();
  return (
    <div class="scroll runs" role="region" tabIndex={0} aria-label="Runs as a table">
      <table>
        <caption>
          {shown.length === history.length
            ? `All ${count(shown.length, 'run')}`
            : `The last ${digits(shown.length)} of ${count(history.length, 'run')}`}
          , newest first
        </caption>
        <thead>
          <tr>
            <th scope="col">Judged at</th>
            <th scope="col">Verdict</th>
            {['Hosts', 'Reached', '10/10', 'Fail', 'Waived', 'Unknown'].map((name) => (
              <th scope="col" class="num">
                {name}
              </th>
            ))}
            <th scope="col">Run</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ id, now, verdict, totals, partial }) => (
            <tr>
              <th scope="row">
                <Time at={now} />
              </th>
              <td>
                <Tag tone={TONE[verdict]}>{verdict}</Tag>
              </td>
              {[
                totals.hosts,
                totals.reached,
                totals.complete,
                totals.fail,
                totals.waived,
                totals.unknown,
              ].map((n) => (
                <td class="num">{digits(n)}</td>
              ))}
              <td>
                <code>{cut(id, 80)}</code>
                {partial ? ' (part of the fleet)' : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Trend({ view }: { readonly view: View }): VNode {
  const { history } = view.report;
  if (history.length < 2)
    return (
      <Section id="trend" title="Trend">
        <p>There are no earlier runs to draw a trend from.</p>
      </Section>
    );
  const charted = history.slice(-MOST_POINTS);
  const checks = perCheck(charted, view.ten);
  const dates = `${day(charted[0]?.now ?? '')} to ${day(charted.at(-1)?.now ?? '')}`;
  return (
    <Section
      id="trend"
      title="Trend"
      lead={`${count(charted.length, 'run')} from ${dates}. Open dots are runs over a part of the fleet: not to be compared with whole runs.`}
    >
      <div class="charts">
        {main(charted).map((series) => (
          <Chart series={series} />
        ))}
      </div>
      <h3>Fails by check, each from 0 to {digits(Math.max(1, checks[0]?.top ?? 0))}</h3>
      <div class="charts small">
        {checks.map((series) => (
          <Chart series={series} small />
        ))}
      </div>
      <Table history={history} />
    </Section>
  );
}
