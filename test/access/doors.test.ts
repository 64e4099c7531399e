import { describe, expect, test } from 'vitest';
import { doorGaps, doorsOf, type DoorContext } from '../../src/access/doors.js';
import type { KnownLogin } from '../../src/access/logins.js';
import type { AuthorizedKeyLine, CaFile, HostFacts, PolicyReach } from '../../src/facts/types.js';
import { daemonFacts, linux, listener, sshdCase, sshdFacts } from '../checks/sshd-cases.js';
import {
  account,
  CA,
  custody,
  expected,
  file,
  login,
  not,
  NOW,
  ok,
  OTHER_CA,
  policy,
  principalsFile,
  sshRole,
} from '../helpers/actor-facts.js';

const CA_FILE = '/etc/ssh/ca/ca_user.pub';
const KEY = `SHA256:${'k'.repeat(43)}`;

function caFile(...fingerprints: readonly string[]): CaFile {
  const trusted = fingerprints.map((fingerprint, index) => ({
    type: 'ssh-ed25519',
    fingerprint,
    comment: '',
    line: index + 1,
  }));
  return { file: file(CA_FILE), trusted, accounts: ['ops', 'deploy'] };
}

function keyLine(more: Partial<AuthorizedKeyLine> = {}): AuthorizedKeyLine {
  const key = { type: 'ssh-ed25519', fingerprint: KEY, comment: 'deploy@ci' };
  return { line: 3, valid: true, key, options: [], certAuthority: false, text: '', ...more };
}

function context(facts: Partial<HostFacts> = {}, more: Partial<DoorContext> = {}): DoorContext {
  const trusting = sshdCase(
    `trustedusercakeys ${CA_FILE}\nauthorizedprincipalsfile /etc/ssh/auth_principals/%u`,
    {
      accounts: ['ops', 'deploy'],
    },
  );
  return {
    facts: {
      accounts: ok([account('ops'), account('deploy', { uid: 2001, password: 'set' })]),
      sshd: ok(sshdFacts(trusting)),
      system: ok(linux),
      daemons: ok(daemonFacts()),
      caFiles: ok([caFile(CA)]),
      authorizedKeys: ok([]),
      principalsFiles: ok([principalsFile('ops', 'adm-full')]),
      ...facts,
    } as HostFacts,
    access: {
      sudoers: ok({ rules: [], neverAsks: false, agents: [] }),
      sessions: not('not-collected'),
      changes: not('not-collected'),
    },
    expected: expected(),
    policy: policy(),
    vault: not('not-configured'),
    logins: [],
    holders: new Map(),
    now: NOW,
    ...more,
  };
}

const known = (more: Partial<KnownLogin>): KnownLogin => ({
  login: login(),
  identity: 'adm-bernd',
  actor: 'adm',
  method: 'certificate',
  strangeCa: false,
  ...more,
});

