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

/**
 * A case over this is a hang. Milliseconds of processor time, for every 256 KiB begun: the machine may be busy with
 * something else, and what is read line by line may take longer for more lines, but not the square of it.
 */
const SLOW_MS = 1000;
const SLOW_PER = 256 * 1024;

export interface Told {
  /** Inputs it was tried with. */
  readonly cases: number;
  /** What went wrong, with the smallest input that shows it. Absent: nothing did. */
  readonly problem?: string;
}

/** @param before is told each input before it is tried, for inputs that nobody returns from. */
export async function fuzz(
  target: Target,
  cases: number,
  seed: number,
  { slowMs = SLOW_MS, before }: { readonly slowMs?: number; readonly before?: (bytes: Buffer) => void } = {},
): Promise<Told> {
  let slow = false;
  let tried = 0;
  const property = fc.asyncProperty(inputFor(target), async (bytes) => {
    // Smaller inputs of something slow would be looked for until tomorrow.
    if (slow) return;
    tried += 1;
    before?.(bytes);
    const most = slowMs * Math.max(1, Math.ceil(bytes.length / SLOW_PER));
    const started = performance.now();
    const spent = process.cpuUsage();
    try {
      await target.run(bytes);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
    if (performance.now() - started < most) return;
    const { user, system } = process.cpuUsage(spent);
    const ms = (user + system) / 1000;
    slow = ms > most;
    if (slow) throw new Error(`took ${ms.toFixed(0)} ms for ${bytes.length} bytes`);
  });
  const result = await fc.check(property, { numRuns: cases, seed });
  if (!result.failed) return { cases: tried };
  const [input] = result.counterexample ?? [];
  const shown = input === undefined ? '' : shownInput(input);
  return {
    cases: tried,
    problem: `${target.name}: ${reasonOf(result.errorInstance)} (seed ${seed}; ${shown})`,
  };
}

export function shownInput(input: Buffer): string {
  return `${input.length} bytes, base64 ${input.toString('base64').slice(0, 2000)}`;
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
