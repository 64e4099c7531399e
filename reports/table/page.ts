/** The paper a table is drawn on: width, colours, glyphs, and lines that never exceed the width. */
import { Chalk, type ChalkInstance } from 'chalk';
import stringWidth from 'string-width';
import type { RenderOptions } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { bounded, terminal, terminalAscii } from '../escape.js';
import { foldHosts } from '../fold.js';
import { STATUSES, type Status } from '../group.js';

/** Below this many columns nothing sensible can be drawn; narrower terminals get lines this long. */
const NARROWEST = 40;

export type Paint = (text: string) => string;

export interface Page {
  readonly width: number;
  readonly verbose: boolean;
  /** Which results are shown; all of them are counted. */
  readonly statuses: readonly Status[];
  readonly rule: string;
  readonly ellipsis: string;
  readonly paint: Readonly<Record<Status, Paint>> & { readonly strong: Paint; readonly faint: Paint };
  /** Host text, escaped and bounded for this page. */
  show(text: string, max?: number): string;
}

/**
 * Emoji whose columns terminals and `string-width` do not agree on (newer ones, skin tones) are shown by code,
 * so that a line's width is known.
 */
function knownEmoji(text: string): string {
  return text.replace(/\p{RI}\p{RI}|[\p{Emoji_Presentation}\p{Emoji_Modifier}]/gu, (emoji) =>
    stringWidth(emoji) === 2 && !/\p{Emoji_Modifier}/u.test(emoji)
      ? emoji
      : Array.from(emoji, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join(''),
  );
}

/** Typographic quotes and the ellipsis of our own sentences have plain equals; by code they would only be in the way. */
function plainPunctuation(text: string): string {
  return text
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replaceAll('\u2026', '...');
}

export function newPage(options: RenderOptions): Page {
  const chalk: ChalkInstance = new Chalk({ level: options.color });
  const escape = options.ascii
    ? (text: string) => terminalAscii(plainPunctuation(text))
    : (text: string) => knownEmoji(terminal(text));
  return {
    width: Math.max(NARROWEST, Math.floor(options.width) || 80),
    verbose: options.verbose,
    statuses: options.statuses ?? STATUSES,
    rule: options.ascii ? '-' : '─',
    ellipsis: options.ascii ? '...' : '…',
    paint: {
      pass: chalk.green,
      fail: chalk.red.bold,
      unknown: chalk.yellow,
      waived: chalk.cyan,
      strong: chalk.bold,
      faint: chalk.dim,
    },
    show: (text, max = 600) => escape(bounded(text, max)),
  };
}

/** What a person perceives as one character each; an accent is never torn from its letter. */
function graphemes(text: string): readonly string[] {
  return Array.from(new Intl.Segmenter('en').segment(text), ({ segment }) => segment);
}

/** The longest beginning of `text` that fits in `width` columns; at least one grapheme. */
function head(text: string, width: number): string {
  let taken = '';
  let columns = 0;
  for (const one of graphemes(text)) {
    columns += stringWidth(one);
    if (columns > width && taken !== '') break;
    taken += one;
  }
  return taken;
}

/** Escaped text cut to `width` columns, in the middle (names) or at the end (sentences), the cut visible. */
export function fit(page: Page, text: string, width: number, where: 'middle' | 'end' = 'end'): string {
  if (stringWidth(text) <= width) return text;
  const room = width - page.ellipsis.length;
  if (room < 2) return head(text, width);
  if (where === 'end') return head(text, room) + page.ellipsis;
  const front = head(text, Math.ceil(room / 2));
  const rest = graphemes(text.slice(front.length));
  let back = '';
  for (let index = rest.length - 1; index >= 0; index -= 1) {
    const next = `${rest[index] ?? ''}${back}`;
    if (stringWidth(front) + stringWidth(next) > room) break;
    back = next;
  }
  return front + page.ellipsis + back;
}

/** The beginning of a word too long for one line, cut behind a mark that parts it if there is one in its second half. */
function piece(word: string, width: number): string {
  const front = head(word, width);
  const at = Math.max(...[',', '/', ';', '='].map((mark) => front.lastIndexOf(mark)));
  return at + 1 > front.length / 2 ? front.slice(0, at + 1) : front;
}

/**
 * Escaped text in lines of at most `width` columns, broken at blanks where possible. A line never begins
 * with `::`, which GitHub's runner would obey as a command wherever this output is logged.
 */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  const start = (word: string): void => {
    let rest = word.startsWith('::') ? `\\u003a${word.slice(1)}` : word;
    while (stringWidth(rest) > width) {
      const front = piece(rest, width);
      lines.push(front);
      rest = rest.slice(front.length);
      if (rest.startsWith('::')) rest = `\\u003a${rest.slice(1)}`;
    }
    line = rest;
  };
  for (const word of text.match(/ +|[^ ]+/g) ?? []) {
    if (line === '') {
      if (word.trim() !== '') start(word);
    } else if (stringWidth(line) + stringWidth(word) <= width) {
      line += word;
    } else {
      lines.push(line.trimEnd());
      line = '';
      if (word.trim() !== '') start(word);
    }
  }
  if (line.trim() !== '' || lines.length === 0) lines.push(line.trimEnd());
  return lines;
}

interface BlockStyle {
  readonly indent?: number;
  readonly label?: string;
  readonly labelPaint?: Paint;
  readonly paint?: Paint;
}

/** A paragraph of escaped text: `indent` blanks, the label on the first line, the rest hanging under the text. */
export function block(page: Page, text: string, style: BlockStyle = {}): readonly string[] {
  const {
    indent = 0,
    label = '',
    labelPaint = page.paint.faint,
    paint = (same: string): string => same,
  } = style;
  const hang = indent + label.length;
  return wrap(text, page.width - hang).map((line, index) =>
    index === 0 ? ' '.repeat(indent) + labelPaint(label) + paint(line) : ' '.repeat(hang) + paint(line),
  );
}

/** A heading in capitals with what follows it, a blank line before. `paint` is for the first word that follows. */
export function heading(page: Page, title: string, rest: string, paint?: Paint): readonly string[] {
  const [first = '', ...more] = wrap(`${title}  ${rest}`, page.width);
  const after = first.slice(title.length);
  const painted = paint === undefined ? after : after.replace(/[^ ]+/, (word) => paint(word));
  return ['', page.paint.strong(title) + painted, ...more];
}

/** `38 hosts: web[01-37], db-02`; past about three lines the rest is only counted. */
export function hostList(page: Page, hosts: readonly string[], total: number): string {
  if (hosts.length === total && total > 1) return `all ${total} hosts`;
  const shown: string[] = [];
  let columns = 0;
  let left = hosts.length;
  for (const piece of foldHosts(hosts)) {
    const text = page.show(piece.text, 400);
    columns += stringWidth(text) + 2;
    if (shown.length > 0 && columns > page.width * 3) break;
    shown.push(text);
    left -= piece.count;
  }
  return `${plural(hosts.length, 'host')}: ${shown.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}
