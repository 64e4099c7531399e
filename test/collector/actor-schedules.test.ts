import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSchedules } from '../../src/facts/schedules.js';
import type { ScheduledCommand } from '../../src/facts/types.js';
import { readWrappers } from '../../src/facts/wrappers.js';
import type { Reading } from '../../src/model.js';
import { collectActors, SHELLS, WRAPPERS } from '../helpers/actors-host.js';
import { collectNeeds, probesNamed, type Collected } from '../helpers/collect.js';
import { title } from '../helpers/needs.js';
import { plantSchedules } from '../helpers/planted-schedules.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const need = collectNeeds();
const value = <T>(reading: Reading<T>): T => {
  if (!reading.ok) throw new Error(reading.detail);
  return reading.value;
};

describe.skipIf(need)(title('on a real host', need), () => {
  const directory = temporaryDirectory('schedules');
  const runs = new Map<string, Collected>();
  const evidence = () => {
    const run = runs.get('dash');
    if (!run) throw new Error('not collected');
    return run.evidence;
  };

  beforeAll(() => {
    const tree = join(directory, 'tree');
    plantSchedules(tree);
    for (const shell of SHELLS)
      runs.set(shell, collectActors(tree, { shell, probes: probesNamed('schedules', 'wrappers') }));
  });
  afterAll(() => removeDirectory(directory));

  test.each(SHELLS)('%s runs the probes to the end and says nothing of its own', (shell) => {
    const run = runs.get(shell);
    expect([run?.evidence.failure, run?.stderr]).toEqual([undefined, '']);
    expect(Object.values(run?.evidence.probes ?? {}).map(({ rc, cut, stderr }) => [rc, cut, stderr])).toEqual(
      [
        [0, false, ''],
        [0, false, ''],
      ],
    );
  });

  test('all shells tell the same, and leave nothing out', () => {
    const told = [...runs.values()].map(({ evidence: one }) =>
      ['schedules', 'wrappers'].map((name) =>
        one.probes[name]?.stdout
          .replaceAll(/\b17\d{8}\b/g, 'T')
          // A folder's size is the file system's business, and changes while shells run beside each other.
          .replaceAll(/^(D \S+ \S+ \d+ \d+) \d+/gm, '$1 SIZE'),
      ),
    );
    for (const one of told) expect(one).toEqual(told[0]);
    for (const { evidence: one } of runs.values())
      expect(readSchedules(one, WRAPPERS)).toMatchObject({ ok: true, gaps: [] });
  });

  describe('schedules', () => {
    const all = (): readonly ScheduledCommand[] => value(readSchedules(evidence(), WRAPPERS));
    const jobs = (path: string): readonly ScheduledCommand[] => all().filter((job) => job.path === path);
    const bad = (path: string): unknown[] =>
      jobs(path)
        .filter(({ callsSsh }) => callsSsh.length > 0)
        .map(({ line, account, kind, callsSsh }) => [line, account, kind].concat(callsSsh));

    test('crontabs', () => {
      expect(bad('/etc/crontab')).toEqual([
        [4, 'root', 'cron', 'ssh'],
        [5, 'atm-backup', 'cron', 'rsync'],
        [8, 'root', 'cron', 'ssh'],
      ]);
      expect(jobs('/etc/crontab').find(({ line }) => line === 6)).toMatchObject({
        callsSsh: [],
        callsWrapper: ['/usr/local/bin/ops-ssh-wrapper'],
      });
      expect(bad('/etc/cron.d/jobs')).toEqual([
        [1, 'atm-backup', 'cron', 'scp'],
        [2, 'root', 'cron', 'sftp'],
      ]);
      expect(bad('/var/spool/cron/crontabs/atm-backup')).toEqual([[2, 'atm-backup', 'cron', 'ssh']]);
      expect(bad('/etc/anacrontab')).toEqual([[2, 'root', 'anacron', 'ssh']]);
      expect(bad('/etc/cron.daily/sync')).toEqual([[3, 'root', 'script', 'rsync']]);
      expect(jobs('/etc/cron.daily/not-executable')).toEqual([]);
    });

    test('at', () => expect(bad('/var/spool/cron/atjobs/a0000101')).toEqual([[5, 'ops', 'at', 'ssh']]));

    test('systemd units, drop-ins and user units', () => {
      expect(bad('/etc/systemd/system/push.service')).toEqual([[5, 'atm-backup', 'systemd', 'ssh']]);
      expect(bad('/etc/systemd/system/other.service.d/x.conf')).toEqual([[3, 'root', 'systemd', 'autossh']]);
      expect(bad('/home/agt-resolver/.config/systemd/user/loop.service')).toEqual([
        [2, 'agt-resolver', 'user-systemd', 'ssh'],
      ]);
      expect(jobs('/etc/systemd/system/good.service')[0]).toMatchObject({
        callsSsh: [],
        callsWrapper: ['/usr/local/bin/atm-wrapper.sh'],
      });
    });

    test('scripts that schedules call', () => {
      const scripts = [
        '/opt/direct.sh',
        '/opt/by-sh',
        '/opt/dir/run.sh',
        '/home/atm-backup/bin/home.sh',
        '/usr/local/bin/bare-name',
        '/opt/parts/one',
        '/opt/x.py',
        '/opt/with blank/run.sh',
        '/opt/unit/relative.sh',
      ];
      for (const path of scripts) expect([path, bad(path).length]).toEqual([path, 1]);
      expect(bad('/home/atm-backup/bin/home.sh')).toEqual([[2, 'atm-backup', 'script', 'ssh']]);
    });

    test('a script that only runs behind a wrapper, and the wrappers themselves, call ssh rightly', () => {
      expect(jobs('/opt/wrapped.sh')).toEqual([]);
      expect(jobs('/usr/local/bin/ops-ssh-wrapper')).toEqual([]);
      expect(bad('/opt/data.conf')).toEqual([]);
    });
  });

  test('wrappers are read, and those that ask the CA are known', () => {
    const wrappers = value(readWrappers(evidence()));
    expect(wrappers.map(({ file, asksCa }) => [file.path, file.status, asksCa.length])).toEqual([
      ['/usr/local/bin/atm-wrapper.sh', 'missing', 0],
      ['/usr/local/bin/ops-ssh-wrapper', 'ok', 1],
    ]);
    expect(wrappers[1]?.file.parents.map(({ path }) => path)).toEqual([
      '/',
      '/usr',
      '/usr/local',
      '/usr/local/bin',
    ]);
  });
});
