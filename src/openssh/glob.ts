/**
 * OpenSSH's patterns (ssh_config(5), PATTERNS; match.c): `*`, `?`, comma lists and `!` negation. Bytes are
 * compared, as in C: `?` is one byte. Never exponential, whatever the pattern.
 */

/** Longest element of a list match_pattern_list looks at; with a longer one the list matches nothing. */
const MAX_ELEMENT_BYTES = 1022;
const STAR = 0x2a;
const ANY = 0x3f;

/** Whether `text` matches one `pattern` (case counts; no `!`, no commas). */
export function matchPattern(text: string, pattern: string): boolean {
  return match(Buffer.from(text, 'utf8'), Buffer.from(pattern, 'utf8'));
}

/** Greedy with one point to return to: at most text x pattern steps. */
function match(text: Buffer, pattern: Buffer): boolean {
  let at = 0;
  let want = 0;
  let star = -1;
  let resume = 0;
  while (at < text.length) {
    if (want < pattern.length && pattern[want] === STAR) {
      star = want;
      want += 1;
      resume = at;
    } else if (want < pattern.length && (pattern[want] === ANY || pattern[want] === text[at])) {
      at += 1;
      want += 1;
    } else if (star >= 0) {
      want = star + 1;
      resume += 1;
      at = resume;
    } else {
      return false;
    }
  }
  while (pattern[want] === STAR) want += 1;
  return want === pattern.length;
}

/**
 * `text` against a comma-separated list. An element with `!` that matches decides at once: `negated`. A list of
 * only negated elements never matches. With `lowerPattern` the list (not the text) is lower-cased first, which
 * is how OpenSSH compares host names it has already lower-cased.
 */
export function matchPatternList(
  text: string,
  list: string,
  lowerPattern = false,
): 'match' | 'negated' | 'none' {
  const subject = Buffer.from(text, 'utf8');
  const elements = list.split(',');
  // As in C: nothing after the last comma is no element.
  if (elements.at(-1) === '') elements.pop();
  let matched = false;
  for (const element of elements) {
    const negated = element.startsWith('!');
    const bare = negated ? element.slice(1) : element;
    const pattern = Buffer.from(lowerPattern ? asciiLower(bare) : bare, 'utf8');
    if (pattern.length > MAX_ELEMENT_BYTES) return 'none';
    if (!match(subject, pattern)) continue;
    if (negated) return 'negated';
    matched = true;
  }
  return matched ? 'match' : 'none';
}

/** C's tolower in the C locale: only A to Z. */
function asciiLower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
