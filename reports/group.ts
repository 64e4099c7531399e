/** What many hosts have in common, gathered once, so that 400 red rows read as one cause. */
import type {
  AppliedWaiver,
  CheckResult,
  EvidenceRef,
  FailureCode,
  Finding,
  FleetReport,
  GatherFailure,
  HostReport,
  Severity,
  UnknownReason,
} from '../src/model.js';

/** The four words a person reads. A waived failure is still a failure; it is only shown apart. */
export type Status = 'pass' | 'fail' | 'unknown' | 'waived';
export const STATUSES: readonly Status[] = ['pass', 'fail', 'unknown', 'waived'];

export function statusOf(result: CheckResult): Status {
  if (result.outcome.status !== 'fail') return result.outcome.status;
  return result.waiver !== undefined && !result.waiver.expired ? 'waived' : 'fail';
}

/** Which results of a host: the scorecard's, or the plug-ins'. */
export type Part = 'results' | 'extra';

/** The same thing said of many hosts. */
export interface Cause {
  readonly check: string;
  /** 1 to 10; absent for plug-ins. */
  readonly number: number | undefined;
  readonly severity: Severity;
  readonly message: string;
  /** The finding's own remedy, else the check's general one. */
  readonly fix: string | undefined;
  readonly subjects: ReadonlySet<string>;
  readonly hosts: ReadonlySet<string>;
  /** The first host's evidence, as an example. */
  readonly example: {
    readonly host: string;
    readonly evidence: readonly EvidenceRef[];
    readonly at: Finding['at'];
  };
  readonly waiver: AppliedWaiver | undefined;
}

/** Hosts for which the same evidence is missing. */
export interface Gap {
  readonly reason: UnknownReason;
  readonly detail: string;
  readonly missing: readonly string[];
  /** Numbers of the scorecard's checks, ids of plug-ins. */
  readonly checks: readonly string[];
  readonly hosts: readonly string[];
}

/** The host could not be asked at all: every result says so, or there is none. */
export function isSilent(host: HostReport): boolean {
  return host.results.every(
    ({ outcome }) => outcome.status === 'unknown' && outcome.reason === 'unreachable',
  );
}

/** Hosts that could not be gathered, by code and hint; apart from them those that were cut short. */
export interface Unreached {
  /** Something of them was read. */
  readonly cut: boolean;
  readonly code: FailureCode;
  readonly hint: string | undefined;
  readonly hosts: readonly string[];
  readonly example: { readonly host: string; readonly failure: GatherFailure };
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

/** `map[key]`, made on first use. */
function at<V>(map: Map<string, V>, key: string, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

/** Failures (or the waived ones) grouped by check, message and remedy: most severe first, then most hosts. */
export function causes(report: FleetReport, part: Part, status: 'fail' | 'waived'): readonly Cause[] {
  const metas = new Map(report.checks.map((meta) => [meta.id, meta]));
  const groups = new Map<string, Cause & { readonly subjects: Set<string>; readonly hosts: Set<string> }>();
  for (const host of report.hosts) {
    for (const result of host[part]) {
      if (result.outcome.status !== 'fail' || statusOf(result) !== status) continue;
      const { id, number, waiver } = result;
      const meta = metas.get(id);
      for (const { message, remediation, evidence, subject, at: place } of result.outcome.findings) {
        const fix = remediation ?? meta?.fix;
        const accepted =
          waiver === undefined ? [] : [waiver.owner, waiver.approver, waiver.reason, waiver.expires];
        const group = at(groups, JSON.stringify([id, message, fix, accepted]), () => ({
          check: id,
          number,
          severity: meta?.severity ?? 'medium',
          message,
          fix,
          subjects: new Set<string>(),
          hosts: new Set<string>(),
          example: { host: host.name, evidence, at: place },
          waiver,
        }));
        group.subjects.add(subject);
        group.hosts.add(host.name);
      }
    }
  }
  const order = (a: Cause, b: Cause): number =>
    RANK[a.severity] - RANK[b.severity] || b.hosts.size - a.hosts.size || (a.number ?? 99) - (b.number ?? 99);
  return [...groups.values()].sort(order);
}

/** Unknowns of hosts that did answer, grouped by what is missing: what unlocks most results first. */
export function gaps(report: FleetReport, part: Part): readonly Gap[] {
  const groups = new Map<string, Gap & { readonly hosts: string[] }>();
  for (const host of report.hosts) {
    const own = new Map<string, Gap & { readonly checks: string[] }>();
    for (const { id, number, outcome } of host[part]) {
      if (outcome.status !== 'unknown' || (outcome.reason === 'unreachable' && host.failure !== undefined))
        continue;
      const { reason, detail, missing = [] } = outcome;
      const key = JSON.stringify([reason, detail, missing]);
      const gap = at(own, key, () => ({ reason, detail, missing, checks: [], hosts: [] }));
      gap.checks.push(number === undefined ? id : String(number));
    }
    for (const [key, gap] of own) {
      at(groups, key + gap.checks.join(), () => ({ ...gap, hosts: [] })).hosts.push(host.name);
    }
  }
  return [...groups.values()].sort(
    (a, b) => b.hosts.length * b.checks.length - a.hosts.length * a.checks.length,
  );
}

/** Hosts that were not gathered completely, most frequent reason first. */
export function unreached(report: FleetReport): readonly Unreached[] {
  const groups = new Map<string, Unreached & { readonly hosts: string[] }>();
  for (const host of report.hosts) {
    const { name, failure } = host;
    if (failure === undefined) continue;
    const { code, hint } = failure;
    const cut = !isSilent(host);
    const make = () => ({ cut, code, hint, hosts: [], example: { host: name, failure } });
    at(groups, JSON.stringify([cut, code, hint]), make).hosts.push(name);
  }
  return [...groups.values()].sort((a, b) => b.hosts.length - a.hosts.length);
}

/** Passes that rest on the same words, the first host's evidence as an example. */
export interface Ground {
  readonly check: string;
  readonly number: number | undefined;
  readonly because: string;
  readonly hosts: readonly string[];
  readonly evidence: readonly EvidenceRef[];
  readonly notes: readonly string[];
}

export function grounds(report: FleetReport): readonly Ground[] {
  const groups = new Map<string, Ground & { readonly hosts: string[] }>();
  for (const host of report.hosts) {
    for (const { id, number, outcome } of [...host.results, ...host.extra]) {
      if (outcome.status !== 'pass') continue;
      const { because, evidence, notes = [] } = outcome;
      const make = () => ({ check: id, number, because, hosts: [], evidence, notes });
      at(groups, JSON.stringify([id, because]), make).hosts.push(host.name);
    }
  }
  return [...groups.values()].sort((a, b) => (a.number ?? 99) - (b.number ?? 99));
}

/** Results per status, over all hosts, of one check. */
export function countsOf(report: FleetReport, check: string, part: Part): Readonly<Record<Status, number>> {
  const counts = { pass: 0, fail: 0, unknown: 0, waived: 0 };
  for (const host of report.hosts) {
    const result = host[part].find(({ id }) => id === check);
    // A host without a result was not judged: that is unknown, and it has to be counted somewhere.
    counts[result === undefined ? 'unknown' : statusOf(result)] += 1;
  }
  return counts;
}
