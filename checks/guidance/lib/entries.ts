/** The ways into accounts that files of the host show: keys and principals, line by line, and who an account is for. */
import type { Account, AuthorizedKeysFile, PrincipalsFile, SshdCase } from '../../../src/facts/types.js';
import { compileGlob } from '../../../src/inventory/glob.js';
import type { Expectations, Policy } from '../../../src/model.js';
import { actorOf, emergencyKeyAllows } from '../../../src/policy.js';
import { machineAccounts } from '../../lib/actor-accounts.js';
import { setting } from '../../lib/sshd.js';

/** One line that opens an account. */
export interface Entry {
  readonly account: string;
  /** `ca`: a `cert-authority` line. */
  readonly kind: 'key' | 'ca' | 'principal';
  /** The key's type and fingerprint, or the principal. */
  readonly what: string;
  readonly keyType: string;
  readonly path: string;
  readonly line: number;
  readonly text: string;
  readonly options: readonly { readonly name: string; readonly value: string }[];
}

interface Files {
  readonly authorizedKeys: readonly AuthorizedKeysFile[];
  readonly principalsFiles: readonly PrincipalsFile[];
}

/** Lines sshd honours, by account. Emergency keys the policy allows are counted apart: they are for emergencies. */
export function entriesOf(
  { authorizedKeys, principalsFiles }: Files,
  { host, policy, now }: { readonly host: string; readonly policy: Policy; readonly now: Date },
): { readonly entries: ReadonlyMap<string, readonly Entry[]>; readonly emergency: number } {
  let emergency = 0;
  const all: Entry[] = [];
  for (const { account, file, lines, effective } of authorizedKeys) {
    if (account === null || !effective) continue;
    for (const { valid, key, certAuthority, options, line, text } of lines) {
      if (!valid || !key) continue;
      const use = { fingerprint: key.fingerprint, host, account, now };
      if (!certAuthority && emergencyKeyAllows(policy, use)) emergency += 1;
      else
        all.push({
          account,
          kind: certAuthority ? 'ca' : 'key',
          what: `${key.type} ${key.fingerprint}`,
          keyType: key.type,
          path: file.path,
          line,
          text,
          options,
        });
    }
  }
  for (const { account, file, lines } of principalsFiles) {
    if (account === null) continue;
    for (const { valid, principal, options, line, text } of lines)
      if (valid)
        all.push({
          account,
          kind: 'principal',
          what: principal,
          keyType: '',
          path: file.path,
          line,
          text,
          options,
        });
  }
  const entries = new Map<string, Entry[]>();
  for (const entry of all) {
    const known = entries.get(entry.account);
    if (known) known.push(entry);
    else entries.set(entry.account, [entry]);
  }
  return { entries, emergency };
}

export interface People {
  /** Accounts of administrators: the inventory says so, or a principal they accept. */
  readonly administrators: ReadonlySet<string>;
  /** Accounts of agents and automations that are no administrators'. */
  readonly machines: ReadonlySet<string>;
}

export function peopleOf(
  expected: Expectations,
  accounts: readonly Account[],
  files: readonly PrincipalsFile[],
): People {
  const isAdmin = (principal: string) => actorOf(principal) === 'adm';
  const administrators = new Set([
    ...(expected.accounts?.adm ?? []),
    ...Object.entries(expected.principals ?? {})
      .filter(([, principals]) => principals.some(isAdmin))
      .map(([account]) => account),
    ...files
      .filter(({ lines }) => lines.some(({ valid, principal }) => valid && isAdmin(principal)))
      .flatMap(({ account }) => account ?? []),
  ]);
  const machines = [...machineAccounts(expected, accounts, files)].filter(
    (name) => !administrators.has(name),
  );
  return { administrators, machines: new Set(machines) };
}

/** What sshd would do for an account, but for connections on which it refuses it. */
export function casesOf(cases: readonly SshdCase[], account: Account): readonly SshdCase[] {
  return cases.filter(
    (one) => one.assumes === undefined && one.accounts.includes(account.name) && !isRefused(one, account),
  );
}

/**
 * AllowUsers, DenyUsers, AllowGroups, DenyGroups and PermitRootLogin keep an account out altogether. A pattern with an
 * address (`alice@10.*`) may let it in from somewhere. Source: sshd_config(5), auth.c allowed_user().
 */
function isRefused(one: SshdCase, { name, uid, groups }: Account): boolean {
  if (uid === 0 && setting(one, 'permitrootlogin') === 'no') return true;
  const list = (keyword: string): readonly string[] =>
    (one.settings[keyword] ?? []).flatMap((text) => text.trim().split(/\s+/)).filter((word) => word !== '');
  const is = (pattern: string, text: string) => compileGlob(pattern)(text);
  const [denied, allowed] = [list('denyusers'), list('allowusers')];
  const [deniedGroups, allowedGroups] = [list('denygroups'), list('allowgroups')];
  const inGroup = (patterns: readonly string[]) =>
    patterns.some((one) => groups.some((group) => is(one, group)));
  if (denied.some((pattern) => !pattern.includes('@') && is(pattern, name))) return true;
  if (allowed.length > 0 && !allowed.some((pattern) => is(pattern.split('@', 1)[0] ?? '', name))) return true;
  // Where its groups are not known, it may be in any.
  if (groups.length === 0) return false;
  return inGroup(deniedGroups) || (allowedGroups.length > 0 && !inGroup(allowedGroups));
}

/** What a login runs in place of the shell: ForceCommand, or the line's own `command=`. Null: the shell. */
export function forcedBy(one: SshdCase, { options }: Entry): string | null {
  const forced = one.settings['forcecommand']?.[0]?.trim() ?? '';
  if (forced !== '' && forced.toLowerCase() !== 'none') return forced;
  return options.find(({ name }) => name === 'command')?.value ?? null;
}

const NO_SHELL = /(?:^|\/)(?:nologin|false|true|sync|halt|shutdown)$/;

/** A login shell that lets nobody run anything. An empty one is /bin/sh. Source: passwd(5). */
export function hasShell({ shell }: Pick<Account, 'shell'>): boolean {
  return !NO_SHELL.test(shell);
}
