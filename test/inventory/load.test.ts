import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/errors.js';
import { loadInventory, type Inventory } from '../../src/inventory/load.js';
import { InventoryErrors } from '../../src/inventory/problem.js';
import { defaultPolicy } from '../../src/policy.js';

const FIXTURES = 'test/fixtures/inventory';

const load = (text: string): Inventory => loadInventory({ path: 'inventory.yaml', text });

/** The error a load ends with; a load that succeeds fails the test. */
function refusal(from: Parameters<typeof loadInventory>[0]): UserError {
  try {
    loadInventory(from);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('the inventory was loaded');
}

const mistakes = (text: string): string => refusal({ path: 'i.yaml', text }).message;

describe('the directive snippet', () => {
  const path = `${FIXTURES}/directive-4.1.yaml`;
  it('loads unchanged, with every default', () => {
    const inventory = loadInventory(path);
    const bytes = readFileSync(path);
    expect(inventory).toMatchObject({
      path,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      text: bytes.toString('utf8'),
      policy: defaultPolicy(),
      ca: { trustedUserCaKeys: '/etc/ssh/ca/ca_user.pub', fingerprints: [] },
      bastions: [],
      sources: {},
      plugins: [],
    });
    expect(inventory.hosts).toStrictEqual([
      {
        name: 'prod-db-01',
        address: 'prod-db-01',
        hostKeys: [],
        transport: 'ssh',
        become: 'sudo',
        tags: [],
        jump: [],
        allowedPrincipals: {
          adm: ['adm-full'],
          agt: ['agt-incident-resolver-v2'],
          atm: ['atm-backup-daily', 'atm-logrotate'],
        },
        at: { file: path, line: 2, column: 5 },
      },
    ]);
  });
});

describe('defaults', () => {
  it('hold for what a host does not say, and are replaced whole', () => {
    const { hosts } = load(`
defaults: { user: auditor, port: 2222, become: none, environment: prod, tags: [a, b], allowed_principals: { adm: [adm-x], atm: [atm-x] } }
hosts:
  - name: b
  - { name: a, user: root, port: 22, become: sudo, environment: test, tags: [c], allowed_principals: { adm: [adm-y] } }`);
    expect(hosts.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(hosts[0]).toMatchObject({
      user: 'root',
      port: 22,
      become: 'sudo',
      environment: 'test',
      tags: ['c'],
    });
    expect(hosts[0]?.allowedPrincipals).toEqual({ adm: ['adm-y'], agt: [], atm: [] });
    expect(hosts[1]).toMatchObject({
      user: 'auditor',
      port: 2222,
      become: 'none',
      environment: 'prod',
      tags: ['a', 'b'],
    });
    expect(hosts[1]?.allowedPrincipals).toEqual({ adm: ['adm-x'], agt: [], atm: ['atm-x'] });
  });

  it('leave the modes apart: union, accounts, exact map', () => {
    const { hosts } = load(`
accounts: { adm: [ops], atm: [auto] }
hosts:
  - { name: a, allowed_principals: { adm: [adm-x] } }
  - { name: b, accounts: { adm: [root2] } }
  - { name: c, principals: { ops: [adm-y, adm-x], auto: [atm-z] } }`);
    expect(hosts[0]?.accounts).toEqual({ adm: ['ops'], agt: [], atm: ['auto'] });
    expect(hosts[0]).not.toHaveProperty('principals');
    expect(hosts[1]?.accounts).toEqual({ adm: ['root2'], agt: [], atm: [] });
    expect(hosts[2]?.allowedPrincipals).toEqual({ adm: ['adm-x', 'adm-y'], agt: [], atm: ['atm-z'] });
    expect(hosts[2]?.principals?.['constructor']).toBeUndefined();
    expect(load('hosts: [{ name: a }]').hosts[0]).not.toHaveProperty('accounts');
  });

  it('send a default jump host not through itself', () => {
    const { hosts, bastions } = load(`
defaults: { jump: [outer, Inner] }
bastions: [{ name: outer, user: jump }]
hosts: [{ name: inner }, { name: a }, { name: b, jump: [] }, { name: c, jump: ops@x:22 }]`);
    expect(hosts.map(({ jump }) => jump)).toEqual([['outer', 'inner'], [], ['ops@x:22'], ['outer']]);
    expect(bastions).toMatchObject([
      { name: 'outer', address: 'outer', user: 'jump', jump: [], become: 'none' },
    ]);
  });

  it('resolve files beside the inventory, and leave ~ to who opens them', () => {
    const text = 'hosts: [{ name: a, identity_file: keys/a, certificate_file: ~/a-cert.pub }]';
    expect(loadInventory({ path: 'ops/inventory.yaml', text }).hosts[0]).toMatchObject({
      identityFile: 'ops/keys/a',
      certificateFile: '~/a-cert.pub',
    });
  });
});

describe('the policy section', () => {
  it('replaces defaults one by one', () => {
    const { policy } = load(`
hosts: [{ name: a }]
policy:
  lifetimes: { adm: { fail: 12h }, atm: { warn: 1h30m }, tolerance: 0s, sample: 5 }
  emergency_keys: [{ fingerprint: SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM, expires: "2027-01-01T02:00:00+02:00" }]
  krl: required
  principals_file: /etc/ssh/p/%u
  password_as_second_factor: true
  login_window_days: 7
  wrappers: []
  requirements: { sso: true }`);
    expect(policy).toEqual({
      ...defaultPolicy(),
      lifetimes: {
        limits: {
          adm: { fail: 43_200, warn: 43_200 },
          agt: { fail: 86_400, warn: 86_400 },
          atm: { fail: 86_400, warn: 5400 },
        },
        tolerance: 0,
        sample: 5,
      },
      emergencyKeys: [
        {
          fingerprint: 'SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM',
          hosts: [],
          accounts: [],
          expires: '2027-01-01T00:00:00.000Z',
        },
      ],
      krl: 'required',
      authorizedPrincipalsFile: '/etc/ssh/p/%u',
      passwordAsSecondFactor: true,
      loginWindowDays: 7,
      wrappers: [],
      requirements: { ...defaultPolicy().requirements, sso: true },
    });
  });
});

describe('mistakes', () => {
  it('are told all at once, in file order, each with its place', async () => {
    const error = refusal(`${FIXTURES}/many-mistakes.yaml`);
    expect(error).toBeInstanceOf(InventoryErrors);
    const problems = error instanceof InventoryErrors ? error.problems : [];
    await expect(
      `${problems.map(({ at, message, hint }) => `${at.line}:${at.column} ${message}${hint === undefined ? '' : ` | ${hint}`}`).join('\n')}\n`,
    ).toMatchFileSnapshot('../fixtures/inventory/many-mistakes.txt');
  });

  it('are listed up to twenty and counted', () => {
    const text = `hosts:\n${Array.from({ length: 30 }, (_, index) => `  - { name: h${index}, port: 0 }`).join('\n')}`;
    const lines = mistakes(text).split('\n');
    expect(lines).toHaveLength(22);
    expect(lines[0]).toBe('the inventory i.yaml has 30 problems:');
    expect(lines[1]).toBe(
      '  i.yaml:2:23: host h0: port: "0" is out of bounds: expected a whole number from 1 to 65535',
    );
    expect(lines[21]).toBe('  and 10 more');
  });

  it.each([
    [
      'an unknown key',
      'hosts: [{ name: a, prot: 22 }]',
      /i\.yaml:1:20: host a: unknown key "prot" \(did you mean port\?\)/,
    ],
    ['a key of another tool', 'hosts: [{ name: a, ansible_host: b }]', /did you mean address\?/],
    [
      'an unknown key without a near one',
      'zzz: 1\nhosts: [{ name: a }]',
      /unknown key "zzz" \(known here: defaults, ca,/,
    ],
    ['no hosts', 'ca: {}', /hosts: is missing: expected a list/],
    ['an empty list of hosts', 'hosts: []', /proves nothing: add a host/],
    ['a list at the top', '- name: a', /is a list: expected a mapping/],
    [
      'an empty value',
      'hosts: [{ name: a, tags: }]',
      /tags: is empty: expected a list \(give a value or remove the key\)/,
    ],
    ['a missing name', 'hosts: [{ address: a }]', /host number 1: name: is missing: expected text/],
    [
      'a missing owner and approver',
      'hosts: [{ name: a }]\npolicy: { waivers: [{ check: principals, hosts: [a], reason: r, expires: 2027-01-01T00:00:00Z }] }',
      /owner: is missing[^]*approver: is missing/,
    ],
    ['a port as text', 'hosts: [{ name: a, port: "22" }]', /port: is "22": expected a whole number/],
    ['a float', 'hosts: [{ name: a, port: 22.5 }]', /out of bounds: expected a whole number/],
    [
      'an account that is none',
      'hosts: [{ name: a, principals: { "a b": [x] } }]',
      /i\.yaml:1:34: host a: principals\.a b: "a b" is not an account name/,
    ],
    [
      'yes for true',
      'hosts: [{ name: a }]\npolicy: { requirements: { sso: yes } }',
      /sso: is "yes": expected true or false \(write true or false/,
    ],
  ])('%s', (_, text, expected) => {
    expect(mistakes(text)).toMatch(expected);
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'inventory-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const write = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };

  it('that are missing or no files', () => {
    expect(refusal(join(folder, 'missing.yaml')).message).toMatch(/does not exist/);
    expect(refusal(folder)).toMatchObject({
      code: 'inventory-unreadable',
      message: `the inventory ${folder} is a directory`,
    });
    expect(refusal(join(write('file', ''), 'below')).message).toMatch(
      /below something that is not a directory/,
    );
  });

  it('that may not be read', () => {
    const path = write('denied.yaml', 'hosts: [{ name: a }]');
    chmodSync(path, 0);
    // Root may read everything: be nobody meanwhile.
    const root = process.geteuid?.() === 0;
    if (root) process.seteuid?.('nobody');
    try {
      expect(refusal(path).message).toMatch(/may not be read/);
    } finally {
      if (root) process.seteuid?.(0);
    }
  });

  it('that are too large, without reading them whole', () => {
    expect(refusal('/dev/zero')).toMatchObject({ code: 'inventory-too-large' });
    expect(refusal({ path: 'x', text: '#'.repeat(32 * 1024 * 1024 + 1) })).toMatchObject({
      code: 'inventory-too-large',
    });
  });

  it('that are empty', () => {
    for (const text of ['', '\n\n', '# only a comment\n', '---\n', '~']) {
      expect(refusal({ path: 'x', text })).toMatchObject({ code: 'inventory-empty' });
    }
  });

  it('with a byte order mark, whose columns do not count it', () => {
    const path = write('bom.yaml', '\uFEFFhosts: [{ name: a }]\n');
    const inventory = loadInventory(path);
    expect(inventory.hosts[0]?.at).toEqual({ file: path, line: 1, column: 9 });
    expect(createHash('sha256').update(inventory.text).digest('hex')).toBe(inventory.sha256);
    expect(inventory.sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  });

  it('with Windows line ends', () => {
    const inventory = loadInventory(
      write('crlf.yaml', 'hosts:\r\n  - name: a\r\n    tags: [x]\r\n  - name: b\r\n'),
    );
    expect(inventory.hosts.map(({ at, tags }) => [at.line, at.column, tags])).toEqual([
      [2, 5, ['x']],
      [4, 5, []],
    ]);
  });

  it('that are not UTF-8', () => {
    const latin1 = Buffer.from('hosts:\n  - name: a\n    tags: [b\u00fcro]\n', 'latin1');
    expect(refusal(write('latin1.yaml', latin1))).toMatchObject({
      code: 'inventory-encoding',
      at: { line: 3 },
    });
    expect(refusal(write('utf16.yaml', Buffer.from('\uFEFFhosts: []', 'utf16le'))).hint).toMatch(/UTF-16/);
  });

  it('that are JSON', () => {
    const text = JSON.stringify({ hosts: [{ name: 'a', port: 22, tags: ['x'] }] }, null, '\t');
    expect(loadInventory(write('i.json', text)).hosts[0]).toMatchObject({
      name: 'a',
      port: 22,
      tags: ['x'],
      at: { line: 3, column: 3 },
    });
  });
});

it('loads ten thousand hosts, each at its line', () => {
  const entry = (index: number): string =>
    `  - name: web-${String(index).padStart(5, '0')}\n    address: 10.${index >> 8}.${index & 255}.1\n    tags: [web, eu]\n    allowed_principals:\n      adm: [adm-full]\n      atm: [atm-backup-daily, atm-logrotate]\n`;
  const text = `hosts:\n${Array.from({ length: 10_000 }, (_, index) => entry(index)).join('')}`;
  const { hosts } = load(text);
  expect(hosts).toHaveLength(10_000);
  expect(hosts.every(({ at }, index) => at.line === 2 + 6 * index)).toBe(true);
});
