/** From evidence to the report, for hosts that were just asked and for a run folder alike. */
import { crossingsOf } from './crossings.js';
import { accessContext } from './access/judged.js';
import { createAccessRun } from './access/run.js';
import { evidenceHash } from './evidence/hash.js';
import { readEvidence, readSources, type RunFolder } from './evidence/read.js';
import { savedBaseline } from './evidence/siblings.js';
import { judgeHost, type JudgeContext, type JudgedHost } from './evaluate.js';
import { approvalFacts } from './facts/sources/approvals.js';
import { fleetFacts } from './facts/sources/index.js';
import { expectationsOf } from './inventory/expectations.js';
import type { Inventory } from './inventory/load.js';
import { formatProblem } from './inventory/problem.js';
import { hostsOf } from './inventory/select.js';
import type {
  AnyCheck,
  Baseline,
  FleetReport,
  Host,
  HostEvidence,
  RunInfo,
  SourceEvidence,
} from './model.js';
import { expiredExceptions } from './policy.js';
import { buildReport } from './report.js';
import { lookAgain } from './second-look.js';
import { createSharing, keptHost } from './sharing.js';
import { VERSION } from './version.js';

export interface Judging {
  readonly inventory: Inventory;
  readonly checks: readonly AnyCheck[];
  readonly plugins: readonly AnyCheck[];
  readonly guidance: readonly AnyCheck[];
  readonly warnings?: readonly string[];
  /** Of a saved run, null: none, even if it has one. */
  readonly baseline?: Baseline | null;
  /** What its hosts told of access. */
  readonly access?: FleetReport['access'];
  /** Leave the access report out, although the run collected it. */
  readonly noAccess?: boolean;
}

/** Everything a judgement needs besides the host's evidence. */
export function judgeContext(
  { inventory, checks, plugins, guidance, noAccess = false }: Judging,
  sources: readonly SourceEvidence[],
  now: Date,
): JudgeContext {
  const fleet = fleetFacts(inventory.sources, sources, inventory.policy);
  return {
    checks,
    plugins,
    guidance,
    fleet,
    policy: inventory.policy,
    now,
    expectations: (host) => expectationsOf(host, inventory),
    hash: evidenceHash,
    ...(!noAccess && { access: accessContext(fleet, approvalFacts(inventory.sources, sources)) }),
  };
}

export function assemble(
  options: Judging,
  run: RunInfo,
  judged: readonly JudgedHost[],
  fleet: JudgeContext['fleet'],
): FleetReport {
  const { inventory, baseline, access } = options;
  const listed = inventory.hosts.flatMap((host) => [
    ...host.allowedPrincipals.agt,
    ...host.allowedPrincipals.atm,
  ]);
  const hosts = judged.map(({ report }) => report);
  return buildReport({
    version: VERSION,
    run,
    checks: options.checks,
    plugins: options.plugins,
    guidance: options.guidance,
    hosts: lookAgain(judged, options, run),
    summaries: judged.map(({ summary }) => summary),
    listedIdentities: [...new Set(listed)],
    fleet,
    policy: inventory.policy,
    ...(baseline && { baseline }),
    ...(access && { access }),
    warnings: [
      ...(options.warnings ?? []),
      ...inventory.warnings.map(formatProblem),
      ...crossingWarnings(inventory, hosts),
      ...expiredExceptions(inventory.policy, new Date(run.now)),
      ...(run.partial ? ['the run is not whole: hosts that were not gathered are shown as such'] : []),
    ],
  });
}

/** Ways into production that the run itself went, where the inventory does not say so already. */
function crossingWarnings({ warnings }: Inventory, hosts: Parameters<typeof crossingsOf>[0]): string[] {
  const told = new Set(warnings.map(({ message }) => message));
  return crossingsOf(hosts)
    .filter(({ message }) => !told.has(message))
    .map(({ at, message, hint }) => formatProblem({ at, message: `in this run ${message}`, hint }));
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
  const missing = new Map(hostsOf(inventory.hosts, selection).map((host) => [host.name, host]));
  const share = createSharing();
  const access = createAccessRun();
  const judged: JudgedHost[] = [];
  const judge = (host: Host, evidence: HostEvidence): void => {
    const result = judgeHost(host, evidence, context);
    access.add(result);
    judged.push(keptHost(result, share));
  };
  const strangers: string[] = [];
  let last = record.run.startedAt;
  for await (const evidence of readEvidence(folder)) {
    if (evidence.finishedAt > last) last = evidence.finishedAt;
    const host = known.get(evidence.host);
    if (host) judge(host, evidence);
    else strangers.push(evidence.host);
    missing.delete(evidence.host);
    known.delete(evidence.host);
  }
  const over = record.state === 'finished';
  const finishedAt = over ? record.run.finishedAt : last;
  for (const host of missing.values()) judge(host, neverGathered(host.name, finishedAt, record.run));
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
  const told = access.value(context, run, judged.length);
  return assemble(
    { ...options, warnings, ...(baseline && { baseline }), ...(told && { access: told }) },
    run,
    judged,
    context.fleet,
  );
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
