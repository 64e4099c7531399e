/**
 * One command on up to fifty instances: sent once, watched with one call for all, each output fetched when it is there.
 * Source: Systems Manager API reference, SendCommand, ListCommandInvocations, CancelCommand.
 */
import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { failure } from '../ssh/failure.js';
import { pause } from '../ssh/stop.js';
import { callerText, type Account } from './account.js';
import { pack, withoutNonce } from './envelope.js';
import { awsFailure, nameOf } from './errors.js';
import type { Job } from './job.js';
import { BATCH, describeNodes, notManaged } from './nodes.js';
import { fetchOutput, type Output } from './output.js';
import { patiently } from './patience.js';
import { readStatus, type Standing } from './status.js';

/** Outputs asked for at the same time, of one command. */
const FETCHES = 5;
const FIRST_LOOK_MS = 400;
const LONGEST_LOOK_MS = 5000;
/** TimeoutSeconds: at least half a minute, by the API. */
const LEAST_DELIVERY_S = 30;
const CANCEL_MS = 5000;
const SEND_MS = 60_000;
/** Numbers of signals end here. */
const SIGNALS = 32;

export interface Commands {
  readonly account: Account;
  readonly logGroup: string | undefined;
  /** How many commands are being watched, of all batches: the more there are, the longer each waits between looks. */
  readonly live: { count: number };
  /** Takes what must be done before the transport is closed. */
  readonly pending: (work: Promise<unknown>) => void;
}

/** Settles every job. Never rejects. The jobs share command, script and size limit. */
export async function runBatch(jobs: readonly Job[], commands: Commands): Promise<void> {
  const watch = new AbortController();
  let open = jobs.length;
  for (const job of jobs)
    job.whenSettled(() => {
      open -= 1;
      if (open === 0) watch.abort();
    });
  const { signal } = watch;
  const { account } = commands;
  try {
    const caller = await patiently('sts:GetCallerIdentity', jobs, signal, () => account.caller());
    for (const job of jobs) job.note({ authenticatedBy: callerText(caller) });
    await describe(jobs, account, signal);
    await send(unsettled(jobs), commands, signal);
  } catch (error) {
    for (const job of unsettled(jobs)) job.fail(awsFailure(error, 'login', 'AWS'));
  }
}

function unsettled(jobs: readonly Job[]): Job[] {
  return jobs.filter((job) => !job.settled());
}

/** Instances that cannot be reached are told now: one of them would make AWS refuse the whole command. */
async function describe(jobs: readonly Job[], account: Account, signal: AbortSignal): Promise<void> {
  try {
    const ids = jobs.map(({ instance }) => instance);
    const nodes = await patiently('ssm:DescribeInstanceInformation', jobs, signal, () =>
      describeNodes(account, ids, signal),
    );
    for (const job of jobs) {
      const node = nodes.get(job.instance);
      if (node?.agentVersion !== undefined)
        job.note({ serverVersion: `amazon-ssm-agent ${node.agentVersion.slice(0, 40)}` });
      if (node?.failure) job.fail(node.failure);
    }
  } catch (error) {
    const why = awsFailure(error, 'login', 'ssm:DescribeInstanceInformation');
    // It is a courtesy: without the right to ask, the command itself tells.
    if (why.code !== 'aws-denied') throw error;
  }
}

async function send(jobs: readonly Job[], commands: Commands, signal: AbortSignal): Promise<void> {
  const [first] = jobs;
  if (!first) return;
  const { account, logGroup } = commands;
  const { command, stdin, limits } = first.request;
  const token = randomBytes(16).toString('hex');
  const { body, draws } = withoutNonce(stdin);
  const lines = pack({
    command,
    body,
    draws,
    token,
    maxStdout: limits.maxStdout,
    maxStderr: limits.maxStderr,
    toLogs: logGroup !== undefined,
  });
  if (lines === null) {
    const why = failure('exec-refused', 'exec', 'the script is longer than Run Command takes (64 KB packed)');
    for (const job of jobs) job.fail(why);
    return;
  }
  const longest = (limit: 'totalMs' | 'firstByteMs'): string =>
    String(Math.ceil(Math.max(...jobs.map(({ request }) => request.limits[limit])) / 1000));
  let id: string | undefined;
  try {
    const wanted = new account.sdk.ssm.SendCommandCommand({
      DocumentName: 'AWS-RunShellScript',
      InstanceIds: jobs.map(({ instance }) => instance),
      Parameters: { commands: lines, executionTimeout: [longest('totalMs')] },
      TimeoutSeconds: Math.max(LEAST_DELIVERY_S, Number(longest('firstByteMs'))),
      MaxConcurrency: String(BATCH),
      // A failing instance must not keep the others from being asked: the default is 0.
      MaxErrors: '100%',
      Comment: 'ssh-scorecard: read-only audit',
      ...(logGroup !== undefined && {
        CloudWatchOutputConfig: { CloudWatchLogGroupName: logGroup, CloudWatchOutputEnabled: true },
      }),
    });
    const { Command: sent } = await patiently('ssm:SendCommand', jobs, signal, () =>
      // Not ended by an interrupt: a command that was sent and has no name could not be cancelled.
      account.ssm.send(wanted, { abortSignal: AbortSignal.timeout(SEND_MS) }),
    );
    id = sent?.CommandId;
  } catch (error) {
    const why = awsFailure(error, 'exec', 'ssm:SendCommand');
    const apart = nameOf(error) === 'InvalidInstanceId';
    if (jobs.length === 1 || (!apart && why.code !== 'aws-denied')) {
      for (const job of jobs) job.fail(apart ? notManaged(job.instance) : why);
      return;
    }
    // One that is gone, or that this role may not touch, makes AWS refuse all: it is found by halves.
    const middle = Math.ceil(jobs.length / 2);
    await Promise.all(
      [jobs.slice(0, middle), jobs.slice(middle)].map((half) => send(unsettled(half), commands, signal)),
    );
    return;
  }
  if (id === undefined) {
    const why = failure('aws-failed', 'exec', 'ssm:SendCommand: the answer names no command');
    for (const job of jobs) job.fail(why);
    return;
  }
  const commandId = id;
  for (const job of jobs) {
    job.mark('sent');
    cancelWhenStopped(job, commandId, commands);
  }
  commands.live.count += 1;
  try {
    await follow(jobs, { id: commandId, token, commands, signal });
  } finally {
    commands.live.count -= 1;
  }
}

