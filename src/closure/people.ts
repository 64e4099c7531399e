/** What only people can say: the break-glass drill, the declaration (6.1) and the quarterly review (7). */
import type { FleetFacts } from '../facts/types.js';
import type { Attestation, Condition, EvidenceRef, Reading } from '../model.js';

const DAY = 86_400_000;
/** Section 7: "quarterly". Days, with a week to hold the meeting. */
const REVIEW_DAYS = 99;

/** "Tested once": a statement that was in force at some time proves it; one that expired says when. */
export function breakGlassTested(attestations: Reading<readonly Attestation[]>, now: Date): Condition {
  const base = {
    id: 'break-glass-tested',
    title: 'The emergency break-glass procedure has been tested once',
  };
  const provide = 'an attestation of kind break-glass-test (policy.attestations or sources.attestations)';
  if (!attestations.ok) return { ...base, state: 'unproven', because: attestations.detail, provide };
  const [last] = made(attestations.value, 'break-glass-test', now);
  if (!last) return { ...base, state: 'unproven', because: 'no test of it is attested', provide };
  const evidence = [record(last)];
  const says = `tested on ${last.date.slice(0, 10)}, says ${signed(last)} (${last.evidence})`;
  if (Date.parse(last.expires) <= now.getTime())
    return {
      ...base,
      evidence,
      state: 'unproven',
      because: `${says}; that statement expired on ${last.expires.slice(0, 10)}`,
      provide: 'test it again and attest it',
    };
  return { ...base, evidence, state: 'met', because: says };
}

/** "Ops Lead signs off with date in the Git commit message": a commit with the trailer, or an attested sign-off. */
export function declared(
  { git, attestations }: Pick<FleetFacts, 'git' | 'attestations'>,
  now: Date,
): Condition {
  const base = { id: 'declared', title: 'The Ops Lead has signed off with the date in a Git commit message' };
  if (git.ok && git.value.signOff) {
    const { commit, by, date, signature } = git.value.signOff;
    const evidence = [
      { probe: 'git', path: `commit ${commit}`, excerpt: `Operational-Closure: ${date}, ${by}` },
    ];
    const says = `commit ${commit.slice(0, 12)} by ${by} declares it on ${date}`;
    return signature === 'good'
      ? { ...base, evidence, state: 'met', because: `${says}, with a good signature` }
      : {
          ...base,
          evidence,
          state: 'unproven',
          because: `${says}, but anybody can write that name: its signature is ${signature}`,
          provide: 'a signed commit (git commit -S) and allowed_signers in sources.git',
        };
  }
  const [attested] = attestations.ok ? made(attestations.value, 'sign-off', now) : [];
  if (attested && Date.parse(attested.expires) > now.getTime())
    return {
      ...base,
      evidence: [record(attested)],
      state: 'met',
      because: `attested by ${signed(attested)} on ${attested.date.slice(0, 10)}`,
    };
  return {
    ...base,
    state: 'unproven',
    because: git.ok ? 'no commit declares it' : git.detail,
    provide:
      'when the verdict is closed: ssh-scorecard closure RUN --declare | git commit -S --allow-empty -F -',
  };
}

/** Section 7: a quarterly review of the directive and the scorecard. */
export function reviewed(attestations: Reading<readonly Attestation[]>, now: Date): Condition {
  const base = {
    id: 'quarterly-review',
    title: 'The directive and the scorecard were reviewed this quarter',
  };
  const provide = 'an attestation of kind quarterly-review';
  if (!attestations.ok) return { ...base, state: 'unproven', because: attestations.detail, provide };
  const [last] = made(attestations.value, 'quarterly-review', now);
  if (!last) return { ...base, state: 'unproven', because: 'no review is attested', provide };
  const age = Math.floor((now.getTime() - Date.parse(last.date)) / DAY);
  const because = `the last review was ${age} days ago, on ${last.date.slice(0, 10)}, by ${signed(last)}`;
  return age <= REVIEW_DAYS
    ? { ...base, evidence: [record(last)], state: 'met', because }
    : {
        ...base,
        evidence: [record(last)],
        state: 'not-met',
        because,
        provide: 'hold the review and attest it',
      };
}

/** Statements of a kind that were made by now, newest first. */
function made(all: readonly Attestation[], kind: Attestation['kind'], now: Date): Attestation[] {
  return all
    .filter((one) => one.kind === kind && Date.parse(one.date) <= now.getTime())
    .toSorted((a, b) => Date.parse(b.date) - Date.parse(a.date));
}

function record({ kind, by, date, expires, evidence }: Attestation): EvidenceRef {
  return {
    probe: 'attestations',
    path: evidence,
    excerpt: `${kind} by ${by}, ${date.slice(0, 10)} until ${expires.slice(0, 10)}`,
  };
}

function signed({ by, signature }: Attestation): string {
  return signature === undefined ? by : `${by} (${signature})`;
}
