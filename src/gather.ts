/**
 * The fan-out: every host once, in parallel, each by one connection and one exec. Hands over each host's evidence
 * as it finishes and keeps none of it; never throws for anything a host does.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import { command, compose, composeBytes, type ScriptParameters } from './collector/compose.js';
import { differing, FORCED_COMMAND, forcedInput } from './collector/forced.js';
import { readFrames } from './collector/frames.js';
import { PROBES, type ProbeSpec } from './collector/probes.js';
import { explainRefusal } from './collector/refusals.js';
import { messageOf } from './errors.js';
import {
  createBudget,
  createLanes,
  createTurns,
  interleave,
  startRamp,
  whenThereIsRoom,
  type Pace,
} from './gather/pace.js';
import type { GatherFailure, Host, HostEvidence } from './model.js';
import type { Limits, RunResult, Transport } from './transports/transport.js';

export interface GatherOptions {
  readonly hosts: readonly Host[];
  readonly transportFor: (host: Host) => Transport;
  readonly probes: readonly ProbeSpec[];
  readonly parameters: ScriptParameters;
  /** Hosts run their own copy of the collector, and are sent its parameters only. */
  readonly forced?: boolean;
  readonly concurrency: number;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** What bastions, networks and the clock allow beside `concurrency`. */
  readonly pace?: Pace;
  /** Called once per host, in finishing order. Awaited: a slow disk slows the fan-out instead of filling memory. */
  readonly onHost: (evidence: HostEvidence, host: Host) => void | Promise<void>;
}

/** Why a host was not asked at all. */
export const NOT_ASKED = {
  cancelled: {
    code: 'cancelled',
    phase: 'connect',
    detail: 'the run was interrupted before this host was asked',
  },
  deadline: {
    code: 'deadline',
    phase: 'connect',
    detail: 'the deadline of the run came before this host was asked',
    hint: 'give a later --deadline, more --concurrency, or finish with run --resume',
  },
} as const satisfies Record<string, GatherFailure>;

export async function gather(options: GatherOptions): Promise<void> {
  const { pace = {}, limits } = options;
  // What `onHost` throws (a full disk) ends the run: nobody else is asked for an answer that cannot be kept.
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  // Every host in flight listens for the interrupt.
  setMaxListeners(0, signal);
  const limit = pLimit(Math.max(1, options.concurrency));
  const ramp = startRamp(limit, Math.max(1, options.concurrency));
  const inLane = createLanes(limit, pace);
  const turn = createTurns(pace.rate);
  const budget = createBudget(pace.deadlineMs, options.hosts.length);
  const stop = budget.over ? AbortSignal.any([signal, budget.over]) : signal;
  setMaxListeners(0, stop);
  const once = async (host: Host, mayAskAgain: boolean): Promise<'done' | 'again'> => {
    await turn(stop);
    const begun = ramp.begun();
    const totalMs = budget.share(limits.totalMs, limit.concurrency);
    const evidence = await gatherHost(host, { ...options, signal, limits: { ...limits, totalMs } });
    if (evidence.failure?.code === 'local-resources') {
      // Our own shortage: fewer at a time, and this host again later. It must not count against the host.
      ramp.shortage(begun);
      if (mayAskAgain && !stop.aborted) return 'again';
    }
    if (broken.signal.aborted) return 'done';
    if (!evidence.failure) ramp.answered();
    await options.onHost(totalMs < limits.totalMs ? cutShort(evidence, totalMs) : evidence, host);
    return 'done';
  };
  const one = (host: Host): Promise<'done'> =>
    whenThereIsRoom(
      (task) => inLane(host, task),
      stop,
      (mayAskAgain) => once(host, mayAskAgain),
    );
  try {
    const ended = await Promise.allSettled(
      interleave(options.hosts, pace.bastionOf).map((host) =>
        one(host).catch((error: unknown) => {
          broken.abort();
          throw error;
        }),
      ),
    );
    const failed = ended.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    ramp.stop();
    budget.stop();
  }
}

/** A host that ran into its share of the deadline, not into its own time limit. */
function cutShort(evidence: HostEvidence, shareMs: number): HostEvidence {
  if (evidence.failure?.code !== 'total-timeout') return evidence;
  const detail = `stopped after ${(shareMs / 1000).toFixed(1)} s, its share of the time until --deadline`;
  return {
    ...evidence,
    failure: { ...evidence.failure, code: 'deadline', detail, hint: NOT_ASKED.deadline.hint },
  };
}

/** Gathers one host, now. Never rejects: whatever happens is in the evidence. */
export async function gatherHost(
  host: Host,
  options: Pick<GatherOptions, 'transportFor' | 'probes' | 'parameters' | 'forced' | 'limits' | 'signal'>,
): Promise<HostEvidence> {
  const startedAt = new Date().toISOString();
  const done = (rest: Pick<HostEvidence, 'probes'> & Partial<HostEvidence>): HostEvidence => ({
    schema: 1,
    host: host.name,
    startedAt,
    finishedAt: new Date().toISOString(),
    ...rest,
  });
  if (options.signal.aborted) return done({ probes: {}, failure: NOT_ASKED.cancelled });
  if (options.limits.totalMs <= 0) return done({ probes: {}, failure: NOT_ASKED.deadline });
  const nonce = randomBytes(16).toString('hex');
  try {
    const { limits, signal, parameters } = options;
    // A forced command is a thing of SSH: no login, no force-command.
    const forced = options.forced === true && host.transport !== 'local' && host.transport !== 'ssm';
    const how = { probes: options.probes, forced };
    const result = await options.transportFor(host).run({
      host,
      command: forced ? FORCED_COMMAND : command(host.become),
      ...(forced
        ? { stdin: forcedInput(nonce, parameters) }
        : {
            stdin: compose(options.probes, nonce, parameters),
            stdinBytes: composeBytes(options.probes, nonce, parameters),
          }),
      limits,
      signal,
    });
    if (!result.recorded) return done(interpret(result, result.nonce ?? nonce, how));
    const { at, nonce: own } = result.recorded;
    return { ...done(interpret(result, own, how)), startedAt: at, finishedAt: at };
  } catch (error) {
    // A transport must not throw; if it does, that is our bug, and still only this host's row.
    return done({
      probes: {},
      failure: { code: 'internal', phase: 'run', detail: `internal error: ${messageOf(error)}` },
    });
  }
}

/** From what the transport brought back to evidence. The earliest cause wins: a lost connection explains a missing end frame. */
function interpret(
  result: RunResult,
  nonce: string,
  { probes, forced }: Pick<GatherOptions, 'probes' | 'forced'>,
): Pick<HostEvidence, 'probes' | 'collector' | 'connection' | 'handshake' | 'failure'> {
  // A collector of the host's own, or one that ran earlier, runs everything.
  const whole = forced || result.recorded !== undefined;
  const frames = readFrames(result.stdout, nonce, whole ? PROBES : probes);
  const failure =
    result.failure ??
    (forced && frames.collector ? differing(frames.collector.script) : undefined) ??
    whyNoFrames(result, frames.failure);
  return {
    probes: frames.probes,
    ...(frames.collector && { collector: frames.collector }),
    ...(result.connection && { connection: result.connection }),
    ...(result.handshake && { handshake: result.handshake }),
    ...(failure && { failure }),
  };
}

function whyNoFrames(result: RunResult, failure: GatherFailure | undefined): GatherFailure | undefined {
  return failure?.code === 'no-frames'
    ? explainRefusal(result.stderr, result.stdout, result.exitCode)
    : failure;
}
