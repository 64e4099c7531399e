/** Waivers as risks with a deadline, attestations as assertions by a person: OSCAL's own places for them. */
import type { AttestationUse, FleetReport, WaiverUse } from '../../src/model.js';
import { attestationText, changeKinds, changesText, waiverUseText } from '../standing.js';
import { uuid5 } from '../sha1.js';
import { instant, property, show, some } from './parts.js';

/** An accepted deviation is approved; one that ran out is an open risk again; one that nothing needs is closed. */
const RISK: Readonly<Record<WaiverUse['state'], string>> = {
  applied: 'deviation-approved',
  'not-judged': 'deviation-approved',
  'too-long': 'deviation-requested',
  expired: 'open',
  unused: 'closed',
};

function risk(report: FleetReport, use: WaiverUse, index: number) {
  const { check, owner, approver, author, reason, expires, state, hosts, subjects } = use;
  return {
    uuid: uuid5('waiver', report.run.id, String(index), check),
    title: show(`Waiver of ${check} on ${hosts.join(', ')}`, 300),
    description: show(waiverUseText(use), 1200),
    statement: show(reason),
    status: RISK[state],
    props: [
      property('check', check),
      property('waiver-state', state),
      property('owner', owner),
      property('approver', approver),
      ...(author === undefined ? [] : [property('author', author)]),
      ...subjects.slice(0, 20).map((subject) => property('subject', subject)),
    ],
    ...(Number.isNaN(Date.parse(expires)) ? {} : { deadline: instant(expires) }),
  };
}

function attestation(use: AttestationUse) {
  const { kind, subject, by, date, expires, evidence, signature, state } = use;
  return {
    parts: [
      {
        name: 'attestation',
        title: show(`${kind} of ${subject}`, 300),
        props: [
          property('kind', kind),
          property('attestation-state', state),
          property('by', by),
          property('date', date),
          property('expires', expires),
          property('evidence', evidence),
          ...(signature === undefined ? [] : [property('signature', signature)]),
        ],
        prose: show(attestationText(use), 1200),
      },
    ],
  };
}

/** Parts of the result that hold what stands beside the findings; each is left out when there is nothing. */
export function standing(report: FleetReport) {
  const { waivers, attestations } = report;
  return {
    ...some('attestations', attestations.map(attestation)),
    ...some(
      'risks',
      waivers.map((use, index) => risk(report, use, index)),
    ),
  };
}

/** What changed, as properties of the result. */
export function changeProperties({ changes }: FleetReport) {
  if (changes === undefined) return [];
  return [
    property('compared-with', changes.from.id, changesText(changes)),
    ...changeKinds(changes).map(([kind, count]) => property(kind.replaceAll('_', '-'), String(count))),
  ];
}
