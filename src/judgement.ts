/** From evidence to the report, for hosts that were just asked and for a run folder alike. */
import { evidenceHash } from './evidence/hash.js';
import { readEvidence, readSources, type RunFolder } from './evidence/read.js';
import { savedBaseline } from './evidence/siblings.js';
import { judgeHost, type JudgeContext, type JudgedHost } from './evaluate.js';
import { fleetFacts } from './facts/sources/index.js';
import { expectationsOf } from './inventory/expectations.js';
import type { Inventory } from './inventory/load.js';
import { formatProblem } from './inventory/problem.js';
import { selectHosts } from './inventory/select.js';
import type { AnyCheck, Baseline, FleetReport, HostEvidence, RunInfo, SourceEvidence } from './model.js';
import { expiredExceptions } from './policy.js';
import { buildReport } from './report.js';
import { createSharing, keptHost } from './sharing.js';
import { VERSION } from './version.js';

export interface Judging {
  readonly inventory: Inventory;
  readonly checks: readonly AnyCheck[];
  readonly plugins: readonly AnyCheck[];
  readonly warnings?: readonly string[];
  /** Of a saved run, null: none, even if it has one. */
  readonly baseline?: Baseline | null;
}

/** Everything a judgement needs besides the host's evidence. */
export function judgeContext(
  { inventory, checks, plugins }: Judging,
  sources: readonly SourceEvidence[],
  now: Date,
): JudgeContext {
  return {
    checks,
    plugins,
    fleet: fleetFacts(inventory.sources, sources, inventory.policy),
    policy: inventory.policy,
    now,
    expectations: (host) => expectationsOf(host, inventory),
    hash: evidenceHash,
  };
}

export function assemble(
  options: Judging,
  run: RunInfo,
  judged: readonly JudgedHost[],
  fleet: JudgeContext['fleet'],
): FleetReport {
  const { inventory, baseline } = options;
  const listed = inventory.hosts.flatMap((host) => [
    ...host.allowedPrincipals.agt,
    ...host.allowedPrincipals.atm,
  ]);
  return buildReport({
    version: VERSION,
    run,
    checks: options.checks,
    plugins: options.plugins,
    hosts: judged.map(({ report }) => report),
    summaries: judged.map(({ summary }) => summary),
    listedIdentities: [...new Set(listed)],
    fleet,
    policy: inventory.policy,
    ...(baseline && { baseline }),
    warnings: [
      ...(options.warnings ?? []),
      ...inventory.warnings.map(formatProblem),
      ...expiredExceptions(inventory.policy, new Date(run.now)),
      ...(run.partial ? ['the run is not whole: hosts that were not gathered are shown as such'] : []),
    ],
  });
}

/**
 * Judges a run folder again. Every host its selection names is a row, with evidence or without. With the run's own
 * clock, policy, selection and baseline the report is the one the run made.
 *
 * @throws UserError naming the file of the folder that cannot be used.
 */
export async function judgeFolder(
  { folder, record }: RunFolder,
  options: Judging,
  now: Date,
  selection: RunInfo['selection'],
): Promise<FleetReport> {
  const { inventory } = options;
  const sources = await readSources(folder);
  const context = judgeContext(options, sources, now);
  const known = new Map(inventory.hosts.map((host) => [host.name, host]));
  const missing = new Map(
    selectHosts(inventory.hosts, {
      host: selection.hosts,
      tag: selection.tags,
      environment: selection.environments,
    }).map((host) => [host.name, host]),
  );
  const share = createSharing();
  const judged: JudgedHost[] = [];
  const strangers: string[] = [];
  let last = record.run.startedAt;
  for await (const evidence of readEvidence(folder)) {
    if (evidence.finishedAt > last) last = evidence.finishedAt;
    const host = known.get(evidence.host);
    if (host) judged.push(keptHost(judgeHost(host, evidence, context), share));
    else strangers.push(evidence.host);
    missing.delete(evidence.host);
    known.delete(evidence.host);
  }
  const over = record.state === 'finished';
  const finishedAt = over ? record.run.finishedAt : last;
  for (const host of missing.values())
    judged.push(keptHost(judgeHost(host, neverGathered(host.name, finishedAt, record.run), context), share));
  const baseline = options.baseline === undefined ? await savedBaseline(folder) : options.baseline;
  const { policySha256: _, ...rest } = record.run;
  const run: RunInfo = {
    ...rest,
    ...(inventory.policyFile && { policySha256: inventory.policyFile.sha256 }),
    selection,
    now: now.toISOString(),
    finishedAt,
    partial: record.run.partial || !over,
  };
  const notes = strangers.map(
    (name) => `evidence of ${name}, which the inventory does not name, was left out`,
  );
  const warnings = [...record.warnings, ...(options.warnings ?? []), ...notes];
  return assemble({ ...options, warnings, ...(baseline && { baseline }) }, run, judged, context.fleet);
}

function neverGathered(host: string, at: string, { shard }: RunInfo): HostEvidence {
  const why = shard
    ? `the run is shard ${shard.index}/${shard.of}, and holds no evidence of this host`
    : 'the run holds no evidence of this host';
  return {
    schema: 1,
    host,
    startedAt: at,
    finishedAt: at,
    probes: {},
    failure: {
      code: 'cancelled',
      phase: 'connect',
      detail: `not gathered: ${why}`,
      hint: 'finish it with run --resume, or join it with its other parts with merge',
    },
  };
}
