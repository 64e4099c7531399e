import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSudoers, readSudoers } from '../../src/facts/sudoers.js';
import { rightsOf } from '../../src/access/privileges.js';
import type { Account, SudoersFacts } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';
import { evidenceOf, word } from '../helpers/evidence.js';
import { needs, title } from '../helpers/needs.js';

const file = (text: string, path = '/etc/sudoers') => ({ path, bytes: Buffer.from(text) });
const parse = (text: string) => parseSudoers([file(text)]);
const account = (name: string, uid: number, groups: readonly string[] = [name]): Account => ({
  name, uid, gid: uid, home: `/home/${name}`, shell: '/bin/sh', groups, source: 'nss',
}); // prettier-ignore
const facts = (text: string): Reading<SudoersFacts> => {
  const { rules, neverAsks } = parse(text);
  return { ok: true, gaps: [], value: { rules, neverAsks, agents: [] } };
};
const rights = (text: string, who = account('alice', 1001, ['alice', 'ops'])) =>
  rightsOf(who, facts(text), 'web-1');

const AWKWARD = `
# a comment, then a uid, then an escaped comma
Defaults env_reset, !lecture
User_Alias OPS = alice, bob : DBA = %dba, !carla
Runas_Alias DB = postgres, mysql
Host_Alias WEB = web-1, web-2
Cmnd_Alias SVC = /usr/bin/systemctl restart nginx, \\
                 /usr/bin/systemctl status *
Cmnd_Alias BOTH = SVC, /bin/ls
root ALL=(ALL:ALL) ALL
OPS WEB = (root) NOPASSWD: SVC, PASSWD: /bin/cat /etc/shadow
DBA ALL = (DB) NOPASSWD: ALL
#1005 ALL = /usr/bin/id
%wheel ALL=(ALL) NOPASSWD: SETENV: ALL
dave web-1 = /bin/a : web-2 = /bin/b
erin ALL = BOTH, !/bin/ls
`;

