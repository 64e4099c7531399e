import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accessDigestSchema } from '../../src/access/digest-schema.js';
import { createDigest, digestOf } from '../../src/access/digest.js';
import { createFirst, createGroups, order } from '../../src/access/digest/bounded.js';
import { accessReport } from '../../src/access/report.js';
import type { Door, Session, Use } from '../../src/access/types.js';
import { FROM, madeDigest, madePart, TO } from './made-fleet.js';

const SEED = { seed: 20261121 };
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);
const END = {
  window: { from: FROM, to: TO },
  total: 1,
  approvals: { configured: false, problem: '', total: 0, unused: [] },
};
/** The first of a list that is not empty. */
function one<T>(all: readonly T[]): T {
  const [first] = all;
  if (first === undefined) throw new Error('empty');
  return first;
}
const counts = (row: { readonly certificate: number; readonly password: number }) => row;

describe('collections that stay small', () => {
  test('the first ones, whatever the order they came in', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (all, most) => {
        const first = createFirst<number>(most, (a, b) => a - b);
        for (const each of all) first.add(each);
        expect(first.values()).toEqual(all.toSorted((a, b) => a - b).slice(0, most));
        expect(first.left()).toBe(Math.max(0, all.length - most));
      }),
      SEED,
    );
  });

  test('groups: those kept are whole, and the same ones in any order', () => {
    const keys = fc.array(fc.string({ maxLength: 2 }), { maxLength: 400 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 10 }), (all, most) => {
        const groups = createGroups<{ key: string; n: number }>(most);
        for (const key of all) {
          const group = groups.of(key, () => ({ key, n: 0 }));
          if (group) group.n += 1;
        }
        const kept = [...new Set(all)].sort(order).slice(0, most);
        expect(groups.values()).toEqual(
          kept.map((key) => ({ key, n: all.filter((one) => one === key).length })),
        );
      }),
      SEED,
    );
  });
});

describe('the digest of a fleet', () => {
  test('is the same whatever order hosts come in, and fits its schema', () => {
    const whole = madeDigest(range(0, 60));
    fc.assert(
      fc.property(fc.shuffledSubarray(range(0, 60), { minLength: 60 }), (hosts) => {
        expect(madeDigest(hosts)).toEqual(whole);
      }),
      { ...SEED, numRuns: 12 },
    );
    expect(accessDigestSchema.parse(whole)).toEqual(whole);
  });

  test('counts everything once: what is shown and what is left out make the whole', () => {
    const parts = range(0, 60).map((index) => madePart(index));
    const digest = madeDigest(range(0, 60));
    const sessions = parts.flatMap((part) => part.sessions);
    expect(digest.may.total).toBe(parts.flatMap(({ doors }) => doors).length);
    expect(digest.logins).toMatchObject({
      certificate: sessions.filter(({ method }) => method === 'certificate').length,
      password: sessions.filter(({ method }) => method === 'password').length,
      untrusted: parts.reduce((sum, { untrusted }) => sum + untrusted, 0),
    });
    const shown = digest.did.rows.reduce((sum, { count }) => sum + count, 0);
    expect(shown + digest.did.left).toBe(sessions.length);
    expect(digest.changed.sessions.rows.length + digest.changed.sessions.left).toBe(
      digest.changed.effects.altered,
    );
    const bad = sessions.filter(
      ({ approval, breakGlass }) => breakGlass || !['approved', 'not-asked'].includes(approval),
    );
    expect(digest.why.rows.length + digest.why.left).toBe(bad.length);
    expect(digest.pictures.days.reduce((sum, { counts: of }) => sum + counts(of).certificate, 0)).toBe(
      digest.logins.certificate,
    );
    expect(digest.pictures.hours.flat().reduce((sum, n) => sum + n, 0)).toBe(sessions.length);
    expect(digest.hosts).toMatchObject({ read: 60, total: 61, whole: 60 - digest.hosts.notWhole.count });
  });

  test('is the digest of the whole report, too', () => {
    const parts = range(0, 45).map((index) => ({
      ...madePart(index),
      approvalsUsed: [],
      principalLogins: [],
    }));
    const report = accessReport({
      run: 'r', window: { from: FROM, to: TO }, question: {}, parts, warnings: [],
      approvals: { ok: true, gaps: [], value: [] },
    }); // prettier-ignore
    const digest = createDigest();
    for (const part of parts.toReversed()) digest.add(part);
    expect(digestOf(report)).toEqual(digest.value({ ...END, total: 45, approvals: report.approvals }));
  });

  test('ten thousand hosts, each with identities and gaps of its own: bounded, and says what is left out', () => {
    const digest = createDigest();
    for (const index of range(0, 10_000)) {
      const part = madePart(index % 30);
      const name = `h${index}`;
      digest.add({
        ...part,
        state: { ...part.state, name, gaps: [`gap ${index}`] },
        doors: part.doors.map((door): Door => ({ ...door, host: name, who: `${door.who}-${index}` })),
        uses: part.uses.map((use): Use => ({ ...use, host: name, identity: `${use.identity}-${index}` })),
        sessions: [],
      });
    }
    const value = digest.value({ ...END, total: 10_000 });
    expect(JSON.stringify(value).length).toBeLessThan(250_000);
    expect(value.may.rows.length).toBe(60);
    expect(value.may.left).toBe(value.may.total - 60);
    expect(value.gaps).toMatchObject({ left: 10_000 - 20 });
    expect(value.pictures.grants).toMatchObject({ by: 'environment', leftRows: 3960 });
  });

  test('one host cannot push out what others told by inventing identities', () => {
    const digest = createDigest();
    const invented = range(0, 4000).map((index): Use => ({
      ...one(madePart(0).uses),
      identity: `!${String(index).padStart(4, '0')}`,
      known: false,
      count: 1,
    }));
    for (const name of ['a', 'b'])
      digest.add({ ...madePart(1), state: { ...madePart(1).state, name }, uses: invented });
    digest.add({
      ...madePart(2),
      uses: [{ ...one(madePart(2).uses), identity: 'stranger', known: false, count: 5 }],
    });
    const { rows, left } = digest.value(END).did;
    expect(rows[0]).toMatchObject({ identity: 'stranger', count: 5 });
    expect(left).toBe(8005 - rows.reduce((sum, { count }) => sum + count, 0));
  });

  test('what should not be there comes first, and names nobody knows', () => {
    const { may, did } = madeDigest(range(0, 24));
    expect(may.rows.slice(0, 2).map(({ kind }) => kind)).toEqual(['password', 'static-key']);
    expect(did.rows[0]?.known).toBe(false);
  });
});

