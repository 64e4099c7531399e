import { describe, expect, test } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';

function complaints(vault: string): string {
  try {
    loadInventory({ path: 'i', text: `hosts: [{ name: a }]\nsources:\n  vault: ${vault}\n` });
    return 'loaded';
  } catch (error) {
    return [
      String(error),
      ...((error as { problems?: readonly object[] }).problems ?? []).map((one) => JSON.stringify(one)),
    ].join('\n');
  }
}
const URL = 'url: https://v.example.com:8200';

describe('sources.vault', () => {
  test.each([
    [`{ type: vault, ${URL} }`],
    [
      `{ type: openbao, ${URL}/bao, namespaces: ['', team/sub], mounts: [ssh, team/ssh/], admin_policies: [ca admin] }`,
    ],
    [`{ type: vault, url: 'http://127.0.0.1:8200', timeout: 30s, token_command: [pass, show, vault] }`],
    [`{ type: vault, url: 'http://[::1]:8200' }`],
  ])('%s is good', (vault) => {
    expect(complaints(vault)).toBe('loaded');
  });
  test.each([
    [`{ ${URL} }`, /type: is missing: expected vault or openbao/],
    [`{ type: valut, ${URL} }`, /expected vault or openbao.*did you mean vault/s],
    [`{ type: vault }`, /url: is missing/],
    [`{ type: vault, url: 'http://vault.example.com' }`, /expected https/],
    [`{ type: vault, url: 'https://u:p@vault.example.com' }`, /must not hold a login/],
    [`{ type: vault, url: 'https://vault.example.com/?a=1' }`, /without/],
    [`{ type: vault, url: vault.example.com }`, /is not a URL/],
    [`{ type: vault, ${URL}, token_env: T, token_file: f }`, /exclude each other/],
    [`{ type: vault, ${URL}, token_env: hvs.secret }`, /name of an environment variable/],
    [`{ type: vault, ${URL}, timeout: 5 }`, /timeout/],
    [`{ type: vault, ${URL}, timeout: 5h }`, /out of bounds/],
    [`{ type: vault, ${URL}, namespaces: [/team] }`, /without slashes around it/],
    [`{ type: vault, ${URL}, mounts: [../x y] }`, /path of a secrets engine/],
    [`{ type: vault, ${URL}, adres: x }`, /unknown key "adres"/],
    [`{ type: vault, ${URL}, admin_policy: [x] }`, /did you mean admin_policies/],
  ])('%s is refused with what was expected', (vault, message) => {
    expect(complaints(vault)).toMatch(message);
  });
});
