import fc from 'fast-check';
import pLimit from 'p-limit';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  createBudget,
  createLanes,
  createTurns,
  interleave,
  RAMP_FIRST,
  startRamp,
  whenThereIsRoom,
} from '../../src/gather/pace.js';
import type { Host } from '../../src/model.js';

function host(name: string, environment?: string, bastion?: string): Host {
  return {
    name,
    address: name,
    transport: 'ssh',
    become: 'none',
    tags: [],
    jump: bastion === undefined ? [] : [bastion],
    hostKeys: [],
    allowedPrincipals: { adm: [], agt: [], atm: [] },
    at: { file: 'test', line: 1, column: 1 },
    ...(environment !== undefined && { environment }),
  };
}

/** Counts what runs at the same time, in all and by a key. */
function meter() {
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  return {
    most: (key: string) => most.get(key) ?? 0,
    task:
      (...keys: readonly string[]) =>
      async () => {
        for (const key of keys) {
          now.set(key, (now.get(key) ?? 0) + 1);
          most.set(key, Math.max(most.get(key) ?? 0, now.get(key) ?? 0));
        }
        for (let turn = 0; turn < 3; turn += 1) await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
        for (const key of keys) now.set(key, (now.get(key) ?? 0) - 1);
      },
  };
}

describe('lanes', () => {
  test('no bastion, environment or fleet ever has more than its share, and all of it is used', async () => {
    const hosts = Array.from({ length: 60 }, (_, index) =>
      host(`h${index}`, index % 3 === 0 ? 'prod' : 'test', index % 2 === 0 ? 'jump-a' : undefined),
    );
    const gauge = meter();
    const inLane = createLanes(pLimit(12), { perBastion: 4, perEnvironment: 7 });
    await Promise.all(
      hosts.map((one) => inLane(one, gauge.task('all', one.jump[0] ?? 'direct', one.environment ?? ''))),
    );
    expect(gauge.most('all')).toBe(12);
    expect(gauge.most('jump-a')).toBe(4);
    expect(gauge.most('prod')).toBeLessThanOrEqual(7);
    expect(gauge.most('test')).toBe(7);
    expect(gauge.most('direct')).toBeGreaterThan(4);
  });

  test('a full bastion holds up nobody else', async () => {
    const inLane = createLanes(pLimit(3), { perBastion: 1 });
    let release = (): void => undefined;
    const stuck = inLane(
      host('a', undefined, 'slow'),
      () => new Promise<void>((resolve) => (release = resolve)),
    );
    const waiting = [1, 2, 3, 4].map((index) =>
      inLane(host(`w${index}`, undefined, 'slow'), () => Promise.resolve()),
    );
    const others = Array.from({ length: 20 }, (_, index) =>
      inLane(host(`o${index}`), () => Promise.resolve(index)),
    );
    expect(await Promise.all(others)).toHaveLength(20);
    release();
    await Promise.all([stuck, ...waiting]);
  });

  test('the bastion of --jump counts for every host', async () => {
    const gauge = meter();
    const inLane = createLanes(pLimit(50), { perBastion: 2, bastionOf: () => 'the-one' });
    await Promise.all(Array.from({ length: 10 }, (_, index) => inLane(host(`h${index}`), gauge.task('all'))));
    expect(gauge.most('all')).toBe(2);
  });
});

describe('interleave', () => {
  test('bastions and environments by turns, each in its own order', () => {
    const hosts = [host('a1', 'a'), host('a2', 'a'), host('a3', 'a'), host('b1', 'b'), host('c1', 'a', 'j')];
    expect(interleave(hosts).map(({ name }) => name)).toEqual(['a1', 'b1', 'c1', 'a2', 'a3']);
  });

  test('loses and doubles nobody, and keeps the order within a lane', () => {
    const lane = fc.constantFrom(undefined, 'x', 'y', 'z');
    fc.assert(
      fc.property(fc.array(fc.tuple(lane, lane), { maxLength: 40 }), (lanes) => {
        const hosts = lanes.map(([environment, bastion], index) => host(`h${index}`, environment, bastion));
        const order = interleave(hosts);
        expect(new Set(order)).toEqual(new Set(hosts));
        expect(order).toHaveLength(hosts.length);
        for (const one of hosts) {
          const same = (other: Host) =>
            other.environment === one.environment && other.jump[0] === one.jump[0];
          expect(order.filter(same)).toEqual(hosts.filter(same));
        }
      }),
      { seed: 13, numRuns: 200 },
    );
  });
});

