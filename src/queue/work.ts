/**
 * A worker: takes hosts of its environments from the queue, asks them with its own credentials, and sends sealed
 * evidence back. What it runs on a host is composed here, from its own files; a task only names it.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Job } from 'bullmq';
import pLimit from 'p-limit';
import { PROBES } from '../collector/probes.js';
import { messageOf } from '../errors.js';
import { writeWhole } from '../evidence/files.js';
import { gatherHost } from '../gather.js';
import { createLanes, createTurns, startRamp, whenThereIsRoom, type Pace } from '../gather/pace.js';
import type { Host, HostEvidence } from '../model.js';
import type { Limits, Transport } from '../transports/transport.js';
import { VERSION } from '../version.js';
import { fileNotice, packAnswer, type Sender, type Work } from './answer.js';
import type { JobWorker, QueueLink } from './link.js';
import {
  aloneName,
  answerFile,
  keys,
  MOST_THROUGH_QUEUE,
  parseEnvelope,
  parseSender,
  parseTask,
  PREFIX,
  QUEUE_PROTOCOL,
  queueName,
  tighter,
  type AnyTask,
  type Task,
} from './protocol.js';
import { sameMac, taskMac } from './seal.js';

export interface WorkOptions {
  readonly link: QueueLink;
  /** Whose hosts it takes. Empty: those without an environment. */
  readonly environments: readonly string[];
  readonly transportFor: (host: Host) => Transport;
  readonly concurrency: number;
  readonly pace: Pace;
  /** Upper bounds, whatever a task asks for. */
  readonly limits: Limits;
  /** The folder shared with the coordinator. */
  readonly folder?: string;
  /** How long it may be silent before its hosts are given to another. Milliseconds. */
  readonly lockMs: number;
  readonly queueKey?: string;
  readonly say: (line: string) => void;
}

export interface Working {
  /** Takes no further host, and resolves when those in hand are answered. */
  stop(): Promise<void>;
}

/** How often a host is given out again after its worker was lost, first among others and then again alone. */
const MOST_STALLED = 1;
const ALIVE_EVERY_MS = 5000;
const ALIVE_FOR_MS = 20_000;
/** How long answers wait for a coordinator that went away. Seconds. */
const ANSWERS_KEPT_S = 24 * 3600;

export async function startWork(options: WorkOptions): Promise<Working> {
  const { link, environments, concurrency, lockMs, pace, say } = options;
  const id = `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`;
  const queues = environments.length === 0 ? [queueName(undefined)] : environments.map(queueName);
  const fleet = pLimit(concurrency);
  const ramp = startRamp(fleet, concurrency);
  const inLane = createLanes(fleet, pace);
  const turn = createTurns(pace.rate);
  const never = new AbortController();

  const take = async (queue: string, job: Job): Promise<void> => {
    const { queueKey, folder } = options;
    const taken = readTask(job, { queue, queueKey, folder, worker: id });
    if (taken === null)
      return say(`a job that is none of ours was left alone: ${String(job.id).slice(0, 100)}`);
    const { task, host, sender, run, returns } = taken;
    if (task === null || host === null) {
      say(`refused ${sender.job}: ${taken.why}`);
      return deliver({ kind: 'refused', why: taken.why }, queue, run, returns, sender, options);
    }
    const ask = async (): Promise<HostEvidence> => {
      await turn(never.signal);
      return gatherHost(host, {
        transportFor: options.transportFor,
        probes: PROBES.filter(({ name }) => task.probes.includes(name)),
        parameters: task.parameters,
        limits: tighter(task.limits, options.limits),
        signal: never.signal,
        ...(task.forced && { forced: true }),
      });
    };
    const evidence = await whenThereIsRoom<HostEvidence>(
      (turnOf) => inLane(host, turnOf),
      never.signal,
      async (mayAskAgain) => {
        const begun = ramp.begun();
        const answer = await ask();
        const short = answer.failure?.code === 'local-resources';
        if (short) ramp.shortage(begun);
        if (!answer.failure) ramp.answered();
        return short && mayAskAgain ? 'again' : answer;
      },
    );
    await deliver({ kind: 'evidence', evidence }, queue, run, returns, sender, options);
  };

  const open = (name: string, queue: string, atATime: number): JobWorker => {
    const worker = new link.bullmq.Worker(name, (job) => take(queue, job), {
      connection: link.redis,
      prefix: PREFIX,
      concurrency: atATime,
      lockDuration: lockMs,
      stalledInterval: lockMs,
      maxStalledCount: MOST_STALLED,
      skipVersionCheck: true,
    });
    // A queue that is away is told of by the link; this is what is left.
    worker.on('error', (error) => say(`the queue: ${messageOf(error)}`));
    worker.on('failed', (job, error) => say(`${String(job?.id)}: ${messageOf(error)}`));
    return worker;
  };
  const workers = queues.flatMap((queue) => [
    open(queue, queue, concurrency),
    open(aloneName(queue), queue, 1),
  ]);
  const sayAlive = async (): Promise<void> => {
    const about = JSON.stringify({ protocol: QUEUE_PROTOCOL, version: VERSION });
    for (const queue of queues)
      await link.redis
        .multi()
        .set(keys.worker(queue, id), about, 'PX', ALIVE_FOR_MS)
        .sadd(keys.workers(queue), id)
        .pexpire(keys.workers(queue), ANSWERS_KEPT_S * 1000)
        .exec();
  };
  const alive = setInterval(() => void sayAlive().catch(() => undefined), ALIVE_EVERY_MS);
  await sayAlive();
  return {
    async stop() {
      await Promise.all(workers.map((worker) => worker.close()));
      clearInterval(alive);
      ramp.stop();
      for (const queue of queues)
        await link.redis.multi().del(keys.worker(queue, id)).srem(keys.workers(queue), id).exec();
    },
  };
}

