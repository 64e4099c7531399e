/** Who may: every way into every account of one host, from what was read on it. Source: sshd(8), sshd_config(5). */
import { keyFiles } from '../../checks/lib/static-keys.js';
import { doorsOf as passwordDoors, onlyRootWithoutPassword } from '../../checks/lib/password-doors.js';
import { grantsOf } from '../../checks/lib/principal-sets.js';
import { nameOf } from '../../checks/lib/role-limits.js';
import type { AccessFacts } from '../facts/access-facts.js';
import type { Account, CaCustody, HostFacts, SshdCase } from '../facts/types.js';
import type { Expectations, Policy, Reading } from '../model.js';
import { matchPattern } from '../openssh/glob.js';
import { actorOf, emergencyKeyAllows } from '../policy.js';
import type { KnownLogin } from './logins.js';
import { rightsOf } from './privileges.js';
import type { Door, SudoRights } from './types.js';

const MOST_DOORS = 5000;
const MOST_HOLDERS = 50;
const SSM_AGENT = 'amazon-ssm-agent';

export interface DoorContext {
  readonly facts: HostFacts;
  readonly access: AccessFacts;
  readonly expected: Expectations;
  readonly policy: Policy;
  readonly vault: Reading<CaCustody>;
  readonly logins: readonly KnownLogin[];
  /** Key IDs by principal, from the CA's log. */
  readonly holders: ReadonlyMap<string, ReadonlySet<string>>;
  readonly now: Date;
  /** How this run reached the host. */
  readonly transport?: string;
}

/** @returns doors sorted by account and kind. What could not be read is in the gaps of the facts, not here. */
export function doorsOf(context: DoorContext): readonly Door[] {
  const rights = sudoOf(context);
  const found = [
    ...certificateDoors(context, rights),
    ...keyDoors(context, rights),
    ...otherCaDoors(context, rights),
    ...openDoors(context, rights),
    ...besideDoors(context),
  ];
  return found
    .sort((a, b) => order(a.account, b.account) || order(a.kind, b.kind) || order(a.who, b.who))
    .slice(0, MOST_DOORS);
}

type RightsOf = (account: string) => SudoRights;

const NOT_KNOWN: SudoRights = { level: 'unknown', noPassword: false, commands: [], from: [] };

function sudoOf({ facts, access }: DoorContext): RightsOf {
  const accounts = new Map(facts.accounts.ok ? facts.accounts.value.map((one) => [one.name, one]) : []);
  const hostname = facts.system.ok ? facts.system.value.hostname : '';
  const known = new Map<string, SudoRights>();
  return (name) => {
    const account: Account | undefined = accounts.get(name);
    const found = known.get(name) ?? (account ? rightsOf(account, access.sudoers, hostname) : NOT_KNOWN);
    known.set(name, found);
    return found;
  };
}

function certificateDoors(context: DoorContext, rights: RightsOf): Door[] {
  const { facts, expected, logins } = context;
  const trusted = trustedCas(facts);
  const noCa = facts.caFiles.ok && !expected.ca.fingerprints.some((one) => trusted.has(one));
  const files = facts.principalsFiles.ok ? grantsOf(facts.principalsFiles.value) : [];
  const implied = impliedPrincipals(facts).map((account) => ({
    account,
    principal: account,
    path: '',
    line: 0,
  }));
  return [...files, ...implied].map(({ account, principal, path, line }) => {
    const seen = logins.filter(
      ({ issuance, login }) => login.account === account && issuance?.principals?.includes(principal),
    );
    const unclear = logins.some(
      ({ login, method, issuance }) =>
        login.account === account && method === 'certificate' && !issuance?.principals,
    );
    const holders = new Set([
      ...(context.holders.get(principal) ?? []),
      ...seen.map(({ identity }) => identity),
    ]);
    const note = noCa
      ? 'no CA of the inventory is trusted here: such a certificate is refused'
      : path === ''
        ? 'no principals file is set for this account: a certificate for the name of the account opens it'
        : undefined;
    return {
      host: expected.host,
      kind: 'certificate',
      who: principal,
      account,
      actor: actorOf(principal),
      sudo: rights(account),
      at: path === '' ? '' : `${path}:${line}`,
      ...signers(principal, context.vault),
      holders: [...holders].sort().slice(0, MOST_HOLDERS),
      uses: unclear && seen.length === 0 ? null : seen.length,
      ...(note !== undefined && { note }),
    };
  });
}

