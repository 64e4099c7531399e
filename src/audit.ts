/**
 * The engine: gather every host, judge each as it arrives, keep only its report. What `run` does, without a terminal.
 */
import { dirname } from 'node:path';
import { createAccessRun } from './access/run.js';
import { keepJudged, loadKept } from './evidence/judged.js';
import type { RunRecord } from './evidence/run-record.js';
import { findBaseline } from './evidence/siblings.js';
import { judgeHost, type JudgedHost } from './evaluate.js';
import { askSources, begin, finished, gatherInto, type GatherRunOptions } from './gather/fleet.js';
import { assemble, judgeContext } from './judgement.js';
import type { Baseline, FleetReport } from './model.js';
import { createSharing, keptHost } from './sharing.js';

export interface AuditOptions extends GatherRunOptions {
  /** What to compare with. Default: the newest run like this one beside it; null: nothing. */
  readonly baseline?: Baseline | null;
  readonly onHost?: (judged: JudgedHost, done: number) => void;
}

export interface Audit {
  readonly report: FleetReport;
  /** The run folder, when evidence was kept. */
  readonly folder?: string;
}

/** @throws UserError when the evidence folder cannot be written; nothing a host or a source does makes it throw. */
export async function auditFleet(options: AuditOptions): Promise<Audit> {
  const keeps = options.evidenceDir !== undefined || options.resume !== undefined;
  const kept = keeps ? await loadKept() : [];
  const begun = await begin(options, 'run');
  const { store, record } = begun;
  const now = new Date(record.run.now);
  const baseline =
    options.baseline === undefined ? await newestBaseline(options, record) : (options.baseline ?? undefined);
  const { inventory, checks, plugins, guidance } = options;
  const judging = { inventory, checks, plugins, guidance };
  const context = askSources(options, now, store).then((answers) => judgeContext(judging, answers, now));
  // Awaited below by whoever judges first; an interrupt may end the run before anyone does.
  context.catch(() => undefined);
  const share = createSharing();
  const judged: JudgedHost[] = [];
  const access = createAccessRun();
  const { counts, whole } = await gatherInto(begun, options, async (evidence, host) => {
    const seen = judgeHost(host, evidence, await context);
    access.add(seen);
    const result = keptHost(seen, share);
    judged.push(result);
    options.onHost?.(result, judged.length);
  });
  const run = finished(record, whole);
  const { warnings } = record;
  const told = access.value(await context, run, judged.length);
  const report = assemble(
    { ...judging, warnings, ...(baseline && { baseline }), ...(told && { access: told }) },
    run,
    judged,
    (await context).fleet,
  );
  if (!store) return { report };
  await keepJudged(store, { ...record, state: 'finished', run, counts }, report, baseline, kept);
  return { report, folder: store.folder };
}

async function newestBaseline(options: AuditOptions, { run }: RunRecord): Promise<Baseline | undefined> {
  if (options.resume) return findBaseline(dirname(options.resume.folder), run, run);
  return options.evidenceDir === undefined ? undefined : findBaseline(options.evidenceDir, run);
}
