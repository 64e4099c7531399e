/** What changed, and of what nobody can know whether it changed. */
import type { VNode } from 'preact';
import type { AccessDigest } from '../../../src/model.js';
import { Time } from '../../html/parts.js';
import { count, cut, digits } from '../../html/text.js';
import { OnHosts, Rest, Rows } from './words.js';

export function Changed({ of }: { readonly of: AccessDigest }): VNode {
  const { changed, hosts } = of;
  const { effects, sessions, loose, reprovision } = changed;
  const dark = hosts.auditing.off + hosts.auditing.unknown;
  return (
    <>
      <h3 id="access-changed">What changed: {count(effects.altered, 'session')} altered something</h3>
      <p>
        {count(effects['read-only'], 'session was', 'sessions were')} read-only: every program was recorded,
        and none alters. Of {count(effects['not-known'], 'session')} it cannot be known.
      </p>
      {dark === 0 ? null : (
        <p class="note">
          Auditing is off on {count(hosts.auditing.off, 'host')} and not known on{' '}
          {digits(hosts.auditing.unknown)}: what sessions did there beyond sudo and packages cannot be known.
        </p>
      )}
      {reprovision.count === 0 ? null : (
        <p class="note">
          <b>Re-provision</b>, because they are stateless and were altered:{' '}
          <OnHosts of={reprovision} all={Number.POSITIVE_INFINITY} />
        </p>
      )}
      {sessions.rows.length === 0 ? null : (
        <Rows
          caption="Sessions that altered something, the latest first"
          head={['Login', 'Identity', 'Account', 'Host', 'What', 'Commands and packages']}
          rows={sessions.rows.map((row) => [
            <Time at={row.at} />,
            <code>{cut(row.identity, 200)}</code>,
            <code>{cut(row.account, 120)}</code>,
            <code>{cut(row.host, 120)}</code>,
            cut(row.because, 200),
            <>
              {row.commands.map((text) => (
                <code class="excerpt">{cut(text, 300)}</code>
              ))}
              {row.packages.length === 0 ? null : (
                <span class="soft">{cut(row.packages.join(', '), 300)} </span>
              )}
              {row.more === 0 ? null : <span class="soft">and {count(row.more, 'other command')}</span>}
            </>,
          ])}
        />
      )}
      <Rest n={sessions.left} of="such session" many="such sessions" />
      {loose.rows.length === 0 ? null : (
        <Rows
          caption="Changes with no single session to name"
          head={['At', 'Host', 'Change', 'Why no session']}
          rows={loose.rows.map((row) => [
            row.at === '' ? '' : <Time at={row.at} />,
            <code>{cut(row.host, 120)}</code>,
            <code>{cut(row.text, 300)}</code>,
            cut(row.because, 200),
          ])}
        />
      )}
      <Rest n={loose.left} of="change" many="changes" />
    </>
  );
}

/** What could not be read is part of what the report says. */
export function NotKnown({ of }: { readonly of: AccessDigest }): VNode | null {
  const { gaps, hosts } = of;
  if (gaps.rows.length === 0) return null;
  return (
    <>
      <h3 id="access-gaps">Not known</h3>
      <Rows
        caption="What could not be read, most hosts first"
        head={['What', 'Hosts']}
        rows={gaps.rows.map(({ text, hosts: on }) => [cut(text), <OnHosts of={on} all={hosts.total} />])}
      />
      <Rest n={gaps.left} of="gap of a host" many="gaps of hosts" />
    </>
  );
}
