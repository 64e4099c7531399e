/**
 * Which programs a piece of shell runs: through `env`, `sudo -u a`, `timeout 5`, `sh -c '…'`, `find -exec` and their
 * like, and through variables that hold a command. It errs on the side of seeing a call.
 */
import { rememberedByText } from '../memo.js';
import { shellCommands, type ShellCommand } from './shell-syntax.js';

export interface CalledProgram {
  /** As written, quotes removed. */
  readonly program: string;
  readonly args: readonly string[];
  /** Assignments in front of it, `NAME=value`. */
  readonly environment: readonly string[];
  /** From 1. */
  readonly line: number;
  /** Nothing reaches it: behind the script's end, or in a function that is never called. */
  readonly dead: boolean;
}

interface Prefix {
  /** Own arguments that come before the program, options aside. */
  readonly own?: number;
  /** Options whose value is the next word. */
  readonly values?: string;
  /** Options whose value is shell text. */
  readonly code?: string;
}

const PLAIN: Prefix = {};
/** Programs that run another one named in their arguments. Sources: their manual pages. */
const PREFIXES: Readonly<Record<string, Prefix>> = {
  ...Object.fromEntries(
    [
      'nohup',
      'setsid',
      'builtin',
      'chronic',
      'cronic',
      'unbuffer',
      'catchsegv',
      'busybox',
      'torsocks',
      'tsocks',
      'dbus-run-session',
      'run-one',
      'fakeroot',
      'firejail',
      'systemd-inhibit',
    ].map((name) => [name, PLAIN]),
  ),
  command: PLAIN,
  exec: { values: '-a' },
  env: { values: '-u --unset -C --chdir', code: '-S --split-string' },
  sudo: {
    values:
      '-u --user -g --group -h --host -p --prompt -C --close-from -r --role -t --type -T --command-timeout -U -D --chdir -R --chroot',
  },
  doas: { values: '-u -C' },
  su: { values: '-s --shell -g --group -G -w', code: '-c --command' },
  runuser: { values: '-u --user -s --shell -g --group -G -w', code: '-c --command' },
  sg: { own: 1, code: '-c' },
  gosu: { own: 1 },
  'su-exec': { own: 1 },
  chpst: { values: '-u -U -b -e -d -m -o -p -n -/' },
  setuidgid: { own: 1 },
  setpriv: {
    values: '--reuid --regid --groups --inh-caps --ambient-caps --bounding-set --securebits --pdeathsig',
  },
  timeout: { own: 1, values: '-k --kill-after -s --signal' },
  nice: { values: '-n --adjustment' },
  ionice: { values: '-c --class -n --classdata' },
  chrt: { own: 1, values: '-T -P -D' },
  taskset: { own: 1 },
  cpulimit: { values: '-l -p -e' },
  stdbuf: { values: '-i -o -e' },
  time: { values: '-f -o' },
  flock: { own: 1, values: '-w --wait --timeout -E --conflict-exit-code', code: '-c --command' },
  'with-lock-ex': { own: 2 },
  xargs: { values: '-I -n -P -L -d -s -a -E --replace --max-args --max-procs --delimiter --arg-file' },
  parallel: { values: '-j -P -a -S --jobs --arg-file -N -d --colsep --delay --timeout' },
  chroot: { own: 1 },
  nsenter: { values: '-t --target -S -G' },
  unshare: PLAIN,
  watch: { values: '-n --interval' },
  script: { code: '-c --command' },
  strace: { values: '-e -o -p -s -u -E' },
  ltrace: { values: '-e -o -p -s -u' },
  proxychains: { values: '-f' },
  proxychains4: { values: '-f' },
  'ssh-agent': { values: '-a -t -E -P -O' },
  'systemd-run': {
    values:
      '-p --property -u --unit -E --setenv --slice --description --uid --gid -M --machine -H --host --on-active --on-boot --on-calendar --on-unit-active --working-directory',
  },
  'systemd-cat': { values: '-t --identifier -p --priority' },
  screen: { values: '-S -c -e -h -s -t -T -L' },
  daemonize: { values: '-c -e -o -p -l -u -E' },
  coproc: PLAIN,
};
const SHELLS = /^(?:ba|da|k|mk|pdk|z|a|rba)?sh(?:93)?$|^\$\{?SHELL\b/;
const MAX_DEPTH = 8;
/** Stands among the programs of a text that was not followed to its end. */
export const TOO_COMPLICATED = '(too complicated)';

/** What one text may cost, its `sh -c` texts included. */
interface Budget {
  characters: number;
  programs: number;
}

interface Context {
  readonly depth: number;
  readonly variables: ReadonlyMap<string, string>;
  readonly budget: Budget;
}

function newContext(): Context {
  return { depth: 0, variables: new Map(), budget: { characters: 2_000_000, programs: 50_000 } };
}

/** Every program the text runs, in the order of its lines. Hosts of one fleet have the same scripts and cron lines. */
export const calledPrograms: (text: string, firstLine?: number) => readonly CalledProgram[] =
  rememberedByText(
    (text, firstLine = 1) => {
      const context = newContext();
      return marked(programsOf(text, firstLine, context), context, firstLine);
    },
    (text, firstLine = 1) => `${firstLine} ${text}`,
  );

/** What one command given as words runs, e.g. of a process call in another language. */
export function programsOfWords(words: readonly string[], line: number): CalledProgram[] {
  const context = newContext();
  return marked(resolve({ words, line, inFunction: null, dead: false, fed: [] }, context), context, line);
}

function marked(programs: CalledProgram[], { budget }: Context, line: number): CalledProgram[] {
  if (budget.characters > 0 && budget.programs > 0) return programs;
  return [...programs, { program: TOO_COMPLICATED, args: [], environment: [], line, dead: false }];
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function programsOf(text: string, firstLine: number, context: Context): CalledProgram[] {
  const { depth, budget } = context;
  budget.characters -= text.length + 1;
  if (depth > MAX_DEPTH || budget.characters <= 0) return [];
  const variables = new Map(context.variables);
  const found = shellCommands(text, firstLine).map((command) => {
    remember(command.words, variables);
    return { command, programs: resolve(command, { ...context, variables }) };
  });
  const live = liveFunctions(found);
  return found.flatMap(({ command, programs }) =>
    command.inFunction === null || live.has(command.inFunction)
      ? programs
      : programs.map((one) => ({ ...one, dead: true })),
  );
}

/** Functions that something outside of them calls, or that could be: anything may follow `"$1"`. */
function liveFunctions(
  found: readonly { command: ShellCommand; programs: readonly CalledProgram[] }[],
): ReadonlySet<string> {
  const names = new Set(found.flatMap(({ command }) => command.inFunction ?? []));
  const live = new Set<string>();
  const bodies = new Map<string | null, (typeof found)[number][]>();
  for (const each of found) {
    const body = bodies.get(each.command.inFunction);
    if (body) body.push(each);
    else bodies.set(each.command.inFunction, [each]);
  }
  const todo: (string | null)[] = [null];
  for (let from = todo.pop(); from !== undefined; from = todo.pop()) {
    for (const { command, programs } of bodies.get(from) ?? []) {
      if (command.dead) continue;
      const called = [
        ...programs.map(({ program }) => program),
        ...(command.words[0] === 'trap' ? command.words : []),
      ];
      // `"$@"` may be the name of any function.
      const anything = live.size < names.size && called.some((program) => /^\$[\d@*{]/.test(program));
      for (const name of anything ? names : called) {
        if (!names.has(name) || live.has(name)) continue;
        live.add(name);
        todo.push(name);
      }
    }
  }
  return live;
}

/** Plain assignments, also behind `export` and `local`, so that `$SSH host` is seen. */
function remember(words: readonly string[], variables: Map<string, string>): void {
  const [first = ''] = words;
  const list = /^(?:export|local|readonly|declare|typeset)$/.test(first) ? words.slice(1) : words;
  for (const word of list) {
    const found = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    if (found === null) {
      if (list === words) return;
      continue;
    }
    if (variables.size < 2000) variables.set(found[1] ?? '', (found[2] ?? '').slice(0, 2000));
  }
}

/** `$SSH`, `${SSH}` and `${SSH:-ssh}` as the first word, replaced by the words it holds. */
function expandFirst(words: readonly string[], variables: ReadonlyMap<string, string>): readonly string[] {
  const found = /^\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?:\[[@*\d]\])?(?::?[-=]([^}]*))?\})(.*)$/s.exec(
    words[0] ?? '',
  );
  if (found === null) return words;
  const value = variables.get(found[1] ?? found[2] ?? '') ?? found[3];
  if (value === undefined || value === '' || value.startsWith('$')) return words;
  return [
    ...`${value}${found[4] ?? ''}`
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/^(["'])(.*)\1$/, '$2')),
    ...words.slice(1),
  ];
}

/** Nothing reaches what a dead command would run. */
function deadened(programs: CalledProgram[], dead: boolean): CalledProgram[] {
  return dead ? programs.map((one) => Object.assign({}, one, { dead })) : programs;
}

/** Peels `env X=1 sudo -u a timeout 5 sh -c '…'` down to what runs; the outer programs are told too. */
function resolve(command: ShellCommand, context: Context): CalledProgram[] {
  const { line, dead } = command;
  const { depth, variables, budget } = context;
  const first = command.words.findIndex((word) => !/^[A-Za-z_]\w*\+?=/.test(word));
  const environment = command.words.slice(0, first < 0 ? command.words.length : first);
  const words = expandFirst(first < 0 ? [] : command.words.slice(first), variables);
  const [program, ...args] = words;
  if (program === undefined)
    return environment.length > 0 ? [{ program: '', args: [], environment, line, dead }] : [];
  budget.programs -= 1;
  if (depth > MAX_DEPTH || budget.programs <= 0) return [];
  const deeper = { ...context, depth: depth + 1 };
  const own: CalledProgram = { program, args, environment, line, dead };
  const inner = (text: string, at = line): CalledProgram[] => deadened(programsOf(text, at, deeper), dead);
  const again = (rest: readonly string[]): CalledProgram[] =>
    resolve({ ...command, words: rest, fed: [] }, deeper);
  const name = baseName(program);
  if (SHELLS.test(name) || SHELLS.test(program)) return [own, ...ofShell(args, command, inner)];
  if (name === 'eval') return [own, ...inner(args.join(' '))];
  if (name === 'trap') return [own, ...inner(args[0] ?? '')];
  if (name === '.' || name === 'source')
    return [own, { ...own, program: args[0] ?? '', args: args.slice(1) }];
  if (name === 'find') return [own, ...executed(args).flatMap(again)];
  if (name === 'start-stop-daemon') return [own, ...again(daemonOf(args))];
  if (name === 'ip' && args[0] === 'netns' && args[1] === 'exec') return [own, ...again(args.slice(3))];
  if (name === 'command' && args.some((arg) => /^-[vV]$/.test(arg))) return [own];
  const prefix = Object.hasOwn(PREFIXES, name) ? PREFIXES[name] : undefined;
  return prefix === undefined ? [own] : [own, ...behind(prefix, args, again, inner)];
}

function behind(
  prefix: Prefix,
  args: readonly string[],
  again: (words: readonly string[]) => CalledProgram[],
  inner: (text: string) => CalledProgram[],
): CalledProgram[] {
  const values = new Set(prefix.values?.split(' '));
  const codes = new Set(prefix.code?.split(' '));
  // Wherever it stands: `su backup -c 'ssh h'`.
  const found = args.flatMap((arg, at) => {
    const joined = /^(--[a-z-]+)=(.*)$/s.exec(arg);
    if (joined && codes.has(joined[1] ?? '')) return inner(joined[2] ?? '');
    return codes.has(arg) || (codes.has('-c') && /^-[a-z]+c$/.test(arg)) ? inner(args[at + 1] ?? '') : [];
  });
  let left = prefix.own ?? 0;
  let index = 0;
  for (; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    // The last of clustered letters may take a value: `sudo -nu backup`.
    const option = /^-[a-zA-Z]+$/.test(arg) ? `-${arg.slice(-1)}` : arg;
    if (values.has(option) || codes.has(option)) index += 1;
    else if (arg.startsWith('-')) continue;
    else if (left > 0) left -= 1;
    else break;
  }
  const rest = args.slice(index);
  // `watch 'ssh h uptime'`, `parallel 'ssh {} …'`: one word that is a whole command.
  if (rest.length === 1 && /\s/.test(rest[0] ?? '')) return [...found, ...inner(rest[0] ?? '')];
  return [...found, ...again(rest)];
}

/** `sh -c TEXT`, `sh SCRIPT`, `sh <<EOF`. */
function ofShell(
  args: readonly string[],
  { fed, dead, line }: ShellCommand,
  inner: (text: string, line?: number) => CalledProgram[],
): CalledProgram[] {
  const at = args.findIndex((arg) => /^-[a-zA-Z]*c[a-zA-Z]*$/.test(arg));
  if (at >= 0) {
    const text = args.slice(at + 1).find((arg) => !/^[-+][a-zA-Z]+$/.test(arg) && arg !== '--');
    return inner(text ?? '');
  }
  const values = new Set(['-o', '+o', '-O', '+O', '--rcfile', '--init-file']);
  const script = args.find((arg, index) => !/^[-+]./.test(arg) && !values.has(args[index - 1] ?? ''));
  if (script !== undefined && script !== '-') {
    const from = args.indexOf(script);
    return [{ program: script, args: args.slice(from + 1), environment: [], line, dead }];
  }
  return fed.flatMap((each) => inner(each.text, each.line));
}

/** The commands of `find … -exec ssh {} ;`. */
function executed(args: readonly string[]): string[][] {
  return args.flatMap((arg, index) => {
    if (!/^-(?:exec|execdir|ok|okdir)$/.test(arg)) return [];
    const rest = args.slice(index + 1);
    const end = rest.findIndex((word) => word === ';' || word === '+');
    return [rest.slice(0, end < 0 ? undefined : end)];
  });
}

/** `start-stop-daemon --start --exec PROGRAM … -- ARGUMENTS`. */
function daemonOf(args: readonly string[]): string[] {
  const at = args.findIndex((arg) => /^(?:-x|--exec|-a|--startas)$/.test(arg));
  const joined = args.find((arg) => /^--(?:exec|startas)=/.test(arg));
  const program = at >= 0 ? args[at + 1] : joined?.slice(joined.indexOf('=') + 1);
  const dashes = args.indexOf('--');
  return program === undefined ? [] : [program, ...(dashes < 0 ? [] : args.slice(dashes + 1))];
}
