/**
 * Text from hosts is hostile: one function for each edge it may cross, and every report uses the one of
 * its own edge. What cannot be shown is made visible as `\u001b`, never dropped: an auditor has to see
 * that something was there.
 */

/**
 * Controls (C0, DEL, C1), format characters (bidi, zero-width, tags), lone surrogates, line and paragraph
 * separators, default-ignorables (variation selectors, fillers), noncharacters, and every space but U+0020.
 * The character classes are Unicode's own (UAX #44); `Cf`, `DI` and `Zs` cover what UAX #9 and #36 warn of.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}\p{NChar}]|(?! )\p{Zs}/gu;
const NOT_ASCII = /[^ -~]/gu;
const PLAIN = /^[ -~]*$/;

const SHORT: Readonly<Record<string, string>> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** `\t \n \r`, else `\u001b` for the basic plane and `\u{e0041}` beyond it. */
function visible(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const point = character.codePointAt(0) ?? 0;
  const hex = point.toString(16).padStart(4, '0');
  return point > 0xffff ? `\\u{${hex}}` : `\\u${hex}`;
}

/** Everything invisible made visible, except the characters in `keep`. */
function reveal(text: string, keep = ''): string {
  if (PLAIN.test(text)) return text;
  return text.replace(INVISIBLE, (character) => (keep.includes(character) ? character : visible(character)));
}

/**
 * At most `max` code points, the cut told by how many are missing: `abc...[+17]`.
 * Never cuts a surrogate pair. The mark is ASCII, so it survives every edge; bound first, escape after.
 */
export function bounded(text: string, max: number): string {
  if (text.length <= max) return text;
  const points = Array.from(text);
  if (points.length <= max) return text;
  // The count's own digits take room: two rounds settle it.
  let mark = '';
  for (let round = 0; round < 3; round += 1) mark = `...[+${points.length - Math.max(0, max - mark.length)}]`;
  if (mark.length >= max) return '...'.slice(0, Math.max(0, max));
  return points.slice(0, max - mark.length).join('') + mark;
}

/** Commands that CI log readers obey anywhere in a line: GitHub's old form, Azure Pipelines, TeamCity. */
const LOG_COMMAND = /##(?=(?:vso|teamcity)?\[)/gi;

/**
 * For a terminal or a CI log: one line, no control of any kind, no `##[…]` command. A `::` at the start of a
 * line is the layout's matter, because only it knows where lines start.
 */
export function terminal(text: string): string {
  return reveal(text).replace(LOG_COMMAND, '#\\u0023');
}

/** As `terminal`, and in ASCII only. */
export function terminalAscii(text: string): string {
  return terminal(text).replace(NOT_ASCII, visible);
}

/**
 * One line of characters XML 1.0 allows (section 2.2 of the recommendation), none of them invisible, which
 * readers of the raw file would fall for; and no `]]>`, of which xmlbuilder's CDATA splits only the first.
 * Escaping `<` and `&` is the XML writer's part.
 */
export function xml(text: string): string {
  return terminal(text).replaceAll(']]>', ']]\\u003e');
}

/**
 * A whole JSON document, its meaning unchanged: what is invisible or a log command becomes a `\u` escape,
 * so that it may be printed to a terminal or a CI log. `JSON.stringify` leaves DEL, C1 and bidi as they are.
 */
export function jsonDocument(text: string): string {
  const unit = (code: string): string => `\\u${code.charCodeAt(0).toString(16).padStart(4, '0')}`;
  const units = (character: string): string =>
    character === '\n' ? character : character.split('').map(unit).join('');
  const shown = /[^\n -~]/.test(text) ? text.replace(INVISIBLE, units) : text;
  return shown.replace(LOG_COMMAND, '#\\u0023');
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** For HTML text and quoted attributes. Not for URLs, scripts or style. Newlines and tabs stay. */
export function html(text: string): string {
  return reveal(text, '\n\t').replace(/[&<>"']/g, (character) => HTML[character] ?? character);
}

/**
 * A whole HTML body whose writer has escaped its text and attributes (preact does): what is invisible in it is
 * made visible, line breaks and tabs included, so the writer must put none between its own tags.
 */
export function htmlBody(markup: string): string {
  return reveal(markup);
}

/**
 * One CSV cell, always quoted (RFC 4180). A cell that a spreadsheet would take for a formula, also after
 * quotes or blanks or in full-width form, gets a leading apostrophe.
 */
export function csvCell(text: string): string {
  const shown = reveal(text);
  const safe = /^["' ]*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(shown) ? `'${shown}` : shown;
  return `"${safe.replaceAll('"', '""')}"`;
}

/**
 * For GitHub-flavoured Markdown, table cells included. An empty HTML comment parts what would become a
 * mention, an issue reference or a link: entities do not help there, they are decoded before links are made.
 */
export function markdown(text: string): string {
  return reveal(text)
    .replace(/[&<>]/g, (character) => HTML[character] ?? character)
    .replace(/[\\`*_{}[\]()!|~$^+.:-]/g, '\\$&')
    .replace(/[@#]|\\:(?=\/\/)|www(?=\\\.)/gi, '$&<!-- -->');
}

/** The message of a GitHub workflow command (`::error::…`): newlines arrive as newlines. */
export function githubData(text: string): string {
  return reveal(text, '\n').replaceAll('%', '%25').replaceAll('\n', '%0A').replace(LOG_COMMAND, '#\\u0023');
}

/** A property of a GitHub workflow command (`::error file=…,line=…::`). */
export function githubProperty(text: string): string {
  return githubData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
