import { describe, expect, test } from 'vitest';
import { closureOf } from '../src/closure.js';
import type { ClosureInput } from '../src/closure/input.js';
import type { GitFacts, HostSummary, PipelineFacts } from '../src/facts/types.js';
import type { Attestation, Reading } from '../src/model.js';
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
  privateKeys: [],
  hostKeys: [],
});

const NOW = new Date('2026-11-21T02:00:00Z');
const HOUR = 3_600_000;
const none = { ok: false, reason: 'not-configured', detail: 'nobody was asked' } as const;
const read = <T>(value: T): Reading<T> => ({ ok: true, value, gaps: [] });
const NOTHING: ClosureInput['fleet'] = { git: none, pipeline: none, attestations: none };

const GIT: GitFacts = {
  commit: 'a'.repeat(40),
  tracked: true,
  clean: true,
  pushed: true,
  upstream: 'main of git@git.example.org:ops.git',
  signOff: null,
  hostCounts: [],
};
const PIPELINE: PipelineFacts = {
  pipeline: 'host configuration',
  runs: Array.from({ length: 30 }, (_, index) => ({
    startedAt: NOW.getTime() - (index + 0.5) * HOUR,
    finishedAt: NOW.getTime() - (index + 0.4) * HOUR,
    result: 'success',
    trigger: 'schedule',
    url: `https://ci.example.org/${index}`,
  })),
  coversFrom: NOW.getTime() - 30 * HOUR,
};
const attest = (kind: Attestation['kind'], date: string, expires = '2027-06-01T00:00:00Z'): Attestation => ({
  kind,
  subject: 'x',
  by: 'Olga Lead',
  date,
  expires,
  evidence: 'OPS-42',
});
const DRILL = attest('break-glass-test', '2026-11-01T00:00:00Z');

function input(more: Partial<ClosureInput> = {}): ClosureInput {
  return {
    hosts: [host('web-01', ten())],
    summaries: [summary([])],
    inventoryHosts: 1,
    checks: 10,
    listedIdentities: [],
    fleet: NOTHING,
    policy: defaultPolicy(),
    now: NOW,
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

describe('the inventory in Git', () => {
  const git = (more: Partial<GitFacts>, gaps: readonly string[] = []) =>
    state(
      'inventory-in-git',
      input({ fleet: { ...NOTHING, git: { ok: true, value: { ...GIT, ...more }, gaps } } }),
    );
  test.each([
    ['tracked, clean, pushed', {}, 'met'],
    ['not tracked', { tracked: false }, 'not-met'],
    ['changed since the commit', { clean: false }, 'not-met'],
    ['not pushed', { pushed: false }, 'not-met'],
    ['the central repository did not answer', { pushed: null }, 'unproven'],
    ['pushed, but nobody knows where to', { upstream: '' }, 'unproven'],
  ] as const)('%s', (_title, more, expected) => {
    expect(git(more)).toBe(expected);
  });
});

describe('the break-glass test', () => {
  const drill = (...attestations: Attestation[]) =>
    state('break-glass-tested', input({ fleet: { ...NOTHING, attestations: read(attestations) } }));
  test.each([
    ['attested', [DRILL], 'met'],
    ['never', [], 'unproven'],
    ['another kind', [attest('wrapper-review', '2026-11-01T00:00:00Z')], 'unproven'],
    [
      'the statement expired',
      [attest('break-glass-test', '2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z')],
      'unproven',
    ],
    ['dated tomorrow', [attest('break-glass-test', '2026-11-22T00:00:00Z')], 'unproven'],
  ])('%s', (_title, attestations, expected) => {
    expect(drill(...attestations)).toBe(expected);
  });
});

describe('beyond the six', () => {
  const beyond = (id: string, fleet: Partial<ClosureInput['fleet']>) =>
    closureOf(input({ fleet: { ...NOTHING, ...fleet } })).beyond.find((one) => one.id === id)?.state;
  const signed = (signature: string) =>
    read({
      ...GIT,
      signOff: { commit: 'b'.repeat(40), by: 'Olga Lead <o@x>', date: '2026-11-20', signature },
    });
  test('the declaration needs a commit whose signature is good, or an attested sign-off', () => {
    expect(beyond('declared', {})).toBe('unproven');
    expect(beyond('declared', { git: read(GIT) })).toBe('unproven');
    expect(beyond('declared', { git: signed('missing') })).toBe('unproven');
    expect(beyond('declared', { git: signed('good') })).toBe('met');
    const attested = { attestations: read([attest('sign-off', '2026-11-20T00:00:00Z')]) };
    expect(beyond('declared', attested)).toBe('met');
  });
  test.each([
    ['2026-11-01T00:00:00Z', 'met'],
    ['2026-08-15T00:00:00Z', 'met'],
    ['2026-08-01T00:00:00Z', 'not-met'],
    ['2026-12-01T00:00:00Z', 'unproven'],
  ])('a review of %s is %s', (date, expected) => {
    expect(beyond('quarterly-review', { attestations: read([attest('quarterly-review', date)]) })).toBe(
      expected,
    );
  });
});

describe('closed', () => {
  const actors = [...logins('agt-x', 'agt', days(19, 1)), ...logins('atm-x', 'atm', days(19, 1))];
  const admins = ['adm-a', 'adm-b', 'adm-c'].flatMap((id) => logins(id, 'adm', days(10, 7)));
  const whole = input({
    summaries: [summary([...admins, ...actors])],
    fleet: { git: read(GIT), pipeline: read(PIPELINE), attestations: read([DRILL]) },
  });
  test('when all six are met, whoever signed it off or reviewed it', () => {
    const closure = closureOf(whole);
    expect(closure.conditions.filter(({ state: now }) => now !== 'met')).toEqual([]);
    for (const { id, evidence } of closure.conditions)
      expect([id, (evidence ?? []).length > 0]).toEqual([id, true]);
    expect(closure.verdict).toBe('closed');
    expect(closure.beyond.map(({ state: now }) => now)).toEqual(['unproven', 'unproven']);
  });
  test.each([
    ['git', { ...whole, fleet: { ...whole.fleet, git: none } }],
    ['pipeline', { ...whole, fleet: { ...whole.fleet, pipeline: none } }],
    ['attestations', { ...whole, fleet: { ...whole.fleet, attestations: none } }],
    ['admins', { ...whole, summaries: [summary(actors, [])] }],
    ['actors', { ...whole, summaries: [summary(admins)] }],
    ['a host', { ...whole, inventoryHosts: 2 }],
  ])('not without %s', (_title, given) => {
    expect(closureOf(given).verdict).toBe('unproven');
  });
});

test('rapid growth is told from the history of the inventory', () => {
  const growth = (hostCounts: GitFacts['hostCounts']) =>
    closureOf(input({ fleet: { ...NOTHING, git: read({ ...GIT, hostCounts }) } })).triggers.find(
      ({ id }) => id === 'growth',
    )?.fired;
  const at = (date: string, hosts: number) => ({ date, hosts });
  expect(growth([])).toBeNull();
  expect(growth([at('2026-11-20T00:00:00Z', 1), at('2026-11-21T00:00:00Z', 90)])).toBeNull();
  expect(growth([at('2026-11-01T00:00:00Z', 10), at('2026-11-21T00:00:00Z', 100)])).toBe(false);
  expect(growth([at('2026-11-01T00:00:00Z', 10), at('2026-11-21T00:00:00Z', 130)])).toBe(true);
});