describe('ways in', () => {
  test('a principal: its account, where it stands, what the account may do', () => {
    const { sudoers: _, ...rest } = context().access;
    const rule = {
      users: ['ops'], hosts: ['ALL'], runAs: ['ALL'], noPassword: true, command: 'ALL', at: { path: '/etc/sudoers.d/ops', line: 1 },
    }; // prettier-ignore
    const access = { ...rest, sudoers: ok({ rules: [rule], neverAsks: false, agents: [] }) };
    expect(doorsOf(context({}, { access }))).toMatchObject([
      {
        kind: 'certificate', who: 'adm-full', account: 'ops', at: '/etc/ssh/auth_principals/ops:1', uses: 0, roles: null,
        sudo: { level: 'all', noPassword: true },
      },
    ]); // prettier-ignore
  });

  test('an account without a principals file is opened by a certificate for its own name', () => {
    const bare = sshdCase(`trustedusercakeys ${CA_FILE}\nauthorizedprincipalsfile none`, {
      accounts: ['deploy'],
    });
    const doors = doorsOf(context({ sshd: ok(sshdFacts(bare)), principalsFiles: ok([]) }));
    expect(doors).toMatchObject([{ kind: 'certificate', who: 'deploy', account: 'deploy', at: '' }]);
    const none = sshdCase('trustedusercakeys none', { accounts: ['deploy'] });
    expect(doorsOf(context({ sshd: ok(sshdFacts(none)), principalsFiles: ok([]) }))).toEqual([]);
  });

  test('static keys with their limits, and those the policy lists as emergency keys', () => {
    const entry = (line: AuthorizedKeyLine, effective = true) => ({
      account: 'deploy',
      file: file('/home/deploy/.ssh/authorized_keys'),
      lines: [line],
      effective,
    });
    const limited = keyLine({ options: [{ name: 'from', value: '10.0.0.1' }, { name: 'command', value: 'x' }] }); // prettier-ignore
    const only = (facts: Partial<HostFacts>, more: Partial<DoorContext> = {}) =>
      doorsOf(context({ principalsFiles: ok([]), ...facts }, more));
    expect(only({ authorizedKeys: ok([entry(limited)]) })).toMatchObject([
      {
        kind: 'static-key', who: KEY, account: 'deploy', at: '/home/deploy/.ssh/authorized_keys:3',
        note: '“deploy@ci”, limited by from, command',
      },
    ]); // prettier-ignore
    // sshd does not read it, or would not take the line: no way in.
    expect(only({ authorizedKeys: ok([entry(limited, false)]) })).toEqual([]);
    expect(only({ authorizedKeys: ok([entry(keyLine({ valid: false }))]) })).toEqual([]);
    const emergencyKeys = [{ fingerprint: KEY, hosts: ['web-*'], accounts: ['deploy'] }];
    const listed = policy({ emergencyKeys });
    expect(only({ authorizedKeys: ok([entry(keyLine())]) }, { policy: listed })[0]?.kind).toBe(
      'emergency-key',
    );
    const elsewhere = policy({ emergencyKeys: [{ ...emergencyKeys[0], hosts: ['db-*'] }] as never });
    expect(only({ authorizedKeys: ok([entry(keyLine())]) }, { policy: elsewhere })[0]?.kind).toBe(
      'static-key',
    );
    expect(only({ authorizedKeys: ok([entry(keyLine({ certAuthority: true }))]) })[0]?.kind).toBe('other-ca');
  });

  test('a CA the inventory does not name opens every account that trusts its file', () => {
    const doors = doorsOf(context({ caFiles: ok([caFile(CA, OTHER_CA)]) })).filter(
      ({ kind }) => kind === 'other-ca',
    );
    expect(doors.map(({ who, account: name, at }) => [who, name, at])).toEqual([
      [OTHER_CA, 'deploy', `${CA_FILE}:2`],
      [OTHER_CA, 'ops', `${CA_FILE}:2`],
    ]);
  });

  test('a principal is told to open nothing where no CA of the inventory is trusted', () => {
    const door = doorsOf(context({ caFiles: ok([caFile(OTHER_CA)]) })).find(
      ({ kind }) => kind === 'certificate',
    );
    expect(door?.note).toContain('such a certificate is refused');
  });

  test('passwords, of accounts that have one, also where accounts could not be read', () => {
    const open = sshdCase('passwordauthentication yes', { accounts: ['ops', 'deploy'] });
    const of = (facts: Partial<HostFacts>) =>
      doorsOf(context({ sshd: ok(sshdFacts(open)), principalsFiles: ok([]), caFiles: ok([]), ...facts }))
        .filter(({ kind }) => kind === 'password')
        .map(({ account: name, note }) => [name, note]);
    const accounts = ok([account('ops', { password: 'locked' }), account('deploy', { password: 'set' })]);
    expect(of({ accounts })).toEqual([['deploy', 'PasswordAuthentication']]);
    expect(of({ accounts: not('denied') }).map(([name]) => name)).toEqual(['deploy', 'ops']);
    expect(of({ sshd: ok(sshdFacts(sshdCase(''))) })).toEqual([]);
  });

  test('what cannot be told is a gap: settings sshd does not print, commands that answer at the login', () => {
    const { passwordauthentication: _, ...settings } = sshdCase('').settings;
    const blind = { ...sshdCase(''), settings };
    expect(doorGaps(context({ sshd: ok(sshdFacts(blind)) })).join()).toContain(
      'whether passwords open accounts cannot be told: sshd -T does not print passwordauthentication',
    );
    const asks = sshdCase('authorizedprincipalscommand /usr/bin/who-may\nauthorizedkeyscommand none');
    expect(doorGaps(context({ sshd: ok(sshdFacts(asks)) }))).toEqual([
      'AuthorizedPrincipalsCommand is set: what the command answers at a login is not known',
    ]);
    expect(doorGaps(context())).toEqual([]);
  });

  test('SSM and other ways beside sshd', () => {
    const agents = (list: readonly { name: string; running: boolean }[]) => ({
      ...context().access,
      sudoers: ok({ rules: [], neverAsks: false, agents: list }),
    });
    const beside = (more: Partial<DoorContext>, facts: Partial<HostFacts> = {}) =>
      doorsOf(context(facts, more))
        .filter(({ kind }) => kind === 'remote-agent' || kind === 'other-server')
        .map(({ kind, who, account: name, note, uses }) => [kind, who, name, note?.split(':')[0], uses]);
    const ssm = { name: 'amazon-ssm-agent', running: true };
    expect(beside({ access: agents([ssm]) })).toEqual([
      ['remote-agent', 'amazon-ssm-agent', '*', 'it runs', null],
    ]);
    expect(beside({ access: agents([{ ...ssm, running: false }]) })).toEqual([
      ['remote-agent', 'amazon-ssm-agent', '*', 'installed, not running', null],
    ]);
    // The run came in by it: it is a way in whatever the host says of its processes.
    for (const access of [agents([]), agents([{ ...ssm, running: false }]), context().access])
      expect(beside({ access, transport: 'ssm' })).toEqual([
        ['remote-agent', 'amazon-ssm-agent', '*', 'it runs', null],
      ]);
    expect(beside({ transport: 'ssh' })).toEqual([]);
    const dropbear = ok(daemonFacts({ listeners: [listener('sshd'), listener('dropbear')] }));
    expect(beside({}, { daemons: dropbear }).map(([kind, who]) => [kind, who])).toEqual([
      ['other-server', 'dropbear'],
    ]);
  });

  test('uses: by the principals of the certificate; not told where a certificate of the account is not known', () => {
    const issuance = { principals: ['adm-full'] } as unknown as NonNullable<KnownLogin['issuance']>;
    const uses = (logins: readonly KnownLogin[]) => doorsOf(context({}, { logins }))[0]?.uses;
    expect(uses([known({ issuance }), known({ issuance })])).toBe(2);
    expect(uses([known({ issuance: { ...issuance, principals: ['adm-readonly'] } })])).toBe(0);
    expect(uses([known({})])).toBeNull();
    expect(uses([known({ login: login({ account: 'deploy' }) })])).toBe(0);
  });
});

