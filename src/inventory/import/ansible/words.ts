/** Words as Python's shlex splits them, `#` beginning a comment. Null when a quote stays open. */
export function shellWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (quote !== '') {
      if (char === quote) quote = '';
      else if (char === '\\' && quote === '"' && /["\\]/.test(line[at + 1] ?? '')) word += line[++at] ?? '';
      else word += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (char === '#') break;
    else if (char === '\\') word = (word ?? '') + (line[++at] ?? '');
    else word = (word ?? '') + char;
  }
  if (quote !== '') return null;
  return word === undefined ? words : [...words, word];
}
