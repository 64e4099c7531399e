import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sealFolder } from '../../src/evidence/manifest.js';
import type { FleetReport } from '../../src/model.js';
import { needs, title } from '../helpers/needs.js';
import { HOSTS, startBench, type Bench } from '../helpers/runs.js';
import { makeKey } from '../helpers/sshd.js';

let bench: Bench;
let gathered = '';
beforeAll(async () => {
  bench = await startBench('audit');
  gathered = await gather();
});
afterAll(() => bench.stop());

async function gather(...more: readonly string[]): Promise<string> {
  const argv = ['gather', bench.inventory, ...bench.reach, '-q', '--evidence', 'runs'];
  return join(bench.folder, (await bench.cli(...argv, ...more)).out.trim());
}
let copies = 0;
function copy(run = gathered): string {
  copies += 1;
  const to = join(bench.folder, `copy-${copies}`, basename(run));
  cpSync(run, to, { recursive: true });
  return to;
}
const audit = (run: string, ...more: readonly string[]) =>
  bench.cli('audit', run, '-q', '-f', 'json', ...more);
const reportOf = (out: string) => JSON.parse(out) as FleetReport;
/** Every file with its time and size: what a command that changes nothing leaves as it was. */
const stateOf = (run: string) =>
  readdirSync(run, { recursive: true })
    .map(String)
    .sort()
    .map((name) => [name, statSync(join(run, name)).mtimeMs, statSync(join(run, name)).size]);

