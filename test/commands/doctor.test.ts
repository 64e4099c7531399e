import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startVault, type Running } from '../fakes/vault.js';
import { runMain } from '../helpers/io.js';
import { system, VAULT_TOKEN } from '../helpers/vault-system.js';

const folder = mkdtempSync(join(tmpdir(), 'scorecard-doctor-'));
const inventory = join(folder, 'inventory.yaml');
let vault: Running;
beforeAll(async () => {
  // What it says about itself is its own text: a terminal must not obey it.
  const self = { policies: ['auditor'], display_name: 'evil\u001b[31m', ttl: 3600 };
  vault = await startVault({ ...system(), self, capabilities: () => ['root'] });
  writeFileSync(
    inventory,
    `hosts: [{ name: a }]\nsources:\n  vault: { type: vault, url: '${vault.url}', token_env: MINE }\n`,
  );
});
afterAll(async () => {
  await vault.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('doctor --sources', () => {
  test('logs in to each and says what its credential may do', async () => {
    const { out } = await runMain(['doctor', inventory, '--sources'], {
      env: { MINE: VAULT_TOKEN, HOME: folder },
    });
    expect(out).toMatch(/^Sources\n {2}ok {7}vault {8}token evil.* with the policies auditor$/m);
    expect(out).toMatch(/^ {2}warning {2}vault {8}it can sign certificates at ssh\//m);
    expect(out).not.toContain('\u001b[31m');
    expect(out).not.toContain(VAULT_TOKEN);
  });
  test('asks nothing without the flag; a credential that is missing is a problem', async () => {
    const before = vault.asked.length;
    const quiet = await runMain(['doctor', inventory], { env: { MINE: VAULT_TOKEN, HOME: folder } });
    expect(quiet.out).not.toContain('Sources');
    expect(vault.asked).toHaveLength(before);
    const without = await runMain(['doctor', inventory, '--sources'], { env: { HOME: folder } });
    expect(without.out).toMatch(/problem {2}vault {8}the environment variable MINE is not set/);
    expect(without.code).toBe(2);
  });
});
