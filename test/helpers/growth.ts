/** Whether work grows with its input, and not with the square of it: processor time compared with itself, never a figure. */

/** The larger input is this many times the smaller: far enough apart to tell 4 (linear) from 16 (quadratic). */
const STEP = 4;
/** Half way, as ratios go, between linear and quadratic: growth below it is linear. */
export const LINEAR = 8;
/** Rounds until one is low enough: garbage collection and the compiler cost processor time as well. */
const ROUNDS = 5;
/** Work is repeated until it has taken this long: less would measure the clock. Milliseconds. */
const LEAST_MS = 20;
/** What costs less than this is not told apart: caches and the collector make more of a difference. Milliseconds. */
const NOTHING_MS = 1;

/** Processor time of one call, which a busy machine does not lengthen; mean over as many as it takes. Milliseconds. */
function costMs(work: () => void): number {
  const before = process.cpuUsage();
  for (let calls = 1; ; calls += 1) {
    work();
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1000;
    if (ms >= LEAST_MS) return Math.max(ms / calls, NOTHING_MS);
  }
}

/**
 * How many times the processor time an input of four times the size takes: about 4 where the work is linear, 16 where
 * it is quadratic, and far more where it is exponential; for that, choose `size` so small that it ends all the same.
 * Of several rounds the lowest, and none after one below `below`.
 *
 * @param make the work on an input of this size; the input itself is made before the clock runs
 */
export function growth(size: number, make: (size: number) => () => void, below: number = LINEAR): number {
  const [small, large] = [make(size), make(size * STEP)];
  // Once for the compiler.
  small();
  let lowest = Infinity;
  for (let round = 0; round < ROUNDS && lowest >= below; round += 1) {
    const before = costMs(small);
    lowest = Math.min(lowest, costMs(large) / before);
  }
  return lowest;
}
