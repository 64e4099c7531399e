/** Name patterns as OpenSSH matches them (match.c): `*`, `?`, comma lists, `!` negation. */

/** Longest sub-pattern sshd compares, in characters; a longer one makes the whole list match nothing. */
const LONGEST = 1022;

export interface SubPattern {
  readonly negated: boolean;
  readonly pattern: string;
}

/** The sub-patterns of a comma list, in order. */
export function splitPatternList(list: string): SubPattern[] {
  if (list === '') return [];
  const parts = list.split(',');
  if (parts.at(-1) === '') parts.pop();
  return parts.map((part) =>
    part.startsWith('!') ? { negated: true, pattern: part.slice(1) } : { negated: false, pattern: part },
  );
}

/** Whether the whole of `text` matches; `*` any run, `?` one character. Linear in text times stars: cannot blow up. */
export function matchPattern(text: string, pattern: string): boolean {
  let t = 0;
  let p = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    if (pattern.charAt(p) === '*' && p < pattern.length) {
      star = p;
      resume = t;
      p += 1;
    } else if (p < pattern.length && (pattern.charAt(p) === '?' || pattern.charAt(p) === text.charAt(t))) {
      p += 1;
      t += 1;
    } else if (star !== -1) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else return false;
  }
  while (pattern.charAt(p) === '*') p += 1;
  return p === pattern.length;
}

/** 1: a positive sub-pattern matched; -1: a negated one did (and decides); 0: none. */
export function matchSubPatterns(text: string, parts: readonly SubPattern[]): 1 | 0 | -1 {
  let positive = false;
  for (const { negated, pattern } of parts) {
    if (pattern.length > LONGEST) return 0;
    if (!matchPattern(text, pattern)) continue;
    if (negated) return -1;
    positive = true;
  }
  return positive ? 1 : 0;
}

/** The same for a list as written. */
export function matchPatternList(text: string, list: string): 1 | 0 | -1 {
  return matchSubPatterns(text, splitPatternList(list));
}

/** ASCII lower case: sshd runs in the C locale. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}

/** Whether any group of a user matches and none is negated (groupaccess.c). */
export function matchGroups(groups: readonly string[], parts: readonly SubPattern[]): boolean {
  let found = false;
  for (const group of groups) {
    const result = matchSubPatterns(group, parts);
    if (result === -1) return false;
    if (result === 1) found = true;
  }
  return found;
}
