/**
 * From flags, environment and settings file to one validated value per option, and where each came from.
 * Precedence: flag > SSH_SCORECARD_<FLAG> > settings file > built-in.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { messageOf, UserError, type Location } from './errors.js';
import { formatDuration, parseDuration } from './inventory/duration.js';
import { quoted } from './inventory/problem.js';
import { didYouMean } from './inventory/suggest.js';
import {
  environmentName,
  OPTION_NAMES,
  optionSpec,
  type OptionName,
  type OptionSpec,
  type Settings,
} from './options.js';
import { PSEUDONYM_VARIABLES } from './options/access.js';
import { QUEUE_VARIABLES } from './options/queue.js';

export interface ResolvedSettings {
  readonly settings: Settings;
  /** `flag`, `environment NAME`, `FILE:LINE`, or `built-in`. */
  readonly origins: Readonly<Record<OptionName, string>>;
  readonly warnings: readonly string[];
}

interface Given {
  readonly value: unknown;
  readonly origin: string;
  readonly at?: Location;
}

const DEFAULT_FILE = 'ssh-scorecard.yaml';

/** @throws UserError naming the flag, variable or file and line that is wrong. */
export function resolveSettings(
  flags: Readonly<Record<string, unknown>>,
  env: NodeJS.ProcessEnv,
  cwd: string,
): ResolvedSettings {
  const file = settingsFile(flags['config'], cwd);
  const settings: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const name of OPTION_NAMES) {
    const spec = optionSpec(name);
    const given =
      fromFlag(name, flags) ?? (spec.flagOnly ? undefined : (fromEnvironment(name, env) ?? file.get(name)));
    origins[name] = given?.origin ?? 'built-in';
    settings[name] = given ? coerce(name, spec, given) : fallbackOf(spec);
  }
  return {
    settings: settings as Settings,
    origins: origins as Record<OptionName, string>,
    warnings: unknownVariables(env),
  };
}

function fallbackOf(spec: OptionSpec): unknown {
  return 'fallback' in spec ? spec.fallback : undefined;
}

function fromFlag(name: OptionName, flags: Readonly<Record<string, unknown>>): Given | undefined {
  const value = flags[name];
  return value === undefined ? undefined : { value, origin: 'flag' };
}

function fromEnvironment(name: OptionName, env: NodeJS.ProcessEnv): Given | undefined {
  const variable = environmentName(name);
  const value = env[variable];
  return value === undefined || value === '' ? undefined : { value, origin: `environment ${variable}` };
}

function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = new Set<string>([
    ...OPTION_NAMES.map(environmentName),
    ...Object.values(QUEUE_VARIABLES),
    ...Object.values(PSEUDONYM_VARIABLES),
  ]);
  return Object.keys(env)
    .filter(
      (name) => name.startsWith('SSH_SCORECARD_') && !known.has(name) && name !== 'SSH_SCORECARD_REQUIRE_ALL',
    )
    .map(
      (name) => `the environment variable ${name} sets no option; ${didYouMean(name, known) || 'see --help'}`,
    );
}