describe('who may obtain a principal', () => {
  const reach = (more: Partial<PolicyReach> = {}): PolicyReach => ({
    namespace: '', policy: 'ops', act: 'sign', path: 'ssh/sign/adm', rule: 'ssh/sign/adm', capabilities: ['update'], role: 'adm', broad: false,
    approvals: 0, ...more,
  }); // prettier-ignore
  const signers = (
    roles: Parameters<typeof custody>[0],
    all: readonly PolicyReach[],
    ...gaps: readonly string[]
  ) => {
    const [door] = doorsOf(context({}, { vault: ok({ ...custody(roles), reach: all }, ...gaps) }));
    return [door?.roles, door?.policies];
  };

  test.each([
    ['by name', { allowedUsers: ['adm-full'] }, true],
    ['by any name', { allowedUsers: ['*'] }, true],
    ['by default', { allowedUsers: [], defaultUser: 'adm-full' }, true],
    ['by template', { allowedUsers: ['adm-{{identity.entity.name}}'], allowedUsersTemplate: true }, true],
    ['a template that is text only', { allowedUsers: ['adm-{{identity.entity.name}}'] }, false],
    ['for another', { allowedUsers: ['adm-readonly'] }, false],
    ['for hosts only', { allowUserCertificates: false }, false],
    ['one-time passwords', { keyType: 'otp' }, false],
  ])('a role signs it %s', (_what, more, signs) => {
    expect(signers([sshRole(more)], [])).toEqual([signs ? ['ssh/roles/adm'] : [], []]);
  });

  test('policies that may ask that role of that mount, and no other', () => {
    expect(signers([sshRole()], [reach(), reach({ act: 'issue', policy: 'desk' })])[1]).toEqual([
      'desk',
      'ops',
    ]);
    for (const other of [
      reach({ role: 'agt' }),
      reach({ namespace: 'team' }),
      reach({ act: 'change-role' }),
      reach({ path: 'other-ssh/sign/adm' }),
      reach({ path: 'team/ssh/sign/adm' }),
    ])
      expect(signers([sshRole()], [other])[1]).toEqual([]);
  });

  test('a CA system that was not read whole is never told to let nobody', () => {
    expect(signers([], [], 'policies: permission denied')).toEqual([null, null]);
    expect(signers([sshRole()], [], 'policies: permission denied')).toEqual([['ssh/roles/adm'], null]);
  });
});