describe('audit', () => {
  test('judges a gathered run, twice alike, and changes nothing in it', async () => {
    const before = stateOf(gathered);
    const [first, second] = [await audit(gathered), await audit(gathered)];
    expect(first.out).toBe(second.out);
    expect(reportOf(first.out).hosts.map(({ name }) => name)).toEqual(HOSTS);
    expect(stateOf(gathered)).toEqual(before);
  });

  test('a host without evidence is a row', async () => {
    const run = copy();
    unlinkSync(join(run, 'evidence', 'web-01.json.gz'));
    unlinkSync(join(run, 'MANIFEST.sha256'));
    const { hosts } = reportOf((await audit(run)).out);
    const row = hosts.find(({ name }) => name === 'web-01');
    expect(row?.failure?.detail).toContain('not gathered');
    expect(new Set(row?.results.map(({ outcome }) => outcome.status))).toEqual(new Set(['unknown']));
  });

  test('another clock and another policy', async () => {
    const policy = join(bench.folder, 'policy.yaml');
    writeFileSync(policy, 'krl: required\n');
    const now = '2027-01-01T00:00:00Z';
    const own = reportOf((await audit(gathered)).out);
    const other = reportOf((await audit(gathered, '--now', now, '--policy', policy)).out);
    expect(other.run.now).toBe('2027-01-01T00:00:00.000Z');
    expect(own.run.policySha256).toBeUndefined();
    expect(other.run.policySha256).toMatch(/^[0-9a-f]{64}$/);
    expect(other.hosts.map(({ results }) => results)).not.toEqual(own.hosts.map(({ results }) => results));
  });

  test("the run's own selection of checks holds unless another is given", async () => {
    const run = await gather('--check', 'root-login', '--host', 'web*');
    const own = reportOf((await audit(run)).out);
    expect(own.checks.map(({ id }) => id)).toEqual(['root-login']);
    expect(own.hosts.map(({ name }) => name)).toEqual(['web-01', 'web-02']);
    const other = reportOf((await audit(gathered, '--check', 'root-login')).out);
    expect(other.run.selection.checks).toEqual(['root-login']);
  });

  test('a report from a folder that was changed says so', async () => {
    const run = copy();
    unlinkSync(join(run, 'evidence', 'web-01.json.gz'));
    expect(reportOf((await audit(run)).out).warnings).toContain(
      'the run folder was changed after it was sealed: evidence/web-01.json.gz is missing',
    );
  });

  test('a folder from elsewhere reads no file outside, and loads no plug-in it names', async () => {
    const planted = async (line: string) => {
      const run = copy();
      const text = `${readFileSync(join(run, 'inventory.yaml'), 'utf8')}${line}\n`;
      writeFileSync(join(run, 'inventory.yaml'), text);
      const record = readFileSync(join(run, 'run.json'), 'utf8');
      const sha256 = createHash('sha256').update(text).digest('hex');
      writeFileSync(
        join(run, 'run.json'),
        record.replace(/"sha256": "[0-9a-f]{64}"/, `"sha256": "${sha256}"`),
      );
      await sealFolder(run);
      return run;
    };
    const reading = await audit(await planted('policy: /etc/shadow'));
    expect(reading.code).toBe(2);
    expect(reading.err).toContain('names a policy file, but no policy was kept');
    expect(reading.err).not.toContain('root:');
    const trap = join(bench.folder, 'trap.mjs');
    const sprung = join(bench.folder, 'sprung');
    writeFileSync(
      trap,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(sprung)}, '');`,
    );
    const loading = await bench.cli('audit', await planted(`plugins: [${trap}]`), '-f', 'json');
    expect(loading.code).toBe(1);
    expect(loading.err).toContain('plug-ins, which are loaded only with --plugin');
    expect(existsSync(sprung)).toBe(false);
  });
});

describe('audit --save', () => {
  test('writes the results into a gathered run and seals it again, with its first seal kept', async () => {
    const run = await gather();
    const manifest = readFileSync(join(run, 'MANIFEST.sha256'), 'utf8');
    const after = await gather();
    const saved = await audit(run, '--save');
    expect(saved.code).toBe(1);
    expect(readFileSync(join(run, 'results.json'), 'utf8')).toBe(saved.out);
    expect(readFileSync(join(run, 'MANIFEST.gathered.sha256'), 'utf8')).toBe(manifest);
    expect(readdirSync(run)).toContain('standing.json.gz');
    expect((await audit(run)).out).toBe(saved.out);
    // The run that followed it saw the first seal.
    for (const each of [run, after]) expect((await bench.cli('verify', each)).code).toBe(0);
    const again = await audit(run, '--save');
    expect([again.code, again.err.includes('was judged already')]).toEqual([2, true]);
    const next = reportOf((await audit(after, '--save')).out);
    expect(next.changes?.from.id).toBe(basename(run));
    expect((await audit(after)).out).toBe(readFileSync(join(after, 'results.json'), 'utf8'));
  });

  test('evidence changed between gathering and judging shows, even when sealed again', async () => {
    const run = copy(await gather());
    await audit(run, '--save');
    unlinkSync(join(run, 'evidence', 'edge-01.json.gz'));
    await sealFolder(run);
    const { code, out } = await bench.cli('verify', run);
    expect(code).toBe(1);
    expect(out).toContain('evidence/edge-01.json.gz is not what was sealed when the run was gathered');
  });

  test('is refused for a changed folder, and with a selection of checks', async () => {
    const run = copy();
    const part = await audit(run, '--save', '--check', 'root-login');
    expect([part.code, part.err.includes('leave out --check')]).toEqual([2, true]);
    unlinkSync(join(run, 'evidence', 'web-01.json.gz'));
    const changed = await audit(run, '--save');
    expect([changed.code, changed.err.includes('was changed after it was sealed')]).toEqual([2, true]);
  });

  test.skipIf(needs.sshKeygen)(
    title('can be signed, and what is signed stays as it is', needs.sshKeygen),
    async () => {
      const key = await makeKey(join(bench.folder, 'key'));
      const run = await gather();
      expect((await audit(run, '--sign', key)).err).toContain('--sign belongs to --save');
      expect((await audit(run, '--save', '--sign', key)).code).toBe(1);
      expect(readdirSync(run)).toContain('MANIFEST.sha256.sig');
      const signed = await gather('--sign', key);
      const before = stateOf(signed);
      const refused = await audit(signed, '--save');
      expect([refused.code, refused.err.includes('is signed, and stays as it is')]).toEqual([2, true]);
      expect(stateOf(signed)).toEqual(before);
    },
  );
});
