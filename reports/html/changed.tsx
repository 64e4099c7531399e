/** What changed since the run it was compared with: the panel of the first screen, and what both views share. */
import type { VNode } from 'preact';
import type { Changes, CheckChange, FleetReport } from '../../src/model.js';
import { Hosts, Tag, Time } from './parts.js';
import { count, cut } from './text.js';

export interface Kind {
  readonly title: string;
  readonly tone: string;
  readonly of: readonly CheckChange[];
}

export function kinds(changes: Changes): readonly Kind[] {
  return [
    { title: 'newly failing', tone: 'fail', of: changes.newlyFailing },
    { title: 'newly unknown', tone: 'unknown', of: changes.newlyUnknown },
    { title: 'newly passing', tone: 'pass', of: changes.newlyPassing },
    { title: 'newly waived', tone: 'waived', of: changes.newlyWaived ?? [] },
    { title: 'still failing', tone: 'none', of: changes.stillFailing },
  ];
}

interface Alike {
  readonly check: string;
  readonly from: string;
  readonly to: string;
  readonly hosts: Set<string>;
  readonly subjects: Set<string>;
  /** The earliest. */
  since: string;
}

/** The same step of the same check on many hosts, most hosts first. */
export function alike(changes: readonly CheckChange[]): readonly Alike[] {
  const groups = new Map<string, Alike>();
  for (const { check, from, to, host, subjects, since } of changes) {
    const key = JSON.stringify([check, from, to]);
    const group: Alike = groups.get(key) ?? { check, from, to, hosts: new Set(), subjects: new Set(), since };
    groups.set(key, group);
    group.hosts.add(host);
    for (const subject of subjects) group.subjects.add(subject);
    if (since < group.since) group.since = since;
  }
  return [...groups.values()].sort((a, b) => b.hosts.size - a.hosts.size);
}

export function Against({ changes }: { readonly changes: Changes }): VNode {
  const { from, to } = changes;
  return (
    <p class="against">
      Compared with run <code>{cut(from.id, 80)}</code>, judged at <Time at={from.now} />. Verdict then:{' '}
      <b>{from.verdict}</b>
      {from.verdict === to.verdict ? (
        ', as now.'
      ) : (
        <>
          , now: <b>{to.verdict}</b>.
        </>
      )}
    </p>
  );
}

/** The panel of the first screen. */
export function ChangedShort({ report }: { readonly report: FleetReport }): VNode {
  const { changes } = report;
  if (changes === undefined)
    return (
      <div class="card">
        <h2 id="changed">What changed</h2>
        <p>There is no earlier run to compare with.</p>
      </div>
    );
  const { newHosts, vanishedHosts, hostKeys, access } = changes;
  const others = [
    [newHosts.length, 'new host', 'new hosts'],
    [vanishedHosts.length, 'host gone', 'hosts gone'],
    [hostKeys.length, 'host key changed', 'host keys changed'],
    [access.length, 'change of who may log in', 'changes of who may log in'],
  ] as const;
  return (
    <div class="card">
      <h2 id="changed">What changed</h2>
      <Against changes={changes} />
      <ul class="changed">
        {kinds(changes).map(({ title, tone, of }) => (
          <li class={of.length === 0 ? 'nil' : ''}>
            <Tag tone={of.length === 0 ? 'none' : tone}>{count(of.length, title, title)}</Tag>{' '}
            {alike(of)
              .slice(0, 2)
              .map(({ check, hosts }) => (
                <span class="on">
                  <b>{cut(check, 60)}</b> on <Hosts names={hosts} brief />
                </span>
              ))}
          </li>
        ))}
        {others.map(([n, one, many]) => (n === 0 ? null : <li>{count(n, one, many)}</li>))}
      </ul>
      <p class="more">
        <a href="#changes">All changes</a>
      </p>
    </div>
  );
}
