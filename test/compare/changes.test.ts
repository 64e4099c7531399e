import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changesBetween } from '../../src/compare/changes.js';
import type { Changes, CheckStanding, HostStanding, Standing } from '../../src/model.js';
import { point, standing } from './fleets.js';

const SEED = { seed: 20261121, numRuns: 300 };
const [OLD, NEW] = ['2026-11-20', '2026-11-21'];
const pair = [standing(OLD), standing(NEW)] as const;

const LISTS = ['newlyFailing', 'newlyPassing', 'newlyUnknown', 'stillFailing', 'newlyWaived'] as const;
const named = (changes: Changes): string[] =>
  LISTS.flatMap((list) => (changes[list] ?? []).map(({ host, check }) => `${host} ${check}`));

describe('properties', () => {
  test('a run against itself changes nothing but names what still fails', () => {
    fc.assert(
      fc.property(pair[0], (one) => {
        const { stillFailing, from, to, ...rest } = changesBetween(one, one);
        expect(Object.values(rest).flat()).toEqual([]);
        expect(from).toEqual(to);
        const fails = Object.values(one.hosts).flatMap(({ checks }) =>
          Object.values(checks).filter(({ status }) => status === 'fail'),
        );
        expect(stillFailing).toHaveLength(fails.length);
        expect(stillFailing.flatMap(({ subjects }) => subjects)).toEqual([]);
      }),
      SEED,
    );
  });

  test('swapping the runs swaps what fails and what passes, comes and goes', () => {
    fc.assert(
      fc.property(...pair, (old, now) => {
        const [there, back] = [changesBetween(old, now), changesBetween(now, old)];
        const turned = (changes: Changes, list: 'newlyFailing' | 'newlyPassing', from: string) =>
          changes[list].filter((one) => one.from === from).map(({ host, check }) => [host, check]);
        expect(turned(there, 'newlyFailing', 'pass')).toEqual(turned(back, 'newlyPassing', 'fail'));
        expect(turned(there, 'newlyPassing', 'fail')).toEqual(turned(back, 'newlyFailing', 'pass'));
        expect(there.newHosts).toEqual(back.vanishedHosts);
        expect(there.hostKeys.map(({ from, to }) => [to, from])).toEqual(
          back.hostKeys.map(({ from, to }) => [from, to]),
        );
        const flip = { added: 'removed', removed: 'added' } as const;
        const access = (changes: Changes, turn: boolean) =>
          changes.access
            .map((one) => JSON.stringify({ ...one, change: turn ? flip[one.change] : one.change }))
            .sort();
        expect(access(there, true)).toEqual(access(back, false));
      }),
      SEED,
    );
  });

  test('every difference of two results is named exactly once', () => {
    fc.assert(
      fc.property(...pair, (old, now) => {
        const expected = Object.entries(now.hosts).flatMap(([host, { checks }]) =>
          Object.entries(checks).flatMap(([check, { status }]) => {
            const then = Object.hasOwn(old.hosts, host) ? old.hosts[host]?.checks : undefined;
            const was = then && Object.hasOwn(then, check) ? then[check]?.status : undefined;
            const bad = status === 'fail' || status === 'waived';
            const told = was === undefined ? bad : was !== status || status === 'fail';
            return told ? [`${host} ${check}`] : [];
          }),
        );
        expect(named(changesBetween(old, now)).sort()).toEqual(expected.sort());
      }),
      SEED,
    );
  });

  test('lists are sorted by host, then check', () => {
    fc.assert(
      fc.property(...pair, (old, now) => {
        const changes = changesBetween(old, now);
        for (const list of LISTS) {
          const keys = (changes[list] ?? []).map(({ host, check }) => JSON.stringify([host, check]));
          expect(keys).toEqual(keys.toSorted());
        }
        expect(changes.newHosts).toEqual(changes.newHosts.toSorted());
      }),
      SEED,
    );
  });
});

const host = (checks: Record<string, CheckStanding>, more: Partial<HostStanding> = {}): HostStanding => ({
  reached: true,
  score: 0,
  checks,
  ...more,
});
const run = (day: string, hosts: Record<string, HostStanding>, partial = false): Standing => ({
  schema: 1,
  point: point(day, { partial }),
  hosts,
});
const is = (status: CheckStanding['status'], since = NEW, subjects?: string[]): CheckStanding => ({
  status,
  since: `${since}T02:00:00.000Z`,
  ...(subjects && { subjects }),
});

