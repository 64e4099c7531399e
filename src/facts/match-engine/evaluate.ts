/**
 * One user's effective settings on one connection: the values of the first reading, completed with the compiled
 * defaults, overridden by what the Match blocks that hold set (servconf.c, sshd.c).
 */
import type { Account, Connection, Origin } from '../types.js';
import {
  assembleAlgorithms,
  defaultCaAlgorithms,
  defaultPubkeyAlgorithms,
  knownAlgorithms,
} from './algorithms.js';
import type { Dialect } from './dialect.js';
import { keywordTable } from './keywords.js';
import { listenAddresses, tooManySockets } from './listen.js';
import { matchLineHolds } from './match-line.js';
import type { ConfigProblem, Directive, MatchLine, ParsedConfig, Settings } from './types.js';

interface Setting {
  readonly values: readonly string[];
  readonly at?: Origin;
}

type Values = Map<string, Setting>;

/** Whether a Match line holds: decided by a connection, or by the search that looks for one. */
export type LineTruth = (line: MatchLine) => boolean;

/** Settings that `none` in the main part clears, whatever its case. */
const CLEARED_BY_NONE = ['trustedusercakeys', 'revokedkeys', 'authorizedprincipalsfile', 'forcecommand'];

const ONE_LINE = new Set(['authorizedkeysfile', 'authenticationmethods', 'logverbose', 'revokedkeys']);

/** Compiled defaults that never changed; algorithms and newer keywords follow the version. */
const DEFAULTS: Readonly<Record<string, readonly string[]>> = {
  passwordauthentication: ['yes'],
  permitemptypasswords: ['no'],
  permitrootlogin: ['prohibit-password'],
  authenticationmethods: ['any'],
  pubkeyauthentication: ['yes'],
  hostbasedauthentication: ['no'],
  gssapiauthentication: ['no'],
  kerberosauthentication: ['no'],
  trustedusercakeys: ['none'],
  revokedkeys: ['none'],
  authorizedkeysfile: ['.ssh/authorized_keys', '.ssh/authorized_keys2'],
  authorizedkeyscommand: ['none'],
  authorizedkeyscommanduser: ['none'],
  authorizedprincipalsfile: ['none'],
  authorizedprincipalscommand: ['none'],
  authorizedprincipalscommanduser: ['none'],
  loglevel: ['INFO'],
  syslogfacility: ['AUTH'],
  forcecommand: ['none'],
  usepam: ['no'],
  strictmodes: ['yes'],
  usedns: ['no'],
  permituserenvironment: ['no'],
  fingerprinthash: ['SHA256'],
  port: ['22'],
  addressfamily: ['any'],
  refuseconnection: ['no'],
  pamservicename: ['sshd'],
};

/**
 * The settings `account` gets on `connection`, as this version's `sshd -T` prints them.
 * @param account the host's account of that name, or null when the host has none (no group matches then).
 * Meaningful only when `config.problems` holds nothing fatal.
 */
export function evaluate(config: ParsedConfig, connection: Connection, account: Account | null): Settings {
  const known = new Map<MatchLine, boolean>();
  return evaluateWith(config, (line) => {
    const held = known.get(line) ?? matchLineHolds(line, connection, account);
    known.set(line, held);
    return held;
  });
}

/** The settings under a given truth of every Match line. */
export function evaluateWith(config: ParsedConfig, holds: LineTruth): Settings {
  const { dialect } = config;
  const started = new Map(startValuesOf(config));
  const overrides: Values = new Map();
  for (const { guards, directive } of config.conditional) {
    const acts = guards?.every(holds) === true;
    const ends = endsSshd(directive, acts, overrides, dialect);
    if (ends !== null) return { values: {}, origins: {}, ends };
    if (acts) apply(overrides, directive, dialect);
  }
  for (const [keyword, setting] of overrides) started.set(keyword, setting);
  assemble(started, dialect);
  const forced = started.get('forcecommand')?.values[0];
  if (forced?.toLowerCase() === 'none')
    started.set('forcecommand', { ...started.get('forcecommand'), values: ['none'] });
  return printed(started, dialect);
}

const startCache = new WeakMap<ParsedConfig, ReadonlyMap<string, Setting>>();

/** The first reading is the same for every connection: done once per configuration. */
function startValuesOf(config: ParsedConfig): ReadonlyMap<string, Setting> {
  const known = startCache.get(config) ?? startValues(config);
  startCache.set(config, known);
  return known;
}

/** Values after the first reading: main part, defaults, and `none` cleared. */
function startValues(config: Pick<ParsedConfig, 'globals' | 'dialect'>): Values {
  const { dialect } = config;
  const values: Values = new Map();
  for (const directive of config.globals) apply(values, directive, dialect);
  for (const { name } of keywordTable(dialect).values()) {
    const fallback = DEFAULTS[name];
    if (fallback !== undefined && !values.has(name)) values.set(name, { values: fallback });
  }
  keyboardInteractive(values, dialect);
  assemble(values, dialect);
  for (const keyword of CLEARED_BY_NONE) {
    const setting = values.get(keyword);
    if (setting?.values.length === 1 && setting.values[0]?.toLowerCase() === 'none')
      values.set(keyword, { ...setting, values: ['none'] });
  }
  return values;
}