/** Accounts for which sshd trusts a CA and is told of no principals: their own name is the principal. */
function impliedPrincipals(facts: HostFacts): string[] {
  if (!facts.sshd.ok) return [];
  const value = (one: SshdCase, keyword: string) => one.settings[keyword]?.[0] ?? 'none';
  const open = facts.sshd.value.cases.filter(
    (one) =>
      value(one, 'trustedusercakeys') !== 'none' &&
      value(one, 'authorizedprincipalsfile') === 'none' &&
      value(one, 'authorizedprincipalscommand') === 'none',
  );
  return [...new Set(open.flatMap(({ accounts }) => accounts))];
}

function signers(principal: string, vault: Reading<CaCustody>): Pick<Door, 'roles' | 'policies'> {
  if (!vault.ok) return { roles: null, policies: null };
  const roles = vault.value.mounts
    .flatMap((mount) => mount.roles)
    .filter(({ keyType, allowUserCertificates }) => keyType === 'ca' && allowUserCertificates)
    .filter(
      ({ allowedUsers, defaultUser, allowedUsersTemplate }) =>
        defaultUser === principal ||
        allowedUsers.some(
          (user) =>
            user === '*' ||
            user === principal ||
            (allowedUsersTemplate &&
              user.includes('{{') &&
              matchPattern(principal, user.replace(/\{\{[^}]*\}\}/g, '*'))),
        ),
    );
  const policies = vault.value.reach.filter(
    ({ act, role, namespace, path }) =>
      (act === 'sign' || act === 'issue') &&
      roles.some((one) => one.name === role && one.namespace === namespace && path.startsWith(one.mount)),
  );
  // Where the CA system could not be read whole, an empty list would say that nobody can.
  const told = (names: readonly string[]) =>
    names.length === 0 && vault.gaps.length > 0 ? null : [...new Set(names)].sort();
  return { roles: told(roles.map(nameOf)), policies: told(policies.map(({ policy }) => policy)) };
}

function keyDoors({ facts, expected, policy, logins, now }: DoorContext, rights: RightsOf): Door[] {
  if (!facts.authorizedKeys.ok) return [];
  return keyFiles(facts.authorizedKeys.value).flatMap(({ path, lines, readFor }) =>
    readFor.flatMap((account) =>
      lines.flatMap((line): Door[] => {
        if (!line.valid || !line.key) return [];
        const { fingerprint, comment } = line.key;
        const emergency =
          !line.certAuthority &&
          emergencyKeyAllows(policy, { fingerprint, host: expected.host, account, now });
        const limits = line.options
          .map(({ name }) => name)
          .filter((name) => /^(command|from|restrict|expiry-time)$/.test(name));
        const seen = logins.filter(
          ({ login }) => login.account === account && login.keyFingerprint === fingerprint,
        );
        const note = [
          comment && `“${comment.slice(0, 100)}”`,
          limits.length > 0 && `limited by ${limits.join(', ')}`,
        ]
          .filter(Boolean)
          .join(', ');
        return [
          {
            host: expected.host,
            kind: line.certAuthority ? 'other-ca' : emergency ? 'emergency-key' : 'static-key',
            who: fingerprint,
            account,
            actor: null,
            sudo: rights(account),
            at: `${path}:${line.line}`,
            roles: null,
            policies: null,
            holders: [],
            uses: line.certAuthority ? null : seen.length,
            ...(note !== '' && { note }),
          },
        ];
      }),
    ),
  );
}

function otherCaDoors({ facts, expected, logins }: DoorContext, rights: RightsOf): Door[] {
  if (!facts.caFiles.ok) return [];
  return facts.caFiles.value.flatMap(({ file, trusted, accounts }) =>
    trusted
      .filter(({ fingerprint }) => !expected.ca.fingerprints.includes(fingerprint))
      .flatMap(({ fingerprint, line }) =>
        accounts.map((account): Door => ({
          host: expected.host,
          kind: 'other-ca',
          who: fingerprint,
          account,
          actor: null,
          sudo: rights(account),
          at: `${file.path}:${line}`,
          roles: null,
          policies: null,
          holders: [],
          uses: logins.filter(
            ({ login }) => login.account === account && login.certificate?.caFingerprint === fingerprint,
          ).length,
          note:
            expected.ca.fingerprints.length === 0
              ? 'the inventory names no CA (ca.fingerprints), so none is expected'
              : 'the inventory does not name this CA',
        })),
      ),
  );
}

