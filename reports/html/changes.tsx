/** Everything that changed since the run it was compared with. */
import type { VNode } from 'preact';
import type { AccessChange, FleetReport } from '../../src/model.js';
import { Against, alike, kinds, type Kind } from './changed.js';
import { Hosts, Left, Section, Tag, Time } from './parts.js';
import { count, cut, first } from './text.js';

const MOST_LINES = 200;
const MOST_SUBJECTS = 8;

function Steps({ kind }: { readonly kind: Kind }): VNode | null {
  if (kind.of.length === 0) return null;
  const { shown, left } = first(alike(kind.of), MOST_LINES);
  return (
    <>
      <h3>
        {kind.title[0]?.toUpperCase()}
        {kind.title.slice(1)}: {count(kind.of.length, 'result')}
      </h3>
      <ul class="list">
        {shown.map(({ check, from, to, hosts, subjects, since }) => {
          const named = first([...subjects], MOST_SUBJECTS);
          return (
            <li>
              <p class="what">
                <Tag tone={to}>
                  {from} → {to}
                </Tag>{' '}
                <b>{cut(check, 100)}</b> on {count(hosts.size, 'host')}: <Hosts names={hosts} />
              </p>
              <p class="soft">
                since <Time at={since} />
                {named.shown.length === 0 ? '' : `; ${named.shown.map((one) => cut(one, 120)).join(', ')}`}
                {named.left === 0 ? '' : ` and ${named.left} more`}
              </p>
            </li>
          );
        })}
        <Left n={left} of="group" />
      </ul>
    </>
  );
}

const KIND: Readonly<Record<AccessChange['kind'], string>> = {
  'ca-key': 'CA key',
  'static-key': 'static key',
  principal: 'principal',
};

function Access({ of }: { readonly of: readonly AccessChange[] }): VNode | null {
  if (of.length === 0) return null;
  const { shown, left } = first(of, MOST_LINES);
  return (
    <>
      <h3>Who may log in: {count(of.length, 'change')}</h3>
      <ul class="list tight">
        {shown.map(({ host, change, kind, account, value }) => (
          <li>
            <Tag tone={change === 'added' ? 'unknown' : 'none'}>{change}</Tag> {KIND[kind]}{' '}
            <code>{cut(value, 200)}</code>
            {account === undefined ? null : [' for account ', <code>{cut(account, 100)}</code>]} on{' '}
            <code>{cut(host, 200)}</code>
          </li>
        ))}
        <Left n={left} of="change" />
      </ul>
    </>
  );
}

/** The whole comparison; nothing when there is none. */
export function ChangesSection({ report }: { readonly report: FleetReport }): VNode | null {
  const { changes } = report;
  if (changes === undefined) return null;
  const { newHosts, vanishedHosts, hostKeys, access, droppedChecks = [] } = changes;
  const keys = first(hostKeys, MOST_LINES);
  return (
    <Section id="changes" title="Changes" lead={<Against changes={changes} />}>
      {kinds(changes).map((kind) => (
        <Steps kind={kind} />
      ))}
      {droppedChecks.length === 0 ? null : (
        <>
          <h3>Checks</h3>
          <p>Judged then, and on no host now: {cut(droppedChecks.slice(0, 40).join(', '))}.</p>
        </>
      )}
      {newHosts.length + vanishedHosts.length === 0 ? null : <h3>Hosts</h3>}
      {newHosts.length === 0 ? null : (
        <p>
          New in the inventory: <Hosts names={newHosts} />
        </p>
      )}
      {vanishedHosts.length === 0 ? null : (
        <p>
          No longer in the inventory: <Hosts names={vanishedHosts} />
        </p>
      )}
      {hostKeys.length === 0 ? null : (
        <>
          <h3>Host keys: {count(hostKeys.length, 'change')}</h3>
          <ul class="list tight">
            {keys.shown.map(({ host, from, to }) => (
              <li>
                <code>{cut(host, 200)}</code>: <code>{cut(from, 100)}</code> → <code>{cut(to, 100)}</code>
              </li>
            ))}
            <Left n={keys.left} of="key" />
          </ul>
        </>
      )}
      <Access of={access} />
    </Section>
  );
}
