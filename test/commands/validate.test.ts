import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMain } from '../helpers/io.js';

const HOSTS = 'hosts: [{ name: a, allowed_principals: { adm: [adm-x] } }]\n';
const WAIVER = (check: string) =>
  `waivers: [{ check: ${check}, hosts: [a], owner: A, approver: B, reason: r, expires: 2026-12-31 }]\n`;

let folder = '';
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const validate = (...argv: readonly string[]) =>
  runMain(['validate', ...argv, '--config', 'none'], { cwd: folder });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'validate-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('validate', () => {
  test('names the policy file it read, the one of the inventory or the one that is given', async () => {
    write('policy.yaml', WAIVER('root-login'));
    write('other.yaml', 'krl: required\n');
    const inventory = write('inventory.yaml', `${HOSTS}policy: ./policy.yaml\n`);
    const own = await validate(inventory);
    expect([own.code, own.out]).toEqual([
      0,
      `${inventory}: valid: 1 hosts, 1 principals\n${join(folder, 'policy.yaml')}: valid\n`,
    ]);
    const given = await validate(inventory, '--policy', 'other.yaml');
    expect(given.out).toContain(`${join(folder, 'other.yaml')}: valid\n`);
    expect(given.out).not.toContain('policy.yaml');
  });

  test('tells what is wrong with a policy file at its line, and exits with 2', async () => {
    const inventory = write('inventory.yaml', HOSTS);
    write('bad.yaml', 'krl: required\nwaiver_max_days: 0\n');
    const { code, out, err } = await validate(inventory, '--policy', 'bad.yaml');
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`${join(folder, 'bad.yaml')}:2:18: waiver_max_days: "0" is out of bounds`);
    const absent = await validate(inventory, '--policy', 'absent.yaml');
    expect([absent.code, absent.err.includes('does not exist')]).toEqual([2, true]);
  });

  test('takes waivers of checks of plug-ins when there are plug-ins', async () => {
    const inventory = write('inventory.yaml', HOSTS);
    write('motd.yaml', WAIVER('motd'));
    expect((await validate(inventory, '--policy', 'motd.yaml')).code).toBe(2);
    expect((await validate(inventory, '--policy', 'motd.yaml', '--plugin', 'motd.js')).code).toBe(0);
  });

  test('says nothing but the result when quiet', async () => {
    const inventory = write('inventory.yaml', HOSTS);
    expect((await validate(inventory)).err).toContain('ca.fingerprints is not given');
    expect((await validate(inventory, '--quiet')).err).toBe('');
  });
});
