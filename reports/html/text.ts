/** Words and numbers of the page. Nothing here escapes: preact does, and html.tsx makes the invisible visible. */
import { bounded } from '../escape.js';
import { foldHosts } from '../fold.js';
import { byCodeUnit } from '../judged.js';

/** Longest text of a host or of a person that is shown in one place. Code points. */
const MOST_TEXT = 600;

/** Host text, bounded. The cut is told by how many code points are missing. */
export function cut(text: string, max = MOST_TEXT): string {
  return bounded(text, max);
}

const GROUPED = new Intl.NumberFormat('en');

/** `12,345` */
export function digits(n: number): string {
  return GROUPED.format(n);
}

/** `1 host`, `2,000 hosts` */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${digits(n)} ${n === 1 ? one : many}`;
}

/** `5 password-auth`; the name alone for what has no number. */
export function numbered(number: number | undefined, name: string, max: number): string {
  return `${number === undefined ? '' : `${number} `}${cut(name, max)}`;
}

/** `2026-11-21 02:00 UTC`; anything that is no UTC instant comes back as it is, bounded. */
export function instant(text: string): string {
  const found = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d{1,9})?)?Z$/.exec(text);
  return found === null ? cut(text, 60) : `${found[1]} ${found[2]} UTC`;
}

/** `2026-11-21` */
export function day(text: string): string {
  return /^\d{4}-\d\d-\d\d/.exec(text)?.[0] ?? cut(text, 40);
}

/**
 * Host names folded (`web[01-40]`) in at most `most` pieces of together about `room` characters, one at least,
 * and how many hosts are in none of them.
 */
export function folded(
  names: Iterable<string>,
  most: number,
  room = Number.POSITIVE_INFINITY,
): { readonly pieces: readonly string[]; readonly left: number } {
  const all = foldHosts([...names].sort(byCodeUnit));
  let length = 0;
  const full = all.findIndex(({ text }, index) => (length += text.length) > room && index > 0);
  const end = Math.min(most, full === -1 ? all.length : full);
  const left = all.slice(end).reduce((sum, piece) => sum + piece.count, 0);
  return { pieces: all.slice(0, end).map(({ text }) => cut(text, 200)), left };
}

/** `path:12`, `path`, or nothing. */
export function place(
  at: { readonly path?: string; readonly line?: number } | undefined,
): string | undefined {
  if (at?.path === undefined) return undefined;
  return cut(at.path, 200) + (at.line === undefined ? '' : `:${at.line}`);
}

/** The first `most`, and how many more there are. */
export function first<T>(
  items: readonly T[],
  most: number,
): { readonly shown: readonly T[]; readonly left: number } {
  return { shown: items.slice(0, most), left: Math.max(0, items.length - most) };
}
