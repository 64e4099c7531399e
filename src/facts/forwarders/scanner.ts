/** A place in a configuration text. */

/** Raised inside a parser and caught by it: the text is not understood from here on. */
export class Trouble extends Error {}

export interface Scanner {
  readonly path: string;
  readonly text: string;
  at: number;
  depth: number;
  /** The line of a place looked at before: lines are counted on from there. */
  counted?: { readonly at: number; readonly line: number };
}

/** The line of the present place, from 1. */
export function lineOf(scanner: Scanner): number {
  const { text, at, counted } = scanner;
  const known = counted && counted.at <= at ? counted : { at: 0, line: 1 };
  let { line } = known;
  for (
    let index = text.indexOf('\n', known.at);
    index >= 0 && index < at;
    index = text.indexOf('\n', index + 1)
  )
    line += 1;
  scanner.counted = { at, line };
  return line;
}

/** Blanks, newlines, `# …` and C comments. */
export function skipSpace(scanner: Scanner): void {
  const space = /(?:\s+|#[^\n]*|\/\*[\s\S]*?\*\/)+/y;
  space.lastIndex = scanner.at;
  scanner.at += space.exec(scanner.text)?.[0].length ?? 0;
}

/** The match of a sticky expression at this place, which is then behind it. */
export function take(scanner: Scanner, pattern: RegExp): RegExpExecArray | null {
  const sticky = new RegExp(pattern.source, pattern.ignoreCase ? 'iy' : 'y');
  sticky.lastIndex = scanner.at;
  const found = sticky.exec(scanner.text);
  if (found) scanner.at += found[0].length;
  return found;
}

export function expect(scanner: Scanner, pattern: RegExp, what: string): RegExpExecArray {
  skipSpace(scanner);
  const found = take(scanner, pattern);
  if (!found) throw new Trouble(`${scanner.path}:${lineOf(scanner)}: ${what} expected`);
  return found;
}

/** One level deeper, for as long as the function runs. */
export function nested<T>(scanner: Scanner, read: () => T): T {
  if (++scanner.depth > 60) throw new Trouble(`${scanner.path}:${lineOf(scanner)}: nested too deep`);
  const value = read();
  scanner.depth--;
  return value;
}

/** A quoted string with backslash escapes, as RainerScript writes it; null when none starts here. */
export function takeString(scanner: Scanner): string | null {
  const found = take(scanner, /"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'/);
  if (!found) return null;
  return (found[1] ?? found[2] ?? '').replace(/\\(x[0-9A-Fa-f]{2}|[0-7]{3}|[\s\S])/g, (_, code: string) => {
    if (/^x../.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]{3}$/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return { n: '\n', t: '\t', r: '\r' }[code] ?? code;
  });
}
