/** Comma-separated values with the place of every cell. Source: RFC 4180; semicolons as European spreadsheets write them. */

export interface Cell {
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
}

interface CsvProblem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Csv {
  /** Lines that hold nothing are left out. */
  readonly rows: readonly (readonly Cell[])[];
  readonly problems: readonly CsvProblem[];
}

/** More cells than any list of people has. */
const MOST_CELLS = 500_000;

/** Never throws. The separator is the one of `,` and `;` that the first line has more of. Linear in the text. */
export function parseCsv(source: string): Csv {
  const text = source.startsWith('\ufeff') ? source.slice(1) : source;
  const separator = separatorOf(text);
  const rows: Cell[][] = [];
  const problems: CsvProblem[] = [];
  let row: Cell[] = [];
  let cells = 0;
  let line = 1;
  let lineStart = 0;
  let at = 0;
  const endRow = (): void => {
    if (row.length > 1 || row.some((cell) => cell.text.trim() !== '')) rows.push(row);
    row = [];
  };
  while (at <= text.length) {
    const place = { line, column: at - lineStart + 1 };
    if (cells >= MOST_CELLS) {
      problems.push({ ...place, message: `more than ${MOST_CELLS} cells: the rest was not read` });
      break;
    }
    let value = '';
    if (text[at] === '"') {
      at += 1;
      for (;;) {
        const quote = text.indexOf('"', at);
        const inside = text.slice(at, quote < 0 ? text.length : quote);
        value += inside;
        for (let end = inside.indexOf('\n'); end >= 0; end = inside.indexOf('\n', end + 1)) {
          line += 1;
          lineStart = at + end + 1;
        }
        at = quote < 0 ? text.length : quote + 1;
        if (quote < 0) problems.push({ ...place, message: 'the quote that begins here never ends' });
        if (quote < 0 || text[at] !== '"') break;
        value += '"';
        at += 1;
      }
    }
    const rest = endOfCell(text, at, separator);
    const after = text.slice(at, rest);
    if (value === '') value = after;
    else if (after.trim() !== '')
      problems.push({ ...place, message: 'text stands behind the closing quote' });
    row.push({ text: value, ...place });
    cells += 1;
    at = rest;
    if (text[at] === separator) {
      at += 1;
      continue;
    }
    endRow();
    if (at >= text.length) break;
    at += text.startsWith('\r\n', at) ? 2 : 1;
    line += 1;
    lineStart = at;
  }
  if (row.length > 0) endRow();
  return { rows, problems };
}

function separatorOf(text: string): ',' | ';' {
  const [first = ''] = text.split('\n', 1);
  return first.split(';').length > first.split(',').length ? ';' : ',';
}

function endOfCell(text: string, from: number, separator: string): number {
  let at = from;
  while (at < text.length && text[at] !== separator && text[at] !== '\n' && !text.startsWith('\r\n', at))
    at += 1;
  return at;
}
