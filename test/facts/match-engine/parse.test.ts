import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchBlocks } from '../../../src/facts/match-engine/index.js';
import { config, version } from './helpers.js';

const problems = (text: string, level = '9.2'): string[] =>
  config(text, { version: version(level) }).problems.map(
    ({ severity, at, message }) => `${severity} ${at.path}:${at.line} ${message}`,
  );
const accepted = (text: string, level = '9.2'): boolean => problems(text, level).length === 0;

describe('parseConfig', () => {
  it('names what sshd refuses, with path and line', () => {
    expect(problems('Port 22\n\nPasswordAuthentication maybe\n')).toEqual([
      'fatal /etc/ssh/sshd_config:3 PasswordAuthentication: unsupported value "maybe"',
    ]);
    expect(problems('Match User alice\n  UsePAM yes\n')).toEqual([
      'fatal /etc/ssh/sshd_config:2 UsePAM is not allowed within a Match block',
    ]);
    expect(problems('Match User alice PasswordAuthentication yes\n')).toEqual([
      'fatal /etc/ssh/sshd_config:1 unsupported Match attribute passwordauthentication',
    ]);
  });
  it('calls a keyword it does not know unknown, not fatal: vendors add some', () => {
    expect(problems('CryptoMagic yes\n')[0]).toMatch(/^unknown .*:1 keyword CryptoMagic is not known/);
  });
  it('says when a file sshd reads was not collected', () => {
    const parsed = config('Include /etc/ssh/d/*.conf\n', {
      listing: new Map([['/etc/ssh/d/*.conf', ['/etc/ssh/d/1.conf']]]),
    });
    expect(parsed.problems).toEqual([
      {
        severity: 'unknown',
        at: { path: '/etc/ssh/sshd_config', line: 1 },
        message: '/etc/ssh/d/1.conf is read by sshd but was not collected',
      },
    ]);
  });
  it('takes relative includes under /etc/ssh and keeps the order of the host listing', () => {
    const files = new Map([
      ['/etc/ssh/d/b.conf', 'LogLevel QUIET\n'],
      ['/etc/ssh/d/a.conf', 'LogLevel ERROR\n'],
    ]);
    expect(config('Include d/*.conf\n', { files }).filesRead).toEqual([
      '/etc/ssh/sshd_config',
      '/etc/ssh/d/a.conf',
      '/etc/ssh/d/b.conf',
    ]);
    const listing = new Map([['/etc/ssh/d/*.conf', ['/etc/ssh/d/b.conf']]]);
    expect(config('Include d/*.conf\n', { files, listing }).filesRead).toEqual([
      '/etc/ssh/sshd_config',
      '/etc/ssh/d/b.conf',
    ]);
  });
  it('stops at 16 nested includes', () => {
    const chain = (depth: number): Map<string, string> =>
      new Map(
        Array.from({ length: depth }, (_, index) => [
          `/etc/ssh/${index + 1}`,
          index + 1 === depth ? 'LogLevel QUIET\n' : `Include ${index + 2}\n`,
        ]),
      );
    expect(config('Include 1\n', { files: chain(16) }).problems).toEqual([]);
    expect(config('Include 1\n', { files: chain(17) }).problems[0]?.message).toBe(
      'too many recursive configuration includes',
    );
    expect(config('Include /etc/ssh/sshd_config\n').problems[0]?.severity).toBe('fatal');
  });
  it('refuses what starts no sshd although every line reads well', () => {
    expect(problems('AuthorizedKeysCommand /bin/keys\n')).toEqual([
      'fatal /etc/ssh/sshd_config:1 authorizedkeyscommand without authorizedkeyscommanduser',
    ]);
    expect(problems('PasswordAuthentication no\nAuthenticationMethods password\n')[0]).toContain(
      'cannot be satisfied',
    );
    expect(accepted('AuthenticationMethods password publickey\nPasswordAuthentication no\n')).toBe(true);
  });

  it.each([
    ['7.4', 'Include /x\n', false],
    ['8.1', 'Include /x\n', false],
    ['8.2', 'Include /x\n', true],
    ['8.6', 'Match User a\nChallengeResponseAuthentication no\n', false],
    ['8.7', 'Match User a\nChallengeResponseAuthentication no\n', true],
    ['9.7', 'PAMServiceName x\n', false],
    ['9.8', 'PAMServiceName x\n', true],
    ['9.8', 'Match invalid-user\nRefuseConnection yes\n', false],
    ['9.9', 'Match Invalid-User\nRefuseConnection yes\n', true],
    ['9.9', 'Match Version OpenSSH_*\nLogLevel INFO\n', false],
    ['10.0', 'Match version=OpenSSH_*\nLogLevel INFO\n', true],
    ['9.2', "Match User 'a b'\nLogLevel INFO\n", false],
    ['9.9', "Match User 'a b'\nLogLevel INFO\n", true],
    ['9.2', 'Match User=alice Address=10.0.0.0/8\nLogLevel INFO\n', true],
    ['10.0', 'Match User=alice Address=10.0.0.0/8\nLogLevel INFO\n', true],
    ['8.4', "ForceCommand it's\n", true],
    ['8.7', "ForceCommand it's\n", false],
    ['8.4', 'RevokedKeys /a /b\n', false],
    ['10.2', 'RevokedKeys /a /b\n', false],
    ['10.3', 'RevokedKeys /a /b\n', true],
    ['7.8', 'CASignatureAlgorithms ssh-ed25519\n', false],
    ['8.4', 'PubkeyAcceptedAlgorithms ssh-ed25519\n', false],
    ['9.4', 'Subsystem sftp /a\nSubsystem sftp /b\n', false],
    ['9.5', 'Subsystem sftp /a\nSubsystem sftp /b\n', true],
    ['9.2', 'Match all User root\n', false],
    ['9.2', 'Match User\n', false],
    ['9.2', 'Match Address 10.0.0.1/8\n', false],
    ['9.2', 'Match Exec true\n', false],
    ['9.2', 'Match User alice # note\nLogLevel INFO # note\n', true],
  ])('%s: %j accepted %s', (level, text, expected) => {
    expect(accepted(text, level)).toBe(expected);
  });

  it('reads command-line options first and refuses blocks in them', () => {
    const options = [
      { keyword: 'LogLevel', value: 'QUIET' },
      { keyword: 'Match', value: 'all' },
    ];
    const parsed = config('LogLevel INFO\n', { commandLine: options });
    expect(parsed.globals[0]).toMatchObject({
      keyword: 'loglevel',
      values: ['QUIET'],
      at: { path: 'command line', line: 0 },
    });
    expect(parsed.problems.map(({ message }) => message)).toEqual([
      'Match is not supported as a command-line option',
    ]);
  });

  it('lists Match blocks with what they set', () => {
    const blocks = matchBlocks(
      config(
        'Match User bob\nPermitRootLogin no\nPermitRootLogin yes\nMatch Address 10.0.0.0/8\nBanner none\n',
      ),
    );
    expect(blocks).toEqual([
      {
        at: { path: '/etc/ssh/sshd_config', line: 1 },
        criteria: 'User bob',
        settings: { permitrootlogin: { value: 'no', at: { path: '/etc/ssh/sshd_config', line: 2 } } },
      },
    ]);
  });

  it('never throws and always ends, whatever the bytes and the version', () => {
    const noise = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc
        .array(
          fc.constantFrom(
            'Match',
            'Include',
            'User',
            'all',
            'Address',
            '=',
            '"',
            "'",
            '\\',
            '#',
            ' ',
            '\n',
            '!',
            '10.0.0.0/8',
            '/etc/ssh/sshd_config',
            'AllowUsers',
            '\0',
          ),
        )
        .map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(noise, fc.constantFrom('7.4', '8.4', '9.2', '9.9', '10.6'), (text, level) => {
        expect(config(text, { version: version(level) }).filesRead.length).toBeGreaterThan(0);
      }),
      { seed: 8, numRuns: 400 },
    );
  });
  it.each([
    ['a cycle of Includes', 'Include sshd_config sshd_config\n'.repeat(3)],
    [
      'long lines, again and again',
      `${'Include sshd_config\n'.repeat(20)}AllowUsers ${'abcd '.repeat(20_000)}\n`,
    ],
    ['many lines, again and again', `${'# a\n'.repeat(30_000)}${'Include sshd_config\n'.repeat(20)}`],
    ['Match lines around it', 'Match User a*\nInclude sshd_config\n'.repeat(20)],
    ['Includes without end', 'Include none*\n'.repeat(100_000)],
  ])('reads a bounded part, and says so: %s', (_name, text) => {
    const parsed = config(text);
    expect(parsed.filesRead.length).toBeLessThanOrEqual(2001);
    expect(parsed.globals.length + parsed.conditional.length).toBeLessThanOrEqual(40_000);
    const words = parsed.globals.reduce((sum, { values }) => sum + values.length, 0);
    expect(words).toBeLessThanOrEqual(1_000_000);
    expect(parsed.problems.length).toBeGreaterThan(0);
    expect(parsed.problems.length).toBeLessThanOrEqual(51);
  });
  it('says what was not read, though nothing else is wrong', () => {
    const { problems } = config(`PermitRootLogin no\n`.repeat(20_001));
    expect(problems.map(({ severity, message }) => [severity, message.slice(0, 22)])).toEqual([
      ['unknown', 'more than 20000 lines,'],
    ]);
  });
});