interface Sent {
  readonly id: string;
  readonly token: string;
  readonly commands: Commands;
  readonly signal: AbortSignal;
}

/** Looks until every job is settled: a time limit settles one that never ends. */
async function follow(jobs: readonly Job[], sent: Sent): Promise<void> {
  const { commands, signal, id } = sent;
  const limit = pLimit(FETCHES);
  const fetching = new Map<Job, Promise<void>>();
  let wait = FIRST_LOOK_MS;
  while (unsettled(jobs).some((job) => !fetching.has(job))) {
    // A few looks a second in all, however many commands there are.
    if (!(await pause(Math.max(wait, commands.live.count * 250), signal))) break;
    wait = Math.min(LONGEST_LOOK_MS, wait * 1.4);
    let standings: Map<string, Standing>;
    try {
      standings = await patiently('ssm:ListCommandInvocations', unsettled(jobs), signal, () => list(sent));
    } catch (error) {
      const why = awsFailure(error, 'run', 'ssm:ListCommandInvocations');
      for (const job of unsettled(jobs)) job.fail(why);
      break;
    }
    for (const job of unsettled(jobs)) {
      const standing = standings.get(job.instance);
      if (standing === undefined || fetching.has(job)) continue;
      const reading = readStatus(standing);
      if (reading.kind === 'over') job.fail(reading.failure);
      else if (reading.kind === 'waiting') {
        if (reading.started) job.mark('started');
      } else
        fetching.set(
          job,
          limit(() => fetch(job, id, sent)),
        );
    }
  }
  await Promise.all(fetching.values());
}

async function list({ commands: { account }, id, signal }: Sent): Promise<Map<string, Standing>> {
  const standings = new Map<string, Standing>();
  let NextToken: string | undefined;
  for (let page = 0; page < 20; page += 1) {
    const answer = await account.ssm.send(
      new account.sdk.ssm.ListCommandInvocationsCommand({ CommandId: id, MaxResults: BATCH, NextToken }),
      { abortSignal: signal },
    );
    for (const { InstanceId = '', Status = '', StatusDetails = '' } of answer.CommandInvocations ?? [])
      standings.set(InstanceId, { status: Status, details: StatusDetails });
    NextToken = answer.NextToken;
    if (NextToken === undefined || NextToken === '') break;
  }
  return standings;
}

async function fetch(job: Job, command: string, { token, commands }: Sent): Promise<void> {
  if (job.settled()) return;
  try {
    const { account, logGroup } = commands;
    const { maxStdout, maxStderr } = job.request.limits;
    const { instance, signal } = job;
    const output = await patiently('ssm:GetCommandInvocation', [job], signal, () =>
      fetchOutput({ account, command, instance, token, maxStdout, logGroup, signal }),
    );
    const { exitCode } = output;
    const problem = problemOf(output, maxStderr);
    job.settle({
      stdout: output.stdout,
      stderr: Buffer.from(output.stderr).subarray(0, maxStderr),
      ...(output.nonce !== undefined && { nonce: output.nonce }),
      ...(problem ? { failure: problem } : exitCode !== undefined && { exitCode }),
    });
  } catch (error) {
    job.fail(awsFailure(error, 'run', 'ssm:GetCommandInvocation'));
  }
}

function problemOf(
  { failure: gone, standing, responseCode, stderr, exitCode = 0 }: Output,
  maxStderr: number,
) {
  // The script did not come to its own first line.
  if (gone?.code === 'no-frames' && /failed/i.test(`${standing.status} ${standing.details}`))
    return failure(
      'ssm-failed',
      'run',
      `the agent reports that the command failed (exit status ${responseCode}), and ${gone.detail}`,
      'Look at /var/log/amazon/ssm on the instance.',
    );
  if (gone) return gone;
  if (Buffer.byteLength(stderr) > maxStderr)
    return failure('too-much-output', 'run', `more than ${maxStderr} bytes on standard error`);
  // The shell's way to say it; a collector that ends by itself ends with 0.
  if (exitCode > 128 && exitCode < 128 + SIGNALS)
    return failure(
      'killed-by-signal',
      'run',
      `the command was ended by signal ${exitCode - 128} on the host`,
    );
  return undefined;
}

/** A host whose time is up, or an interrupt: nothing is left running. */
function cancelWhenStopped(job: Job, id: string, { account, pending }: Commands): void {
  job.whenSettled(() => {
    if (!job.signal.aborted) return;
    const cancel = new account.sdk.ssm.CancelCommandCommand({ CommandId: id, InstanceIds: [job.instance] });
    pending(account.ssm.send(cancel, { abortSignal: AbortSignal.timeout(CANCEL_MS) }).catch(() => undefined));
  });
}
