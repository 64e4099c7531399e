import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { table } from '../../reports/table.js';
import type { FleetReport, HostReport, RenderOptions } from '../../src/model.js';
import {
  failing,
  fleet,
  host,
  METAS,
  report,
  result,
  run,
  ten,
  unreachable,
} from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';

const plain: RenderOptions = { color: 0, width: 80, ascii: false, verbose: false };
const render = (value: FleetReport, options: Partial<RenderOptions> = {}): string =>
  table.render(value, { ...plain, ...options });

const odd: readonly HostReport[] = [
  host(
    `db-${'very-'.repeat(30)}long.prod.eu-central-1.example.org`,
    ten(failing('root-login', 'x'.repeat(500))),
  ),
  host('データベース-東京-本番-サーバー-第一号機-予備', ten(failing('root-login', '根'.repeat(100)))),
  host('👍🏽-🫠-🇩🇪-👩‍👩‍👧-é-e\u0301', ten(failing('root-login', '🫠'.repeat(60)))),
  unreachable('不可達-👍'),
];

describe('golden', () => {
  it.each([
    ['table-80.txt', {}],
    ['table-60.txt', { width: 60 }],
    ['table-120-verbose.txt', { width: 120, verbose: true }],
    ['table-80-ascii.txt', { ascii: true }],
  ])('mixed fleet as %s', async (file, options) => {
    await expect(render(mixed, options)).toMatchFileSnapshot(`../golden/reports/${file}`);
  });

  it.each([1, 500])('a fleet of %i hosts', async (size) => {
    await expect(render(fleet(size))).toMatchFileSnapshot(`../golden/reports/table-80-${size}-hosts.txt`);
  });
});

const reports: readonly (readonly [string, FleetReport])[] = [
  ['mixed', mixed],
  ['one host', fleet(1)],
  ['8 hosts', fleet(8)],
  ['500 hosts', fleet(500)],
  ['odd names', report(odd)],
  ['odd names in a large fleet', report([...odd, ...fleet(60).hosts])],
  ['no host', report([])],
  ['one check', report([host('a', ten().slice(0, 1)), unreachable('b')], { checks: METAS.slice(0, 1) })],
  ['hosts without results', report([host('a', []), host('b', [])], { run: { ...run(2), partial: true } })],
];

describe.each(reports)('%s', (_, value) => {
  it.each([40, 47, 60, 80, 99, 120, 200])('has no line wider than %i columns', (width) => {
    for (const options of [{}, { ascii: true }, { verbose: true }, { color: 3 as const }]) {
      const wide = render(value, { width, ...options })
        .split('\n')
        .filter((line) => stringWidth(line) > width);
      expect(wide).toEqual([]);
    }
  });

  it('says the same with and without colour', () => {
    const colored = render(value, { color: 3 });
    // eslint-disable-next-line no-control-regex -- SGR is what chalk adds
    expect(colored.replace(/\u001b\[[\d;]*m/g, '').replace(/ +$/gm, '')).toBe(render(value));
  });

  it('has no control but the newline, no trailing blank, and no line a CI runner would obey', () => {
    for (const verbose of [false, true]) {
      const text = render(value, { verbose });
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(text).not.toMatch(/^\s*::|##(vso|teamcity)?\[/im);
      expect(text).not.toMatch(/ $/m);
      expect(text.endsWith('\n') && !text.endsWith('\n\n')).toBe(true);
    }
  });

  it('is pure ASCII when asked', () => {
    expect(render(value, { ascii: true, verbose: true })).toMatch(/^[\n -~]*$/);
  });
});

describe('what a reader must find', () => {
  it('every host, also when its name has to be cut in the middle', () => {
    const text = render(report(odd));
    expect(text).toMatch(/^db-very-\S*…\S*example\.org pass pass/m);
    expect(text).toMatch(/^不可達-👍 +not reached: connect-timeout +0\/10$/m);
  });

  it('for a large fleet: causes before the matrix, a bounded matrix, failures first in it', () => {
    const text = render(fleet(2000));
    expect(text.indexOf('FAILURES')).toBeLessThan(text.indexOf('\nHOST '));
    expect(text).toContain('… and 260 more, use -o json=results.json');
    expect(text.split('\n').length).toBeLessThan(120);
    const rows = text.split('\n').filter((line) => /\d\/10$/.test(line));
    expect(rows).toHaveLength(40);
    expect(rows.every((row) => row.includes('FAIL'))).toBe(true);
  });

  it('how many hosts a bounded list leaves out', () => {
    const [, listed = ''] =
      /password-auth \(check 5\), critical, 500 hosts:([^]*?)\n {4}Password/.exec(render(fleet(10_000))) ??
      [];
    const names = (listed.match(/\d{5}/g) ?? []).length;
    expect(listed).toContain(` and ${500 - names} more`);
    expect(names).toBeGreaterThan(10);
  });

  it('the next step, in order of urgency', () => {
    const next = (...hosts: readonly HostReport[]): string =>
      / *next +(.*)/.exec(render(report(hosts)))?.[1] ?? '';
    const denied = host('a', ten(result('ca-trust', { status: 'unknown', reason: 'denied', detail: 'd' })));
    expect(next(unreachable('b'), denied, host('c', ten(failing('root-login', 'm'))))).toBe(
      'mend failure 1 first: root-login on 1 host',
    );
    expect(next(unreachable('b'), denied)).toBe('reach 1 host (connect-timeout)');
    expect(next(denied)).toBe('provide what checks 1 miss on 1 host (denied)');
    expect(next(host('a', ten()))).toBe('');
  });

  it('the selection, the interruption and the warnings', () => {
    const selection = { ...run(9).selection, tags: ['db', 'eu'], skippedChecks: ['ca-security'] };
    const text = render(
      report([host('a', ten())], {
        run: { ...run(9), selection, partial: true },
        warnings: ['plug-in x was skipped'],
      }),
    );
    expect(text).toContain('1 of 9 hosts');
    expect(text).toContain('only tags db, eu; without checks ca-security');
    expect(text).toContain('warning  the run was interrupted');
    expect(text).toContain('warning  plug-in x was skipped');
  });

  it('a host that was never judged', () => {
    expect(render(report([host('lost', [])]))).toMatch(/^lost +not reached: not judged +0\/10$/m);
  });
});