describe('sudoers', () => {
  test.each<[text: string, users: readonly string[], hosts: readonly string[], command: string]>([
    ['ops ALL = /bin/ls', ['ops'], ['ALL'], '/bin/ls'],
    ['ops, %adm web-1 , web-2=/bin/ls', ['ops', '%adm'], ['web-1', 'web-2'], '/bin/ls'],
    ['ops\t,root ALL\t= /bin/ls', ['ops', 'root'], ['ALL'], '/bin/ls'],
    ['"a = b" ALL = /bin/ls', ['a = b'], ['ALL'], '/bin/ls'],
    ['a\\ b ALL = /bin/env A\\=b', ['a b'], ['ALL'], '/bin/env A=b'],
    ['ops ALL = /bin/a : web-1 = /bin/b', ['ops'], ['web-1'], '/bin/b'],
    ['ops ALL = /bin/a: web-1 = /bin/b', ['ops'], ['web-1'], '/bin/b'],
  ])('%j', (text, users, hosts, command) => {
    const { rules, problems } = parse(text);
    expect(problems).toEqual([]);
    expect(rules.at(-1)).toMatchObject({ users, hosts, command });
  });

  test.each([
    'ops, root = /bin/ls',
    'ops = /bin/ls',
    'ops ALL =',
    'ops ALL /bin/ls',
    '"ops ALL = /bin/ls',
    '= x',
  ])('no rule: %j', (text) => {
    expect(parse(text)).toMatchObject({ rules: [], problems: [expect.stringContaining('is no rule')] });
  });

  test('a list that leads to more names than are looked at is cut, and says so', () => {
    const names = Array.from({ length: 3000 }, (_, index) => `user${index}`).join(', ');
    const { rules, problems } = parse(`User_Alias MANY = ${names}\nMANY ALL = ALL\n`);
    expect(rules.map(({ users }) => users.length)).toEqual([2000]);
    expect(problems).toEqual(['a list of sudoers leads to more than 2000 names: the rest was left out']);
    expect(parse(`ops ALL = ALL\n`).problems).toEqual([]);
  });

  test('aliases, tags that hold on, continued lines, uids, several hosts on one line', () => {
    const { rules, problems } = parse(AWKWARD);
    expect(problems).toEqual([]);
    const of = (user: string) =>
      rules
        .filter(({ users }) => users.includes(user))
        .map(({ hosts, runAs, noPassword, command }) => [hosts.join(), runAs.join(), noPassword, command]);
    expect(of('bob')).toEqual([
      ['web-1,web-2', 'root', true, '/usr/bin/systemctl restart nginx'],
      ['web-1,web-2', 'root', true, '/usr/bin/systemctl status *'],
      ['web-1,web-2', 'root', false, '/bin/cat /etc/shadow'],
    ]);
    expect(of('#1005')).toEqual([['ALL', 'root', false, '/usr/bin/id']]);
    expect(of('%dba')).toEqual([['ALL', 'postgres,mysql', true, 'ALL']]);
    expect(of('%wheel')).toEqual([['ALL', 'ALL', true, 'ALL']]);
    expect(of('dave')).toEqual([
      ['web-1', 'root', false, '/bin/a'],
      ['web-2', 'root', false, '/bin/b'],
    ]);
    expect(of('erin').map(([, , , command]) => command)).toContain('!/bin/ls');
    expect(rules.find(({ users }) => users.includes('#1005'))?.at).toEqual({
      path: '/etc/sudoers',
      line: 13,
    });
  });

  test('an alias of itself ends, and a line that is none is told', () => {
    const { rules, problems } = parse('User_Alias A = A, B\nUser_Alias B = A\nA ALL=ALL\nthis is nothing\n');
    expect(rules.length).toBeLessThanOrEqual(1);
    expect(problems).toEqual([
      '/etc/sudoers:4 is no rule sudo knows',
      'a list of sudoers leads to more than 2000 names: the rest was left out',
    ]);
  });

  test('an included file stands where its line does', () => {
    const files = [
      file('@include local\n@includedir "/etc/sudoers.d"\nalice ALL=(root) !ALL\n@include %h\n'),
      file('a ALL=ALL\n@include /etc/sudoers\n', '/etc/local'),
      file('alice ALL=(root) NOPASSWD: ALL\n', '/etc/sudoers.d/20'),
      file('b ALL=ALL\n', '/etc/sudoers.d/10'),
      file('c ALL=ALL\n', '/etc/web-1'),
    ];
    const { rules, problems } = parseSudoers(files);
    expect(problems).toEqual([]);
    expect(rules.map(({ users }) => users[0])).toEqual(['a', 'b', 'alice', 'alice', 'c']);
    expect(rules[3]?.command).toBe('!ALL');
  });

  test('what an account may do: the last match counts, a user to become that is not root gives no root', () => {
    expect(rights('%ops ALL=(ALL) NOPASSWD: ALL')).toMatchObject({ level: 'all', noPassword: true });
    expect(rights('alice ALL=(root) ALL\nalice ALL=(root) !ALL')).toMatchObject({ level: 'none' });
    expect(rights('alice ALL=(postgres) NOPASSWD: ALL')).toMatchObject({ level: 'none' });
    expect(rights('alice db-1=(root) ALL')).toMatchObject({ level: 'none' });
    expect(rights('ALL, !alice ALL=(root) ALL')).toMatchObject({ level: 'none' });
    expect(rights('alice ALL=/usr/bin/id')).toMatchObject({
      level: 'some',
      noPassword: false,
      commands: ['/usr/bin/id'],
    });
    expect(rights('Defaults !authenticate\nalice ALL=ALL')).toMatchObject({ level: 'all', noPassword: true });
    expect(rights('Defaults:bob !authenticate\nalice ALL=ALL')).toMatchObject({ noPassword: false });
  });

  test('a netgroup or a file that was not read is never "no sudo"', () => {
    expect(rights('+admins ALL=ALL').level).toBe('unknown');
    const unread = evidenceOf({
      sudoers: `main /etc/sudoers\nF /etc/sudoers /etc/sudoers ok 8120 0 0 0 1 1 -\nnss ${word('files sss')}\n`,
    });
    const reading = readSudoers(unread);
    expect(reading.ok && reading.gaps).toEqual(['rules of sudo also come from sss, which was not asked']);
    expect(rightsOf(account('alice', 1001), reading, 'web-1').level).toBe('unknown');
    const denied = readSudoers(
      evidenceOf({ sudoers: 'main /etc/sudoers\nF /etc/sudoers /etc/sudoers denied 8120 0 0 99 1 1 -\n' }),
    );
    expect(denied).toMatchObject({ ok: false, reason: 'denied' });
    expect(rightsOf(account('alice', 1001), denied, 'web-1').level).toBe('unknown');
  });

  test('any text at all is read without a throw, in bounded time', () => {
    const piece = fc.constantFrom(
      'ALL',
      '=',
      '(',
      ')',
      ':',
      ',',
      '!',
      '\\',
      '\n',
      '"',
      '#',
      '%',
      ' ',
      'A',
      'NOPASSWD:',
      'User_Alias A = ',
      'Defaults ',
      '/bin/sh',
      '@include ',
      '%#1',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
        ),
        (text) => {
          const { rules } = parse(text);
          for (const rule of rules) expect(rule.command).not.toBe('');
        },
      ),
      { seed: 20261121, numRuns: 1000 },
    );
    const long = 'a,'.repeat(200_000);
    expect(parse(`User_Alias X = ${long}b\nX ALL=(ALL) ALL`).rules.length).toBeLessThanOrEqual(1);
  });
});

interface Converted {
  readonly User_Specs?: readonly {
    readonly User_List: readonly Readonly<Record<string, string | number | boolean>>[];
    readonly Cmnd_Specs: readonly {
      readonly Options?: readonly Readonly<Record<string, unknown>>[];
      readonly Commands: readonly { readonly command: string; readonly negated?: boolean }[];
    }[];
  }[];
}

const need = needs.program('cvtsudoers', 'sudo');
describe.skipIf(need)(title("against sudo's own cvtsudoers", need), () => {
  test('the same users, commands and NOPASSWD', () => {
    const ran = spawnSync('cvtsudoers', ['-e', '-f', 'json', '-'], { input: AWKWARD, encoding: 'utf8' });
    expect(ran.status).toBe(0);
    const theirs = ((JSON.parse(ran.stdout) as Converted).User_Specs ?? []).flatMap(
      ({ User_List, Cmnd_Specs }) => {
        const users = User_List.map((one) => {
          const [kind, name] = Object.entries(one).find(([key]) => key !== 'negated') ?? ['', ''];
          const mark = kind === 'usergroup' ? '%' : kind === 'userid' ? '#' : '';
          return `${one['negated'] === true ? '!' : ''}${mark}${String(name)}`;
        });
        return Cmnd_Specs.flatMap(({ Options = [], Commands }) =>
          Commands.map(({ command, negated }) => {
            const free = Options.some((option) => option['authenticate'] === false);
            return `${users.join()} ${negated ? '!' : ''}${command} ${free ? 'free' : 'asks'}`;
          }),
        );
      },
    );
    const ours = parse(AWKWARD).rules.map(
      ({ users, command, noPassword }) => `${users.join()} ${command} ${noPassword ? 'free' : 'asks'}`,
    );
    expect([...new Set(ours)].sort()).toEqual([...new Set(theirs)].sort());
  });
});
