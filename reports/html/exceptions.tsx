/** What people have accepted and vouched for: waivers, waived failures, attestations. Never a pass. */
import type { VNode } from 'preact';
import type { AttestationUse, FleetReport, WaiverUse } from '../../src/model.js';
import { causes, GUIDANCE } from '../group.js';
import { CauseGroup } from './causes.js';
import { Hosts, Left, Section, Tag } from './parts.js';
import { cut, day, first } from './text.js';

const MOST = 200;

const WAIVER: Readonly<Record<WaiverUse['state'], readonly [string, string]>> = {
  applied: ['applied', 'waived'],
  unused: ['unused', 'none'],
  expired: ['expired', 'fail'],
  'too-long': ['ends too late, not accepted', 'fail'],
  'not-judged': ['not judged in this run', 'unknown'],
};

const ATTESTATION: Readonly<Record<AttestationUse['state'], readonly [string, string]>> = {
  'in-force': ['in force', 'pass'],
  expired: ['expired', 'fail'],
  'not-yet': ['not yet in force', 'unknown'],
};

function Waivers({ waivers }: { readonly waivers: readonly WaiverUse[] }): VNode {
  const { shown, left } = first(waivers, MOST);
  return (
    <>
      <h3>Waivers</h3>
      <ul class="list">
        {shown.map(
          ({ state, check, hosts, subjects, owner, approver, author, reason, expires, appliedTo }) => (
            <li>
              <p class="what">
                <Tag tone={WAIVER[state][1]}>{WAIVER[state][0]}</Tag> <b>{cut(check, 80)}</b> on hosts{' '}
                <code>{cut(hosts.join(', ') || '*', 200)}</code>, for{' '}
                {subjects.length === 0 ? 'every finding' : <code>{cut(subjects.join(', '), 300)}</code>}
              </p>
              <p>{cut(reason)}</p>
              <p class="soft">
                Owner {cut(owner, 100)}, approved by {cut(approver, 100)}
                {author === undefined ? '' : `, asked for by ${cut(author, 100)}`}, until {day(expires)}.{' '}
                {appliedTo.length === 0 ? (
                  'It covers no failure of this run.'
                ) : (
                  <>
                    Failures on <Hosts names={appliedTo} />.
                  </>
                )}
              </p>
            </li>
          ),
        )}
        <Left n={left} of="waiver" />
      </ul>
    </>
  );
}

function Attestations({ of }: { readonly of: readonly AttestationUse[] }): VNode {
  const { shown, left } = first(of, MOST);
  return (
    <>
      <h3>Attestations</h3>
      <ul class="list">
        {shown.map(({ state, kind, subject, by, date, expires, evidence, signature }) => (
          <li>
            <p class="what">
              <Tag tone={ATTESTATION[state][1]}>{ATTESTATION[state][0]}</Tag> <b>{kind}</b> of{' '}
              <code>{cut(subject, 200)}</code>
            </p>
            <p class="soft">
              By {cut(by, 100)} on {day(date)}, until {day(expires)}. Record: {cut(evidence, 300)}.{' '}
              {signature === undefined ? 'Not signed.' : `Signature: ${cut(signature, 300)}.`}
            </p>
          </li>
        ))}
        <Left n={left} of="attestation" />
      </ul>
    </>
  );
}

export function Exceptions({ report }: { readonly report: FleetReport }): VNode {
  const { waivers, attestations } = report;
  const scored = causes(report, 'results', 'waived');
  const plugged = causes(report, 'extra', 'waived');
  const guidance = causes(report, 'guidance', 'waived');
  const none = [waivers, attestations, scored, plugged, guidance].every(({ length }) => length === 0);
  return (
    <Section
      id="exceptions"
      title="Exceptions and attestations"
      lead="A waived failure is still a failure: it never counts towards ten of ten. An attestation is a person's word for what no machine can see."
    >
      {none ? <p>There are none.</p> : null}
      <CauseGroup title="Waived failures" of={scored} />
      <CauseGroup title="Waived failures of plug-ins" of={plugged} />
      <CauseGroup title={`${GUIDANCE}: waived`} of={guidance} />
      {waivers.length === 0 ? null : <Waivers waivers={waivers} />}
      {attestations.length === 0 ? null : <Attestations of={attestations} />}
    </Section>
  );
}
