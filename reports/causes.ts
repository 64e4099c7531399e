/** Failures of many hosts that say the same, gathered once, so that 400 red rows read as one cause. */
import type { AppliedWaiver, EvidenceRef, Finding, FleetReport, Severity } from '../src/model.js';
import { entryOf, statusOf, type Part } from './status.js';

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
  /** Where it was seen: the decisive evidence and how many hosts have just that, most hosts first. */
  readonly seen: readonly { readonly evidence: EvidenceRef; readonly hosts: number }[];
  /** The earliest run since which one of the hosts fails, when earlier runs are known. ISO 8601. */
  readonly since: string | undefined;
}

const RANK: Readonly<Record<Severity, number>> = { critical: 0, high: 1, medium: 2, low: 3 };

interface Group extends Omit<Cause, 'seen' | 'since'> {
  readonly subjects: Set<string>;
  readonly hosts: Set<string>;
  readonly places: Map<string, { readonly evidence: EvidenceRef; readonly hosts: Set<string> }>;
  since: string | undefined;
}

/** The piece of evidence that tells most: one with a line, else the first. */
export function decisive(evidence: readonly EvidenceRef[]): EvidenceRef | undefined {
  return evidence.find(({ line }) => line !== undefined) ?? evidence[0];
}

/** Failures (or the waived ones) grouped by check, message and remedy: most severe first, then most hosts. */
export function causes(report: FleetReport, part: Part, status: 'fail' | 'waived'): readonly Cause[] {
  const metas = new Map(report.checks.map((meta) => [meta.id, meta]));
  const groups = new Map<string, Group>();
  for (const host of report.hosts) {
    for (const result of host[part]) {
      if (result.outcome.status !== 'fail' || statusOf(result) !== status) continue;
      const { id, number, waiver, since } = result;
      const meta = metas.get(id);
      for (const { message, remediation, evidence, subject, at: place } of result.outcome.findings) {
        const fix = remediation ?? meta?.fix;
        const accepted =
          waiver === undefined ? [] : [waiver.owner, waiver.approver, waiver.reason, waiver.expires];
        const group = entryOf(groups, JSON.stringify([id, message, fix, accepted]), () => ({
          check: id,
          number,
          severity: meta?.severity ?? 'medium',
          message,
          fix,
          subjects: new Set<string>(),
          hosts: new Set<string>(),
          example: { host: host.name, evidence, at: place },
          waiver,
          places: new Map(),
          since,
        }));
        group.subjects.add(subject);
        group.hosts.add(host.name);
        if (since !== undefined && (group.since === undefined || since < group.since)) group.since = since;
        const best = decisive(evidence);
        if (best === undefined) continue;
        const { probe, path, line, excerpt } = best;
        const key = JSON.stringify([path ?? probe, line, excerpt]);
        entryOf(group.places, key, () => ({ evidence: best, hosts: new Set<string>() })).hosts.add(host.name);
      }
    }
  }
  const order = (a: Cause, b: Cause): number =>
    RANK[a.severity] - RANK[b.severity] || b.hosts.size - a.hosts.size || (a.number ?? 99) - (b.number ?? 99);
  return [...groups.values()]
    .map(({ places, ...group }) => ({
      ...group,
      seen: [...places.values()]
        .map(({ evidence, hosts }) => ({ evidence, hosts: hosts.size }))
        .sort((a, b) => b.hosts - a.hosts),
    }))
    .sort(order);
}
