/** One host over SSH, whichever program speaks the protocol: resolve, pass the bastions, log in, run, tell. */
import { messageOf } from '../../errors.js';
import type { ConnectionRecord, GatherFailure } from '../../model.js';
import type { Limits, RunRequest, RunResult } from '../transport.js';
import type { Bastions, SharedSession } from './bastions.js';
import type { ExecResult } from './exec.js';
import { failed, failure, isTransient, success, type Attempt } from './failure.js';
import { withRetries } from './retry.js';
import { handshakeOf } from './handshake.js';
import { endpointOf, type Hop, type ResolvedRoute } from './route.js';
import { createProgress, type Progress } from './session.js';
import { createStop, onStop, stopped } from './stop.js';

/** How one transport logs in and runs a command: `S` is a connection to a bastion, `T` one to a target. */
export interface Carrier<S extends SharedSession, T> {
  readonly name: ConnectionRecord['transport'];
  readonly bastions: Bastions<S>;
  /** Connects and logs in, through `via` if there is one. Never rejects; leaves nothing open when it fails. */
  open(login: Login<S>): Promise<Attempt<T>>;
  /** Runs the one command, and leaves the connection ended. Never rejects. */
  execute(session: T, login: Login<S>): Promise<ExecResult>;
}

interface Login<S> {
  readonly target: Hop;
  readonly via: S | undefined;
  readonly request: RunRequest;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly progress: Progress;
}

/** Never rejects. */
export async function runHost<S extends SharedSession, T>(
  carrier: Carrier<S, T>,
  request: RunRequest,
  resolving: Promise<ResolvedRoute>,
): Promise<RunResult> {
  const { limits } = request;
  const stop = createStop(request.signal, limits.totalMs);
  const { signal } = stop;
  let progress = createProgress();
  let record: (() => ConnectionRecord) | undefined;
  try {
    const route = await orStopped(resolving, signal);
    if (!route.ok) return nothing(route.failure);
    record = () => recordOf(carrier.name, route.value, progress);
    const [problem] = route.value.errors;
    if (problem) return nothing(problem);
    const { target, bastions: hops } = route.value;
    let login: Login<S> = { target, via: undefined, request, limits, signal, progress };
    const opened = await withRetries(
      limits.retries,
      signal,
      async (): Promise<Attempt<T>> => {
        progress = createProgress();
        login = { ...login, via: undefined, progress };
        if (hops.length > 0) {
          progress.phase = 'connect';
          const bastion = await carrier.bastions.through(hops, limits, signal);
          if (!bastion.ok) return bastion;
          login = { ...login, via: bastion.value };
        }
        return carrier.open(login);
      },
      // A bastion that broke off is connected anew, once; see bastions.ts.
      (gone) =>
        isTransient(gone) ||
        (login.via?.isOpen() === false && gone.code !== 'cancelled' && gone.code !== 'total-timeout'),
    );
    if (!opened.ok)
      return { ...nothing(opened.failure), connection: record(), ...handshakeOf(progress.handshake) };
    const result = await carrier.execute(opened.value, login);
    return { ...result, connection: record(), ...handshakeOf(progress.handshake) };
  } catch (error) {
    const gone = failure(
      'internal',
      progress.phase,
      messageOf(error),
      'This is a defect of ssh-scorecard; please report it.',
    );
    return { ...nothing(gone), ...(record ? { connection: record() } : {}) };
  } finally {
    stop.release();
  }
}

/** The promise's value, unless the run is stopped first. */
async function orStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<Attempt<T>> {
  let forget = (): void => undefined;
  const stop = new Promise<Attempt<T>>((resolve) => {
    forget = onStop(signal, () => resolve(failed(stopped(signal, 'resolve'))));
  });
  try {
    return await Promise.race([promise.then(success), stop]);
  } finally {
    forget();
  }
}

function nothing(gone: GatherFailure): RunResult {
  return { stdout: new Uint8Array(), stderr: new Uint8Array(), failure: gone };
}

function recordOf(
  transport: ConnectionRecord['transport'],
  route: ResolvedRoute,
  progress: Progress,
): ConnectionRecord {
  const { target } = route;
  return {
    transport,
    address: target.address,
    port: target.port,
    user: target.user,
    route: route.bastions.map(endpointOf),
    ...(progress.hostKey === undefined ? {} : { hostKey: progress.hostKey }),
    ...(progress.authenticatedBy === undefined ? {} : { authenticatedBy: progress.authenticatedBy }),
    ...(progress.serverVersion === undefined ? {} : { serverVersion: progress.serverVersion }),
    timings: { ...progress.timings },
  };
}
