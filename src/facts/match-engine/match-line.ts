/** Match lines: reading their criteria and testing them against a connection (servconf.c match_cfg_line). */
import type { Account, Connection, Origin } from '../types.js';
import { matchAddressList, parseAddressList } from './addresses.js';
import type { Dialect } from './dialect.js';
import { asciiLower, matchGroups, matchPatternList, matchSubPatterns, splitPatternList } from './patterns.js';
import { argvSplit, strdelim, verbatim } from './text.js';
import type { Criterion, MatchLine } from './types.js';
import { portNumber } from './values.js';

/** Reads what follows the keyword `Match`; a string says why sshd refuses the line. */
export function readMatchLine(rest: string, at: Origin, dialect: Dialect): MatchLine | string {
  if (dialect.argvArguments && argvSplit(rest) === null) return 'invalid quotes';
  const words = dialect.argvMatch ? argvMatchWords(rest) : strdelimMatchWords(rest);
  if (words === null) return 'extra arguments at end of line';
  const criteria: Criterion[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const name = (words[index] ?? '').toLowerCase();
    if (name === 'all') {
      if (words.length > 1) return "'all' cannot be combined with other Match attributes";
      criteria.push({ kind: 'all' });
      continue;
    }
    if (name === 'invalid-user' && dialect.invalidUser) {
      criteria.push({ kind: 'invalid-user' });
      continue;
    }
    index += 1;
    const argument = words[index];
    if (argument === undefined || argument === '' || argument.startsWith('#'))
      return `missing Match criteria for ${name}`;
    const criterion = readCriterion(name, argument, dialect);
    if (typeof criterion === 'string') return criterion;
    criteria.push(criterion);
  }
  if (criteria.length === 0) return 'one or more attributes required for Match';
  const always = criteria.every(
    (criterion) => criterion.kind === 'all' || (criterion.kind === 'version' && criterion.matches),
  );
  return { at, text: verbatim(rest), criteria, always };
}

/** Up to 9.8: a word that starts with `#` where a criterion is expected ends the line. null: text follows an empty word. */
function strdelimMatchWords(rest: string): string[] | null {
  const words: string[] = [];
  let next = strdelim(rest);
  while (next.word !== null && next.word !== '') {
    const expectsName = words.length % 2 === 0 || words[0]?.toLowerCase() === 'all';
    if (expectsName && next.word.startsWith('#')) return words;
    words.push(next.word);
    next = strdelim(next.rest);
  }
  const leftOver = next.word === '' && next.rest !== null && next.rest !== '';
  return leftOver ? null : words;
}

const SPLIT_AT_EQUALS = /^(user|group|host|address|localaddress|localport|rdomain|version)=/i;

/** From 9.9 on: shell-like words, `user=alice` is two of them. */
function argvMatchWords(rest: string): string[] {
  const words = argvSplit(rest) ?? [];
  const split: string[] = [];
  let expectsName = true;
  for (const word of words) {
    const equals = expectsName ? SPLIT_AT_EQUALS.exec(word) : null;
    if (equals !== null) {
      split.push(equals[1] ?? '', word.slice(equals[0].length));
      continue;
    }
    split.push(word);
    expectsName = !expectsName || /^(invalid-user|all)$/i.test(word);
  }
  return split;
}

function readCriterion(name: string, argument: string, dialect: Dialect): Criterion | string {
  switch (name) {
    case 'user':
    case 'group':
      return { kind: name, parts: splitPatternList(argument) };
    case 'host':
      return { kind: name, parts: splitPatternList(asciiLower(argument)) };
    case 'rdomain':
      return dialect.level >= 707
        ? { kind: name, parts: splitPatternList(argument) }
        : `unsupported Match attribute ${name}`;
    case 'address':
    case 'localaddress': {
      const items = parseAddressList(argument);
      return items === null ? `invalid Match ${name} argument "${argument}"` : { kind: name, items };
    }
    case 'localport': {
      const port = portNumber(argument);
      return port === null ? `invalid LocalPort "${argument}"` : { kind: name, port };
    }
    case 'version':
      if (dialect.matchVersion)
        return { kind: name, matches: matchPatternList(dialect.release, argument) === 1 };
      return `unsupported Match attribute ${name}`;
    default:
      return `unsupported Match attribute ${name}`;
  }
}

/** Whether every criterion of a line holds. `account` is null when the host has no such user. */
export function matchLineHolds(line: MatchLine, connection: Connection, account: Account | null): boolean {
  return line.criteria.every((criterion) => criterionHolds(criterion, connection, account));
}

function criterionHolds(criterion: Criterion, connection: Connection, account: Account | null): boolean {
  switch (criterion.kind) {
    case 'all':
      return true;
    case 'invalid-user':
      return account === null;
    case 'user':
      return matchSubPatterns(connection.user, criterion.parts) === 1;
    case 'group':
      return account !== null && matchGroups(account.groups, criterion.parts);
    case 'host':
      return matchSubPatterns(asciiLower(connection.host), criterion.parts) === 1;
    case 'rdomain':
      return connection.rdomain !== undefined && matchSubPatterns(connection.rdomain, criterion.parts) === 1;
    case 'address':
      return matchAddressList(connection.address, criterion.items) === 1;
    case 'localaddress':
      return matchAddressList(connection.localAddress, criterion.items) === 1;
    case 'localport':
      return criterion.port === connection.localPort;
    default:
      return criterion.matches;
  }
}
