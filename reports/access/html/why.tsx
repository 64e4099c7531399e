/** Why: logins nobody else let in, and break-glass use. */
import type { VNode } from 'preact';
import type { AccessDigest, ApprovalState } from '../../../src/model.js';
import { Bullets, Tag, Time } from '../../html/parts.js';
import { count, cut, digits } from '../../html/text.js';
import { APPROVALS, METHODS } from '../text.js';
import { Rest, Rows } from './words.js';

const ORDER: readonly ApprovalState[] = ['approved', 'not-approved', 'outside', 'self-approved', 'not-asked'];

export function Why({ of }: { readonly of: AccessDigest }): VNode {
  const { why } = of;
  const states = ORDER.filter((state) => why.states[state] > 0);
  return (
    <>
      <h3 id="access-why">Why: {why.configured ? count(why.approvals, 'approval') : 'not known'}</h3>
      {why.configured ? (
        <p>
          Logins:{' '}
          {states.map((state) => `${digits(why.states[state])} ${APPROVALS[state]}`).join(', ') || 'none'}.
          {why.breakGlass === 0 ? '' : ` ${digits(why.breakGlass)} by emergency key.`}
        </p>
      ) : (
        <p>
          No source of approvals is configured (sources.approvals), so no login is called approved or not.
        </p>
      )}
      {why.problem === '' ? null : <p class="note">{cut(why.problem)}</p>}
      {why.rows.length === 0 ? null : (
        <Rows
          caption="Logins to look at: break glass first"
          head={['What', 'Login', 'Identity', 'Account', 'Host', 'By', 'Why', 'Ticket']}
          tight={[1, 5]}
          rows={why.rows.map((row) => [
            row.breakGlass ? (
              <Tag tone="fail">break glass</Tag>
            ) : (
              <Tag tone="unknown">{APPROVALS[row.approval]}</Tag>
            ),
            <Time at={row.at} />,
            <code>{cut(row.identity, 200)}</code>,
            <code>{cut(row.account, 120)}</code>,
            <code>{cut(row.host, 120)}</code>,
            METHODS[row.method],
            cut([row.breakGlass ? APPROVALS[row.approval] : '', row.why].filter(Boolean).join('; '), 400),
            cut(row.ticket, 80),
          ])}
        />
      )}
      <Rest n={why.left} of="such login" many="such logins" />
      {why.unused.length === 0 ? null : (
        <details>
          <summary>Approved and never used: {digits(why.unused.length)} shown</summary>
          <Bullets of={why.unused} noun="approval" />
        </details>
      )}
    </>
  );
}
