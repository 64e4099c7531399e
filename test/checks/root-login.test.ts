import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rootLogin } from '../../checks/root-login.js';
import { readAccounts } from '../../src/facts/accounts.js';
import { readDaemons } from '../../src/facts/daemons.js';
import { readSshd } from '../../src/facts/sshd.js';
import { parseSshdT } from '../../src/facts/sshd-t.js';
import type { Account, DaemonFacts, SshdCase } from '../../src/facts/types.js';
import type { Expectations, Outcome, Reading } from '../../src/model.js';
import { defaultPolicy } from '../../src/policy.js';
import { collect, collectNeeds, type PrivateHost } from '../helpers/collect.js';
import { title } from '../helpers/needs.js';
import { account, daemonFacts, listener, ok, sshdCase, sshdFacts } from './sshd-cases.js';

const expected: Expectations = {
  host: 'h',
  tags: [],
  allowedPrincipals: { adm: [], agt: [], atm: [] },
  ca: { trustedUserCaKeys: '/etc/ssh/ca/ca_user.pub', fingerprints: [] },
};
const now = new Date('2026-11-21T02:00:00Z');

function judge(
  cases: readonly SshdCase[],
  more: { daemons?: DaemonFacts; gaps?: readonly string[]; accounts?: Reading<readonly Account[]> } = {},
): Outcome {
  const accounts = more.accounts ?? ok([account('root', 0), account('toor', 0), account('alice', 2001)]);
  return rootLogin.evaluate({
    host: { sshd: ok(sshdFacts(...cases), more.gaps), daemons: ok(more.daemons ?? daemonFacts()), accounts },
    fleet: {},
    expected,
    policy: defaultPolicy(),
    now,
  });
}
const subjects = (outcome: Outcome): string[] =>
  outcome.status === 'fail' ? outcome.findings.map(({ subject }) => subject) : [];

describe('root-login', () => {
  test('no for every connection passes and names every account with uid 0', () => {
    const outcome = judge([sshdCase('')]);
    expect(outcome).toMatchObject({ status: 'pass' });
    expect(outcome.status === 'pass' && outcome.because).toContain('root, toor');
    expect(judge([sshdCase('PermitRootLogin no')]).status).toBe('pass');
  });

  test.each(['yes', 'without-password', 'prohibit-password', 'forced-commands-only', 'something-new'])(
    '%s fails',
    (value) => {
      const outcome = judge([sshdCase(`permitrootlogin ${value}`)]);
      expect(subjects(outcome)).toEqual(['PermitRootLogin (default)']);
      expect(outcome.status === 'fail' && outcome.findings[0].remediation).toContain(
        'at the very top of /etc/ssh/sshd_config',
      );
    },
  );

  test.each(['7.8', '8.4', '9.2', '10.0', '10.6'])(
    'the default of %s fails, whatever it is called',
    (version) => {
      const settings = parseSshdT(readFileSync(`test/fixtures/sshd/sshd-T-default-${version}.txt`, 'utf8'));
      expect(judge([sshdCase('', { settings })]).status).toBe('fail');
    },
  );

  test('no in the mixed case of 10.4 and later passes', () => {
    const text = readFileSync('test/fixtures/sshd/sshd-T-default-10.6.txt', 'utf8').replace(
      'PermitRootLogin prohibit-password',
      'PermitRootLogin no',
    );
    expect(judge([sshdCase('', { settings: parseSshdT(text) })]).status).toBe('pass');
  });

  test('another account with uid 0 counts as root', () => {
    const outcome = judge([sshdCase(''), sshdCase('permitrootlogin yes', { accounts: ['toor'] })]);
    expect(outcome.status === 'fail' && outcome.findings[0].message).toContain('is yes for toor');
  });

  test('accounts without uid 0 are only a remark, unless accounts may be missing', () => {
    const cases = [sshdCase(''), sshdCase('permitrootlogin yes', { accounts: ['alice'] })];
    const outcome = judge(cases);
    expect(outcome.status).toBe('pass');
    expect(outcome.notes?.join()).toContain('none of these accounts has uid 0');
    expect(
      judge(cases, { accounts: ok([account('root', 0), account('alice', 2001)], ['ldap need not list all']) })
        .status,
    ).toBe('unknown');
    expect(judge(cases, { accounts: { ok: false, reason: 'failed', detail: 'no passwd' } }).status).toBe(
      'fail',
    );
  });

  test('other servers', () => {
    const beside = (program: string, commandLine: string) =>
      judge([sshdCase('')], { daemons: daemonFacts({ listeners: [listener(program, commandLine)] }) });
    expect(subjects(beside('dropbear', 'dropbear -s -p 22'))).toEqual(['process dropbear']);
    expect(beside('dropbear', 'dropbear -sw -p 22').status).toBe('pass');
    expect(beside('teleport', 'teleport start').status).toBe('unknown');
  });

  test('nothing passes by absence', () => {
    expect(judge([sshdCase('')], { gaps: ['cut'] }).status).toBe('unknown');
    expect(judge([sshdCase('permitrootlogin yes')], { gaps: ['cut'] }).status).toBe('fail');
    expect(judge([sshdCase('', { settings: {} })])).toMatchObject({
      status: 'unknown',
      reason: 'unsupported',
    });
    expect(
      judge([sshdCase('')], {
        daemons: daemonFacts({ newerThanDaemon: [{ path: '/etc/ssh/sshd_config', pid: 7, by: 60 }] }),
      }),
    ).toMatchObject({ status: 'unknown', reason: 'disagreement' });
  });
});

