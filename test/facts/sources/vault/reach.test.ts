import { describe, expect, test } from 'vitest';
import { reachOf } from '../../../../src/facts/sources/vault/reach.js';
import { parsePolicy } from '../../../../src/facts/sources/vault/rules.js';

const MOUNTS = [{ path: 'ssh/', roles: ['adm', 'agt'] }];
function reach(source: string, mounts = MOUNTS): string[] {
  const parsed = parsePolicy(source);
  if (!parsed.ok) throw new Error(parsed.problem);
  return reachOf('', 'p', parsed.rules, mounts, { left: 1e6 }).map(
    ({ act, path, rule }) => `${act} ${path} by ${rule}`,
  );
}
const rule = (path: string, ...capabilities: string[]): string =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }\n`;

describe('signing', () => {
  test('one role, by name', () => {
    expect(reach(rule('ssh/sign/adm', 'update'))).toEqual(['sign ssh/sign/adm by ssh/sign/adm']);
    expect(reach(rule('ssh/sign/adm', 'read', 'list'))).toEqual([]);
  });
  test.each(['ssh/sign/*', 'ssh/sign/+', '+/sign/*', 'ssh/+/+', 'ssh/s*'])('every role, by %s', (path) => {
    expect(reach(rule(path, 'update')).filter((line) => line.startsWith('sign'))).toEqual([
      `sign ssh/sign/adm by ${path}`,
      `sign ssh/sign/agt by ${path}`,
    ]);
  });
  test('a deny of the more specific path holds, in whatever order', () => {
    const source = rule('ssh/sign/adm', 'deny') + rule('ssh/sign/*', 'update');
    expect(reach(source)).toEqual(['sign ssh/sign/agt by ssh/sign/*']);
    expect(reach(rule('ssh/sign/*', 'update', 'deny'))).toEqual([]);
  });
  test('a template grants what it may stand for', () => {
    expect(reach(rule('ssh/sign/{{identity.entity.name}}', 'update'))).toHaveLength(2);
    expect(reach(rule('ssh/sign/{{identity.entity.name}}', 'update') + rule('ssh/sign/adm', 'deny'))).toEqual(
      ['sign ssh/sign/agt by ssh/sign/{{identity.entity.name}}'],
    );
  });
  test('issuing keys, and a role that is not there yet', () => {
    expect(reach(rule('ssh/issue/agt', 'update'))).toEqual(['issue ssh/issue/agt by ssh/issue/agt']);
    expect(reach(rule('ssh/sign/future', 'update'))).toEqual(['sign ssh/sign/future by ssh/sign/future']);
  });
});

describe('changing', () => {
  test.each([
    ['ssh/config/ca', 'delete', 'configure-ca ssh/config/ca'],
    ['ssh/config/*', 'update', 'configure-ca ssh/config/ca'],
    ['ssh/issuers/import', 'update', 'configure-ca ssh/issuers/import'],
    ['ssh/issuers/import/new', 'update', 'configure-ca ssh/issuers/import/new'],
    ['ssh/config/issuers', 'update', 'configure-ca ssh/config/issuers'],
    ['auth/token/roles/ci', 'update', 'any-token auth/token/roles/ci'],
    ['identity/group', 'update', 'change-login identity/group'],
    ['identity/group/name/ops', 'update', 'change-login identity/group/name/ops'],
    ['identity/entity/id/{{identity.entity.id}}', 'update', 'change-login identity/entity/id/any-name'],
    ['identity/entity-alias', 'create', 'change-login identity/entity-alias'],
    ['ssh/roles/adm', 'update', 'change-role ssh/roles/adm'],
    ['ssh/roles/new-one', 'create', 'change-role ssh/roles/new-one'],
    ['sys/mounts/ssh', 'delete', 'change-mount sys/mounts/ssh'],
    ['sys/policies/acl/x', 'update', 'change-policy sys/policies/acl/x'],
    ['sys/policy/*', 'update', 'change-policy sys/policy/any-name'],
  ])('%s with %s', (path, capability, expected) => {
    expect(reach(rule(path, capability))).toContain(`${expected} by ${path}`);
    expect(reach(rule(path, 'read', 'list'))).toEqual([]);
  });
  test.each([
    ['sys/audit/*', 'delete', 'change-audit sys/audit/any-name'],
    ['sys/auth/ldap', 'update', 'change-login sys/auth/ldap'],
    ['sys/raw/*', 'read', 'raw-storage sys/raw/any-name'],
    ['auth/token/create', 'update', 'any-token auth/token/create'],
    ['sys/remount', 'update', 'change-mount sys/remount'],
  ])('%s needs sudo too', (path, capability, expected) => {
    expect(reach(rule(path, capability))).toEqual([]);
    expect(reach(rule(path, capability, 'sudo'))).toContain(`${expected} by ${path}`);
  });
  test('everything, by one star', () => {
    const acts = new Set(
      reach(rule('*', 'create', 'read', 'update', 'delete', 'list', 'sudo')).map(
        (line) => line.split(' ')[0],
      ),
    );
    expect([...acts].toSorted()).toEqual([
      'any-token',
      'change-audit',
      'change-login',
      'change-mount',
      'change-policy',
      'change-role',
      'configure-ca',
      'issue',
      'raw-storage',
      'sign',
    ]);
  });
  test('of any mount, however deep, and of no other', () => {
    const mounts = [{ path: 'team/a/ssh/', roles: ['r'] }];
    expect(reach(rule('team/+/ssh/sign/r', 'update'), mounts)).toEqual([
      'sign team/a/ssh/sign/r by team/+/ssh/sign/r',
    ]);
    expect(reach(rule('ssh/sign/*', 'update'), mounts)).toEqual([]);
    expect(reach(rule('secret/*', 'create', 'update', 'delete', 'sudo'), mounts)).toEqual([]);
  });
});

test('a hostile number of rules and roles ends, and is told by the budget', () => {
  const rules = Array.from({ length: 2000 }, (_, at) => ({
    path: `ssh/sign/x${at}*`,
    capabilities: ['update'],
    approvals: 0,
  }));
  const budget = { left: 20_000 };
  reachOf('', 'p', rules, MOUNTS, budget);
  expect(budget.left).toBeLessThan(0);
});
