/** A parser under fuzz, and how it is tried: no input may make it throw, take long, or give more than it may. */
import fc from 'fast-check';
import { UserError } from '../../src/errors.js';
import { inputFor, type Vocabulary } from './inputs.js';

export interface Target extends Vocabulary {
  readonly name: string;
  /** Parses, and throws when the result breaks a promise. A UserError is an answer, not a failure. */
  readonly run: (bytes: Buffer) => void | Promise<void>;
  /** Cases for each case of the quickest: what reads a whole host costs hundreds of times as much. Default 1. */
  readonly share?: number;
}

/** A case over this is a hang. Milliseconds of processor time: the machine may be busy with something else. */
const SLOW_MS = 1000;

/** @returns what went wrong, with the smallest input that shows it; undefined when nothing did. */
export async function fuzz(
  target: Target,
  cases: number,
  seed: number,
  slowMs = SLOW_MS,
): Promise<string | undefined> {
  const property = fc.asyncProperty(inputFor(target), async (bytes) => {
    const started = performance.now();
    const before = process.cpuUsage();
    try {
      await target.run(bytes);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
    if (performance.now() - started < slowMs) return;
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms > slowMs) throw new Error(`took ${ms.toFixed(0)} ms for ${bytes.length} bytes`);
  });
  const result = await fc.check(property, { numRuns: cases, seed, interruptAfterTimeLimit: 600_000 });
  if (!result.failed || result.interrupted) return undefined;
  const [input] = result.counterexample ?? [];
  const shown =
    input === undefined ? '' : `${input.length} bytes, base64 ${input.toString('base64').slice(0, 2000)}`;
  return `${target.name}: ${reasonOf(result.errorInstance)} (seed ${seed}; ${shown})`;
}

function reasonOf(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? error.message).split('\n').slice(0, 6).join('\n')
    : String(error);
}

/** For targets: a promise about the result. */
export function promise(holds: boolean, what: string): void {
  if (!holds) throw new Error(`broken promise: ${what}`);
}

export function casesOf(targets: readonly Target[], total: number): ReadonlyMap<Target, number> {
  const shares = targets.reduce((sum, { share = 1 }) => sum + share, 0);
  return new Map(
    targets.map((target) => [target, Math.max(20, Math.round((total * (target.share ?? 1)) / shares))]),
  );
}
