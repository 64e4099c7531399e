/** One way to end everything about a host: the caller's abort, the total deadline, or the transport's close. */
import type { GatherFailure, Phase } from '../../model.js';
import { failure } from './failure.js';

export interface Stop {
  readonly signal: AbortSignal;
  /** Forgets timers and listeners. */
  release(): void;
}

/** Aborts when `outer` does, or after `totalMs`. The reason is a {@link GatherFailure} whose phase is filled in by {@link stopped}. */
export function createStop(outer: AbortSignal, totalMs: number): Stop {
  const controller = new AbortController();
  const cancel = (): void => controller.abort(failure('cancelled', 'run', 'the run was cancelled'));
  const timer = setTimeout(
    () => controller.abort(failure('total-timeout', 'run', `not finished after ${String(totalMs)} ms`)),
    totalMs,
  );
  if (outer.aborted) cancel();
  else outer.addEventListener('abort', cancel, { once: true });
  return {
    signal: controller.signal,
    release: () => {
      clearTimeout(timer);
      outer.removeEventListener('abort', cancel);
    },
  };
}

/** Why the signal was aborted, said of the phase it hit. */
export function stopped(signal: AbortSignal, phase: Phase): GatherFailure {
  const reason = signal.reason as GatherFailure;
  return { ...reason, phase };
}

/** Calls back on abort, at once when it has happened already. Returns how to stop listening. */
export function onStop(signal: AbortSignal, listener: () => void): () => void {
  if (signal.aborted) {
    listener();
    return () => undefined;
  }
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** Waits, or returns false as soon as the signal is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    let forget = (): void => undefined;
    const timer = setTimeout(() => {
      forget();
      resolve(true);
    }, ms);
    forget = onStop(signal, () => {
      clearTimeout(timer);
      resolve(false);
    });
  });
}
