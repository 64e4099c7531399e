/** The guidance: a table of its own, and what it found. It never colours a host, and stands after what counts. */
import type { VNode } from 'preact';
import { causes, gaps, GUIDANCE } from '../group.js';
import { CauseGroup, GapGroup } from './causes.js';
import { Cells, HeadRow, HostRow } from './host-table.js';
import { Section } from './parts.js';
import type { View } from './view.js';

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
            <HeadRow columns={columns} />
          </thead>
          <tbody>
            {listed.map((row) => {
              const linked = view.anchors.has(row.id);
              return (
                <HostRow row={row} linked={linked}>
                  <Cells row={row} columns={columns} linked={linked} />
                </HostRow>
              );
            })}
          </tbody>
        </table>
      </div>
      <CauseGroup title="Guidance: failures" of={causes(report, 'guidance', 'fail')} />
      <GapGroup title="Guidance: unknown" of={gaps(report, 'guidance')} />
    </Section>
  );
}
