/**
 * The engine: gather every host, judge each as it arrives, keep only its report. What `run` does, without a terminal.
 */
import { randomBytes } from 'node:crypto';
import { probesFor } from './collector/probes.js';
import { evidenceHash } from './evidence/hash.js';
import { createRun, runId, type RunStore } from './evidence/store.js';
import { judgeHost, type JudgeContext, type JudgedHost } from './evaluate.js';
import type { HostFacts } from './facts/types.js';
import { gather } from './gather.js';
import { expectationsOf } from './inventory/expectations.js';
import type { Inventory } from './inventory/load.js';
import { formatProblem } from './inventory/problem.js';
import type { AnyCheck, FleetReport, Host, HostEvidence, RunInfo } from './model.js';
import { expiredExceptions } from './policy.js';
import { buildReport } from './report.js';
import { fleetFacts } from './sources/index.js';
import type { Limits, Transport } from './transports/transport.js';
import { VERSION } from './version.js';

export interface AuditOptions {
  readonly inventory: Inventory;
  /** The selected hosts. */
  readonly hosts: readonly Host[];
  readonly selection: RunInfo['selection'];
  readonly checks: readonly AnyCheck[];
  readonly plugins: readonly AnyCheck[];
  readonly transportFor: (host: Host) => Transport;
  readonly concurrency: number;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** The clock to judge at; default: when the run starts. */
  readonly now?: Date;
  /** Keep raw evidence in a new run folder under this one. */
  readonly evidenceDir?: string;
  readonly onHost?: (judged: JudgedHost, done: number) => void;
  readonly warnings?: readonly string[];
}

export interface Audit {
  readonly report: FleetReport;
  /** The run folder, when evidence was kept. */
  readonly folder?: string;
}

/** Facts that are always read: who the host is, and what closure needs. */
const ALWAYS: readonly (keyof HostFacts)[] = ['system', 'logins'];

export function probesOf(checks: readonly AnyCheck[]) {
  return probesFor(new Set([...ALWAYS, ...checks.flatMap(({ meta }) => meta.needs.host)]));
}

/** @throws UserError when the evidence folder cannot be written; nothing a host does makes it throw. */
export async function auditFleet(options: AuditOptions): Promise<Audit> {
  const started = new Date();
  const id = runId(started, randomBytes(3).toString('hex'));
  const store =
    options.evidenceDir === undefined
      ? undefined
      : await createRun(options.evidenceDir, id, options.inventory.text);
  const context = judgeContext(options.inventory, options.checks, options.plugins, options.now ?? started);
  const judged: JudgedHost[] = [];
  await gather({
    hosts: options.hosts,
    transportFor: options.transportFor,
    probes: probesOf([...options.checks, ...options.plugins]),
    parameters: options.inventory.policy,
    concurrency: options.concurrency,
    limits: options.limits,
    signal: options.signal,
    onHost: async (evidence, host) => {
      await keep(store, evidence);
      // A copy: an excerpt is a slice of what the probe printed, and V8 would keep all of it alive for the slice.
      const result = structuredClone(judgeHost(host, evidence, context));
      judged.push(result);
      options.onHost?.(result, judged.length);
    },
  });
  const run: RunInfo = {
    id,
    startedAt: started.toISOString(),
    finishedAt: new Date().toISOString(),
    now: context.now.toISOString(),
    inventory: {
      path: options.inventory.path,
      sha256: options.inventory.sha256,
      hosts: options.inventory.hosts.length,
    },
    selection: options.selection,
    partial: options.signal.aborted,
  };
  await store?.finish(run, VERSION);
  return { report: assemble(options, run, judged), ...(store && { folder: store.folder }) };
}

/** Everything a judgement needs besides the evidence. */
export function judgeContext(
  inventory: Inventory,
  checks: readonly AnyCheck[],
  plugins: readonly AnyCheck[],
  now: Date,
): JudgeContext {
  return {
    checks,
    plugins,
    fleet: fleetFacts(inventory.sources),
    policy: inventory.policy,
    now,
    expectations: (host) => expectationsOf(host, inventory),
    hash: evidenceHash,
  };
}

export function assemble(
  options: Pick<AuditOptions, 'inventory' | 'checks' | 'plugins' | 'warnings'>,
  run: RunInfo,
  judged: readonly JudgedHost[],
): FleetReport {
  const { inventory } = options;
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
    policy: inventory.policy,
    warnings: [
      ...(options.warnings ?? []),
      ...inventory.warnings.map(formatProblem),
      ...expiredExceptions(inventory.policy, new Date(run.now)),
      ...(run.partial
        ? ['the run was interrupted: hosts that were not finished are shown as cancelled']
        : []),
    ],
  });
}

async function keep(store: RunStore | undefined, evidence: HostEvidence): Promise<void> {
  await store?.writeHost(evidence);
}
