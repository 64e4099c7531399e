/** Grants in words: the table beside the picture, and what both call their parts. */
import type { ComponentChildren, VNode } from 'preact';
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
    <ByPrincipal
      caption="Hosts by principal: used, not used, not known"
      heads={STATES.map((state) => `${STATE_WORDS[state]} on`)}
      rows={rows}
      cells={(row) =>
        STATES.map((state) => {
          const names = hosts(row, state);
          return names.length === 0 ? '–' : <Hosts names={names} most={40} />;
        })
      }
    />
  );
}

function ByEnvironment({ of: { columns, rows } }: { readonly of: GrantMatrix }): VNode {
  return (
    <ByPrincipal
      caption="Hosts by principal and environment: used, not used, not known"
      heads={columns.map(({ name, hosts }) => `${columnName(name)} (${count(hosts, 'host')})`)}
      rows={rows}
      cells={(row) => row.cells.map((cell) => (cell ? cellWords(cell, 'environment') : '–'))}
    />
  );
}

function ByPrincipal(props: {
  readonly caption: string;
  readonly heads: readonly string[];
  readonly rows: readonly Row[];
  /** One a head. */
  readonly cells: (row: Row) => readonly ComponentChildren[];
}): VNode {
  return (
    <table>
      <caption class="vh">{props.caption}</caption>
      <thead>
        <tr>
          <th scope="col">Principal</th>
          {props.heads.map((head) => (
            <th scope="col">{head}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <tr>
            <th scope="row">{rowName(row)}</th>
            {props.cells(row).map((cell) => (
              <td>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
