/**
 * The fan-out: every host once, in parallel, each by one connection and one exec. Hands over each host's evidence
 * as it finishes and keeps none of it; never throws for anything a host does.
 */
import { randomBytes } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit from 'p-limit';
import { command, compose, type ScriptParameters } from './collector/compose.js';
import { readFrames } from './collector/frames.js';
import type { ProbeSpec } from './collector/probes.js';
import { explainRefusal } from './collector/refusals.js';
import { messageOf } from './errors.js';
import type { GatherFailure, Host, HostEvidence } from './model.js';
import type { Limits, RunResult, Transport } from './transports/transport.js';

export interface GatherOptions {
  readonly hosts: readonly Host[];
  readonly transportFor: (host: Host) => Transport;
  readonly probes: readonly ProbeSpec[];
  readonly parameters: ScriptParameters;
  readonly concurrency: number;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  /** Called once per host, in finishing order. Awaited: a slow disk slows the fan-out instead of filling memory. */
  readonly onHost: (evidence: HostEvidence, host: Host) => void | Promise<void>;
}

/** How often a host is put back when this machine, not the host, ran out of sockets or files. */
const LOCAL_RETRIES = 4;

export async function gather(options: GatherOptions): Promise<void> {
  // Every host in flight listens for the interrupt.
  setMaxListeners(0, options.signal);
  const limit = pLimit(Math.max(1, options.concurrency));
  const one = async (host: Host, attempt = 0): Promise<void> => {
    const evidence = await gatherHost(host, options);
    if (evidence.failure?.code === 'local-resources' && attempt < LOCAL_RETRIES && !options.signal.aborted) {
      // Our own shortage: fewer at a time, and this host again later. It must not count against the host.
      limit.concurrency = Math.max(1, Math.floor(limit.concurrency / 2));
      await sleep(250 * 2 ** attempt, undefined, { signal: options.signal }).catch(() => undefined);
      return one(host, attempt + 1);
    }
    await options.onHost(evidence, host);
  };
  await Promise.all(options.hosts.map((host) => limit(() => one(host))));
}

async function gatherHost(host: Host, options: GatherOptions): Promise<HostEvidence> {
  const startedAt = new Date().toISOString();
  const done = (rest: Pick<HostEvidence, 'probes'> & Partial<HostEvidence>): HostEvidence => ({
    schema: 1,
    host: host.name,
    startedAt,
    finishedAt: new Date().toISOString(),
    ...rest,
  });
  if (options.signal.aborted) {
    return done({
      probes: {},
      failure: {
        code: 'cancelled',
        phase: 'connect',
        detail: 'the run was interrupted before this host was asked',
      },
    });
  }
  const nonce = randomBytes(16).toString('hex');
  try {
    const result = await options.transportFor(host).run({
      host,
      command: command(host.become),
      stdin: compose(options.probes, nonce, options.parameters),
      limits: options.limits,
      signal: options.signal,
    });
    return done(interpret(result, nonce, options.probes));
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
  probes: readonly ProbeSpec[],
): Pick<HostEvidence, 'probes' | 'collector' | 'connection' | 'failure'> {
  const frames = readFrames(result.stdout, nonce, probes);
  const failure = result.failure ?? whyNoFrames(result, frames.failure);
  return {
    probes: frames.probes,
    ...(frames.collector && { collector: frames.collector }),
    ...(result.connection && { connection: result.connection }),
    ...(failure && { failure }),
  };
}

function whyNoFrames(result: RunResult, failure: GatherFailure | undefined): GatherFailure | undefined {
  return failure?.code === 'no-frames'
    ? explainRefusal(result.stderr, result.stdout, result.exitCode)
    : failure;
}
