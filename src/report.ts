/** Judged hosts -> the one frozen value every format is made from. Pure. */
import { closureOf } from './closure.js';
import type { ClosureInput } from './closure/input.js';
import { changesBetween } from './compare/changes.js';
import { joinHistory } from './compare/history.js';
import { own, standingOf } from './compare/standing.js';
import type { HostSummary } from './facts/types.js';
import { attestationUses, useWarnings, waiverUses } from './waivers.js';
import type {
  AnyCheck,
  Baseline,
  CheckResult,
  FleetReport,
  HostReport,
  Policy,
  RunInfo,
  Totals,
} from './model.js';

export interface ReportInput {
  readonly version: string;
  readonly run: RunInfo;
  readonly checks: readonly AnyCheck[];
  readonly plugins: readonly AnyCheck[];
  readonly guidance: readonly AnyCheck[];
  readonly hosts: readonly HostReport[];
  readonly summaries: readonly HostSummary[];
  readonly listedIdentities: readonly string[];
  /** What sources beside the hosts said. */
  readonly fleet: ClosureInput['fleet'];
  readonly policy: Policy;
  readonly warnings: readonly string[];
  /** The run it is compared with. */
  readonly baseline?: Baseline;
  readonly access?: FleetReport['access'];
}

export function buildReport(input: ReportInput): FleetReport {
  const hosts = input.hosts.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const now = new Date(input.run.now);
  const inventoryHosts = input.run.inventory.hosts;
  const waivers = waiverUses(input.policy, hosts, { now, inventoryHosts });
  const attestations = attestationUses(input.policy, now);
  const report: FleetReport = {
    schemaVersion: 1,
    tool: { name: 'ssh-scorecard', version: input.version },
    run: input.run,
    checks: [...input.checks, ...input.plugins, ...input.guidance].map(({ meta }) => meta),
    hosts,
    totals: totalsOf(hosts),
    closure: closureOf({
      hosts,
      // In finishing order they come; a report says the same whatever that was.
      summaries: input.summaries.toSorted((a, b) => (a.host < b.host ? -1 : 1)),
      inventoryHosts: input.run.inventory.hosts,
      checks: input.checks.length,
      listedIdentities: input.listedIdentities,
      fleet: input.fleet,
      policy: input.policy,
      now,
    }),
    waivers,
    attestations,
    history: [],
    ...(input.access && { access: input.access }),
    warnings: [...input.warnings, ...useWarnings(waivers, attestations, input.policy)],
  };
  return deepFreeze(input.baseline ? compared(report, input.baseline) : report);
}

/** What changed since the baseline, since when every status holds, and the runs before. */
function compared(report: FleetReport, { standing: before, history }: Baseline): FleetReport {
  const standing = standingOf(report, before);
  const dated = createDating();
  const since = (host: string) => (result: CheckResult) => {
    const known = own(own(standing.hosts, host)?.checks ?? {}, result.id);
    return known ? dated(result, known.since) : result;
  };
  return {
    ...report,
    hosts: report.hosts.map((host) => ({
      ...host,
      results: host.results.map(since(host.name)),
      extra: host.extra.map(since(host.name)),
      guidance: host.guidance.map(since(host.name)),
    })),
    changes: changesBetween(before, standing),
    history: joinHistory([...history, before.point], standing.point),
  };
}

/** Results that many hosts share are dated once for each date. */
function createDating(): (result: CheckResult, since: string) => CheckResult {
  const dated = new Map<CheckResult, Map<string, CheckResult>>();
  return (result, since) => {
    const dates = dated.get(result) ?? new Map<string, CheckResult>();
    const made = dates.get(since) ?? { ...result, since };
    dates.set(since, made);
    dated.set(result, dates);
    return made;
  };
}

function totalsOf(hosts: readonly HostReport[]): Totals {
  const count = { pass: 0, fail: 0, unknown: 0 };
  let waived = 0;
  for (const { results } of hosts)
    for (const { outcome, waiver } of results) {
      count[outcome.status] += 1;
      if (waiver?.expired === false) waived += 1;
    }
  return {
    hosts: hosts.length,
    reached: hosts.filter(({ failure }) => failure === undefined).length,
    complete: hosts.filter(({ score }) => score === 10).length,
    ...count,
    waived,
  };
}

export type ExitCode = 0 | 1 | 2 | 3 | 130 | 143;

/** What an exit of 0 takes besides passes of the ten and of plug-ins. */
export interface Demands {
  readonly requireClosure: boolean;
  readonly strictGuidance: boolean;
}

/**
 * 1 at least one fail, 3 unproven, 0 every selected check passes on every selected host.
 * A waiver changes nothing here: an accepted failure is still a failure. Guidance counts only where it is asked to.
 */
export function exitCodeOf(report: FleetReport, options: Demands): ExitCode {
  const { totals, closure, hosts } = report;
  const extra = hosts.flatMap((host) =>
    [...host.extra, ...(options.strictGuidance ? host.guidance : [])].map(({ outcome }) => outcome.status),
  );
  if (totals.fail > 0 || extra.includes('fail') || (options.requireClosure && closure.verdict === 'open'))
    return 1;
  if (totals.hosts === 0 || totals.unknown > 0 || extra.includes('unknown') || totals.reached < totals.hosts)
    return 3;
  return options.requireClosure && closure.verdict !== 'closed' ? 3 : 0;
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(deepFreeze);
  return value;
}
