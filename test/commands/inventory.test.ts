/** `inventory import` and `collector` on the command line, standard input included. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';
import { runMain } from '../helpers/io.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const folder = temporaryDirectory('import');
const hosts = join(folder, 'hosts');
writeFileSync(hosts, '[web]\nweb[1:2] ansible_host="{{ x }}" ansible_port=2222\n');
afterAll(() => removeDirectory(folder));

describe('inventory import', () => {
  it('prints an inventory, and says on standard error what was left out', async () => {
    const { code, out, err } = await runMain(['inventory', 'import', 'ansible', hosts]);
    expect(code).toBe(0);
    expect(
      loadInventory({ path: 'x', text: out }).hosts.map(({ name, port, unlisted }) => [name, port, unlisted]),
    ).toEqual([
      ['web1', 2222, true],
      ['web2', 2222, true],
    ]);
    expect(err).toContain('note: web1: ansible_host is a Jinja template');
    expect(out).toContain('# Left out: web1: ansible_host is a Jinja template');
    expect(err).toContain('imported: 2 hosts, 2 notes\n');
  });

  it('reads standard input for -', () => {
    const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));
    const cli = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
    const input = JSON.stringify({
      _meta: { hostvars: { a: { ansible_user: 'ops' } } },
      all: { children: ['x'] },
      x: { hosts: ['a'] },
    });
    const out = execFileSync(tsx, [cli, 'inventory', 'import', 'ansible', '-', '-q'], {
      input,
      encoding: 'utf8',
    });
    expect(loadInventory({ path: 'x', text: out }).hosts).toMatchObject([
      { name: 'a', user: 'ops', tags: ['x'] },
    ]);
  }, 60_000);

  it.each([
    [['inventory', 'import', 'puppet', 'x'], 'expected inventory import '],
    [['inventory', 'export', 'ansible', 'x'], 'expected inventory import '],
    [['inventory', 'import', 'constructor', 'x'], 'expected inventory import '],
    [['inventory', 'import', 'ansible'], 'an argument is missing'],
    [['inventory', 'import', 'ansible', '/no/such'], 'there is no /no/such'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await runMain(argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('collector', () => {
  it('is made with the wrappers and the window of the policy', async () => {
    const inventory = join(folder, 'inventory.yaml');
    const policy = 'policy: { wrappers: [/opt/a-wrapper], login_window_days: 9 }';
    writeFileSync(inventory, `hosts: [{ name: a }]\n${policy}\n`);
    const { code, out } = await runMain(['collector', inventory]);
    expect(code).toBe(0);
    expect(out).toMatch(/^#!\/bin\/sh\n/);
    expect(out).toContain("WRAPPERS='/opt/a-wrapper'\nLOGIN_DAYS=9\n");
  });

  it('as a forced command is the same for every inventory', async () => {
    expect((await runMain(['collector', '--forced-command'])).out).toMatch(/^#!\/bin\/sh\n/);
    const { code, err } = await runMain(['collector', '--forced-command', join(folder, 'inventory.yaml')]);
    expect([code, err]).toEqual([2, expect.stringContaining('the same for every inventory')]);
  });
});

describe('audit --from-ansible', () => {
  it.each([
    [['audit'], 'an argument is missing: the run folder'],
    [['audit', '--from-ansible', folder], '--from-ansible needs --inventory FILE'],
    [['audit', 'runs/x', '--from-ansible', folder], '--from-ansible takes the place of a run folder'],
    [['audit', 'runs/x', '--inventory', 'x'], '--inventory and --evidence belong to --from-ansible'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await runMain(argv);
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });

  it('warns of results that are old, and of those of hosts nobody named', async () => {
    const inventory = join(folder, 'one.yaml');
    writeFileSync(inventory, 'hosts: [{ name: a, unlisted: true }]\n');
    const log = join(folder, 'log');
    writeFileSync(log, 'a | UNREACHABLE!: timed out\nstranger | UNREACHABLE!: timed out\n');
    const { code, err } = await runMain([
      'audit',
      '--from-ansible',
      log,
      '--inventory',
      inventory,
      '--now',
      '2099-01-01T00:00:00Z',
    ]);
    expect(code).toBe(3);
    expect(err).toContain('warning: the evidence is old');
    expect(err).toContain('left out: stranger\n');
  });
});
