/**
 * How fast a fleet is asked: what bastions, networks and the clock allow. All of it is bounded waiting; nothing here
 * loses a host.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import pLimit, { type LimitFunction } from 'p-limit';
import type { Host } from '../model.js';

/** Every bound is optional; absent means no bound. */
export interface Pace {
  /** Hosts begun per second. Retries of one host are not counted: they back off by themselves. */
  readonly rate?: number;
  /** Hosts at a time behind one bastion. */
  readonly perBastion?: number;
  /** Hosts at a time in one environment. */
  readonly perEnvironment?: number;
  /** The first machine on the way to a host that is reached through bastions. Default: the inventory's. */
  readonly bastionOf?: (host: Host) => string | undefined;
  /** Milliseconds for the whole fan-out, from its beginning. */
  readonly deadlineMs?: number;
}

/** Hosts at a time in the first second: half of what sshd's `MaxStartups 10:30:100` lets wait for their login. */
export const RAMP_FIRST = 5;
const RAMP_EVERY_MS = 1000;

export interface Ramp {
  /** A host answered: one more at a time; after a shortage, one more for a whole round of answers. */
  answered(): void;
  /** To be taken when a host begins, and handed over when it met a shortage. */
  begun(): number;
  /**
   * This machine ran out of something: half as many at a time. All that were under way met the same shortage, and
   * count as one.
   */
  shortage(begun: number): void;
  stop(): void;
}

/**
 * Lets a limit grow from {@link RAMP_FIRST} to `most`: it doubles every second, and gains one with every host that
 * answered. A server whose queue of logins is short drops what comes all at once (sshd_config(5), MaxStartups).
 * After a shortage it grows as TCP does after a loss: by one for as many answers as there are places (RFC 5681, 3.1).
 */
export function startRamp(limit: Pick<LimitFunction, 'concurrency' | 'activeCount'>, most: number): Ramp {
  let growing = most > RAMP_FIRST;
  let shortages = 0;
  let answers = 0;
  limit.concurrency = Math.max(1, Math.min(RAMP_FIRST, most));
  const grow = (to: number): void => {
    if (!growing) return;
    limit.concurrency = Math.min(most, to);
    if (limit.concurrency === most) stop();
  };
  const timer = setInterval(() => grow(limit.concurrency * 2), RAMP_EVERY_MS);
  timer.unref();
  const stop = (): void => {
    growing = false;
    clearInterval(timer);
  };
  return {
    answered: () => {
      if (shortages === 0) return grow(limit.concurrency + 1);
      answers += 1;
      if (answers < limit.concurrency || limit.concurrency >= most) return;
      answers = 0;
      limit.concurrency += 1;
    },
    begun: () => shortages,
    shortage: (begun) => {
      if (begun !== shortages) return;
      shortages += 1;
      answers = 0;
      stop();
      limit.concurrency = Math.max(1, Math.floor(Math.min(limit.concurrency, limit.activeCount) / 2));
    },
    stop,
  };
}

/**
 * Runs a task when its bastion, its environment and the fleet have room, asked in that order: what waits for its
 * bastion holds no place of another.
 */
export function createLanes(
  fleet: LimitFunction,
  { perBastion, perEnvironment, bastionOf = nearestBastion }: Pace,
): <T>(host: Host, task: () => Promise<T>) => Promise<T> {
  const bastions = createLane(perBastion);
  const environments = createLane(perEnvironment);
  return (host, task) => bastions(bastionOf(host), () => environments(host.environment, () => fleet(task)));
}

/** How often a host is put back when this machine, not the host, ran out of sockets or files. */
const LOCAL_RETRIES = 6;
const LOCAL_BACKOFF_MS = 250;

/**
 * Asks one host in its lane, and again when this machine ran out of sockets or files: it gives its place away while
 * it waits, for those that hold the sockets must be able to finish.
 * @param once is told whether it may ask for another turn.
 */
export async function whenThereIsRoom<T>(
  inLane: (task: () => Promise<T | 'again'>) => Promise<T | 'again'>,
  signal: AbortSignal,
  once: (mayAskAgain: boolean) => Promise<T | 'again'>,
): Promise<Exclude<T, 'again'>> {
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await inLane(() => once(attempt < LOCAL_RETRIES));
    if (outcome !== 'again') return outcome as Exclude<T, 'again'>;
    await sleep(LOCAL_BACKOFF_MS * 2 ** attempt, undefined, { signal }).catch(() => undefined);
  }
}

function createLane(most: number | undefined) {
  const limits = new Map<string, LimitFunction>();
  return <T>(key: string | undefined, task: () => Promise<T>): Promise<T> => {
    if (most === undefined || key === undefined) return task();
    const limit = limits.get(key) ?? pLimit(Math.max(1, most));
    limits.set(key, limit);
    return limit(task);
  };
}

function nearestBastion(host: Host): string | undefined {
  return host.jump[0];
}

/** Bastions and environments by turns, so that none is asked for everything at once. Stable within each. */
export function interleave(
  hosts: readonly Host[],
  bastionOf: (host: Host) => string | undefined = nearestBastion,
): Host[] {
  const lanes = new Map<string, Host[]>();
  for (const host of hosts) {
    const key = JSON.stringify([bastionOf(host), host.environment]);
    const lane = lanes.get(key);
    if (lane) lane.push(host);
    else lanes.set(key, [host]);
  }
  const longest = Math.max(0, ...[...lanes.values()].map(({ length }) => length));
  const order: Host[] = [];
  for (let round = 0; round < longest; round += 1)
    for (const lane of lanes.values()) {
      const host = lane[round];
      if (host) order.push(host);
    }
  return order;
}

/** Waits for one's turn: never more than `rate` per second, in the order of asking. Ends early when `signal` aborts. */
export function createTurns(rate: number | undefined): (signal: AbortSignal) => Promise<void> {
  if (rate === undefined) return () => Promise.resolve();
  let next = 0;
  return async (signal) => {
    const now = performance.now();
    const mine = Math.max(now, next);
    next = mine + 1000 / rate;
    if (mine > now) await sleep(mine - now, undefined, { signal }).catch(() => undefined);
  };
}

/** The least a host gets while there is time at all: less would cut healthy hosts off. Milliseconds. */
const LEAST_SHARE_MS = 5000;

export interface Budget {
  /** Ends the waiting of those that were not begun in time. Absent: there is no deadline. */
  readonly over?: AbortSignal;
  /** Milliseconds a host that begins now may take; 0 when the time is over. */
  share(most: number, atATime: number): number;
  stop(): void;
}

/**
 * Divides what is left until the deadline among the hosts that are left: a few slow ones at the beginning must not
 * use up the time of all others. What quick hosts leave over goes to the next.
 */
export function createBudget(deadlineMs: number | undefined, hosts: number): Budget {
  if (deadlineMs === undefined) return { share: (most) => most, stop: () => undefined };
  const end = performance.now() + deadlineMs;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), deadlineMs);
  let waiting = hosts;
  return {
    over: abort.signal,
    share(most, atATime) {
      const left = Math.max(0, end - performance.now());
      const fair = (left * atATime) / Math.max(1, waiting);
      waiting = Math.max(1, waiting - 1);
      return Math.floor(Math.min(most, left, Math.max(LEAST_SHARE_MS, fair)));
    },
    stop: () => clearTimeout(timer),
  };
}
