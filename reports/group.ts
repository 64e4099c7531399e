/** What many hosts have in common, gathered once: causes of failure, gaps, hosts that were not reached, grounds of passes. */
import type {
  EvidenceRef,
  FailureCode,
  FleetReport,
  GatherFailure,
  HostReport,
  UnknownReason,
} from '../src/model.js';
import { entryOf, statusOf, type Part, type Status } from './status.js';

export { causes, decisive, type Cause } from './causes.js';
export { GUIDANCE, partOf, statusOf, STATUSES, type Part, type Status } from './status.js';

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
      const gap = entryOf(own, key, () => ({ reason, detail, missing, checks: [], hosts: [] }));
      gap.checks.push(number === undefined ? id : String(number));
    }
    for (const [key, gap] of own) {
      entryOf(groups, key + gap.checks.join(), () => ({ ...gap, hosts: [] })).hosts.push(host.name);
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
    entryOf(groups, JSON.stringify([cut, code, hint]), make).hosts.push(name);
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
    for (const { id, number, outcome } of [...host.results, ...host.extra, ...host.guidance]) {
      if (outcome.status !== 'pass') continue;
      const { because, evidence, notes = [] } = outcome;
      const make = () => ({ check: id, number, because, hosts: [], evidence, notes });
      entryOf(groups, JSON.stringify([id, because]), make).hosts.push(host.name);
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
