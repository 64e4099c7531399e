import { describe, expect, test } from 'vitest';
import { hostPart, holdersOf, type HostContext } from '../../src/access/host.js';
import { accessContext, accessPart } from '../../src/access/judged.js';
import { windowOf } from '../../src/access/logins.js';
import { accessReport } from '../../src/access/report.js';
import type { FleetFacts, HostFacts, Login, LoginLog } from '../../src/facts/types.js';
import type { HostEvidence, Policy, Reading } from '../../src/model.js';
import { daemonFacts, linux, sshdCase, sshdFacts } from '../checks/sshd-cases.js';
import {
  account,
  CA,
  expected,
  file,
  issuanceLog,
  log,
  login,
  not,
  NOW,
  ok,
  OTHER_CA,
  policy,
  principalsFile,
  told,
} from '../helpers/actor-facts.js';

const DAY = 86_400_000;
const WINDOW = windowOf(NOW.toISOString(), 14 * DAY);
const trusting = sshdCase('trustedusercakeys /etc/ssh/ca/ca_user.pub\nauthorizedprincipalsfile /etc/ssh/auth_principals/%u', {
  accounts: ['ops'],
}); // prettier-ignore
const evidence = {
  schema: 1, host: 'web-1', startedAt: NOW.toISOString(), finishedAt: NOW.toISOString(), probes: { sudoers: {} },
} as unknown as HostEvidence; // prettier-ignore

function context(
  logins: Reading<LoginLog>,
  more: {
    readonly fleet?: Partial<FleetFacts>;
    readonly policy?: Partial<Policy>;
    readonly window?: HostContext['window'];
  } = {},
): HostContext {
  const fleet = {
    certificateLog: not('not-configured'),
    vault: not('not-configured'),
    ...more.fleet,
  } as FleetFacts;
  return {
    evidence,
    facts: {
      accounts: ok([account('ops')]),
      sshd: ok(sshdFacts(trusting)),
      system: ok(linux),
      daemons: ok(daemonFacts()),
      caFiles: ok([{ file: file('/etc/ssh/ca/ca_user.pub'), trusted: [{ type: 'ssh-ed25519', fingerprint: CA, comment: '', line: 1 }], accounts: ['ops'] }]),
      authorizedKeys: ok([]),
      principalsFiles: ok([principalsFile('ops', 'adm-full', 'adm-readonly')]),
      logins,
    } as unknown as HostFacts,
    access: { sudoers: not('not-collected'), sessions: not('not-collected'), changes: not('not-collected') },
    fleet,
    approvals: not('not-configured'),
    expected: expected(),
    policy: policy(more.policy),
    window: more.window ?? WINDOW,
    holders: holdersOf(fleet),
    now: NOW,
  }; // prettier-ignore
}

const issuances = (...principals: readonly string[]) =>
  ok(issuanceLog([told({ keyId: 'adm-bernd', serial: '7', principals, kind: 'user' })]));
const knownOf = (one: Login, more: Parameters<typeof context>[1] = {}) =>
  hostPart(context(ok(log(one)), more)).uses.map(({ known }) => known)[0];

