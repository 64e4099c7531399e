/**
 * The HTTP client of all sources (undici). Own CA per endpoint, proxies from the environment, no redirects (a token
 * must not travel), bounded in time, bytes and tries, and without secrets in anything that is kept or said.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { messageOf } from '../errors.js';
import type { SourceAnswer } from '../model.js';
import { networkFailure, statusFailure, typeFailure } from './http-failures.js';
import type {
  EndpointSettings,
  Http,
  HttpOptions,
  HttpResult,
  PostOptions,
  RequestOptions,
} from './http-types.js';
import { pathFrom } from './paths.js';
import { SourceProblem } from './problem.js';
import { answerOf } from './recorder.js';
import { redactor } from './redact.js';
import type { SourceContext } from './source.js';

const MAX_BYTES = 8 * 1024 * 1024;
const REQUEST_TIMEOUT = 30_000;
const TRIES = 4;
const BACK_OFF = 500;
/** A server that wants a longer pause is reported as throttling instead of waited for. */
const LONGEST_PAUSE = 30_000;
const PASSING = new Set([429, 502, 503, 504]);
const JSON_TYPES = ['application/json'];
const SHOWN_BODY = 2000;

/** @throws SourceProblem when a certificate file cannot be read. */
export async function createHttp(
  endpoint: EndpointSettings,
  context: SourceContext,
  options: HttpOptions = {},
): Promise<Http> {
  const dispatcher = await dispatcherFor(endpoint, context, options);
  const redact = redactor(options.secrets ?? []);
  const ask = async (
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    given: PostOptions,
  ): Promise<HttpResult> => {
    const url = urlOf(endpoint.url, path, given.query);
    if (url === null) {
      const detail = `refused to follow ${redact(path).slice(0, 200)}: it leaves ${endpoint.url}`;
      return { ok: false, failure: { code: 'bad-answer', detail }, headers: {} };
    }
    const sent: Sent = { method, url, given, redact, options, dispatcher, signal: context.signal };
    const patient = given.retry ?? method === 'GET';
    for (let attempt = 1; ; attempt += 1) {
      const result = await once(sent);
      const pause = patient && attempt < TRIES ? pauseBefore(result, attempt, options) : null;
      if (pause === null) return result;
      const waited = await sleep(pause, true, { signal: context.signal }).catch(() => false);
      if (!waited) return result;
    }
  };
  return {
    get: (path, given = {}) => ask('GET', path, given),
    post: (path, given = {}) => ask('POST', path, given),
    delete: (path, given = {}) => ask('DELETE', path, given),
    close: () => dispatcher.destroy(),
  };
}

interface Sent {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly given: PostOptions;
  readonly redact: (text: string) => string;
  readonly options: HttpOptions;
  readonly dispatcher: Dispatcher;
  readonly signal: AbortSignal;
}

async function once({ method, url, given, redact, options, dispatcher, signal }: Sent): Promise<HttpResult> {
  const { body } = given;
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const shown = text === undefined ? '' : ` ${text.slice(0, SHOWN_BODY)}`;
  const asked = redact(`${method} ${url.href}${shown}`);
  const where = redact(`${method} ${url.origin}${url.pathname}`);
  const accept = given.accept === undefined ? JSON_TYPES : given.accept;
  const at = new Date();
  const timeout = options.requestTimeout ?? REQUEST_TIMEOUT;
  const clock = AbortSignal.timeout(timeout);
  try {
    const response = await request(url, {
      method,
      dispatcher,
      headers: {
        accept: accept?.join(', ') ?? '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'ssh-scorecard',
        ...(typeof body === 'object' && body !== null && { 'content-type': 'application/json' }),
        ...options.headers,
        ...given.headers,
      },
      ...(text !== undefined && { body: text }),
      headersTimeout: timeout,
      bodyTimeout: timeout,
      signal: AbortSignal.any([signal, clock]),
    });
    const limit = given.maxBytes ?? options.maxBytes ?? MAX_BYTES;
    const read = await bodyOf(response.body, limit);
    const answer = withoutSecrets(answerOf({ asked, at, status: response.statusCode, ...read }), redact);
    const headers = plainHeaders(response.headers, redact);
    const failure =
      statusFailure(response.statusCode, where, answer.body, headers) ??
      (read.cut
        ? { code: 'too-much', detail: `${where}: the answer is larger than ${limit} bytes` }
        : null) ??
      typeFailure(where, headers['content-type'], read.bytes.length === 0 ? null : accept);
    return failure === null ? { ok: true, answer, headers } : { ok: false, failure, answer, headers };
  } catch (error) {
    const failure = networkFailure(where, error, { cancelled: signal, clock, timeout });
    return { ok: false, failure: { ...failure, detail: redact(failure.detail) }, headers: {} };
  }
}

