import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { csv } from '../../reports/csv.js';
import type { FleetReport } from '../../src/model.js';
import { fleet, host, report, result, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying } from './hostile.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => csv.render(value, options);

/** A reader of RFC 4180 section 2 that takes nothing but quoted cells and CRLF. */
function parse(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  const cell = /"((?:[^"]|"")*)"(,|\r\n)/gy;
  let row: string[] = [];
  let end = 0;
  for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
    row.push((found[1] ?? '').replaceAll('""', '"'));
    end = cell.lastIndex;
    if (found[2] !== '\r\n') continue;
    rows.push(row);
    row = [];
  }
  expect(end).toBe(text.length);
  return rows;
}

function records(value: FleetReport): readonly Readonly<Record<string, string>>[] {
  const [names = [], ...rows] = parse(render(value));
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? ''])));
}

describe('csv', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/scorecard.csv');
  });

  it('has one row for each host and check, seventeen cells each, hosts sorted', () => {
    const rows = parse(render({ ...mixed, hosts: mixed.hosts.toReversed() }));
    expect(rows).toHaveLength(1 + 8 * 11);
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([17]));
    expect(render({ ...mixed, hosts: mixed.hosts.toReversed() })).toBe(render(mixed));
    expect(parse(render(fleet(500)))).toHaveLength(5001);
  });

  it('says waived, expired, unreachable and not judged apart', () => {
    const all = records(mixed);
    const one = (name: string, id: string) => all.find((row) => row['host'] === name && row['id'] === id);
    expect(one('web-04', 'no-static-keys')).toMatchObject({
      check: '2',
      status: 'fail',
      waiver_state: 'applied',
    });
    expect(one('web-05', 'no-static-keys')).toMatchObject({ status: 'fail', waiver_state: 'expired' });
    expect(one('db-01', 'root-login')).toMatchObject({ status: 'unknown', reason: 'connect-timeout' });
    expect(one('db-02', 'root-login')).toMatchObject({ status: 'unknown', reason: 'denied' });
    expect(one('web-01', 'root-login')).toMatchObject({
      status: 'pass',
      waiver_state: '',
      since: '',
      host_key: 'SHA256:abc',
    });
    expect(one('web-03', 'root-login')?.['subject']).toBe('account root | account toor');
    expect(one('web-03', 'password-auth')?.['since']).toBe('2026-11-03T02:00:00.000Z');
    expect(records(report([host('idle', [])]))).toMatchObject([
      { host: 'idle', status: 'unknown', message: expect.stringContaining('not judged') },
    ]);
  });

  it('has only the rows asked for', () => {
    const [head, ...rows] = parse(csv.render(mixed, { ...options, statuses: ['waived', 'fail'] }));
    const status = head?.indexOf('status') ?? -1;
    const state = head?.indexOf('waiver_state') ?? -1;
    expect(rows).toHaveLength(8);
    expect(new Set(rows.map((row) => row[status]))).toEqual(new Set(['fail']));
    expect(rows.filter((row) => row[state] === 'applied')).toHaveLength(2);
  });

  it('bounds what one host can say', () => {
    const finding = (n: number) => ({ subject: `s${n}`, message: '\u{e0041}'.repeat(5000), evidence: [] });
    const loud = result('root-login', {
      status: 'fail',
      findings: [finding(0), ...Array.from({ length: 5000 }, (_, n) => finding(n + 1))],
    });
    for (const row of parse(render(report([host('loud', ten(loud))]))))
      for (const cell of row) expect(cell.length).toBeLessThanOrEqual(32_767);
    expect(records(report([host('loud', ten(loud))]))[5]?.['subject']).toContain('s49 | and 4951 more');
  });

  it('keeps hostile text inert: no row, cell or formula of its own', () => {
    const calm = parse(render(saying('x'))).length;
    fc.assert(
      fc.property(hostileText, (text) => {
        const out = render(saying(text));
        const rows = parse(out);
        expect(rows).toHaveLength(calm);
        for (const row of rows) {
          expect(row).toHaveLength(17);
          for (const cell of row)
            expect(cell.startsWith("'") || !/^[" ]*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(cell)).toBe(true);
        }
        expect(out.replaceAll('\r\n', '')).not.toMatch(INVISIBLE);
      }),
      fixed,
    );
  });
});
