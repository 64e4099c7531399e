/** Hostile text in a playbook and in a script: it stays text. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { ansibleInventory } from '../../src/remedy/ansible-inventory.js';
import { ansiblePlaybook } from '../../src/remedy/ansible.js';
import { shellCommands } from '../../src/remedy/commands.js';
import { groupsOf } from '../../src/remedy/groups.js';
import { shellQuote } from '../../src/remedy/shell-quote.js';
import type { Edit, HostPlan, RemedyPlan } from '../../src/remedy/types.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const folder = temporaryDirectory('remedy-text');
afterAll(() => removeDirectory(folder));

const HOSTILE = `adm-x' "; touch ${folder}/owned; {{ lookup('pipe', 'touch ${folder}/owned') }} {% raw %} $(touch ${folder}/owned) \`id\` # \\`;

function planOf(edits: readonly Edit[], manual: HostPlan['manual'] = [], host = 'web-01'): RemedyPlan {
  const plan: HostPlan = {
    host,
    reach: { address: '127.0.0.1', become: true, jump: [] },
    automatic: { causes: ['principals'], edits, guard: { keysOf: [], passwords: false, root: false } },
    manual,
  };
  return { run: 'r1', now: '2026-11-21T02:00:00.000Z', hosts: [plan], groups: groupsOf([plan]) };
}

describe('hosts that need the same', () => {
  test('are one group, named after the causes', () => {
    const hosts = ['b', 'a'].flatMap((name) => planOf([], [], name).hosts);
    expect(groupsOf(hosts)).toMatchObject([{ name: 'scorecard_principals', hosts: ['b', 'a'] }]);
  });
});

const noAnsible = needs.program('ansible-playbook', 'ansible-core');
describe.skipIf(noAnsible)(title('ansible-playbook', noAnsible), () => {
  test('takes hostile lines, steps and keys as they are, and runs none of it', () => {
    const path = join(folder, 'ops');
    writeFileSync(path, `good\n${HOSTILE}\n`);
    const plan = planOf(
      [{ kind: 'lines', path, absent: [HOSTILE], present: ['{{ 7 * 7 }}'] }],
      [{ check: 'ca-security', subject: 's', text: HOSTILE }],
    );
    // Here and now instead of over SSH, and without root.
    const playbook = ansiblePlaybook(plan).replaceAll('become: true', 'become: false');
    writeFileSync(join(folder, 'book.yml'), playbook);
    writeFileSync(join(folder, 'inventory.yml'), 'all: {hosts: {web-01: {ansible_connection: local}}}\n');
    const env = {
      ...process.env,
      HOME: folder,
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
    };
    const args = ['-i', 'inventory.yml', 'book.yml'];
    const { stdout } = spawnSync('ansible-playbook', args, { cwd: folder, env, encoding: 'utf8' });
    expect(readFileSync(path, 'utf8')).toBe('good\n{{ 7 * 7 }}\n');
    expect(stdout).toContain('lookup(');
    expect(() => readFileSync(join(folder, 'owned'))).toThrow('ENOENT');
  });

  test.each<readonly [string, Edit]>([
    ['folder', { kind: 'folder', path: '/etc/ssh/x' }],
    ['content', { kind: 'content', path: '/etc/ssh/x', content: 'a\n' }],
    ['key', { kind: 'key', path: '/etc/ssh/x', type: 'ssh-ed25519', base64: 'AAAA+/=' }],
    ['owner', { kind: 'owner', path: '/etc/ssh/x', mode: 'go-w' }],
    ['disable', { kind: 'disable', path: '/etc/ssh/x', line: '  PermitRootLogin yes' }],
    ['top', { kind: 'top', path: '/etc/ssh/x', line: 'PermitRootLogin no' }],
  ])('finds no fault in the syntax of a playbook with %s', (name, edit) => {
    const path = join(folder, `${name}.yml`);
    writeFileSync(path, ansiblePlaybook(planOf([edit])));
    const env = { ...process.env, HOME: folder };
    expect(() =>
      execFileSync('ansible-playbook', ['-i', 'web-01,', '--syntax-check', path], { env, stdio: 'pipe' }),
    ).not.toThrow();
  });
});

test('every host text of a playbook is tagged, so that Jinja finds nothing in it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
      const line = `${text}{{x}}`;
      const plan = planOf([{ kind: 'lines', path: '/etc/ssh/x', absent: [line], present: [] }]);
      const tags: unknown[] = [];
      const inert = { tag: '!unsafe', resolve: (value: string) => (tags.push(value), value) };
      const document = parseDocument(ansiblePlaybook(plan), { customTags: [inert] });
      expect(document.errors).toEqual([]);
      expect(tags).toContain(line);
    }),
    { seed: 11, numRuns: 200 },
  );
});

test('a quoted word reaches a real shell unchanged', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 1, maxLength: 20 }),
      (texts) => {
        const words = texts
          .map((text) => text.replaceAll(/[\0\uD800-\uDFFF]/g, ''))
          .filter((word) => word !== '');
        const script = words.map((word) => `printf '%s\\0' ${shellQuote(word)}\n`).join('');
        expect(execFileSync('sh', { input: script }).toString()).toBe(
          words.map((word) => `${word}\0`).join(''),
        );
      },
    ),
    { seed: 12, numRuns: 40 },
  );
});

test('the commands take hostile lines as they are', () => {
  const path = join(folder, 'principals');
  writeFileSync(path, `good\n${HOSTILE}\nno end`);
  const manual = [{ check: 'x', subject: 's', text: `a\ntouch ${folder}/owned` }];
  const script = shellCommands(
    planOf([{ kind: 'lines', path, absent: [HOSTILE], present: ["o'brien"] }], manual),
  );
  const asAnybody = script.replace('[ "$(id -u)" -eq 0 ]', 'true');
  const said = execFileSync('sh', ['-s', 'web-01'], { input: asAnybody, encoding: 'utf8' });
  expect(said).toContain(`changed: ${path}`);
  expect(readFileSync(path, 'utf8')).toBe("good\nno end\no'brien\n");
  expect(() => readFileSync(join(folder, 'owned'))).toThrow('ENOENT');
});

test('the commands do nothing for a host they do not name', () => {
  const script = shellCommands(planOf([])).replace('[ "$(id -u)" -eq 0 ]', 'true');
  const { status, stderr } = spawnSync('sh', ['-s', 'other'], { input: script, encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('nothing is planned for "other"')]);
});

test('the inventory tells Ansible how to reach a host, bastions included', () => {
  const plan = planOf([]);
  const host = {
    ...plan.hosts[0],
    reach: {
      address: '10.0.0.1',
      port: 2222,
      user: 'audit',
      become: true,
      jump: ['ops@b:22'],
      certificateFile: '/k/a b',
    },
  } as HostPlan;
  expect(parseDocument(ansibleInventory({ ...plan, hosts: [host] })).toJS()).toMatchObject({
    all: {
      hosts: {
        'web-01': {
          ansible_host: '10.0.0.1',
          ansible_port: 2222,
          ansible_user: 'audit',
          ansible_ssh_common_args: "-o 'CertificateFile=/k/a b' -o IdentitiesOnly=yes -J ops@b:22",
        },
      },
      children: { scorecard_principals: { hosts: { 'web-01': null } } },
    },
  });
});
