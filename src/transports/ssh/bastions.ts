/** Connections to bastions, shared by every target behind them: one login each, however many targets ask at once. */
import type { GatherFailure } from '../../model.js';
import type { Limits } from '../transport.js';
import { failed, failure, isTransient, type Attempt } from './failure.js';
import { withRetries } from './retry.js';
import { endpointOf, type Hop } from './route.js';
import { createStop, onStop, stopped } from './stop.js';

/** A bastion that drops its connections a second time would go on doing so. */
const MAX_REMAKES = 1;

/** One connection to a bastion, however it is made. */
export interface SharedSession {
  isOpen(): boolean;
  /** Says goodbye. */
  end(): void;
  destroy(): void;
}

/** Logs in to one hop, through the session on the one before it. Never rejects. */
export type OpenHop<S> = (
  hop: Hop,
  before: S | undefined,
  limits: Limits,
  signal: AbortSignal,
) => Promise<Attempt<S>>;

export interface Bastions<S> {
  /** The session on the last of these hops, nearest first. Waits no longer than `signal` allows. Never rejects. */
  through(hops: readonly Hop[], limits: Limits, signal: AbortSignal): Promise<Attempt<S>>;
  close(): void;
}

interface Entry<S> {
  current: Promise<Attempt<S>>;
  session: S | undefined;
  remakes: number;
}

export function createBastions<S extends SharedSession>(openHop: OpenHop<S>): Bastions<S> {
  const entries = new Map<string, Entry<S>>();
  const closing = new AbortController();

  const open = async (hops: readonly Hop[], limits: Limits): Promise<Attempt<S>> => {
    const hop = hops.at(-1);
    if (hop === undefined) return failed(failure('internal', 'connect', 'a route without hops'));
    const stop = createStop(closing.signal, limits.totalMs);
    try {
      const outcome = await withRetries(
        limits.retries,
        stop.signal,
        async () => {
          const before = hops.length === 1 ? undefined : await shared(hops.slice(0, -1), limits);
          if (before && !before.ok) return before;
          const opened = await openHop(hop, before?.value, limits, stop.signal);
          return opened.ok ? opened : failed(throughHop(hop, opened.failure));
        },
        (gone) => isTransient(innerOf.get(gone) ?? gone),
      );
      return outcome;
    } finally {
      stop.release();
    }
  };

  const shared = async (hops: readonly Hop[], limits: Limits): Promise<Attempt<S>> => {
    const id = JSON.stringify(hops.map((hop) => [hop.name, endpointOf(hop), hop.proxyCommand]));
    const known = entries.get(id);
    const lost = known?.session !== undefined && !known.session.isOpen();
    if (known && (!lost || known.remakes >= MAX_REMAKES)) {
      return lost ? failed(lostAgain(hops.at(-1))) : known.current;
    }
    const entry: Entry<S> = {
      current: open(hops, limits),
      session: undefined,
      remakes: known ? known.remakes + 1 : 0,
    };
    entries.set(id, entry);
    const outcome = await entry.current;
    if (outcome.ok) entry.session = outcome.value;
    if (outcome.ok && closing.signal.aborted) outcome.value.destroy();
    // What only this moment forbids is asked again by the next host; a bastion's refusal is not.
    if (!outcome.ok && outcome.failure.code === 'local-resources') entries.delete(id);
    return outcome;
  };

  return {
    through: async (hops, limits, signal) => {
      if (signal.aborted) return failed(stopped(signal, 'connect'));
      let forget = (): void => undefined;
      const stop = new Promise<Attempt<S>>((resolve) => {
        forget = onStop(signal, () => resolve(failed(stopped(signal, 'connect'))));
      });
      try {
        return await Promise.race([stop, shared(hops, limits)]);
      } finally {
        forget();
      }
    },
    close: () => {
      closing.abort();
      // Targets end before the bastions that carry them.
      for (const entry of [...entries.values()].reverse()) entry.session?.end();
      entries.clear();
    },
  };
}

/** The hop's own failure behind a `jump-failed`, which decides whether to try again. */
const innerOf = new WeakMap<GatherFailure, GatherFailure>();

function throughHop(hop: Hop, inner: GatherFailure): GatherFailure {
  if (inner.code === 'local-resources' || inner.code === 'cancelled') return inner;
  const outer = failure(
    'jump-failed',
    inner.phase,
    `jump host ${hop.name} (${endpointOf(hop)}): ${inner.code}: ${inner.detail}`,
    inner.hint,
  );
  innerOf.set(outer, inner);
  return outer;
}

function lostAgain(hop: Hop | undefined): GatherFailure {
  return failure(
    'jump-failed',
    'connect',
    `jump host ${hop ? `${hop.name} (${endpointOf(hop)})` : ''}: connection-lost: it dropped its connection a second time`,
  );
}
