/** A name pattern run character by character. A state is the list of positions up to which the pattern is consumed. */

export type Positions = readonly number[];

/** The state before any character. */
export function startPattern(pattern: string): Positions {
  return closed(pattern, [0]);
}

/** The state after one more character; empty when nothing can match any more. */
export function stepPattern(pattern: string, positions: Positions, char: string): Positions {
  const next: number[] = [];
  for (const at of positions) {
    const expected = pattern.charAt(at);
    if (expected === '*') next.push(at);
    else if (expected !== '' && (expected === '?' || expected === char)) next.push(at + 1);
  }
  return next.length === 0 ? next : closed(pattern, next);
}

/** A `*` may also match nothing. Sorted, without doubles. */
function closed(pattern: string, positions: readonly number[]): number[] {
  const all = new Set(positions);
  for (const at of all) if (pattern.charAt(at) === '*') all.add(at + 1);
  return all.size === 1 ? [...all] : [...all].sort((a, b) => a - b);
}
