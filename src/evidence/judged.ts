/** What judging leaves in a run folder: the results, what the next run is compared with, and the seal. */
import { reports } from '../../reports/index.js';
import { standingOf } from '../compare/standing.js';
import type { Baseline, FleetReport, RenderOptions } from '../model.js';
import type { RunRecord } from './run-record.js';
import { RESULTS, type RunStore } from './store.js';

const KEPT: readonly (readonly [file: string, report: string])[] = [
  [RESULTS, 'json'],
  ['report.html', 'html'],
];
const AS_FILE: RenderOptions = { color: 0, width: 120, ascii: false, verbose: true };

/** Writes the results and seals the folder. @param record finished; what was judged is added to it. */
export async function keepJudged(
  store: RunStore,
  record: RunRecord,
  report: FleetReport,
  baseline: Baseline | undefined,
): Promise<void> {
  if (baseline) await store.writeBaseline(baseline);
  for (const [file, id] of KEPT) {
    const text = reports[id]?.render(report, AS_FILE);
    if (text !== undefined) await store.writeReport(file, text);
  }
  const standing = standingOf(report, baseline?.standing);
  await store.writeStanding(standing);
  await store.finish({ ...record, judged: standing.point });
}
