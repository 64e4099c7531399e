import { GUIDANCE } from '../checks/guidance/index.js';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../src/commands/table.js';
import { runMain } from './helpers/io.js';

const SNIPPET = `hosts:
  - name: prod-db-01
    allowed_principals:
      adm: [adm-full]
      agt: [agt-incident-resolver-v2]
      atm: [atm-backup-daily, atm-logrotate]
`;
let folder = '';
let inventory = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'main-'));
  inventory = join(folder, 'inventory.yaml');
  writeFileSync(inventory, SNIPPET);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('help', () => {
  test.each([
    [[]],
    [['--help']],
    [['help']],
    ...COMMANDS.map(({ name }) => [[name, '--help']]),
    ...COMMANDS.map(({ name }) => [['help', name]]),
  ])('%j fits 80 columns and begins with examples', async (argv) => {
    const { code, out, err } = await runMain(argv);
    const text = out + err;
    expect(code).toBe(argv.length === 0 ? 2 : 0);
    expect(text.startsWith('Examples\n')).toBe(true);
    expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('says the version three ways', async () => {
    const version = (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version;
    for (const flag of ['--version', '-V'])
      expect((await runMain([flag])).out).toBe(`ssh-scorecard ${version}\n`);
  });
});

describe('bad usage is one clear line, a hint, and exit 2', () => {
  test.each([
    [['rum'], 'unknown command "rum"', 'did you mean "run"?'],
    [['run'], 'an argument is missing', 'run --help'],
    [['run', 'x.yaml', '--concurency', '3'], 'Unknown argument: concurency', 'did you mean "concurrency"?'],
    [['run', 'INVENTORY', '--concurrency', 'abc'], 'expected a whole number from 1 to 2000, got "abc"', ''],
    [['run', 'INVENTORY', '-c', '3', '-c', '4'], 'expected one value, not several', ''],
    [['run', 'INVENTORY', '-f', 'jsn'], 'there is no format "jsn"', 'did you mean "json"?'],
    [['run', 'INVENTORY', '-o', 'json'], 'expected KIND=PATH', ''],
    [['run', 'INVENTORY', '-o', 'json=-', '-o', 'junit=-'], 'standard output can take one report', ''],
    [['run', 'INVENTORY', '-o', 'json=inventory.yaml/results.json'], 'inventory.yaml/results.json', ''],
    [
      ['run', 'INVENTORY', '--check', 'root-logn'],
      'there is no check "root-logn"',
      'did you mean "root-login"?',
    ],
    [['run', 'INVENTORY', '--check', '5', '--skip-check', 'password-auth'], 'no check is left', ''],
    [['run', 'INVENTORY', '--host', 'web*'], '--host "web*" matches no host', ''],
    [['run', 'INVENTORY', '--now', 'yesterday'], 'expected an ISO 8601 instant with a zone', ''],
    [['run', 'INVENTORY', '--plugin', './nothing.js'], 'cannot load the plug-in ./nothing.js', ''],
    [['run', 'missing.yaml'], 'missing.yaml does not exist', ''],
    [['checks', 'explain', 'nothing'], 'there is no check "nothing"', ''],
    [['schema', 'nothing'], 'expected inventory or policy or results', ''],
    [['audit', 'no-such-run'], 'is not a run folder', ''],
  ])('%j', async (argv, message, hint) => {
    const { code, out, err } = await runMain(
      argv.map((word) => (word === 'INVENTORY' ? inventory : word)),
      { cwd: folder },
    );
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(message);
    expect(err).toContain(hint);
    expect(err.startsWith('ssh-scorecard: ')).toBe(true);
    expect(err).not.toContain('    at ');
  });

  test('an inventory mistake names file, line and column', async () => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, 'hosts:\n  - name: a\n    adress: 10.0.0.1\n');
    const { code, err } = await runMain(['validate', path]);
    expect(code).toBe(2);
    expect(err).toMatch(/bad\.yaml:3:5: .*adress.*did you mean address/);
  });
});

describe('commands that connect to nothing', () => {
  test("validate takes the directive's own snippet unchanged", async () => {
    const { code, out } = await runMain(['validate', inventory]);
    expect([code, out]).toEqual([0, `${inventory}: valid: 1 hosts, 4 principals\n`]);
  });

  test('init writes an inventory that validates, and never overwrites', async () => {
    expect((await runMain(['init', 'new.yaml'], { cwd: folder })).code).toBe(0);
    expect((await runMain(['validate', join(folder, 'new.yaml')])).code).toBe(0);
    const again = await runMain(['init', 'new.yaml'], { cwd: folder });
    expect(again.code).toBe(2);
    expect(again.err).toContain('left alone');
  });

  test('dry run shows host, user, route and the exact script', async () => {
    const { code, out, err } = await runMain(
      ['run', inventory, '--dry-run', '-F', 'none', '-l', 'auditor', '-J', 'bastion:2222'],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(out).toContain('prod-db-01: ssh auditor@prod-db-01:22 via');
    expect(out).toContain('bastion:2222');
    expect(out).toContain('sudo -n -- /bin/sh -s');
    expect(out).toContain('probe_authorized_keys');
    expect(err).toContain('no connection was opened');
  });

  test('checks list names the ten, then the guidance; explain wraps; json is one document', async () => {
    const list = (await runMain(['checks', 'list'])).out;
    const [ten = '', beyond = ''] = list.split('\nGuidance (not scored)\n');
    expect([...beyond.matchAll(/^ -  (\S+)/gm)].map(([, id]) => id)).toEqual(
      GUIDANCE.map(({ meta }) => meta.id),
    );
    expect(
      ten
        .trim()
        .split('\n')
        .map((line) => line.trim().split(/\s+/).slice(0, 2)),
    ).toEqual([
      ['1', 'ca-trust'],
      ['2', 'no-static-keys'],
      ['3', 'principals'],
      ['4', 'certificate-lifetime'],
      ['5', 'password-auth'],
      ['6', 'root-login'],
      ['7', 'actor-wrapper'],
      ['8', 'audit-logging'],
      ['9', 'ca-security'],
      ['10', 'bootstrap-complete'],
    ]);
    for (let number = 1; number <= 10; number += 1) {
      const { out } = await runMain(['checks', 'explain', String(number)]);
      for (const part of [
        'Why',
        'What is looked at',
        'What a pass does not prove',
        'How to mend it',
        'NIST 800-53 r5',
        'ISO 27001:2022',
        'CIS Controls v8',
        'SOC 2',
      ])
        expect([number, out.includes(part)]).toEqual([number, true]);
      expect(out.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
    expect(JSON.parse((await runMain(['checks', 'list', '-f', 'json'])).out)).toHaveLength(
      10 + GUIDANCE.length,
    );
  });

  test('schema prints the published documents', async () => {
    for (const kind of ['inventory', 'results']) {
      expect(JSON.parse((await runMain(['schema', kind])).out)).toEqual(
        JSON.parse(readFileSync(`schema/${kind}.schema.json`, 'utf8')),
      );
    }
  });

  test('doctor tells where each setting came from, and what is missing for the inventory', async () => {
    const { out } = await runMain(['doctor', inventory], {
      cwd: folder,
      env: { SSH_SCORECARD_CONCURRENCY: '7' },
    });
    expect(out).toMatch(/concurrency +7 +environment SSH_SCORECARD_CONCURRENCY/);
    expect(out).toMatch(/retries +3 +built-in/);
    expect(out).toContain('prod-db-01');
  });
});