describe('cases', () => {
  test('host names differ only in case: the same host, under its new name', () => {
    const changes = changesBetween(
      run(OLD, { 'Web-01': host({ 'ca-trust': is('pass') }, { hostKey: 'a' }) }),
      run(NEW, { 'web-01': host({ 'ca-trust': is('fail', NEW, ['x']) }, { hostKey: 'b' }) }),
    );
    expect(changes.newHosts).toEqual([]);
    expect(changes.vanishedHosts).toEqual([]);
    expect(changes.newlyFailing).toMatchObject([{ host: 'web-01', from: 'pass', subjects: ['x'] }]);
    expect(changes.hostKeys).toEqual([{ host: 'web-01', from: 'a', to: 'b' }]);
  });

  test('a host that a partial run did not ask is not gone, and one the older did not ask is not new', () => {
    const [one, two] = [{ a: host({}) }, { b: host({ 'ca-trust': is('fail') }) }];
    expect(changesBetween(run(OLD, one), run(NEW, two)).vanishedHosts).toEqual(['a']);
    expect(changesBetween(run(OLD, one), run(NEW, two, true)).vanishedHosts).toEqual([]);
    const from = changesBetween(run(OLD, one, true), run(NEW, two));
    expect(from.newHosts).toEqual([]);
    expect(from.newlyFailing).toMatchObject([{ host: 'b', from: 'absent' }]);
  });

  test('still failing: new subjects only, since the older run when the newer knows no better', () => {
    const old = run(OLD, { a: host({ 'ca-trust': is('fail', '2026-11-01', ['x']) }) });
    const now = run(NEW, { a: host({ 'ca-trust': is('fail', NEW, ['x', 'y']) }) });
    expect(changesBetween(old, now).stillFailing).toEqual([
      {
        host: 'a',
        check: 'ca-trust',
        from: 'fail',
        to: 'fail',
        since: '2026-11-01T02:00:00.000Z',
        subjects: ['y'],
      },
    ]);
    const knowing = run(NEW, { a: host({ 'ca-trust': is('fail', '2026-11-10', ['x']) }) });
    expect(changesBetween(old, knowing).stillFailing[0]?.since).toBe('2026-11-10T02:00:00.000Z');
  });

  test('an accepted failure is neither passing nor failing, and fails again when the waiver ends', () => {
    const [open, waived] = [host({ 'ca-trust': is('fail') }), host({ 'ca-trust': is('waived') })];
    const accepted = changesBetween(run(OLD, { a: open }), run(NEW, { a: waived }));
    expect(accepted.newlyPassing).toEqual([]);
    expect(accepted.newlyWaived).toMatchObject([{ host: 'a', from: 'fail', to: 'waived' }]);
    expect(changesBetween(run(OLD, { a: waived }), run(NEW, { a: open })).newlyFailing).toMatchObject([
      { from: 'waived' },
    ]);
  });

  test('a check that was left out is said once, not host by host', () => {
    const old = run(OLD, { a: host({ 'ca-trust': is('fail'), principals: is('pass') }) });
    const changes = changesBetween(old, run(NEW, { a: host({ principals: is('pass') }) }));
    expect(changes.droppedChecks).toEqual(['ca-trust']);
    expect(changes.newlyPassing).toEqual([]);
  });

  test('access: nothing is said of what could not be read, nothing is removed by half a reading', () => {
    const access = { caKeys: ['k'], staticKeys: [{ account: 'root', fingerprint: 'f' }], principals: [] };
    const empty = { caKeys: [], staticKeys: [], principals: [] };
    const between = (from: HostStanding['access'], to: HostStanding['access']) =>
      changesBetween(
        run(OLD, { a: host({}, from && { access: from }) }),
        run(NEW, { a: host({}, to && { access: to }) }),
      ).access;
    expect(between(access, undefined)).toEqual([]);
    expect(between(undefined, access)).toEqual([]);
    expect(between(access, { ...empty, partial: true })).toEqual([]);
    expect(between({ ...empty, partial: true }, access)).toHaveLength(2);
    expect(between(access, empty)).toEqual([
      { host: 'a', change: 'removed', kind: 'ca-key', value: 'k' },
      { host: 'a', change: 'removed', kind: 'static-key', account: 'root', value: 'f' },
    ]);
  });
});
