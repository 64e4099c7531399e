import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdown, MOST_BYTES } from '../../reports/markdown.js';
import type { FleetReport } from '../../src/model.js';
import { failing, fleet, host, report, ten } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';
import { fixed, hostileText, INVISIBLE, saying } from './hostile.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (value: FleetReport): string => markdown.render(value, options);

describe('markdown', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/scorecard.md');
  });

  it('has the same text whatever order the hosts came in', () => {
    expect(render({ ...mixed, hosts: mixed.hosts.toReversed() })).toBe(render(mixed));
  });

  it('groups a fleet by cause, names the totals and stays small', () => {
    const text = render(fleet(10_000));
    expect(text).toContain('**password\\-auth** (check 5), critical, 500 of 10000 hosts');
    expect(text).toContain('**connect-timeout**, 500 of 10000 hosts');
    expect(text).toContain('| 10000 | 9500 | 8500 |');
    expect(text.length).toBeLessThan(10_000);
  });

  it('nobody vanishes: a host that was never asked is named', () => {
    expect(render(report([host('idle', []), host('b', ten())]))).toContain(
      '**not asked**, 1 of 2 hosts: idle',
    );
  });

  it('cuts whole entries at 900,000 bytes and says how many', () => {
    const hosts = Array.from({ length: 3000 }, (_, index) =>
      host(`h${index}`, ten(failing('root-login', `${index} ${'é'.repeat(550)}`))),
    );
    const text = render(report(hosts));
    const bytes = Buffer.byteLength(text);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
    expect(bytes).toBeGreaterThan(MOST_BYTES - 5000);
    const shown = text.match(/^- \*\*root/gm)?.length ?? 0;
    expect(text).toContain(`**Cut here: ${3000 - shown} more entries did not fit.**`);
    expect(render(mixed)).not.toContain('Cut here');
  });

  it('keeps hostile text inert: no control, no line, tag, link, mention or reference of its own', () => {
    const shape = (text: string): readonly string[] =>
      text.split('\n').map((line) => /^(?:#+ |- |\| |\*\*| {2}<br>\w+: |\w|$)/.exec(line)?.[0] ?? line);
    const calm = shape(render(saying('x'))).length;
    fc.assert(
      fc.property(hostileText, (text) => {
        const out = render(saying(text));
        expect(out.replaceAll('\n', '')).not.toMatch(INVISIBLE);
        expect(shape(out)).toHaveLength(calm);
        expect(out.replaceAll('<!-- -->', '').replaceAll('\n  <br>', '')).not.toMatch(/<(?!br>)/);
        for (const line of out.replaceAll(/\\./g, '').split('\n')) {
          const pipes = line.split('|').length - 1;
          expect(line.startsWith('| ') ? [5, 8] : [0]).toContain(pipes);
          expect(line).not.toMatch(/[[\]`]/);
        }
        expect(out).not.toMatch(/@(?!<!-- -->)|https?\\?:(?!<!-- -->)\/\/|##\[/);
      }),
      fixed,
    );
  });
});
