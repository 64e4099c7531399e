/** Tries again what the network or a full listen queue spoiled; never what a host decided. */
import type { GatherFailure } from '../../model.js';
import { failed, isTransient, type Attempt } from './failure.js';
import { pause, stopped } from './stop.js';

/** Full jitter over an exponential ceiling: empties a MaxStartups queue without a stampede. Milliseconds. */
const BASE_MS = 250;
const CEILING_MS = 8000;

export function backoffCeiling(attempt: number): number {
  return Math.min(CEILING_MS, BASE_MS * 2 ** (attempt - 1));
}

/** At most `retries` further attempts. A failure that took several says how many. */
export async function withRetries<T>(
  retries: number,
  signal: AbortSignal,
  attempt: () => Promise<Attempt<T>>,
  worthwhile: (gone: GatherFailure) => boolean = isTransient,
): Promise<Attempt<T>> {
  for (let made = 1; ; made += 1) {
    const outcome = await attempt();
    if (outcome.ok) return outcome;
    const counted = made === 1 ? outcome.failure : { ...outcome.failure, attempts: made };
    if (made > retries || !worthwhile(outcome.failure)) return failed(counted);
    const waited = await pause(Math.random() * backoffCeiling(made), signal);
    if (!waited) return failed({ ...stopped(signal, outcome.failure.phase), attempts: made });
  }
}