describe('one host', () => {
  test('an identity is known by the CA’s log, by the inventory, or by the policy', () => {
    expect(knownOf(login(), { fleet: { certificateLog: issuances('adm-full') } })).toBe(true);
    expect(knownOf(login({}, 'adm-eve', '9'), { fleet: { certificateLog: issuances('adm-full') } })).toBe(
      false,
    );
    // Without a log of the CA a name of the directive's form is all there is.
    expect(knownOf(login({}, 'adm-eve', '9'))).toBe(true);
    expect(knownOf(login({}, 'eve', '9'))).toBe(false);
    expect(knownOf(login({}, 'atm-backup', '9'))).toBe(true);
    expect(knownOf(login({}, 'atm-miner', '9'))).toBe(false);
    const { certificate: _, ...plain } = login();
    expect(knownOf({ ...plain, keyFingerprint: 'SHA256:k' })).toBe(false);
    expect(knownOf({ ...plain, method: 'password' })).toBe(false);
    const emergencyKeys = [{ fingerprint: 'SHA256:k', hosts: ['web-*'], accounts: ['ops'] }] as never;
    expect(knownOf({ ...plain, keyFingerprint: 'SHA256:k' }, { policy: { emergencyKeys } })).toBe(true);
    const strange = login({ certificate: { keyId: 'adm-bernd', serial: '7', caFingerprint: OTHER_CA } });
    expect(knownOf(strange)).toBe(false);
  });

  test('only logins of the window count, and the window ends when the host was read', () => {
    const at = (ago: number) => login({ at: NOW.getTime() - ago, port: ago % 60_000 });
    const logins = ok(log(at(20 * DAY), at(4 * DAY), at(DAY), at(-1000), at(-3_600_000)));
    const count = (days: number) =>
      hostPart(context(logins, { window: windowOf(NOW.toISOString(), days * DAY) })).sessions.length;
    // A clock that runs ahead by a second is still the past; one hour is not.
    expect([count(14), count(2), count(30)]).toEqual([3, 2, 4]);
  });

  test('never used: only where the log covers the window whole', () => {
    const certificateLog = issuances('adm-full');
    const unused = (logins: Reading<LoginLog>) =>
      hostPart(context(logins, { fleet: { certificateLog } })).unused.map(({ who }) => who);
    expect(unused(ok(log(login())))).toEqual(['adm-readonly']);
    expect(unused(ok(log()))).toEqual(['adm-full', 'adm-readonly']);
    expect(unused(ok(log(login()), 'lines are missing'))).toEqual([]);
    expect(unused(ok({ ...log(login()), coversFrom: NOW.getTime() - 3 * DAY }))).toEqual([]);
    expect(unused(not('denied'))).toEqual([]);
  });

  test('lines in the name of sshd that another program wrote are counted apart', () => {
    const { sessions, untrusted } = hostPart(context(ok(log(login(), login({ trusted: false, port: 2 })))));
    expect([sessions.length, untrusted]).toEqual([1, 1]);
  });

  test('sshd that serves SFTP itself: no session is called read-only for want of records', () => {
    const base = context(ok(log(login())));
    const inside = sshdCase('subsystem sftp internal-sftp', { accounts: ['ops'] });
    const rules = ['-a always,exit -S execve'];
    const at = NOW.getTime() - 3_600_000;
    const access = {
      ...base.access,
      sessions: ok({
        source: 'journal' as const, sudo: [], numbers: [], coversFrom: 0, coversTo: null,
        marks: [{ at: at + 1, pid: 1, what: 'opened' as const, account: 'ops', session: 7 }, { at: at + 9000, pid: 1, what: 'closed' as const, account: 'ops' }],
      }),
      changes: ok({
        auditing: { recorder: 'auditd' as const, enabled: true, rules, coversFrom: 0 }, logins: [], packages: [], packageLogs: [], coversTo: null,
        commands: [{ at: at + 5, session: 7, loginUid: 2000, uid: 2000, argv: ['ls'], executable: '/usr/bin/ls', succeeded: true }],
      }),
    }; // prettier-ignore
    const effect = (facts: Partial<HostFacts>) =>
      hostPart({ ...base, access, facts: { ...base.facts, ...facts } }).sessions[0];
    expect(effect({})?.effect).toBe('read-only');
    expect(effect({ sshd: ok(sshdFacts(inside)) })).toMatchObject({
      effect: 'not-known',
      because: 'sshd serves SFTP itself (internal-sftp): files it wrote are in no record of programs',
    });
    expect(effect({ sshd: not('denied') })?.because).toContain(
      'whether sshd serves SFTP itself is not known',
    );
  });

  test('the policy leaves out addresses and reasons', () => {
    const whole = hostPart(context(ok(log(login()))));
    const less = hostPart(context(ok(log(login())), { policy: { accessOmit: ['addresses', 'reasons'] } }));
    expect(whole.uses[0]?.from).toEqual(['10.0.0.1']);
    expect(JSON.stringify(less)).not.toContain('10.0.0.1');
    expect(less.sessions[0]).toEqual({ ...whole.sessions[0], from: '', why: '' });
  });

  test('share by certificate counts every login of the window once', () => {
    const { certificate: _, ...plain } = login({ port: 2 });
    const logins = [
      login(),
      { ...plain, keyFingerprint: 'SHA256:k' },
      { ...plain, method: 'password', port: 3 },
    ];
    const report = accessReport({
      run: 'r', window: WINDOW, question: {}, parts: [hostPart(context(ok(log(...logins))))], approvals: not('not-configured'), warnings: [],
    }); // prettier-ignore
    expect(report.shares).toEqual({
      certificate: 1, 'static-key': 1, 'emergency-key': 0, password: 1, other: 0, untrusted: 0,
    }); // prettier-ignore
  });
});

describe('beside the judgement', () => {
  const judged = (probes: Record<string, unknown>, logins: Reading<LoginLog> = ok(log(login()))) => {
    const { facts, fleet, policy: rules, expected: wanted } = context(logins);
    return accessPart({
      evidence: { ...evidence, probes } as unknown as HostEvidence,
      facts,
      fleet,
      policy: rules,
      expected: wanted,
      now: NOW,
      access: accessContext(fleet, not('not-configured')),
    });
  };

  test('a host that was not asked tells nothing', () => {
    expect(judged({})).toBeUndefined();
    expect(judged({ logins: {} })).toBeUndefined();
    expect(judged({ changes: {} })?.sessions.length).toBe(1);
  });

  test('a bug of ours costs the host its part, never the run', () => {
    const broken = { ok: true, gaps: [], value: { source: 'journal', logins: null } } as never;
    expect(judged({ changes: {} }, broken)).toBeUndefined();
  });
});
