/**
 * From a directive's text to the values sshd keeps: the argument rules of servconf.c, per kind of keyword.
 * A returned string is the reason sshd would refuse the line.
 */
import type { Origin } from '../types.js';
import { parseAddressList } from './addresses.js';
import type { Dialect } from './dialect.js';
import type { Keyword } from './keywords.js';
import { argvSplit, strdelimWords, verbatim } from './text.js';
import type { Directive, Mode } from './types.js';

/** What file names are made absolute with. */
export interface PathContext {
  readonly cwd: string;
  /** Home folder by account name; '' is the account sshd runs as. */
  readonly homes: ReadonlyMap<string, string>;
}

export interface ReadContext {
  readonly dialect: Dialect;
  readonly paths: PathContext;
}

const METHODS = new Set([
  'none',
  'publickey',
  'password',
  'keyboard-interactive',
  'hostbased',
  'gssapi-with-mic',
  'gssapi-keyex',
]);
const FACILITIES = new Set([
  'DAEMON',
  'USER',
  'AUTH',
  'AUTHPRIV',
  'LOCAL0',
  'LOCAL1',
  'LOCAL2',
  'LOCAL3',
  'LOCAL4',
  'LOCAL5',
  'LOCAL6',
  'LOCAL7',
]);
const LEVELS = new Set([
  'QUIET',
  'SILENT',
  'FATAL',
  'ERROR',
  'INFO',
  'VERBOSE',
  'DEBUG',
  'DEBUG1',
  'DEBUG2',
  'DEBUG3',
]);
const DIGESTS = new Set(['MD5', 'SHA1', 'SHA256', 'SHA384', 'SHA512']);
const FAMILIES = new Set(['any', 'inet', 'inet6']);

/** Values and how they combine; a string says why sshd refuses them. */
type Read = { readonly mode: Mode; readonly values: readonly string[] } | string;

/** The words of a directive's arguments, or null when a quote is left open (from 8.7 on). */
export function argumentWords(rest: string | null, dialect: Dialect): string[] | null {
  return dialect.argvArguments ? argvSplit(rest ?? '') : strdelimWords(rest);
}

/** Reads one directive; `rest` is what follows the keyword. */
export function readDirective(
  keyword: Keyword,
  rest: string | null,
  at: Origin,
  context: ReadContext,
): Directive | string {
  const words = argumentWords(rest, context.dialect);
  if (words === null) return 'invalid quotes';
  const read = readValues(keyword, rest ?? '', words, context);
  if (typeof read === 'string') return read;
  return { keyword: keyword.name, inMatch: keyword.inMatch, at, ...read };
}

function readValues(keyword: Keyword, rest: string, words: readonly string[], context: ReadContext): Read {
  switch (keyword.kind) {
    case 'command':
      return readCommand(rest);
    case 'force-command':
      return rest === '' ? 'missing argument' : { mode: 'first', values: [verbatim(rest)] };
    case 'user-patterns':
      return words.every(validUserPattern) ? { mode: 'append', values: words } : 'invalid user pattern';
    case 'group-patterns':
      return words.includes('') ? 'empty group pattern' : { mode: 'append', values: words };
    case 'file-list':
      return readFileList(keyword, words, context);
    case 'methods':
      return readMethods(words, context.dialect);
    case 'log-verbose':
      return readLogVerbose(words);
    case 'listen-address':
      return readListenAddress(words);
    default:
      return readSingle(keyword, words, context);
  }
}

/** Keywords with exactly one argument. */
function readSingle(
  { kind }: Keyword,
  [word, ...extra]: readonly string[],
  { paths, dialect }: ReadContext,
): Read {
  if (word === undefined || word === '') return 'missing argument';
  const value = singleValue(kind, word, paths, dialect);
  if (value === null) return `unsupported value "${word}"`;
  if (extra.length > 0) return 'extra arguments at end of line';
  return { mode: kind === 'digest' ? 'last' : kind === 'port' ? 'append' : 'first', values: [value] };
}

function singleValue(
  kind: Keyword['kind'],
  word: string,
  paths: PathContext,
  dialect: Dialect,
): string | null {
  const lower = word.toLowerCase();
  const upper = word.toUpperCase();
  switch (kind) {
    case 'flag':
      return lower === 'yes' || lower === 'no' ? lower : null;
    case 'root-login':
      if (lower === 'without-password') return 'prohibit-password';
      return ['yes', 'no', 'prohibit-password', 'forced-commands-only'].includes(lower) ? lower : null;
    case 'log-level':
      return LEVELS.has(upper) ? upper.replace(/^DEBUG1$/, 'DEBUG').replace(/^SILENT$/, 'QUIET') : null;
    case 'log-facility':
      return FACILITIES.has(upper) ? upper : null;
    case 'digest':
      return DIGESTS.has(upper) ? upper : null;
    case 'address-family':
      return FAMILIES.has(lower) ? lower : null;
    case 'user-environment':
      return dialect.level >= 708 ? word : lower === 'yes' || lower === 'no' ? lower : null;
    case 'port': {
      const port = portNumber(word);
      return port === null || port === 0 ? null : String(port);
    }
    case 'filename':
      return absolutePath(word, paths);
    case 'principals-file':
      return expandTilde(word, paths);
    default:
      return word;
  }
}