/** Reads at most `limit` bytes; what follows is not waited for. */
async function bodyOf(
  body: Dispatcher.ResponseData['body'],
  limit: number,
): Promise<{ bytes: Buffer; total: number; cut: boolean }> {
  const chunks: Buffer[] = [];
  let total = 0;
  for await (const chunk of body) {
    const bytes = chunk as Buffer;
    total += bytes.length;
    chunks.push(bytes);
    if (total > limit) break;
  }
  const bytes = Buffer.concat(chunks).subarray(0, limit);
  return { bytes, total, cut: total > limit };
}

/** A server may send the credential back (Vault's lookup-self does). */
function withoutSecrets(answer: SourceAnswer, redact: (text: string) => string): SourceAnswer {
  if (answer.encoding !== 'utf8') return answer;
  const body = redact(answer.body);
  if (body === answer.body) return answer;
  const { asked, at, status, cut } = answer;
  return answerOf({ asked, at: new Date(at), status, bytes: Buffer.from(body, 'utf8'), cut });
}

function plainHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  redact: (text: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.toLowerCase() !== 'set-cookie')
      .map(([name, value]) => [name.toLowerCase(), redact([value ?? ''].flat().join(', '))]),
  );
}

/** Null: the result stands. RFC 9110 10.2.3: Retry-After is seconds or a date. */
function pauseBefore(
  result: HttpResult,
  attempt: number,
  { backOff = BACK_OFF }: HttpOptions,
): number | null {
  if (result.ok) return null;
  const passing =
    result.answer === undefined
      ? result.failure.code === 'interrupted'
      : PASSING.has(result.answer.status) || result.failure.code === 'throttled';
  if (!passing) return null;
  const given = result.headers['retry-after'];
  const own = backOff * 2 ** (attempt - 1);
  if (given === undefined) return own;
  const wanted = /^\d{1,9}$/.test(given.trim()) ? Number(given) * 1000 : Date.parse(given) - Date.now();
  if (!Number.isFinite(wanted)) return own;
  return wanted > LONGEST_PAUSE ? null : Math.max(wanted, own);
}

/** Null when it would leave the endpoint's origin: the credential stays where it belongs. */
function urlOf(base: string, path: string, query: RequestOptions['query'] = {}): URL | null {
  const root = new URL(base);
  const whole = /^https?:\/\//i.test(path);
  if (whole && !URL.canParse(path)) return null;
  const prefix = root.pathname.replace(/\/+$/, '');
  const url = whole ? new URL(path) : new URL(`${root.origin}${prefix}/${path.replace(/^\/+/, '')}`);
  if (url.origin !== root.origin || url.username !== '' || url.password !== '') return null;
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value].flat()) url.searchParams.append(name, String(one));
  }
  return url;
}

/** Own CA, client certificate and proxy. @throws SourceProblem when a file cannot be read, or the proxy is none. */
export async function dispatcherFor(
  endpoint: Omit<EndpointSettings, 'url'>,
  context: SourceContext,
  { requestTimeout = REQUEST_TIMEOUT }: HttpOptions = {},
): Promise<Dispatcher> {
  const { env } = context;
  const pem = async (path: string | undefined): Promise<string | undefined> => {
    if (path === undefined) return undefined;
    const full = pathFrom(path, context);
    return readFile(full, 'utf8').catch((error: unknown) => {
      throw new SourceProblem({ code: 'tls', detail: `${full} cannot be read: ${messageOf(error)}` });
    });
  };
  const [ca, cert, key] = await Promise.all([
    pem(endpoint.ca_file),
    pem(endpoint.client_certificate_file),
    pem(endpoint.client_key_file),
  ]);
  const tls = {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
  try {
    return new EnvHttpProxyAgent({
      connect: { ...tls, timeout: requestTimeout },
      requestTls: tls,
      ...(ca !== undefined && { proxyTls: { ca } }),
      // Empty text, unlike undefined, keeps undici from looking at the environment of the process itself.
      httpProxy: env['http_proxy'] ?? env['HTTP_PROXY'] ?? '',
      httpsProxy: env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '',
      noProxy: env['no_proxy'] ?? env['NO_PROXY'] ?? '',
      connections: 8,
    });
  } catch (error) {
    throw new SourceProblem({
      code: 'unreachable',
      detail: `the proxy settings cannot be used: ${messageOf(error)}`,
      hint: 'HTTP_PROXY and HTTPS_PROXY take a URL such as http://proxy.example.com:3128',
    });
  }
}
