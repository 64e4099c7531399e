/** glob(3) over a known set of paths, as Include uses it: `*`, `?`, `[…]`, no match of a leading dot, byte order. */

/** Absolute paths among `paths` that match an absolute pattern, sorted by bytes. */
export function globPaths(pattern: string, paths: Iterable<string>): string[] {
  const matcher = globMatcher(pattern);
  return [...paths].filter(matcher).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

function globMatcher(pattern: string): (path: string) => boolean {
  if (!/[*?[\\]/.test(pattern)) return (path) => path === pattern;
  const segments = pattern.split('/').map(segmentPattern);
  return (path) => {
    const parts = path.split('/');
    return parts.length === segments.length && parts.every((part, index) => segments[index]?.(part) === true);
  };
}

/** Matches one path segment. A bracket without its end stands for itself. */
function segmentPattern(segment: string): (part: string) => boolean {
  const tokens = [...tokensOf(segment)];
  const hidden = segment.startsWith('.') || segment.startsWith('\\.');
  return (part) => (hidden || !part.startsWith('.')) && matches(part, tokens);
}

type Token = '*' | ((char: string) => boolean);

function* tokensOf(segment: string): Generator<Token> {
  for (let at = 0; at < segment.length; at += 1) {
    const char = segment.charAt(at);
    if (char === '*') yield '*';
    else if (char === '?') yield () => true;
    else if (char === '\\' && at + 1 < segment.length) {
      at += 1;
      const literal = segment.charAt(at);
      yield (other) => other === literal;
    } else if (char === '[') {
      const set = bracket(segment, at);
      if (set === null) yield (other) => other === '[';
      else {
        at = set.end;
        yield set.test;
      }
    } else yield (other) => other === char;
  }
}

function bracket(segment: string, open: number): { end: number; test: (char: string) => boolean } | null {
  const inverted = segment.charAt(open + 1) === '!';
  const first = open + (inverted ? 2 : 1);
  const end = segment.indexOf(']', first + 1);
  if (end === -1) return null;
  const body = segment.slice(first, end);
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < body.length; at += 1) {
    const low = body.charAt(at);
    const ranged = body.charAt(at + 1) === '-' && at + 2 < body.length;
    ranges.push([low, ranged ? body.charAt(at + 2) : low]);
    if (ranged) at += 2;
  }
  return { end, test: (char) => ranges.some(([low, high]) => low <= char && char <= high) !== inverted };
}

function matches(part: string, tokens: readonly Token[]): boolean {
  let reached = new Set([0]);
  const closure = (states: Set<number>): Set<number> => {
    for (const state of states) if (tokens[state] === '*') states.add(state + 1);
    return states;
  };
  reached = closure(reached);
  for (const char of part) {
    const next = new Set<number>();
    for (const state of reached) {
      const token = tokens[state];
      if (token === '*') next.add(state);
      else if (token?.(char) === true) next.add(state + 1);
    }
    reached = closure(next);
  }
  return reached.has(tokens.length);
}