describe('pictures', () => {
  const at = (time: string): Session => ({
    ...one(madePart(0).sessions),
    at: time,
    method: 'certificate',
  });
  const draw = (times: readonly string[], from: string, to: string) => {
    const digest = createDigest();
    digest.add({ ...madePart(0), sessions: times.map(at) });
    return digest.value({ ...END, window: { from: Date.parse(from), to: Date.parse(to) } }).pictures;
  };

  test('days without a gap, hours from Monday, all UTC', () => {
    const { days, hours, step } = draw(
      ['2026-11-15T23:59:59Z', '2026-11-16T00:00:00Z', '2026-11-16T00:30:00Z'],
      '2026-11-14T12:00:00Z',
      '2026-11-17T12:00:00Z',
    );
    expect(step).toBe('day');
    expect(days.map(({ day, counts: of }) => [day, of.certificate])).toEqual([
      ['2026-11-14', 0],
      ['2026-11-15', 1],
      ['2026-11-16', 2],
      ['2026-11-17', 0],
    ]);
    // The 15th was a Sunday.
    expect([hours[6]?.[23], hours[0]?.[0], hours.length, hours[0]?.length]).toEqual([1, 2, 7, 24]);
  });

  test('weeks where there are many days', () => {
    const { days, step } = draw(['2026-11-16T00:00:00Z'], '2026-01-01T00:00:00Z', '2026-11-17T00:00:00Z');
    expect(step).toBe('week');
    expect(days.length).toBe(46);
    expect(days.reduce((sum, { counts: of }) => sum + of.certificate, 0)).toBe(1);
  });

  test('grants: used on any account is used; unused only where the log can tell', () => {
    const door = (who: string, uses: number | null, account = 'ops'): Door => ({
      ...one(madePart(0).doors),
      kind: 'certificate',
      who,
      account,
      uses,
    });
    const grants = (whole: boolean, ...doors: readonly Door[]) => {
      const digest = createDigest();
      digest.add({ ...madePart(0), state: { ...madePart(0).state, whole }, doors });
      return digest.value(END).pictures.grants.rows.map(({ who, cells }) => [who, cells]);
    };
    const [used, unused, unknown] = (['used', 'unused', 'unknown'] as const).map((state) => ({
      used: 0,
      unused: 0,
      unknown: 0,
      [state]: 1,
    }));
    expect(grants(true, door('a', 0), door('b', 2), door('c', null))).toEqual([
      ['a', [unused]],
      ['b', [used]],
      ['c', [unknown]],
    ]);
    expect(grants(false, door('a', 0), door('b', 2))).toEqual([
      ['a', [unknown]],
      ['b', [used]],
    ]);
    expect(grants(true, door('a', 0), door('a', 3, 'ro'))).toEqual([['a', [used]]]);
    expect(grants(true, door('a', 0), door('a', null, 'ro'))).toEqual([['a', [unknown]]]);
  });

  test('a column a host up to forty hosts, then a column an environment', () => {
    const forty = madeDigest(range(0, 40)).pictures.grants;
    expect([forty.by, forty.columns.length]).toEqual(['host', 40]);
    const more = madeDigest(range(0, 41)).pictures.grants;
    expect([more.by, more.columns]).toEqual([
      'environment',
      [
        { name: 'production', hosts: 14 },
        { name: 'staging', hosts: 14 },
        { name: 'test', hosts: 13 },
      ],
    ]);
    const full = more.rows.find(({ who }) => who === 'adm-full');
    expect(full?.cells.map((cell) => (cell ? cell.used + cell.unused + cell.unknown : 0))).toEqual([
      14, 14, 13,
    ]);
  });
});
