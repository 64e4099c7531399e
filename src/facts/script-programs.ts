/**
 * Programs a script runs, whatever it is written in: shell is parsed; in Python, Perl, Ruby, JavaScript and PHP the
 * calls that start processes are looked for, with literal text as their arguments.
 */
import { calledPrograms, programsOfWords, type CalledProgram } from './shell-commands.js';

type Language = 'shell' | 'python' | 'perl' | 'ruby' | 'javascript' | 'php' | 'tcl' | 'other';

export interface Script {
  readonly language: Language;
  readonly programs: readonly CalledProgram[];
  /** Lines that are neither comment nor unreachable, as far as that is cheap to see. */
  readonly code: readonly { readonly line: number; readonly text: string }[];
}

const INTERPRETERS: readonly (readonly [RegExp, Language])[] = [
  [/\b(?:ba|da|m?k|z|a)?sh(?:\d+)?\b/, 'shell'],
  [/\bpython/, 'python'],
  [/\bperl/, 'perl'],
  [/\bruby/, 'ruby'],
  [/\b(?:node|nodejs|deno|bun)\b/, 'javascript'],
  [/\bphp/, 'php'],
  [/\b(?:expect|tclsh)\b/, 'tcl'],
];
const SUFFIXES: Readonly<Record<string, Language>> = {
  sh: 'shell',
  bash: 'shell',
  py: 'python',
  pl: 'perl',
  rb: 'ruby',
  js: 'javascript',
  mjs: 'javascript',
  php: 'php',
  exp: 'tcl',
  tcl: 'tcl',
};

export function readScript(text: string, path: string): Script {
  const language = languageOf(text, path);
  if (language === 'shell') return shellScript(text);
  const code = codeLines(text, language);
  const joined = blanked(text, code);
  const programs = language === 'tcl' ? spawned(joined) : processCalls(joined, language);
  return { language, programs: programs.toSorted((a, b) => a.line - b.line), code };
}

function languageOf(text: string, path: string): Language {
  const shebang = /^#!\s*(\S.*)/.exec(text)?.[1];
  if (shebang !== undefined) {
    const words = shebang.replace(/^\S*\/env\s+(?:-\S+\s+)*/, '').split(/\s+/);
    return INTERPRETERS.find(([name]) => name.test(words[0]?.split('/').at(-1) ?? ''))?.[1] ?? 'other';
  }
  const suffix = /\.(\w+)$/.exec(path)?.[1] ?? '';
  return Object.hasOwn(SUFFIXES, suffix) ? (SUFFIXES[suffix] ?? 'shell') : 'shell';
}

function shellScript(text: string): Script {
  const programs = calledPrograms(text);
  const alive = new Set(programs.filter(({ dead }) => !dead).map(({ line }) => line));
  const code = text
    .split('\n')
    .flatMap((each, index) => (alive.has(index + 1) ? [{ line: index + 1, text: each }] : []));
  return { language: 'shell', programs, code };
}

