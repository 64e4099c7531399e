/**
 * The fan-out through a queue: hosts go out to the workers of their environments, evidence comes back, each host is
 * handed over exactly once. Jobs are delivered at least once: what comes twice is dropped, what was lost is given out
 * again, and what cannot be had within its bounds is a row with its reason.
 */
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FanOut } from '../gather/fleet.js';
import { messageOf, UserError } from '../errors.js';
import { gather, NOT_ASKED, type GatherOptions } from '../gather.js';
import { interleave } from '../gather/pace.js';
import { VERSION } from '../version.js';
import { give, withdraw, type Lane, type Out } from './lane.js';
import { openJobs, openQueue, type QueueLink } from './link.js';
import { look, LOOK_EVERY_MS, remind } from './look.js';
import {
  aloneName,
  isQueued,
  jobId,
  keys,
  QUEUE_PROTOCOL,
  queueName,
  taskHost,
  type Task,
} from './protocol.js';
import { createRecipient, type Recipient } from './seal.js';
import { giveUp, takeAnswers, type CoordinateOptions, type State } from './take.js';

const POLL_MS = 150;
const REMIND_EVERY_MS = 30_000;
const CLEAN_UP_MS = 5000;

/** Hosts of transports that workers do not have are asked from here, as without a queue. */
export function queueFanOut(options: CoordinateOptions): FanOut {
  return async (asked, run) => {
    const own = asked.hosts.filter((host) => !isQueued(host));
    const link = await openQueue(options.address, options.say);
    try {
      await Promise.all([gather({ ...asked, hosts: own }), coordinate(link, asked, run, options)]);
    } finally {
      link.close();
    }
  };
}

async function coordinate(
  link: QueueLink,
  asked: GatherOptions,
  run: string,
  options: CoordinateOptions,
): Promise<void> {
  const recipient = createRecipient();
  const lanes = lanesOf(link, asked, run, options, recipient);
  const state: State = { link, asked, run, options, recipient, lanes, keeping: Promise.resolve() };
  const { deadlineMs } = asked.pace ?? {};
  const late = deadlineMs === undefined ? undefined : AbortSignal.timeout(deadlineMs);
  const stop = late ? AbortSignal.any([asked.signal, late]) : asked.signal;
  try {
    await untilStopped(stop, begin(state), options.waitMs);
    await collect(state, stop);
  } catch (error) {
    if (!stop.aborted || state.broken !== undefined) throw error;
  }
  if (!stop.aborted) return cleanUp(state);
  const failure = asked.signal.aborted ? NOT_ASKED.cancelled : NOT_ASKED.deadline;
  await state.keeping;
  await cleanUp(state);
  for (const lane of state.lanes) for (const id of lane.out.keys()) await giveUp(state, lane, id, failure);
}

function lanesOf(
  link: QueueLink,
  asked: GatherOptions,
  run: string,
  options: CoordinateOptions,
  recipient: Recipient,
): Lane[] {
  const lanes = new Map<string, Lane>();
  const { wrappers, loginWindowDays } = asked.parameters;
  const common: Omit<Task, 'host'> = {
    protocol: QUEUE_PROTOCOL,
    version: VERSION,
    run,
    probes: asked.probes.map(({ name }) => name),
    parameters: { wrappers: [...wrappers], loginWindowDays },
    limits: { ...asked.limits },
    recipient: recipient.publicKey,
    returns: options.folder === undefined ? 'queue' : 'folder',
    ...(asked.forced && { forced: true as const }),
  };
  for (const host of interleave(asked.hosts, asked.pace?.bastionOf).filter(isQueued)) {
    const queue = queueName(host.environment);
    const lane = lanes.get(queue) ?? {
      queue,
      environment: host.environment,
      jobs: openJobs(link, queue),
      aloneJobs: openJobs(link, aloneName(queue)),
      out: new Map<string, Out>(),
      seen: performance.now(),
      next: 0,
    };
    lane.out.set(jobId(run, host.name), {
      host,
      task: { ...common, host: taskHost(host) },
      given: 0,
      alone: false,
    });
    lanes.set(queue, lane);
  }
  return [...lanes.values()];
}

/** What an earlier coordinator of this run left is of no use: it was sealed for a key that is gone. */
async function begin({ link, run, lanes, options }: State): Promise<void> {
  for (const lane of lanes) {
    await link.redis.del(keys.answers(lane.queue, run));
    await withdraw(lane, [...lane.out.keys()]);
    await give(lane, [...lane.out], options.queueKey);
  }
}

async function collect(state: State, stop: AbortSignal): Promise<void> {
  let looked = performance.now();
  let reached = looked;
  let reminded = looked - REMIND_EVERY_MS + 5000;
  for (; state.lanes.some(({ out }) => out.size > 0);) {
    const now = performance.now();
    try {
      const came = await untilStopped(stop, takeAnswers(state, stop), state.options.waitMs);
      if (now - looked > LOOK_EVERY_MS) {
        looked = now;
        await untilStopped(stop, look(state, stop), state.options.waitMs);
      }
      reached = performance.now();
      if (came > 0) continue;
    } catch (error) {
      if (stop.aborted) throw error;
      if (state.broken !== undefined) throw state.broken;
      if (performance.now() - reached > state.options.waitMs)
        throw new UserError('queue-lost', `the queue was lost: ${messageOf(error)}`, {
          hint: 'evidence that came is kept: go on with run --resume RUN --queue URL',
          cause: error,
        });
    }
    if (now - reminded > REMIND_EVERY_MS) {
      reminded = now;
      remind(state, now);
    }
    await sleep(POLL_MS, undefined, { signal: stop });
  }
}

/** Nobody shall work for a run that is over. What cannot be removed in time ends by itself. */
async function cleanUp({ link, lanes, run, options }: State): Promise<void> {
  const removing = (async () => {
    for (const lane of lanes) {
      await withdraw(lane, [...lane.out.keys()]);
      await link.redis.del(keys.answers(lane.queue, run));
    }
    if (options.folder !== undefined) await sweep(options.folder, run);
  })();
  await Promise.race([removing.catch(() => undefined), sleep(CLEAN_UP_MS, undefined, { ref: false })]);
}

/** Answers of this run that came twice, or too late. */
async function sweep(folder: string, run: string): Promise<void> {
  const left = (await readdir(folder)).filter(
    (name) => name.startsWith(`${run}.`) && name.endsWith('.answer'),
  );
  for (const name of left) await unlink(join(folder, name)).catch(() => undefined);
}

/** Rejects when `stop` aborts, or after `mostMs`: commands to a queue that is away wait as long as it is. */
function untilStopped<T>(stop: AbortSignal, work: Promise<T>, mostMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (): void => {
      clearTimeout(timer);
      stop.removeEventListener('abort', stopped);
    };
    const fail = (why: string): void => {
      ended();
      reject(new Error(why));
    };
    const stopped = (): void => fail('stopped');
    const timer = setTimeout(() => fail('it gave no answer'), mostMs);
    stop.addEventListener('abort', stopped);
    if (stop.aborted) stopped();
    work.then(resolve, reject).finally(ended);
  });
}