/** Services sshd would find in /etc/services under the names people write. */
const SERVICES: ReadonlyMap<string, number> = new Map([
  ['ssh', 22],
  ['telnet', 23],
  ['http', 80],
  ['https', 443],
]);

/** A port number or the name of a well-known service; null when sshd would refuse it or only /etc/services can tell. */
export function portNumber(word: string): number | null {
  const service = SERVICES.get(word);
  if (service !== undefined) return service;
  if (!/^\s*[+-]?[0-9]{1,10}$/.test(word)) return null;
  const port = Number(word);
  return port >= 0 && port <= 65535 ? port : null;
}

function readCommand(rest: string): Read {
  const command = verbatim(rest);
  if (!command.startsWith('/') && command.toLowerCase() !== 'none') return 'must be an absolute path';
  return { mode: 'command', values: [command] };
}

function readFileList({ name }: Keyword, words: readonly string[], { dialect, paths }: ReadContext): Read {
  if (words.includes('')) return 'empty argument';
  if (dialect.severalRevokedKeys) {
    if (words.length === 0) return `no ${name} specified`;
    if (words.length > 1 && words.some((word) => word.toLowerCase() === 'none'))
      return '"none" must appear alone';
  }
  const values = words.map((word) => expandTilde(word, paths));
  const unknownHome = values.indexOf(null);
  if (unknownHome !== -1) return `no such user in ${String(words[unknownHome])}`;
  return { mode: 'list', values: values.filter((value) => value !== null) };
}

function readMethods(words: readonly string[], { trailingAny }: Dialect): Read {
  if (words.length === 0) return 'no methods specified';
  const beforeAny = words.indexOf('any');
  if (beforeAny !== -1 && words.length > (trailingAny ? beforeAny + 1 : 1)) return '"any" must appear alone';
  const valid = words.every(
    (word) => word === 'any' || word.split(',').every((method) => METHODS.has(method.replace(/:.*$/s, ''))),
  );
  return valid ? { mode: 'list', values: words } : 'invalid method list';
}

function readLogVerbose(words: readonly string[]): Read {
  if (words.includes('')) return 'empty argument';
  if (words.length > 1 && words.some((word) => word.toLowerCase() === 'none'))
    return '"none" must appear alone';
  return { mode: 'list', values: words };
}

/** Kept as `host port rdomain`, tab-separated, port '' when not given: formatted when all ports are known. */
function readListenAddress(words: readonly string[]): Read {
  const [word, keyword, rdomain, ...extra] = words;
  if (word === undefined || word === '') return 'missing address';
  if (keyword !== undefined && (keyword !== 'rdomain' || rdomain === undefined))
    return 'bad ListenAddress syntax';
  if (extra.length > 0) return 'extra arguments at end of line';
  const split = splitHostPort(word);
  if (split === null) return 'bad address:port usage';
  if (!/^[\w.:%-]+$/.test(split.host)) return `no address or host name: "${split.host}"`;
  return { mode: 'append', values: [[split.host, split.port, rdomain ?? ''].join('\t')] };
}

function splitHostPort(word: string): { host: string; port: string } | null {
  if (!word.includes('[') && (word.match(/:/g)?.length ?? 0) >= 2) return { host: word, port: '' };
  const shape = /^(\[[^\]]*\]|[^:/[][^:/]*|)(?::(.*))?$/s.exec(word);
  if (shape === null) return null;
  const host = (shape[1] ?? '').replace(/^\[(.*)\]$/s, '$1');
  if (shape[2] === undefined) return { host, port: '' };
  const port = portNumber(shape[2]);
  return port === null || port === 0 ? null : { host, port: String(port) };
}

function validUserPattern(pattern: string): boolean {
  if (pattern === '') return false;
  const at = pattern.indexOf('@');
  return at === -1 || parseAddressList(pattern.slice(at + 1)) !== null;
}

function expandTilde(path: string, { homes }: PathContext): string | null {
  if (!path.startsWith('~')) return path;
  const slash = path.indexOf('/');
  const user = slash === -1 ? path.slice(1) : path.slice(1, slash);
  const home = homes.get(user);
  if (home === undefined) return null;
  const below = slash === -1 ? '' : path.slice(slash + 1);
  return home.endsWith('/') ? `${home}${below}` : `${home}/${below}`;
}

function absolutePath(path: string, paths: PathContext): string | null {
  if (path.toLowerCase() === 'none') return 'none';
  const expanded = expandTilde(path, paths);
  return expanded === null || expanded.startsWith('/') ? expanded : `${paths.cwd}/${expanded}`;
}
