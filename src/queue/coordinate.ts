/**
 * The fan-out through a queue: hosts go out to the workers of their environments, evidence comes back, each host is
 * handed over exactly once. Jobs are delivered at least once: what comes twice is dropped, what was lost is given out
 * again, and what cannot be had within its bounds is a row with its reason.
 */
import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FanOut } from '../audit.js';
import { messageOf, UserError } from '../errors.js';
import { LIMITS, readBounded } from '../evidence/files.js';
import { gather, NOT_ASKED, type GatherOptions } from '../gather.js';
import { interleave } from '../gather/pace.js';
import type { GatherFailure, Host, HostEvidence } from '../model.js';
import { VERSION } from '../version.js';
import { unpackAnswer, type Work } from './answer.js';
import { give, troubled, withdraw, workerThere, type Lane, type Out } from './lane.js';
import { openJobs, openQueue, type QueueAddress, type QueueLink } from './link.js';
import {
  aloneName,
  answerFile,
  decodeAnswer,
  isQueued,
  jobId,
  keys,
  QUEUE_PROTOCOL,
  queueName,
  taskHost,
  type Task,
} from './protocol.js';
import { createRecipient, type Recipient } from './seal.js';

export interface CoordinateOptions {
  readonly address: QueueAddress;
  readonly queueKey?: string;
  /** Folder shared with the workers; absent: evidence comes through the queue. */
  readonly folder?: string;
  /** How long hosts wait while no worker of their environment is there, and how long a lost queue is waited for. Milliseconds. */
  readonly waitMs: number;
  readonly say: (line: string) => void;
}

const POLL_MS = 150;
const LOOK_EVERY_MS = 1000;
const REMIND_EVERY_MS = 30_000;
/** How often one host is put into the queue, lost ones included. */
const MOST_GIVEN = 3;
/** What BullMQ says of a job whose worker was lost too often. */
const STALLED = /stalled/;
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

