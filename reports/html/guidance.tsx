/** The guidance: a table of its own, and what it found. It never colours a host, and stands after what counts. */
import type { VNode } from 'preact';
import { causes, gaps, GUIDANCE } from '../group.js';
import { CauseGroup, GapGroup } from './causes.js';
import { Cells, ColumnHead, letters } from './heatmap.js';
import { Section } from './parts.js';
import { cut } from './text.js';
import type { Column, Row, View } from './view.js';

function GuidanceRow(props: {
  readonly row: Row;
  readonly view: View;
  readonly columns: readonly Column[];
}): VNode {
  const { row, view, columns } = props;
  const { host, id } = row;
  const linked = view.anchors.has(id);
  const name = cut(host.name, 120);
  return (
    <tr data-h={id} data-s={letters(row)} data-e={cut(host.environment ?? '', 80)}>
      <th scope="row" class={name.length > 32 ? 'long' : 'short'}>
        {linked ? <a href={`#${id}`}>{name}</a> : name}
      </th>
      <td class="env">{cut(host.environment ?? '–', 40)}</td>
      <Cells row={row} columns={columns} linked={linked} />
    </tr>
  );
}

export function Guidance({ view }: { readonly view: View }): VNode | null {
  const { guidance, listed, report } = view;
  if (guidance.length === 0) return null;
  // Nothing stands before them here that they would have to be kept apart from.
  const columns = guidance.map((column) => ({ ...column, first: false }));
  return (
    <Section
      id="guidance"
      title={GUIDANCE}
      lead="Rules beyond the ten checks: shown, never scored, and no part of the verdict."
    >
      <div class="scroll heat" role="region" tabIndex={0} aria-label="Table of hosts by guidance">
        <table>
          <caption class="vh">Result of the guidance on every listed host</caption>
          <thead>
            <tr>
              <th scope="col" class="corner">
                Host
              </th>
              <th scope="col">Environment</th>
              {columns.map((column) => (
                <ColumnHead column={column} />
              ))}
            </tr>
          </thead>
          <tbody>
            {listed.map((row) => (
              <GuidanceRow row={row} view={view} columns={columns} />
            ))}
          </tbody>
        </table>
      </div>
      <CauseGroup title="Guidance: failures" of={causes(report, 'guidance', 'fail')} />
      <GapGroup title="Guidance: unknown" of={gaps(report, 'guidance')} />
    </Section>
  );
}
