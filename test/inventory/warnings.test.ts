import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';

const CA = 'ca: { fingerprints: [SHA256:woF+aeDIon1M9tjE3e0EgHgxIGSLpyCOxlK6ZXbZrnM] }\n';

const warnings = (text: string): string[] =>
  loadInventory({ path: 'i.yaml', text: CA + text }).warnings.map(
    ({ at, message }) => `${at.line}:${at.column} ${message}`,
  );

describe('warnings', () => {
  it('are none for a sound inventory in each mode', () => {
    expect(
      warnings('hosts: [{ name: a, allowed_principals: { adm: [adm-full], agt: [agt-x], atm: [atm-y] } }]'),
    ).toEqual([]);
    expect(
      warnings('accounts: { adm: [ops] }\nhosts: [{ name: a, allowed_principals: { adm: [adm-full] } }]'),
    ).toEqual([]);
    expect(warnings('hosts: [{ name: a, principals: { ops: [adm-full] } }]')).toEqual([]);
  });

  it.each([
    [
      'a prefix of another actor type',
      'hosts: [{ name: a, allowed_principals: { adm: [atm-x] } }]',
      /^2:48 the principal "atm-x" is listed under adm without the prefix adm-$/,
    ],
    [
      'a prefix alone',
      'hosts: [{ name: a, allowed_principals: { agt: [agt-] } }]',
      /without the prefix agt-/,
    ],
    [
      'a principal listed twice',
      'hosts: [{ name: a, allowed_principals: { adm: [adm-x, adm-x] } }]',
      /^2:55 .*listed twice/,
    ],
    ['a host without principals', 'hosts: [{ name: a }]', /^2:9 host a accepts no principal at all/],
    [
      'an unlisted host',
      'hosts: [{ name: a, unlisted: true }]',
      /^2:9 host a is unlisted: .* check 3 cannot pass/,
    ],
    [
      'two maps',
      'hosts: [{ name: a, principals: { ops: [adm-x] }, accounts: { adm: [ops] } }]',
      /^2:50 host a: principals decides alone/,
    ],
    [
      'maps and lists that disagree',
      'hosts: [{ name: a, principals: { ops: [adm-x] }, allowed_principals: { adm: [adm-y] } }]',
      /disagree about "adm-y"/,
    ],
    [
      'a shared account',
      'hosts: [{ name: a, principals: { ops: [adm-x, atm-y] } }]',
      /the account "ops" is shared by adm and atm/,
    ],
    [
      'principals no account may hold',
      'accounts: { adm: [ops] }\nhosts: [{ name: a, allowed_principals: { adm: [adm-x], atm: [atm-y] } }]',
      /accounts\.atm names no account/,
    ],
  ])('tell of %s', (_, text, expected) => {
    expect(warnings(text)).toEqual([expect.stringMatching(expected)]);
  });

  it('tell of a CA that is not named', () => {
    const { warnings: found } = loadInventory({
      path: 'i',
      text: 'hosts: [{ name: a, principals: { ops: [adm-x] } }]',
    });
    expect(found.map(({ message }) => message)).toEqual([
      expect.stringMatching(/ca\.fingerprints is not given/),
    ]);
  });

  it('tell a cause once, and how many share it', () => {
    const hosts = Array.from(
      { length: 50 },
      (_, index) => `- { name: h${index}, allowed_principals: { adm: [ops] } }`,
    ).join('\n');
    expect(warnings(`hosts:\n${hosts}`)).toEqual([
      expect.stringMatching(/^3:43 .*prefix adm- \(and 49 more like it\)$/),
    ]);
  });

  it('come in file order', () => {
    const lines = warnings('hosts:\n- { name: b }\n- { name: a, allowed_principals: { adm: [x] } }\n').map(
      (text) => text.split(':')[0],
    );
    expect(lines).toEqual(['3', '4']);
  });
});
