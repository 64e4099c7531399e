/** Throttled calls: the SDK gives up after some attempts, but what was asked for is still wanted. */
import { pause } from '../ssh/stop.js';
import { awsFailure } from './errors.js';
import type { Job } from './job.js';

/** Between two rounds of the SDK's own attempts, each of which waits longer than the one before. */
const REST_MS = 3000;

/**
 * Asks until there is another answer than "too many requests", for as long as one of the jobs waits. Meanwhile a job
 * whose time is up says what it waited for.
 * @param what the API call, for the sentence
 * @throws the SDK's error
 */
export async function patiently<T>(
  what: string,
  jobs: readonly Job[],
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      const answer = await ask();
      for (const job of jobs) job.waitFor(undefined);
      return answer;
    } catch (error) {
      const why = awsFailure(error, 'run', what);
      if (why.code !== 'aws-throttled') throw error;
      for (const job of jobs) job.waitFor(why);
      if (!(await pause(REST_MS, signal))) throw error;
    }
  }
}