/** Accounts some connection is offered a password for, with what offers it, and of which it cannot be told. */
function passwordWays({ facts, policy }: Pick<DoorContext, 'facts' | 'policy'>) {
  const open = new Map<string, Set<string>>();
  const unclear = new Set<string>();
  if (!facts.sshd.ok) return { open, unclear };
  const linux = facts.system.ok && /^Linux\b/.test(facts.system.value.kernel);
  const accounts = facts.accounts.ok ? facts.accounts.value : [];
  const roots = new Set(accounts.flatMap(({ name, uid }) => (uid === 0 ? [name] : [])));
  const closed = new Set(
    accounts.filter(({ password }) => password === 'none' || password === 'locked').map(({ name }) => name),
  );
  for (const one of facts.sshd.value.cases) {
    if (onlyRootWithoutPassword(one, roots)) continue;
    const ways = passwordDoors(one, policy, linux);
    const offered = one.accounts.filter((account) => !closed.has(account));
    if (offered.length > 0 && ways.unclear !== undefined) unclear.add(ways.unclear);
    for (const account of ways.open.length > 0 ? offered : [])
      open.set(account, new Set([...(open.get(account) ?? []), ...ways.open]));
  }
  return { open, unclear };
}

/** Ways in that may be there, and cannot be told. */
export function doorGaps(context: Pick<DoorContext, 'facts' | 'policy'>): readonly string[] {
  const { sshd } = context.facts;
  const commands = ['AuthorizedKeysCommand', 'AuthorizedPrincipalsCommand'].filter((keyword) =>
    (sshd.ok ? sshd.value.cases : []).some(
      ({ settings }) => (settings[keyword.toLowerCase()]?.[0] ?? 'none') !== 'none',
    ),
  );
  return [
    ...[...passwordWays(context).unclear].map(
      (why) => `whether passwords open accounts cannot be told: ${why}`,
    ),
    ...commands.map((keyword) => `${keyword} is set: what the command answers at a login is not known`),
  ];
}

function openDoors(context: DoorContext, rights: RightsOf): Door[] {
  const { expected, logins } = context;
  const byAccount = passwordWays(context).open;
  return [...byAccount].map(([account, doors]) => ({
    host: expected.host,
    kind: 'password',
    who: 'anybody with the password',
    account,
    actor: null,
    sudo: rights(account),
    at: '',
    roles: null,
    policies: null,
    holders: [],
    uses: logins.filter(({ login, method }) => login.account === account && method === 'password').length,
    note: [...doors].join(', '),
  }));
}

/** Sessions that need no sshd: its settings say nothing about them. */
function besideDoors({ facts, access, expected, transport }: DoorContext): Door[] {
  const base = {
    host: expected.host, account: '*', actor: null, sudo: NOT_KNOWN, at: '', roles: null, policies: null, holders: [], uses: null,
  } as const; // prettier-ignore
  const known = access.sudoers.ok ? access.sudoers.value.agents : [];
  // This very run came in by it, whatever its process is called here.
  const agents =
    transport === 'ssm' && !known.some(({ name, running }) => running && name.includes('ssm-agent'))
      ? [...known.filter(({ name }) => name !== SSM_AGENT), { name: SSM_AGENT, running: true }]
      : known;
  const servers = facts.daemons.ok ? facts.daemons.value.listeners : [];
  const others = new Set(
    servers.map(({ program }) => program).filter((program) => !program.startsWith('sshd')),
  );
  return [
    ...agents
      .filter(({ name }) => !others.has(name))
      .map(({ name, running }): Door => ({
        ...base,
        kind: 'remote-agent',
        who: name,
        running,
        note: running
          ? 'it runs: who may open sessions through it is decided outside this host'
          : 'installed, not running',
      })),
    ...[...others].map((program): Door => ({
      ...base,
      kind: 'other-server',
      who: program,
      note: 'it takes logins by its own rules, which this report does not read',
    })),
  ];
}

function trustedCas(facts: HostFacts): ReadonlySet<string> {
  return new Set(
    facts.caFiles.ok
      ? facts.caFiles.value.flatMap(({ trusted }) => trusted.map(({ fingerprint }) => fingerprint))
      : [],
  );
}

function order(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
