/** One entry of the causes each: a failure, something missing, hosts that were not gathered. */
import type { ComponentChildren, VNode } from 'preact';
import type { Cause, Gap, Unreached } from '../group.js';
import { Bullets, Evidence, Facts, Hosts, SeverityTag, Tag } from './parts.js';
import { count, cut, first, numbered, place } from './text.js';

export const MOST_SUBJECTS = 12;

/** Folded: the summary is enough to decide, the facts to act. */
function Item(props: {
  readonly tag: VNode;
  readonly what: ComponentChildren;
  readonly hosts: Iterable<string>;
  readonly total: number;
  /** Behind the hosts. */
  readonly facts: readonly (readonly [string, ComponentChildren])[];
  readonly open?: boolean;
}): VNode {
  const { tag, what, hosts, total, facts, open = false } = props;
  return (
    <details class="item" open={open}>
      <summary>
        {tag}
        <span class="what">{what}</span>
        <span class="n">{count(total, 'host')}</span>
      </summary>
      <Facts of={[['Hosts', <Hosts names={hosts} most={60} />], ...facts]} />
    </details>
  );
}

export function CauseItem({ cause, open }: { readonly cause: Cause; readonly open: boolean }): VNode {
  const { check, number, severity, message, fix, subjects, hosts, example, waiver } = cause;
  const named = first([...subjects], MOST_SUBJECTS);
  const where = place(example.at);
  return (
    <Item
      open={open}
      tag={<SeverityTag severity={severity} />}
      what={
        <>
          <b>{numbered(number, check, 80)}</b> {cut(message)}
        </>
      }
      hosts={hosts}
      total={hosts.size}
      facts={[
        [
          'Where',
          <>
            {named.shown.map((one, index) => [index === 0 ? '' : ', ', <code>{cut(one, 200)}</code>])}
            {named.left === 0 ? '' : ` and ${named.left} more`}
          </>,
        ],
        ['Do', waiver?.expired === false || fix === undefined ? undefined : cut(fix)],
        [
          'For example',
          <>
            <code>{cut(example.host, 200)}</code>
            {where === undefined ? '' : `, ${where}`}
            <Evidence of={example.evidence} />
          </>,
        ],
      ]}
    />
  );
}

export function GapItem({ gap }: { readonly gap: Gap }): VNode {
  const { reason, detail, missing, checks, hosts } = gap;
  return (
    <Item
      tag={<Tag tone="unknown">{reason}</Tag>}
      what={
        <>
          <b>
            {checks.length === 1 ? 'check' : 'checks'} {cut(checks.join(', '), 100)}
          </b>{' '}
          {cut(detail)}
        </>
      }
      hosts={hosts}
      total={hosts.length}
      facts={[['Missing', missing.length === 0 ? undefined : <Bullets of={missing} />]]}
    />
  );
}

export function UnreachedItem({ group }: { readonly group: Unreached }): VNode {
  const { cut: short, code, hint, hosts, example } = group;
  const { detail, phase, attempts } = example.failure;
  const tried = attempts === undefined ? '' : `, ${count(attempts, 'attempt')}`;
  return (
    <Item
      tag={<Tag tone="unknown">{short ? 'cut short' : 'not gathered'}</Tag>}
      what={
        <>
          <b>{code}</b> {cut(detail)}
        </>
      }
      hosts={hosts}
      total={hosts.length}
      facts={[
        ['Do', hint === undefined ? undefined : cut(hint)],
        ['For example', `${cut(example.host, 200)}, while in phase ${phase}${tried}`],
      ]}
    />
  );
}
