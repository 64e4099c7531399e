/** What the tables of hosts have in common: the heads, the rows, the cells. */
import type { ComponentChildren, VNode } from 'preact';
import type { Status } from '../group.js';
import { WORDS } from './parts.js';
import { cut, numbered } from './text.js';
import { cellOf, isLost, type Cell, type Column, type Row } from './view.js';

/** One letter a cell, in column order: what the filter reads. */
const LETTER: Readonly<Record<Cell, string>> = {
  pass: 'p',
  fail: 'f',
  unknown: 'u',
  waived: 'w',
  none: 'n',
};

/** Letters of one host's cells, in the order of the filter's checks. */
export function letters({ cells }: Row): string {
  return cells.map((result) => LETTER[cellOf(result)]).join('');
}

/** The filter's choices of status, by the letter they look for. */
export const LETTERS: readonly (readonly [string, Status])[] = [
  ['f', 'fail'],
  ['u', 'unknown'],
  ['w', 'waived'],
  ['p', 'pass'],
];

/** The first plug-in: a gap sets it and what follows apart from the ten. */
function apart({ meta, first }: Column): boolean {
  return first && meta?.number === undefined;
}

export function ColumnHead({ column }: { readonly column: Column }): VNode {
  const { id, meta, index } = column;
  return (
    <th scope="col" class={`turn${apart(column) ? ' apart' : ''}`}>
      <a href={`#c${index}`}>
        <span>{numbered(meta?.number, id, 40)}</span>
      </a>
    </th>
  );
}

export function Cells({
  row,
  columns,
  linked,
}: {
  readonly row: Row;
  readonly columns: readonly Column[];
  readonly linked: boolean;
}): VNode {
  return (
    <>
      {columns.map((column) => {
        const { index } = column;
        const cell = cellOf(row.cells[index]);
        const word = WORDS[cell];
        const target = linked && cell !== 'pass' && cell !== 'none';
        return (
          <td class={`c ${cell}${apart(column) ? ' apart' : ''}`}>
            {target ? <a href={isLost(row, column) ? `#${row.id}` : `#${row.id}-${index}`}>{word}</a> : word}
          </td>
        );
      })}
    </>
  );
}

/** The heads of a table of hosts: name and environment, then a column a check. `children` come behind them. */
export function HeadRow({
  columns,
  children,
}: {
  readonly columns: readonly Column[];
  readonly children?: ComponentChildren;
}): VNode {
  return (
    <tr>
      <th scope="col" class="corner">
        Host
      </th>
      <th scope="col">Environment</th>
      {columns.map((column) => (
        <ColumnHead column={column} />
      ))}
      {children}
    </tr>
  );
}

/** A host's row in such a table: name and environment, then the cells in `children`. */
export function HostRow({
  row,
  linked,
  children,
}: {
  readonly row: Row;
  readonly linked: boolean;
  readonly children: ComponentChildren;
}): VNode {
  const { host, id } = row;
  const name = cut(host.name, 120);
  return (
    <tr data-h={id} data-s={letters(row)} data-e={cut(host.environment ?? '', 80)}>
      <th scope="row" class={name.length > 32 ? 'long' : 'short'}>
        {linked ? <a href={`#${id}`}>{name}</a> : name}
      </th>
      <td class="env">{cut(host.environment ?? '–', 40)}</td>
      {children}
    </tr>
  );
}
