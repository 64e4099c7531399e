import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSudo, readSessions } from '../../src/facts/sessions.js';
import { evidenceOf, word } from '../helpers/evidence.js';

const ACCOUNTS = `nss files\npasswd ${word('n:alice:x:1002:1002::/home/alice:/bin/sh\nn:bob:x:1003:1003::/home/bob:/bin/sh\n')}\ngroups -\nshadow-denied\n`;
const entry = (more: Record<string, unknown>) =>
  `J ${JSON.stringify({ __REALTIME_TIMESTAMP: '1795248000000000', _PID: '99', ...more })}`;
const read = (...lines: string[]) => {
  const text = [
    'now 1795248370',
    'since 1794038770',
    'begins 1790000000000000',
    'source journal',
    `total ${lines.length}`,
    ...lines,
    '',
  ].join('\n');
  const reading = readSessions(evidenceOf({ sessions: text, accounts: ACCOUNTS }));
  if (!reading.ok) throw new Error(reading.detail);
  return reading;
};
const MESSAGE = '   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/apt install curl';

describe("sudo's log", () => {
  test.each([
    [MESSAGE, { account: 'alice', runAs: 'root', tty: 'pts/0', command: '/usr/bin/apt install curl' }],
    [
      'alice : PWD=/home/alice ; USER=postgres ; COMMAND=/usr/bin/psql',
      { account: 'alice', runAs: 'postgres', tty: '', command: '/usr/bin/psql' },
    ],
    [
      'alice : a password is required ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id',
      { refused: 'a password is required' },
    ],
    [
      'alice : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id',
      { refused: 'user NOT in sudoers' },
    ],
    [
      'alice : command not allowed ; PWD=/ ; USER=root ; COMMAND=/bin/x ; COMMAND=/bin/y',
      { command: '/bin/x ; COMMAND=/bin/y' },
    ],
    [
      'alice : PWD=/ ; USER=root ; GROUP=adm ; TSID=000001 ; ENV=A=b ; COMMAND=/usr/bin/id',
      { account: 'alice', runAs: 'root' },
    ],
  ])('%s', (message, expected) => {
    expect(parseSudo(message)).toMatchObject(expected);
  });

  test('says nothing of other lines', () => {
    for (const message of [
      '',
      'pam_unix(sudo:session): session opened for user root(uid=0)',
      ' : COMMAND=',
      'a b : PWD=/ ; COMMAND=x',
    ])
      expect(parseSudo(message)).toBeNull();
  });

  test('a secret on the command line is not kept', () => {
    const message =
      'alice : PWD=/ ; USER=root ; COMMAND=/usr/bin/x --password hunter2 TOKEN=hunter2 https://a:hunter2@h/';
    expect(JSON.stringify(parseSudo(message))).not.toContain('hunter2');
  });

  test('only sudo itself, run by the user it names, is trusted', () => {
    const sudo = { MESSAGE, SYSLOG_IDENTIFIER: 'sudo' };
    const trusted = (more: Record<string, unknown>) =>
      read(entry({ ...sudo, ...more })).value.sudo.map((one) => one.trusted);
    expect(trusted({ _UID: '1002', _EXE: '/usr/bin/sudo', _AUDIT_SESSION: '7' })).toEqual([true]);
    expect(trusted({ _UID: '0', _EXE: '/usr/bin/sudo' })).toEqual([true]);
    expect(trusted({ _UID: '1003', _EXE: '/usr/bin/sudo' })).toEqual([false]);
    expect(trusted({ _UID: '1002', _EXE: '/usr/bin/logger' })).toEqual([false]);
    expect(trusted({ _UID: '1002', _EXE: '/home/alice/bin/sudo' })).toEqual([false]);
    expect(trusted({ _UID: '1002', _EXE: '/tmp/usr/bin/sudo' })).toEqual([false]);
  });

  test('where a session begins and ends, and its number, by sshd alone', () => {
    const opened = {
      MESSAGE: 'pam_unix(sshd:session): session opened for user alice(uid=1002) by (uid=0)',
      _UID: '0',
      _EXE: '/usr/sbin/sshd',
    };
    const left = {
      MESSAGE: 'Disconnected from user alice 10.0.0.9 port 40000',
      _UID: '1002',
      _EXE: '/usr/lib/openssh/sshd-session',
      _AUDIT_SESSION: '7',
      _AUDIT_LOGINUID: '1002',
    };
    const found = read(entry(opened), entry(left)).value;
    expect(found.marks).toMatchObject([{ pid: 99, what: 'opened', account: 'alice' }]);
    expect(found.numbers).toMatchObject([{ account: 'alice', from: '10.0.0.9', port: 40_000, session: 7 }]);
    const forged = read(
      entry({ ...opened, _UID: '1002' }),
      entry({ ...left, _UID: '1003' }),
      entry({ ...left, _EXE: '/tmp/sshd' }),
    ).value;
    expect([forged.marks.length, forged.numbers.length]).toEqual([0, 1]);
  });

  test('bytes that are not UTF-8 come as a list of numbers', () => {
    const bytes = [...Buffer.from('alice : PWD=/ ; USER=root ; COMMAND=/bin/x '), 255];
    const [one] = read(entry({ MESSAGE: bytes, _UID: '1002', _EXE: '/usr/bin/sudo' })).value.sudo;
    expect(one?.command).toBe('/bin/x \ufffd');
  });

  test('a text log tells, and vouches for nothing', () => {
    const line = '2026-11-21T02:00:00.5+00:00 vm sudo: ' + MESSAGE;
    const text = `now 1795248370\nsince 1794038770\nsource file\nL /var/log/auth.log 1795248000 ${line}\n`;
    const reading = readSessions(evidenceOf({ sessions: text }));
    expect(reading).toMatchObject({
      ok: true,
      value: { source: 'file', sudo: [{ account: 'alice', trusted: false }] },
    });
    expect(reading.ok && reading.gaps[0]).toContain('text log');
  });

  test('any message and any entry is read without a throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.anything(), (message, value) => {
        const found = parseSudo(message);
        if (found) expect(found.account).not.toMatch(/\s/);
        let json = '';
        try {
          json = JSON.stringify(value) ?? '';
        } catch {
          json = '';
        }
        const reading = read(`J ${json}`, entry({ MESSAGE: message }));
        expect(reading.value.sudo.every(({ trusted }) => !trusted)).toBe(true);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
