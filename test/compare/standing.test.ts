import { describe, expect, test } from 'vitest';
import { pointOf, standingOf } from '../../src/compare/standing.js';
import { failing, host, report, result, run, ten, unreachable } from '../fixtures/reports/build.js';

const LATER = { ...run(2), id: 'later', now: '2026-11-22T02:00:00.000Z' };
const broken = (...subjects: string[]) =>
  host('a', ten(...subjects.map((subject) => failing('root-login', 'PermitRootLogin is yes.', subject))));

describe('standingOf', () => {
  test('a status that holds keeps its beginning; one that changed begins now', () => {
    const first = standingOf(report([broken('/x:1'), host('b', ten())]));
    const second = standingOf(
      report(
        [
          host('A', broken('/x:2').results),
          host('b', ten(result('principals', { status: 'unknown', reason: 'denied', detail: 'x' }))),
        ],
        { run: LATER },
      ),
      first,
    );
    expect(second.hosts['A']?.checks['root-login']).toEqual({
      status: 'fail',
      since: first.point.now,
      subjects: ['/x:2'],
    });
    expect(second.hosts['b']?.checks['principals']).toEqual({ status: 'unknown', since: LATER.now });
    expect(second.hosts['b']?.checks['ca-trust']).toEqual({ status: 'pass', since: first.point.now });
  });

  test('without an earlier run the report itself may know since when', () => {
    const since = '2026-10-01T00:00:00.000Z';
    const results = ten().map((one) => (one.id === 'ca-trust' ? { ...one, since } : one));
    const { hosts } = standingOf(report([host('a', results)]));
    expect(hosts['a']?.checks['ca-trust']?.since).toBe(since);
    expect(hosts['a']?.checks['principals']?.since).toBe('2026-11-21T02:00:00.000Z');
  });

  test('waived only while the waiver is in force; its subjects stay', () => {
    const waiver = {
      check: 'root-login',
      hosts: ['*'],
      subjects: [],
      owner: 'o',
      approver: 'a',
      reason: 'r',
      expires: '2026-12-01T00:00:00Z',
    };
    const of = (expired: boolean) => {
      const failed = failing('root-login', 'PermitRootLogin is yes.');
      const fleet = report([host('a', ten({ ...failed, waiver: { ...waiver, expired } }))]);
      return standingOf(fleet).hosts['a']?.checks['root-login'];
    };
    expect(of(false)).toMatchObject({ status: 'waived', subjects: ['/etc/ssh/sshd_config:12'] });
    expect(of(true)).toMatchObject({ status: 'fail' });
  });

  test('guidance is marked, and its failures are counted apart', () => {
    const weak = host('a', ten(), { guidance: [failing('shared-keys', 'A key is shared.')] });
    const { hosts, point } = standingOf(report([weak]));
    expect(hosts['a']?.checks['shared-keys']).toMatchObject({ status: 'fail', guidance: true });
    expect(hosts['a']?.checks['ca-trust']).not.toHaveProperty('guidance');
    expect(point).toMatchObject({ fails: {}, guidance: { 'shared-keys': 1 } });
    expect(standingOf(report([host('a', ten())])).point).not.toHaveProperty('guidance');
  });

  test('a host that was not reached is there, with no host key', () => {
    const { hosts } = standingOf(report([unreachable('gone')]));
    expect(hosts['gone']).toMatchObject({ reached: false, score: 0 });
    expect(hosts['gone']).not.toHaveProperty('hostKey');
  });
});

describe('pointOf', () => {
  test('counts fails by check, plug-ins too', () => {
    const { fails, partial } = pointOf(
      report([broken('/x:1'), host('b', ten(), { extra: [failing('site-rule', 'is not as it should be')] })]),
    );
    expect(fails).toEqual({ 'root-login': 1, 'site-rule': 1 });
    expect(partial).toBe(false);
  });

  test.each([
    ['interrupted', { partial: true }],
    ['some hosts', { selection: { ...run(1).selection, hosts: ['a*'] } }],
    ['a shard', { shard: { index: 1, of: 3 } }],
    ['fewer hosts than the inventory', { inventory: { ...run(1).inventory, hosts: 2 } }],
  ])('partial: %s', (_what, more) => {
    expect(pointOf(report([host('a', ten())], { run: { ...run(1), ...more } })).partial).toBe(true);
  });

  test('only some checks is still every host', () => {
    const some = { ...run(1), selection: { ...run(1).selection, checks: ['root-login'] } };
    expect(pointOf(report([host('a', ten())], { run: some })).partial).toBe(false);
  });
});
