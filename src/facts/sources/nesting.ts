/**
 * Whether a YAML text may be given to the parser. What it takes grows with the square of the depth, and a few
 * kilobytes of brackets would keep it busy for minutes; nothing that is read here is nested nearly as deep.
 */
const MOST_DEEP = 100;
/** Ends of what never began: the parser takes them all for mistakes, and goes deeper with each. */
const MOST_STRAY = 1000;
/** Marks that can open something, on one line. */
const MOST_ON_A_LINE = 200;
const OPENING = /[[{?]|[-:](?=\s|$)|:/g;

export function nestsLittle(text: string): boolean {
  let depth = 0;
  let stray = 0;
  for (const [mark] of text.matchAll(/[[{\]}]/g)) {
    depth += mark === '[' || mark === '{' ? 1 : -1;
    if (depth > MOST_DEEP) return false;
    if (depth >= 0) continue;
    depth = 0;
    stray += 1;
    if (stray > MOST_STRAY) return false;
  }
  return text.split('\n').every((line) => (line.match(OPENING)?.length ?? 0) <= MOST_ON_A_LINE);
}
