/**
 * A run until its evidence is there: its record, its folder, the fan-out, and the control-plane systems beside it. Judges
 * nothing.
 */
import { randomBytes } from 'node:crypto';
import { messageOf, UserError } from '../errors.js';
import { canonical } from '../evidence/hash.js';
import { readHostFile, type RunFolder } from '../evidence/read.js';
import type { RunRecord } from '../evidence/run-record.js';
import type { Shard } from '../evidence/shard.js';
import { previousRun } from '../evidence/siblings.js';
import { createRun, hostFile, reopenRun, runId, type RunStore } from '../evidence/store.js';
import { gather, type GatherOptions } from '../gather.js';
import type { Inventory } from '../inventory/load.js';
import type { AnyCheck, Host, HostEvidence, RunInfo, SourceEvidence } from '../model.js';
import type { Limits, Transport } from '../transports/transport.js';
import { VERSION } from '../version.js';
import type { Pace } from './pace.js';
import { probesOf } from './probes.js';

/** Hands over evidence of every host once, whatever happens; `run` is the run's ID. */
export type FanOut = (options: GatherOptions, run: string) => Promise<void>;

export interface GatherRunOptions {
  readonly inventory: Inventory;
  /** The hosts to ask: selected, and of this shard. Of a resumed run, all of them: those it has are left alone. */
  readonly hosts: readonly Host[];
  readonly selection: RunInfo['selection'];
  readonly checks: readonly AnyCheck[];
  readonly plugins: readonly AnyCheck[];
  readonly guidance: readonly AnyCheck[];
  readonly transportFor: (host: Host) => Transport;
  readonly concurrency: number;
  readonly limits: Limits;
  readonly pace?: Pace;
  /** Asks the hosts in another way than from this machine. Default: {@link gather}. */
  readonly fanOut?: FanOut;
  readonly signal: AbortSignal;
  /** The clock to judge at; default: when the run starts. */
  readonly now?: Date;
  /** Keep raw evidence in a new run folder under this one. */
  readonly evidenceDir?: string;
  /** Go on with this run instead: its folder, its hosts. */
  readonly resume?: RunFolder;
  readonly shard?: Shard;
  /** Git commit of the inventory. */
  readonly commit?: string;
  /** Asks control-plane systems, beside the hosts. Never rejects. Absent: none are asked. */
  readonly askSources?: (now: Date, signal: AbortSignal) => Promise<readonly SourceEvidence[]>;
  readonly warnings?: readonly string[];
  /** Names of probes that would say nothing about these hosts, and are left out: their facts stay unknown. */
  readonly leaveOut?: ReadonlySet<string>;
  /** Collect what only the access report reads. */
  readonly access?: boolean;
  /** Hosts run their own copy of the collector; see collector/forced.ts. */
  readonly forced?: boolean;
}

export interface Gathered {
  readonly folder: string;
  readonly counts: NonNullable<RunRecord['counts']>;
}

/** Collects and judges nothing. @throws UserError when the evidence folder cannot be written. */
export async function gatherFleet(
  options: GatherRunOptions & { readonly evidenceDir: string },
  onHost?: (evidence: HostEvidence, done: number) => void,
): Promise<Gathered> {
  const begun = await begin(options, 'gather');
  const { store, record } = begun;
  if (!store) throw new UserError('evidence-unwritable', 'no folder was given for the evidence');
  const sources = askSources(options, new Date(record.run.now), store);
  let done = 0;
  const { counts, whole } = await gatherInto(begun, options, (evidence) => {
    done += 1;
    onHost?.(evidence, done);
  });
  await sources;
  await store.finish({ ...record, state: 'finished', run: finished(record, whole), counts });
  return { folder: store.folder, counts };
}

export interface Begun {
  readonly record: RunRecord;
  readonly store?: RunStore;
  /** Hosts whose evidence is already in the folder. */
  readonly saved: ReadonlySet<string>;
}

/** @throws UserError when the evidence folder cannot be made. */
export async function begin(options: GatherRunOptions, command: 'run' | 'gather'): Promise<Begun> {
  if (options.resume) return resumed(options.resume, options);
  const { inventory, evidenceDir } = options;
  const started = new Date();
  const previous = evidenceDir === undefined ? undefined : await previousRun(evidenceDir);
  const policy = inventory.policyFile;
  const run: RunInfo = {
    id: runId(started, randomBytes(3).toString('hex')),
    startedAt: started.toISOString(),
    finishedAt: started.toISOString(),
    now: (options.now ?? started).toISOString(),
    inventory: {
      path: inventory.path,
      sha256: inventory.sha256,
      hosts: inventory.hosts.length,
      ...(options.commit !== undefined && { commit: options.commit }),
    },
    ...(policy && { policySha256: policy.sha256 }),
    selection: options.selection,
    partial: true,
    ...(options.shard && { shard: options.shard }),
    ...(previous && { previous }),
  };
  const record: RunRecord = {
    format: 1,
    tool: 'ssh-scorecard',
    version: VERSION,
    command,
    state: 'running',
    run: run as RunRecord['run'],
    ...(policy && { policyPath: policy.path }),
    clock: options.now ? 'given' : 'start',
    hosts: options.hosts.map(({ name }) => name),
    warnings: [...(options.warnings ?? [])],
  };
  if (evidenceDir === undefined) return { record, saved: new Set() };
  const store = await createRun(evidenceDir, {
    record,
    inventoryText: inventory.text,
    ...(policy && { policyText: policy.text }),
  });
  return { record, store, saved: new Set() };
}

