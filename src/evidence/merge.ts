/** Shards and interrupted runs of one inventory, joined into a new run folder. */
import { randomBytes } from 'node:crypto';
import { terminal } from '../../reports/escape.js';
import { UserError } from '../errors.js';
import type { Inventory } from '../inventory/load.js';
import type { HostEvidence, RunInfo, SourceEvidence } from '../model.js';
import { VERSION } from '../version.js';
import { compareFolder } from './manifest.js';
import { readEvidenceFiles, readHostFile, readSources, type RunFolder } from './read.js';
import type { RunRecord } from './run-record.js';
import { previousRun } from './siblings.js';
import { createRun, runId } from './store.js';

export interface Merged {
  readonly folder: string;
  /** Hosts of the inventory's selection that no run has. */
  readonly missing: readonly string[];
  /** One sentence each: doubles and which was kept, tool versions that differ. */
  readonly notes: readonly string[];
}

/** Where the evidence of one host is, and what decides between two of it. */
interface Found {
  readonly run: RunFolder;
  readonly file: string;
  readonly complete: boolean;
  readonly finishedAt: string;
}

/**
 * @param runs at least one, of the same inventory, policy and selection of checks.
 * @param expected the names of the hosts there should be, from inventory and common selection.
 * @throws UserError when they cannot be joined, naming the two that differ.
 */
export async function mergeRuns(
  runs: readonly RunFolder[],
  inventory: Inventory,
  expected: readonly string[],
  base: string,
): Promise<Merged> {
  const [first] = runs;
  if (!first) throw new UserError('usage', 'there is nothing to merge');
  for (const run of runs) await refuseDifferent(first, run);
  const { chosen, doubles, strangers } = await choose(runs, new Set(expected));
  const missing = expected.filter((host) => !chosen.has(host));
  const notes = [...versions(runs), ...doubles, ...strangers];
  const record = await recordOf(runs, inventory, { expected, missing, notes, base });
  const store = await createRun(base, {
    record: { ...record, state: 'running' },
    inventoryText: first.inventoryText,
    ...(first.policyText !== undefined && { policyText: first.policyText }),
  });
  let complete = 0;
  for (const host of [...chosen.keys()].sort()) {
    const found = chosen.get(host);
    if (!found) continue;
    const evidence = await readHostFile(found.run.folder, found.file);
    if (!evidence.failure) complete += 1;
    await store.writeHost(evidence);
  }
  for (const source of await newestSources(runs)) await store.writeSource(source);
  await store.finish({
    ...record,
    counts: { evidence: chosen.size, complete, missing: missing.length },
  });
  return { folder: store.folder, missing, notes };
}

async function refuseDifferent(first: RunFolder, run: RunFolder): Promise<void> {
  const refuse = (code: string, what: string, hint: string): never => {
    throw new UserError(code, what, { hint });
  };
  const [a, b] = [first.record.run, run.record.run];
  const both = `${first.folder} and ${run.folder}`;
  if (a.inventory.sha256 !== b.inventory.sha256)
    refuse('merge-inventories', `${both} are of different inventories`, 'gather again with one inventory');
  if (a.policySha256 !== b.policySha256)
    refuse('merge-policies', `${both} were gathered with different policies`, 'gather again with one policy');
  if (checksOf(a) !== checksOf(b))
    refuse(
      'merge-selections',
      `${both} were gathered for different checks`,
      'give both the same --check and --no-guidance',
    );
  const { manifest, problems } = await compareFolder(run.folder);
  if (manifest && problems.length > 0)
    refuse(
      'run-changed',
      `${run.folder} was changed after it was sealed: ${terminal(problems[0] ?? '')}`,
      `ssh-scorecard verify ${run.folder} says more`,
    );
}

function checksOf({ selection }: RunInfo): string {
  return JSON.stringify([
    [...selection.checks].sort(),
    [...selection.skippedChecks].sort(),
    selection.noGuidance === true,
  ]);
}

async function choose(
  runs: readonly RunFolder[],
  expected: ReadonlySet<string>,
): Promise<{
  readonly chosen: ReadonlyMap<string, Found>;
  readonly doubles: readonly string[];
  readonly strangers: readonly string[];
}> {
  const chosen = new Map<string, Found>();
  const doubles: string[] = [];
  const strangers: string[] = [];
  for (const run of runs)
    for await (const { file, evidence } of readEvidenceFiles(run.folder)) {
      const { host } = evidence;
      if (!expected.has(host)) {
        strangers.push(`${host} in ${run.record.run.id} is not of the inventory or the selection: left out`);
        continue;
      }
      const found = { run, file, complete: isComplete(evidence), finishedAt: evidence.finishedAt };
      const other = chosen.get(host);
      const kept = other === undefined || better(found, other) ? found : other;
      chosen.set(host, kept);
      if (other)
        doubles.push(
          `${host} is in ${other.run.record.run.id} and ${run.record.run.id}: the one of ${kept.run.record.run.id} is kept, ${why(found, other)}`,
        );
    }
  return { chosen, doubles, strangers };
}

