/** Hosts by checks: a real table, every cell a word. */
import type { VNode } from 'preact';
import { isSilent } from '../group.js';
import { Legend, NotListed } from './heatmap-notes.js';
import { Cells, ColumnHead, HeadRow, HostRow } from './host-table.js';
import { Section } from './parts.js';
import type { Row, View } from './view.js';

function ScoredRow({ row, view }: { readonly row: Row; readonly view: View }): VNode {
  const { host, id } = row;
  const linked = view.anchors.has(id);
  const silent = host.failure !== undefined && isSilent(host) && view.ten.length > 0;
  return (
    <HostRow row={row} linked={linked}>
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
    </HostRow>
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
            <HeadRow columns={ten}>
              <th scope="col" class="score">
                Score
              </th>
              {plugins.map((column) => (
                <ColumnHead column={column} />
              ))}
            </HeadRow>
          </thead>
          <tbody>
            {listed.map((row) => (
              <ScoredRow row={row} view={view} />
            ))}
          </tbody>
        </table>
      </div>
      {plugins.length === 0 ? null : <p class="soft">Plug-in checks are shown, never scored.</p>}
    </Section>
  );
}
