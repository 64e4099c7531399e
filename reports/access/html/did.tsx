/** Who did: logins over time, by the hour, and by identity. */
import type { VNode } from 'preact';
import type { AccessDigest } from '../../../src/model.js';
import { Tag, Time } from '../../html/parts.js';
import { count, cut, digits } from '../../html/text.js';
import { METHODS } from '../text.js';
import { Days } from './days.js';
import { Hours } from './hours.js';
import { METHOD_ORDER, OnHosts, Rest, Rows } from './words.js';

export function Did({ of }: { readonly of: AccessDigest }): VNode {
  const { did, hosts, logins, strangers, pictures } = of;
  const all = METHOD_ORDER.reduce((sum, method) => sum + logins[method], 0);
  return (
    <>
      <h3 id="access-did">Who did: {count(all, 'login')}</h3>
      {logins.untrusted === 0 ? null : (
        <p class="note">
          {count(logins.untrusted, 'line')} in the name of sshd that another program wrote: not counted.
        </p>
      )}
      {strangers === 0 ? null : (
        <p class="note">
          {count(strangers, 'login')} of identities that neither the inventory nor the policy nor the CA’s log
          knows.
        </p>
      )}
      {all === 0 ? (
        <p>No login is known in the window.</p>
      ) : (
        <>
          <Days of={pictures} />
          <Hours of={pictures.hours} />
          <Rows
            caption="Logins by identity, account and method"
            head={['Identity', 'Account', 'By', 'Logins', 'First', 'Last', 'From', 'Hosts']}
            tight={[2, 3, 4, 5]}
            rows={did.rows.map((row) => [
              <>
                <code>{cut(row.identity, 200)}</code> {row.known ? null : <Tag tone="fail">not known</Tag>}
              </>,
              <code>{cut(row.account, 120)}</code>,
              METHODS[row.method],
              digits(row.count),
              <Time at={row.first} />,
              <Time at={row.last} />,
              cut(row.from.join(', '), 200),
              <OnHosts of={row.hosts} all={hosts.total} />,
            ])}
          />
        </>
      )}
      <Rest n={did.left} of="login" many="logins" />
    </>
  );
}
