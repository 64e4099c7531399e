/** One entry of the causes each: a failure, something missing, hosts that were not gathered. */
import type { VNode } from 'preact';
import type { Cause, Gap, Unreached } from '../group.js';
import { Bullets, Evidence, Facts, Hosts, SeverityTag, Tag } from './parts.js';
import { count, cut, first, place } from './text.js';

export const MOST_SUBJECTS = 12;

/** One cause, folded: its summary is enough to decide, its body to act. */
export function CauseItem({ cause, open }: { readonly cause: Cause; readonly open: boolean }): VNode {
  const { check, number, severity, message, fix, subjects, hosts, example, waiver } = cause;
  const named = first([...subjects], MOST_SUBJECTS);
  const where = place(example.at);
  return (
    <details class="item" open={open}>
      <summary>
        <SeverityTag severity={severity} />
        <span class="what">
          <b>
            {number === undefined ? '' : `${number} `}
            {cut(check, 80)}
          </b>{' '}
          {cut(message)}
        </span>
        <span class="n">{count(hosts.size, 'host')}</span>
      </summary>
      <Facts
        of={[
          ['Hosts', <Hosts names={hosts} most={60} />],
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
    </details>
  );
}

export function GapItem({ gap }: { readonly gap: Gap }): VNode {
  const { reason, detail, missing, checks, hosts } = gap;
  return (
    <details class="item">
      <summary>
        <Tag tone="unknown">{reason}</Tag>
        <span class="what">
          <b>
            {checks.length === 1 ? 'check' : 'checks'} {cut(checks.join(', '), 100)}
          </b>{' '}
          {cut(detail)}
        </span>
        <span class="n">{count(hosts.length, 'host')}</span>
      </summary>
      <Facts
        of={[
          ['Hosts', <Hosts names={hosts} most={60} />],
          ['Missing', missing.length === 0 ? undefined : <Bullets of={missing} />],
        ]}
      />
    </details>
  );
}

export function UnreachedItem({ group }: { readonly group: Unreached }): VNode {
  const { cut: short, code, hint, hosts, example } = group;
  const { detail, phase, attempts } = example.failure;
  return (
    <details class="item">
      <summary>
        <Tag tone="unknown">{short ? 'cut short' : 'not gathered'}</Tag>
        <span class="what">
          <b>{code}</b> {cut(detail)}
        </span>
        <span class="n">{count(hosts.length, 'host')}</span>
      </summary>
      <Facts
        of={[
          ['Hosts', <Hosts names={hosts} most={60} />],
          ['Do', hint === undefined ? undefined : cut(hint)],
          [
            'For example',
            `${cut(example.host, 200)}, while in phase ${phase}${attempts === undefined ? '' : `, ${count(attempts, 'attempt')}`}`,
          ],
        ]}
      />
    </details>
  );
}
