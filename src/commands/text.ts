/** Laying out words for help and explanations: plain text, nothing wider than asked. */

/** Words filled into lines of at most `width` columns; longer words stand alone. The first line begins with `first`, the others with `rest`. */
export function fill(text: string, width: number, first = '', rest = first): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (!empty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = rest;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}

/** Two columns: a term and what it means. A term too long for its column gets a line of its own. */
export function columns(
  rows: readonly (readonly [term: string, meaning: string])[],
  width: number,
  most = 28,
): string[] {
  const widest = Math.max(0, ...rows.map(([term]) => term.length));
  const indent = Math.min(widest + 4, Math.max(12, Math.min(most, Math.floor(width * 0.4))));
  const rest = ' '.repeat(indent);
  return rows.flatMap(([term, meaning]) => {
    const start = `  ${term}`;
    if (meaning === '') return [start];
    return start.length + 2 <= indent
      ? fill(meaning, width, start.padEnd(indent), rest)
      : [start, ...fill(meaning, width, rest)];
  });
}
