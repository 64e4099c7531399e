import { describe, expect, it } from 'vitest';
import {
  enumerateCases,
  evaluate,
  MOST_BOXES,
  type Cases,
  type ParsedConfig,
} from '../../../src/facts/match-engine/index.js';
import type { SshdCase } from '../../../src/facts/types.js';
import { account, ACCOUNTS, config, version } from './helpers.js';

function enumerate(text: string, accounts = ACCOUNTS): Cases {
  return enumerateCases(config(text, { accounts }), accounts);
}

/** Value -> the case that has it. */
function byValue({ cases }: Cases, keyword: string): Map<string, SshdCase> {
  return new Map(cases.map((each) => [each.settings[keyword]?.join() ?? '', each]));
}

describe('enumerateCases', () => {
  it('has one case without Match lines, for everyone', () => {
    const { cases, gaps } = enumerate('PermitRootLogin no\n');
    expect(gaps).toEqual([]);
    expect(cases).toHaveLength(1);
    expect(cases[0]).toMatchObject({
      accounts: ['root', 'alice', 'bob'],
      witness: { user: 'root' },
      settings: { permitrootlogin: ['no'] },
      origins: { permitrootlogin: { path: '/etc/ssh/sshd_config', line: 1 } },
      by: 'engine',
    });
  });

  it('tells who gets what', () => {
    const found = byValue(
      enumerate('PasswordAuthentication no\nMatch User alice,a*\nPasswordAuthentication yes\n'),
      'passwordauthentication',
    );
    expect([...found.keys()].sort()).toEqual(['no', 'yes']);
    expect(found.get('yes')).toMatchObject({ accounts: ['alice'], witness: { user: 'alice' } });
    expect(found.get('no')?.accounts).toEqual(['root', 'bob']);
  });

  it('finds the hole in nested and negated networks', () => {
    const text =
      'PasswordAuthentication no\nMatch Address 10.0.0.0/8,!10.0.0.0/9,!10.128.0.0/10,!10.192.0.0/11,!10.224.0.0/12\nPasswordAuthentication yes\n';
    const yes = byValue(enumerate(text), 'passwordauthentication').get('yes');
    expect(yes?.witness.address).toMatch(/^10\.2[45]\d\./);
  });

  it('says nothing of networks that leave no hole', () => {
    const text = 'Match Address 10.0.0.0/8,!10.0.0.0/9,!10.128.0.0/9\nPasswordAuthentication no\n';
    expect(enumerate(text).cases).toHaveLength(1);
  });

  it('knows the client no address list takes in', () => {
    const text = 'PermitRootLogin yes\nMatch Address 0.0.0.0/0,::/0\nPermitRootLogin no\n';
    expect(byValue(enumerate(text), 'permitrootlogin').get('yes')?.witness.address).toBe('fe80::1%1');
    const all = 'PermitRootLogin yes\nMatch Address *\nPermitRootLogin no\n';
    expect(byValue(enumerate(all), 'permitrootlogin').get('yes')?.witness.address).toBe('UNKNOWN');
  });

  it('combines blocks that hold together', () => {
    const text =
      'PasswordAuthentication no\nKbdInteractiveAuthentication no\nMatch User bob\nPasswordAuthentication yes\nMatch LocalPort 2222\nKbdInteractiveAuthentication yes\n';
    const { cases } = enumerate(text);
    const both = cases.find(
      ({ settings }) =>
        settings['passwordauthentication']?.[0] === 'yes' &&
        settings['kbdinteractiveauthentication']?.[0] === 'yes',
    );
    expect(both).toMatchObject({ accounts: ['bob'], witness: { user: 'bob', localPort: 2222 } });
    expect(cases).toHaveLength(4);
  });

  it('leaves out what no one can get', () => {
    expect(enumerate('Match User alice User bob\nPasswordAuthentication no\n').cases).toHaveLength(1);
    expect(
      enumerate('Match User a*\nLogLevel QUIET\nMatch User al*\nLogLevel ERROR\n').cases.map(
        ({ settings }) => settings['loglevel'],
      ),
    ).toEqual([['INFO'], ['QUIET']]);
    expect(enumerate('Match User bob\nBanner none\n').cases).toHaveLength(1);
  });

  it('thinks of accounts this host does not have', () => {
    const text = 'PasswordAuthentication no\nMatch User dave\nPasswordAuthentication yes\n';
    expect(byValue(enumerate(text), 'passwordauthentication').get('yes')).toMatchObject({
      accounts: [],
      witness: { user: 'dave' },
    });
  });

  it('thinks of accounts that may join a group without members, and says what it assumes', () => {
    const text = 'PasswordAuthentication no\nMatch Group contractors,!ops\nPasswordAuthentication yes\n';
    const yes = byValue(enumerate(text), 'passwordauthentication').get('yes');
    expect(yes).toMatchObject({ accounts: [], assumes: 'an account newcomer in group contractors' });
    const members = [...ACCOUNTS, account('carol', ['contractors'])];
    const today = byValue(enumerate(text, members), 'passwordauthentication').get('yes');
    expect(today).toMatchObject({ accounts: ['carol'], witness: { user: 'carol' } });
    expect(today?.assumes).toBeUndefined();
  });

  it('joins groups no account has together', () => {
    const text = 'PasswordAuthentication no\nMatch Group one Group two,!three\nPasswordAuthentication yes\n';
    expect(byValue(enumerate(text), 'passwordauthentication').get('yes')?.assumes).toMatch(
      /in group (one, two|two, one)$/,
    );
  });

  it('never gives an existing account groups it does not have', () => {
    const text = 'PasswordAuthentication no\nMatch User bob Group ops\nPasswordAuthentication yes\n';
    expect(byValue(enumerate(text), 'passwordauthentication').has('yes')).toBe(false);
  });

  it('tells users apart that do not exist', () => {
    const parsed = config('PermitRootLogin no\nMatch invalid-user\nPermitRootLogin yes\n', {
      version: version('9.9'),
    });
    const found = byValue(enumerateCases(parsed, ACCOUNTS), 'permitrootlogin');
    expect(found.get('yes')).toMatchObject({ accounts: [] });
    expect(found.get('no')?.accounts).toEqual(['root', 'alice', 'bob']);
  });

  it('gives host names and routing domains that blocks name', () => {
    const text = 'LogLevel INFO\nMatch Host *.corp,!db.corp RDomain vrf?\nLogLevel QUIET\n';
    const witness = byValue(enumerate(text), 'loglevel').get('QUIET')?.witness;
    expect(witness?.host).toBe('.corp');
    expect(witness?.rdomain).toMatch(/^vrf.$/);
  });

  it('reports only what evaluate gives at the witness', () => {
    const parsed = config(
      'Match User alice,bob\nLogLevel QUIET\nMatch Address 10.*\nPermitRootLogin yes\nMatch Group ops Host h*\nLogLevel ERROR\n',
    );
    const { cases } = enumerateCases(parsed, ACCOUNTS);
    expect(cases.length).toBeGreaterThan(4);
    for (const each of cases.filter(({ assumes }) => assumes === undefined)) {
      const who = ACCOUNTS.find(({ name }) => name === each.witness.user) ?? null;
      expect(evaluate(parsed, each.witness, who).values).toEqual(each.settings);
    }
  });
});

