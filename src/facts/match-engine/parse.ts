/**
 * Reads a whole sshd configuration the way sshd does: once at start, for everything outside Match, and once per
 * connection, for everything inside (servconf.c). Both readings are recorded in one walk over the files.
 */
import type { Origin } from '../types.js';
import { algorithmsKnown } from './algorithms.js';
import { dialectOf, type Dialect } from './dialect.js';
import { startProblems } from './evaluate.js';
import { globPaths } from './glob.js';
import { lookupKeyword } from './keywords.js';
import { readMatchLine } from './match-line.js';
import { configLines, strdelim, type ConfigLine } from './text.js';
import type {
  ConfigInput,
  ConfigProblem,
  Directive,
  GuardedDirective,
  MatchLine,
  ParsedConfig,
} from './types.js';
import { argumentWords, readDirective, type PathContext } from './values.js';

/** sshd's own limit on nested Include. */
const DEEPEST = 16;
/**
 * Most lines, characters and Includes read in all. Files that include each other are read again and again within
 * the depth limit: a few kilobytes of them would take hours and all memory. The collector brings 2 MiB of files.
 */
const MOST_LINES = 20_000;
const MOST_CHARACTERS = 4 * 1024 * 1024;
const MOST_INCLUDES = 2000;

const MOST_PROBLEMS = 50;

/** What command-line options are said to come from. */
const COMMAND_LINE = 'command line';

interface Walk {
  readonly input: ConfigInput;
  readonly dialect: Dialect;
  readonly paths: PathContext;
  readonly globals: Directive[];
  readonly conditional: GuardedDirective[];
  readonly matchLines: MatchLine[];
  readonly filesRead: string[];
  readonly problems: ConfigProblem[];
  /** Names of subsystems the main part defined. */
  readonly subsystems: Set<string>;
  /** Each file's lines: read once, however often it is included. */
  readonly texts: Map<string, readonly ConfigLine[]>;
  lines: number;
  characters: number;
  includes: number;
}

/** Where the walk stands in one file. */
interface Place {
  readonly path: string;
  readonly depth: number;
  /** Match lines above this file that must hold for its own Match lines to be looked at. */
  readonly outer: readonly MatchLine[];
  /** First reading: whether directives act, and whether any Match of this file may switch them on. */
  active: boolean;
  readonly canActivate: boolean;
  /** Second reading: what must hold for directives to act; null when they do not (outside every Match). */
  guards: readonly MatchLine[] | null;
}

/**
 * Parses a configuration. Never throws; what sshd would refuse is in `problems` with path and line, and the
 * directives it can still read are returned, for pointing at only: with a fatal problem sshd does not start.
 */
export function parseConfig(input: ConfigInput): ParsedConfig {
  const dialect = dialectOf(input.version);
  const walk: Walk = {
    input,
    dialect,
    paths: { cwd: input.cwd ?? '/', homes: homesOf(input) },
    globals: [],
    conditional: [],
    matchLines: [],
    filesRead: [],
    problems: [],
    subsystems: new Set(),
    texts: new Map(),
    lines: 0,
    characters: 0,
    includes: 0,
  };
  for (const option of input.commandLine ?? []) readOption(walk, option);
  const place: Place = {
    path: input.mainPath,
    depth: 0,
    outer: [],
    active: true,
    canActivate: true,
    guards: null,
  };
  readFile(walk, place, { path: input.mainPath, line: 0 });
  const { globals, conditional, matchLines, filesRead, problems } = walk;
  const config = {
    dialect,
    version: input.version,
    globals,
    conditional,
    matchLines,
    filesRead,
    accounts: input.accounts,
  };
  return { ...config, problems: [...problems, ...startProblems(config)] };
}

function homesOf(input: ConfigInput): ReadonlyMap<string, string> {
  const root = input.accounts.find((account) => account.uid === 0);
  return new Map([
    ['root', '/root'],
    ...input.accounts.map(({ name, home }) => [name, home] as const),
    ['', root?.home ?? '/root'],
  ]);
}

/** Keeps the first problems only: one is enough to know that the configuration is not what sshd runs. */
function report(walk: Walk, severity: ConfigProblem['severity'], at: Origin, message: string): void {
  if (walk.problems.length >= MOST_PROBLEMS) return;
  walk.problems.push({ severity, at, message });
}

function readOption(walk: Walk, option: { readonly keyword: string; readonly value: string }): void {
  const place: Place = {
    path: COMMAND_LINE,
    depth: 0,
    outer: [],
    active: true,
    canActivate: false,
    guards: null,
  };
  readLine(walk, place, `${option.keyword}=${option.value}`, { path: COMMAND_LINE, line: 0 });
}

function readFile(walk: Walk, place: Place, from: Origin): void {
  const text = walk.input.files.get(place.path);
  if (text === undefined) {
    report(walk, 'unknown', from, `${place.path} is read by sshd but was not collected`);
    return;
  }
  if (exhausted(walk)) return;
  walk.filesRead.push(place.path);
  const lines = walk.texts.get(place.path) ?? configLines(text, walk.dialect);
  walk.texts.set(place.path, lines);
  for (const line of lines) {
    if (exhausted(walk)) return;
    walk.lines += 1;
    walk.characters += line.text.length;
    if (exhausted(walk)) return tooMuch(walk, from);
    readLine(walk, place, line.text, { path: place.path, line: line.number });
  }
}

function exhausted({ lines, characters, includes }: Walk): boolean {
  return lines > MOST_LINES || characters > MOST_CHARACTERS || includes > MOST_INCLUDES;
}

