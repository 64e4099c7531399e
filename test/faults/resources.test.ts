/** This machine's own shortages: no space, no file descriptors. They are told as such and cost no host its verdict. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needs, title } from '../helpers/needs.js';
import { prepareCli, startCli } from './child.js';
import { startFaultFleet, type FaultFleet, type ReportLike } from './fleet.js';

const HOSTS = Array.from({ length: 60 }, (_, index) => `host-${String(index).padStart(2, '0')}`);

/** Null, or why no small file system can be mounted here. */
function noTmpfs(): string | null {
  const missing = needs.root ?? needs.program('mount', 'mount');
  if (missing !== null) return missing;
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-tmpfs-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return null;
  } catch {
    return 'this machine does not allow mounting a tmpfs (CAP_SYS_ADMIN)';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const tmpfs = noTmpfs();
const prlimit = needs.program('prlimit', 'util-linux');

describe('shortages of this machine', () => {
  let fleet: FaultFleet;
  beforeAll(async () => {
    await prepareCli();
    fleet = await startFaultFleet([
      ...HOSTS.map((name) => ({ name, play: { kind: 'sound', answerAfterMs: 300 } as const })),
      // It would hold a run up for as long as its limits allow.
      { name: 'slow', play: { kind: 'sound', answerAfterMs: 100_000 } },
    ]);
  });
  afterAll(async () => {
    await fleet.stop();
  });
  const connections = () => [...fleet.hosts.values()].reduce((sum, host) => sum + host.connections(), 0);

  test.skipIf(tmpfs)(title('a full disk', tmpfs), async () => {
    const small = join(fleet.folder, 'small');
    mkdirSync(small);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', small]);
    try {
      const before = connections();
      const limits = fleet.flags.map((flag) =>
        flag.replace(/^--(idle|first-byte)-timeout=.*/, '--$1-timeout=50s'),
      );
      const tail = ['-q', '-f', 'json', '--concurrency', '6'];
      const argv = ['run', fleet.inventory, ...limits, ...tail, '--evidence', small];
      const full = await startCli(fleet.folder, argv).ended;
      expect(full).toMatchObject({ code: 2, out: '' });
      expect(full.err).toMatch(/^ssh-scorecard: cannot write the run folder .*: ENOSPC/);
      // Nobody is asked for what cannot be kept.
      expect(connections() - before).toBeLessThan(HOSTS.length);
      const run = readdirSync(small).find((name) => !name.startsWith('.')) ?? '';
      const kept = readdirSync(join(small, run, 'evidence'));
      expect(kept.length).toBeGreaterThan(3);
      expect(kept.filter((name) => name.endsWith('.tmp'))).toEqual([]);

      execFileSync('mount', ['-o', 'remount,size=32m', small]);
      const common = fleet.flags.filter((flag) => flag !== '--now' && flag !== fleet.now);
      const resumed = await startCli(fleet.folder, ['run', '--resume', join(small, run), ...common, ...tail])
        .ended;
      const { hosts } = JSON.parse(resumed.out) as ReportLike;
      expect(hosts.map(({ name }) => name)).toEqual([...HOSTS, 'slow']);
      expect(hosts.filter(({ failure }) => failure).map(({ name }) => name)).toEqual(['slow']);
      expect(await fleet.cli('verify', join(small, run))).toMatchObject({ code: 0 });
    } finally {
      execFileSync('umount', [small]);
    }
  });

  test.skipIf(prlimit)(title('too few file descriptors for the concurrency', prlimit), async () => {
    const flags = ['-q', '-f', 'json', '--concurrency', '60', '--evidence', 'starved', '--host', 'host-*'];
    const child = startCli(fleet.folder, ['run', fleet.inventory, ...fleet.flags, ...flags]);
    const { pid = 0 } = child.process;
    const starved = join(fleet.folder, 'starved');
    // Once its own code is loaded: it may open a few files more than it has now.
    while (!existsSync(starved) && child.process.exitCode === null) await sleep(5);
    if (child.process.exitCode !== null) throw new Error((await child.ended).err);
    const most = readdirSync(`/proc/${pid}/fd`).length + 8;
    execFileSync('prlimit', ['--pid', String(pid), `--nofile=${most}:${most}`]);
    const { out, err } = await child.ended;
    expect(err).toMatch(/^verdict: /);
    const { hosts } = JSON.parse(out) as ReportLike;
    expect(hosts.length).toBe(HOSTS.length);
    expect(hosts.filter(({ failure }) => failure).map(({ failure }) => failure?.detail)).toEqual([]);
    const [run = ''] = readdirSync(starved);
    expect(await fleet.cli('verify', join(starved, run))).toMatchObject({ code: 0 });
  });
});