/** A resumed run keeps its clock when it was given one; else it is judged when it goes on, which forgives nothing. */
async function resumed(
  { folder, record }: RunFolder,
  { hosts, warnings = [] }: GatherRunOptions,
): Promise<Begun> {
  const saved = new Set<string>();
  for (const { name } of hosts) {
    const evidence = await readHostFile(folder, hostFile(name)).catch(() => null);
    // What an interrupt cut off half-way is asked again; what a host itself cut off is its answer.
    const ours = evidence?.failure?.code === 'cancelled' || evidence?.failure?.code === 'deadline';
    if (evidence?.host === name && !ours && Object.keys(evidence.probes).length > 0) saved.add(name);
  }
  const now = record.clock === 'given' ? record.run.now : new Date().toISOString();
  const store = await reopenRun(folder, false);
  const { counts: _, ...rest } = record;
  const running: RunRecord = {
    ...rest,
    state: 'running',
    run: { ...record.run, now, partial: true },
    warnings: [...new Set([...record.warnings, ...warnings])],
  };
  await store.begin(running);
  return { record: running, store, saved };
}

interface Outcome {
  readonly counts: NonNullable<RunRecord['counts']>;
  /** Every host was asked: neither an interrupt nor the deadline came first. */
  readonly whole: boolean;
}

/** Every host of the run once, those it has from its folder. @throws what `onHost` throws, and UserError for a full disk. */
export async function gatherInto(
  { store, saved, record }: Begun,
  options: GatherRunOptions,
  onHost: (evidence: HostEvidence, host: Host) => void | Promise<void>,
): Promise<Outcome> {
  let complete = 0;
  let late = 0;
  const take = async (evidence: HostEvidence, host: Host) => {
    if (!evidence.failure) complete += 1;
    if (evidence.failure?.code === 'deadline') late += 1;
    // As it will be read back: the order of keys shows in reports.
    await onHost(canonical(evidence), host);
  };
  const asking: GatherOptions = {
    hosts: options.hosts.filter(({ name }) => !saved.has(name)),
    transportFor: options.transportFor,
    probes: probesOf([...options.checks, ...options.plugins, ...options.guidance], options.access).filter(
      ({ name }) => !options.leaveOut?.has(name),
    ),
    parameters: options.inventory.policy,
    ...(options.forced && { forced: true }),
    concurrency: options.concurrency,
    limits: options.limits,
    signal: options.signal,
    ...(options.pace && { pace: options.pace }),
    onHost: async (evidence, host) => {
      await store?.writeHost(evidence).catch((error: unknown) => {
        throw unwritable(store.folder, error);
      });
      await take(evidence, host);
    },
  };
  await (options.fanOut ?? gather)(asking, record.run.id);
  for (const host of options.hosts)
    if (store && saved.has(host.name))
      await take(await readHostFile(store.folder, hostFile(host.name)), host);
  const counts = { evidence: options.hosts.length, complete, missing: 0 };
  return { counts, whole: late === 0 && !options.signal.aborted };
}

/** Asked once, kept as they come; what fails to be kept fails the run. */
export async function askSources(
  options: GatherRunOptions,
  now: Date,
  store: RunStore | undefined,
): Promise<readonly SourceEvidence[]> {
  const { deadlineMs } = options.pace ?? {};
  const late = deadlineMs === undefined ? [] : [AbortSignal.timeout(deadlineMs)];
  const stop = AbortSignal.any([options.signal, ...late]);
  const answers = canonical((await options.askSources?.(now, stop)) ?? []);
  for (const answer of answers)
    await store?.writeSource(answer).catch((error: unknown) => {
      throw unwritable(store.folder, error);
    });
  return answers;
}

/** The record of a run that is over. */
export function finished(record: RunRecord, whole: boolean): RunRecord['run'] {
  return { ...record.run, finishedAt: new Date().toISOString(), partial: !whole };
}

function unwritable(folder: string, error: unknown): UserError {
  return new UserError('evidence-unwritable', `cannot write the run folder ${folder}: ${messageOf(error)}`, {
    cause: error,
  });
}
