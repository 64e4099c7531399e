/** Hosts by checks: a real table, every cell a word. */
import type { VNode } from 'preact';
import { isSilent, type Status } from '../group.js';
import { Legend, NotListed } from './heatmap-notes.js';
import { Section, WORDS } from './parts.js';
import { cut } from './text.js';
import { cellOf, isLost, type Cell, type Column, type Row, type View } from './view.js';

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
  const name = cut(id, 40);
  return (
    <th scope="col" class={`turn${apart(column) ? ' apart' : ''}`}>
      <a href={`#c${index}`}>
        <span>
          {meta?.number === undefined ? '' : `${meta.number} `}
          {name}
        </span>
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

function HostRow({ row, view }: { readonly row: Row; readonly view: View }): VNode {
  const { host, id } = row;
  const linked = view.anchors.has(id);
  const silent = host.failure !== undefined && isSilent(host) && view.ten.length > 0;
  const name = cut(host.name, 120);
  return (
    <tr data-h={id} data-s={letters(row)} data-e={cut(host.environment ?? '', 80)}>
      <th scope="row" class={name.length > 32 ? 'long' : 'short'}>
        {linked ? <a href={`#${id}`}>{name}</a> : name}
      </th>
      <td class="env">{cut(host.environment ?? '–', 40)}</td>
      {silent ? (
        <td class="c unknown span" colSpan={view.ten.length}>
          {linked ? (
            <a href={`#${id}`}>unknown: not gathered, {host.failure.code}</a>
          ) : (
            `unknown: not gathered, ${host.failure.code}`
          )}
        </td>
      ) : (
        <Cells row={row} columns={view.ten} linked={linked} />
      )}
      <td class="score">
        {host.score}/{view.ten.length}
      </td>
      <Cells row={row} columns={view.plugins} linked={linked} />
    </tr>
  );
}

export function HeatMap({ view }: { readonly view: View }): VNode {
  const { ten, plugins, listed } = view;
  return (
    <Section
      id="map"
      title="Hosts by checks"
      lead="One row a host, one column a check. A word that is a link leads to the findings."
    >
      <Legend />
      <NotListed view={view} />
      <div class="scroll heat" role="region" tabIndex={0} aria-label="Table of hosts by checks">
        <table>
          <caption class="vh">Result of every check on every listed host</caption>
          <thead>
            {plugins.length === 0 ? null : (
              <tr class="group">
                <td colSpan={2} />
                <th scope="colgroup" colSpan={ten.length + 1}>
                  The scorecard
                </th>
                <th scope="colgroup" colSpan={plugins.length} class="apart">
                  Plug-ins
                </th>
              </tr>
            )}
            <tr>
              <th scope="col" class="corner">
                Host
              </th>
              <th scope="col">Environment</th>
              {ten.map((column) => (
                <ColumnHead column={column} />
              ))}
              <th scope="col" class="score">
                Score
              </th>
              {plugins.map((column) => (
                <ColumnHead column={column} />
              ))}
            </tr>
          </thead>
          <tbody>
            {listed.map((row) => (
              <HostRow row={row} view={view} />
            ))}
          </tbody>
        </table>
      </div>
      {plugins.length === 0 ? null : <p class="soft">Plug-in checks are shown, never scored.</p>}
    </Section>
  );
}