/** Comments, documentation strings, what stands behind the script's end and functions nobody names are left out. */
function codeLines(text: string, language: Language): { line: number; text: string }[] {
  const lines = withoutBlocks(text, language).split('\n');
  const slashes = language === 'javascript' || language === 'php';
  const stripped = lines.map((each) => {
    if (slashes && /^\s*(?:\/\/|#)/.test(each)) return '';
    if (each.length > 2000) return each;
    if (slashes) return each.replace(/\s\/\/.*$/, '');
    return /^\s*#/.test(each) ? '' : each.replace(/\s#[^'"]*$/, '');
  });
  const end = stripped.findIndex((each) =>
    /^(?:sys\.exit\b|exit\b|os\._exit\b|raise SystemExit\b|process\.exit\b|__END__|__DATA__|die\b)/.test(
      each,
    ),
  );
  const reached = end < 0 ? stripped : stripped.slice(0, end);
  const dead = language === 'python' ? uncalled(reached) : new Set<number>();
  return reached.flatMap((each, index) =>
    each.trim() === '' || dead.has(index) ? [] : [{ line: index + 1, text: each }],
  );
}

const BLOCKS: Readonly<Partial<Record<Language, readonly [begin: RegExp, end: RegExp]>>> = {
  javascript: [/^\s*\/\*/, /\*\//],
  php: [/^\s*\/\*/, /\*\//],
  perl: [/^=[a-z]/, /^=cut\b/],
  ruby: [/^=begin\b/, /^=end\b/],
};

/** Comment blocks and strings that stand by themselves, replaced by as many line ends. */
function withoutBlocks(text: string, language: Language): string {
  if (language === 'python')
    return text.replaceAll(/^[ \t]*[rRuU]?("""|''')[\s\S]*?\1/gm, (block) => block.replaceAll(/[^\n]/g, ''));
  const [begin, end] = BLOCKS[language] ?? [];
  if (!begin || !end) return text;
  let within = false;
  return text
    .split('\n')
    .map((each) => {
      const begins = !within && begin.test(each);
      const hidden = within || begins;
      if (hidden) within = !end.test(each);
      return hidden ? '' : each;
    })
    .join('\n');
}

/** A name within quotes is no call; in an f-string it may be. */
function withoutStrings(line: string): string {
  return line.length > 2000 ? line : line.replaceAll(/(?<![fF])(?:"[^"]*"|'[^']*')/g, '');
}

/** Lines of Python functions whose name stands nowhere but in their definition. */
function uncalled(lines: readonly string[]): ReadonlySet<number> {
  const counts = new Map<string, number>();
  for (const word of lines
    .map(withoutStrings)
    .join('\n')
    .match(/[A-Za-z_]\w*/g) ?? [])
    counts.set(word, (counts.get(word) ?? 0) + 1);
  const dead = new Set<number>();
  lines.forEach((each, index) => {
    const found = /^([ \t]*)(?:async\s+)?def\s+(\w+)/.exec(each);
    if (
      found === null ||
      (counts.get(found[2] ?? '') ?? 0) > 1 ||
      /^\s*@/.test(lines[index - 1] ?? '') ||
      /^__\w+__$/.test(found[2] ?? '')
    )
      return;
    const indent = found[1]?.length ?? 0;
    for (let at = index + 1; at < lines.length; at += 1) {
      const line = lines[at] ?? '';
      if (line.trim() !== '' && (/^[ \t]*/.exec(line)?.[0].length ?? 0) <= indent) break;
      dead.add(at);
    }
  });
  return dead;
}

/** The code alone, every line in its place. */
function blanked(text: string, code: readonly { line: number; text: string }[]): string {
  const lines = text.split('\n').map(() => '');
  for (const { line, text: each } of code) lines[line - 1] = each;
  return lines.join('\n');
}

/** Functions that start a process, and assignments of what looks like one to be started. */
const STARTS =
  /(?:\b(?:run|call|check_call|check_output|Popen|popen\d?|getoutput|getstatusoutput|exec[lv]?p?e?|execv?e?|spawn\w{0,20}|posix_spawnp?|create_subprocess_(?:exec|shell)|system|shell_exec|passthru|proc_open|pcntl_exec|execSync|execFile(?:Sync)?|spawnSync|capture[23e]*|pipeline|IPC::\w+)(?!\w)\s*\(?|\b\w{0,40}(?:cmd|command|argv|args|CMD|COMMAND)\w{0,40}\s*=)\s*/g;
const BACKTICKS = /(?:`([^`\n]{1,2000})`|(?:\bqx|%x)\s*[{([/|]([^\n]{1,2000}?)[})\]/|])/g;
const MAX_CALLS = 2000;

function processCalls(text: string, language: Language): CalledProgram[] {
  const found: CalledProgram[] = [];
  const lineAt = lineFinder(text);
  for (const match of text.matchAll(STARTS)) {
    if (found.length > MAX_CALLS) break;
    const from = match.index + match[0].length;
    const words = literals(text.slice(from, from + 4000));
    const line = lineAt(match.index);
    if (words === null) continue;
    found.push(...(words.length === 1 ? calledPrograms(words[0] ?? '', line) : programsOfWords(words, line)));
  }
  if (language === 'perl' || language === 'ruby' || language === 'php') {
    for (const match of text.matchAll(BACKTICKS)) {
      if (found.length > MAX_CALLS) break;
      found.push(...calledPrograms(match[1] ?? match[2] ?? '', lineAt(match.index)));
    }
  }
  return found;
}

/** `"ssh", "host"`, `["ssh", host]`, `'ssh host'`: the literal words at the front; what is computed becomes `$_`. */
function literals(text: string): string[] | null {
  const words: string[] = [];
  let rest = text.replace(/^(?:\s|[[(]|array\(|\w+\s*=\s*(?=[["'(]))*/, '');
  while (words.length < 40) {
    const literal =
      /^[rRbBfFuU]{0,2}(?:"""([\s\S]*?)"""|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`)\s*/.exec(
        rest,
      );
    const other = literal ?? /^([\w.$@:>-]+(?:\([^()\n]{0,200}\)|\[[^\]\n]{0,200}\])*)\s*/.exec(rest);
    if (other === null) break;
    if (words.length === 0 && literal === null) return null;
    words.push(
      literal === null
        ? '$_'
        : (literal[1] ?? literal[2] ?? literal[3] ?? literal[4] ?? '').replaceAll(/\\(["'\\$`])/g, '$1'),
    );
    rest = rest.slice(other[0].length);
    if (!/^[,\])]/.test(rest)) break;
    // `execFile("ssh", ["host"])`: the list of arguments goes on behind the name.
    const joint = /^\]?\s*,\s*\[?\s*/.exec(rest);
    if (joint === null) break;
    rest = rest.slice(joint[0].length);
    if (/^\w+\s*=/.test(rest)) break;
  }
  return words.length === 0 ? null : words.filter((word, index) => index === 0 || word !== '');
}

/** Expect: `spawn ssh host`. */
function spawned(text: string): CalledProgram[] {
  return text.split('\n').flatMap((each, index) => {
    const command = /^\s*(?:spawn|exec|system)\s+(?:-\w+\s+)*(.*)$/.exec(each)?.[1];
    return command === undefined ? [] : calledPrograms(command, index + 1);
  });
}

function lineFinder(text: string): (offset: number) => number {
  let [last, line] = [0, 1];
  return (offset) => {
    if (offset < last) [last, line] = [0, 1];
    for (; last < offset; last += 1) if (text[last] === '\n') line += 1;
    return line;
  };
}
