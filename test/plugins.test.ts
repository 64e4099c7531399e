import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPlugins } from '../src/plugins.js';
import type { FleetReport } from '../src/model.js';
import { runMain } from './helpers/io.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'plugins-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function module(text: string): string {
  count += 1;
  const path = join(folder, `plugin-${count}.mjs`);
  writeFileSync(path, text);
  return path;
}
const check = (id: string, body: string) =>
  `{ meta: { id: '${id}', title: 'A rule', severity: 'low', number: 1, needs: { host: ['system'], fleet: [] } }, evaluate: () => (${body}) }`;
const PASS = "{ status: 'pass', because: 'seen', evidence: [] }";

describe('loading', () => {
  test('a check or a report as default, or lists of them', async () => {
    const one = module(`export default ${check('site-a', PASS)}`);
    const many = module(
      `export const checks = [${check('site-b', PASS)}]; export const reports = [{ id: 'lines', title: 'L', mediaType: 'text/plain', render: () => 'x' }];`,
    );
    const { checks, reports } = await loadPlugins([one, many], folder, new Set());
    expect(checks.map(({ meta }) => meta.id)).toEqual(['site-a', 'site-b']);
    expect(reports.map(({ id }) => id)).toEqual(['lines']);
    expect(checks.every(({ meta }) => meta.number === undefined)).toBe(true);
  });

  test.each([
    ['nothing of the shape', 'export default 42', 'exports no check and no report'],
    [
      'an ID that is taken',
      `export default ${check('root-login', PASS)}`,
      'uses the ID "root-login", which is taken',
    ],
    ['an ID that is no word', `export default ${check('Bad Id', PASS)}`, 'exports no check and no report'],
    ['a syntax error', 'export default {', 'cannot load the plug-in'],
  ])('%s is refused with the file named', async (_title, text, message) => {
    await expect(loadPlugins([module(text)], folder, new Set(['root-login']))).rejects.toThrow(message);
  });
});

describe('in a run', () => {
  const demo = async (text: string) => {
    const { code, out, err } = await runMain([
      'demo',
      join(folder, 'out'),
      '--check',
      'root-login',
      '--check',
      'site-rule',
      '-o',
      'json=-',
      '-q',
      '--plugin',
      module(text),
    ]);
    return { code, err, report: JSON.parse(out) as FleetReport };
  };

  test('its results appear apart and never change the score', async () => {
    const { report } = await demo(
      `export default ${check('site-rule', "{ status: 'fail', findings: [{ subject: 's', message: 'm', evidence: [] }] }")}`,
    );
    const web = report.hosts.find(({ name }) => name === 'web-01');
    expect(web?.extra.map(({ id, outcome }) => [id, outcome.status])).toEqual([['site-rule', 'fail']]);
    expect([web?.score, web?.results.length]).toEqual([1, 1]);
    expect(report.checks.map(({ id }) => id)).toEqual(['root-login', 'site-rule']);
  });

  test('one that throws is unknown with its error', async () => {
    const { report } = await demo(
      `export default ${check('site-rule', "(() => { throw new Error('boom') })()")}`,
    );
    expect(report.hosts.find(({ name }) => name === 'web-01')?.extra[0]?.outcome).toMatchObject({
      status: 'unknown',
      reason: 'check-crashed',
    });
  });

  test('the example in docs/plugins.md works as printed', async () => {
    const example = /```js\n([\s\S]*?)```/.exec(readFileSync('docs/plugins.md', 'utf8'))?.[1] ?? '';
    const { checks } = await loadPlugins([module(example)], folder, new Set());
    expect(checks[0]?.meta.id).toBe('sftp-only');
  });
});