function tooMuch(walk: Walk, at: Origin): void {
  const bounds = `${MOST_LINES} lines, ${MOST_CHARACTERS} characters or ${MOST_INCLUDES} Includes`;
  const counted = 'each file counted as often as it is included';
  report(walk, 'unknown', at, `more than ${bounds} of configuration, ${counted}: what follows was not read`);
}

function readLine(walk: Walk, place: Place, text: string, at: Origin): void {
  if (text === '') return;
  let { word, rest } = strdelim(text);
  if (word === '') ({ word, rest } = strdelim(rest));
  if (word === null || word === '' || word.startsWith('#')) return;
  const keyword = word.toLowerCase();
  if (walk.dialect.argvArguments && (rest === null || rest === '')) {
    report(walk, 'fatal', at, `no argument after keyword "${word}"`);
    return;
  }
  if (keyword === 'match') readMatch(walk, place, rest ?? '', at);
  else if (keyword === 'include' && walk.dialect.include) readInclude(walk, place, rest, at);
  else readSetting(walk, place, word, rest, at);
}

function readMatch(walk: Walk, place: Place, rest: string, at: Origin): void {
  if (at.path === COMMAND_LINE) {
    report(walk, 'fatal', at, 'Match is not supported as a command-line option');
    return;
  }
  const line = readMatchLine(rest, at, walk.dialect);
  if (typeof line === 'string') {
    report(walk, 'fatal', at, line);
    return;
  }
  walk.matchLines.push(line);
  place.active = place.canActivate && line.always;
  place.guards = [...place.outer, line];
}

function readSetting(walk: Walk, place: Place, word: string, rest: string | null, at: Origin): void {
  const lookup = lookupKeyword(word.toLowerCase(), walk.dialect);
  if (lookup.found === 'unknown') {
    report(
      walk,
      'unknown',
      at,
      `keyword ${word} is not known for this version: sshd refuses it or it is a vendor's`,
    );
    return;
  }
  const inMatch = lookup.found === 'evaluated' ? lookup.keyword.inMatch : lookup.inMatch;
  if (!place.active && !inMatch) {
    report(walk, 'fatal', at, `${word} is not allowed within a Match block`);
    return;
  }
  if (lookup.found === 'ignored') {
    const words = argumentWords(rest, walk.dialect);
    if (words === null) report(walk, 'fatal', at, 'invalid quotes');
    else if (place.active && definedTwice(walk, word, words[0]))
      report(walk, 'fatal', at, `Subsystem ${String(words[0])} is already defined`);
    return;
  }
  const directive = readDirective(lookup.keyword, rest, at, walk);
  if (typeof directive === 'string') {
    report(walk, 'fatal', at, `${word}: ${directive}`);
    return;
  }
  if (lookup.keyword.kind === 'algorithms' && !directive.values.every(algorithmsKnown)) {
    report(
      walk,
      'unknown',
      at,
      `${word} names an algorithm that is not known: sshd refuses it or it is a vendor's`,
    );
  }
  if (anyComesLate(walk, directive, place.active))
    report(walk, 'fatal', at, '"any" must appear alone in AuthenticationMethods');
  if (place.active) walk.globals.push(directive);
  if (inMatch && (place.guards !== null || directive.values.includes('any')))
    walk.conditional.push({ guards: place.guards, directive });
}

/** Up to 9.4 a second Subsystem of one name, as a drop-in and a distribution's main file easily have, is refused. */
function definedTwice({ dialect, subsystems }: Walk, word: string, name: string | undefined): boolean {
  if (word.toLowerCase() !== 'subsystem' || name === undefined || dialect.level >= 905) return false;
  const known = subsystems.has(name);
  subsystems.add(name);
  return known;
}

/** `AuthenticationMethods any` after another list, as far as sshd notices it at start: see Dialect. */
function anyComesLate({ dialect, globals }: Walk, { keyword, values }: Directive, active: boolean): boolean {
  if (keyword !== 'authenticationmethods' || !values.includes('any')) return false;
  if (active && values.length > 1)
    return dialect.anyMustBeFirst || !globals.some((earlier) => earlier.keyword === keyword);
  return dialect.anyMustBeFirst && globals.some((earlier) => earlier.keyword === keyword);
}

function readInclude(walk: Walk, place: Place, rest: string | null, at: Origin): void {
  walk.includes += 1;
  if (exhausted(walk)) return tooMuch(walk, at);
  const patterns = argumentWords(rest, walk.dialect);
  if (at.path === COMMAND_LINE)
    report(walk, 'fatal', at, 'Include is not supported as a command-line option');
  else if (patterns === null) report(walk, 'fatal', at, 'invalid quotes');
  else if (patterns.length === 0 || patterns.includes(''))
    report(walk, 'fatal', at, 'Include: missing or empty file name');
  else if (place.depth >= DEEPEST) report(walk, 'fatal', at, 'too many recursive configuration includes');
  else
    for (const pattern of patterns)
      for (const path of included(walk.input, pattern)) enter(walk, place, path, at);
}

/** Absolute paths an Include argument names, in order. `~` is not expanded: sshd hands it to glob(3) as it is. */
function included(input: ConfigInput, pattern: string): readonly string[] {
  const absolute = /^[/~]/.test(pattern) ? pattern : `/etc/ssh/${pattern}`;
  return input.listing?.get(absolute) ?? globPaths(absolute, input.files.keys());
}

/** A Match inside an included file ends with it; a Match around the Include also guards the file's own Match lines. */
function enter(walk: Walk, place: Place, path: string, at: Origin): void {
  const below: Place = {
    path,
    depth: place.depth + 1,
    outer: place.guards ?? [],
    active: place.active,
    canActivate: place.active,
    guards: place.guards,
  };
  readFile(walk, below, at);
}
