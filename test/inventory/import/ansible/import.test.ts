/** Ansible inventories in every form, against what ansible-inventory itself understands. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { UserError } from '../../../../src/errors.js';
import { importAnsible } from '../../../../src/inventory/import/ansible/index.js';
import { parseLiteral } from '../../../../src/inventory/import/ansible/literal.js';
import { expandPattern } from '../../../../src/inventory/import/ansible/range.js';
import { loadInventory } from '../../../../src/inventory/load.js';
import { needs, title } from '../../../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../../../helpers/sshd.js';

const folder = temporaryDirectory('ansible');
afterAll(() => removeDirectory(folder));
let count = 0;

/** Files below a folder of their own; returns its path. */
function files(tree: Readonly<Record<string, string>>): string {
  const base = join(folder, String((count += 1)));
  for (const [name, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), text);
  }
  return base;
}

interface Read {
  readonly hosts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly notes: readonly string[];
}

/** Entries by name with the defaults put back, as the loader sees them. */
function read(path: string): Read {
  const { yaml, notes } = importAnsible(path, {});
  loadInventory({ path: 'imported', text: yaml });
  const { defaults = {}, hosts } = parse(yaml) as { defaults?: object; hosts: { name: string }[] };
  return { notes, hosts: Object.fromEntries(hosts.map((host) => [host.name, { ...defaults, ...host }])) };
}

const ini = (text: string) => read(join(files({ hosts: text }), 'hosts'));

const INI = `
lonely ansible_host=10.9.9.9   # a comment
[web]
web[01:03].example.org ansible_port=2222
[db]
db-a:2200 ssh_scorecard_adm="['adm-full', 'adm-db']"
db-[a:c:2] ansible_user="ops"
2001:db8::7 ansible_ssh_user=root
[prod:children]
web
db
[prod:vars]
ansible_ssh_common_args='-o ProxyJump=ops@bastion.example.org:2222'
ansible_user=auditor
ssh_scorecard_environment=production
; another comment
[all:vars]
ansible_ssh_private_key_file=~/.ssh/auditor
`;

const YAML = `
all:
  hosts:
    lonely: { ansible_host: 10.9.9.9 }
  vars: { ansible_ssh_private_key_file: ~/.ssh/auditor }
  children:
    prod:
      vars:
        ansible_ssh_common_args: "-o ProxyJump=ops@bastion.example.org:2222"
        ansible_user: auditor
        ssh_scorecard_environment: production
      children:
        web: { hosts: { 'web[01:03].example.org': { ansible_port: 2222 } } }
        db:
          hosts:
            db-a: { ansible_user: ops, ansible_port: 2200, ssh_scorecard_adm: [adm-full, adm-db] }
            db-c: { ansible_user: ops }
            '2001:db8::7': { ansible_ssh_user: root }
`;