function settingsFile(flag: unknown, cwd: string): ReadonlyMap<string, Given> {
  if (flag === 'none' || flag === '') return new Map();
  const path = typeof flag === 'string' ? flag : DEFAULT_FILE;
  let text: string;
  try {
    text = readFileSync(resolve(cwd, path), 'utf8');
  } catch (error) {
    if (typeof flag !== 'string' && (error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw new UserError('settings-unreadable', `cannot read the settings file ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return parseSettings(path, text);
}

function parseSettings(path: string, text: string): ReadonlyMap<string, Given> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const place = (offset: number | undefined): Location => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { file: path, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const [problem] = document.errors;
  if (problem)
    throw new UserError('settings-invalid', problem.message.split('\n', 1)[0] ?? 'not YAML', {
      at: place(problem.pos[0]),
    });
  const given = new Map<string, Given>();
  if (document.contents === null) return given;
  if (!isMap(document.contents))
    throw new UserError('settings-invalid', 'expected a mapping of option names to values', { at: place(0) });
  const values = plainValues(document, place(0));
  for (const pair of document.contents.items) {
    const key = isScalar(pair.key) ? String(pair.key.value) : '';
    const at = place(isScalar(pair.key) ? pair.key.range?.[0] : 0);
    const spec = OPTION_NAMES.includes(key as OptionName) ? optionSpec(key as OptionName) : undefined;
    if (!spec || spec.flagOnly)
      throw new UserError('settings-unknown', `unknown option "${key}"`, {
        at,
        hint: didYouMean(key, OPTION_NAMES) || 'option names are those of --help',
      });
    given.set(key, { value: values[key], origin: `${at.file}:${at.line}`, at });
  }
  return given;
}

function plainValues(
  document: ReturnType<typeof parseDocument>,
  at: Location,
): Readonly<Record<string, unknown>> {
  try {
    return document.toJS({ maxAliasCount: 20 }) as Record<string, unknown>;
  } catch (error) {
    throw new UserError('settings-invalid', messageOf(error), { at, cause: error });
  }
}

function coerce(name: OptionName, spec: OptionSpec, given: Given): unknown {
  const values = Array.isArray(given.value) ? given.value : [given.value];
  const expected = (what: string): never => {
    const where = given.origin === 'flag' ? `--${name}` : name;
    const got = quoted(values.map(String).join(', '));
    throw new UserError('bad-option', `${where}: expected ${what}, got ${got}`, {
      ...(given.at && { at: given.at }),
      hint: given.origin === 'flag' ? 'every flag is explained by --help' : `set by ${given.origin}`,
    });
  };
  if (spec.kind === 'list') {
    const { choices } = spec;
    // Commas separate in a variable, except inside a host set such as web[1,3].
    const parts =
      choices !== undefined || given.origin.startsWith('environment')
        ? values.flatMap((one) => String(one).split(/,(?![^[\]]*\])/))
        : values.map(String);
    const words = parts.map((word) => word.trim());
    if (choices !== undefined && !words.every((word) => choices.includes(word)))
      return expected(`one or more of ${choices.join(', ')}`);
    return words.every(Boolean) ? words : expected('a value');
  }
  if (values.length > 1) return expected('one value, not several');
  const [value] = values;
  const text = String(value).trim();
  switch (spec.kind) {
    case 'text':
      return text === '' ? ((given.origin === 'flag' ? spec.bare : undefined) ?? expected('a value')) : text;
    case 'switch':
      return /^(true|yes|on|1)$/i.test(text)
        ? true
        : /^(false|no|off|0)$/i.test(text)
          ? false
          : expected('true or false');
    case 'choice':
      return spec.choices.includes(text) ? text : expected(`one of ${spec.choices.join(', ')}`);
    case 'integer':
      return (
        bounded(/^\d{1,15}$/.test(text) ? Number(text) : null, spec) ??
        expected(`a whole number from ${spec.min} to ${spec.max}`)
      );
    case 'duration':
      return (
        bounded(milliseconds(text), spec) ??
        expected(
          `a duration from ${durationText(spec.min)} to ${durationText(spec.max)}, such as 30s or 1h30m`,
        )
      );
    case 'bytes':
      return (
        bounded(byteCount(text), spec) ??
        expected(`a size from ${bytesText(spec.min)} to ${bytesText(spec.max)}, such as 512K or 16M`)
      );
  }
}

function bounded(
  value: number | null,
  { min, max }: { readonly min: number; readonly max: number },
): number | null {
  return value !== null && value >= min && value <= max ? value : null;
}

function milliseconds(text: string): number | null {
  const short = /^(\d{1,7})ms$/.exec(text);
  if (short) return Number(short[1]);
  const seconds = parseDuration(text);
  return seconds === null ? null : seconds * 1000;
}

const UNITS: Readonly<Record<string, number>> = { G: 1024 ** 3, M: 1024 ** 2, K: 1024 };

function byteCount(text: string): number | null {
  const [, digits, unit = ''] = /^(\d{1,9})([KMG]?)$/i.exec(text) ?? [];
  return digits === undefined ? null : Number(digits) * (UNITS[unit.toUpperCase()] ?? 1);
}

/** As a user would write it: 120000 is `2m`. */
function durationText(ms: number): string {
  return ms % 1000 === 0 ? formatDuration(ms / 1000) : `${ms}ms`;
}

function bytesText(bytes: number): string {
  const found = Object.entries(UNITS).find(([, size]) => bytes >= size && bytes % size === 0);
  return found ? `${bytes / found[1]}${found[0]}` : String(bytes);
}

/** A value as a user would write it, for help and doctor; empty when there is none. */
export function valueText(spec: OptionSpec, value: unknown): string {
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'number' && spec.kind === 'duration') return durationText(value);
  if (typeof value === 'number' && spec.kind === 'bytes') return bytesText(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
