/**
 * Shell text into simple commands: enough of the grammar (POSIX.1-2017, XCU 2.9 and 2.10) to tell what runs from
 * what is a pattern, a keyword, a function nobody calls, or stands behind the script's end.
 */
import { shellTokens, type Token } from './shell-lexer.js';

/** One simple command as it stands in the text, assignments in front of it included. */
export interface ShellCommand {
  readonly words: readonly string[];
  /** From 1. */
  readonly line: number;
  /** The innermost function whose body it stands in. */
  readonly inFunction: string | null;
  /** Nothing reaches it: it stands behind an `exit` or `exec` of the script itself, or behind `false &&`. */
  readonly dead: boolean;
  /** What here-documents and here-strings feed it. */
  readonly fed: readonly { readonly text: string; readonly line: number }[];
}

type FrameKind = '{' | '(' | 'if' | 'loop' | 'case';

const OPENERS: Readonly<Record<string, FrameKind>> = {
  '{': '{',
  if: 'if',
  for: 'loop',
  while: 'loop',
  until: 'loop',
  select: 'loop',
  case: 'case',
};
const CLOSERS: Readonly<Record<string, FrameKind>> = { '}': '{', fi: 'if', done: 'loop', esac: 'case' };
/** Keywords behind which a command begins. Those of OPENERS that are followed by words of their own are not among them. */
const TRANSPARENT = new Set([
  '{',
  'if',
  'while',
  'until',
  'then',
  'else',
  'elif',
  'do',
  '!',
  'time',
  '}',
  'fi',
  'done',
  'esac',
]);

/** Deeper nesting is flattened. */
const MAX_FRAMES = 200;

interface Scope {
  readonly commands: ShellCommand[];
  /** Open compound commands, those of enclosing substitutions included. */
  readonly frames: { readonly kind: FrameKind; readonly name: string | null }[];
  /** Behind the script's own `exit`. */
  ended: boolean;
}

/** Every simple command, those in substitutions and functions included, in the order of their lines. */
export function shellCommands(text: string, firstLine = 1): ShellCommand[] {
  const scope: Scope = { commands: [], frames: [], ended: false };
  parse(shellTokens(text, firstLine), scope, false);
  return scope.commands.toSorted((a, b) => a.line - b.line);
}

function parse(tokens: readonly Token[], scope: Scope, substituted: boolean): void {
  const { frames } = scope;
  const floor = frames.length;
  let words: string[] = [];
  let line = 0;
  let fed: ShellCommand['fed'][number][] = [];
  let pattern = false;
  let doomed = false;
  let conditional = false;
  let functionName: string | null = null;

  const open = (kind: FrameKind): void => {
    if (frames.length < MAX_FRAMES) frames.push({ kind, name: functionName });
    functionName = null;
  };
  const close = (kind: FrameKind): void => {
    if (frames.length > floor && frames.at(-1)?.kind === kind) frames.pop();
  };
  const end = (by: string): void => {
    const [first, second] = words;
    if (first === 'function' && second !== undefined) functionName = second;
    else if (first !== undefined) {
      if (first === 'for' || first === 'select') open('loop');
      const inFunction = frames.findLast(({ name }) => name !== null)?.name ?? null;
      scope.commands.push({ words, line, inFunction, dead: scope.ended || doomed, fed });
      const leaves = first === 'exit' || (first === 'exec' && second !== undefined);
      if (leaves && !substituted && frames.length === 0 && !conditional && by !== '|' && by !== '&')
        scope.ended = true;
    }
    doomed = by === '&&' && (first === 'false' || doomed);
    conditional = by === '&&' || by === '||' || by === '|';
    words = [];
    fed = [];
  };

  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    for (const inner of token.inner) parse(inner, scope, true);
    if (pattern) {
      if (token.kind === 'operator' && token.text === ')') pattern = false;
      else if (token.kind === 'word' && token.text === 'esac' && !token.quoted) {
        pattern = false;
        close('case');
      }
      continue;
    }
    if (token.kind === 'newline') {
      // `a &&` goes on on the next line.
      if (words.length > 0 || fed.length > 0) end(';');
    } else if (token.kind === 'word') {
      const [first] = words;
      if (first === undefined) line = token.line;
      if (first === undefined && !token.quoted && (TRANSPARENT.has(token.text) || CLOSERS[token.text])) {
        const opens = OPENERS[token.text];
        const closes = CLOSERS[token.text];
        if (opens) open(opens);
        if (closes) close(closes);
      } else if (first === 'function' && token.text === '{') {
        end(';');
        open('{');
      } else if (first === 'case' && token.text === 'in' && words.length > 1) {
        words = [];
        open('case');
        pattern = true;
      } else {
        const name = lookedUp(token);
        words.push(name ?? token.text);
      }
    } else if (token.fed) {
      fed.push(token.fed);
    } else if (/[<>]/.test(token.text)) {
      // The file a command reads or writes is no word of it, nor is the number of its descriptor.
      if (/^\d$/.test(words.at(-1) ?? '')) words.pop();
      index += tokens[index + 1]?.kind === 'word' ? 1 : 0;
    } else if (token.text === '(') {
      const empty = tokens[index + 1]?.kind === 'operator' && tokens[index + 1]?.text === ')';
      if (empty && words.length > 0 && !words.at(-1)?.endsWith('=')) {
        functionName = words.at(-1) ?? null;
        words = [];
        index += 1;
      } else {
        end('(');
        open('(');
      }
    } else if (token.text === ')') {
      end(';');
      close('(');
    } else {
      end(token.text);
      if (token.text.startsWith(';;') || token.text === ';&') pattern = frames.at(-1)?.kind === 'case';
    }
  }
  end(';');
  frames.length = floor;
}

/** `$(which ssh)` and the like: the word is the program that is looked up. */
function lookedUp(token: Token): string | null {
  const [only, ...more] = token.inner;
  if (token.text !== '' || only === undefined || more.length > 0) return null;
  const words = only.filter(({ kind }) => kind === 'word').map(({ text }) => text);
  const looks =
    words[0] === 'which' ||
    ((words[0] === 'command' || words[0] === 'type') && /^-[vVpP]$/.test(words[1] ?? ''));
  return looks ? (words.at(-1) ?? null) : null;
}
