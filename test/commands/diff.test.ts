import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standingOf } from '../../src/compare/standing.js';
import type { Changes, CheckResult, FleetReport, HostReport } from '../../src/model.js';
import { runMain } from '../helpers/io.js';

let base = '';
let old: FleetReport;
let now: FleetReport;
const at = (...parts: string[]) => join(base, ...parts);
const diff = (...argv: string[]) => runMain(['diff', ...argv], { cwd: base });

function folder(name: string, report: FleetReport): void {
  mkdirSync(at(name));
  writeFileSync(at(name, 'standing.json.gz'), gzipSync(JSON.stringify(standingOf(report))));
}

function replaced(host: HostReport, id: string, outcome: CheckResult['outcome']): HostReport {
  return { ...host, results: host.results.map((one) => (one.id === id ? { ...one, outcome } : one)) };
}

const BAD: CheckResult['outcome'] = {
  status: 'fail',
  findings: [{ subject: '/etc/ssh/x\u001b]8;;:9', message: 'm', evidence: [] }],
};

beforeAll(async () => {
  base = mkdtempSync(join(tmpdir(), 'diff-test-'));
  await runMain(['demo', at('demo'), '-q']);
  old = JSON.parse(readFileSync(at('demo', 'results.json'), 'utf8')) as FleetReport;
  const [first, second, ...rest] = old.hosts.filter(({ failure }) => !failure);
  if (!first || !second) throw new Error('the demo fleet is too small');
  const good = first.results.find(({ outcome }) => outcome.status === 'pass');
  const lost = second.results.find(({ outcome }) => outcome.status === 'pass');
  if (!good || !lost) throw new Error('nothing passes in the demo fleet');
  now = {
    ...old,
    run: { ...old.run, id: 'next', now: '2027-01-01T00:00:00.000Z' },
    hosts: [
      replaced(first, good.id, BAD),
      replaced(second, lost.id, { status: 'unknown', reason: 'denied', detail: 'd' }),
      ...rest,
      ...old.hosts.filter(({ failure }) => failure),
    ],
  };
  writeFileSync(at('now.json'), JSON.stringify(now));
  writeFileSync(at('lost.json'), JSON.stringify({ ...now, hosts: [first, ...now.hosts.slice(1)] }));
  folder('old', old);
  folder('now', now);
});
afterAll(() => rmSync(base, { recursive: true }));

describe('diff', () => {
  test('guidance is told apart, and exits 1 only when it is asked to', async () => {
    const weak = old.hosts.map((host) => ({
      ...host,
      guidance: host.guidance.map((one) => ({ ...one, outcome: BAD })),
    }));
    writeFileSync(at('weak.json'), JSON.stringify({ ...old, run: now.run, hosts: weak }));
    const { code, out, err } = await diff('demo/results.json', 'weak.json');
    expect(out).toContain('GUIDANCE (NOT SCORED): NEWLY FAILING');
    expect([code, err]).toEqual([0, expect.stringContaining('0 newly failing')]);
    expect((await diff('demo/results.json', 'weak.json', '--strict-guidance')).code).toBe(1);
    const before = old.hosts.map((host) => ({ ...host, guidance: undefined }));
    writeFileSync(at('before.json'), JSON.stringify({ ...old, hosts: before }));
    expect((await diff('before.json', 'demo/results.json')).code).toBe(0);
  });

  test('a run against itself: nothing new, exit 0', async () => {
    const { code, out, err } = await diff('demo/results.json', 'old');
    expect(code).toBe(0);
    expect(out).toContain('STILL FAILING');
    expect(out).not.toMatch(/NEWLY|HOST KEYS|ACCESS/);
    expect(err).toBe('changes: 0 newly failing, 0 newly unknown (exit 0)\n');
  });

  test('folders and results files say the same', async () => {
    const [folders, files] = [
      await diff('old', 'now', '-f', 'json'),
      await diff('demo/results.json', 'now.json', '-f', 'json'),
    ];
    expect(folders.code).toBe(1);
    expect(files.out).toBe(folders.out);
    const changes = JSON.parse(folders.out) as Changes;
    expect(changes.newlyFailing).toHaveLength(1);
    expect(changes.newlyUnknown).toHaveLength(1);
    expect(changes.newlyFailing[0]?.subjects).toEqual(['/etc/ssh/x\u001b]8;;:9']);
  });

  test.each([
    ['regression', 'now', 1],
    ['any', 'now', 1],
    ['never', 'now', 0],
    ['regression', 'lost.json', 0],
    ['any', 'lost.json', 1],
  ])('--fail-on %s with %s exits %i', async (what, newer, code) => {
    expect((await diff('old', newer, '--fail-on', what)).code).toBe(code);
  });

  test.each(['table', 'markdown', 'json'])(
    '%s never carries a control character of a host',
    async (format) => {
      const { out } = await diff('old', 'now', '-f', format);
      // eslint-disable-next-line no-control-regex
      expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(out).toContain('u001b');
    },
  );

  test.each([60, 80, 120])('no line is wider than %i columns', async (columns) => {
    const { out } = await runMain(['diff', 'old', 'now', '-v'], { cwd: base, columns });
    expect(Math.max(...out.split('\n').map((line) => stringWidth(line)))).toBeLessThanOrEqual(columns);
  });

  test('--ascii is ASCII', async () => {
    expect((await diff('old', 'now', '--ascii')).out).toMatch(/^[\n -~]+$/);
  });

  test('runs in the wrong order are said to be', async () => {
    expect((await diff('now', 'old')).err).toContain(
      'warning: the first run was judged later than the second',
    );
  });
});

describe('what cannot be read is one line and exit 2', () => {
  test.each([
    ['nothing there', () => 'absent', /cannot read .*absent: ENOENT/],
    [
      'an empty folder',
      () => (mkdirSync(at('empty'), { recursive: true }), 'empty'),
      /holds neither standing.json.gz nor results.json/,
    ],
    ['no JSON', () => (writeFileSync(at('bad.json'), '{'), 'bad.json'), /cannot use .*bad.json/],
    ['another JSON', () => (writeFileSync(at('other.json'), '[]'), 'other.json'), /the whole: /],
    [
      'another version',
      () => (writeFileSync(at('v2.json'), '{"schemaVersion":2}'), 'v2.json'),
      /schemaVersion/,
    ],
    [
      'a damaged host',
      () => (writeFileSync(at('h.json'), JSON.stringify({ ...old, hosts: [{}] })), 'h.json'),
      /hosts\.0\.name/,
    ],
    [
      'a bomb',
      () => (writeFileSync(at('bomb.json.gz'), gzipSync(Buffer.alloc(80 * 1024 * 1024))), 'bomb.json.gz'),
      /cannot use .*bomb/,
    ],
    ['a pipe', () => '/dev/zero', /not a regular file/],
    ['a link to a file', () => (symlinkSync(at('now.json'), at('link.json')), 'link.json'), /symbolic link/],
  ])('%s', async (_what, make, says) => {
    const { code, err, out } = await diff('old', make(), '-q');
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(says);
    expect(err).not.toContain('internal error');
  });

  test('a format of another command, by flag; by environment it is passed over', async () => {
    expect((await diff('old', 'now', '-f', 'junit')).err).toContain('there is no format "junit" here');
    const { code, out } = await runMain(['diff', 'old', 'old'], {
      cwd: base,
      env: { SSH_SCORECARD_FORMAT: 'junit' },
    });
    expect(code).toBe(0);
    expect(out).toContain('STILL FAILING');
  });
});