/** Before 8.7 ChallengeResponseAuthentication (default yes) turns keyboard-interactive on after the files were read. */
function keyboardInteractive(values: Values, dialect: Dialect): void {
  if (dialect.kbdInteractiveAlias) {
    if (!values.has('kbdinteractiveauthentication'))
      values.set('kbdinteractiveauthentication', { values: ['yes'] });
    return;
  }
  const challenge = values.get('challengeresponseauthentication') ?? { values: ['yes'] };
  values.set('challengeresponseauthentication', challenge);
  if (challenge.values[0] === 'yes') values.set('kbdinteractiveauthentication', challenge);
  else if (!values.has('kbdinteractiveauthentication'))
    values.set('kbdinteractiveauthentication', { values: ['no'] });
}

function apply(values: Values, directive: Directive, dialect: Dialect): void {
  const { keyword, mode, at } = directive;
  if (directive.values.length === 0) return;
  const set = values.get(keyword);
  if (mode === 'append')
    values.set(keyword, { values: [...(set?.values ?? []), ...directive.values], at: set?.at ?? at });
  else if (
    mode === 'last' ||
    (mode === 'command' ? commandApplies(values, keyword, dialect) : set === undefined)
  ) {
    values.set(keyword, { values: directive.values, at });
  }
}

/** First value wins, except in 8.7 to 9.3 where AuthorizedPrincipalsCommand asks AuthorizedKeysCommand instead of itself. */
function commandApplies(values: Values, keyword: string, dialect: Dialect): boolean {
  return !values.has(dialect.principalsCommandBug ? 'authorizedkeyscommand' : keyword);
}

/** Up to 9.3, reading `AuthenticationMethods any` after another list can be fatal for the one connection: see Dialect. */
function endsSshd(
  directive: Directive,
  acts: boolean,
  values: Values,
  dialect: Dialect,
): NonNullable<Settings['ends']> | null {
  if (directive.keyword !== 'authenticationmethods' || !directive.values.includes('any')) return null;
  const hasList = values.has('authenticationmethods');
  const trailing = acts && directive.values.length > 1 && (dialect.anyMustBeFirst || !hasList);
  if (!trailing && !(dialect.anyMustBeFirst && hasList)) return null;
  return { at: directive.at, message: '"any" must appear alone in AuthenticationMethods' };
}

function assemble(values: Values, dialect: Dialect): void {
  const complete = (keyword: string, defaults: readonly string[], certificates: boolean): void => {
    const setting = values.get(keyword);
    const known = knownAlgorithms(certificates, dialect.level);
    values.set(keyword, { ...setting, values: [assembleAlgorithms(setting?.values[0], defaults, known)] });
  };
  complete('pubkeyacceptedalgorithms', defaultPubkeyAlgorithms(dialect.level), true);
  if (dialect.level >= 709) complete('casignaturealgorithms', defaultCaAlgorithms(dialect.level), false);
}

/** In the words of this version's `sshd -T`. */
function printed(values: Values, dialect: Dialect): Settings {
  const lines: Record<string, readonly string[]> = {};
  const origins: Record<string, Origin> = {};
  for (const [name, setting] of values) {
    const keyword =
      name === 'pubkeyacceptedalgorithms' && dialect.level < 805 ? 'pubkeyacceptedkeytypes' : name;
    lines[keyword] = printedValues(name, setting.values, values, dialect);
    if (setting.at !== undefined) origins[keyword] = setting.at;
  }
  if (!values.has('listenaddress'))
    lines['listenaddress'] = printedValues('listenaddress', [], values, dialect);
  return { values: lines, origins };
}

function printedValues(
  name: string,
  values: readonly string[],
  all: Values,
  dialect: Dialect,
): readonly string[] {
  if (name === 'listenaddress') {
    return listenAddresses(
      values,
      all.get('port')?.values ?? [],
      all.get('addressfamily')?.values[0] ?? 'any',
    );
  }
  if (name === 'permitrootlogin' && dialect.level < 1001)
    return values.map((value) => value.replace('prohibit', 'without'));
  return ONE_LINE.has(name) ? [values.join(' ')] : values;
}

/** What makes sshd refuse to start although every line reads well. */
export function startProblems(config: Pick<ParsedConfig, 'globals' | 'dialect'>): ConfigProblem[] {
  const values = startValues(config);
  const problems: ConfigProblem[] = [];
  const fatal = (keyword: string, message: string): void => {
    problems.push({
      severity: 'fatal',
      at: values.get(keyword)?.at ?? { path: 'command line', line: 0 },
      message,
    });
  };
  for (const command of ['authorizedkeyscommand', 'authorizedprincipalscommand']) {
    const set = values.get(command)?.values[0]?.toLowerCase() !== 'none';
    if (set && values.get(`${command}user`)?.at === undefined)
      fatal(command, `${command} without ${command}user`);
  }
  if (tooManySockets(values.get('listenaddress')?.values ?? [], values.get('port')?.values ?? []))
    fatal('listenaddress', 'more addresses and ports to listen on than sshd can open');
  const methods = values.get('authenticationmethods')?.values ?? [];
  if (
    !methods.includes('any') &&
    !methods.some((list) => list.split(',').every((method) => methodEnabled(method, values)))
  ) {
    fatal(
      'authenticationmethods',
      'AuthenticationMethods cannot be satisfied by enabled authentication methods',
    );
  }
  return problems;
}

const METHOD_SWITCH: Readonly<Record<string, string>> = {
  publickey: 'pubkeyauthentication',
  password: 'passwordauthentication',
  'keyboard-interactive': 'kbdinteractiveauthentication',
  hostbased: 'hostbasedauthentication',
  'gssapi-with-mic': 'gssapiauthentication',
};

function methodEnabled(method: string, values: Values): boolean {
  const keyword = METHOD_SWITCH[method.replace(/:.*$/s, '')];
  return keyword === undefined || values.get(keyword)?.values[0] === 'yes';
}
