/** Every account the host knows, with its groups. Source: passwd(5), group(5), shadow(5), nsswitch.conf(5), id(1). */
import type { HostEvidence, Reading } from '../model.js';
import { rememberedByObject } from '../memo.js';
import { probeReading, records, toldGaps, wordText } from './reading.js';
import type { Account } from './types.js';

/** Databases that tell all their accounts when asked for everything. A directory service need not. */
const ENUMERABLE = new Set([
  'files',
  'compat',
  'db',
  'systemd',
  'altfiles',
  'extrausers',
  'centrify-files',
  'nisplus',
]);

const PASSWORDS = new Set(['set', 'locked', 'none', 'empty']);

/**
 * @returns every account enumerated or found by name. A gap says that there may be more: the list was cut, or a
 *   directory service is asked that need not enumerate its accounts. Several facts of a host ask for them.
 */
export const readAccounts = rememberedByObject(accountsOf);

function accountsOf(evidence: HostEvidence): Reading<readonly Account[]> {
  const probe = probeReading(evidence, 'accounts');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const text = (kind: string) => wordText(rows.find((row) => row[0] === kind)?.[1]);
  const gaps = [...probe.gaps, ...toldGaps(rows)];
  const groups = groupNames(text('groups'));
  const passwords = shadowStates(text('shadow'));
  const accounts = text('passwd')
    .split('\n')
    .flatMap((line) => account(line, groups, passwords) ?? []);
  if (accounts.length === 0)
    return {
      ok: false,
      reason: 'failed',
      detail: 'the host told no accounts: neither getent passwd nor /etc/passwd could be read',
    };
  gaps.push(...directoryGaps(text('nss')));
  if (accounts.some(({ groups: names }) => names.length === 0))
    gaps.push('the groups of some accounts could not be resolved');
  return { ok: true, value: accounts, gaps };
}

/** `n:` or `l:`, then a passwd(5) line. */
function account(
  line: string,
  groups: ReadonlyMap<string, readonly string[]>,
  passwords: ReadonlyMap<string, string>,
): Account | null {
  const [letter, name = '', , uid = '', gid = '', , home = '', shell = ''] = line.split(':');
  if ((letter !== 'n' && letter !== 'l') || name === '' || !/^\d{1,10}$/.test(uid) || !/^\d{1,10}$/.test(gid))
    return null;
  const password = passwords.get(name);
  return {
    name,
    uid: Number(uid),
    gid: Number(gid),
    home,
    shell,
    groups: groups.get(name) ?? [],
    source: letter === 'n' ? 'nss' : 'lookup',
    ...(password !== undefined && { password: password as NonNullable<Account['password']> }),
  };
}

/** `name<TAB>group names<TAB>group ids`; names with blanks in them cannot be told apart and give an empty list. */
function groupNames(text: string): Map<string, readonly string[]> {
  return new Map(
    text.split('\n').flatMap((line): [string, readonly string[]][] => {
      const [name = '', names = '', ids = ''] = line.split('\t');
      const words = names.split(' ').filter((word) => word !== '');
      return name === '' ? [] : [[name, words.length === ids.split(' ').length ? words : []]];
    }),
  );
}

function shadowStates(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [name = '', state = ''] = line.split(':');
      return PASSWORDS.has(state) ? [[name, state]] : [];
    }),
  );
}

/** `files sss`, `files [NOTFOUND=return] ldap` … */
function directoryGaps(nss: string): string[] {
  const services = nss
    .replace(/\[[^\]]*\]/g, ' ')
    .split(/\s+/)
    .filter((word) => /^[A-Za-z]\S*$/.test(word));
  const silent = services.filter((service) => !ENUMERABLE.has(service.toLowerCase()));
  if (silent.length === 0) return [];
  return [
    `accounts also come from ${silent.join(', ')} (nsswitch.conf), which need not list them all: accounts with no folder in /home, no principals file and no group entry may be missing`,
  ];
}
