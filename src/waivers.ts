/**
 * Accepted failures and statements of people: which hold at a clock, and how each fared in a run. A waiver never turns
 * a failure into a pass; it only has it shown apart. Pure.
 */
import { compileGlob, compileHostGlob } from './inventory/glob.js';
import type {
  AppliedWaiver,
  AttestationUse,
  CheckResult,
  HostReport,
  Policy,
  Waiver,
  WaiverUse,
} from './model.js';

const DAY_MS = 86_400_000;

type WaiverPolicy = Pick<Policy, 'waivers' | 'waiverMaxDays'>;

/** What failed: one check on one host, and the subjects of all its findings. */
interface Failure {
  readonly check: string;
  readonly host: string;
  readonly subjects: readonly string[];
}

/**
 * The waiver for a failure: for its check and host, and covering the subject of every finding. The first in file order
 * that holds; else the first that has expired, which accepts nothing and is shown so that people see what ran out;
 * undefined when none covers all, or there is nothing to cover. One that ends too late is as if it were not there.
 */
export function waiverFor(
  policy: WaiverPolicy,
  failure: Failure & { readonly now: Date },
): AppliedWaiver | undefined {
  const covering = policy.waivers
    .filter((waiver) => covers(waiver, failure))
    .map((waiver) => ({ waiver, term: termOf(waiver, policy, failure.now) }));
  const found =
    covering.find(({ term }) => term === 'holds') ?? covering.find(({ term }) => term === 'expired');
  return found && { ...found.waiver, expired: found.term === 'expired' };
}

/**
 * Every waiver of the policy, in its order, and what came of it.
 *
 * @param context.inventoryHosts how many hosts the inventory has: a waiver that was not used is only called so when
 *   all of them were judged
 */
export function waiverUses(
  policy: WaiverPolicy,
  hosts: readonly HostReport[],
  context: { readonly now: Date; readonly inventoryHosts: number },
): readonly WaiverUse[] {
  const whole = hosts.length === context.inventoryHosts;
  return policy.waivers.map((waiver): WaiverUse => {
    const about = compileHosts(waiver.hosts);
    const concerned = hosts.filter(({ name }) => about(name));
    const appliedTo = concerned
      .filter((host) => {
        const outcome = resultOf(host, waiver.check)?.outcome;
        if (outcome?.status !== 'fail') return false;
        const subjects = outcome.findings.map(({ subject }) => subject);
        return covers(waiver, { check: waiver.check, host: host.name, subjects });
      })
      .map(({ name }) => name)
      .toSorted();
    const term = termOf(waiver, policy, context.now);
    if (term !== 'holds') return { ...waiver, state: term, appliedTo };
    if (appliedTo.length > 0) return { ...waiver, state: 'applied', appliedTo };
    const judged = concerned.every((host) => {
      const status = resultOf(host, waiver.check)?.outcome.status;
      return status === 'pass' || status === 'fail';
    });
    return { ...waiver, state: whole && judged ? 'unused' : 'not-judged', appliedTo };
  });
}

/** Every attestation of the policy, in its order, and whether it holds at `now`. */
export function attestationUses(policy: Pick<Policy, 'attestations'>, now: Date): readonly AttestationUse[] {
  return policy.attestations.map((one): AttestationUse => {
    if (!(now.getTime() < Date.parse(one.expires))) return { ...one, state: 'expired' };
    return { ...one, state: Date.parse(one.date) <= now.getTime() ? 'in-force' : 'not-yet' };
  });
}

/** One sentence for each waiver and attestation somebody has to do something about. */
export function useWarnings(
  waivers: readonly WaiverUse[],
  attestations: readonly AttestationUse[],
  policy: Pick<Policy, 'waiverMaxDays'>,
): readonly string[] {
  return [
    ...waivers.flatMap((use) => {
      const why = waiverWarning(use, policy.waiverMaxDays);
      return why === null
        ? []
        : [`the waiver of ${use.check} on ${use.hosts.join(', ')} (owner ${use.owner}) ${why}`];
    }),
    ...attestations
      .filter(({ state }) => state === 'expired')
      .map(
        ({ kind, subject, by, expires }) =>
          `the attestation ${kind} of ${subject} by ${by} expired on ${day(expires)}`,
      ),
  ];
}

function waiverWarning({ state, expires, appliedTo }: WaiverUse, maxDays: number): string | null {
  const hosts = appliedTo.length === 1 ? '1 host' : `${appliedTo.length} hosts`;
  switch (state) {
    case 'expired':
      return `expired on ${day(expires)}${appliedTo.length > 0 ? `: what it accepted fails again on ${hosts}` : '; remove it'}`;
    case 'too-long':
      return `ends on ${day(expires)}, more than ${maxDays} days from now, and is not accepted; bring its end nearer`;
    case 'unused':
      return 'is not used: no failure is covered by it; remove it, or correct its hosts and subjects';
    case 'applied':
    case 'not-judged':
      return null;
  }
}

/** The day alone for the end of a day, as it was written. */
function day(instant: string): string {
  return instant.replace(/T23:59:59\.999Z$/, '');
}

/** What has no readable end has ended. */
function termOf(
  waiver: Waiver,
  { waiverMaxDays }: WaiverPolicy,
  now: Date,
): 'holds' | 'expired' | 'too-long' {
  const left = Date.parse(waiver.expires) - now.getTime();
  if (!(left > 0)) return 'expired';
  return left > waiverMaxDays * DAY_MS ? 'too-long' : 'holds';
}

function covers({ check, hosts, subjects }: Waiver, failure: Failure): boolean {
  if (failure.subjects.length === 0 || check !== failure.check || !compileHosts(hosts)(failure.host))
    return false;
  if (subjects.length === 0) return true;
  const matchers = subjects.map((glob) => compileGlob(glob));
  return failure.subjects.every((subject) => matchers.some((matches) => matches(subject)));
}

function compileHosts(globs: readonly string[]): (host: string) => boolean {
  const matchers = globs.map((glob) => compileHostGlob(glob));
  return (host) => matchers.some((matches) => matches(host));
}

function resultOf(host: HostReport, check: string): CheckResult | undefined {
  return [...host.results, ...host.extra, ...host.guidance].find(({ id }) => id === check);
}
