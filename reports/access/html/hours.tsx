/** Logins by weekday and hour: a map of seven by twenty-four, each cell with its number. */
import { max, sum } from 'd3-array';
import { scaleQuantize } from 'd3-scale';
import type { VNode } from 'preact';
import type { AccessDigest } from '../../../src/model.js';
import { count, digits } from '../../html/text.js';
import { Picture } from './picture.js';

const DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;
const CELL = { width: 31, height: 24 } as const;
const EDGE = { top: 22, left: 82 } as const;
const SIZE = [EDGE.left + 24 * CELL.width + 4, EDGE.top + 7 * CELL.height + 4] as const;
const LEVELS = [1, 2, 3, 4] as const;

const COMPACT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 0 });

type Hours = AccessDigest['pictures']['hours'];

/** `09:00` */
function clock(hour: number): string {
  return `${String(hour).padStart(2, '0')}:00`;
}

export function Hours({ of: hours }: { readonly of: Hours }): VNode {
  const most = max(hours, (row) => max(row)) ?? 0;
  const all = sum(hours, (row) => sum(row));
  const night = sum(hours, (row) => sum(row.filter((_, hour) => hour < 6 || hour >= 22)));
  const weekend = sum(hours.slice(5), (row) => sum(row));
  const description =
    all === 0
      ? 'No login in the window.'
      : `Hours of UTC, the zone of all times here. ${digits(night)} of ${count(all, 'login')} between 22:00 and 06:00, ${digits(weekend)} at weekends.`;
  // By the root: one machine that logs in every night must not make all people's hours alike.
  const level = scaleQuantize<number>([0, Math.sqrt(Math.max(1, most))], [...LEVELS]);
  return (
    <Picture
      id="hours"
      title="Logins by weekday and hour (UTC)"
      description={description}
      size={SIZE}
      table={<Table hours={hours} />}
    >
      {Array.from({ length: 24 }, (_, hour) =>
        hour % 2 === 0 ? (
          <text class="faint" x={EDGE.left + (hour + 0.5) * CELL.width} y={14} text-anchor="middle">
            {String(hour).padStart(2, '0')}
          </text>
        ) : null,
      )}
      {DAYS.map((day, row) => (
        <g>
          <text x={EDGE.left - 8} y={EDGE.top + (row + 0.5) * CELL.height + 4} text-anchor="end">
            {day}
          </text>
          {Array.from({ length: 24 }, (_, hour) => {
            const n = hours[row]?.[hour] ?? 0;
            return <Cell n={n} level={n === 0 ? 0 : level(Math.sqrt(n))} row={row} hour={hour} day={day} />;
          })}
        </g>
      ))}
    </Picture>
  );
}

function Cell(props: {
  readonly n: number;
  readonly level: number;
  readonly row: number;
  readonly hour: number;
  readonly day: string;
}): VNode {
  const { n, level, row, hour, day } = props;
  const x = EDGE.left + hour * CELL.width;
  const y = EDGE.top + row * CELL.height;
  return (
    <g>
      <rect class={`h${level}`} x={x + 1} y={y + 1} width={CELL.width - 2} height={CELL.height - 2} rx="2">
        <title>{`${day} ${clock(hour)}: ${count(n, 'login')}`}</title>
      </rect>
      {n === 0 ? null : (
        <text class={`x${level}`} x={x + CELL.width / 2} y={y + CELL.height / 2 + 4} text-anchor="middle">
          {n < 10_000 ? n : COMPACT.format(n)}
        </text>
      )}
    </g>
  );
}

function Table({ hours }: { readonly hours: Hours }): VNode {
  return (
    <table>
      <caption class="vh">Logins by hour and weekday, UTC</caption>
      <thead>
        <tr>
          <th scope="col">Hour, UTC</th>
          {DAYS.map((day) => (
            <th scope="col" class="num">
              {day}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {Array.from({ length: 24 }, (_, hour) => (
          <tr>
            <th scope="row">{clock(hour)}</th>
            {DAYS.map((_day, row) => (
              <td class="num">{digits(hours[row]?.[hour] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
