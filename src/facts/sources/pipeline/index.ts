/** Runs of the pipeline that applies the host configuration, from the saved answers of the CI system. Pure. */
import type { Policy, Reading, SourceAnswer, SourceEvidence } from '../../../model.js';
import type { PipelineFacts, PipelineRun } from '../../types.js';
import { jsonOf, list, member, object, sentence, text, unreadable, type Json } from '../answers.js';
import { coverageOf, SCHEDULES, STATUS, WORKFLOW } from './names.js';

type Result = PipelineRun['result'];

/** Source: GitHub REST API, `conclusion` of a workflow run. Skipped and neutral runs applied nothing. */
const GITHUB: Readonly<Record<string, Result>> = {
  success: 'success',
  failure: 'failure',
  timed_out: 'failure',
  startup_failure: 'failure',
  action_required: 'failure',
  cancelled: 'cancelled',
};
/** Source: GitLab REST API, `status` of a pipeline. */
const GITLAB: Readonly<Record<string, Result>> = {
  success: 'success',
  failed: 'failure',
  canceled: 'cancelled',
  canceling: 'running',
  created: 'running',
  waiting_for_resource: 'running',
  preparing: 'running',
  pending: 'running',
  running: 'running',
  scheduled: 'running',
};
const OWN: ReadonlySet<string> = new Set(['success', 'failure', 'cancelled', 'running']);

/** @returns runs newest first; whatever was cut, failed or could not be understood is a gap. */
export function readPipeline(evidence: SourceEvidence, _policy: Policy): Reading<PipelineFacts> {
  const gaps = new Set(evidence.failures.map((failure) => `sources.pipeline: ${sentence(failure)}`));
  const facts = evidence.type === 'status-file' ? fromStatus(evidence, gaps) : fromPages(evidence, gaps);
  if (facts === null) return unreadable(evidence, 'its answer could not be understood');
  return {
    ok: true,
    gaps: [...gaps],
    value: { ...facts, runs: facts.runs.toSorted((one, other) => other.startedAt - one.startedAt) },
  };
}

function fromPages(
  { type, configuration, answers }: SourceEvidence,
  gaps: Set<string>,
): PipelineFacts | null {
  const pages = Object.entries(answers).flatMap(([name, answer]) => {
    const from = coverageOf(name);
    return from === null ? [] : [{ name, from, answer }];
  });
  const [first] = pages;
  if (first === undefined || (type !== 'github' && type !== 'gitlab')) return null;
  const runs = new Map<string, PipelineRun>();
  let understood = 0;
  for (const { name, answer } of pages) {
    const body = jsonOf(answer);
    const rows = type === 'github' ? member(body, 'workflow_runs') : body;
    if (!Array.isArray(rows)) {
      gaps.add(`sources.pipeline: an answer could not be understood (${name})`);
      continue;
    }
    understood += 1;
    for (const row of list(rows)) {
      const run = type === 'github' ? githubRun(row) : gitlabRun(row);
      const id = member(row, 'id');
      if (run === null || (typeof id !== 'number' && typeof id !== 'string'))
        gaps.add('sources.pipeline: a run without number or time was returned');
      else runs.set(String(id), run);
    }
  }
  if (understood === 0) return null;
  if (type === 'gitlab') inactive(answers[SCHEDULES], gaps);
  else disabled(answers[WORKFLOW], gaps);
  const where = type === 'github' ? 'repository' : 'project';
  const named = [configuration[where], configuration['workflow']].filter((one) => typeof one === 'string');
  return { pipeline: `${type} ${named.join(' ')}`, runs: [...runs.values()], coversFrom: first.from };
}

/** Re-runs keep `created_at`, which is what the cadence asks for. */
function githubRun(row: Json): PipelineRun | null {
  const startedAt = timeOf(member(row, 'created_at'));
  if (startedAt === null) return null;
  const completed = member(row, 'status') === 'completed';
  return {
    startedAt,
    finishedAt: completed ? timeOf(member(row, 'updated_at')) : null,
    result: completed ? known(GITHUB, member(row, 'conclusion')) : 'running',
    trigger: text(member(row, 'event')) ?? '',
    url: text(member(row, 'html_url')) ?? '',
  };
}

function gitlabRun(row: Json): PipelineRun | null {
  const startedAt = timeOf(member(row, 'created_at'));
  if (startedAt === null) return null;
  const result = known(GITLAB, member(row, 'status'));
  return {
    startedAt,
    finishedAt: result === 'running' ? null : timeOf(member(row, 'updated_at')),
    result,
    trigger: text(member(row, 'source')) ?? '',
    url: text(member(row, 'web_url')) ?? '',
  };
}

/** A list without an active schedule for the branch cannot explain runs that go on; it is said, not judged. */
function inactive(answer: SourceAnswer | undefined, gaps: Set<string>): void {
  const schedules = jsonOf(answer);
  if (!Array.isArray(schedules)) return;
  if (!list(schedules).some((one) => member(one, 'active') === true))
    gaps.add('sources.pipeline: no pipeline schedule of the project is active: it will not go on by itself');
}

function disabled(answer: SourceAnswer | undefined, gaps: Set<string>): void {
  const state = text(member(jsonOf(answer), 'state'));
  if (state !== null && state !== 'active')
    gaps.add(`sources.pipeline: the workflow is ${state.slice(0, 50)}: it will not go on by itself`);
}

/**
 * Any other system: `{"pipeline": "converge", "covers_from": "2026-11-20T00:00:00Z", "runs": [{"started_at": …,
 * "finished_at": …, "result": "success|failure|cancelled|running", "trigger": "schedule", "url": …}]}`.
 */
function fromStatus({ answers }: SourceEvidence, gaps: Set<string>): PipelineFacts | null {
  const body = object(jsonOf(answers[STATUS]));
  const runs = member(body ?? undefined, 'runs');
  if (body === null || !Array.isArray(runs)) return null;
  const coversFrom = timeOf(member(body, 'covers_from'));
  if (coversFrom === null)
    gaps.add('sources.pipeline: the status file has no covers_from: nothing tells whether runs are missing');
  return {
    pipeline: text(member(body, 'pipeline')) ?? 'status-file',
    coversFrom: coversFrom ?? Number.MAX_SAFE_INTEGER,
    runs: list(runs).flatMap((row): PipelineRun[] => {
      const startedAt = timeOf(member(row, 'started_at'));
      const result = text(member(row, 'result')) ?? '';
      if (startedAt === null) {
        gaps.add(
          'sources.pipeline: the status file holds a run without started_at (ISO 8601 with its offset)',
        );
        return [];
      }
      return [
        {
          startedAt,
          finishedAt: timeOf(member(row, 'finished_at')),
          result: OWN.has(result) ? (result as Result) : 'unknown',
          trigger: text(member(row, 'trigger')) ?? '',
          url: text(member(row, 'url')) ?? '',
        },
      ];
    }),
  };
}

function known(table: Readonly<Record<string, Result>>, value: Json | undefined): Result {
  return typeof value === 'string' && Object.hasOwn(table, value) ? (table[value] ?? 'unknown') : 'unknown';
}

/** ISO 8601 with an offset, milliseconds since the epoch. */
function timeOf(value: Json | undefined): number | null {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT[\d:.]{5,20}(?:Z|[+-]\d\d:\d\d)$/.test(value))
    return null;
  const parsed = Date.parse(value);
  return Number.isFinite(parsed) ? parsed : null;
}