describe('an Ansible inventory', () => {
  it('gives addresses, ports, users, keys, jumps, environment, tags and principals', () => {
    const { hosts, notes } = ini(INI);
    expect(Object.keys(hosts)).toEqual([
      'db-a',
      'db-c',
      'lonely',
      'web01.example.org',
      'web02.example.org',
      'web03.example.org',
    ]);
    expect(hosts['db-a']).toEqual({
      name: 'db-a',
      port: 2200,
      user: 'ops',
      identity_file: '~/.ssh/auditor',
      jump: ['ops@bastion.example.org:2222'],
      environment: 'production',
      tags: ['db', 'prod'],
      allowed_principals: { adm: ['adm-full', 'adm-db'] },
    });
    expect(hosts['web02.example.org']).toMatchObject({
      port: 2222,
      user: 'auditor',
      unlisted: true,
      tags: ['prod', 'web'],
    });
    expect(hosts['lonely']).toMatchObject({ address: '10.9.9.9', unlisted: true });
    expect(notes).toEqual([
      '"2001:db8::7" cannot be the name of a host here, and was left out: add it by hand',
    ]);
  });

  it('is the same in INI and in YAML', () => {
    expect(read(join(files({ 'hosts.yml': YAML }), 'hosts.yml'))).toEqual(ini(INI));
  });

  it('takes group_vars and host_vars beside it in Ansible’s order', () => {
    const base = files({
      hosts:
        '[a]\nh1 ansible_port=1 ansible_user=host\nh2\n[b:children]\na\n[b:vars]\nansible_user=b\n[a:vars]\nansible_user=a\n',
      'group_vars/all.yml': 'ansible_port: 7\nansible_user: all\n',
      'group_vars/b/one.yml': 'ansible_port: 8\n',
      'group_vars/b/two.yml': 'ansible_user: files\n',
      'host_vars/h1.yml': 'ansible_port: 9\n',
    });
    const { hosts } = read(join(base, 'hosts'));
    expect(hosts['h1']).toMatchObject({ port: 9, user: 'host' });
    expect(hosts['h2']).toMatchObject({ port: 8, user: 'files' });
  });

  it('says what is encrypted or a template, and guesses none of it', () => {
    const base = files({
      hosts: 'h1\n',
      'group_vars/all.yml':
        'ansible_user: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\nallowed_principals: { adm: ["{{ role }}"] }\n',
      'group_vars/all2': 'unused: 1\n',
      'host_vars/h1.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162\n',
    });
    writeFileSync(join(base, 'hosts'), `h1 ansible_host="{{ lookup('env', 'X') }}"\n`);
    const { hosts, notes } = read(join(base, 'hosts'));
    expect(hosts).toEqual({ h1: { name: 'h1', unlisted: true } });
    expect(notes).toEqual([
      `${base}/host_vars/h1.yml is encrypted with ansible-vault: its variables are not known`,
      'h1: ansible_host is a Jinja template: what it is cannot be known, and was left out',
      'h1: ansible_user is encrypted with ansible-vault: what it is cannot be known, and was left out',
      'h1: allowed_principals is a Jinja template, and was left out',
    ]);
  });

  it.each([
    ['-J b@x,y', ['b@x', 'y']],
    ['-o ProxyJump=x', ['x']],
    ['-oProxyJump=ssh://b@x:22', ['b@x:22']],
    ['-o StrictHostKeyChecking=yes -o ProxyCommand=\\"ssh -W %h:%p -q -p 2222 b@x\\"', ['b@x:2222']],
    ['-o ProxyCommand=\\"ssh -l b x -W %h:%p\\"', ['b@x']],
    ["-J 'a,b@c:22'", ['a', 'b@c:22']],
    ['-oProxyCommand=none -o ProxyJump=x', ['x']],
    ['-o ProxyJump=x -o ProxyJump=y', ['x']],
    ['-o ControlMaster=auto', undefined],
    ['-o ProxyCommand=\\"nc %C\\"', undefined],
    ['-o', undefined],
  ])('reads the way there from %s', (args, jump) => {
    const { hosts, notes } = ini(`h ansible_ssh_common_args="${args}"\n`);
    expect(hosts['h']?.['jump']).toEqual(jump);
    expect(notes).toEqual(
      jump ? [] : ['h: ansible_ssh_common_args was left out: put what it asks for into ssh_config'],
    );
  });

  it.each([
    ['nc -x proxy %h %p'],
    [
      "sh -c 'aws ssm start-session --target %h --document-name AWS-StartSSHSession --parameters portNumber=%p'",
    ],
    ['ssh -i /k -W %h:%p b'],
  ])('keeps a program in place of the connection: %s', (command) => {
    const args = `-o StrictHostKeyChecking=yes -o ProxyCommand="${command}"`;
    const { hosts, notes } = read(
      join(
        files({ 'h.yml': JSON.stringify({ x: { hosts: { h: { ansible_ssh_common_args: args } } } }) }),
        'h.yml',
      ),
    );
    expect([hosts['h']?.['proxy_command'], hosts['h']?.['jump'], notes]).toEqual([command, undefined, []]);
  });

  it('names a jump host that cannot be held', () => {
    expect(ini('h ansible_ssh_common_args="-o ProxyCommand=\\"ssh -W %h:%p %C\\""\n').notes).toEqual([
      'h: ansible_ssh_common_args names a jump host this inventory cannot hold: "%C"',
    ]);
  });

  it('takes what comes first, as ssh does: ansible_ssh_args before the others', () => {
    const { hosts } = ini('h ansible_ssh_args="-J one" ansible_ssh_common_args="-J two"\n');
    expect(hosts['h']?.['jump']).toEqual(['one']);
  });

  it('asks hosts of the aws_ssm connection by Run Command', () => {
    const { hosts, notes } = ini(
      '[aws]\ni-0123456789abcdef0 ansible_user=nobody\n' +
        'app ansible_aws_ssm_instance_id=mi-0123456789abcdef1 ansible_host=10.0.0.1\n' +
        'named ansible_host=i-01234567 ansible_aws_ssm_region=us-east-1 ssh_scorecard_environment=qa\n' +
        'odd ansible_host=10.0.0.2\n' +
        '[aws:vars]\nansible_connection=community.aws.aws_ssm\nansible_aws_ssm_region=eu-central-1\n',
    );
    const rest = { transport: 'ssm', tags: ['aws'], unlisted: true, region: 'eu-central-1' };
    expect(hosts).toEqual({
      'i-0123456789abcdef0': { name: 'i-0123456789abcdef0', instance: 'i-0123456789abcdef0', ...rest },
      app: { name: 'app', instance: 'mi-0123456789abcdef1', ...rest },
      named: { name: 'named', instance: 'i-01234567', ...rest, region: 'us-east-1', environment: 'qa' },
      odd: { name: 'odd', address: '10.0.0.2', tags: ['aws'], unlisted: true },
    });
    expect(notes).toEqual([
      'odd: ansible_connection is aws_ssm, and "10.0.0.2" is no instance ID',
      'odd: ansible_connection is aws_ssm: it will be asked over SSH',
    ]);
  });

  it('reads a folder: its files by name, no programs, no backups', () => {
    const base = files({
      'a-hosts': '[x]\nh1\n',
      'b.yml': 'x: { hosts: { h2: {} } }\n',
      'c.bak': 'h3\n',
      script: '#!/bin/sh\nexit 1\n',
    });
    chmodSync(join(base, 'script'), 0o755);
    const { hosts, notes } = read(base);
    expect(Object.keys(hosts)).toEqual(['h1', 'h2']);
    expect(notes).toEqual([
      `${base}/script is a program: it was not run (pipe what ansible-inventory --list prints)`,
    ]);
  });

  it('is narrowed by name and by group', () => {
    const path = join(files({ hosts: INI }), 'hosts');
    expect(importAnsible(path, { host: ['web*'] }).hosts).toBe(3);
    expect(importAnsible(path, { tag: ['db'] }).hosts).toBe(2);
    expect(() => importAnsible(path, { host: ['nothing'] })).toThrow('matches no host');
  });

  it.each([
    ['[web\n', 'hosts:1: a section is [name]'],
    ['[web:wars]\n', 'hosts:1: [web:wars]: expected :children or :vars'],
    ['a\nb c\n', 'hosts:2: expected key=value behind the host name, got "c"'],
    ['a x="y\n', 'hosts:1: a quote is not closed'],
    ['a[1:]\n', 'hosts:1: "a[1:]": a range is [begin:end]'],
    ['a[1:999999999]\n', 'hosts:1: "a[1:999999999]": more than 100000 hosts'],
    ['# nothing\n', 'names no host'],
  ])('that is wrong is refused at its line: %j', (text, message) => {
    const path = join(files({ hosts: text }), 'hosts');
    try {
      importAnsible(path, {});
      expect.unreachable();
    } catch (error) {
      const { at, message: said } = error as UserError;
      expect(`${at ? `hosts:${at.line}: ` : ''}${said}`).toContain(message);
    }
  });

  it('that is a plug-in configuration, encrypted or not there is refused with what to do', () => {
    const bad = (text: string) => () => importAnsible(join(files({ 'i.yml': text }), 'i.yml'), {});
    expect(bad('plugin: amazon.aws.aws_ec2\n')).toThrow('pipe what ansible-inventory --list prints');
    expect(bad('$ANSIBLE_VAULT;1.1;AES256\n61\n')).toThrow('is encrypted with ansible-vault');
    expect(() => importAnsible('/no/such/inventory', {})).toThrow('there is no /no/such/inventory');
  });
});

