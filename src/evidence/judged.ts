/** What judging leaves in a run folder: the results, what the next run is compared with, and the seal. */
import { standingOf } from '../compare/standing.js';
import type { Baseline, FleetReport, RenderOptions, Report } from '../model.js';
import { textOf } from '../text-of.js';
import type { RunRecord } from './run-record.js';
import { RESULTS, type RunStore } from './store.js';

const AS_FILE: RenderOptions = { color: 0, width: 120, ascii: false, verbose: true };

/** Formats by the file they are kept in. */
export type Kept = readonly (readonly [file: string, kind: Report])[];

/** Before any host is asked: in the end this machine may be out of files, and a format is many of them. */
export async function loadKept(): Promise<Kept> {
  const { json } = await import('../../reports/json.js');
  const { html } = await import('../../reports/html.js');
  return [
    [RESULTS, json],
    ['report.html', html],
  ];
}

/** Writes the results and seals the folder. @param record finished; what was judged is added to it. */
export async function keepJudged(
  store: RunStore,
  record: RunRecord,
  report: FleetReport,
  baseline: Baseline | undefined,
  kept: Kept,
): Promise<void> {
  if (baseline) await store.writeBaseline(baseline);
  for (const [file, kind] of kept) await store.writeReport(file, textOf(kind, report, AS_FILE));
  const standing = standingOf(report, baseline?.standing);
  await store.writeStanding(standing);
  await store.finish({ ...record, judged: standing.point });
}
