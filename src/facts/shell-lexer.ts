/**
 * Shell text into words and operators (POSIX.1-2017, XCU 2.3, with bash's `$'…'`, `<(…)` and `<<<`): quotes and
 * comments are gone, here-documents are read, the text of command substitutions is a list of tokens of its own.
 * Bounded by its input; never throws, whatever the text is.
 */

export interface Token {
  readonly kind: 'word' | 'operator' | 'newline';
  /** A word without its quotes; expansions as they are written, command substitutions as nothing. */
  readonly text: string;
  /** Some part was quoted: such a word is no keyword. */
  readonly quoted: boolean;
  /** From 1. */
  readonly line: number;
  /** What runs to make the word: `$(…)`, backticks, `<(…)`; for a here-document what runs in its body. */
  readonly inner: readonly (readonly Token[])[];
  /** Of `<<`, `<<-` and `<<<`: what is fed to the command, and the line it begins on. */
  readonly fed?: { readonly text: string; readonly line: number };
}

interface State {
  readonly text: string;
  at: number;
  line: number;
  here: HereDocument[];
}

interface HereDocument {
  readonly delimiter: string;
  readonly stripTabs: boolean;
  readonly expands: boolean;
  readonly fed: { text: string; line: number };
  readonly inner: Token[][];
}

const MAX_NESTING = 40;
const OPERATOR = /^(?:;;&|<<<|<<-|&>>|;;|;&|&&|\|\||\|&|&>|<<|>>|>&|<&|<>|>\||[;&|()<>])/;

export function shellTokens(text: string, firstLine = 1): Token[] {
  return lex({ text, at: 0, line: firstLine, here: [] }, '', 0);
}

/** Up to the end, or to the closing parenthesis or backtick of a substitution, which is eaten. */
function lex(state: State, closer: '' | ')' | '`', depth: number): Token[] {
  const tokens: Token[] = [];
  const { text } = state;
  let parentheses = 0;
  const push = (kind: Token['kind'], of: string, more: Partial<Token> = {}): void => {
    tokens.push({ kind, text: of, quoted: false, line: state.line, inner: [], ...more });
  };
  while (state.at < text.length) {
    const char = text[state.at] ?? '';
    if (char === closer && (parentheses <= 0 || closer === '`')) {
      state.at += 1;
      break;
    }
    if (char === '\n') {
      push('newline', '\n');
      state.at += 1;
      state.line += 1;
      readHere(state, depth);
    } else if (char === ' ' || char === '\t' || char === '\r') {
      state.at += 1;
    } else if (char === '\\' && text[state.at + 1] === '\n') {
      state.at += 2;
      state.line += 1;
    } else if (char === '#') {
      const end = text.indexOf('\n', state.at);
      state.at = end < 0 ? text.length : end;
    } else if (/[;&|()<>]/.test(char)) {
      const after = text.slice(state.at, state.at + 3);
      if (/^[<>]\(/.test(after)) {
        state.at += 2;
        const line = state.line;
        push('word', '', { line, quoted: true, inner: [substitution(state, ')', depth)] });
        continue;
      }
      const operator = OPERATOR.exec(after)?.[0] ?? char;
      state.at += operator.length;
      if (operator.startsWith('<<')) {
        const token = hereToken(state, operator, depth);
        tokens.push(token);
        continue;
      }
      parentheses += operator === '(' ? 1 : operator === ')' ? -1 : 0;
      push('operator', operator);
    } else {
      tokens.push(readWord(state, depth, closer));
    }
  }
  return tokens;
}

function readWord(state: State, depth: number, closer = ''): Token {
  const { text, line } = state;
  let word = '';
  let quoted = false;
  const inner: Token[][] = [];
  while (state.at < text.length) {
    const char = text[state.at] ?? '';
    if (/[ \t\r\n;&|()<>]/.test(char) || (char === '`' && closer === '`')) break;
    if (char === "'") {
      quoted = true;
      word += untilQuote(state, state.at + 1, false);
    } else if (char === '$' && text[state.at + 1] === "'") {
      quoted = true;
      word += untilQuote(state, state.at + 2, true);
    } else if (char === '"' || (char === '$' && text[state.at + 1] === '"')) {
      quoted = true;
      state.at += char === '$' ? 2 : 1;
      word += doubleQuoted(state, inner, depth);
    } else if (char === '\\') {
      if (text[state.at + 1] === '\n') state.line += 1;
      else word += text[state.at + 1] ?? '';
      quoted = true;
      state.at += 2;
    } else if (char === '$' || char === '`') {
      word += expansion(state, inner, depth);
    } else {
      word += char;
      state.at += 1;
    }
  }
  return { kind: 'word', text: word, quoted, line, inner };
}

/** To the next single quote; in `$'…'` a backslash escapes it. */
function untilQuote(state: State, from: number, escapes: boolean): string {
  const { text } = state;
  let end = from;
  while (end < text.length && text[end] !== "'") end += escapes && text[end] === '\\' ? 2 : 1;
  const inside = text.slice(from, end);
  state.line += newlines(inside);
  state.at = end + 1;
  return escapes
    ? inside.replaceAll(/\\(.)/gs, (_, char: string) => (char === 'n' ? '\n' : char === 't' ? '\t' : char))
    : inside;
}

function doubleQuoted(state: State, inner: Token[][], depth: number): string {
  const { text } = state;
  let word = '';
  while (state.at < text.length) {
    const char = text[state.at] ?? '';
    if (char === '"') {
      state.at += 1;
      break;
    }
    if (char === '\\') {
      const next = text[state.at + 1] ?? '';
      if (next === '\n') state.line += 1;
      else word += '$`"\\'.includes(next) ? next : `\\${next}`;
      state.at += 2;
    } else if (char === '$' || char === '`') {
      word += expansion(state, inner, depth);
    } else {
      if (char === '\n') state.line += 1;
      word += char;
      state.at += 1;
    }
  }
  return word;
}

/** At a `$` or a backtick: what it stands for in the text of the word. */
function expansion(state: State, inner: Token[][], depth: number): string {
  const { text } = state;
  if (text[state.at] === '`') {
    state.at += 1;
    inner.push(substitution(state, '`', depth));
    return '';
  }
  if (text.startsWith('$((', state.at)) {
    const near = text.slice(state.at, state.at + 400);
    const whole = near.slice(0, near.indexOf('))') + 2);
    // `$((` may also begin a substitution whose first command is in parentheses.
    if (whole.length > 1 && !/[\n;|]/.test(whole)) {
      state.at += whole.length;
      return '0';
    }
  }
  if (text[state.at + 1] === '(') {
    state.at += 2;
    inner.push(substitution(state, ')', depth));
    return '';
  }
  if (text[state.at + 1] === '{') {
    const whole = /^\$\{[^}\n]{0,400}\}?/.exec(text.slice(state.at, state.at + 410))?.[0] ?? '${';
    state.at += whole.length;
    return whole;
  }
  state.at += 1;
  return '$';
}

