/** Check by check: what it proves and what not, why it matters, how to mend, which controls it answers. */
import { scaleLinear } from 'd3-scale';
import type { VNode } from 'preact';
import type { CheckMeta } from '../../src/model.js';
import { grounds, GUIDANCE, partOf, STATUSES, type Ground, type Status } from '../group.js';
import { Bullets, Evidence, Facts, Hosts, Left, Section, SeverityTag } from './parts.js';
import { count, cut, digits, first } from './text.js';
import { cellOf, type Column, type View } from './view.js';

const MOST_GROUNDS = 12;
type Counts = Readonly<Record<Status, number>>;

/** Results per status of every column, in one pass over the hosts. A host without a result counts as unknown. */
function tally(view: View): readonly Counts[] {
  const counts = [...view.ten, ...view.plugins, ...view.guidance].map(() => ({
    pass: 0,
    fail: 0,
    unknown: 0,
    waived: 0,
  }));
  for (const { cells } of view.rows) {
    cells.forEach((result, index) => {
      const cell = cellOf(result);
      const of = counts[index];
      if (of !== undefined) of[cell === 'none' ? 'unknown' : cell] += 1;
    });
  }
  return counts;
}

/** A small bar, the same scale for every check. The words beside it say the same. */
function Meter({ counts }: { readonly counts: Counts }): VNode {
  const sum = STATUSES.reduce((total, status) => total + counts[status], 0);
  const x = scaleLinear([0, Math.max(1, sum)], [0, 120]);
  let from = 0;
  return (
    <svg class="meter" viewBox="0 0 120 8" width="120" height="8" aria-hidden="true">
      {(['pass', 'waived', 'unknown', 'fail'] as const).map((status) => {
        const at = from;
        from += counts[status];
        return counts[status] === 0 ? null : (
          <rect
            class={`fill-${status}`}
            x={x(at).toFixed(1)}
            y="0"
            width={x(counts[status]).toFixed(1)}
            height="8"
          />
        );
      })}
    </svg>
  );
}

function Tally({ counts }: { readonly counts: Counts }): VNode {
  const words = STATUSES.filter((status) => counts[status] > 0).map(
    (status) => `${digits(counts[status])} ${status}`,
  );
  return <span class="n">{words.length === 0 ? 'no hosts' : words.join(', ')}</span>;
}

function Passes({ of }: { readonly of: readonly Ground[] }): VNode | null {
  if (of.length === 0) return null;
  const { shown, left } = first(of, MOST_GROUNDS);
  return (
    <ul class="bullets">
      {shown.map(({ because, hosts, evidence, notes }) => (
        <li>
          {cut(because)}{' '}
          <span class="soft">
            ({count(hosts.length, 'host')}: <Hosts names={hosts} brief />)
          </span>
          <Bullets of={notes} class="notes" most={5} noun="note" />
          <Evidence of={evidence} />
        </li>
      ))}
      <Left n={left} of="reason" />
    </ul>
  );
}

function Controls({ meta }: { readonly meta: CheckMeta }): VNode | null {
  const rows = Object.entries(meta.controls).filter(([, ids]) => ids.length > 0);
  if (rows.length === 0) return null;
  return (
    <ul class="controls">
      {rows.map(([framework, ids]) => (
        <li>
          <span class="soft">{cut(framework, 80)}</span>{' '}
          {ids
            .slice(0, 40)
            .map((id) => cut(id, 40))
            .join(', ')}
        </li>
      ))}
    </ul>
  );
}

function CheckItem(props: {
  readonly column: Column;
  readonly counts: Counts;
  readonly passes: readonly Ground[];
}): VNode {
  const { column, counts, passes } = props;
  const { meta, id, index } = column;
  return (
    <details class="item check">
      <summary>
        <span class="num">{meta?.number ?? (meta?.pack === undefined ? 'plug-in' : 'guidance')}</span>
        <span class="what">
          <b>{cut(id, 80)}</b> {meta === undefined ? '' : cut(meta.title)}
        </span>
        <Meter counts={counts} />
        <Tally counts={counts} />
      </summary>
      <div id={`c${index}`}>
        {meta === undefined ? (
          <p>This plug-in check did not describe itself.</p>
        ) : (
          <Facts
            of={[
              [
                partOf(meta) === 'guidance' ? GUIDANCE : 'Scorecard',
                `${cut(meta.category, 100)}, section ${cut(meta.directive, 60)} of the directive`,
              ],
              ['Severity', <SeverityTag severity={meta.severity} />],
              ['Why it matters', cut(meta.why, 1200)],
              ['What is looked at', <Bullets of={meta.looksAt} />],
              [
                'What a pass does not prove',
                meta.limits.length === 0 ? undefined : <Bullets of={meta.limits} />,
              ],
              ['How to mend it', cut(meta.fix, 1200)],
              ['Controls', <Controls meta={meta} />],
              ['What passes rest on', <Passes of={passes} />],
            ]}
          />
        )}
      </div>
    </details>
  );
}

export function Checks({ view }: { readonly view: View }): VNode {
  const counts = tally(view);
  const byCheck = new Map<string, Ground[]>();
  for (const ground of grounds(view.report)) {
    const of = byCheck.get(ground.check);
    if (of === undefined) byCheck.set(ground.check, [ground]);
    else of.push(ground);
  }
  const items = (columns: readonly Column[]): VNode => (
    <div class="items">
      {columns.map((column) => (
        <CheckItem
          column={column}
          counts={counts[column.index] ?? { pass: 0, fail: 0, unknown: 0, waived: 0 }}
          passes={byCheck.get(column.id) ?? []}
        />
      ))}
    </div>
  );
  return (
    <Section
      id="checks"
      title="The checks"
      lead="What each check proves, what a pass does not prove, and what passes rest on."
    >
      {items([...view.ten, ...view.plugins])}
      {view.guidance.length === 0 ? null : (
        <>
          <h3>{GUIDANCE}</h3>
          {items(view.guidance)}
        </>
      )}
    </Section>
  );
}