interface State {
  readonly link: QueueLink;
  readonly asked: GatherOptions;
  readonly run: string;
  readonly options: CoordinateOptions;
  readonly recipient: Recipient;
  readonly lanes: readonly Lane[];
  /** What is being handed over; it failed when keeping evidence failed, and then the run has. */
  keeping: Promise<void>;
  broken?: unknown;
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

/** Everything that came, one by one: what is not yet kept stays in the queue. */
async function takeAnswers(state: State, stop: AbortSignal): Promise<number> {
  let came = 0;
  for (const lane of state.lanes) {
    const list = keys.answers(lane.queue, state.run);
    for (; !stop.aborted;) {
      const bytes = await state.link.redis.lindexBuffer(list, -1);
      if (bytes === null) break;
      await takeAnswer(state, lane, bytes, stop);
      await state.link.redis.ltrim(list, 0, -2);
      came += 1;
    }
  }
  return came;
}

async function takeAnswer(state: State, lane: Lane, bytes: Buffer, stop: AbortSignal): Promise<void> {
  const { options, recipient } = state;
  const answer = decodeAnswer(bytes);
  const id = answer?.header.job ?? '';
  const one = lane.out.get(id);
  // Nobody's, or somebody's who is done: delivered twice.
  if (answer === null || !one) return;
  const filed = answer.header.kind === 'file' && options.folder !== undefined;
  const path = filed ? join(options.folder, answerFile(id)) : undefined;
  const whole = path === undefined ? bytes : await readBounded(path, LIMITS.host).catch(() => null);
  const work = whole && (await unpackAnswer(whole, id, recipient, options.queueKey));
  if (path !== undefined) await unlink(path).catch(() => undefined);
  // The run ended meanwhile: this host got its row, or is about to.
  if (stop.aborted) return;
  if (!work || (work.kind === 'evidence' && work.evidence.host !== one.host.name))
    return options.say(
      `an answer for ${one.host.name} could not be used: it was not made for this run and its queue key`,
    );
  lane.out.delete(id);
  lane.seen = performance.now();
  await keep(state, evidenceOf(work, one.host), one.host);
}

function evidenceOf(work: Work, host: Host): HostEvidence {
  if (work.kind === 'evidence') return work.evidence;
  return failed(host, {
    code: 'worker-refused',
    phase: 'connect',
    detail: work.why,
    hint: 'run the same version, with the same queue key and folder, on every machine',
  });
}

function failed(host: Host, failure: GatherFailure): HostEvidence {
  const now = new Date().toISOString();
  return { schema: 1, host: host.name, startedAt: now, finishedAt: now, probes: {}, failure };
}

/** Jobs that are lost or failed, and environments nobody works for. */
async function look(state: State, stop: AbortSignal): Promise<void> {
  const { link, options } = state;
  for (const lane of state.lanes) {
    if (lane.out.size === 0) continue;
    const { missing, failed: broken } = await troubled(lane);
    // What is missing may just have been answered: what is there is taken first.
    if (missing.length > 0) await takeAnswers(state, stop);
    const again: [string, Out][] = [];
    for (const id of missing) {
      const one = lane.out.get(id);
      if (one && one.given < MOST_GIVEN) again.push([id, one]);
      else if (one)
        await giveUp(state, lane, id, lost('its answers could not be used, or got lost on the way'));
    }
    await give(lane, again, options.queueKey);
    for (const [id, why] of broken) {
      const one = lane.out.get(id);
      await withdraw(lane, [id]);
      if (one && !one.alone && STALLED.test(why)) {
        one.alone = true;
        await give(lane, [[id, one]], options.queueKey);
      } else await giveUp(state, lane, id, lost(why));
    }
    const now = performance.now();
    if (await workerThere(link, lane.queue)) lane.seen = now;
    if (now - lane.seen <= options.waitMs) continue;
    const ids = [...lane.out.keys()];
    await withdraw(lane, ids);
    for (const id of ids) await giveUp(state, lane, id, nobody(lane, options.waitMs));
  }
}

function lost(why: string): GatherFailure {
  const detail = STALLED.test(why)
    ? 'every worker that took this host was lost while it asked it, also when it had no other in hand'
    : `no worker could answer for this host: ${why.slice(0, 500)}`;
  return {
    code: 'worker-lost',
    phase: 'run',
    detail,
    hint: 'gather this host alone, with gather --host, and see what it does',
  };
}

function nobody({ environment }: Lane, waitMs: number): GatherFailure {
  const who = environment === undefined ? 'hosts without an environment' : `environment ${environment}`;
  return {
    code: 'no-worker',
    phase: 'connect',
    detail: `no worker for ${who} was there for ${Math.round(waitMs / 1000)} s`,
    hint: startHint(environment),
  };
}

function startHint(environment: string | undefined): string {
  return `start one: ssh-scorecard worker --queue URL${environment === undefined ? '' : ` --environment ${environment}`}`;
}

function remind({ lanes, options }: State, now: number): void {
  for (const { out, environment, seen } of lanes)
    if (out.size > 0 && now - seen > 3 * LOOK_EVERY_MS)
      options.say(`${out.size} hosts wait for a worker: ${startHint(environment)}`);
}

/** A row with a reason instead of evidence. */
async function giveUp(state: State, lane: Lane, id: string, failure: GatherFailure): Promise<void> {
  const one = lane.out.get(id);
  if (!one) return;
  lane.out.delete(id);
  await keep(state, failed(one.host, failure), one.host);
}

/** Hands one host over. What fails here is no fault of the queue, and is not tried again. */
async function keep(state: State, evidence: HostEvidence, host: Host): Promise<void> {
  const keeping = (async () => state.asked.onHost(evidence, host))();
  state.keeping = keeping.catch((error: unknown) => {
    state.broken ??= error;
  });
  await keeping;
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
