/** Confirms the engine against the host's own sshd. */
import type { Connection } from '../types.js';
import { evaluate } from './evaluate.js';
import { canonicalKeyword, keywordTable } from './keywords.js';
import type { ParsedConfig } from './types.js';

/** One setting on which the engine and `sshd -T -C …` differ. `keyword` is `configuration` when only one of them accepts the text. */
export interface Disagreement {
  readonly keyword: string;
  readonly engine: readonly string[];
  readonly sshd: readonly string[];
}

/** Printed only by builds with PAM, Kerberos or GSSAPI: their absence says nothing about the configuration. */
const BUILD_DEPENDENT = new Set([
  'usepam',
  'pamservicename',
  'kerberosauthentication',
  'gssapiauthentication',
]);

/**
 * Compares what the engine derives for `connection` with what the host printed for it.
 * @param printedByT keyword -> values as parseSshdT gives them; any spelling and case of keywords.
 * @returns every keyword the engine covers whose value differs; empty when they agree.
 */
export function compareWithSshd(
  config: ParsedConfig,
  connection: Connection,
  printedByT: Readonly<Record<string, readonly string[]>>,
): Disagreement[] {
  const fatal = config.problems.find((problem) => problem.severity === 'fatal');
  if (fatal !== undefined) return [refusal(`${fatal.at.path}:${fatal.at.line}: ${fatal.message}`)];
  const account = config.accounts.find(({ name }) => name === connection.user) ?? null;
  const settings = evaluate(config, connection, account);
  if (settings.ends !== undefined)
    return [refusal(`${settings.ends.at.path}:${settings.ends.at.line}: ${settings.ends.message}`)];
  const engine = canonical(settings.values);
  const sshd = canonical(printedByT);
  const keywords = new Set([...keywordTable(config.dialect).values()].map(({ name }) => name));
  return [...keywords]
    .sort()
    .flatMap((keyword) => difference(keyword, engine.get(keyword), sshd.get(keyword)));
}

function refusal(reason: string): Disagreement {
  return { keyword: 'configuration', engine: [reason], sshd: ['accepted'] };
}

function canonical(values: Readonly<Record<string, readonly string[]>>): Map<string, readonly string[]> {
  return new Map(Object.entries(values).map(([keyword, lines]) => [canonicalKeyword(keyword), lines]));
}

function difference(
  keyword: string,
  engine: readonly string[] | undefined,
  sshd: readonly string[] | undefined,
): Disagreement[] {
  if (sshd === undefined && BUILD_DEPENDENT.has(keyword)) return [];
  const ours = comparable(keyword, engine);
  const theirs = comparable(keyword, sshd);
  if (keyword === 'listenaddress' && ours.some((line) => !/^(\[[0-9a-f:.]+(%.*)?\]|[0-9.]+):/.test(line)))
    return [];
  return ours.join('\n') === theirs.join('\n') ? [] : [{ keyword, engine: engine ?? [], sshd: sshd ?? [] }];
}

/** Spellings of one value made equal: the absent line of a list that `none` emptied, prohibit-password and without-password, Debian's SILENT. */
function comparable(keyword: string, values: readonly string[] | undefined): readonly string[] {
  if (values === undefined)
    return keyword === 'authorizedkeysfile' || keyword === 'revokedkeys' ? ['none'] : [];
  if (keyword === 'permitrootlogin') return values.map((value) => value.replace('without-', 'prohibit-'));
  if (keyword === 'loglevel') return values.map((value) => value.replace('SILENT', 'QUIET'));
  return keyword === 'listenaddress' ? [...values].sort() : values;
}
