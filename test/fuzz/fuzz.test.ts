/** Every parser of foreign bytes, a few cases each; `npm run fuzz` tries a million. */
import { describe, expect, test } from 'vitest';
import { fuzz, casesOf, promise, type Target } from './target.js';
import { TARGETS } from './targets.js';

const CASES = 4000;
const SEED = 20_261_121;
const shares = casesOf(TARGETS, CASES);

describe('no parser throws, hangs or exceeds its bounds', () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    const cases = shares.get(target) ?? 0;
    expect(await fuzz(target, cases, SEED)).toEqual({ cases });
  });
});

describe('the fuzzer itself', () => {
  const target = (run: Target['run']): Target => ({
    name: 'made to fail',
    seeds: [Buffer.from('abc')],
    words: ['x'],
    run,
  });

  test('tells a parser that throws, with the input', async () => {
    const { problem } = await fuzz(
      target((bytes) => {
        if (bytes.includes('x')) throw new Error('thrown');
      }),
      500,
      SEED,
    );
    expect(problem).toMatch(/^made to fail: Error: thrown/);
    expect(problem).toContain(`base64 ${Buffer.from('x').toString('base64')}`);
  });

  test('tells one that is slow, and one that breaks its promise', async () => {
    const busy = (): void => {
      const before = process.cpuUsage();
      for (let spent = 0; spent < 60_000;) {
        const { user, system } = process.cpuUsage(before);
        spent = user + system;
      }
    };
    // Told at once: what is slow is not tried again to make it smaller.
    expect(await fuzz(target(busy), 100, SEED, { slowMs: 30 })).toEqual({
      cases: 1,
      problem: expect.stringContaining('took') as string,
    });
    const short = await fuzz(
      target((bytes) => promise(bytes.length < 3, 'short')),
      200,
      SEED,
    );
    expect(short.problem).toContain('broken promise');
  });

  test('hands over each input before it is tried', async () => {
    const seen: number[] = [];
    const order: number[] = [];
    await fuzz(
      target((bytes) => void order.push(bytes.length)),
      20,
      SEED,
      { before: (bytes) => void seen.push(bytes.length) },
    );
    expect(seen).toEqual(order);
  });
});
