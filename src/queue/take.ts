/** What a coordinator knows, and how answers become evidence: one for each host, whatever comes how often. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS, readBounded } from '../evidence/files.js';
import type { GatherOptions } from '../gather.js';
import type { GatherFailure, Host, HostEvidence } from '../model.js';
import { unpackAnswer, type Work } from './answer.js';
import type { Lane } from './lane.js';
import type { QueueAddress, QueueLink } from './link.js';
import { answerFile, decodeAnswer, keys } from './protocol.js';
import type { Recipient } from './seal.js';

export interface CoordinateOptions {
  readonly address: QueueAddress;
  readonly queueKey?: string;
  /** Folder shared with the workers; absent: evidence comes through the queue. */
  readonly folder?: string;
  /** How long hosts wait while no worker of their environment is there, and how long a lost queue is waited for. Milliseconds. */
  readonly waitMs: number;
  readonly say: (line: string) => void;
}

export interface State {
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

/** Everything that came, one by one: what is not yet kept stays in the queue. */
export async function takeAnswers(state: State, stop: AbortSignal): Promise<number> {
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

/** A row with a reason instead of evidence. */
export async function giveUp(state: State, lane: Lane, id: string, failure: GatherFailure): Promise<void> {
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
