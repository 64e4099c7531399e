import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSchedules } from '../../src/facts/schedules.js';
import type { ScheduledCommand } from '../../src/facts/types.js';
import type { Reading } from '../../src/model.js';
import { evidenceOf, word } from '../helpers/evidence.js';

const WRAPPERS = ['/usr/local/bin/atm-wrapper.sh', '/usr/local/bin/ops-ssh-wrapper'];
type Source = readonly [kind: string, account: string, path: string, text: string, status?: string];

function reading(...sources: readonly Source[]): Reading<readonly ScheduledCommand[]> {
  const records = sources.map(([kind, account, path, text, status = 'ok']) => {
    const bytes = Buffer.from(text);
    return `N ${kind} ${word(account)}\nF ${word(path)} ${word(path)} ${status} 81a4 0 0 ${bytes.length} 1 1 ${bytes.length > 0 ? bytes.toString('base64') : '-'}\n`;
  });
  return readSchedules(evidenceOf({ schedules: records.join('') }), WRAPPERS);
}
function read(...sources: readonly Source[]): readonly ScheduledCommand[] {
  const result = reading(...sources);
  if (!result.ok) throw new Error(result.detail);
  expect(result.gaps).toEqual([]);
  return result.value;
}
const brief = (jobs: readonly ScheduledCommand[]): unknown[] =>
  jobs.map(({ line, account, callsSsh, callsWrapper }) => [
    line,
    account,
    callsSsh.join(),
    callsWrapper.length,
  ]);

describe('cron', () => {
  test.each([
    ['17 * * * * root ssh h', [[1, 'root', 'ssh', 0]]],
    ['17\t*\t*\t*\t*\troot\tssh h', [[1, 'root', 'ssh', 0]]],
    ['  17 * * jan-mar mon root ssh h  ', [[1, 'root', 'ssh', 0]]],
    ['@reboot root ssh h', [[1, 'root', 'ssh', 0]]],
    ['-*/15 * * * * root ssh h', [[1, 'root', 'ssh', 0]]],
    ['# 1 1 * * * root ssh h\n\nA=ssh h\n A = ssh h', []],
    ['1 1 * * * root', []],
    ['1 1 * * * atm-backup ops-ssh-wrapper ssh h', [[1, 'atm-backup', '', 1]]],
    ['1 1 * * * root sudo -u atm-backup /usr/local/bin/ops-ssh-wrapper ssh h', [[1, 'root', '', 1]]],
    ['1 1 * * * root /opt/evil/ops-ssh-wrapper ssh h', [[1, 'root', '', 0]]],
    ['1 1 * * * root ops-ssh-wrapper true; ssh h', [[1, 'root', 'ssh', 1]]],
    ['1 1 * * * root echo a%ssh h', [[1, 'root', '', 0]]],
    ['1 1 * * * root sh%ssh h', [[1, 'root', 'ssh', 0]]],
    ['1 1 * * * root /bin/bash -s%true%ssh h', [[1, 'root', 'ssh', 0]]],
    ['1 1 * * * root ssh h date +\\%F', [[1, 'root', 'ssh', 0]]],
    ['1 1 * * * root test -x /x && ( cd / && ssh h )', [[1, 'root', 'ssh', 0]]],
    ['1 1 * * * root python3 -c \'import os; os.system("ssh h")\'', [[1, 'root', 'ssh', 0]]],
    ['1 1 * * * root perl -e \'system("ssh h")\'', [[1, 'root', 'ssh', 0]]],
    ['1 1 * * * root ssh h\r', [[1, 'root', 'ssh', 0]]],
  ])('%j', (text, jobs) => expect(brief(read(['cron', 'root', '/etc/crontab', text]))).toEqual(jobs));

  test('a user crontab has no account column', () => {
    expect(
      brief(
        read([
          'cron-user',
          'atm-backup',
          '/var/spool/cron/crontabs/atm-backup',
          '@hourly scp a h:\n1 1 * * * ssh h',
        ]),
      ),
    ).toEqual([
      [1, 'atm-backup', 'scp', 0],
      [2, 'atm-backup', 'ssh', 0],
    ]);
  });
  test('anacron', () =>
    expect(
      brief(
        read([
          'anacron',
          'root',
          '/etc/anacrontab',
          'SHELL=/bin/sh\n# 1 5 x ssh h\n@monthly 10 job nice ssh h\n1 5 other run-parts /etc/cron.daily',
        ]),
      ),
    ).toEqual([
      [3, 'root', 'ssh', 0],
      [4, 'root', '', 0],
    ]));
});

describe('systemd', () => {
  test.each([
    ['[Service]\nExecStart=/usr/bin/ssh h', [[2, 'root', 'ssh', 0]]],
    ['[Service]\nExecStart=-@/usr/bin/ssh tunnel -N h', [[2, 'root', 'ssh', 0]]],
    ['[Service]\nExecStart=+!:/usr/bin/ssh h', [[2, 'root', 'ssh', 0]]],
    [
      '[Service]\nUser=a\nExecStartPre=/usr/bin/scp a h:\nExecStopPost = /usr/bin/sftp h\nUser=b',
      [
        [3, 'b', 'scp', 0],
        [4, 'b', 'sftp', 0],
      ],
    ],
    ['[Service]\nExecStart=/bin/sh -c "\\\n# comment\n  ssh h"', [[2, 'root', 'ssh', 0]]],
    ['[Service]\nExecStart=/bin/true ; /usr/bin/ssh h', [[2, 'root', 'ssh', 0]]],
    [
      '[Service]\nExecStart=\n#ExecStart=/usr/bin/ssh h\n;ExecStart=/usr/bin/ssh h\nExecStart=/usr/sbin/sshd -D',
      [[5, 'root', '', 0]],
    ],
    ['[Unit]\nDescription=ssh h\nAfter=ssh.service', []],
    ['[Service]\nExecStart=/usr/local/bin/atm-wrapper.sh ssh h', [[2, 'root', '', 1]]],
  ])('%j', (text, jobs) =>
    expect(brief(read(['systemd', 'root', '/etc/systemd/system/x.service', text]))).toEqual(jobs),
  );
});

