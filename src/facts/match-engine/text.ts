/**
 * How sshd cuts a configuration file into lines and a line into words (servconf.c, misc.c of OpenSSH).
 * Two generations: up to 8.6 every word comes from `strdelim` and a `#` anywhere starts a comment; from 8.7
 * the arguments come from `argv_split`, which knows both quotes, backslash escapes and trailing comments.
 */
import type { Dialect } from './dialect.js';

const BLANK = ' \t\r\n';

/** One line as sshd will interpret it; `number` counts from 1. */
export interface ConfigLine {
  readonly number: number;
  readonly text: string;
}

/**
 * The lines of a file as sshd numbers them. A NUL byte ends a line's text, its newline included, so the next
 * line is glued to it; leading blanks go; before 8.7 so does everything from the first `#`.
 */
export function configLines(text: string, dialect: Dialect): ConfigLine[] {
  const kept: string[] = [];
  for (const raw of text.split(/(?<=\n)/)) {
    const nul = raw.indexOf('\0');
    let line = nul === -1 ? raw : raw.slice(0, nul);
    if (!dialect.argvArguments) {
      const hash = line.indexOf('#');
      if (hash !== -1) line = `${line.slice(0, hash)}\n`;
    }
    kept.push(line.replace(/^[ \t\r]+/, ''));
  }
  return kept
    .join('')
    .split('\n')
    .map((line, index) => ({ number: index + 1, text: withoutTrailingBlanks(line) }));
}

/** Blanks and form feeds at the end go, except that the first character always stays. */
function withoutTrailingBlanks(line: string): string {
  let end = line.length;
  while (end > 1 && `${BLANK}\f`.includes(line.charAt(end - 1))) end -= 1;
  return line.slice(0, end);
}

/** A word and what follows it; `rest` is null when nothing follows, `word` is null on an unclosed quote or at the end. */
export interface Delimited {
  readonly word: string | null;
  readonly rest: string | null;
}

/** The next word: ends at a blank, at one `=`, or at the quote that closes a `"`; text before the quote belongs to it. */
export function strdelim(text: string | null): Delimited {
  if (text === null) return { word: null, rest: null };
  const at = text.search(/[ \t\r\n"=]/);
  if (at === -1) return { word: text, rest: null };
  if (text.charAt(at) === '"') {
    const close = text.indexOf('"', at + 1);
    if (close === -1) return { word: null, rest: null };
    return { word: text.slice(0, at) + text.slice(at + 1, close), rest: afterBlanks(text, close + 1) };
  }
  const word = text.slice(0, at);
  const rest = afterBlanks(text, at + 1);
  if (text.charAt(at) !== '=' && rest.startsWith('=')) return { word, rest: afterBlanks(rest, 1) };
  return { word, rest };
}

function afterBlanks(text: string, from: number): string {
  let at = from;
  while (at < text.length && BLANK.includes(text.charAt(at))) at += 1;
  return text.slice(at);
}

/** The rest of a line without its leading blanks: what commands take verbatim. */
export function verbatim(text: string): string {
  return afterBlanks(text, 0);
}

/** All words of `text` as `strdelim` yields them, up to the first empty or unreadable one. */
export function strdelimWords(text: string | null): string[] {
  const words: string[] = [];
  let next = strdelim(text);
  while (next.word !== null && next.word !== '') {
    words.push(next.word);
    next = strdelim(next.rest);
  }
  return words;
}

/** Arguments of a directive from 8.7 on, or null when a quote is not closed. Only blank and tab separate. */
export function argvSplit(text: string): string[] | null {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    const start = text.charAt(at);
    if (start === ' ' || start === '\t') {
      at += 1;
      continue;
    }
    if (start === '#') break;
    const read = argvWord(text, at);
    if (read === null) return null;
    words.push(read.word);
    at = read.end;
  }
  return words;
}

function argvWord(text: string, from: number): { word: string; end: number } | null {
  let word = '';
  let quote = '';
  let at = from;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '\\') {
      const next = text.charAt(at + 1);
      const escapes = next === "'" || next === '"' || next === '\\' || (quote === '' && next === ' ');
      if (escapes) at += 1;
      word += escapes ? next : char;
    } else if (quote === '' && (char === ' ' || char === '\t')) break;
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (quote !== '' && char === quote) quote = '';
    else word += char;
  }
  return quote === '' ? { word, end: at } : null;
}