function substitution(state: State, closer: ')' | '`', depth: number): Token[] {
  if (depth < MAX_NESTING) {
    const outer = state.here;
    state.here = [];
    const tokens = lex(state, closer, depth + 1);
    state.here = outer;
    return tokens;
  }
  const end = state.text.indexOf(closer, state.at);
  state.at = end < 0 ? state.text.length : end + 1;
  return [];
}

function hereToken(state: State, operator: string, depth: number): Token {
  while (/[ \t]/.test(state.text[state.at] ?? '')) state.at += 1;
  const { line } = state;
  const word = readWord(state, depth);
  if (operator === '<<<')
    return { ...word, kind: 'operator', text: operator, line, fed: { text: word.text, line } };
  const fed = { text: '', line };
  const inner: Token[][] = [];
  state.here.push({ delimiter: word.text, stripTabs: operator === '<<-', expands: !word.quoted, fed, inner });
  return { kind: 'operator', text: operator, quoted: false, line, inner, fed };
}

/** Behind a line end: the bodies of the here-documents that were announced on the line. */
function readHere(state: State, depth: number): void {
  const { text } = state;
  for (const { delimiter, stripTabs, expands, fed, inner } of state.here.splice(0)) {
    fed.line = state.line;
    const from = state.at;
    let body = '';
    while (state.at < text.length) {
      const end = text.indexOf('\n', state.at);
      const raw = text.slice(state.at, end < 0 ? text.length : end);
      state.at = end < 0 ? text.length : end + 1;
      state.line += 1;
      if ((stripTabs ? raw.replace(/^\t+/, '') : raw).replace(/\r$/, '') === delimiter) break;
      body += `${raw}\n`;
    }
    fed.text = body;
    if (!expands || depth >= MAX_NESTING) continue;
    const within: State = { text: text.slice(from, from + body.length), at: 0, line: fed.line, here: [] };
    while (within.at < within.text.length) {
      const char = within.text[within.at];
      if (char === '$' || char === '`') expansion(within, inner, depth + 1);
      else {
        if (char === '\n') within.line += 1;
        within.at += char === '\\' ? 2 : 1;
      }
    }
  }
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
