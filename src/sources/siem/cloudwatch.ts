/**
 * AWS CloudWatch Logs Insights. Source: CloudWatch Logs API, StartQuery and GetQueryResults: times are whole seconds,
 * both ends belong to the range, and one query returns at most 10,000 rows, so a full answer is asked again in halves.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../errors.js';
import { INSIGHTS_LIMIT, pageName, type Window } from '../../facts/sources/siem/names.js';
import type { SourceAnswer, SourceFailure } from '../../model.js';
import type { HttpResult } from '../http-types.js';
import { SourceProblem } from '../problem.js';
import { answerOf, type Recorder } from '../recorder.js';
import type { SourceContext } from '../source.js';
import type { CloudwatchSettings } from '../settings/siem.js';
import { awsHandler } from './aws-http.js';
import { SIGNING, type About, type OpenStore } from './store.js';

/** Milliseconds before the first question for results; doubles up to the last. */
const FIRST_POLL = 50;
const LAST_POLL = 1000;
const GOING = new Set(['Scheduled', 'Running', 'Unknown']);
const MAX_QUERIES = 200;
/** A row has a limit of its own (256 KiB); all of them together would not fit into memory. */
const MAX_BYTES = 64 * 1024 * 1024;
const FILTERS: Readonly<Record<About, string>> = {
  logins: '/Accepted /',
  issuances: `/${SIGNING.replaceAll('/', '\\/')}/`,
};

type Sdk = typeof import('@aws-sdk/client-cloudwatch-logs');

interface Connection {
  readonly sdk: Sdk;
  readonly client: InstanceType<Sdk['CloudWatchLogsClient']>;
  readonly settings: CloudwatchSettings;
  readonly signal: AbortSignal;
}

export const openCloudwatch: OpenStore<CloudwatchSettings> = async (settings, context) => {
  const connection = { ...(await connect(settings, context)), settings, signal: context.signal };
  const field = settings.host_field ?? '@logStream';
  return {
    lines: async (about, window, recorder) => {
      const text = `fields @timestamp, @message, @ptr, ${field} | filter @message like ${FILTERS[about]} | sort @timestamp asc`;
      return inHalves(connection, text, window, recorder);
    },
    hours: async (window) =>
      query(connection, 'stats count(*) by bin(1h)', window).then(({ result }) => result),
    rights: async () => [
      {
        level: 'warning',
        text: 'AWS does not tell what a credential may do: allow it logs:StartQuery and logs:GetQueryResults on these log groups only',
      },
    ],
    close: async () => connection.client.destroy(),
  };
};

/** The later half first, so that what is not read any more is the oldest. @returns how many lines came back. */
async function inHalves(
  connection: Connection,
  text: string,
  window: Window,
  recorder: Recorder,
): Promise<number> {
  const open: Window[] = [window];
  let lines = 0;
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
    const { result, rows } = await query(connection, text, part);
    const middle = Math.floor((part.from + part.to) / 2000) * 1000;
    if (rows >= INSIGHTS_LIMIT && middle > part.from) {
      open.push({ from: part.from, to: middle }, { from: middle, to: part.to });
      continue;
    }
    if (!recorder.record(pageName(window, page), result).ok) return lines;
    lines += rows;
  }
  return lines;
}

/** Never rejects. @returns the answer, and how many rows it has. */
async function query(
  { sdk, client, settings, signal }: Connection,
  text: string,
  { from, to }: Window,
): Promise<{ readonly result: HttpResult; readonly rows: number }> {
  const options = { abortSignal: signal };
  try {
    const started = await client.send(
      new sdk.StartQueryCommand({
        logGroupNames: [...settings.log_groups],
        startTime: from / 1000,
        endTime: to / 1000 - 1,
        queryString: text,
        limit: INSIGHTS_LIMIT,
      }),
      options,
    );
    for (let pause = FIRST_POLL; ; pause = Math.min(2 * pause, LAST_POLL)) {
      const answer = await client.send(new sdk.GetQueryResultsCommand({ queryId: started.queryId }), options);
      const { status, results = [], statistics } = answer;
      if (GOING.has(status ?? '')) {
        await sleep(pause, undefined, { signal });
        continue;
      }
      const bytes = Buffer.from(JSON.stringify({ status, results, statistics }));
      const asked = `GetQueryResults ${settings.log_groups.join(' ')} ${from}-${to}`;
      return { result: resultOf(status, { asked, at: new Date(), bytes }), rows: results.length };
    }
  } catch (error) {
    return { result: { ok: false, failure: failureOf(error, signal), headers: {} }, rows: 0 };
  }
}

function resultOf(
  status: string | undefined,
  { asked, at, bytes }: { readonly asked: string; readonly at: Date; readonly bytes: Buffer },
): HttpResult {
  const kept = bytes.subarray(0, MAX_BYTES);
  const answer: SourceAnswer = answerOf({ asked, at, status: 200, bytes: kept, total: bytes.length });
  const failed = (code: string, detail: string): HttpResult => ({
    ok: false,
    failure: { code, detail },
    answer,
    headers: {},
  });
  if (status !== 'Complete') return failed('bad-answer', `the query ended with ${status ?? 'no status'}`);
  if (answer.cut) return failed('too-much', `the rows of one query have more than ${MAX_BYTES} bytes`);
  return { ok: true, answer, headers: {} };
}

async function connect(
  settings: CloudwatchSettings,
  context: SourceContext,
): Promise<Pick<Connection, 'sdk' | 'client'>> {
  const sdk = await import('@aws-sdk/client-cloudwatch-logs').catch((error: unknown) => {
    throw new SourceProblem({
      code: 'not-found',
      detail: `the AWS SDK is not installed: ${messageOf(error).split('\n', 1)[0] ?? ''}`,
      hint: 'npm install @aws-sdk/client-cloudwatch-logs (it is left out by --omit=optional)',
    });
  });
  const { region, url } = settings;
  const client = new sdk.CloudWatchLogsClient({
    region,
    maxAttempts: 4,
    requestHandler: { ...(await awsHandler(settings, context, 2 * MAX_BYTES)) },
    ...(url !== undefined && { endpoint: url }),
  });
  return { sdk, client };
}

/** Source: CloudWatch Logs API, common errors. */
function failureOf(error: unknown, signal: AbortSignal): SourceFailure {
  const name = error instanceof Error ? error.name : '';
  const detail = `CloudWatch Logs: ${name}: ${messageOf(error).slice(0, 300)}`;
  if (signal.aborted) return { code: 'timeout', detail: 'CloudWatch Logs: no whole answer in time' };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^(?:CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS)/.test(code))
    return { code: 'tls', detail, hint: 'give the CA that signed the certificate of the server as ca_file' };
  if (/AccessDenied|UnrecognizedClient|InvalidSignature|ExpiredToken/.test(name))
    return { code: 'denied', detail };
  if (/CredentialsProvider/.test(name)) return { code: 'credential', detail };
  if (/Throttl|LimitExceeded|TooManyRequests/.test(name)) return { code: 'throttled', detail };
  if (/ResourceNotFound/.test(name)) return { code: 'not-found', detail };
  return { code: 'unreachable', detail };
}
