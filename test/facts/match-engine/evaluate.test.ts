import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compareWithSshd, evaluate } from '../../../src/facts/match-engine/index.js';
import { parseSshdT } from '../../../src/facts/sshd-t.js';
import type { Connection } from '../../../src/facts/types.js';
import { ACCOUNTS, config, connection, version } from './helpers.js';

function value(
  text: string,
  keyword: string,
  who: Partial<Connection> = {},
  level = '9.2',
): string | undefined {
  const at = connection(who);
  const settings = evaluate(
    config(text, { version: version(level) }),
    at,
    ACCOUNTS.find(({ name }) => name === at.user) ?? null,
  );
  return settings.values[keyword]?.join('\n');
}

describe('compiled defaults', () => {
  it.each(['7.8', '8.0', '8.4', '9.2', '10.0', '10.6'])('are those sshd -T of %s prints', (level) => {
    const printed = {
      ...parseSshdT(readFileSync(`test/fixtures/sshd-t/sshd-T-default-${level}.txt`, 'utf8')),
    };
    const differing = compareWithSshd(config('', { version: version(level) }), connection(), printed).map(
      ({ keyword }) => keyword,
    );
    // These two were built without OpenSSL, which leaves them the Ed25519 algorithms only.
    const limited =
      level === '7.8'
        ? ['pubkeyacceptedalgorithms']
        : level === '8.0'
          ? ['casignaturealgorithms', 'pubkeyacceptedalgorithms']
          : [];
    expect(differing).toEqual(limited);
  });
  it('would notice a default that changed', () => {
    const printed = parseSshdT(readFileSync('test/fixtures/sshd-t/sshd-T-default-9.2.txt', 'utf8'));
    const changed = { ...printed, passwordauthentication: ['no'], allowusers: ['eve'] };
    expect(compareWithSshd(config(''), connection(), changed)).toEqual([
      { keyword: 'allowusers', engine: [], sshd: ['eve'] },
      { keyword: 'passwordauthentication', engine: ['yes'], sshd: ['no'] },
    ]);
  });
  it('uses the words of the version', () => {
    expect(value('', 'permitrootlogin', {}, '10.0')).toBe('without-password');
    expect(value('', 'permitrootlogin', {}, '10.1')).toBe('prohibit-password');
    expect(value('', 'pubkeyacceptedkeytypes', {}, '8.4')).toContain('ssh-rsa');
    expect(value('', 'pubkeyacceptedalgorithms', {}, '8.4')).toBeUndefined();
  });
});

describe('precedence', () => {
  it('keeps the first value, also over later files', () => {
    expect(value('LogLevel QUIET\nLogLevel INFO\n', 'loglevel')).toBe('QUIET');
  });
  it('lets the first matching block override the main part', () => {
    const text =
      'PasswordAuthentication no\nMatch User alice\nPasswordAuthentication yes\nMatch User a*\nPasswordAuthentication no\n';
    expect(value(text, 'passwordauthentication')).toBe('yes');
    expect(value(text, 'passwordauthentication', { user: 'abel' })).toBe('no');
    expect(value(text, 'passwordauthentication', { user: 'bob' })).toBe('no');
  });
  it('reads Match all as main part too', () => {
    expect(value('Match all\nStrictModes no\nPermitRootLogin yes\n', 'strictmodes')).toBe('no');
    expect(value('PermitRootLogin no\nMatch all\nPermitRootLogin yes\n', 'permitrootlogin')).toBe('yes');
  });
  it('lets Match override a command-line option, and an option override the main part', () => {
    const commandLine = [{ keyword: 'PasswordAuthentication', value: 'yes' }];
    const parsed = config('PasswordAuthentication no\nMatch User bob\nPasswordAuthentication no\n', {
      commandLine,
    });
    expect(evaluate(parsed, connection(), ACCOUNTS[1] ?? null).values['passwordauthentication']).toEqual([
      'yes',
    ]);
    expect(
      evaluate(parsed, connection({ user: 'bob' }), ACCOUNTS[2] ?? null).values['passwordauthentication'],
    ).toEqual(['no']);
  });
  it('ends a Match with the included file and applies an included file only inside its Match', () => {
    const files = new Map([['/etc/ssh/in.conf', 'PermitRootLogin yes\nMatch User bob\nLogLevel QUIET\n']]);
    const parsed = config('Match User alice\nInclude in.conf\nLogLevel ERROR\n', { files });
    const of = (user: string, keyword: string): readonly string[] | undefined =>
      evaluate(parsed, connection({ user }), ACCOUNTS.find(({ name }) => name === user) ?? null).values[
        keyword
      ];
    expect(of('alice', 'permitrootlogin')).toEqual(['yes']);
    expect(of('alice', 'loglevel')).toEqual(['ERROR']);
    expect(of('bob', 'loglevel')).toEqual(['INFO']);
    expect(of('bob', 'permitrootlogin')).toEqual(['without-password']);
  });
  it('adds up AllowUsers within one part and replaces it between them', () => {
    const text =
      'AllowUsers a b\nAllowUsers c\nMatch User alice\nAllowUsers d\nMatch Group ops\nAllowUsers e\n';
    expect(value(text, 'allowusers')).toBe('d\ne');
    expect(value(text, 'allowusers', { user: 'bob' })).toBe('a\nb\nc');
  });
  it('says where a value was set', () => {
    const settings = evaluate(
      config('\nLogLevel QUIET\nMatch User alice\nLogLevel ERROR\n'),
      connection(),
      ACCOUNTS[1] ?? null,
    );
    expect(settings.origins).toEqual({ loglevel: { path: '/etc/ssh/sshd_config', line: 4 } });
  });
});

