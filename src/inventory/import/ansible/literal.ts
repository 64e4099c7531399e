/**
 * Values of an INI inventory, which Ansible reads with Python's ast.literal_eval, and as text when that fails.
 * Numbers, strings, True, False, None, lists, tuples and dictionaries of them.
 */

const MOST_DEPTH = 20;

interface Cursor {
  readonly text: string;
  at: number;
}

const FAILED = Symbol('no literal');

export function parseLiteral(text: string): unknown {
  const cursor = { text: text.trim(), at: 0 };
  const value = literal(cursor, 0);
  blank(cursor);
  return value === FAILED || cursor.at !== cursor.text.length ? text.trim() : value;
}

function literal(cursor: Cursor, depth: number): unknown {
  blank(cursor);
  const char = cursor.text[cursor.at];
  if (char === undefined || depth > MOST_DEPTH) return FAILED;
  if (char === '[') return items(cursor, ']', depth);
  if (char === '(') return items(cursor, ')', depth);
  if (char === '{') return dictionary(cursor, depth);
  if (char === '"' || char === "'") return string(cursor, char);
  const word = /[A-Za-z0-9_.+-]*/y;
  word.lastIndex = cursor.at;
  const [found = ''] = word.exec(cursor.text) ?? [];
  cursor.at += found.length;
  if (found === 'True') return true;
  if (found === 'False') return false;
  if (found === 'None') return null;
  return /^[+-]?(0|[1-9]\d{0,14})(\.\d{1,15})?$/.test(found) ? Number(found) : FAILED;
}

function items(cursor: Cursor, close: string, depth: number): unknown {
  cursor.at += 1;
  const found: unknown[] = [];
  for (;;) {
    if (taken(cursor, close)) return found;
    const value = literal(cursor, depth + 1);
    if (value === FAILED) return FAILED;
    found.push(value);
    if (!taken(cursor, ',')) return taken(cursor, close) ? found : FAILED;
  }
}

function dictionary(cursor: Cursor, depth: number): unknown {
  cursor.at += 1;
  const found = new Map<string, unknown>();
  for (;;) {
    if (taken(cursor, '}')) return Object.fromEntries(found);
    const key = literal(cursor, depth + 1);
    if (typeof key !== 'string' || !taken(cursor, ':')) return FAILED;
    const value = literal(cursor, depth + 1);
    if (value === FAILED) return FAILED;
    found.set(key, value);
    if (!taken(cursor, ',')) return taken(cursor, '}') ? Object.fromEntries(found) : FAILED;
  }
}

function string(cursor: Cursor, quote: string): unknown {
  let value = '';
  for (let at = cursor.at + 1; at < cursor.text.length; at += 1) {
    const char = cursor.text[at] ?? '';
    if (char === quote) {
      cursor.at = at + 1;
      return value;
    }
    if (char === '\\') {
      at += 1;
      const next = cursor.text[at] ?? '';
      value += next === 'n' ? '\n' : next === 't' ? '\t' : /["'\\]/.test(next) ? next : `\\${next}`;
    } else value += char;
  }
  return FAILED;
}

function blank(cursor: Cursor): void {
  while (/\s/.test(cursor.text[cursor.at] ?? '')) cursor.at += 1;
}

function taken(cursor: Cursor, char: string): boolean {
  blank(cursor);
  if (cursor.text[cursor.at] !== char) return false;
  cursor.at += 1;
  return true;
}
