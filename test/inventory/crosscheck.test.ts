import { describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';
import { InventoryErrors } from '../../src/inventory/problem.js';

/** `line:column message` of every problem; empty when the inventory loads. */
function problems(text: string): string[] {
  try {
    loadInventory({ path: 'i.yaml', text });
  } catch (error) {
    if (!(error instanceof InventoryErrors)) throw error;
    return error.problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`);
  }
  return [];
}

describe('names', () => {
  it('are unique among hosts and bastions, whatever their case', () => {
    expect(problems('hosts:\n- name: web\n- name: Web\nbastions:\n- name: WEB')).toEqual([
      expect.stringMatching(/^3:9 the name "Web" is taken: line 2 has it too/),
      expect.stringMatching(/^5:9 the name "WEB" is taken: line 2 has it too/),
    ]);
  });
  it('are addresses when there is no address', () => {
    expect(problems('hosts: [{ name: 1.2.3 }]')).toEqual([
      expect.stringMatching(/^1:17 without address the name is connected to/),
    ]);
    expect(problems('hosts: [{ name: 1.2.3, address: a }]')).toEqual([]);
  });
});

describe('jump hosts', () => {
  it.each([
    ['itself', 'hosts: [{ name: a, jump: a }]', /circle: a -> a$/],
    ['each other', 'hosts: [{ name: a, jump: b }, { name: b, jump: A }]', /circle: a -> b -> a$/],
    [
      'in a ring',
      'hosts: [{ name: a, jump: b }]\nbastions: [{ name: b, jump: [x.de, c] }, { name: c, jump: a }]',
      /circle: a -> b -> c -> a$/,
    ],
    [
      'in a ring it is not part of',
      'hosts: [{ name: z, jump: a }, { name: a, jump: b }, { name: b, jump: a }]',
      /circle: a -> b -> a$/,
    ],
  ])('must not lead to %s', (_, text, expected) => {
    expect(problems(text)).toEqual([expect.stringMatching(expected)]);
  });

  it('may be shared, chained and outside the inventory', () => {
    expect(
      problems(
        'hosts: [{ name: a, jump: [b, c] }, { name: d, jump: b }, { name: b, jump: c }, { name: c, jump: else.where }]',
      ),
    ).toEqual([]);
    expect(problems('hosts: [{ name: a, jump: bastion }, { name: web, jump: ops@wep }]')).toEqual([]);
  });

  it('nearly named like one of the inventory are taken for typing mistakes', () => {
    const text = (jump: string): string =>
      `hosts:\n- { name: bastion-prod }\n- { name: a, jump: [x.de, ${jump}] }\n- { name: b, jump: ${jump} }`;
    expect(problems(text('bastion-prdo'))).toEqual([
      expect.stringMatching(/^3:27 the jump host "bastion-prdo" is neither .* but "bastion-prod" is/),
    ]);
    expect(problems(text('Bastion-Prod'))).toEqual([]);
    expect(problems(text('elsewhere'))).toEqual([]);
  });

  it('come in chains of a bounded length, and long chains are followed without recursion', () => {
    const chain = (length: number): string =>
      `hosts:\n${Array.from({ length }, (_, index) => `- { name: h${index}, jump: ${index === 0 ? '[]' : `h${index - 1}`} }`).join('\n')}`;
    expect(problems(chain(9))).toEqual([]);
    expect(problems(chain(10))).toEqual([expect.stringMatching(/h9 is more than 8 hops away/)]);
    expect(problems(chain(6000))).toEqual([expect.stringMatching(/h9 is more than 8 hops away/)]);
    const list = Array.from({ length: 12 }, (_, index) => `x${index}.de`).join(', ');
    expect(problems(`hosts: [{ name: a, jump: [${list}] }]`)).toEqual([
      expect.stringMatching(/a is more than 8 hops away/),
    ]);
  });
});

describe('accounts', () => {
  it('belong to one actor type', () => {
    expect(problems('accounts: { adm: [ops], agt: [ops] }\nhosts: [{ name: a }]')).toEqual([
      expect.stringMatching(/^1:31 the account "ops" is listed under adm and under agt/),
    ]);
    expect(problems('hosts:\n- name: a\n  accounts: { adm: [ops, ops] }')).toEqual([
      expect.stringMatching(/^3:26 .* twice under adm/),
    ]);
  });
});

describe('the policy', () => {
  const policy = (text: string, rest = ''): string[] =>
    problems(`hosts: [{ name: a }]\n${rest}policy:\n  ${text}`);
  it('warns before it fails', () => {
    expect(policy('lifetimes: { adm: { fail: 8h, warn: 9h } }')).toEqual([
      expect.stringMatching(/warn is longer than fail/),
    ]);
    expect(policy('lifetimes: { atm: { fail: 4h } }')).toEqual([]);
  });
  it('has waivers of checks that exist, approved by a second person', () => {
    const waiver = (check: string, approver: string): string =>
      `waivers: [{ check: ${check}, hosts: [a], owner: Ann Lee, approver: "${approver}", reason: r, expires: 2027-01-01T00:00:00Z }]`;
    expect(policy(waiver('root-login', 'Bo'))).toEqual([]);
    expect(policy(waiver('root-logn', 'Bo'))).toEqual([
      expect.stringMatching(/there is no check "root-logn"/),
    ]);
    expect(policy(waiver('motd', 'Bo'), 'plugins: [motd.js]\n')).toEqual([]);
    expect(policy(waiver('root-login', ' ann  LEE'))).toEqual([
      expect.stringMatching(/approves an exception of their own/),
    ]);
  });
});

describe('sources', () => {
  it('hold no secrets, and do not show them', () => {
    const found = problems(
      'hosts: [{ name: a }]\nsources:\n  vault: { type: vault, token: s3cr3t, auth: [{ secret_id: s3cr3t }] }\n  siem: { bearer_token: s3cr3t }',
    );
    expect(found).toEqual([
      expect.stringContaining('sources.vault.url: is missing'),
      expect.stringContaining('unknown key "token"'),
      expect.stringContaining('unknown key "auth"'),
      expect.stringContaining('sources.siem.type: is missing: expected loki'),
    ]);
    expect(found.join()).not.toContain('s3cr3t');
    expect(
      problems(
        'hosts: [{ name: a }]\nsources: { vault: { type: vault, url: "https://v", token_command: [pass, vault] } }',
      ),
    ).toEqual([]);
  });
});
