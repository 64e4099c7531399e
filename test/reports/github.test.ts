import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { github, MOST_OF_A_LEVEL } from '../../reports/github.js';
import type { FleetReport } from '../../src/model.js';
import { failing, fleet, host, report, result, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying } from './hostile.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => github.render(value, options);
const lines = (value: FleetReport): readonly string[] => render(value).trimEnd().split('\n');

/** As the runner reads a command: `::name key=value,key=value::data`. */
function command(line: string): {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly data: string;
} {
  const [, name = '', list = '', data = ''] = /^::(\w+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
  const decoded = (text: string): string =>
    text
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',')
      .replaceAll('%0D', '\r')
      .replaceAll('%0A', '\n')
      .replaceAll('%25', '%');
  const pairs = list
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), decoded(pair.slice(pair.indexOf('=') + 1))] as const);
  return { name, properties: Object.fromEntries(pairs), data: decoded(data) };
}

describe('github', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/github.txt');
  });

  it('points at the line of the inventory, and has the same text whatever order the hosts came in', () => {
    expect(command(lines(mixed)[0] ?? '')).toMatchObject({
      name: 'error',
      properties: { file: 'inventory.yaml', line: '12' },
    });
    const odd = host('a', ten(failing('root-login', '100%: a, b')), {
      at: { file: 'a,b:c%.yaml', line: 7, column: 1 },
    });
    const found = command(lines(report([odd]))[0] ?? '');
    expect(found.properties).toMatchObject({
      file: 'a,b:c%.yaml',
      line: '7',
      title: 'root-login (check 6), high',
    });
    expect(found.data).toContain('100%: a, b');
    expect(render({ ...mixed, hosts: mixed.hosts.toReversed() })).toBe(render(mixed));
  });

  it('waived failures raise no error, unknown and unreached raise warnings', () => {
    const waived = report(mixed.hosts.filter(({ name }) => name === 'web-04'));
    expect(lines(waived).map((line) => command(line).name)).toEqual(['notice']);
    const lost = report(mixed.hosts.filter(({ name }) => name.startsWith('db-')));
    expect(lines(lost).map((line) => command(line).name)).toEqual([
      'warning',
      'warning',
      'warning',
      'notice',
    ]);
    expect(render(fleet(10_000)).length).toBeLessThan(5000);
  });

  it('nobody vanishes: a host that was never asked is a warning', () => {
    expect(lines(report([host('idle', [])]))[0]).toMatch(/^::warning .*title=not asked::1 of 1 host: idle/);
  });

  it('shows ten errors and ten warnings, and counts the others', () => {
    const hosts = Array.from({ length: 15 }, (_, index) =>
      host(
        `h${index}`,
        ten(
          failing('root-login', `cause ${index}`),
          result('ca-trust', { status: 'unknown', reason: 'denied', detail: `d${index}` }),
        ),
      ),
    );
    const names = lines(report(hosts)).map((line) => command(line).name);
    expect(names.filter((name) => name === 'error')).toHaveLength(MOST_OF_A_LEVEL);
    expect(names.filter((name) => name === 'warning')).toHaveLength(MOST_OF_A_LEVEL);
    expect(command(lines(report(hosts)).at(-1) ?? '').data).toContain(
      'not shown here: 5 more causes of failure, 5 more reasons for unknowns',
    );
  });

  it('keeps hostile text inert: every line is one of our commands with our properties', () => {
    const calm = lines(saying('x')).length;
    fc.assert(
      fc.property(hostileText, (text) => {
        const out = lines(saying(text));
        expect(out).toHaveLength(calm);
        for (const line of out) {
          expect(line).not.toMatch(INVISIBLE);
          expect(line).not.toMatch(/##(?:vso|teamcity)?\[/i);
          expect(line).toMatch(
            /^::(?:(?:error|warning) file=[^,:]*,line=\d+,title=[^,:]+|notice title=(?:ssh-scorecard|Guidance \(not scored\)))::/,
          );
        }
      }),
      fixed,
    );
  });
});
