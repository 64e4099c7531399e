/** Who may: ways in, those that should not be there first, and the grants as a picture. */
import type { VNode } from 'preact';
import type { AccessDigest, DoorRow } from '../../../src/model.js';
import { Tag } from '../../html/parts.js';
import { count, cut } from '../../html/text.js';
import { KINDS, sudoText, usesText } from '../text.js';
import { Grants } from './grants.js';
import { OnHosts, Rest, Rows } from './words.js';

const TONES: Readonly<Record<DoorRow['kind'], string>> = {
  certificate: 'none',
  'static-key': 'unknown',
  'emergency-key': 'unknown',
  'other-ca': 'fail',
  password: 'fail',
  'remote-agent': 'unknown',
  'other-server': 'unknown',
};

export function May({ of }: { readonly of: AccessDigest }): VNode {
  const { may, hosts, pictures } = of;
  return (
    <>
      <h3 id="access-may">Who may: {count(may.total, 'way')} in</h3>
      {pictures.grants.rows.length === 0 ? null : <Grants of={pictures.grants} />}
      {may.rows.length === 0 ? (
        <p>No way in is known.</p>
      ) : (
        <Rows
          caption="Ways in"
          head={['By', 'Who', 'Account', 'Rights', 'Hosts', 'Use']}
          tight={[5]}
          rows={may.rows.map((row) => [
            <Tag tone={TONES[row.kind]}>{KINDS[row.kind]}</Tag>,
            <Who row={row} />,
            row.account === '*' ? 'any account' : <code>{cut(row.account, 120)}</code>,
            row.account === '*' ? '' : cut(sudoText(row.sudo), 300),
            <OnHosts of={row.hosts} all={hosts.total} />,
            usesText(row.uses),
          ])}
        />
      )}
      <Rest n={may.left} of="way in" many="ways in" />
    </>
  );
}

/** The principal or key, who can get it signed, and who held it. */
function Who({ row }: { readonly row: DoorRow }): VNode {
  const { who, roles, policies, holders, note } = row;
  const lines = [
    roles === null
      ? ''
      : roles.length === 0
        ? 'no role of the CA system signs it'
        : `signed by ${roles.join(', ')}`,
    policies !== null && policies.length > 0 ? `for holders of policy ${policies.join(', ')}` : '',
    holders.length > 0 ? `held by ${holders.join(', ')}` : '',
    note,
  ].filter(Boolean);
  return (
    <>
      <code>{cut(who, 200)}</code>
      {lines.length === 0 ? null : <span class="soft"> {cut(lines.join('; '), 600)}</span>}
    </>
  );
}

/** Candidates to remove. Nothing is called unused where the log cannot tell. */
export function Unused({ of }: { readonly of: AccessDigest }): VNode {
  const { unused, hosts } = of;
  const { notWhole } = hosts;
  return (
    <>
      <h3 id="access-unused">Never used in the window: {count(unused.total, 'way')} in</h3>
      {notWhole.count === 0 ? null : (
        <p class="note">
          Nothing is called unused where the log of logins does not cover the window whole:{' '}
          <OnHosts of={notWhole} all={hosts.total} />
        </p>
      )}
      {unused.rows.length === 0 ? null : (
        <Rows
          caption="Ways in that no login used: candidates to remove"
          head={['By', 'Who', 'Account', 'Hosts']}
          rows={unused.rows.map(({ kind, who, account, hosts: on }) => [
            KINDS[kind],
            <code>{cut(who, 200)}</code>,
            account === '*' ? 'any account' : <code>{cut(account, 120)}</code>,
            <OnHosts of={on} all={hosts.total} />,
          ])}
        />
      )}
      <Rest n={unused.left} of="way in" many="ways in" />
    </>
  );
}
