/** `inventory import` and `collector` on the command line, standard input included. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';
import { builtCli } from '../helpers/built-cli.js';
import type { FleetReport } from '../../src/model.js';
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

  it('reads standard input for -', async () => {
    const cli = await builtCli();
    const input = JSON.stringify({
      _meta: { hostvars: { a: { ansible_user: 'ops' } } },
      all: { children: ['x'] },
      x: { hosts: ['a'] },
    });
    const out = execFileSync(process.execPath, [cli, 'inventory', 'import', 'ansible', '-', '-q'], {
      input,
      encoding: 'utf8',
    });
    expect(loadInventory({ path: 'x', text: out }).hosts).toMatchObject([
      { name: 'a', user: 'ops', tags: ['x'] },
    ]);
  });

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

describe('whose a saved result is', () => {
  it('is one host’s: by name before address, and by an address that is nobody else’s', async () => {
    const cwd = join(folder, 'whose');
    mkdirSync(cwd, { recursive: true });
    const entry = (name: string, address: string) =>
      `  - { name: ${name}, address: ${address}, unlisted: true }\n`;
    writeFileSync(
      join(cwd, 'i.yaml'),
      `hosts:\n${entry('a', '10.0.0.1')}${entry('b', 'a')}${entry('c', '10.0.0.3')}${entry('d', '10.0.0.4')}${entry('e', '10.0.0.4')}`,
    );
    writeFileSync(
      join(cwd, 'log'),
      ['A', '10.0.0.3', '10.0.0.4'].map((name) => `${name} | UNREACHABLE!: Connection refused\n`).join(''),
    );
    const { out, err } = await runMain(
      ['audit', '--from-ansible', 'log', '--inventory', 'i.yaml', '-f', 'json'],
      { cwd },
    );
    const { hosts } = JSON.parse(out) as FleetReport;
    expect(hosts.map(({ name, failure }) => [name, failure?.code])).toEqual([
      ['a', 'connect-refused'],
      ['b', 'no-frames'],
      ['c', 'connect-refused'],
      ['d', 'no-frames'],
      ['e', 'no-frames'],
    ]);
    expect(err).toContain('left out: 10.0.0.4');
  });
});

describe('paths on the command line', () => {
  it('are relative to the folder it is started in, whichever command takes them', async () => {
    const cwd = join(folder, 'elsewhere');
    mkdirSync(join(cwd, 'below'), { recursive: true });
    writeFileSync(join(cwd, 'below', 'i.yaml'), 'hosts: [{ name: a, unlisted: true }]\npolicy: p.yaml\n');
    writeFileSync(join(cwd, 'below', 'p.yaml'), 'wrappers: [/opt/named-beside-it]\n');
    writeFileSync(join(cwd, 'below', 'hosts'), 'web1\n');
    writeFileSync(join(cwd, 'log'), 'a | UNREACHABLE!: timed out\n');
    const path = 'below/i.yaml';
    expect((await runMain(['validate', path], { cwd })).out).toContain('below/i.yaml: valid: 1 hosts');
    expect((await runMain(['collector', path], { cwd })).out).toContain("WRAPPERS='/opt/named-beside-it'");
    expect((await runMain(['run', path, '--dry-run'], { cwd })).code).toBe(0);
    expect((await runMain(['doctor', path], { cwd })).out).toContain('below/i.yaml: 1 hosts');
    expect((await runMain(['audit', '--from-ansible', 'log', '--inventory', path], { cwd })).code).toBe(3);
    expect((await runMain(['inventory', 'import', 'ansible', 'below/hosts'], { cwd })).out).toContain('web1');
    const missing = await runMain(['validate', 'i.yaml'], { cwd });
    expect([missing.code, missing.err]).toEqual([
      2,
      expect.stringContaining('the inventory i.yaml does not exist'),
    ]);
  });
});
