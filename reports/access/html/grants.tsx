/** Principals by hosts: which grants were used, which were not, and of which it cannot be told. */
import { sum } from 'd3-array';
import type { VNode } from 'preact';
import type { GrantCounts, GrantMatrix } from '../../../src/model.js';
import { digits } from '../../html/text.js';
import { cellWords, columnName, GrantsTable, rowName, STATES, STATE_WORDS, stateOf } from './grants-table.js';
import { Picture } from './picture.js';

const ROW = 24;
const LABEL = 210;
/** One host, and one environment. */
const COLUMN = { host: 24, environment: 128 } as const;
/** From one state to the next in the cell of an environment. */
const STEP = 42;
const BOX = 16;
const LETTERS = 30;
const HEAD_LETTERS = 19;

export function Grants({ of }: { readonly of: GrantMatrix }): VNode {
  const { by, columns, rows, leftRows, leftColumns } = of;
  const wide = COLUMN[by];
  const head = headOf(of);
  const cells = rows.flatMap((row) => row.cells);
  const told = (key: keyof GrantCounts) => digits(sum(cells, (cell) => cell?.[key] ?? 0));
  const words = by === 'host' ? 'host' : 'environment';
  const left = [
    leftRows > 0 ? `${digits(leftRows)} more principals` : '',
    leftColumns > 0 ? `${digits(leftColumns)} more ${words}s` : '',
  ].filter(Boolean);
  return (
    <Picture
      id="grants"
      title={`Grants by ${words}, used or not`}
      description={`${told('used')} grants to hosts were used, ${told('unused')} were not, of ${told('unknown')} it cannot be told.`}
      size={[LABEL + columns.length * wide + 60, head + rows.length * ROW + 8]}
      narrow
      legend={STATES.map((state) => (
        <span class="key">
          <svg class="swatch" width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
            <Mark state={state} x={1} y={1} />
          </svg>
          {STATE_WORDS[state]}
        </span>
      ))}
      note={
        left.length === 0
          ? undefined
          : `${left.join(' and ')} are not drawn: ssh-scorecard access RUN -f csv lists all`
      }
      table={<GrantsTable of={of} />}
    >
      <defs>
        <pattern
          id="pat-unknown"
          width="5"
          height="5"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0V5" class="g-hatch" />
        </pattern>
      </defs>
      {columns.map(({ name }, index) => (
        <Heading name={columnName(name)} by={by} x={LABEL + index * wide} y={head} />
      ))}
      {rows.map((row, index) => (
        <g>
          <text x={LABEL - 8} y={head + (index + 0.5) * ROW + 4} text-anchor="end">
            {short(rowName(row), LETTERS)}
          </text>
          <line
            class="rule"
            x1={LABEL - 4}
            x2={LABEL + columns.length * wide}
            y1={head + (index + 1) * ROW}
            y2={head + (index + 1) * ROW}
          />
          {row.cells.map((cell, at) => (
            <Cell
              cell={cell}
              by={by}
              x={LABEL + at * wide}
              y={head + index * ROW}
              words={`${rowName(row)} on ${columnName(columns[at]?.name ?? '')}: ${cellWords(cell, by)}`}
            />
          ))}
        </g>
      ))}
    </Picture>
  );
}

/** Room for the columns' names: those of hosts stand at a slant. */
function headOf({ by, columns }: GrantMatrix): number {
  if (by === 'environment') return 26;
  const letters = Math.max(0, ...columns.map(({ name }) => Math.min(HEAD_LETTERS, Array.from(name).length)));
  return 20 + Math.ceil(letters * 5.6);
}

/** A label has room for so many letters; the table has them all. */
function short(text: string, most: number): string {
  const letters = Array.from(text);
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join('')}…`;
}

function Heading(props: {
  readonly name: string;
  readonly by: GrantMatrix['by'];
  readonly x: number;
  /** Where the rows begin. */
  readonly y: number;
}): VNode {
  const { name, by, x, y } = props;
  if (by === 'environment')
    return (
      <text class="faint" x={x + COLUMN.environment / 2} y={16} text-anchor="middle">
        {short(name, 15)}
      </text>
    );
  const at = x + COLUMN.host / 2;
  return (
    <text class="faint" transform={`translate(${at + 4} ${y - 8}) rotate(-60)`}>
      {short(name, HEAD_LETTERS)}
    </text>
  );
}

/** Three shapes that need no colour: full with a dot, empty, hatched with a question mark. */
function Mark(props: { readonly state: keyof GrantCounts; readonly x: number; readonly y: number }): VNode {
  const { state, x, y } = props;
  const box = { x, y, width: BOX, height: BOX, rx: 2 };
  const middle = { x: x + BOX / 2, y: y + BOX / 2 + 4, 'text-anchor': 'middle' as const };
  if (state === 'used')
    return (
      <>
        <rect class="g-used" {...box} />
        <circle class="over" cx={middle.x} cy={y + BOX / 2} r="3" stroke-width="0" />
      </>
    );
  if (state === 'unused') return <rect class="g-unused" {...box} />;
  return (
    <>
      <rect class="g-unknown" fill="url(#pat-unknown)" {...box} />
      <text {...middle}>?</text>
    </>
  );
}

function Cell(props: {
  readonly cell: GrantCounts | null;
  readonly by: GrantMatrix['by'];
  readonly x: number;
  readonly y: number;
  readonly words: string;
}): VNode {
  const { cell, by, x, y, words } = props;
  const title = <title>{words}</title>;
  if (!cell)
    return (
      <g>
        {title}
        <text class="absent" x={x + COLUMN[by] / 2} y={y + ROW / 2 + 4} text-anchor="middle">
          ·
        </text>
      </g>
    );
  if (by === 'host')
    return (
      <g>
        {title}
        <Mark state={stateOf(cell)} x={x + (COLUMN.host - BOX) / 2} y={y + (ROW - BOX) / 2} />
      </g>
    );
  return (
    <g>
      {title}
      {STATES.map((state, index) =>
        cell[state] === 0 ? null : (
          <g>
            <g transform={`translate(${x + 2 + index * STEP} ${y + 7}) scale(0.62)`}>
              <Mark state={state} x={0} y={0} />
            </g>
            <text x={x + 14 + index * STEP} y={y + ROW / 2 + 4}>
              {cell[state] < 1000 ? cell[state] : `${Math.floor(cell[state] / 1000)}k`}
            </text>
          </g>
        ),
      )}
    </g>
  );
}
