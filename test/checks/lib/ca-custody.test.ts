import { describe, expect, test } from 'vitest';
import { judgeCustody } from '../../../checks/lib/ca-custody.js';
import { reachOf } from '../../../src/facts/sources/vault/reach.js';
import { parsePolicy } from '../../../src/facts/sources/vault/rules.js';
import type { CaCustody, PolicyReach, Seal, SshRole } from '../../../src/facts/types.js';
import { defaultPolicy } from '../../../src/policy.js';
import { CA, OTHER_CA, sshRole } from '../../helpers/actor-facts.js';
import { caSystem } from '../../helpers/ca-system.js';

const judge = (system: CaCustody, expected: readonly string[] = [CA]) =>
  judgeCustody(system, expected, defaultPolicy());
const messages = (system: CaCustody): string =>
  judge(system)
    .findings.map(({ message }) => message)
    .join('\n');
const withRole = (more: Partial<SshRole>): CaCustody => caSystem({ roles: [sshRole(more)] });

test('a sound system with a managed key: nothing to say, and proven', () => {
  expect(judge(caSystem())).toEqual({
    findings: [],
    missing: [],
    notes: [],
    proof: 'the CA system signs with the managed key hsm-ca',
  });
});

describe('roles', () => {
  test.each<[string, Partial<SshRole>, RegExp]>([
    ['any user', { allowedUsers: ['*'] }, /allowed_users is "\*"/],
    ['no principals', { allowEmptyPrincipals: true }, /CVE-2024-7594/],
    ['key IDs of the requester', { allowUserKeyIds: true }, /the requester chooses the key ID/],
    ['one-time passwords', { keyType: 'otp' }, /one-time passwords, past every certificate/],
    ['keys it installs', { keyType: 'dynamic' }, /keys it installs/],
    ['any extension', { allowedExtensions: ['*'] }, /the requester chooses the extensions/],
    ['host certificates', { allowHostCertificates: true }, /host certificates may be asked for too/],
    ['SHA-1', { algorithmSigner: 'ssh-rsa' }, /SHA-1/],
    ['a lifetime over the limit', { longest: 90 * 3600, maxTtl: 90 * 3600 }, /live up to/],
    ['no lifetime of its own', { longest: 2_764_800, maxTtl: 0, ttl: 0 }, /sets no max_ttl/],
    [
      'a forced command anybody can replace',
      { defaultCriticalOptions: [{ name: 'force-command', value: '/w' }], allowedCriticalOptions: [] },
      /the default force-command does not bind/,
    ],
    [
      'a forced command another option takes away',
      {
        defaultCriticalOptions: [{ name: 'force-command', value: '/w' }],
        allowedCriticalOptions: ['source-address'],
      },
      /allowed_critical_options is source-address/,
    ],
  ])('%s', (_, more, message) => {
    const { findings } = judge(withRole(more));
    expect(findings).toHaveLength(1);
    expect(findings[0]?.message).toMatch(message);
    expect(findings[0]?.subject).toContain('ssh/roles/adm');
    expect(findings[0]?.remediation).toMatch(/\w/);
    expect(findings[0]?.evidence[0]).toMatchObject({ probe: 'vault', path: 'ssh/roles/adm' });
  });
  test('a forced command binds when nothing that works may be asked for', () => {
    const bound = {
      defaultCriticalOptions: [{ name: 'force-command', value: '/w' }],
      allowedCriticalOptions: ['none-allowed'],
    };
    expect(judge(withRole(bound)).findings).toEqual([]);
  });
  test('a lifetime nobody could read is missing, not fine', () => {
    expect(judge(withRole({ longest: null, maxTtl: 0 })).missing).toEqual([
      { reason: 'no-evidence', detail: expect.stringContaining('ssh/roles/adm') },
    ]);
  });
  test('in a second mount and another namespace too', () => {
    const system = caSystem();
    const [mount] = system.mounts;
    if (mount === undefined) throw new Error('no mount');
    const legacy = {
      ...mount,
      namespace: 'team',
      path: 'ssh-legacy/',
      roles: [sshRole({ namespace: 'team', mount: 'ssh-legacy/', allowedUsers: ['*'] })],
    };
    expect(judge({ ...system, mounts: [mount, legacy] }).findings.map(({ subject }) => subject)).toEqual([
      'team/ssh-legacy/roles/adm allowed_users',
    ]);
  });
  test.each<[Partial<SshRole>, RegExp]>([
    [{ allowedUsersTemplate: true }, /from a template/],
    [{ keyIdFormat: 'ops-{{role_name}}' }, /holds no identity/],
    [{ allowEmptyPrincipals: null }, /1\.17\.6/],
    [{ allowedUsers: ['adm-full', 'agt-x'], longest: 3600 }, /serves adm and agt alike/],
  ])('remarked on: %j', (more, note) => {
    expect(judge(withRole(more)).findings).toEqual([]);
    expect(judge(withRole(more)).notes.join('\n')).toMatch(note);
  });
});

