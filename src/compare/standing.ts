/** What a run leaves for the next one, from its report. Pure. */
import type {
  CheckStanding,
  FleetReport,
  HistoryPoint,
  HostReport,
  HostStanding,
  RunInfo,
  Standing,
} from '../model.js';
import { statusOf } from './status.js';

/** As much of a result as a comparison needs; results of other versions have at least this. */
interface StandingResult {
  readonly id: string;
  readonly outcome: {
    readonly status: 'pass' | 'fail' | 'unknown';
    readonly findings?: readonly { readonly subject: string }[];
  };
  readonly waiver?: { readonly expired: boolean };
  readonly since?: string;
}

/** As much of a report as a comparison needs. Every FleetReport is one. */
export interface StandingSource extends Pick<FleetReport, 'totals'> {
  readonly run: Pick<RunInfo, 'id' | 'now' | 'partial' | 'shard'> & {
    readonly inventory: Pick<RunInfo['inventory'], 'hosts'>;
    readonly selection: Pick<RunInfo['selection'], 'hosts' | 'tags' | 'environments'>;
  };
  readonly closure: Pick<FleetReport['closure'], 'verdict'>;
  readonly hosts: readonly (Pick<HostReport, 'name' | 'score' | 'access'> & {
    readonly failure?: unknown;
    readonly connection?: { readonly hostKey?: { readonly fingerprint: string } };
    readonly results: readonly StandingResult[];
    readonly extra: readonly StandingResult[];
    readonly guidance: readonly StandingResult[];
  })[];
}

/**
 * @param before the standing of the run it is compared with: a status that holds keeps its `since`. Without it the
 *   report's own `since` counts, else the status began with this run.
 */
export function standingOf(report: StandingSource, before?: Standing): Standing {
  const hostOf = hostFinder(before?.hosts ?? {});
  const hosts = report.hosts.map((host): readonly [string, HostStanding] => {
    const earlier = hostOf(host.name)?.[1].checks ?? {};
    const standing = (result: StandingResult): readonly [string, CheckStanding] => [
      result.id,
      checkStanding(result, report.run.now, before && { check: own(earlier, result.id) }),
    ];
    const checks = [
      ...[...host.results, ...host.extra].map(standing),
      ...host.guidance.map((result): readonly [string, CheckStanding] => {
        const [id, known] = standing(result);
        return [id, { ...known, guidance: true }];
      }),
    ];
    const hostKey = host.connection?.hostKey?.fingerprint;
    return [
      host.name,
      {
        reached: host.failure === undefined,
        score: host.score,
        ...(hostKey !== undefined && { hostKey }),
        checks: Object.fromEntries(checks),
        ...(host.access && { access: host.access }),
      },
    ];
  });
  return { schema: 1, point: pointOf(report), hosts: Object.fromEntries(hosts) };
}

function checkStanding(
  result: StandingResult,
  now: string,
  before: { readonly check: CheckStanding | undefined } | undefined,
): CheckStanding {
  const status = statusOf(result);
  const kept = before?.check?.status === status ? before.check.since : undefined;
  const since = before ? (kept ?? now) : (result.since ?? now);
  const { findings } = result.outcome;
  if (result.outcome.status !== 'fail' || !findings) return { status, since };
  return { status, since, subjects: [...new Set(findings.map(({ subject }) => subject))].sort() };
}

/** One run in one line. A part of the fleet, on purpose or by interruption, is not to be compared with the whole. */
export function pointOf({ run, closure, totals, hosts }: StandingSource): HistoryPoint {
  const { selection } = run;
  const chosen = selection.hosts.length + selection.tags.length + selection.environments.length > 0;
  const part = run.partial || chosen || (run.shard?.of ?? 1) > 1 || hosts.length < run.inventory.hosts;
  return {
    id: run.id,
    now: run.now,
    verdict: closure.verdict,
    totals,
    fails: failsOf(hosts.map(({ results, extra }) => [...results, ...extra])),
    ...(hosts.some(({ guidance }) => guidance.length > 0) && {
      guidance: failsOf(hosts.map(({ guidance }) => guidance)),
    }),
    partial: part,
  };
}

/** How many hosts fail each check, in the order of their ids. */
function failsOf(hosts: readonly (readonly StandingResult[])[]): Readonly<Record<string, number>> {
  const fails = new Map<string, number>();
  for (const results of hosts)
    for (const { id, outcome } of results)
      if (outcome.status === 'fail') fails.set(id, (fails.get(id) ?? 0) + 1);
  return Object.fromEntries([...fails].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The value of a key that is the record's own: host names and check IDs come from files. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Finds a host by its name, upper and lower case alike, as inventories do. @returns its name there, and its standing. */
export function hostFinder(
  hosts: Readonly<Record<string, HostStanding>>,
): (name: string) => readonly [string, HostStanding] | undefined {
  const folded = new Map(Object.entries(hosts).map((entry) => [entry[0].toLowerCase(), entry]));
  return (name) => {
    const exact = own(hosts, name);
    return exact ? [name, exact] : folded.get(name.toLowerCase());
  };
}