const need = collectNeeds();
describe.skipIf(need)(title('root-login on a real sshd', need), () => {
  const run = (host: PrivateHost): Outcome => {
    const { evidence } = collect({
      passwd: ['alice:x:2001:2001::/home/alice:/bin/bash', 'toor:x:0:0::/root:/bin/sh'],
      before: `sed -i 's/^passwd:.*/passwd: files/' /etc/nsswitch.conf`,
      ...host,
    });
    return rootLogin.evaluate({
      host: { sshd: readSshd(evidence), daemons: readDaemons(evidence), accounts: readAccounts(evidence) },
      fleet: {},
      expected,
      policy: defaultPolicy(),
      now,
    });
  };

  test('no passes, for toor too', () => {
    const outcome = run({ config: 'Port 2222\nPermitRootLogin no\n' });
    expect(outcome).toMatchObject({ status: 'pass', because: expect.stringContaining('root, toor') });
  });

  test.each<[string, PrivateHost, readonly string[]]>([
    ['the default', { config: 'Port 2222\n' }, ['PermitRootLogin (default)']],
    [
      'Match User root Address',
      { config: 'Port 2222\nPermitRootLogin no\nMatch User root Address 10.0.0.0/8\n PermitRootLogin yes\n' },
      ['/etc/ssh/sshd_config:4'],
    ],
    [
      'Match User toor',
      { config: 'Port 2222\nPermitRootLogin no\nMatch User toor\n PermitRootLogin forced-commands-only\n' },
      ['/etc/ssh/sshd_config:4'],
    ],
    [
      'Match LocalPort',
      { config: 'Port 2222\nPermitRootLogin no\nMatch LocalPort 2223\n PermitRootLogin prohibit-password\n' },
      ['/etc/ssh/sshd_config:4'],
    ],
    [
      'an earlier drop-in',
      {
        config: 'Include /etc/ssh/sshd_config.d/*.conf\nPort 2222\nPermitRootLogin no\n',
        files: { '/etc/ssh/sshd_config.d/01-permitrootlogin.conf': 'PermitRootLogin yes\n' },
      },
      ['/etc/ssh/sshd_config.d/01-permitrootlogin.conf:1'],
    ],
    [
      'an option of the running daemon',
      { config: 'Port 2222\nPermitRootLogin no\n', sshd: ['-oPermitRootLogin=yes'] },
      ["PermitRootLogin on sshd's command line"],
    ],
  ])('%s: fail', (_what, host, wanted) => {
    expect(subjects(run(host))).toEqual(wanted);
  });

  test('a Match for somebody else is no way in for root', () => {
    expect(
      run({ config: 'Port 2222\nPermitRootLogin no\nMatch User alice\n PermitRootLogin yes\n' }).status,
    ).toBe('pass');
  });

  test('an edit the daemon has not read proves nothing', () => {
    expect(
      run({
        config: 'Port 2222\nPermitRootLogin yes\n',
        after: `sleep 2; echo 'PermitRootLogin no' >/etc/ssh/sshd_config`,
      }),
    ).toMatchObject({ status: 'unknown', reason: 'disagreement' });
  });

  test.each<[string, PrivateHost, string]>([
    [
      'by options',
      { after: '/usr/sbin/sshd -p 2300 -o PermitRootLogin=yes -o PidFile=none' },
      'PermitRootLogin on the command line `/usr/sbin/sshd -p 2300 -o PermitRootLogin=yes -o PidFile=none`',
    ],
    [
      'by a file of its own, for one network',
      {
        files: {
          '/etc/ssh/rescue':
            'Port 2300\nPidFile none\nPermitRootLogin no\nMatch Address 10.0.0.0/8\n PermitRootLogin yes\n',
        },
        after: '/usr/sbin/sshd -f /etc/ssh/rescue',
      },
      '/etc/ssh/rescue:5',
    ],
  ])('a second sshd that lets root in, %s: fail', (_what, host, subject) => {
    const outcome = run({ config: 'Port 2222\nPermitRootLogin no\n', ...host });
    expect(subjects(outcome)).toEqual([subject]);
    expect(outcome.status === 'fail' && outcome.findings[0].message).toMatch(
      /root, toor, connecting .* of the second sshd `.*` \(pid \d+\)/,
    );
  });
});
