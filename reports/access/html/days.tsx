/** Logins over time by method: a stacked bar a day. */
import { max, sum } from 'd3-array';
import { scaleBand, scaleLinear } from 'd3-scale';
import { stack } from 'd3-shape';
import type { VNode } from 'preact';
import type { AccessDigest, LoginCounts, LoginMethod } from '../../../src/model.js';
import { count, cut, digits } from '../../html/text.js';
import { METHODS } from '../text.js';
import { MethodKey, methodFill, MethodPatterns, Picture } from './picture.js';
import { METHOD_ORDER } from './words.js';

const WIDTH = 860;
const HEIGHT = 230;
const EDGE = { top: 12, right: 8, bottom: 26, left: 44 } as const;
const MOST_LABELS = 12;

function total(counts: LoginCounts): number {
  return sum(METHOD_ORDER, (method) => counts[method]);
}

export function Days({ of }: { readonly of: AccessDigest['pictures'] }): VNode {
  const { days, step } = of;
  const used = METHOD_ORDER.filter((method) => days.some(({ counts }) => counts[method] > 0));
  const top = Math.max(1, max(days, ({ counts }) => total(counts)) ?? 0);
  const peak = days.find(({ counts }) => total(counts) === top);
  const all = sum(days, ({ counts }) => total(counts));
  const description =
    all === 0
      ? 'No login in the window.'
      : `${count(all, 'login')} in ${count(days.length, step)}, UTC. Most on ${peak?.day ?? '?'}: ${digits(top)}.`;
  return (
    <Picture
      id="days"
      title={`Logins by ${step} and method`}
      description={description}
      size={[WIDTH, HEIGHT]}
      legend={used.map((method) => (
        <MethodKey method={method} />
      ))}
      table={<Table days={days} step={step} />}
    >
      <MethodPatterns />
      <Axis days={days} top={top} />
      <Bars days={days} top={top} />
    </Picture>
  );
}

type Day = AccessDigest['pictures']['days'][number];

function scales(days: readonly Day[], top: number) {
  const x = scaleBand(
    days.map(({ day }) => day),
    [EDGE.left, WIDTH - EDGE.right],
  ).padding(days.length > 31 ? 0.1 : 0.25);
  const y = scaleLinear([0, top], [HEIGHT - EDGE.bottom, EDGE.top]).nice(4);
  return { x, y };
}

function Axis({ days, top }: { readonly days: readonly Day[]; readonly top: number }): VNode {
  const { x, y } = scales(days, top);
  const every = Math.ceil(days.length / MOST_LABELS);
  return (
    <g>
      {y
        .ticks(4)
        .filter(Number.isInteger)
        .map((tick) => (
          <>
            <line
              class={tick === 0 ? 'rule base' : 'rule'}
              x1={EDGE.left}
              x2={WIDTH - EDGE.right}
              y1={y(tick)}
              y2={y(tick)}
            />
            <text class="faint" x={EDGE.left - 6} y={y(tick) + 4} text-anchor="end">
              {digits(tick)}
            </text>
          </>
        ))}
      {days.map(({ day }, index) =>
        index % every === 0 ? (
          <text
            class="faint"
            x={((x(day) ?? 0) + x.bandwidth() / 2).toFixed(1)}
            y={HEIGHT - 8}
            text-anchor="middle"
          >
            {day.slice(5)}
          </text>
        ) : null,
      )}
    </g>
  );
}

function Bars({ days, top }: { readonly days: readonly Day[]; readonly top: number }): VNode {
  const { x, y } = scales(days, top);
  const layers = stack<Day, LoginMethod>()
    .keys(METHOD_ORDER)
    .value(({ counts }, method) => counts[method])([...days]);
  return (
    <g>
      {layers.map((layer) => (
        <g>
          {layer.map((point) => {
            const [from, to] = point;
            if (to <= from) return null;
            const { day } = point.data;
            return (
              <rect
                {...methodFill(layer.key)}
                x={(x(day) ?? 0).toFixed(1)}
                y={y(to).toFixed(1)}
                width={x.bandwidth().toFixed(1)}
                height={(y(from) - y(to)).toFixed(1)}
              >
                <title>{`${day}: ${digits(to - from)} by ${METHODS[layer.key]}`}</title>
              </rect>
            );
          })}
        </g>
      ))}
    </g>
  );
}

function Table({ days, step }: { readonly days: readonly Day[]; readonly step: 'day' | 'week' }): VNode {
  return (
    <table>
      <caption class="vh">Logins by {step} and method, UTC</caption>
      <thead>
        <tr>
          <th scope="col">{step === 'day' ? 'Day' : 'Week from'}</th>
          {METHOD_ORDER.map((method) => (
            <th scope="col" class="num">
              {METHODS[method]}
            </th>
          ))}
          <th scope="col" class="num">
            all
          </th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, counts }) => (
          <tr>
            <th scope="row">{cut(day, 20)}</th>
            {METHOD_ORDER.map((method) => (
              <td class="num">{digits(counts[method])}</td>
            ))}
            <td class="num">{digits(total(counts))}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
