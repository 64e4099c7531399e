/** What stands beside the outcomes: waivers, attestations, and what changed, in the same words for every format. */
import type { AttestationUse, Changes, CheckChange, FleetReport, WaiverUse } from '../src/model.js';
import { foldFirst } from './fold.js';

type WaiverState = WaiverUse['state'];
type AttestationState = AttestationUse['state'];

const WAIVER_STATES: readonly WaiverState[] = ['applied', 'expired', 'too-long', 'unused', 'not-judged'];
const ATTESTATION_STATES: readonly AttestationState[] = ['in-force', 'expired', 'not-yet'];
const MOST_SUBJECTS = 3;
const MOST_PIECES = 8;

/** `2026-12-31` for the end of that day (UTC), as it was written; other instants without their seconds. */
export function when(instant: string): string {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(?:\.\d+)?)Z$/.exec(instant);
  if (found === null) return instant;
  const [, day = '', time = '', rest = ''] = found;
  const whole = (time === '23:59' && rest === ':59.999') || (time === '00:00' && /^[:0.]*$/.test(rest));
  return whole ? day : `${day} ${time} UTC`;
}

/** How many waivers are in each state, every state named. */
export function waiverCounts(report: FleetReport): readonly (readonly [WaiverState, number])[] {
  return WAIVER_STATES.map((state) => [state, report.waivers.filter((one) => one.state === state).length]);
}

/** How many attestations are in each state, every state named. */
export function attestationCounts(report: FleetReport): readonly (readonly [AttestationState, number])[] {
  return ATTESTATION_STATES.map((state) => [
    state,
    report.attestations.filter((one) => one.state === state).length,
  ]);
}

/** `2 applied, 1 expired`; states without any are left out. */
export function countsText(counts: readonly (readonly [string, number])[]): string {
  return counts
    .filter(([, count]) => count > 0)
    .map(([word, count]) => `${count} ${word}`)
    .join(', ');
}

/** `no-static-keys on web-05 (account deploy), expired 2026-10-01, approved by ciso, owner bernd: reason` */
export function waiverUseText({
  check,
  hosts,
  subjects,
  state,
  expires,
  approver,
  owner,
  author,
  reason,
  appliedTo,
}: WaiverUse): string {
  const about = subjects.length === 0 ? '' : ` (${subjects.join(', ')})`;
  const end = state === 'expired' ? 'expired' : state === 'too-long' ? 'ends too late,' : 'until';
  const asked = author === undefined ? '' : `, asked for by ${author}`;
  const covered =
    appliedTo.length === 0 ? '' : `; ${state === 'applied' ? 'covers' : 'would cover'} ${folded(appliedTo)}`;
  return `${check} on ${hosts.join(', ')}${about}, ${end} ${when(expires)}, approved by ${approver}, owner ${owner}${asked}: ${reason}${covered}`;
}

/** `ca-custody of SHA256:x by Dora on 2026-11-01, holds until 2027-02-01: SEC-1 (unsigned)` */
export function attestationText({
  kind,
  subject,
  by,
  date,
  expires,
  state,
  evidence,
  signature,
}: AttestationUse): string {
  const end = state === 'expired' ? 'expired' : 'holds until';
  return `${kind} of ${subject} by ${by} on ${when(date)}, ${end} ${when(expires)}: ${evidence} (${signature === undefined ? 'unsigned' : `signed: ${signature}`})`;
}

/** How much of each kind changed, every kind named by a stable word for programs. */
export function changeKinds(changes: Changes): readonly (readonly [kind: string, count: number])[] {
  const { newlyFailing, newlyUnknown, newlyPassing, stillFailing, newlyWaived = [] } = changes;
  const scored = (list: readonly CheckChange[]) => list.filter(({ guidance }) => !guidance).length;
  const changed = [...newlyFailing, ...newlyUnknown, ...newlyPassing, ...newlyWaived];
  return [
    ['newly_failing', scored(newlyFailing)],
    ['newly_unknown', scored(newlyUnknown)],
    ['newly_passing', scored(newlyPassing)],
    ['still_failing', scored(stillFailing)],
    ['new_hosts', changes.newHosts.length],
    ['vanished_hosts', changes.vanishedHosts.length],
    ['host_keys', changes.hostKeys.length],
    ['access', changes.access.length],
    ['guidance', changed.length - scored(changed)],
  ];
}

const ONE_AND_MANY: Readonly<Record<string, readonly [string, string]>> = {
  new_hosts: ['new host', 'new hosts'],
  vanished_hosts: ['vanished host', 'vanished hosts'],
  host_keys: ['changed host key', 'changed host keys'],
  access: ['change of access', 'changes of access'],
  guidance: ['change of guidance', 'changes of guidance'],
};

/** The same in words for people: `newly failing`, `new hosts`. */
export function changeCounts(changes: Changes): readonly (readonly [word: string, count: number])[] {
  return changeKinds(changes).map(([kind, count]) => {
    const [one, many] = ONE_AND_MANY[kind] ?? [kind.replace('_', ' '), kind.replace('_', ' ')];
    return [count === 1 ? one : many, count];
  });
}

/** `since 2026-11-20 02:00 UTC (open): 2 newly failing, 1 newly passing, 4 still failing`. */
export function changesText(changes: Changes): string {
  const told = countsText(changeCounts(changes));
  return `since ${when(changes.from.now)} (${changes.from.verdict}): ${told === '' ? 'nothing changed' : told}`;
}

/** `web-02 password-auth (was pass): /etc/ssh/sshd_config:3 and 1 more` */
function checkChangeText({ host, check, from, subjects }: CheckChange): string {
  const left = subjects.length - MOST_SUBJECTS;
  const what = subjects.slice(0, MOST_SUBJECTS).join(', ') + (left > 0 ? ` and ${left} more` : '');
  return `${host} ${check} (was ${from})${what === '' ? '' : `: ${what}`}`;
}

export interface Told {
  /** `newly failing`, `access added` … */
  readonly word: string;
  readonly text: string;
}

/** What changed, one line each, what people have to look at first. Still failing is only counted. */
export function changeLines(changes: Changes): readonly Told[] {
  const of = (word: string, all: readonly CheckChange[], guidance = false): readonly Told[] =>
    all
      .filter((one) => (one.guidance === true) === guidance)
      .map((one) => ({ word: guidance ? `guidance ${word}` : word, text: checkChangeText(one) }));
  const names = (word: string, hosts: readonly string[]): readonly Told[] =>
    hosts.length === 0 ? [] : [{ word, text: folded(hosts) }];
  return [
    ...of('newly failing', changes.newlyFailing),
    ...changes.hostKeys.map(({ host, from, to }) => ({
      word: 'host key',
      text: `${host}: ${from} became ${to}`,
    })),
    ...changes.access.map(({ host, change, kind, account, value }) => ({
      word: `access ${change}`,
      text: `${host}: ${kind} ${value}${account === undefined ? '' : ` for account ${account}`}`,
    })),
    ...of('newly unknown', changes.newlyUnknown),
    ...names('vanished', changes.vanishedHosts),
    ...names('new', changes.newHosts),
    ...of('newly passing', changes.newlyPassing),
    ...of('newly failing', changes.newlyFailing, true),
    ...of('newly unknown', changes.newlyUnknown, true),
    ...of('newly passing', changes.newlyPassing, true),
  ];
}

function folded(hosts: readonly string[]): string {
  const { shown, left } = foldFirst(hosts, MOST_PIECES);
  return shown.join(', ') + (left > 0 ? ` and ${left} more` : '');
}
