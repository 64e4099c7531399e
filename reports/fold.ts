/** Host sets the way cluster shells write them: `web[01-40].example.org`, `db[1,3-5]`. */

/** One piece of a folded host list. */
export interface Folded {
  readonly text: string;
  /** How many hosts it stands for. */
  readonly count: number;
}

interface Numbered {
  readonly prefix: string;
  readonly digits: string;
  readonly suffix: string;
}

/** The last number of the first label, or the last of an IPv4 address; IPv6 is hexadecimal and stays whole. */
function split(name: string): Numbered | null {
  const found =
    /^(\d+\.\d+\.\d+\.)(\d{1,3})()$/.exec(name) ?? /^([^.:]*?)(\d{1,9})([^\d.:]*(?:\.[^:]*)?)$/u.exec(name);
  if (found === null) return null;
  const [, prefix = '', digits = '', suffix = ''] = found;
  return { prefix, digits, suffix };
}

/** Pieces of this many ranges at most, so that a list can be cut between pieces. */
const MOST_RANGES = 12;

/** `01,02,03,07` -> `01-03,07`; all of one width, or all without leading zeros. */
function ranges(digits: readonly string[]): readonly Folded[] {
  const runs: { from: string; to: string; count: number }[] = [];
  for (const next of [...digits].sort((a, b) => Number(a) - Number(b))) {
    const run = runs.at(-1);
    if (run === undefined || Number(run.to) + 1 !== Number(next))
      runs.push({ from: next, to: next, count: 1 });
    else {
      run.to = next;
      run.count += 1;
    }
  }
  const pieces: Folded[] = [];
  for (let first = 0; first < runs.length; first += MOST_RANGES) {
    const piece = runs.slice(first, first + MOST_RANGES);
    const text = piece.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join(',');
    pieces.push({ text, count: piece.reduce((sum, { count }) => sum + count, 0) });
  }
  return pieces;
}

/**
 * Folds host names, order of first appearance kept. Nothing is lost: the counts add up to `names.length`,
 * and a name that stands alone comes back as it is. Numbers with leading zeros only join their own width.
 */
export function foldHosts(names: readonly string[]): readonly Folded[] {
  const parts = names.map((name) => ({ name, at: split(name) }));
  const padded = new Set<string>();
  const series = (at: Numbered): string => JSON.stringify([at.prefix, at.suffix]);
  for (const { at } of parts) {
    if (at?.digits.startsWith('0')) padded.add(`${series(at)} ${at.digits.length}`);
  }
  const buckets = new Map<
    string,
    { readonly at: Numbered | null; readonly names: string[]; readonly digits: string[] }
  >();
  for (const { name, at } of parts) {
    const width = at === null ? '' : `${series(at)} ${at.digits.length}`;
    const key = at === null ? name : padded.has(width) ? width : series(at);
    const bucket = buckets.get(key) ?? { at, names: [], digits: [] };
    bucket.names.push(name);
    bucket.digits.push(at?.digits ?? '');
    buckets.set(key, bucket);
  }
  return [...buckets.values()].flatMap(({ at, names: inside, digits }) => {
    if (at === null || inside.length === 1) return [{ text: inside[0] ?? '', count: inside.length }];
    return ranges(digits).map(({ text, count }) => ({ text: `${at.prefix}[${text}]${at.suffix}`, count }));
  });
}

/** The text of the first `most` pieces, and how many hosts are in none of them. */
export function foldFirst(
  names: readonly string[],
  most: number,
): { readonly shown: readonly string[]; readonly left: number } {
  const pieces = foldHosts(names);
  return {
    shown: pieces.slice(0, most).map(({ text }) => text),
    left: pieces.slice(most).reduce((sum, { count }) => sum + count, 0),
  };
}
