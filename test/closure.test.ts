import { describe, expect, test } from 'vitest';
import { closureOf, type ClosureInput } from '../src/closure.js';
import type { HostSummary } from '../src/facts/types.js';
import { defaultPolicy } from '../src/policy.js';
import { failing, host, result, ten } from './fixtures/reports/build.js';

const days = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `2026-11-${String(from + index).padStart(2, '0')}`);
const logins = (keyId: string, actor: 'adm' | 'agt' | 'atm', on: readonly string[]) =>
  on.map((day) => ({ keyId, actor, account: 'ops', day, count: 1 }));
const summary = (rows: HostSummary['certificateLogins'], daysCovered = days(1, 14)): HostSummary => ({
  host: 'web-01',
  certificateLogins: rows,
  daysCovered,
});

function input(more: Partial<ClosureInput> = {}): ClosureInput {
  return {
    hosts: [host('web-01', ten())],
    summaries: [summary([])],
    inventoryHosts: 1,
    checks: 10,
    listedIdentities: [],
    policy: defaultPolicy(),
    ...more,
  };
}
const state = (id: string, given: ClosureInput) =>
  closureOf(given).conditions.find((condition) => condition.id === id)?.state;

describe('the verdict', () => {
  test('is unproven while a condition has no source, however good the hosts are', () => {
    const closure = closureOf(input({ summaries: [summary([], [])] }));
    expect(closure.verdict).toBe('unproven');
    expect(closure.conditions).toHaveLength(6);
    expect(
      closure.conditions
        .filter((condition) => condition.state === 'unproven')
        .every((condition) => condition.provide),
    ).toBe(true);
  });

  test('is open as soon as one host fails one check, whatever else is unknown', () => {
    const closure = closureOf(
      input({ hosts: [host('web-01', ten(failing('root-login', 'is not as it should be')))] }),
    );
    expect(closure.verdict).toBe('open');
  });

  test('a waived failure is still a failure', () => {
    const waiver = {
      check: 'root-login',
      hosts: [],
      subjects: [],
      owner: 'a',
      approver: 'b',
      reason: 'c',
      expires: '2027-01-01T00:00:00Z',
      expired: false,
    };
    const waived = result('root-login', failing('root-login', 'is not as it should be').outcome, waiver);
    expect(closureOf(input({ hosts: [host('web-01', ten(waived))] })).verdict).toBe('open');
  });

  test('no host proves nothing', () => {
    expect(state('scorecard-complete', input({ hosts: [], summaries: [], inventoryHosts: 0 }))).toBe(
      'unproven',
    );
    expect(closureOf(input({ hosts: [], summaries: [], inventoryHosts: 0 })).verdict).not.toBe('closed');
  });
});

describe('the scorecard condition', () => {
  test.each([
    ['ten passes on the only host', input(), 'met'],
    ['a host of the inventory was not asked', input({ inventoryHosts: 2 }), 'unproven'],
    ['nine checks were run', input({ checks: 9, hosts: [host('web-01', ten().slice(0, 9))] }), 'unproven'],
    [
      'one outcome is unknown',
      input({
        hosts: [
          host('web-01', ten(result('principals', { status: 'unknown', reason: 'denied', detail: 'x' }))),
        ],
      }),
      'unproven',
    ],
    [
      'one outcome fails',
      input({ hosts: [host('web-01', ten(failing('principals', 'is not as it should be')))] }),
      'not-met',
    ],
  ])('%s', (_title, given, expected) => {
    expect(state('scorecard-complete', given)).toBe(expected);
  });
});

describe('three administrators on seven consecutive days', () => {
  const three = (on: readonly string[]) => ['adm-a', 'adm-b', 'adm-c'].flatMap((id) => logins(id, 'adm', on));
  test.each([
    ['seven days each', [summary(three(days(3, 7)))], 'met'],
    ['on different hosts', [summary(three(days(3, 4))), summary(three(days(7, 3)))], 'met'],
    ['only two of them', [summary(three(days(3, 7)).filter(({ keyId }) => keyId !== 'adm-c'))], 'not-met'],
    ['six days only', [summary(three(days(3, 6)))], 'not-met'],
    ['a weekend between', [summary(three([...days(2, 5), ...days(9, 5)]))], 'not-met'],
    ['the log reaches back five days only', [summary(three(days(3, 5)), days(3, 5))], 'unproven'],
    [
      'agents do not count',
      [summary(three(days(3, 7)).map((row) => ({ ...row, actor: 'agt' as const })))],
      'not-met',
    ],
    ['no log at all', [], 'unproven'],
  ])('%s', (_title, summaries, expected) => {
    expect(state('admins-seven-days', input({ summaries }))).toBe(expected);
  });

  test('a run may cross the end of a month', () => {
    const on = [
      '2026-10-29',
      '2026-10-30',
      '2026-10-31',
      '2026-11-01',
      '2026-11-02',
      '2026-11-03',
      '2026-11-04',
    ];
    expect(state('admins-seven-days', input({ summaries: [summary(three(on))] }))).toBe('met');
  });
});

test('an agent and an automation, both', () => {
  const agent = logins('agt-x', 'agt', days(1, 1));
  const automation = logins('atm-x', 'atm', days(1, 1));
  expect(state('actors-used', input({ summaries: [summary([...agent, ...automation])] }))).toBe('met');
  expect(state('actors-used', input({ summaries: [summary(agent)] }))).toBe('unproven');
  expect(state('actors-used', input({ summaries: [summary(automation)] }))).toBe('unproven');
});

describe('switch triggers of section 6.2', () => {
  const fired = (given: ClosureInput) =>
    closureOf(given)
      .triggers.filter((trigger) => trigger.fired)
      .map(({ id }) => id);
  test('exactly 200 hosts and 50 identities stay', () => {
    const fifty = Array.from({ length: 50 }, (_, index) => `agt-${index}`);
    expect(fired(input({ inventoryHosts: 200, listedIdentities: fifty }))).toEqual([]);
    expect(fired(input({ inventoryHosts: 201, listedIdentities: fifty }))).toEqual(['hosts']);
    expect(fired(input({ inventoryHosts: 200, listedIdentities: [...fifty, 'atm-x'] }))).toEqual([
      'identities',
    ]);
  });
  test('identities seen in logs count, once', () => {
    const fifty = Array.from({ length: 50 }, (_, index) => `agt-${index}`);
    expect(
      fired(input({ listedIdentities: fifty, summaries: [summary(logins('agt-1', 'agt', days(1, 3)))] })),
    ).toEqual([]);
    expect(
      fired(input({ listedIdentities: fifty, summaries: [summary(logins('agt-new', 'agt', days(1, 3)))] })),
    ).toEqual(['identities']);
  });
  test('declared needs fire and name the tools in the order of the directive', () => {
    const policy = { ...defaultPolicy(), requirements: { ...defaultPolicy().requirements, sso: true } };
    const closure = closureOf(input({ policy }));
    expect(fired(input({ policy }))).toEqual(['sso']);
    expect(closure.recommended).toEqual([
      'Teleport',
      'HashiCorp Vault SSH + Boundary',
      'step-ca + smallstep',
    ]);
    expect(closureOf(input()).recommended).toEqual([]);
  });
});
