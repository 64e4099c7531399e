import { describe, expect, test } from 'vitest';
import type { HostPart } from '../../src/access/types.js';
import { accessReport, type AccessQuestion } from '../../src/access/report.js';
import type { Door } from '../../src/access/types.js';
import type { Approval } from '../../src/facts/types.js';
import { FROM, madePart, TO } from './made-fleet.js';

const part = (index: number, more: Partial<HostPart> = {}): HostPart => ({
  ...madePart(index),
  approvalsUsed: [],
  principalLogins: [['adm-full'], ['adm-full', 'x'], ['atm-backup-daily']],
  ...more,
});
const report = (parts: readonly HostPart[], question: AccessQuestion, approvals: readonly Approval[] = []) =>
  accessReport({
    run: 'r',
    window: { from: FROM, to: TO },
    question,
    parts,
    approvals: { ok: true, gaps: [], value: approvals },
    warnings: [],
  });

describe('what would be lost without a principal', () => {
  const closed = (...more: readonly Partial<Door>[]) => {
    const one = part(1);
    const [door] = one.doors;
    if (!door) throw new Error('no door');
    const doors = [
      ...one.doors.filter(({ account }) => account === 'automation'),
      ...more.map((other) => ({ ...door, ...other })),
    ];
    return report([{ ...one, doors }], { without: 'atm-backup-daily' }).lost;
  };

  test('accounts nothing else opens, and the logins that used it', () => {
    expect(closed()).toMatchObject({
      closedAccounts: [{ host: 'db-001', account: 'automation' }],
      logins: 1,
    });
    expect(closed()?.doors.map(({ who }) => who)).toEqual(['atm-backup-daily']);
  });

  test.each([
    ['another principal', { kind: 'certificate', who: 'atm-logrotate', account: 'automation' }],
    ['a key', { kind: 'static-key', account: 'automation' }],
    ['an agent that runs', { kind: 'remote-agent', account: '*', running: true }],
    ['another server', { kind: 'other-server', account: '*' }],
  ] as const)('an account that %s still opens is not closed', (_what, more) => {
    expect(closed(more)?.closedAccounts).toEqual([]);
  });

  test.each([
    ['of another account', { kind: 'static-key', account: 'ops' }],
    ['an agent that does not run', { kind: 'remote-agent', account: '*', running: false }],
    ['the same principal again', { kind: 'certificate', who: 'atm-backup-daily', account: 'automation' }],
  ] as const)('%s leaves it closed', (_what, more) => {
    expect(closed(more)?.closedAccounts).toEqual([{ host: 'db-001', account: 'automation' }]);
  });
});

describe('what was asked', () => {
  const parts = [part(0), part(1), part(2)];

  test('one host: its doors and logins alone', () => {
    const { hosts, doors, sessions, uses } = report(parts, { to: 'db-001' });
    expect(hosts.map(({ name }) => name)).toEqual(['db-001']);
    expect(new Set([...doors, ...sessions, ...uses].map(({ host }) => host))).toEqual(new Set(['db-001']));
  });

  test('one identity: what its principals open, what it did, and nobody else', () => {
    const { doors, sessions, uses, shares, loose } = report(parts, { as: 'adm-bernd' });
    expect(new Set(doors.map(({ who }) => who))).toEqual(new Set(['adm-full']));
    expect(doors.length).toBe(3);
    expect(new Set([...sessions, ...uses].map(({ identity }) => identity))).toEqual(new Set(['adm-bernd']));
    expect(shares.certificate).toBe(sessions.length);
    expect(loose).toEqual([]);
    // The person behind the key ID is asked the same.
    expect(report(parts, { as: 'bernd@example.com' }).doors).toEqual(doors);
    expect(report(parts, { as: 'adm-bern' }).doors).toEqual([]);
  });

  test('one principal: who used it', () => {
    const [one] = parts;
    if (!one) throw new Error('no part');
    const uses = one.uses.map((use) => ({
      ...use,
      principals: use.identity === 'adm-bernd' ? ['adm-full'] : [],
    }));
    expect(report([{ ...one, uses }], { as: 'adm-full' }).uses.map(({ identity }) => identity)).toEqual([
      'adm-bernd',
    ]);
  });
});

describe('approvals', () => {
  const approval = (id: string, more: Partial<Approval> = {}): Approval => ({
    id, requester: 'bernd', approvers: ['dora'], state: 'approved', reason: '', ticket: id, hosts: [], principals: [],
    from: FROM + 1000, until: TO - 1000, source: 'x', ...more,
  }); // prettier-ignore

  test('of the window; those that no login used and that are over', () => {
    const { approvals } = report([part(0, { approvalsUsed: ['A-1'] })], {}, [
      approval('A-1'),
      approval('A-2'),
      approval('A-3', { until: TO + 1000 }),
      approval('A-4', { state: 'denied' }),
      approval('A-5', { from: FROM - 9000, until: FROM - 1000 }),
    ]);
    expect(approvals).toEqual({ configured: true, problem: '', total: 4, unused: ['bernd A-2'] });
  });
});
