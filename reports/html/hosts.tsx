/** Host by host: findings with evidence and remedy, how it was reached, what its evidence hashes to. */
import type { VNode } from 'preact';
import type { HostReport } from '../../src/model.js';
import { GUIDANCE } from '../group.js';
import { letters } from './host-table.js';
import { Results } from './host-results.js';
import { Facts, Hosts, Section, Tag, Time, Todo, WORDS } from './parts.js';
import { count, cut, digits, numbered } from './text.js';
import { cellOf, isLost, type Cell, type Column, type Row, type View } from './view.js';

function Failure({ host }: { readonly host: HostReport }): VNode | null {
  const { failure } = host;
  if (failure === undefined) return null;
  const { code, phase, detail, hint, attempts } = failure;
  return (
    <div class="note">
      <p>
        <b>{code}</b>, while in phase {phase}
        {attempts === undefined ? '' : `, ${count(attempts, 'attempt')}`}: {cut(detail)}
      </p>
      <Todo text={hint} />
    </div>
  );
}

function Reached({ host }: { readonly host: HostReport }): VNode {
  const { connection, at, tags } = host;
  const key = connection?.hostKey;
  return (
    <Facts
      class="facts two"
      of={[
        [
          'Reached at',
          connection === undefined
            ? undefined
            : `${cut(connection.user, 80)}@${cut(connection.address, 120)}:${connection.port} by ${connection.transport}${
                connection.route.length === 0 ? '' : `, through ${cut(connection.route.join(', '), 300)}`
              }`,
        ],
        [
          'Host key',
          key === undefined
            ? undefined
            : `${cut(key.type, 60)} ${cut(key.fingerprint, 120)}, vouched for by ${cut(key.verifiedBy, 200)}`,
        ],
        [
          'Logged in with',
          connection?.authenticatedBy === undefined ? undefined : cut(connection.authenticatedBy, 300),
        ],
        ['Server', connection?.serverVersion === undefined ? undefined : cut(connection.serverVersion, 120)],
        ['Collected', host.collectedAt === undefined ? undefined : <Time at={host.collectedAt} />],
        [
          'Evidence SHA-256',
          host.evidenceSha256 === undefined ? undefined : <code>{cut(host.evidenceSha256, 80)}</code>,
        ],
        ['Inventory', `${cut(at.file, 200)}:${at.line}`],
        ['Tags', tags.length === 0 ? undefined : cut(tags.slice(0, 20).join(', '), 300)],
      ]}
    />
  );
}

/** What counts for the host: the guidance does not. */
function counted(row: Row, view: View): readonly Cell[] {
  return row.cells.slice(0, view.ten.length + view.plugins.length).map(cellOf);
}

/** `2 fail, 1 unknown` */
function summary(row: Row, view: View): string {
  if (row.host.failure !== undefined) return row.host.failure.code;
  const cells = counted(row, view);
  const words = (['fail', 'unknown', 'waived'] as const).flatMap((cell) => {
    const n = cells.filter((one) => one === cell).length;
    return n === 0 ? [] : [`${n} ${WORDS[cell]}`];
  });
  if (words.length > 0) return words.join(', ');
  return row.clean ? 'all pass' : 'not judged';
}

function toneOf(row: Row, view: View): string {
  const cells = counted(row, view);
  if (cells.includes('fail')) return 'fail';
  if (row.host.failure !== undefined || cells.includes('unknown')) return 'unknown';
  if (cells.includes('waived')) return 'waived';
  return row.clean ? 'pass' : 'none';
}

function HostItem({ row, view }: { readonly row: Row; readonly view: View }): VNode {
  const { host, id, clean } = row;
  const columns = [...view.ten, ...view.plugins];
  const passed = columns.filter(({ index }) => cellOf(row.cells[index]) === 'pass');
  // An unreached host's unknowns all say what the box above them says.
  const open = (column: Column): boolean =>
    cellOf(row.cells[column.index]) !== 'pass' && !isLost(row, column);
  const rest = columns.filter(open);
  const guidance = view.guidance.filter(open);
  return (
    <details
      class={`item host${clean ? ' clean' : ''}`}
      data-h={id}
      data-s={letters(row)}
      data-e={cut(host.environment ?? '', 80)}
    >
      <summary>
        <Tag tone={toneOf(row, view)}>{summary(row, view)}</Tag>
        <span class="what">
          <b>{cut(host.name, 200)}</b> <span class="soft">{cut(host.environment ?? '', 80)}</span>
        </span>
        <span class="n">
          {host.score}/{view.ten.length}
        </span>
      </summary>
      <div id={id}>
        <Failure host={host} />
        <Reached host={host} />
        <Results row={row} columns={rest} />
        {passed.length === 0 ? null : (
          <p class="passes">
            <Tag tone="pass">{count(passed.length, 'pass', 'passes')}</Tag>{' '}
            {passed.map(({ index, id: check, meta }, at) => (
              <>
                {at === 0 ? '' : ', '}
                <a href={`#c${index}`}>{numbered(meta?.number, check, 80)}</a>
              </>
            ))}
          </p>
        )}
        {guidance.length === 0 ? null : (
          <>
            <h3>{GUIDANCE}</h3>
            <Results row={row} columns={guidance} />
          </>
        )}
      </div>
    </details>
  );
}

export function HostsSection({ view }: { readonly view: View }): VNode {
  const { rows, detailed } = view;
  const left = rows.filter(({ id }) => !view.anchors.has(id));
  const open = left.filter(({ clean }) => !clean).length;
  return (
    <Section
      id="hosts"
      title="Host by host"
      lead="Hosts with something to do come first. What each pass rests on is told with its check."
    >
      {left.length === 0 ? null : (
        <p class="note">
          {count(detailed.length, 'host has', 'hosts have')} a section here, so that this page stays small.{' '}
          {count(left.length, 'host has', 'hosts have')} none,{' '}
          {open === 0 ? 'all of them all-pass' : `${digits(open)} of them not all-pass`}: see results.json.
          They are <Hosts names={left.map(({ host }) => host.name)} most={40} />.
        </p>
      )}
      <div class="items">
        {detailed.map((row) => (
          <HostItem row={row} view={view} />
        ))}
      </div>
      {detailed.some(({ clean }) => clean) ? (
        <p class="print-only soft">Hosts on which everything passes are left out of print.</p>
      ) : null}
    </Section>
  );
}
