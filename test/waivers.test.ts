import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Attestation, Waiver } from '../src/model.js';
import { defaultPolicy } from '../src/policy.js';
import { buildReport, exitCodeOf } from '../src/report.js';
import { attestationUses, useWarnings, waiverFor, waiverUses } from '../src/waivers.js';
import { failing, host, run, ten, unreachable } from './fixtures/reports/build.js';

const NOW = new Date('2026-11-21T00:00:00Z');
const LATER = '2026-11-21T00:00:00.001Z';
const PAST = '2026-11-20T23:59:59.999Z';

const waiver: Waiver = {
  check: 'no-static-keys',
  hosts: ['web*'],
  subjects: ['/home/*'],
  owner: 'A',
  approver: 'B',
  reason: 'R',
  expires: LATER,
};
const failure = {
  check: 'no-static-keys',
  host: 'web-1',
  subjects: ['/home/a/k:1', '/home/b/k:2'],
  now: NOW,
};
const found = (change: Partial<Waiver>, with_: Partial<typeof failure> = {}) =>
  waiverFor({ waivers: [{ ...waiver, ...change }], waiverMaxDays: 90 }, { ...failure, ...with_ });

describe('the waiver of a failure', () => {
  it('covers it whole or not at all', () => {
    expect(found({})).toEqual({ ...waiver, expired: false });
    expect(found({}, { subjects: [...failure.subjects, '/root/k:1'] })).toBeUndefined();
    expect(found({ subjects: [] }, { subjects: ['anything'] })?.expired).toBe(false);
    expect(found({ subjects: [] }, { subjects: [] })).toBeUndefined();
  });
  it('holds for its check and hosts', () => {
    expect(found({ check: 'root-login' })).toBeUndefined();
    expect(found({}, { host: 'db-1' })).toBeUndefined();
    expect(found({ hosts: [] })).toBeUndefined();
  });
  it.each([
    [NOW.toISOString(), true],
    [PAST, true],
    ['never', true],
    [LATER, false],
    ['2027-02-19T00:00:00.000Z', false],
  ])('that ends %s is shown, expired: %s', (expires, expired) => {
    expect(found({ expires })?.expired).toBe(expired);
  });
  it('that ends later than the policy allows is as if it were not there', () => {
    expect(found({ expires: '2027-02-19T00:00:00.001Z' })).toBeUndefined();
  });
  it('is the first that holds, whatever expired before it, and they are never added up', () => {
    const of = (...waivers: readonly Partial<Waiver>[]) =>
      waiverFor({ waivers: waivers.map((change) => ({ ...waiver, ...change })), waiverMaxDays: 90 }, failure);
    expect(of({ subjects: ['/home/a/*'] }, { subjects: ['/home/b/*'] })).toBeUndefined();
    expect(of({ owner: 'old', expires: PAST }, { owner: 'first' }, { owner: 'second' })?.owner).toBe('first');
    expect(
      of({ owner: 'too long', expires: '2028-01-01T00:00:00Z' }, { owner: 'old', expires: PAST }),
    ).toMatchObject({
      owner: 'old',
      expired: true,
    });
  });
});

const keys = failing('no-static-keys', 'a key', '/home/a/k:1');
const hosts = [host('db-1', ten(keys)), host('web-1', ten(keys)), host('web-2', ten())];
const use = (change: Partial<Waiver>, all = hosts, inventoryHosts = all.length) =>
  waiverUses({ waivers: [{ ...waiver, ...change }], waiverMaxDays: 90 }, all, {
    now: NOW,
    inventoryHosts,
  })[0];

describe('how a waiver fared', () => {
  it('applied, and where', () => {
    expect(use({})).toMatchObject({ state: 'applied', appliedTo: ['web-1'] });
    expect(use({ hosts: ['*'] })).toMatchObject({ state: 'applied', appliedTo: ['db-1', 'web-1'] });
  });
  it('expired or too long: where it would have applied', () => {
    expect(use({ expires: PAST })).toMatchObject({ state: 'expired', appliedTo: ['web-1'] });
    expect(use({ expires: '2027-11-21T00:00:00Z' })).toMatchObject({
      state: 'too-long',
      appliedTo: ['web-1'],
    });
  });
  it.each([
    ['no host has the name', { hosts: ['gone'] }],
    ['the host passes', { hosts: ['web-2'] }],
    ['another subject fails', { subjects: ['/root/*'] }],
  ])('unused: %s', (_, change) => {
    expect(use(change)).toMatchObject({ state: 'unused', appliedTo: [] });
  });
  it('is not called unused when not everything was judged', () => {
    expect(use({ hosts: ['gone'] }, hosts, 4)?.state).toBe('not-judged');
    expect(use({ hosts: ['web-2'], check: 'motd' })?.state).toBe('not-judged');
    expect(use({ hosts: ['web-3'] }, [...hosts, unreachable('web-3')])?.state).toBe('not-judged');
  });
  it('of a plug-in check counts too', () => {
    const plugged = host('web-9', ten(), { extra: [failing('motd', 'none', '/home/x')] });
    expect(use({ check: 'motd' }, [plugged])?.state).toBe('applied');
  });
  it('never throws and keeps order and number, whatever the texts', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ check: fc.string(), hosts: fc.array(fc.string()), expires: fc.string() })),
        (many) => {
          const waivers = many.map((one) => ({ ...waiver, ...one }));
          const uses = waiverUses({ waivers, waiverMaxDays: 90 }, hosts, { now: NOW, inventoryHosts: 3 });
          expect(uses.map(({ check }) => check)).toEqual(waivers.map(({ check }) => check));
          expect(uses.filter(({ state }) => state === 'applied')).toEqual([]);
        },
      ),
      { seed: 4, numRuns: 200 },
    );
  });
});

