/**
 * Evidence -> facts -> outcomes, for one host. Pure: the same evidence, policy and clock give the same result.
 * Checks see only the facts they declare, and a check that throws is `unknown`, never absent.
 */
import type { HostPart } from './access/types.js';
import { accessPart, type AccessContext } from './access/judged.js';
import { messageOf } from './errors.js';
import { accessOf } from './facts/access.js';
import { readFacts } from './facts/index.js';
import { summarise } from './facts/summary.js';
import type { FleetFacts, HostFacts, HostSummary } from './facts/types.js';
import type {
  AnyCheck,
  CheckResult,
  Expectations,
  Host,
  HostEvidence,
  HostReport,
  Outcome,
  Policy,
} from './model.js';
import { waiverFor } from './waivers.js';

export interface JudgeContext {
  /** The selected ones of the ten, in order. */
  readonly checks: readonly AnyCheck[];
  readonly plugins: readonly AnyCheck[];
  readonly guidance: readonly AnyCheck[];
  readonly fleet: FleetFacts;
  readonly policy: Policy;
  readonly now: Date;
  readonly expectations: (host: Host) => Expectations;
  /** SHA-256 of the evidence as saved, hex. */
  readonly hash: (evidence: HostEvidence) => string;
  /** What the access report needs besides the host. Absent: it is not told. */
  readonly access?: AccessContext;
}

export interface JudgedHost {
  readonly report: HostReport;
  readonly summary: HostSummary;
  /** For the access report. Large: whoever keeps judged hosts leaves it out. */
  readonly access?: HostPart;
}

export function judgeHost(host: Host, evidence: HostEvidence, context: JudgeContext): JudgedHost {
  const expected = context.expectations(host);
  const facts = readFacts(evidence, context.policy);
  const judge = (check: AnyCheck): CheckResult =>
    resultOf(check, host.name, withEvidenceLaw(evaluate(check, facts, expected, context), evidence), context);
  const results = context.checks.map(judge);
  const access = accessOf(facts);
  const { fleet, policy, now } = context;
  const part =
    context.access && accessPart({ evidence, facts, expected, fleet, policy, now, access: context.access });
  const report: HostReport = {
    name: host.name,
    ...(host.environment !== undefined && { environment: host.environment }),
    tags: host.tags,
    at: host.at,
    ...(evidence.connection && { connection: evidence.connection }),
    ...(evidence.failure && { failure: evidence.failure }),
    collectedAt: evidence.finishedAt,
    evidenceSha256: context.hash(evidence),
    score: results.filter(({ outcome }) => outcome.status === 'pass').length,
    results,
    extra: context.plugins.map(judge),
    guidance: context.guidance.map(judge),
    ...(access && { access }),
  };
  return { report, summary: summarise(host.name, facts, expected.ca), ...(part && { access: part }) };
}

/** An outcome with the waiver that covers it. */
export function resultOf(
  { meta: { id, number } }: AnyCheck,
  host: string,
  outcome: Outcome,
  { policy, now }: Pick<JudgeContext, 'policy' | 'now'>,
): CheckResult {
  const subjects = outcome.status === 'fail' ? outcome.findings.map(({ subject }) => subject) : [];
  const waiver =
    outcome.status === 'fail' ? waiverFor(policy, { check: id, host, subjects, now }) : undefined;
  return { id, ...(number !== undefined && { number }), outcome, ...(waiver && { waiver }) };
}

function evaluate(check: AnyCheck, facts: HostFacts, expected: Expectations, context: JudgeContext): Outcome {
  const { needs } = check.meta;
  try {
    return check.evaluate({
      host: pick(facts, needs.host),
      fleet: pick(context.fleet, needs.fleet),
      expected,
      policy: context.policy,
      now: context.now,
    });
  } catch (error) {
    return {
      status: 'unknown',
      reason: 'check-crashed',
      detail: `the check ${check.meta.id} crashed: ${messageOf(error)}`,
    };
  }
}

/** What no single check can see: a host that was not reached, or not read to the end, or not as root, passes nothing. */
function withEvidenceLaw(outcome: Outcome, evidence: HostEvidence): Outcome {
  const { failure, collector } = evidence;
  if (failure && Object.keys(evidence.probes).length === 0) {
    return { status: 'unknown', reason: 'unreachable', detail: `${failure.code}: ${failure.detail}` };
  }
  if (outcome.status !== 'pass') return outcome;
  if (failure) {
    return {
      status: 'unknown',
      reason: 'truncated',
      detail: `what was read is sound, but the host could not be read to the end: ${failure.code}: ${failure.detail}`,
      evidence: outcome.evidence,
    };
  }
  if (collector?.uid !== 0) {
    return {
      status: 'unknown',
      reason: 'denied',
      detail: `what was read is sound, but the collector ran as uid ${collector?.uid ?? '?'}, not as root, and may not have seen everything`,
      evidence: outcome.evidence,
    };
  }
  return outcome;
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, from[key]])) as Pick<T, K>;
}