describe('host ranges and values', () => {
  it.each([
    ['web[01:03]', { names: ['web01', 'web02', 'web03'] }],
    ['db[1:10:4]-[a:b]:22', { names: ['db1-a', 'db1-b', 'db5-a', 'db5-b', 'db9-a', 'db9-b'], port: 22 }],
    ['[2001:db8::1]:2222', { names: ['2001:db8::1'], port: 2222 }],
    ['2001:db8::1', { names: ['2001:db8::1'] }],
    ['plain', { names: ['plain'] }],
  ])('%s', (pattern, expected) => {
    expect(expandPattern(pattern)).toEqual(expected);
  });

  it.each([
    ['22', 22],
    ['022', '022'],
    ['True', true],
    ['yes', 'yes'],
    ['[\'a\', "b"]', ['a', 'b']],
    ["{'adm': ['adm-full'],}", { adm: ['adm-full'] }],
    ['[1, 2', '[1, 2'],
    ['None', null],
    [' plain text ', 'plain text'],
  ])('%j', (text, value) => {
    expect(parseLiteral(text)).toEqual(value);
  });

  it('never hang, and fail only with a UserError', () => {
    const bits = fc.constantFrom(
      '[',
      ']',
      ':',
      'a',
      '1',
      '0',
      '=',
      '"',
      "'",
      '\\',
      ' ',
      '#',
      '\n',
      '[x]',
      '[x:vars]',
      '[x:children]',
      '{',
      '}',
      ',',
      '- ',
      'all:',
      ' hosts:',
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 40 }), fc.constantFrom('hosts', 'hosts.yml'), (parts, name) => {
        parseLiteral(parts.join(''));
        expandPattern(parts.join(''));
        const path = join(files({ [name]: parts.join('') }), name);
        try {
          importAnsible(path, {});
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
        }
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

const need = needs.program('ansible-inventory', 'ansible-core');
describe.skipIf(need)(title('what ansible-inventory --list understands', need), () => {
  const cases: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ['INI', 'hosts', { hosts: INI }],
    ['YAML', 'hosts.yml', { 'hosts.yml': YAML }],
    [
      'a port at the second mention',
      'hosts',
      { hosts: '[a]\nh1\nh2:22\n[b]\nh1:2222\nh2:23 ansible_user=x\n' },
    ],
    [
      'priorities, depth and several groups',
      'hosts',
      {
        hosts:
          '[a]\nh1\nh2\n[b]\nh1\n[c:children]\nb\n[d:children]\na\nc\n[a:vars]\nansible_user=a\nansible_group_priority=5\n[b:vars]\nansible_user=b\n' +
          '[c:vars]\nansible_port=3\n[d:vars]\nansible_port=4\nansible_user=d\n',
        'group_vars/c.yml': 'ansible_port: 33\n',
        'group_vars/d': 'ansible_user: files\n',
      },
    ],
    [
      'a folder',
      '.',
      {
        'one.yml': 'x: { hosts: { h1: { ansible_port: 1 } } }\n',
        two: '[x]\nh1 ansible_port=2\nh[2:4]\n',
        'group_vars/x/a.yml': 'ansible_user: x\n',
      },
    ],
  ];
  it.each(cases)(
    '%s',
    (_, name, tree) => {
      const base = files(tree);
      const list = execFileSync('ansible-inventory', ['-i', join(base, name), '--list'], {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8' },
      });
      writeFileSync(join(folder, 'list.json'), list);
      expect(read(join(base, name)).hosts).toEqual(read(join(folder, 'list.json')).hosts);
    },
    60_000,
  );
});
