/** Failures as values: what went wrong, in which phase, and what a person can do. */
import type { FailureCode, GatherFailure, Phase } from '../../model.js';
import { messageOf } from '../../errors.js';

/** The outcome of a step that can fail for reasons outside this program. */
export type Attempt<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: GatherFailure };

export function success<T>(value: T): Attempt<T> {
  return { ok: true, value };
}

export function failed(failure: GatherFailure): { readonly ok: false; readonly failure: GatherFailure } {
  return { ok: false, failure };
}

export function failure(code: FailureCode, phase: Phase, detail: string, hint?: string): GatherFailure {
  return { code, phase, detail, ...(hint === undefined ? {} : { hint }) };
}

const LOCAL = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL']);
const UNREACHABLE = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'EACCES',
  'EPERM',
  'EINVAL',
  'EADDRINUSE',
]);
const NO_NAME = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EAI_FAIL', 'EAI_NODATA']);

/** errno name of a Node error; of the first inner one when several addresses were tried. */
export function errnoOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) {
    const codes = error.errors.map(errnoOf).filter((code) => code !== undefined);
    return codes.find((code) => LOCAL.has(code)) ?? codes[0];
  }
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** A socket's error, in whichever phase it came. `where` is `host:port`, for the sentence. */
export function socketFailure(error: unknown, phase: Phase, where: string): GatherFailure {
  const errno = errnoOf(error);
  const text = error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : messageOf(error);
  if (errno !== undefined && LOCAL.has(errno)) {
    return failure(
      'local-resources',
      phase,
      `this machine could not open another connection to ${where}: ${text}`,
      'Lower --concurrency, or raise the limit on open files (ulimit -Hn).',
    );
  }
  if (errno !== undefined && NO_NAME.has(errno)) {
    return failure(
      'dns',
      'resolve',
      `the name of ${where} could not be resolved: ${text}`,
      'Give the host an `address` in the inventory, or mend its DNS entry.',
    );
  }
  if (errno === 'ECONNREFUSED') {
    return failure(
      'connect-refused',
      phase,
      `${where} refused the connection: ${text}`,
      'Is sshd running, and is the port right?',
    );
  }
  if (errno === 'ETIMEDOUT') return failure('connect-timeout', phase, `no answer from ${where}: ${text}`);
  if (errno !== undefined && UNREACHABLE.has(errno))
    return failure('network-unreachable', phase, `${where} cannot be reached: ${text}`);
  return failure('connection-reset', phase, `the connection to ${where} broke: ${text}`);
}

/** Worth another try on the same host: the network's mood or a full listen queue, never a decision by the host. */
export function isTransient(gone: GatherFailure): boolean {
  if (gone.code === 'connection-reset') return gone.phase === 'connect' || gone.phase === 'handshake';
  // PerSourcePenalties (sshd 9.8): every further try prolongs them.
  return (
    gone.code === 'closed-before-login' &&
    gone.phase === 'handshake' &&
    !/not allowed at this time/i.test(gone.detail)
  );
}
