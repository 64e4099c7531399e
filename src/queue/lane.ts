/** One environment's queue as the coordinator sees it: hosts that are out, their jobs, and who is there to take them. */
import type { Host } from '../model.js';
import type { Jobs, QueueLink } from './link.js';
import { envelopeOf, keys, type Task } from './protocol.js';

export interface Out {
  readonly host: Host;
  readonly task: Task;
  /** How often it was put into the queue. */
  given: number;
  /** Its workers were lost: it is asked with no other beside it. */
  alone: boolean;
}

export interface Lane {
  readonly queue: string;
  readonly environment: string | undefined;
  readonly jobs: Jobs;
  /** Of hosts that are asked one at a time. */
  readonly aloneJobs: Jobs;
  /** By job ID; a host leaves it when its evidence is here. */
  readonly out: Map<string, Out>;
  /** When a worker was last seen, by the monotonic clock. Milliseconds. */
  seen: number;
  /** Where the last look at the jobs ended. */
  next: number;
}

/** Jobs looked at, or added, in one go. */
const AT_ONCE = 500;

/** Puts hosts into the queue; those that are in it already stay as they are. */
export async function give(
  lane: Pick<Lane, 'jobs' | 'aloneJobs'>,
  outs: readonly (readonly [string, Out])[],
  queueKey: string | undefined,
): Promise<void> {
  await add(
    lane.jobs,
    outs.filter(([, one]) => !one.alone),
    queueKey,
  );
  await add(
    lane.aloneJobs,
    outs.filter(([, one]) => one.alone),
    queueKey,
  );
}

async function add(
  jobs: Jobs,
  outs: readonly (readonly [string, Out])[],
  queueKey: string | undefined,
): Promise<void> {
  for (let from = 0; from < outs.length; from += AT_ONCE)
    await jobs.addBulk(
      outs.slice(from, from + AT_ONCE).map(([id, one]) => {
        one.given += 1;
        return {
          name: 'host',
          data: envelopeOf(one.task, queueKey),
          opts: {
            jobId: id,
            attempts: 3,
            backoff: { type: 'exponential', delay: 1000 },
            removeOnComplete: true,
            removeOnFail: { age: 24 * 3600 },
            stackTraceLimit: 0,
          },
        };
      }),
    );
}

/** Takes jobs out of the queue; one that a worker has in hand stays until it is done. */
export async function withdraw(
  { jobs, aloneJobs }: Pick<Lane, 'jobs' | 'aloneJobs'>,
  ids: readonly string[],
): Promise<void> {
  for (let from = 0; from < ids.length; from += AT_ONCE)
    await Promise.all(
      ids.slice(from, from + AT_ONCE).flatMap((id) => [jobs.remove(id), aloneJobs.remove(id)]),
    );
}

/** Jobs that are not there any more, and jobs that failed with why; the next ones in turn. */
export async function troubled(lane: Lane): Promise<{
  readonly missing: readonly string[];
  readonly failed: readonly (readonly [id: string, why: string])[];
}> {
  const all = [...lane.out];
  if (lane.next >= all.length) lane.next = 0;
  const some = all.slice(lane.next, lane.next + AT_ONCE);
  lane.next += AT_ONCE;
  const states = await Promise.all(
    some.map(async ([id, { alone }]) => {
      const jobs = alone ? lane.aloneJobs : lane.jobs;
      return { id, jobs, state: await jobs.getJobState(id) };
    }),
  );
  const failed = await Promise.all(
    states
      .filter(({ state }) => state === 'failed')
      .map(async ({ id, jobs }) => [id, (await jobs.getJob(id))?.failedReason ?? ''] as const),
  );
  return { missing: states.flatMap(({ id, state }) => (state === 'unknown' ? [id] : [])), failed };
}

/** Whether a worker of this queue gave a sign of life lately. */
export async function workerThere({ redis }: QueueLink, queue: string): Promise<boolean> {
  const ids = (await redis.smembers(keys.workers(queue))).slice(0, 10_000);
  if (ids.length === 0) return false;
  const signs = await redis.mget(ids.map((id) => keys.worker(queue, id)));
  const gone = ids.filter((_, index) => signs[index] === null);
  if (gone.length > 0) await redis.srem(keys.workers(queue), ...gone);
  return gone.length < ids.length;
}
