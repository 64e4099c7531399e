/**
 * Globs for host names, tags and finding subjects. Matching takes time proportional to pattern times text,
 * whatever either holds: no regular expression is built from user text. No Node types, so checks may use it.
 */

type Token =
  | { readonly kind: 'literal'; readonly char: string }
  | { readonly kind: 'one' }
  | { readonly kind: 'many' }
  | { readonly kind: 'range'; readonly spans: readonly Span[] };

interface Span {
  readonly low: number;
  readonly high: number;
  /** Digits a zero-padded number must have (`[01-40]`: 2); 0 means no leading zeros. */
  readonly width: number;
}

export type Matcher = (text: string) => boolean;

/** Digits of the largest number a range may name. */
const RANGE_DIGITS = 9;

function spanOf(text: string): Span | null {
  const parts = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(text);
  const first = parts?.[1];
  if (first === undefined) return null;
  const last = parts?.[2] ?? first;
  const padded = first.length > 1 && first.startsWith('0');
  if (padded && last.length < first.length) return null;
  const [low, high] = [Number(first), Number(last)];
  return low > high ? null : { low, high, width: padded ? first.length : 0 };
}

/** `[01-40]` or `[1,3,5-7]` at the start of `text`, as clush and pdsh write it; null when it is not one. */
function rangeOf(text: string): { spans: Span[]; length: number } | null {
  const end = text.indexOf(']');
  if (!text.startsWith('[') || end < 2) return null;
  const spans = text.slice(1, end).split(',').map(spanOf);
  return spans.every((span) => span !== null) ? { spans, length: end + 1 } : null;
}

function tokensOf(glob: string, ranges: boolean): Token[] {
  const tokens: Token[] = [];
  for (let index = 0; index < glob.length;) {
    const char = glob.charAt(index);
    const range = ranges && char === '[' ? rangeOf(glob.slice(index)) : null;
    index += range?.length ?? 1;
    if (range !== null) tokens.push({ kind: 'range', spans: range.spans });
    else if (char === '?') tokens.push({ kind: 'one' });
    else if (char !== '*') tokens.push({ kind: 'literal', char });
    else if (tokens.at(-1)?.kind !== 'many') tokens.push({ kind: 'many' });
  }
  return tokens;
}

function inSpan(digits: string, span: Span): boolean {
  const value = Number(digits);
  return value >= span.low && value <= span.high && digits === String(value).padStart(span.width, '0');
}

/** The positions one token leads to from `start`, `many` excepted. */
function advance(token: Token, text: string, start: number): number[] {
  if (token.kind === 'one') return start < text.length ? [start + 1] : [];
  if (token.kind === 'literal') return text.charAt(start) === token.char ? [start + 1] : [];
  if (token.kind === 'many') return [];
  const ends: number[] = [];
  for (let end = start + 1; end <= Math.min(text.length, start + RANGE_DIGITS); end += 1) {
    const digits = text.slice(start, end);
    if (!/^\d+$/.test(digits)) break;
    if (token.spans.some((span) => inSpan(digits, span))) ends.push(end);
  }
  return ends;
}

function matches(tokens: readonly Token[], text: string): boolean {
  let positions = new Set([0]);
  for (const token of tokens) {
    const next = new Set<number>();
    if (token.kind === 'many') {
      for (let at = Math.min(...positions); at <= text.length; at += 1) next.add(at);
    } else {
      for (const start of positions) for (const end of advance(token, text, start)) next.add(end);
    }
    if (next.size === 0) return false;
    positions = next;
  }
  return positions.has(text.length);
}

/**
 * Compiles a glob: `*` any text, `?` one character, and with `ranges` also `[01-40]` and `[1,3,5-7]`.
 * Everything else stands for itself. `ignoreCase` compares as host names are compared.
 */
export function compileGlob(glob: string, options: { ignoreCase?: boolean; ranges?: boolean } = {}): Matcher {
  const fold = (text: string): string => (options.ignoreCase === true ? text.toLowerCase() : text);
  const tokens = tokensOf(fold(glob), options.ranges === true);
  if (tokens.every((token) => token.kind === 'literal')) {
    const whole = fold(glob);
    return (text) => fold(text) === whole;
  }
  return (text) => matches(tokens, fold(text));
}

/** A glob over host names: case does not matter, numeric ranges are understood. */
export function compileHostGlob(glob: string): Matcher {
  return compileGlob(glob, { ignoreCase: true, ranges: true });
}
