/** Near names for "did you mean": edit distance with swaps of neighbours, bounded in time. */

/** Longer words are compared by their first characters only. */
const MAX_LENGTH = 64;

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
 * Answers `limit + 1` as soon as the distance is known to exceed `limit`.
 */
export function editDistance(left: string, right: string, limit: number): number {
  const a = left.slice(0, MAX_LENGTH);
  const b = right.slice(0, MAX_LENGTH);
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      current[j] = Math.min(
        at(previous, j) + 1,
        at(current, j - 1) + 1,
        at(previous, j - 1) + (same ? 0 : 1),
        swapped ? at(before, j - 2) + 1 : Infinity,
      );
    }
    if (Math.min(...current) > limit) return limit + 1;
    before = previous;
    previous = current;
  }
  return Math.min(at(previous, b.length), limit + 1);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

/** Case, and the difference between `hostKey`, `host-key` and `host_key`, are no typing mistakes worth counting. */
function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_. ]/g, '');
}

/** The candidates a mistyped word may have meant, nearest first, at most `count`. */
export function nearest(word: string, candidates: Iterable<string>, count = 3): string[] {
  const wanted = folded(word);
  const limit = wanted.length <= 3 ? 1 : wanted.length <= 7 ? 2 : 3;
  const found: { readonly name: string; readonly distance: number }[] = [];
  for (const name of new Set(candidates)) {
    const distance = editDistance(wanted, folded(name), limit);
    if (distance <= limit) found.push({ name, distance });
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return found.slice(0, count).map(({ name }) => name);
}

/** `did you mean "a" or "b"?`, or an empty string when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string {
  const names = nearest(word, candidates);
  return names.length === 0 ? '' : `did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`;
}
