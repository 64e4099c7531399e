/**
 * The built command line against real hosts: what a user runs, on what a user has. Expectations sit beside each host
 * as data (test/fleet); `npm run accuracy` does the same with every planted state.
 */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckId, FleetReport } from '../../src/model.js';
import { AWKWARD } from '../fleet/awkward/index.js';
import { compare } from '../fleet/compare.js';
import { DEVIATIONS } from '../fleet/deviations/index.js';
import { startFleet } from '../fleet/lab.js';
import { fleetNeeds } from '../fleet/needs.js';
import type { Deviation, Fleet, HostSpec } from '../fleet/types.js';
import { builtCli } from '../helpers/built-cli.js';
import { title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const need = fleetNeeds();
if (need !== null && process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1') throw new Error(need);

const CLI = await builtCli();

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly report: FleetReport;
}

/** Two planted states of every check, spread over its list. A host has two, of checks far apart in the list. */
function planted(): HostSpec[] {
  const checks = [...new Set(DEVIATIONS.map(({ check }) => check))];
  const state = (check: CheckId | undefined, at: number): Deviation[] => {
    const own = DEVIATIONS.filter(
      (each) => each.check === check && each.expect === 'fail' && each.lockedOut !== true,
    );
    return own.slice(Math.floor(own.length * at)).slice(0, 1);
  };
  return checks.map((check, index) => ({
    deviations: [...state(check, 0), ...state(checks[(index + 5) % checks.length], 0.5)],
  }));
}

describe.skipIf(need)(title('ssh-scorecard run on real hosts', need), () => {
  const folder = temporaryDirectory('e2e');
  let fleet: Fleet;
  let ran: Ran;

  const run = (...args: string[]): Promise<Ran> =>
    new Promise((resolve, reject) => {
      const results = join(folder, `results-${args.length}.json`);
      execFile(
        process.execPath,
        [
          CLI,
          'run',
          join(folder, 'inventory.yaml'),
          '-F',
          'none',
          '--no-agent',
          '--known-hosts',
          fleet.knownHostsFile,
          '-o',
          `json=${results}`,
          '-o',
          `junit=${join(folder, 'junit.xml')}`,
          ...args,
        ],
        {
          cwd: folder,
          maxBuffer: 64 * 1024 * 1024,
          env: { PATH: process.env['PATH'], HOME: folder, NO_COLOR: '1' },
        },
        (error, stdout, stderr) => {
          if (!existsSync(results)) reject(new Error(`no results: ${stderr}`));
          else
            resolve({
              code: Number(error?.code ?? 0),
              stdout,
              stderr,
              report: JSON.parse(readFileSync(results, 'utf8')) as FleetReport,
            });
        },
      );
    });

  beforeAll(async () => {
    const specs: HostSpec[] = [
      { name: 'sound' },
      ...planted(),
      ...AWKWARD.map((each) => ({ awkward: each, logins: false, logging: false })),
    ];
    fleet = await startFleet(specs);
    writeFileSync(join(folder, 'inventory.yaml'), fleet.inventoryYaml());
    ran = await run(
      '-c',
      '60',
      '--handshake-timeout',
      '6s',
      '--login-timeout',
      '12s',
      '--first-byte-timeout',
      '8s',
      '--idle-timeout',
      '35s',
      '--timeout',
      '60s',
      '--retries',
      '1',
      '--evidence',
      join(folder, 'runs'),
    );
  }, 300_000);
  afterAll(async () => {
    await fleet?.stop();
    removeDirectory(folder);
  });

  test('every host is judged as it is, or said to be unjudgeable', () => {
    expect(compare(ran.report, fleet)).toEqual([]);
  });

  test('nobody vanishes: every inventory host is a row everywhere', () => {
    const junit = readFileSync(join(folder, 'junit.xml'), 'utf8');
    expect(ran.report.hosts.map(({ name }) => name)).toEqual(fleet.hosts.map(({ name }) => name).toSorted());
    for (const { name } of fleet.hosts) expect(junit).toContain(`<testsuite name="${name}"`);
  });

  test('the compliant host scores all it can: everything no other system is needed for', () => {
    const sound = ran.report.hosts.find(({ name }) => name === 'sound');
    const passed = sound?.results.filter(({ outcome }) => outcome.status === 'pass').map(({ id }) => id);
    expect(passed).toEqual([
      'ca-trust',
      'no-static-keys',
      'principals',
      'password-auth',
      'root-login',
      'bootstrap-complete',
    ]);
    expect(sound?.results.filter(({ outcome }) => outcome.status === 'fail')).toEqual([]);
  });

  test('exit code, last line and verdict agree', () => {
    expect(ran.code).toBe(1);
    expect(ran.stderr.trimEnd().split('\n').at(-1)).toBe('verdict: OPEN (exit 1)');
    expect(ran.report.closure.verdict).toBe('open');
  });

  test('every failing outcome names a place or a thing, quotes evidence and gives a remedy', () => {
    for (const host of ran.report.hosts) {
      for (const { id, outcome } of host.results) {
        if (outcome.status !== 'fail') continue;
        for (const finding of outcome.findings) {
          expect([
            host.name,
            id,
            finding.subject !== '' && finding.message.length > 20 && finding.evidence.length > 0,
          ]).toEqual([host.name, id, true]);
        }
      }
    }
  });

  test('saved evidence judged again gives the same report, byte for byte', async () => {
    const runs = join(folder, 'runs');
    const again = join(folder, 'again.json');
    const saved = join(runs, ran.report.run.id);
    await new Promise<void>((resolve) => {
      execFile(
        process.execPath,
        [CLI, 'audit', saved, '-q', '-o', `json=${again}`],
        { cwd: folder, maxBuffer: 64 * 1024 * 1024, env: { PATH: process.env['PATH'], HOME: folder } },
        () => resolve(),
      );
    });
    expect(JSON.parse(readFileSync(again, 'utf8'))).toEqual(ran.report);
  });

  test('a selection asks only those hosts', async () => {
    const { report, code } = await run('--host', 'sound', '--check', 'root-login');
    expect(report.hosts.map(({ name }) => name)).toEqual(['sound']);
    expect(report.hosts[0]?.results.map(({ id, outcome }) => [id, outcome.status])).toEqual([
      ['root-login', 'pass'],
    ]);
    expect(code).toBe(0);
    expect(report.closure.verdict).not.toBe('closed');
  });
});