describe('scripts', () => {
  const cron = (command: string, account = 'root'): Source => [
    'cron',
    'root',
    '/etc/cron.d/x',
    `1 1 * * * ${account} ${command}`,
  ];
  const called = (path: string, text = '#!/bin/sh\nssh h\n'): Source => ['called', '', path, text];
  const script = (...sources: readonly Source[]): unknown[] =>
    brief(read(...sources).filter(({ kind }) => kind === 'script'));

  test('each line that calls something, with its number; else one entry', () => {
    expect(
      brief(
        read([
          'script',
          'root',
          '/etc/cron.daily/x',
          '#!/bin/sh\nssh a\n\nops-ssh-wrapper ssh b\nscp \\\n c d:\n',
        ]),
      ),
    ).toEqual([
      [2, 'root', 'ssh', 0],
      [4, 'root', '', 1],
      [5, 'root', 'scp', 0],
    ]);
    expect(brief(read(['script', 'root', '/etc/cron.daily/x', '#!/bin/sh\n# ssh h\n']))).toEqual([
      [1, 'root', '', 0],
    ]);
  });
  test('a library that is a client', () =>
    expect(
      brief(read(['script', 'root', '/etc/cron.daily/x', '#!/usr/bin/python3\nimport paramiko\n'])),
    ).toEqual([[2, 'root', 'paramiko', 0]]));
  test('the account is the caller’s', () =>
    expect(script(cron('/opt/x.sh', 'atm-backup'), called('/opt/x.sh'))).toEqual([
      [2, 'atm-backup', 'ssh', 0],
    ]));
  test('a script behind a wrapper is the wrapper’s business', () => {
    expect(script(cron('ops-ssh-wrapper /opt/x.sh'), called('/opt/x.sh'))).toEqual([]);
    expect(script(cron('ops-ssh-wrapper sh /opt/x.sh'), called('/opt/x.sh'))).toEqual([]);
    expect(script(cron("sh -c 'ops-ssh-wrapper /opt/x.sh'"), called('/opt/x.sh'))).toEqual([]);
  });
  test.each([
    'ops-ssh-wrapper /opt/x.sh; /opt/x.sh',
    'ops-ssh-wrapper true && sh /opt/x.sh',
    'lockrun /opt/x.sh',
    'cd /opt && ./x.sh',
    'python3 /opt/x.sh',
    'run-parts /opt',
  ])('%j runs it by itself', (command) => {
    expect(script(cron(command), called('/opt/x.sh'))).toEqual([[2, 'root', 'ssh', 0]]);
  });
  test('one job behind the wrapper does not excuse another', () => {
    expect(
      script(
        cron('ops-ssh-wrapper /opt/x.sh'),
        ['systemd', 'root', '/etc/systemd/system/x.service', '[Service]\nExecStart=/opt/x.sh'],
        called('/opt/x.sh'),
      ),
    ).toEqual([[2, 'root', 'ssh', 0]]);
  });
  test('a wrapper is no job', () =>
    expect(script(cron('ops-ssh-wrapper ssh h'), called('/usr/local/bin/ops-ssh-wrapper'))).toEqual([]));
});

describe('the reading', () => {
  test('what could not be read whole is a gap, what is missing or /dev/null is not', () => {
    const result = reading(
      ['cron', 'root', '/etc/cron.d/x', '1 1 * * * root ssh h', 'cut'],
      ['script', 'root', '/etc/cron.daily/y', '', 'denied'],
      ['cron', 'root', '/etc/crontab', '', 'missing'],
    );
    expect(result).toMatchObject({
      ok: true,
      gaps: [
        '/etc/cron.d/x could not be read whole (cut)',
        '/etc/cron.daily/y could not be read whole (denied)',
      ],
    });
    expect(result.ok && result.value.some(({ callsSsh }) => callsSsh.includes('ssh'))).toBe(true);
  });
  test('gaps the host tells', () => {
    expect(readSchedules(evidenceOf({ schedules: `gap ${word('too many')}\n` }), [])).toMatchObject({
      ok: true,
      gaps: ['too many'],
    });
    expect(readSchedules(evidenceOf({}), [])).toMatchObject({ ok: false });
  });
  test('a command that is too complicated is a gap', () => {
    expect(reading(['script', 'root', '/x', `#!/bin/sh\n${'a;'.repeat(60_000)}`])).toMatchObject({
      gaps: ['/x:1 is too complicated to tell what it calls'],
    });
  });
  test('nothing a host prints throws', () => {
    const kinds = fc.constantFrom(
      'cron',
      'cron-user',
      'anacron',
      'systemd',
      'script',
      'at',
      'called',
      'other',
    );
    fc.assert(
      fc.property(kinds, fc.string({ unit: 'binary', maxLength: 200 }), (kind, text) => {
        expect(reading([kind, 'root', '/x', text]).ok).toBe(true);
      }),
      { seed: 7, numRuns: 400 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(readSchedules(evidenceOf({ schedules: text }), WRAPPERS).ok).toBe(true);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
