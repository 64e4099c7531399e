/**
 * AWS CloudWatch Logs Insights. Source: CloudWatch Logs API, StartQuery and GetQueryResults: times are whole seconds,
 * both ends belong to the range, and one query returns at most 10,000 rows, so a full answer is asked again in halves.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.js';
import { INSIGHTS_LIMIT, pageName, type Window } from '../../facts/sources/siem/names.js';
import type { SourceFailure } from '../../model.js';
import { SourceProblem } from '../problem.js';
import { answerOf, createRecorder, type Recorder } from '../recorder.js';
import type { CloudwatchSettings } from '../settings/siem.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';
import { closedWindow } from './window.js';

const POLL = 500;
const GOING = new Set(['Scheduled', 'Running', 'Unknown']);
const MAX_QUERIES = 200;

type Sdk = typeof import('@aws-sdk/client-cloudwatch-logs');

interface Round {
  readonly sdk: Sdk;
  readonly client: InstanceType<Sdk['CloudWatchLogsClient']>;
  readonly settings: CloudwatchSettings;
  readonly context: SourceContext;
  readonly recorder: Recorder;
  readonly window: Window;
}

export async function askCloudwatch(settings: CloudwatchSettings, context: SourceContext): Promise<Asked> {
  const { sdk, client } = await connect(settings);
  const recorder = createRecorder();
  const window = closedWindow(settings, context.now);
  const round: Round = { sdk, client, settings, context, recorder, window };
  const open: Window[] = [window];
  try {
    for (let page = 0; open.length > 0; page += 1) {
      const part = open.pop();
      if (part === undefined) break;
      if (page >= MAX_QUERIES || recorder.room() === 0) {
        recorder.fail({
          code: 'too-much',
          detail: 'the window holds more lines than are read',
          hint: 'shorten window',
        });
        break;
      }
      const rows = await query(round, part, page);
      const middle = Math.floor((part.from + part.to) / 2000) * 1000;
      if (rows < INSIGHTS_LIMIT || middle <= part.from) continue;
      recorder.keep(
        pageName(window, page),
        answerOf({
          asked: 'GetQueryResults',
          at: new Date(),
          status: 200,
          bytes: Buffer.from('{"status":"Complete","results":[]}'),
        }),
      );
      open.push({ from: middle, to: part.to }, { from: part.from, to: middle });
    }
  } catch (error) {
    recorder.fail(failureOf(error, context.signal));
  } finally {
    client.destroy();
  }
  return recorder.asked();
}

/** @returns how many rows came back. */
async function query(
  { sdk, client, settings, context, recorder, window }: Round,
  part: Window,
  page: number,
): Promise<number> {
  const options = { abortSignal: context.signal };
  const field = settings.host_field ?? '@logStream';
  const started = await client.send(
    new sdk.StartQueryCommand({
      logGroupNames: [...settings.log_groups],
      startTime: part.from / 1000,
      endTime: part.to / 1000 - 1,
      queryString: `fields @timestamp, @message, @ptr, ${field} | filter @message like /Accepted / | sort @timestamp asc`,
      limit: INSIGHTS_LIMIT,
    }),
    options,
  );
  for (;;) {
    const {
      status,
      results = [],
      statistics,
    } = await client.send(new sdk.GetQueryResultsCommand({ queryId: started.queryId }), options);
    if (GOING.has(status ?? '')) {
      await sleep(POLL, undefined, { signal: context.signal });
      continue;
    }
    const bytes = Buffer.from(JSON.stringify({ status, results, statistics }));
    const asked = `GetQueryResults ${settings.log_groups.join(' ')} ${part.from}-${part.to}`;
    recorder.keep(pageName(window, page), answerOf({ asked, at: new Date(), status: 200, bytes }));
    if (status !== 'Complete') {
      recorder.fail({ code: 'bad-answer', detail: `the query ended with ${status ?? 'no status'}` });
    }
    return results.length;
  }
}

export async function diagnoseCloudwatch(
  settings: CloudwatchSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const now = context.now.getTime();
  const short = { ...settings, window: '10m', lag: '0s' };
  const { failures } = await askCloudwatch(short, { ...context, now: new Date(now) });
  if (failures.length > 0) return failures.map(({ detail }) => ({ level: 'problem', text: detail }));
  return [
    { level: 'ok', text: `${settings.log_groups.join(', ')} can be read` },
    {
      level: 'warning',
      text: 'AWS does not tell what a credential may do: allow it logs:StartQuery and logs:GetQueryResults on these log groups only',
    },
  ];
}

async function connect({ region, url }: CloudwatchSettings): Promise<Pick<Round, 'sdk' | 'client'>> {
  const sdk = await import('@aws-sdk/client-cloudwatch-logs').catch((error: unknown) => {
    throw new SourceProblem({
      code: 'not-found',
      detail: `the AWS SDK is not installed: ${messageOf(error).split('\n', 1)[0] ?? ''}`,
      hint: 'npm install @aws-sdk/client-cloudwatch-logs (it is left out by --omit=optional)',
    });
  });
  const client = new sdk.CloudWatchLogsClient({
    region,
    maxAttempts: 4,
    ...(url !== undefined && { endpoint: url }),
  });
  return { sdk, client };
}

/** Source: CloudWatch Logs API, common errors. */
function failureOf(error: unknown, signal: AbortSignal): SourceFailure {
  const name = error instanceof Error ? error.name : '';
  const detail = `CloudWatch Logs: ${name}: ${messageOf(error).slice(0, 300)}`;
  if (signal.aborted) return { code: 'timeout', detail: 'CloudWatch Logs: no whole answer in time' };
  if (/AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken/.test(name))
    return { code: 'denied', detail };
  if (/CredentialsProvider/.test(name)) return { code: 'credential', detail };
  if (/Throttl|LimitExceeded|TooManyRequests/.test(name)) return { code: 'throttled', detail };
  if (/ResourceNotFound/.test(name)) return { code: 'not-found', detail };
  return { code: 'unreachable', detail };
}