describe('keywords with rules of their own', () => {
  it.each([
    ['8.6', 'KbdInteractiveAuthentication no\n', 'yes'],
    ['8.6', 'ChallengeResponseAuthentication no\n', 'no'],
    ['8.6', 'ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n', 'yes'],
    ['8.6', 'Match User alice\nKbdInteractiveAuthentication no\n', 'no'],
    ['8.7', 'KbdInteractiveAuthentication no\n', 'no'],
    ['8.7', 'ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n', 'no'],
  ])('%s: %j leaves keyboard-interactive %s', (level, text, expected) => {
    expect(value(text, 'kbdinteractiveauthentication', {}, level)).toBe(expected);
  });
  it.each([
    ['8.6', '/p'],
    ['8.7', 'none'],
    ['9.3', 'none'],
    ['9.4', '/p'],
  ])('%s: AuthorizedPrincipalsCommand after AuthorizedKeysCommand is %s', (level, expected) => {
    const users = 'AuthorizedKeysCommandUser nobody\nAuthorizedPrincipalsCommandUser nobody\n';
    const text = `${users}AuthorizedKeysCommand /k\nAuthorizedPrincipalsCommand /p\n`;
    expect(value(text, 'authorizedprincipalscommand', {}, level)).toBe(expected);
  });
  it('keeps comments in commands from 8.7 on', () => {
    expect(value('ForceCommand /x "a b" # c\n', 'forcecommand')).toBe('/x "a b" # c');
    expect(value('ForceCommand /x "a b" # c\n', 'forcecommand', {}, '8.4')).toBe('/x "a b"');
  });
  it('prints paths without quotes, relative ones absolute, and clears none', () => {
    expect(value('AuthorizedKeysFile "/etc/ssh/my keys/%u" ~/k\n', 'authorizedkeysfile')).toBe(
      '/etc/ssh/my keys/%u /root/k',
    );
    expect(
      evaluate(config('TrustedUserCAKeys ca.pub\n', { cwd: '/srv' }), connection(), null).values[
        'trustedusercakeys'
      ],
    ).toEqual(['/srv/ca.pub']);
    expect(value('Match User alice\nAuthorizedPrincipalsFile NONE\n', 'authorizedprincipalsfile')).toBe(
      'NONE',
    );
  });
  it('completes algorithm lists', () => {
    expect(value('CASignatureAlgorithms -*sk-*,rsa-*\n', 'casignaturealgorithms')).toBe(
      'ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521',
    );
    expect(value('CASignatureAlgorithms +ssh-rsa\n', 'casignaturealgorithms')).toMatch(
      /rsa-sha2-256,ssh-rsa$/,
    );
    expect(value('CASignatureAlgorithms ^ssh-rsa\n', 'casignaturealgorithms')).toMatch(
      /^ssh-rsa,ssh-ed25519,/,
    );
    expect(value('', 'casignaturealgorithms', {}, '8.1')).toContain('ssh-rsa');
    expect(value('', 'casignaturealgorithms', {}, '8.2')).not.toContain('ssh-rsa');
  });
  it('prints a listening address per port', () => {
    const text = 'Port 22\nListenAddress 0.0.0.0\nPort 2222\nListenAddress [::1]:2022\n';
    expect(value(text, 'listenaddress')).toBe('0.0.0.0:22\n0.0.0.0:2222\n[::1]:2022');
  });
  it('ends sshd where reading another block is fatal for the connection', () => {
    const text =
      'Match User alice\nAuthenticationMethods publickey\nMatch User bob\nAuthenticationMethods any\n';
    expect(evaluate(config(text), connection(), ACCOUNTS[1] ?? null).ends?.at.line).toBe(4);
    expect(evaluate(config(text), connection({ user: 'bob' }), ACCOUNTS[2] ?? null).ends).toBeUndefined();
    expect(
      evaluate(config(text, { version: version('9.9') }), connection(), ACCOUNTS[1] ?? null).ends,
    ).toBeUndefined();
  });
});

describe('criteria', () => {
  const holds = (criteria: string, who: Partial<Connection> = {}, level = '10.0'): boolean =>
    value(`Match ${criteria}\nLogLevel QUIET\n`, 'loglevel', who, level) === 'QUIET';
  it.each([
    ['User alice', {}, true],
    ['user ALICE', {}, false],
    ['User *,!alice', {}, false],
    ['User !bob', {}, false],
    ['Group ops', {}, true],
    ['Group *,!ops', {}, false],
    ['Group *', { user: 'nobodyknows' }, false],
    ['Host *.CORP', { host: 'Db.Corp' }, true],
    ['Address 192.0.2.0/24 User alice', {}, true],
    ['Address 192.0.2.0/24 User bob', {}, false],
    ['LocalAddress 198.51.100.*', {}, true],
    ['LocalPort 22', {}, true],
    ['LocalPort ssh', { localPort: 2222 }, false],
    ['RDomain red', {}, false],
    ['RDomain r*', { rdomain: 'red' }, true],
    ['RDomain *', { rdomain: '' }, true],
    ['Invalid-User', { user: 'nobodyknows' }, true],
    ['invalid-user', {}, false],
    ['Version OpenSSH_10.*', {}, true],
    ['Version OpenSSH_9.*', {}, false],
    ['all', {}, true],
  ] as const)('%s %j: %s', (criteria, who, expected) => {
    expect(holds(criteria, who)).toBe(expected);
  });
});
