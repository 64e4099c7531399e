/**
 * A whole migration on real hosts, with every system beside them: open while a key is left, unproven while the week is
 * not over, closed and signed off, and open again on the day a key is back. The week is remembered, not waited for.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport } from '../../src/model.js';
import { fakeLoki } from '../fakes/loki.js';
import type { Served } from '../fakes/serve.js';
import { JOURNAL_REMOTE, rememberLogins, type PastLogin } from '../fleet/history.js';
import { startFleet } from '../fleet/lab.js';
import { fleetNeeds } from '../fleet/needs.js';
import type { Fleet, IssuedLine } from '../fleet/types.js';
import { git, signingKey, signWith } from '../helpers/git.js';
import { runMain, type Caught } from '../helpers/io.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const need =
  fleetNeeds() ??
  (existsSync(JOURNAL_REMOTE) ? null : needs.program('systemd-journal-remote', 'systemd-journal-remote')) ??
  needs.program('git', 'git');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

describe.skipIf(need)(title('a migration', need), () => {
  const folder = temporaryDirectory('migration');
  const ops = join(folder, 'ops');
  const stored: { at: number; host: string; line: string }[] = [];
  const issued: IssuedLine[] = [];
  let fleet: Fleet;
  let loki: Served;
  let key: ReturnType<typeof signingKey>;
  let today = 0;

  const cli = (...argv: string[]): Promise<Caught> =>
    runMain([...argv, '--config', 'none'], {
      cwd: ops,
      env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' },
    });
  const audit = async (): Promise<{ code: number; report: FleetReport; run: string; err: string }> => {
    writeFileSync(
      join(folder, 'issued.jsonl'),
      readFileSync(fleet.ca.logFile, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as IssuedLine)
        .map((line) => JSON.stringify(issued.find(({ serial }) => serial === line.serial) ?? line))
        .map((line) => `${line}\n`)
        .join(''),
    );
    const reach = ['-F', 'none', '--no-agent', '--known-hosts', fleet.knownHostsFile];
    const keep = ['--evidence', join(folder, 'runs'), '-f', 'json', '--no-progress'];
    const { code, out, err } = await cli('run', join(ops, 'inventory.yaml'), ...reach, ...keep);
    if (out === '') throw new Error(err);
    const report = JSON.parse(out) as FleetReport;
    return { code, report, run: join(folder, 'runs', report.run.id), err };
  };
  const states = ({ closure }: FleetReport): Record<string, string> =>
    Object.fromEntries(closure.conditions.map(({ id, state }) => [id, state]));
  const notPassed = ({ hosts }: FleetReport): string[] =>
    hosts.flatMap(({ name, results }) =>
      results
        .filter(({ outcome }) => outcome.status !== 'pass')
        .map(({ id, outcome }) => `${name} ${id} ${outcome.status} ${JSON.stringify(outcome).slice(0, 600)}`),
    );

  beforeAll(async () => {
    today = Math.floor(Date.now() / DAY) * DAY;
    fleet = await startFleet([{ name: 'web-01' }, { name: 'db-01' }], { collector: true });
    loki = await fakeLoki(stored);
    key = signingKey(folder);
    git(folder, ['init', '-q', '--bare', 'central.git']);
    git(folder, ['clone', '-q', 'central.git', 'ops']);
    mkdirSync(join(ops, 'attestations'));
    const attest = (kind: string, subject: string): void =>
      writeFileSync(
        join(ops, 'attestations', `${kind}.yaml`),
        `kind: ${kind}\nsubject: ${subject}\nby: Olga Lead\ndate: ${new Date(today - 2 * DAY).toISOString()}\nexpires: ${new Date(today + 80 * DAY).toISOString()}\nevidence: OPS-42\n`,
      );
    attest('ca-custody', fleet.ca.fingerprint);
    attest('wrapper-review', '/usr/local/bin/atm-wrapper.sh');
    attest('break-glass-test', 'emergency key');
    writeFileSync(
      join(folder, 'pipeline.json'),
      JSON.stringify({
        pipeline: 'converge',
        covers_from: new Date(Date.now() - 2 * DAY).toISOString(),
        runs: Array.from({ length: 48 }, (_, index) => ({
          started_at: new Date(Date.now() - (index + 1) * HOUR).toISOString(),
          finished_at: new Date(Date.now() - (index + 0.9) * HOUR).toISOString(),
          result: 'success',
          trigger: 'schedule',
          url: `https://ci.example.org/${index}`,
        })),
      }),
    );
    writeFileSync(
      join(ops, 'inventory.yaml'),
      `${fleet.inventoryYaml()}sources:
  certificates: { type: jsonl, path: ../issued.jsonl, live: true }
  siem: { type: loki, url: ${JSON.stringify(loki.url)}, selector: '{job="sshd"}' }
  git: { type: git, allowed_signers: ../allowed_signers }
  pipeline: { type: status-file, file: ../pipeline.json }
  attestations: { type: files, path: attestations }
`,
    );
    git(ops, ['add', '.']);
    git(ops, ['commit', '-q', '-m', 'The fleet']);
    git(ops, ['push', '-q', '-u', 'origin', 'main']);
  });
  afterAll(async () => {
    await fleet?.stop();
    await loki?.close();
    removeDirectory(folder);
  });

  const plantKey = (): Promise<string> =>
    fleet
      .host('web-01')
      .run(
        `mkdir -p /home/ops/.ssh; echo '${readFileSync(join(folder, 'signing-key.pub'), 'utf8').trim()}' > /home/ops/.ssh/authorized_keys; chown -R ops:ops /home/ops/.ssh; chmod 700 /home/ops/.ssh; chmod 600 /home/ops/.ssh/authorized_keys`,
      );
  let closedRun = '';

  test('begins open: one static key is left', async () => {
    await plantKey();
    const { code, report } = await audit();
    expect(code).toBe(1);
    expect(report.closure.verdict).toBe('open');
    expect(notPassed(report).filter((line) => line.includes(' fail '))).toHaveLength(1);
    expect(states(report)['scorecard-complete']).toBe('not-met');
  });

  test('is unproven when the key is gone, because nobody has used certificates for a week yet', async () => {
    await fleet.host('web-01').run('rm /home/ops/.ssh/authorized_keys');
    const { code, report } = await audit();
    expect(notPassed(report).filter((line) => line.includes(' fail '))).toEqual([]);
    expect([code, report.closure.verdict]).toEqual([3, 'unproven']);
    expect(states(report)).toMatchObject({
      'inventory-in-git': 'met',
      'admins-seven-days': 'unproven',
      'pipeline-hourly': 'met',
      'break-glass-tested': 'met',
    });
  });

  test('is closed after the week, and says so in a commit', async () => {
    const week = Array.from({ length: 8 }, (_, index) => today - (8 - index) * DAY);
    const logins = week.flatMap((day): PastLogin[] => [
      ...['adm-ann', 'adm-bernd', 'adm-carla'].map((keyId, index) => ({
        account: 'ops',
        at: day + 23 * HOUR + index * 60_000,
        certificate: { keyId, principals: ['adm-full'] },
      })),
      {
        account: 'automation',
        at: day + 23.5 * HOUR,
        certificate: {
          keyId: 'atm-backup-daily',
          principals: ['atm-backup-daily'],
          options: ['clear', 'force-command=/usr/local/bin/atm-wrapper.sh'],
        },
      },
    ]);
    for (const { name } of fleet.hosts) {
      const remembered = await rememberLogins(fleet.host(name), fleet.ca, logins);
      stored.push(...remembered);
      issued.push(...remembered.map((one) => one.issued));
    }
    const { code, report, run } = await audit();
    expect(notPassed(report)).toEqual([]);
    expect(report.closure.conditions.filter(({ state }) => state !== 'met')).toEqual([]);
    expect([code, report.closure.verdict, report.totals.complete]).toEqual([0, 'closed', 2]);

    const declared = await cli('closure', run, '--declare');
    expect(declared.code).toBe(0);
    const message = join(folder, 'message');
    writeFileSync(message, declared.out);
    git(ops, [...signWith(key.key), 'commit', '-q', '-S', '--allow-empty', '-F', message]);
    git(ops, ['push', '-q']);
    const after = await audit();
    closedRun = after.run;
    expect(after.report.closure.beyond[0]).toMatchObject({ id: 'declared', state: 'met' });
  });

  test('is open again the day a key is back, and the next report says what changed', async () => {
    await plantKey();
    const { code, report, run } = await audit();
    expect([code, report.closure.verdict]).toEqual([1, 'open']);
    expect(report.changes?.newlyFailing).toMatchObject([
      { host: 'web-01', check: 'no-static-keys', from: 'pass' },
    ]);
    const compared = await cli('diff', closedRun, run);
    expect(compared.code).toBe(1);
    expect(compared.out).toContain('no-static-keys');
    expect((await cli('verify', join(folder, 'runs'))).code).toBe(0);
  });
});
