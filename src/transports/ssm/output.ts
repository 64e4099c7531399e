/**
 * What a host printed, from where it can be had. Sources: GetCommandInvocation (24,000 and 8,000 characters, empty
 * until the command ended), CloudWatch Logs GetLogEvents (the same token twice is the end), and the stream name
 * `COMMAND/INSTANCE/PLUGIN/stdout` of Run Command's log output.
 */
import { pause } from '../ssh/stop.js';
import type { Account } from './account.js';
import { nameOf } from './errors.js';
import { open, type Opened } from './envelope.js';
import type { Standing } from './status.js';

/** The list of invocations is ahead of the single one for a moment. */
const EARLY_MS = [200, 400, 800, 1600, 3000, 3000, 3000];
/** Log events arrive after the command has ended. */
const LOGS_MS = [500, 1000, 2000, 4000, 8000, 15_000];
/** A page holds a megabyte; an empty one may stand between. */
const MAX_PAGES = 500;

export interface Asked {
  readonly account: Account;
  readonly command: string;
  readonly instance: string;
  readonly token: string;
  readonly maxStdout: number;
  readonly logGroup: string | undefined;
  readonly signal: AbortSignal;
}

export type Output = Opened & { readonly responseCode: number; readonly standing: Standing };

/** @throws the SDK's error */
export async function fetchOutput(asked: Asked): Promise<Output> {
  const { token, maxStdout, logGroup } = asked;
  const answer = await invocation(asked);
  const stderr = answer.StandardErrorContent ?? '';
  const result: Pick<Output, 'responseCode' | 'standing'> = {
    responseCode: answer.ResponseCode ?? -1,
    standing: { status: answer.Status ?? '', details: answer.StatusDetails ?? '' },
  };
  const opened = open(answer.StandardOutputContent ?? '', stderr, token, maxStdout);
  if (logGroup === undefined || opened.failure?.code !== 'output-cut') return { ...opened, ...result };
  return { ...(await fromLogs(asked, logGroup, opened)), ...result };
}

async function invocation({ account, command, instance, signal }: Asked) {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await account.ssm.send(
        new account.sdk.ssm.GetCommandInvocationCommand({ CommandId: command, InstanceId: instance }),
        { abortSignal: signal },
      );
    } catch (error) {
      const wait = EARLY_MS[attempt];
      if (nameOf(error) !== 'InvocationDoesNotExist' || wait === undefined) throw error;
      if (!(await pause(wait, signal))) throw error;
    }
  }
}

/**
 * The whole output from the log group, or what Run Command handed out. Other instances may write to the same group, so
 * only what is whole and has the SHA-256 that came by the agent's own channel is taken from it.
 */
async function fromLogs(asked: Asked, logGroup: string, cut: Opened): Promise<Opened> {
  const without = (why: unknown): Opened => ({ ...cut, ...unreadable(cut, logGroup, why) });
  if (cut.seal === undefined) return without(new Error('the host has no sha256sum to seal it with'));
  for (const wait of LOGS_MS) {
    if (!(await pause(wait, asked.signal))) return cut;
    try {
      const opened = open(await logText(asked, logGroup, cut), cut.stderr, asked.token, asked.maxStdout);
      const bad = opened.failure?.code === 'output-cut' || opened.failure?.code === 'output-corrupt';
      if (opened.seal === cut.seal && !bad) return opened;
    } catch (error) {
      // The group or the stream is made by the agent, a moment later.
      if (nameOf(error) !== 'ResourceNotFoundException') return without(error);
    }
  }
  return without(new Error('it does not hold the output as the host sent it'));
}

function unreadable(cut: Opened, logGroup: string, error: unknown): Pick<Opened, 'failure'> {
  if (!cut.failure) return {};
  const why = error instanceof Error ? `${error.name}: ${error.message}`.slice(0, 300) : '';
  return {
    failure: {
      ...cut.failure,
      detail: `${cut.failure.detail}, and the log group ${logGroup} could not give the rest: ${why}`,
      hint: 'The instance profile needs logs:CreateLogStream and logs:PutLogEvents, the auditor logs:DescribeLogStreams and logs:GetLogEvents.',
    },
  };
}

async function logText(
  { account, command, instance, signal }: Asked,
  logGroup: string,
  { told = 0 }: Opened,
): Promise<string> {
  const sdk = await account.sdk.logs();
  const client = await account.logs();
  const { logStreams = [] } = await client.send(
    new sdk.DescribeLogStreamsCommand({
      logGroupName: logGroup,
      logStreamNamePrefix: `${command}/${instance}/`,
      limit: 10,
    }),
    { abortSignal: signal },
  );
  const name = logStreams.map((stream) => stream.logStreamName ?? '').find((one) => one.endsWith('/stdout'));
  if (name === undefined) return '';
  const parts: string[] = [];
  // Line breaks and a first line, and room for nothing else: the host told how long it is.
  let room = told * 2 + 4096;
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES && room > 0; page += 1) {
    const answer = await client.send(
      new sdk.GetLogEventsCommand({
        logGroupName: logGroup,
        logStreamName: name,
        startFromHead: true,
        nextToken,
      }),
      { abortSignal: signal },
    );
    for (const { message = '' } of answer.events ?? []) {
      parts.push(message.slice(0, room));
      room -= message.length + 1;
    }
    // The end is said by the same token again; a page may be empty before it.
    if (answer.nextForwardToken === undefined || answer.nextForwardToken === nextToken) break;
    nextToken = answer.nextForwardToken;
  }
  return parts.join('\n');
}
