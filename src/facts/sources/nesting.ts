/** Guards in front of the YAML parser. */
import { Lexer, Parser } from 'yaml';

/**
 * How such a text is parsed. Nobody reads where its mistakes are, and to draw each of them takes as long as their line.
 */
export const UNDRAWN = { logLevel: 'silent', prettyErrors: false } as const;

const MOST_DEEP = 100;
/** Ends of what never began: the parser takes them all for mistakes, and goes deeper with each. */
const MOST_STRAY = 1000;
/** Marks that can open something, on one line. */
const MOST_ON_A_LINE = 200;
/** Collections and values open at a time, mistakes included. */
const MOST_OPEN = 500;
const MOST_QUOTES_ON_A_LINE = 2000;
const OPENING = /[[{?]|[-:](?=\s|$)|:/g;

/**
 * Whether a YAML text may be given to the parser. What it takes grows with the square of the depth, and a few
 * kilobytes of brackets would keep it busy for minutes; nothing that is read here is nested nearly as deep.
 */
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
  return (
    text
      .split('\n')
      .every(
        (line) =>
          (line.match(OPENING)?.length ?? 0) <= MOST_ON_A_LINE &&
          (line.match(/["']/g)?.length ?? 0) <= MOST_QUOTES_ON_A_LINE,
      ) && isFlat(text)
  );
}

/** What is not right may be taken for a level more on every line. The first half of the parser does not recurse. */
function isFlat(text: string): boolean {
  const parser = new Parser();
  for (const lexeme of new Lexer().lex(text)) {
    for (const _ of parser.next(lexeme));
    if (parser.stack.length > MOST_OPEN) return false;
  }
  return true;
}