describe('gaps', () => {
  const lines = (count: number, make: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => make(index)).join('');

  it('gives no cases of a configuration sshd refuses', () => {
    expect(enumerate('PasswordAuthentication perhaps\n')).toEqual({
      cases: [],
      gaps: ['/etc/ssh/sshd_config:1: PasswordAuthentication: unsupported value "perhaps"'],
    });
  });

  it('names what it did not combine when there is too much, and still covers every account and every line', () => {
    const users = lines(100, (index) => `Match User u${index}\nForceCommand /x${index}\n`);
    const networks = lines(100, (index) => `Match Address 10.${index}.0.0/16\nLogVerbose v${index}\n`);
    const { cases, gaps } = enumerate(users + networks);
    expect(cases.length).toBeLessThanOrEqual(MOST_BOXES);
    expect(gaps[0]).toMatch(/^more than \d+ combinations of Match lines: .*sshd_config:1, /);
    const covered = new Set(cases.flatMap(({ accounts }) => accounts));
    expect([...covered].sort()).toEqual(['alice', 'bob', 'root']);
    for (const index of [0, 50, 99]) {
      expect(cases.some(({ settings }) => settings['forcecommand']?.[0] === `/x${index}`)).toBe(true);
      expect(cases.some(({ settings }) => settings['logverbose']?.[0] === `v${index}`)).toBe(true);
    }
  });

  it('has one case more than blocks, and no gap, while they nest', () => {
    const { cases, gaps } = enumerate(
      lines(400, (index) => `Match User u${index}\nForceCommand /x${index}\n`),
    );
    expect(gaps).toEqual([]);
    expect(cases).toHaveLength(401);
  });

  it('gives up on patterns made to explode, and says so', () => {
    const text = lines(
      40,
      (index) => `Match User *${String.fromCharCode(97 + (index % 26))}*${index}*\nForceCommand /x${index}\n`,
    );
    expect(enumerate(text).gaps).toEqual(['not every user the Match lines tell apart could be tried']);
  });

  it('says when version, groups or a vendor leave something open', () => {
    const gapsOf = (parsed: ParsedConfig, accounts = ACCOUNTS): readonly string[] =>
      enumerateCases(parsed, accounts).gaps;
    expect(gapsOf(config('', { version: null }))[0]).toContain('version of sshd is unknown');
    expect(
      gapsOf(config('', { version: { ...version('9.2'), text: 'OpenSSH_9.2 FreeBSD-20230316' } }))[0],
    ).toContain('FreeBSD');
    const unresolved = [...ACCOUNTS, account('ldap', [])];
    expect(gapsOf(config('Match Group ops\nLogLevel QUIET\n'), unresolved)[0]).toContain(
      'the groups of ldap are unknown',
    );
    expect(gapsOf(config('LogLevel QUIET\n'), unresolved)).toEqual([]);
    expect(gapsOf(config('Nonsense yes\n'))[0]).toContain('sshd_config:1: keyword Nonsense');
  });
});
