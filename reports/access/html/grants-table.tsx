/** Grants in words: the table beside the picture, and what both call their parts. */
import type { VNode } from 'preact';
import type { GrantCounts, GrantMatrix } from '../../../src/model.js';
import { Hosts } from '../../html/parts.js';
import { count, cut, digits } from '../../html/text.js';
import { KINDS } from '../text.js';

export const STATES: readonly (keyof GrantCounts)[] = ['used', 'unused', 'unknown'];

export const STATE_WORDS: Readonly<Record<keyof GrantCounts, string>> = {
  used: 'used',
  unused: 'not used',
  unknown: 'not known',
};

type Row = GrantMatrix['rows'][number];

/** The principal; in brackets what opens a host without one. */
export function rowName({ kind, who }: Pick<Row, 'kind' | 'who'>): string {
  return who === '' ? `(${KINDS[kind]})` : cut(who, 120);
}

export function columnName(name: string): string {
  return name === '' ? 'no environment' : cut(name, 120);
}

export function stateOf({ used, unused }: GrantCounts): keyof GrantCounts {
  return used > 0 ? 'used' : unused > 0 ? 'unused' : 'unknown';
}

export function cellWords(cell: GrantCounts | null, by: GrantMatrix['by']): string {
  if (!cell) return 'no grant';
  if (by === 'host') return STATE_WORDS[stateOf(cell)];
  return STATES.filter((state) => cell[state] > 0)
    .map((state) => `${digits(cell[state])} ${STATE_WORDS[state]}`)
    .join(', ');
}

/** By hosts: who is in which state. Forty columns would tell nobody anything. */
export function GrantsTable({ of }: { readonly of: GrantMatrix }): VNode {
  return of.by === 'host' ? <ByState of={of} /> : <ByEnvironment of={of} />;
}

function ByState({ of: { columns, rows } }: { readonly of: GrantMatrix }): VNode {
  const hosts = ({ cells }: Row, state: keyof GrantCounts): readonly string[] =>
    columns.flatMap(({ name }, index) => {
      const cell = cells[index];
      return cell && stateOf(cell) === state ? [name] : [];
    });
  return (
    <table>
      <caption class="vh">Hosts by principal: used, not used, not known</caption>
      <thead>
        <tr>
          <th scope="col">Principal</th>
          {STATES.map((state) => (
            <th scope="col">{STATE_WORDS[state]} on</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <th scope="row">{rowName(row)}</th>
            {STATES.map((state) => {
              const names = hosts(row, state);
              return <td>{names.length === 0 ? '–' : <Hosts names={names} most={40} />}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function ByEnvironment({ of: { columns, rows } }: { readonly of: GrantMatrix }): VNode {
  return (
    <table>
      <caption class="vh">Hosts by principal and environment: used, not used, not known</caption>
      <thead>
        <tr>
          <th scope="col">Principal</th>
          {columns.map(({ name, hosts }) => (
            <th scope="col">
              {columnName(name)} ({count(hosts, 'host')})
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr>
            <th scope="row">{rowName(row)}</th>
            {row.cells.map((cell) => (
              <td>{cell ? cellWords(cell, 'environment') : '–'}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
