/** Every parser of foreign bytes, a few cases each; `npm run fuzz` tries a million. */
import { describe, expect, test } from 'vitest';
import { fuzz, casesOf, promise, type Target } from './target.js';
import { TARGETS } from './targets.js';

const CASES = 6000;
const SEED = 20_261_121;
const shares = casesOf(TARGETS, CASES);

describe('no parser throws, hangs or exceeds its bounds', () => {
  test.each(TARGETS.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    expect(await fuzz(target, shares.get(target) ?? 0, SEED)).toBeUndefined();
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
    const told = await fuzz(
      target((bytes) => {
        if (bytes.includes('x')) throw new Error('thrown');
      }),
      500,
      SEED,
    );
    expect(told).toMatch(/^made to fail: Error: thrown/);
    expect(told).toContain(`base64 ${Buffer.from('x').toString('base64')}`);
  });

  test('tells one that is slow, and one that breaks its promise', async () => {
    const busy = (): void => {
      const before = process.cpuUsage();
      for (let spent = 0; spent < 60_000;) {
        const { user, system } = process.cpuUsage(before);
        spent = user + system;
      }
    };
    expect(await fuzz(target(busy), 1, SEED, 30)).toContain('took');
    expect(
      await fuzz(
        target((bytes) => promise(bytes.length < 3, 'short')),
        200,
        SEED,
      ),
    ).toContain('broken promise');
  });
});