const attestation: Attestation = {
  kind: 'ca-custody',
  subject: 'SHA256:x',
  by: 'C',
  date: '2026-11-01T00:00:00.000Z',
  expires: LATER,
  evidence: 'SEC-1',
};

describe('attestations', () => {
  it.each([
    [{}, 'in-force'],
    [{ date: NOW.toISOString() }, 'in-force'],
    [{ date: LATER, expires: '2027-01-01T00:00:00Z' }, 'not-yet'],
    [{ expires: NOW.toISOString() }, 'expired'],
    [{ expires: 'never' }, 'expired'],
    [{ date: 'some day' }, 'not-yet'],
  ])('%j: %s', (change, state) => {
    expect(attestationUses({ attestations: [{ ...attestation, ...change }] }, NOW)[0]?.state).toBe(state);
  });
});

describe('what somebody has to do something about', () => {
  const warnings = (...changes: readonly Partial<Waiver>[]) => {
    const policy = { waivers: changes.map((change) => ({ ...waiver, ...change })), waiverMaxDays: 90 };
    const expired = attestationUses({ attestations: [attestation, { ...attestation, expires: PAST }] }, NOW);
    return useWarnings(waiverUses(policy, hosts, { now: NOW, inventoryHosts: 3 }), expired, policy);
  };
  it('is one sentence each; what applies needs none', () => {
    expect(
      warnings(
        {},
        { expires: PAST },
        { expires: PAST, hosts: ['gone'] },
        { hosts: ['gone'] },
        { expires: '2027-11-21T00:00:00Z' },
      ),
    ).toEqual([
      `the waiver of no-static-keys on web* (owner A) expired on 2026-11-20: what it accepted fails again on 1 host`,
      `the waiver of no-static-keys on gone (owner A) expired on 2026-11-20; remove it`,
      'the waiver of no-static-keys on gone (owner A) is not used: no failure is covered by it; remove it, or correct its hosts and subjects',
      'the waiver of no-static-keys on web* (owner A) ends on 2027-11-21T00:00:00Z, more than 90 days from now, and is not accepted; bring its end nearer',
      `the attestation ca-custody of SHA256:x by C expired on 2026-11-20`,
    ]);
  });
});

describe('a report', () => {
  const missing = { ok: false, reason: 'not-configured', detail: 'none' } as const;
  const build = (expired: boolean) => {
    const applied = { ...waiver, expires: expired ? PAST : LATER };
    return buildReport({
      version: '0',
      run: { ...run(1), now: NOW.toISOString() },
      checks: [],
      plugins: [],
      guidance: [],
      hosts: [host('web-1', ten({ ...keys, waiver: { ...applied, expired } }))],
      summaries: [],
      listedIdentities: [],
      fleet: { git: missing, pipeline: missing, attestations: missing },
      policy: { ...defaultPolicy(), waivers: [applied], attestations: [attestation] },
      warnings: ['before'],
    });
  };
  it('holds every waiver and attestation, counts the waived apart, and fails all the same', () => {
    const report = build(false);
    expect(report.waivers).toMatchObject([{ state: 'applied', appliedTo: ['web-1'] }]);
    expect(report.attestations).toMatchObject([{ state: 'in-force' }]);
    expect(report.totals).toMatchObject({ pass: 9, fail: 1, waived: 1, complete: 0 });
    expect(exitCodeOf(report, { requireClosure: false, strictGuidance: false })).toBe(1);
    expect(report.warnings).toEqual(['before']);
  });
  it('does not count an expired waiver as waived, and warns', () => {
    const report = build(true);
    expect(report.totals).toMatchObject({ fail: 1, waived: 0 });
    expect(report.warnings[1]).toContain('fails again on 1 host');
  });
});
