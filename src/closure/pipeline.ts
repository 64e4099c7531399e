/**
 * Section 6.1: the pipeline that applies the host configuration is green and runs hourly. Judged over the 24 hours
 * before the clock: the newest completed run succeeded, and no two scheduled runs lie further apart than the tolerance.
 */
import type { PipelineFacts, PipelineRun } from '../facts/types.js';
import type { ConditionState, EvidenceRef, Reading } from '../model.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** An hour, and a quarter of one: hosted schedulers start late under load. */
const TOLERANCE = 75 * MINUTE;

interface PipelineVerdict {
  readonly state: ConditionState;
  readonly because: string;
  /** The newest runs. */
  readonly evidence?: readonly EvidenceRef[];
  readonly provide?: string;
}

/** @param now the clock everything is judged at. A run that is still going counts for the cadence, not for green. */
export function pipelineCondition(reading: Reading<PipelineFacts>, now: Date): PipelineVerdict {
  const verdict = judged(reading, now);
  if (!reading.ok) return verdict;
  const newest = reading.value.runs
    .filter(({ startedAt }) => startedAt <= now.getTime())
    .toSorted((one, other) => other.startedAt - one.startedAt)
    .slice(0, 5);
  return {
    ...verdict,
    evidence: newest.map(({ startedAt, result, trigger, url }) => ({
      probe: 'pipeline',
      path: url,
      excerpt: `${time(startedAt)} ${result}, ${trigger}`,
    })),
  };
}

function judged(reading: Reading<PipelineFacts>, now: Date): PipelineVerdict {
  if (!reading.ok)
    return { state: 'unproven', because: reading.detail, provide: 'configure sources.pipeline' };
  const { pipeline, coversFrom } = reading.value;
  const end = now.getTime();
  const runs = reading.value.runs
    .filter(({ startedAt }) => startedAt <= end)
    .sort((one, other) => other.startedAt - one.startedAt);
  const day = runs.filter(({ startedAt }) => startedAt > end - DAY);
  const failed = day.filter(({ result }) => result === 'failure' || result === 'cancelled');
  const inside =
    failed.length > 0 ? `; ${failed.length} of ${day.length} runs of the day did not succeed` : '';
  const latest = runs.find(({ result, finishedAt }) => result !== 'running' && (finishedAt ?? 0) <= end);
  // Runs older than the newest one are known to be older whatever is missing.
  if (latest && (latest.result === 'failure' || latest.result === 'cancelled'))
    return {
      state: 'not-met',
      because: `the latest completed run of ${pipeline} (${time(latest.startedAt)}) is not green: ${latest.result}${latest.url === '' ? '' : ` (${latest.url})`}${inside}`,
      provide: 'mend the pipeline, and let it run',
    };
  const [gap] = reading.gaps;
  if (gap !== undefined)
    return { state: 'unproven', because: gap, provide: 'a pipeline source that answers completely' };
  if (coversFrom > end - DAY)
    return {
      state: 'unproven',
      because: `the runs of ${pipeline} are known from ${time(coversFrom)} on only: less than the last 24 hours`,
      provide: 'the runs of the whole last day',
    };
  const hole = widestGap(runs.filter(scheduled), end);
  if (hole.length > TOLERANCE)
    return {
      state: 'not-met',
      because: `${pipeline} does not run hourly: no scheduled run for ${Math.round(hole.length / MINUTE)} minutes from ${time(hole.from)} (tolerance ${TOLERANCE / MINUTE})${inside}`,
      provide: 'an hourly schedule; runs that are started by hand do not count',
    };
  if (latest?.result !== 'success')
    return {
      state: 'unproven',
      because: latest
        ? `how the latest completed run of ${pipeline} ended is not known`
        : `no run of ${pipeline} has ended`,
      provide: 'a completed run',
    };
  const count = day.filter(scheduled).length;
  return {
    state: 'met',
    because: `the latest completed run of ${pipeline} (${time(latest.startedAt)}) is green, and ${count} scheduled runs of the last 24 hours lie at most ${Math.round(hole.length / MINUTE)} minutes apart${inside}`,
  };
}

/** `schedule` is the word of GitHub Actions and of GitLab. */
function scheduled({ trigger }: PipelineRun): boolean {
  return trigger === 'schedule';
}

/** The longest time without a start in the last day, its edges included. @param runs newest first. */
function widestGap(runs: readonly PipelineRun[], end: number): { from: number; length: number } {
  let later = end;
  let widest = { from: end, length: 0 };
  for (const { startedAt } of runs) {
    const length = later - startedAt;
    if (length > widest.length) widest = { from: startedAt, length };
    if (startedAt <= end - DAY) return widest;
    later = startedAt;
  }
  const rest = later - (end - DAY);
  return rest > widest.length ? { from: end - DAY, length: rest } : widest;
}

function time(at: number): string {
  return Math.abs(at) < 8.64e15 ? `${new Date(at).toISOString().slice(0, 16)}Z` : 'an unknown time';
}
