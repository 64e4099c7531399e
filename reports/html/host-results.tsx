/** What the checks say of one host: findings with evidence and remedy, unknowns with what is missing. */
import type { VNode } from 'preact';
import { grouped } from '../../src/grouped.js';
import type { CheckResult, Finding } from '../../src/model.js';
import { Bullets, Evidence, Left, Tag, Time, Todo, WORDS } from './parts.js';
import { cut, day, first, numbered, place } from './text.js';
import { cellOf, MOST_FINDINGS, type Column, type Row } from './view.js';

function FindingItem({ finding }: { readonly finding: Finding }): VNode {
  const { subject, message, evidence, at, remediation } = finding;
  const where = place(at);
  return (
    <li class="finding">
      <p>
        <code class="subject">{cut(subject, 200)}</code> {cut(message)}
        {where === undefined || where === subject ? null : <span class="soft"> At {where}.</span>}
      </p>
      <Evidence of={evidence} />
      <Todo text={remediation} />
    </li>
  );
}

function Body({ result, column }: { readonly result: CheckResult; readonly column: Column }): VNode {
  const { outcome } = result;
  if (outcome.status === 'pass')
    return (
      <>
        <p>{cut(outcome.because)}</p>
        <Evidence of={outcome.evidence} />
      </>
    );
  if (outcome.status === 'unknown')
    return (
      <>
        <p>
          <b>{outcome.reason}</b>: {cut(outcome.detail)}
        </p>
        {(outcome.missing ?? []).length === 0 ? null : <p class="soft">Also missing:</p>}
        <Bullets of={outcome.missing ?? []} most={MOST_FINDINGS} />
        <Evidence of={outcome.evidence ?? []} />
      </>
    );
  const { shown, left } = first(outcome.findings, MOST_FINDINGS);
  const own = outcome.findings.every(({ remediation }) => remediation !== undefined);
  return (
    <>
      <ul class="findings">
        {shown.map((finding) => (
          <FindingItem finding={finding} />
        ))}
        <Left n={left} of="finding" />
      </ul>
      {own || column.meta === undefined ? null : (
        <p class="do">
          <b>In general:</b> {cut(column.meta.fix)}
        </p>
      )}
    </>
  );
}

/** Results of one host that say the same: an unreadable fact often blinds several checks at once. */
function alike(row: Row, columns: readonly Column[]): readonly (readonly [Column, ...Column[]])[] {
  const groups = grouped(columns, ({ index }) => {
    const result = row.cells[index];
    return JSON.stringify(result?.outcome.status === 'unknown' ? [result.outcome, result.since] : index);
  });
  return [...groups.values()];
}

function ResultItem(props: {
  readonly row: Row;
  readonly columns: readonly [Column, ...Column[]];
}): VNode | null {
  const { row, columns } = props;
  const [column] = columns;
  const result = row.cells[column.index];
  if (result === undefined) return null;
  const { outcome, waiver, since } = result;
  const cell = cellOf(result);
  return (
    <li class="result">
      <h3>
        <Tag tone={cell}>{WORDS[cell]}</Tag>
        {columns.map(({ index, id, meta }, at) => (
          <>
            {at === 0 ? ' ' : ', '}
            <span id={`${row.id}-${index}`}>{numbered(meta?.number, id, 80)}</span>
          </>
        ))}
        {since === undefined ? null : (
          <span class="soft">
            {' '}
            since <Time at={since} />
          </span>
        )}
      </h3>
      <Body result={result} column={column} />
      {waiver === undefined ? null : (
        <p class="soft">
          {waiver.expired ? 'A waiver of this failure expired on' : 'Accepted until'} {day(waiver.expires)}:
          owner {cut(waiver.owner, 100)}, approved by {cut(waiver.approver, 100)}, because{' '}
          {cut(waiver.reason)}
        </p>
      )}
      <Bullets of={outcome.notes ?? []} class="notes" most={5} noun="note" />
    </li>
  );
}

/** The results of these columns, those that say the same as one entry. */
export function Results({
  row,
  columns,
}: {
  readonly row: Row;
  readonly columns: readonly Column[];
}): VNode | null {
  if (columns.length === 0) return null;
  return (
    <ul class="results">
      {alike(row, columns).map((group) => (
        <ResultItem row={row} columns={group} />
      ))}
    </ul>
  );
}
