import { expect, test } from 'vitest';
import { pipelineCondition } from '../../src/closure/pipeline.js';
import type { PipelineRun } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';
import type { PipelineFacts } from '../../src/facts/types.js';

const NOW = new Date('2026-11-21T02:00:00Z');
const MINUTE = 60_000;

const run = (minutes: number, more: Partial<PipelineRun> = {}): PipelineRun => ({
  startedAt: NOW.getTime() - minutes * MINUTE,
  finishedAt: NOW.getTime() - (minutes - 5) * MINUTE,
  result: 'success',
  trigger: 'schedule',
  url: '',
  ...more,
});
const hourly = Array.from({ length: 25 }, (_, hour) => run(10 + hour * 60));
const reading = (
  runs: readonly PipelineRun[],
  hours = 48,
  gaps: readonly string[] = [],
): Reading<PipelineFacts> => ({
  ok: true,
  gaps,
  value: { pipeline: 'converge', runs, coversFrom: NOW.getTime() - hours * 60 * MINUTE },
});
const state = (given: Reading<PipelineFacts>) => pipelineCondition(given, NOW).state;
const without = (...hours: number[]) => hourly.filter((_, hour) => !hours.includes(hour));

test.each<[string, Reading<PipelineFacts>, string]>([
  ['hourly and green', reading(hourly), 'met'],
  [
    'a run that is still going counts for the cadence',
    reading([run(10, { result: 'running', finishedAt: null }), ...without(0)]),
    'met',
  ],
  [
    'a running run does not hide a red one',
    reading([
      run(10, { result: 'running', finishedAt: null }),
      run(70, { result: 'failure' }),
      ...without(0, 1),
    ]),
    'not-met',
  ],
  ['red earlier in the day', reading([...without(5), run(310, { result: 'failure' })]), 'met'],
  ['one hour left out', reading(without(7)), 'not-met'],
  ['nothing lately', reading(without(0, 1)), 'not-met'],
  ['nothing at the beginning of the day', reading(without(22, 23, 24)), 'not-met'],
  ['an hour filled by hand', reading([...without(7), run(430, { trigger: 'workflow_dispatch' })]), 'not-met'],
  ['no run at all', reading([]), 'not-met'],
  ['less than a day known', reading(hourly, 23), 'unproven'],
  ['less than a day known, and red', reading([run(10, { result: 'failure' })], 23), 'not-met'],
  ['gaps', reading(hourly, 48, ['an answer was cut']), 'unproven'],
  ['an outcome nobody knows', reading([run(10, { result: 'unknown' }), ...without(0)]), 'unproven'],
  ['not configured', { ok: false, reason: 'not-configured', detail: 'not configured' }, 'unproven'],
])('%s', (_, given, expected) => {
  expect(state(given)).toBe(expected);
});

test('runs after the clock are not seen', () => {
  expect(state(reading([run(-30, { result: 'failure' }), ...hourly]))).toBe('met');
});
