/** What went wrong between the auditor and an HTTP server, in stable codes and one sentence. */
import type { SourceFailure } from '../model.js';

const EXCERPT = 200;

/** Null for 2xx. */
export function statusFailure(
  status: number,
  where: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): SourceFailure | null {
  if (status >= 200 && status < 300) return null;
  const said = body.replaceAll(/\s+/g, ' ').trim().slice(0, EXCERPT);
  const detail = `${where}: ${status}${said === '' ? '' : ` ${said}`}`;
  if (status === 401) {
    return { code: 'denied', detail, hint: 'the credential is missing, wrong or expired' };
  }
  // GitHub's secondary limit is a 403, too.
  if (status === 429 || (status === 403 && headers['retry-after'] !== undefined)) {
    const after = headers['retry-after'];
    const hint = after === undefined ? 'ask less often' : `it asks to wait (Retry-After: ${after})`;
    return { code: 'throttled', detail, hint };
  }
  if (status === 403) return { code: 'denied', detail, hint: 'the credential may not read this' };
  if (status === 404) return { code: 'not-found', detail };
  if (status === 407) return { code: 'denied', detail, hint: 'the proxy wants a login' };
  if (status >= 300 && status < 400) {
    const location = (headers['location'] ?? 'elsewhere').slice(0, EXCERPT);
    return {
      code: 'bad-answer',
      detail: `${where}: ${status}, a redirect to ${location}`,
      hint: 'redirects are not followed, so that a credential never leaves its server: give the final URL',
    };
  }
  if (status >= 500)
    return { code: 'unreachable', detail, hint: 'the server or something before it is in trouble' };
  return { code: 'bad-answer', detail };
}

/** @param accept null for any. A login page of a proxy has status 200 too. */
export function typeFailure(
  where: string,
  given: string | undefined,
  accept: readonly string[] | null,
): SourceFailure | null {
  if (accept === null) return null;
  const type = (given ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const fits = accept.some((one) => one === type || (one === 'application/json' && type.endsWith('+json')));
  if (fits) return null;
  return {
    code: 'bad-answer',
    detail: `${where}: answered with ${type.slice(0, EXCERPT) || 'no content type'}, expected ${accept.join(' or ')}`,
    hint: 'is the URL the API, and not a web page or a proxy before it?',
  };
}

const TLS = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO$|HOSTNAME_MISMATCH)/;
const INTERRUPTED = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'EAI_AGAIN']);
const TIMEOUTS = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

/** @param stop.timeout milliseconds a request may take. `interrupted` means that asking again may help. */
export function networkFailure(
  where: string,
  error: unknown,
  stop: { readonly cancelled: AbortSignal; readonly clock: AbortSignal; readonly timeout: number },
): SourceFailure {
  if (stop.cancelled.aborted) {
    return isTimeout(stop.cancelled.reason)
      ? { code: 'timeout', detail: `${where}: the time for this source was over` }
      : { code: 'cancelled', detail: `${where}: cancelled` };
  }
  const { code, message } = innermost(error);
  if (stop.clock.aborted || TIMEOUTS.has(code)) {
    return { code: 'timeout', detail: `${where}: no whole answer within ${stop.timeout} ms` };
  }
  const detail = `${where}: ${message}${code === '' || message.includes(code) ? '' : ` (${code})`}`;
  if (TLS.test(code)) {
    return {
      code: 'tls',
      detail,
      hint: 'give the CA that signed the certificate of the server as ca_file; verification cannot be switched off',
    };
  }
  if (INTERRUPTED.has(code)) return { code: 'interrupted', detail };
  if (/^HPE_|^UND_ERR_(HEADERS_OVERFLOW|RES_|RESPONSE)/.test(code)) return { code: 'bad-answer', detail };
  return { code: 'unreachable', detail };
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** undici wraps, and Node makes one error of several addresses. */
function innermost(error: unknown): { code: string; message: string } {
  let current: unknown = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else if (current instanceof Error && current.cause instanceof Error) current = current.cause;
    else break;
  }
  if (!(current instanceof Error)) return { code: '', message: String(current) };
  const code = 'code' in current && typeof current.code === 'string' ? current.code : '';
  return { code, message: current.message };
}
