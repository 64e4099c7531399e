/**
 * Which hosts ssh_config(5) tells apart, so that `ssh -G`, a process, is asked once for all that it does not. Only files that
 * are simple enough are judged; of anything else every host is asked by itself. Nothing here says what a file means: two
 * hosts are of one class when every pattern of every `Host` line says the same of both, and neither is named anywhere.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { matchPattern } from '../../openssh/glob.js';
import { configLines } from './config-lines.js';
import { errnoOf } from './failure.js';

/** The class of a host; null: it is to be asked by itself. */
export type ClassOf = (alias: string) => string | null;

const MOST_BYTES = 1024 * 1024;
const MOST_FILES = 100;
/** Their effect depends on more than patterns. */
const CONDITIONAL = new Set([
  'match',
  'canonicalizehostname',
  'canonicaldomains',
  'canonicalizepermittedcnames',
]);
/** A token in one of these would be another text for every host. */
const EXPANDED = new Set([
  'hostname',
  'identityfile',
  'certificatefile',
  'identityagent',
  'userknownhostsfile',
  'globalknownhostsfile',
  'hostkeyalias',
  'proxyjump',
  'user',
]);
/** What names are made of that no file can mean otherwise. Capitals ssh may or may not make small. */
const PLAIN = /^[a-z0-9][a-z0-9._:-]*$/;

/** @param configFile as given to `ssh -F`; without it the user's own file and the system's are read, as ssh does */
export function readClasses(configFile: string | undefined): ClassOf {
  const alone: ClassOf = () => null;
  const read = configFile === undefined ? readDefaults() : readFiles(configFile, ownFolder());
  if (read === null) return alone;
  const { patterns, text } = read;
  const folded = text.toLowerCase();
  const both = patterns.map((pattern) => [pattern, pattern.toLowerCase()] as const);
  return (alias) => {
    if (!PLAIN.test(alias) || folded.includes(alias)) return null;
    // Whichever way ssh compares letters.
    return both
      .map(([as, low]) => Number(matchPattern(alias, as)) + 2 * Number(matchPattern(alias, low)))
      .join('');
  };
}

interface Files {
  readonly patterns: readonly string[];
  readonly text: string;
}

/** Of the account, not of $HOME: so does ssh. */
function ownFolder(): string {
  return join(userInfo().homedir, '.ssh');
}

function readDefaults(): Files | null {
  const own = readFiles(join(ownFolder(), 'config'), ownFolder());
  const system = readFiles('/etc/ssh/ssh_config', '/etc/ssh');
  return (
    own && system && { patterns: [...own.patterns, ...system.patterns], text: `${own.text}\n${system.text}` }
  );
}

/** A file and all it includes, whatever the conditions. Null: not simple, or not readable. @param folder of relative names */
function readFiles(path: string, folder: string): Files | null {
  const waiting = [path];
  const seen = new Set<string>();
  const patterns: string[] = [];
  const texts: string[] = [];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    if (seen.add(next).size > MOST_FILES) return null;
    const text = textOf(next);
    if (text === null) return null;
    texts.push(text);
    for (const line of text.split('\n')) {
      const [, keyword = '', rest = ''] = /^\s*"?([A-Za-z0-9]+)"?[\s=]*(.*)$/.exec(line) ?? [];
      const word = keyword.toLowerCase();
      if (CONDITIONAL.has(word) || (EXPANDED.has(word) && rest.includes('%'))) return null;
      if (word !== 'host' && word !== 'include') continue;
      if (/["'\\%$]/.test(rest)) return null;
      const words = rest.split(/[\s,]+/).filter((one) => one !== '');
      if (word === 'host') patterns.push(...words.map((one) => one.replace(/^!/, '')));
      else
        for (const one of words) {
          const found = included(one, folder);
          if (found === null) return null;
          waiting.push(...found);
        }
    }
  }
  return { patterns, text: texts.join('\n') };
}

/** Files that an `Include` names. Null: not understood. */
function included(name: string, folder: string): string[] | null {
  const path = name.startsWith('~/')
    ? join(userInfo().homedir, name.slice(2))
    : isAbsolute(name)
      ? name
      : join(folder, name);
  if (/[[\]{}~]/.test(path) || /[*?]/.test(dirname(path))) return null;
  if (!/[*?]/.test(path)) return [path];
  try {
    return readdirSync(dirname(path))
      .filter((one) => matchPattern(one, basename(path)))
      .map((one) => join(dirname(path), one));
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? [] : null;
  }
}

/** Nothing of a file that is not there, as ssh does. Null: it cannot be read, or is no file. */
function textOf(path: string): string | null {
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= MOST_BYTES ? readFileSync(path, 'utf8') : null;
  } catch (error) {
    return errnoOf(error) === 'ENOENT' ? '' : null;
  }
}

/**
 * What `ssh -G` said of one host, as it would say of another of its class; both in small letters. Null: that cannot be told,
 * as a name that stands anywhere but as the host's own is of that host alone.
 */
export function retold(text: string, from: string, to: string): string | null {
  const lines: string[] = [];
  for (const [keyword, value] of configLines(text)) {
    if (keyword === 'hostname' && value === from) lines.push(`hostname ${to}`);
    else if (value.toLowerCase().includes(from)) return null;
    else lines.push(`${keyword} ${value}`);
  }
  return lines.join('\n');
}
