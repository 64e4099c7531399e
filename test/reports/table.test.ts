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
    ['table-40.txt', { width: 40 }],
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
    const quotes = report([host('a', ten(failing('root-login', 'the organisation’s “root” key…')))]);
    expect(render(quotes, { ascii: true })).toContain('the organisation\'s "root" key...');
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

  it('what to do first, in order of urgency: severity and hosts, then what to provide', () => {
    const steps = (...hosts: readonly HostReport[]): readonly string[] =>
      [
        ...(/DO FIRST[^\n]*\n([^]*?)\n\n/.exec(render(report(hosts)))?.[1] ?? '').matchAll(
          /^ \d\. (.*)\n +(.*)/gm,
        ),
      ].map(([, text = '', why = '']) => `${text} (${why})`);
    const denied = host('a', ten(result('ca-trust', { status: 'unknown', reason: 'denied', detail: 'd' })));
    const fails = (name: string, id: string, fix: string) => host(name, ten(failing(id, 'm', 's', fix)));
    expect(
      steps(
        unreachable('b'),
        denied,
        fails('c', 'ca-trust', 'one critical'),
        ...['d', 'e', 'f'].map((name) => fails(name, 'root-login', 'three high')),
        fails('g', 'bootstrap-complete', 'one low'),
      ),
    ).toEqual([
      'three high (root-login, high, 3 hosts)',
      'one critical (ca-trust, critical, 1 host)',
      'one low (bootstrap-complete, low, 1 host)',
    ]);
    expect(steps(unreachable('b'), denied)).toEqual([
      'check the address, the security group and that sshd listens (connect-timeout, 1 host)',
      'provide what is missing: d (denied, check 1, 1 host)',
    ]);
    expect(steps(host('a', ten()))).toEqual([]);
  });

  it('one cause at several places, most hosts first', () => {
    const at = (line: number, names: readonly string[]) =>
      names.map((name) =>
        host(name, ten(failing('password-auth', 'm', `/etc/ssh/sshd_config:${line}`, 'fix'))),
      );
    const two = report([...at(1, ['a1', 'a2', 'a3']), ...at(9, ['b1'])]);
    expect(render(two)).toMatch(
      /seen {5}3 hosts \/etc\/ssh\/sshd_config:1: PasswordAuthentication yes\n {13}1 host \/etc\/ssh\/sshd_config:9: /,
    );
    expect(render(report(at(1, ['a1', 'a2'])))).toContain(
      'seen     /etc/ssh/sshd_config:1: PasswordAuthentication yes',
    );
  });

  it('waivers, attestations and changes', () => {
    const text = render(mixed);
    expect(text).toContain('WAIVED  1 accepted failure; none counts as a pass. Waivers: 1 applied');
    expect(text).toMatch(/^ {2}expired {5}no-static-keys on web-05 \(account deploy\), expired 2026-10-01/m);
    expect(text).toMatch(/^ {2}too-long {4}root-login on web-03/m);
    expect(text).toMatch(/^ {2}in-force {2}ca-custody of SHA256:ip2sy/m);
    expect(text).toContain('CHANGES  since 2026-11-20 02:00 UTC (unproven): 2 newly failing');
    expect(text).toMatch(/^ {2}newly failing {3}web-02 password-auth \(was pass\)/m);
    expect(text).toContain('critical, 2 hosts: web-[02-03], since 2026-11-03');
  });

  it('only what was asked for, and that the rest is counted all the same', () => {
    const only = (...statuses: readonly ('pass' | 'fail' | 'unknown' | 'waived')[]) =>
      render(mixed, { statuses });
    const fail = only('fail');
    expect(fail).toContain('showing fail; everything is counted');
    expect(fail).toMatch(/^FAILURES/m);
    expect(fail).not.toMatch(/^(UNKNOWN|WAIVED|PASSES)/m);
    expect(fail).not.toMatch(/^(db-02|web-01|web-04) /m);
    expect(fail).toMatch(/^web-05 /m);
    expect(only('waived')).toMatch(/^WAIVED/m);
    expect(only('waived')).not.toMatch(/^FAILURES/m);
    expect(only('unknown')).toMatch(/^UNKNOWN/m);
    expect(only('pass')).toMatch(/^PASSES/m);
    const totals = /\nTOTALS[^]*$/;
    expect(totals.exec(fail)?.[0]).toBe(totals.exec(render(mixed))?.[0]);
    const large = render(fleet(500), { statuses: ['unknown'] });
    expect(large).toContain('HOSTS  50 of 500 hosts with unknown');
    expect(render(report([host('a', ten())]), { statuses: ['fail'] })).not.toMatch(/^HOST/m);
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
