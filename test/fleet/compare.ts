/**
 * Compares a report with what a correct audit of the fleet says.
 */
import type { CheckId, FleetReport, HostReport } from '../../src/model.js';
import type { Fleet, FleetHost, Verdict } from './types.js';

export interface Mismatch {
  readonly host: string;
  /** A check, or `host` for what concerns the host as a whole. */
  readonly check: CheckId | 'host';
  readonly expected: string;
  readonly got: string;
  /** Why the expectation is what it is. */
  readonly why: string;
}

/** Sources a run had: without them some checks cannot pass on any host. */
export type Source = 'certificates' | 'siem' | 'vault' | 'attestations';

const NEEDS: Readonly<Record<CheckId, readonly Source[]>> = {
  'ca-trust': [],
  'no-static-keys': [],
  principals: [],
  'certificate-lifetime': ['certificates'],
  'password-auth': [],
  'root-login': [],
  'actor-wrapper': ['certificates', 'attestations'],
  'audit-logging': ['siem'],
  'ca-security': ['vault', 'attestations'],
  'bootstrap-complete': ['certificates'],
};

/** Failures that mean: the login itself was refused. */
const REFUSED = new Set(['login-refused', 'closed-before-login']);

/**
 * Every difference between the report and the truth; empty means the audit was right about every host.
 * `sources` are those the run was given: for want of one, a would-be pass may also be unknown, but never a fail.
 */
export function compare(report: FleetReport, fleet: Fleet, sources: readonly Source[] = []): Mismatch[] {
  const byName = new Map(report.hosts.map((host) => [host.name, host]));
  const missing = fleet.hosts.filter((host) => !byName.has(host.name));
  const extra = report.hosts.filter((host) => !fleet.hosts.some((each) => each.name === host.name));
  return [
    ...missing.map((host) => onHost(host.name, 'a row in the report', 'none', 'nobody vanishes')),
    ...extra.map((host) =>
      onHost(host.name, 'no such host', 'a row in the report', 'it is not in the fleet'),
    ),
    ...fleet.hosts.flatMap((host) => {
      const row = byName.get(host.name);
      return row === undefined ? [] : compareHost(row, host, sources);
    }),
  ];
}

/** What a correct audit says of one check on one host. */
export function expectedVerdict(
  host: FleetHost,
  check: CheckId,
  sources: readonly Source[],
): { verdict: Verdict; why: string } {
  const deviations = host.spec.deviations ?? [];
  const own = deviations.find((each) => each.check === check);
  const beside = deviations.find((each) => each.also?.[check] !== undefined);
  const odd = host.spec.awkward?.also?.[check] ?? host.spec.awkward?.otherwise;
  const complete = NEEDS[check].every((source) => sources.includes(source));
  const pass: Verdict = complete ? 'pass' : 'not-fail';
  const relax = (verdict: Verdict): Verdict => (verdict === 'pass' ? pass : verdict);
  if (check === 'audit-logging' && host.spec.logging === false)
    return { verdict: 'any', why: 'the host was made without logging' };
  if (own !== undefined) return { verdict: relax(own.expect), why: own.why };
  if (beside !== undefined) return { verdict: relax(beside.also?.[check] ?? 'any'), why: beside.why };
  if (odd !== undefined) return { verdict: relax(odd), why: host.spec.awkward?.why ?? '' };
  if (host.spec.logins === false || host.spec.logging === false) {
    if (check === 'audit-logging')
      return { verdict: 'any', why: 'the host was made without logins or without logging' };
    return {
      verdict: pass === 'pass' && check === 'actor-wrapper' ? 'not-fail' : pass,
      why: 'everything else about it is sound',
    };
  }
  // Where a deviation keeps people out there are no logins to show; that is no evidence, not a failure.
  const quiet = deviations.some((each) => each.noLogins === true || each.lockedOut === true);
  if (quiet && (check === 'audit-logging' || check === 'actor-wrapper'))
    return { verdict: 'not-fail', why: 'nobody could log in before' };
  return { verdict: pass, why: 'the sound profile, in which nothing of this check deviates' };
}

function compareHost(row: HostReport, host: FleetHost, sources: readonly Source[]): Mismatch[] {
  const awkward = host.spec.awkward;
  const lockedOut = host.spec.deviations?.some((each) => each.lockedOut === true) === true;
  const code = row.failure?.code;
  // The auditor's certificate is refused like everybody's: that is how such a host looks over SSH.
  if (lockedOut && code !== undefined && REFUSED.has(code))
    return notPassed(row, 'the auditor could not log in');
  const expected = awkward?.expect ?? ['audited'];
  const got = code ?? 'audited';
  if (!expected.includes(got)) {
    const why = awkward?.why ?? 'it is a host like any other';
    return [
      onHost(
        host.name,
        expected.join(' or '),
        `${got}${row.failure === undefined ? '' : `: ${row.failure.detail}`}`,
        why,
      ),
    ];
  }
  if (code !== undefined) return notPassed(row, 'nothing was learnt of it');
  return row.results.flatMap((result) => {
    const check = result.id as CheckId;
    const { verdict, why } = expectedVerdict(host, check, sources);
    const status = result.outcome.status;
    return matches(verdict, status)
      ? []
      : [{ host: host.name, check, expected: verdict, got: describe(result.outcome), why }];
  });
}

/** A host that could not be gathered passes nothing. */
function notPassed(row: HostReport, why: string): Mismatch[] {
  return row.results
    .filter((result) => result.outcome.status !== 'unknown')
    .map((result) => ({
      host: row.name,
      check: result.id as CheckId,
      expected: 'unknown',
      got: describe(result.outcome),
      why,
    }));
}

function matches(verdict: Verdict, status: 'pass' | 'fail' | 'unknown'): boolean {
  if (verdict === 'any') return true;
  if (verdict === 'not-pass') return status !== 'pass';
  if (verdict === 'not-fail') return status !== 'fail';
  return verdict === status;
}

function describe(outcome: HostReport['results'][number]['outcome']): string {
  if (outcome.status === 'pass') return `pass: ${outcome.because}`;
  if (outcome.status === 'fail')
    return `fail: ${outcome.findings.map((each) => `${each.subject}: ${each.message}`).join('; ')}`;
  return `unknown: ${outcome.reason}: ${outcome.detail}`;
}

function onHost(host: string, expected: string, got: string, why: string): Mismatch {
  return { host, check: 'host', expected, got, why };
}