describe('by the clock', () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'performance'],
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('the ramp starts small, doubles every second, and stops at the limit', () => {
    const limit = pLimit(1);
    const ramp = startRamp(limit, 50);
    const seen = [limit.concurrency];
    for (let second = 0; second < 6; second += 1) {
      vi.advanceTimersByTime(1000);
      seen.push(limit.concurrency);
    }
    expect(seen).toEqual([RAMP_FIRST, 10, 20, 40, 50, 50, 50]);
    expect(vi.getTimerCount()).toBe(0);
    ramp.stop();
  });

  test('every host that answers makes room for one more', () => {
    const limit = pLimit(1);
    const ramp = startRamp(limit, 50);
    for (let index = 0; index < 4; index += 1) ramp.answered();
    expect(limit.concurrency).toBe(9);
    ramp.stop();
  });

  test('a shortage halves what is under way, once for all that met it, and growth goes on slowly', () => {
    const limit = { concurrency: 1, activeCount: 0 };
    const ramp = startRamp(limit, 40);
    vi.advanceTimersByTime(10_000);
    expect(limit.concurrency).toBe(40);
    limit.activeCount = 40;
    const begun = Array.from({ length: 40 }, () => ramp.begun());
    for (const one of begun) ramp.shortage(one);
    expect(limit.concurrency).toBe(20);
    // One more for a whole round of answers.
    const seen = [20, 21, 22].map((places) => {
      for (let answer = 0; answer < places; answer += 1) ramp.answered();
      return limit.concurrency;
    });
    expect(seen).toEqual([21, 22, 23]);
    // Fewer are under way than may be: those were too many.
    limit.activeCount = 6;
    ramp.shortage(ramp.begun());
    expect(limit.concurrency).toBe(3);
    ramp.shortage(begun[0] ?? 0);
    expect(limit.concurrency).toBe(3);
    // In the end as many as ever, and no more.
    for (let answer = 0; answer < 2000; answer += 1) ramp.answered();
    expect(limit.concurrency).toBe(40);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('there is always room for one', () => {
    const limit = { concurrency: 1, activeCount: 1 };
    const ramp = startRamp(limit, 50);
    for (let times = 0; times < 5; times += 1) ramp.shortage(ramp.begun());
    expect(limit.concurrency).toBe(1);
  });

  test('a limit below the first step is not raised', () => {
    const limit = pLimit(1);
    startRamp(limit, 2);
    vi.advanceTimersByTime(5000);
    expect(limit.concurrency).toBe(2);
  });

  test('the budget gives a fair share, at least five seconds, and never more than what is left', () => {
    const budget = createBudget(100_000, 100);
    expect(budget.share(120_000, 10)).toBe(10_000);
    // 99 hosts are left, ten at a time.
    expect(budget.share(120_000, 10)).toBe(10_101);
    expect(budget.share(2000, 10)).toBe(2000);
    expect(budget.share(120_000, 1)).toBe(5000);
    vi.advanceTimersByTime(97_000);
    expect(budget.share(120_000, 10)).toBe(3000);
    expect(budget.over?.aborted).toBe(false);
    vi.advanceTimersByTime(3000);
    expect(budget.share(120_000, 10)).toBe(0);
    expect(budget.over?.aborted).toBe(true);
    budget.stop();
  });

  test('without a deadline every host has its own limit', () => {
    const budget = createBudget(undefined, 1000);
    expect(budget.share(120_000, 1)).toBe(120_000);
    expect(budget.over).toBeUndefined();
  });
});

describe('room on this machine', () => {
  const never = new AbortController().signal;

  test('a host gives its place away while it waits, and is asked until the last time', async () => {
    const limit = pLimit(1);
    const order: string[] = [];
    const short = whenThereIsRoom(limit, never, (mayAskAgain) => {
      order.push(`short ${String(mayAskAgain)}`);
      return Promise.resolve(order.filter((one) => one.startsWith('short')).length < 3 ? 'again' : 'read');
    });
    const other = whenThereIsRoom(limit, never, () => Promise.resolve(order.push('other')));
    expect([await short, await other]).toEqual(['read', 2]);
    expect(order).toEqual(['short true', 'other', 'short true', 'short true']);
  });

  test('an interrupt ends the waiting, not the number of turns', async () => {
    const turns: boolean[] = [];
    const stopped = AbortSignal.abort();
    const told = await whenThereIsRoom(pLimit(1), stopped, (mayAskAgain) => {
      turns.push(mayAskAgain);
      return Promise.resolve(mayAskAgain ? 'again' : 'a row');
    });
    expect([told, turns]).toEqual(['a row', [true, true, true, true, true, true, false]]);
  });
});

describe('turns', () => {
  test('are spaced by the rate, whoever asks at once', async () => {
    const turn = createTurns(200);
    const { signal } = new AbortController();
    const begun: number[] = [];
    const start = performance.now();
    await Promise.all(
      Array.from({ length: 11 }, () => turn(signal).then(() => begun.push(performance.now() - start))),
    );
    // Ten gaps of 5 ms: never sooner, as late as the machine is busy.
    expect(begun.at(-1)).toBeGreaterThanOrEqual(48);
  });

  test('an interrupt ends the waiting at once', async () => {
    const turn = createTurns(1 / 3600);
    const abort = new AbortController();
    await turn(abort.signal);
    const waiting = turn(abort.signal);
    abort.abort();
    expect(await waiting).toBeUndefined();
  });
});