interface Taken {
  readonly task: Task | null;
  readonly host: Host | null;
  readonly why: string;
  readonly sender: Sender;
  readonly run: string;
  readonly returns: Task['returns'];
}

/** Null when it does not even say who asked. */
function readTask(
  job: Pick<Job, 'id' | 'data'>,
  own: {
    readonly queue: string;
    readonly worker: string;
    readonly queueKey: string | undefined;
    readonly folder: string | undefined;
  },
): Taken | null {
  const envelope = parseEnvelope(job.data);
  const asker = envelope.ok ? parseSender(envelope.value.task) : envelope;
  if (!envelope.ok || !asker.ok) return null;
  const { run, recipient, returns } = asker.value;
  const { queueKey, worker } = own;
  const sender = { job: job.id ?? '', worker, recipient, ...(queueKey !== undefined && { queueKey }) };
  const refused = (why: string): Taken => ({
    task: null,
    host: null,
    why: `worker ${worker}: ${why}`,
    sender,
    run,
    // Where there is no shared folder, the refusal comes through the queue.
    returns: 'queue',
  });
  const { task: text, mac } = envelope.value;
  if (queueKey !== undefined && (mac === undefined || !sameMac(mac, taskMac(text, queueKey))))
    return refused('the task does not come from somebody with its queue key');
  if (queueKey === undefined && mac !== undefined)
    return refused('the run uses a queue key, and the worker has none');
  const different = differentVersion(asker.value);
  if (different !== null) return refused(different);
  const task = parseTask(JSON.parse(text));
  if (!task.ok) return refused(`the task is not of the form it should have: ${task.why}`);
  if (queueName(task.value.host.environment) !== own.queue)
    return refused('the host is not of the environment whose queue it came through');
  const unknown = task.value.probes.find((name) => !PROBES.some((probe) => probe.name === name));
  if (unknown !== undefined) return refused(`it has no probe ${JSON.stringify(unknown)}`);
  if (returns === 'folder' && own.folder === undefined)
    return refused('the run wants its evidence in a shared folder, and the worker has no --queue-folder');
  return {
    task: task.value,
    host: hostOf(task.value, queueKey !== undefined),
    why: '',
    sender,
    run,
    returns,
  };
}

function differentVersion({ protocol, version }: AnyTask): string | null {
  if (protocol !== QUEUE_PROTOCOL)
    return `it speaks protocol ${QUEUE_PROTOCOL} (ssh-scorecard ${VERSION}), the run protocol ${protocol} (ssh-scorecard ${version})`;
  return version === VERSION
    ? null
    : `it is ssh-scorecard ${VERSION}, the run is of ssh-scorecard ${version}`;
}

/** @param pins whether host keys named by the task are believed; else known_hosts of this machine decides alone. */
function hostOf({ host }: Task, pins: boolean): Host {
  const { hostKeys, ...rest } = host;
  return {
    ...rest,
    tags: [],
    jump: [],
    hostKeys: pins ? hostKeys : [],
    allowedPrincipals: { adm: [], agt: [], atm: [] },
    at: { file: 'queue', line: 1, column: 1 },
  };
}

async function deliver(
  work: Work,
  queue: string,
  run: string,
  returns: Task['returns'],
  sender: Sender,
  { link, folder }: WorkOptions,
): Promise<void> {
  let message = await packAnswer(work, sender);
  if (returns === 'folder' && folder !== undefined) {
    await writeWhole(join(folder, answerFile(sender.job)), message);
    message = fileNotice(sender);
  } else if (message.length > MOST_THROUGH_QUEUE && work.kind === 'evidence')
    message = await packAnswer({ kind: 'evidence', evidence: tooLarge(work.evidence) }, sender);
  const list = keys.answers(queue, run);
  const replies = await link.redis.multi().lpush(list, message).expire(list, ANSWERS_KEPT_S).exec();
  const failed = replies?.find(([error]) => error)?.[0];
  if (replies === null || failed) throw failed ?? new Error('the queue did not take the answer');
}

function tooLarge(evidence: HostEvidence): HostEvidence {
  return {
    ...evidence,
    probes: {},
    failure: {
      code: 'too-much-output',
      phase: 'run',
      detail: `its evidence is more than ${MOST_THROUGH_QUEUE / 1024 / 1024} MiB packed, which the queue does not carry`,
      hint: 'use --queue-folder',
    },
  };
}