function isComplete({ failure }: HostEvidence): boolean {
  return failure === undefined;
}

/** Gathered to the end, else the later. */
function better(a: Found, b: Found): boolean {
  return a.complete === b.complete ? a.finishedAt >= b.finishedAt : a.complete;
}

function why(a: Found, b: Found): string {
  return a.complete === b.complete ? 'the later' : 'which was gathered to the end';
}

function versions(runs: readonly RunFolder[]): string[] {
  const all = [...new Set([...runs.map(({ record }) => record.version), VERSION])].sort();
  return all.length > 1 ? [`the runs were gathered and merged by different versions: ${all.join(', ')}`] : [];
}

/** Of each source the evidence that was finished last. */
async function newestSources(runs: readonly RunFolder[]): Promise<readonly SourceEvidence[]> {
  const newest = new Map<string, SourceEvidence>();
  for (const { folder } of runs)
    for (const source of await readSources(folder)) {
      const other = newest.get(source.source);
      if (!other || source.finishedAt >= other.finishedAt) newest.set(source.source, source);
    }
  return [...newest.values()];
}

interface RecordParts {
  readonly expected: readonly string[];
  readonly missing: readonly string[];
  readonly notes: readonly string[];
  readonly base: string;
}

/** The merged run: from the first start to the last end, judged at the latest of their clocks. */
async function recordOf(
  runs: readonly RunFolder[],
  inventory: Inventory,
  { expected, missing, notes, base }: RecordParts,
): Promise<RunRecord> {
  const infos = runs.map(({ record }) => record.run);
  const latest = (instants: readonly string[]) => instants.reduce((a, b) => (a > b ? a : b));
  const [first] = infos;
  const { policyPath } = runs[0]?.record ?? {};
  if (!first) throw new UserError('usage', 'there is nothing to merge');
  const previous = await previousRun(base);
  const mergedFrom: NonNullable<RunRecord['mergedFrom']> = [];
  for (const { folder, record } of runs) {
    const { manifest } = await compareFolder(folder);
    mergedFrom.push({ id: record.run.id, ...(manifest && { manifestSha256: manifest.sha256 }) });
  }
  return {
    format: 1,
    tool: 'ssh-scorecard',
    version: VERSION,
    command: 'merge',
    state: 'finished',
    run: {
      id: runId(new Date(), randomBytes(3).toString('hex')),
      startedAt: infos.map(({ startedAt }) => startedAt).reduce((a, b) => (a < b ? a : b)),
      finishedAt: latest(infos.map(({ finishedAt }) => finishedAt)),
      now: latest(infos.map(({ now }) => now)),
      inventory: { ...first.inventory, hosts: inventory.hosts.length },
      ...(first.policySha256 !== undefined && { policySha256: first.policySha256 }),
      selection: commonSelection(infos),
      partial: missing.length > 0,
      ...(previous && { previous }),
    },
    ...(policyPath !== undefined && { policyPath }),
    clock: runs.every(({ record }) => record.clock === 'given') ? 'given' : 'start',
    hosts: [...expected],
    warnings: [...new Set([...runs.flatMap(({ record }) => record.warnings), ...notes])],
    mergedFrom,
  };
}

/** The selection of hosts all runs had; where they differ, the merged run is of the whole inventory. */
export function commonSelection(infos: readonly Pick<RunInfo, 'selection'>[]): RunRecord['run']['selection'] {
  const [first] = infos;
  const hostsOf = ({ selection: { hosts, tags, environments } }: Pick<RunInfo, 'selection'>) =>
    JSON.stringify([hosts, tags, environments]);
  const same = first !== undefined && infos.every((info) => hostsOf(info) === hostsOf(first));
  return {
    hosts: same ? [...first.selection.hosts] : [],
    tags: same ? [...first.selection.tags] : [],
    environments: same ? [...first.selection.environments] : [],
    checks: [...(first?.selection.checks ?? [])],
    skippedChecks: [...(first?.selection.skippedChecks ?? [])],
    ...(first?.selection.noGuidance && { noGuidance: true as const }),
  };
}