describe('audit devices', () => {
  test('none fails, one is remarked on, unread is missing, raw fails', () => {
    const [one] = caSystem().auditDevices ?? [];
    if (one === undefined) throw new Error('no device');
    expect(messages(caSystem({}, { auditDevices: [] }))).toMatch(/has no audit device/);
    expect(judge(caSystem({}, { auditDevices: [one] })).notes.join()).toMatch(/one audit device/);
    expect(judge(caSystem({}, { auditDevices: null })).missing).toHaveLength(1);
    expect(messages(caSystem({}, { auditDevices: [one, { ...one, raw: true }] }))).toMatch(/log_raw/);
  });
});

describe('the CA key', () => {
  test('another key than the hosts trust', () => {
    const keys = [{ type: 'ssh-ed25519', fingerprint: OTHER_CA }];
    const system = caSystem({ keys });
    expect(judge(system).findings.map(({ subject }) => subject)).toEqual([OTHER_CA]);
    expect(judge(system).proof).toBe('');
    // A CA for hosts is none of the users' business.
    const hostsOnly = sshRole({ allowUserCertificates: false, allowHostCertificates: true });
    expect(judge(caSystem({ keys, roles: [hostsOnly] })).findings).toEqual([]);
  });
  test('is proven only when every expected CA is a managed key here', () => {
    expect(judge(caSystem({ managedKey: null })).proof).toBe('');
    expect(judge(caSystem(), []).proof).toBe('');
    expect(judge(caSystem(), [CA, OTHER_CA]).proof).toBe('');
  });
});

describe('the seal', () => {
  const seal = (more: Partial<Seal>): Seal => ({
    type: 'shamir',
    threshold: 3,
    shares: 5,
    recovery: false,
    storage: 'raft',
    ...more,
  });
  test('says what it proves and no more', () => {
    const notes = (given: Seal): string =>
      judge(caSystem({ managedKey: null }, { seal: given })).notes.join();
    expect(notes(seal({}))).toMatch(
      /3 of 5 people are needed to unseal it; none of them is asked when a certificate/,
    );
    expect(notes(seal({ type: 'awskms', recovery: true }))).toMatch(/not in the HSM or KMS/);
    expect(judge(caSystem()).notes).toEqual([]);
  });
  test.each([
    [{ storage: 'inmem', threshold: 1, shares: 1 }, /development mode/],
    [{ threshold: 1, shares: 5 }, /One key share unseals/],
  ])('%j fails', (more, message) => {
    expect(messages(caSystem({}, { seal: seal(more) }))).toMatch(message);
  });
  test('recovery keys unseal nothing', () => {
    expect(
      judge(caSystem({}, { seal: seal({ type: 'pkcs11', recovery: true, threshold: 1 }) })).findings,
    ).toEqual([]);
  });
});

describe('ACL policies', () => {
  const roles = [sshRole(), sshRole({ name: 'agt', allowedUsers: ['agt-x'], longest: 3600 })];
  const reach = (source: string): PolicyReach[] => {
    const parsed = parsePolicy(source);
    if (!parsed.ok) throw new Error(parsed.problem);
    return reachOf('', 'ops', parsed.rules, [{ path: 'ssh/', roles: roles.map(({ name }) => name) }], {
      left: 1e6,
    });
  };
  const found = (source: string, more: Partial<CaCustody> = {}): string[] =>
    judge(caSystem({ roles }, { reach: reach(source), ...more })).findings.map(({ subject }) => subject);
  test('one role, by name, is what policies are for', () => {
    expect(found('path "ssh/sign/adm" { capabilities = ["update"] }')).toEqual([]);
    expect(
      found(
        'path "ssh/sign/a*" { capabilities = ["update"] }\npath "ssh/sign/agt" { capabilities = ["deny"] }',
      ),
    ).toEqual([]);
  });
  test('every role by one pattern, for several actor types', () => {
    expect(found('path "ssh/sign/*" { capabilities = ["update"] }')).toEqual([
      'ACL policy ops sign ssh/sign/*',
    ]);
  });
  test('with approvals of a control group it is not one person', () => {
    const group = 'control_group = { factor "a" { identity { group_names = ["sec"] approvals = 2 } } }';
    expect(found(`path "ssh/sign/*" { capabilities = ["update"] ${group} }`)).toEqual([]);
  });
  test('changing the CA, its roles, policies, the log; unless they are the administrators', () => {
    const source = `path "ssh/config/ca" { capabilities = ["update", "delete"] }
      path "ssh/roles/*" { capabilities = ["update"] }
      path "sys/audit/*" { capabilities = ["delete", "sudo"] }
      path "sys/policies/acl/*" { capabilities = ["update"] }`;
    expect(found(source).toSorted()).toEqual([
      'ACL policy ops change-audit sys/audit/*',
      'ACL policy ops change-policy sys/policies/acl/*',
      'ACL policy ops change-role ssh/roles/*',
      'ACL policy ops configure-ca ssh/config/ca',
    ]);
    expect(found(source, { adminPolicies: ['ops'] })).toEqual([]);
  });
});
