import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { passwordAuth } from '../../checks/password-auth.js';
import { readAccounts } from '../../src/facts/accounts.js';
import { readDaemons } from '../../src/facts/daemons.js';
import { readSshd } from '../../src/facts/sshd.js';
import { parseSshdT } from '../../src/facts/sshd-t.js';
import { readSystem } from '../../src/facts/system.js';
import type { DaemonFacts, OfferedMethods, SshdCase } from '../../src/facts/types.js';
import type { Expectations, Outcome } from '../../src/model.js';
import { defaultPolicy } from '../../src/policy.js';
import { collect, collectNeeds, type PrivateHost } from '../helpers/collect.js';
import { needs, title } from '../helpers/needs.js';
import { account, daemonFacts, linux, listener, ok, sshdCase, sshdFacts } from './sshd-cases.js';

const expected: Expectations = {
  host: 'h',
  tags: [],
  allowedPrincipals: { adm: [], agt: [], atm: [] },
  ca: { trustedUserCaKeys: '/etc/ssh/ca/ca_user.pub', fingerprints: [] },
};
const now = new Date('2026-11-21T02:00:00Z');
const accounts = ok([account('root', 0), account('alice', 2001)]);

function judge(
  cases: readonly SshdCase[],
  more: { daemons?: DaemonFacts; gaps?: readonly string[]; secondFactor?: boolean; kernel?: string } = {},
): Outcome {
  return passwordAuth.evaluate({
    host: {
      sshd: ok(sshdFacts(...cases), more.gaps),
      daemons: ok(more.daemons ?? daemonFacts()),
      system: ok({ ...linux, kernel: more.kernel ?? linux.kernel }),
      accounts,
    },
    fleet: {},
    expected,
    policy: { ...defaultPolicy(), passwordAsSecondFactor: more.secondFactor ?? false },
    now,
  });
}
const subjects = (outcome: Outcome): string[] =>
  outcome.status === 'fail' ? outcome.findings.map(({ subject }) => subject) : [];

describe('password-auth', () => {
  test('all closed: pass, and says of what', () => {
    const outcome = judge([sshdCase('')]);
    expect(outcome.status).toBe('pass');
    expect(outcome.status === 'pass' && outcome.because).toContain('2 accounts on 1 kinds of connection');
    expect(outcome.status === 'pass' && outcome.evidence.map(({ excerpt }) => excerpt).join()).toContain(
      'sshd -T -C user=alice,host=client.invalid,addr=192.0.2.1,laddr=192.0.2.2,lport=22: passwordauthentication no',
    );
  });

  test.each([
    ['PasswordAuthentication', 'passwordauthentication yes', 'PasswordAuthentication (default)'],
    [
      'keyboard-interactive through PAM',
      'kbdinteractiveauthentication yes',
      'KbdInteractiveAuthentication (default)',
    ],
    [
      'up to 8.6, ChallengeResponseAuthentication',
      'kbdinteractiveauthentication yes\nchallengeresponseauthentication yes',
      'ChallengeResponseAuthentication (default)',
    ],
    ['empty passwords', 'permitemptypasswords yes', 'PermitEmptyPasswords (default)'],
    [
      'a list of methods that starts with the password',
      'passwordauthentication yes\nauthenticationmethods publickey password',
      'PasswordAuthentication (default)',
    ],
    [
      'a device of keyboard-interactive',
      'kbdinteractiveauthentication yes\nauthenticationmethods keyboard-interactive:pam',
      'KbdInteractiveAuthentication (default)',
    ],
  ])('%s: fail', (_what, printed, subject) => {
    expect(subjects(judge([sshdCase(printed)]))).toEqual([subject]);
  });

  test('keyboard-interactive without PAM has no device on Linux; elsewhere it may', () => {
    expect(judge([sshdCase('kbdinteractiveauthentication yes\nusepam no')]).status).toBe('pass');
    const printed = parseSshdT(
      'passwordauthentication no\nkbdinteractiveauthentication yes\npermitemptypasswords no\nauthenticationmethods any\n',
    );
    expect(judge([sshdCase('', { settings: printed })]).status).toBe('pass');
    expect(judge([sshdCase('', { settings: printed })], { kernel: 'OpenBSD 7.7' }).status).toBe('fail');
  });

  test('AuthenticationMethods publickey closes what is on, and the remark says so', () => {
    const outcome = judge([
      sshdCase(
        'passwordauthentication yes\nkbdinteractiveauthentication yes\nauthenticationmethods publickey',
      ),
    ]);
    expect(outcome.status).toBe('pass');
    expect(outcome.notes?.join()).toContain('AuthenticationMethods publickey leaves them out');
  });

  test('a password as second factor: by policy', () => {
    const second = sshdCase(
      'passwordauthentication yes\nauthenticationmethods publickey,password publickey,keyboard-interactive',
    );
    expect(judge([second], { secondFactor: true }).status).toBe('pass');
    expect(subjects(judge([second], { secondFactor: false }))).toEqual(['PasswordAuthentication (default)']);
    expect(
      judge([sshdCase('passwordauthentication yes\nauthenticationmethods publickey,password password')], {
        secondFactor: true,
      }).status,
    ).toBe('fail');
  });

  test('HostbasedAuthentication is a way in for the root of any trusted host', () => {
    const on = (more = '', accounts = ['root', 'alice']) =>
      judge([sshdCase(''), sshdCase(`hostbasedauthentication yes\n${more}`, { accounts })]);
    expect(subjects(on())).toEqual(['HostbasedAuthentication (default)']);
    const outcome = on();
    expect(outcome.status === 'fail' && outcome.findings[0].message).toContain(
      'whoever is root on a host this one trusts enters as anybody',
    );
    expect(on('authenticationmethods publickey').status).toBe('pass');
    expect(on('authenticationmethods publickey,hostbased').notes?.join()).toContain(
      'lets nobody in by it alone',
    );
    expect(on('authenticationmethods publickey hostbased').status).toBe('fail');
    expect(on('permitrootlogin no', ['root']).status).toBe('pass');
    expect(on('permitrootlogin without-password', ['root']).status).toBe('fail');
    expect(on('hostbasedusesnamefrompacketonly yes\nignorerhosts no').notes?.join()).toMatch(
      /the client itself says[^]*every user names trusted hosts/,
    );
    expect(judge([sshdCase('gssapiauthentication yes')])).toMatchObject({ status: 'pass' });
  });

  test('another sshd on the host is judged like the first, and named', () => {
    const daemon = {
      command: '/usr/sbin/sshd -f /etc/ssh/rescue',
      startedBy: 'pid 812',
      configFile: '/etc/ssh/rescue',
    };
    const outcome = judge([sshdCase(''), sshdCase('passwordauthentication yes', { daemon })]);
    expect(subjects(outcome)).toEqual([
      'PasswordAuthentication (default of `/usr/sbin/sshd -f /etc/ssh/rescue`)',
    ]);
    const finding = outcome.status === 'fail' ? outcome.findings[0] : undefined;
    expect(finding?.message).toContain('of the second sshd `/usr/sbin/sshd -f /etc/ssh/rescue` (pid 812)');
    expect(finding?.remediation).toMatch(
      /at the very top of \/etc\/ssh\/rescue, .* restart that sshd \(pid 812\)/,
    );
    expect(finding?.evidence[0]?.excerpt).toContain('/usr/sbin/sshd -f /etc/ssh/rescue -T -C user=alice');
  });

  describe('what the running sshd offers', () => {
    const offer = (methods: readonly string[], more: Partial<OfferedMethods> = {}): OfferedMethods => ({
      pid: 7,
      user: 'auditor',
      address: '127.0.0.1:22',
      answer: 'refused',
      methods,
      text: `auditor@127.0.0.1: Permission denied (${methods.join(',')}).`,
      ...more,
    });
    const offering = (one: OfferedMethods, ...cases: readonly SshdCase[]) =>
      judge(cases.length > 0 ? cases : [sshdCase('')], { daemons: daemonFacts({ offered: [one] }) });

    test('more than any configuration on disk: it runs with something else', () => {
      expect(offering(offer(['publickey'])).status).toBe('pass');
      expect(subjects(offering(offer(['publickey', 'password'])))).toEqual(['sshd offers password']);
      expect(
        subjects(
          offering(offer(['keyboard-interactive', 'hostbased']), sshdCase('hostbasedauthentication no')),
        ),
      ).toEqual(['sshd offers keyboard-interactive', 'sshd offers hostbased']);
      const listed = sshdCase('passwordauthentication yes\nauthenticationmethods publickey,password');
      expect(
        judge([listed], {
          daemons: daemonFacts({ offered: [offer(['publickey', 'password'])] }),
          secondFactor: true,
        }).status,
      ).toBe('fail');
    });

    test('what some configuration offers is judged by that configuration alone', () => {
      const withoutPam = sshdCase('kbdinteractiveauthentication yes\nusepam no');
      expect(offering(offer(['publickey', 'keyboard-interactive']), withoutPam).status).toBe('pass');
      const root = sshdCase('passwordauthentication yes', { accounts: ['root'] });
      expect(offering(offer(['password']), sshdCase(''), root).status).toBe('pass');
    });

    test('of another daemon: by its own configuration, or by the password alone where none is known', () => {
      const daemon = { command: 'x', startedBy: 'pid 7', configFile: '/x' };
      const open = sshdCase('kbdinteractiveauthentication yes\nusepam no', { daemon });
      expect(offering(offer(['keyboard-interactive'], { daemon }), sshdCase(''), open).status).toBe('pass');
      expect(subjects(offering(offer(['keyboard-interactive']), sshdCase(''), open))).toEqual([
        'sshd offers keyboard-interactive',
      ]);
      expect(offering(offer(['keyboard-interactive'], { daemon: null })).status).toBe('pass');
      expect(offering(offer(['password'], { daemon: null })).status).toBe('fail');
    });

    test('a login with nothing fails, an unclear answer is a remark', () => {
      expect(subjects(offering(offer([], { answer: 'entered' })))).toEqual([
        'sshd lets auditor in with nothing',
      ]);
      const unclear = offering(offer([], { answer: 'unclear', text: 'Connection closed by 127.0.0.1' }));
      expect(unclear.status).toBe('pass');
      expect(unclear.notes?.join()).toContain('could not be seen: Connection closed by 127.0.0.1');
    });
  });

  test('one bad connection among good ones fails, with who, where and the remedy for the Match block', () => {
    const at = { path: '/etc/ssh/sshd_config', line: 12 };
    const bad = sshdCase('passwordauthentication yes', {
      accounts: ['alice'],
      witness: { user: 'alice', host: 'c', address: '10.0.0.0', localAddress: '1.1.1.1', localPort: 22 },
      origins: { passwordauthentication: at },
    });
    const outcome = passwordAuth.evaluate({
      host: {
        sshd: ok({
          ...sshdFacts(sshdCase(''), bad),
          matchBlocks: [
            {
              at: { ...at, line: 11 },
              criteria: 'Address 10.0.0.0/8',
              settings: { passwordauthentication: { value: 'yes', at } },
            },
          ],
        }),
        daemons: ok(daemonFacts()),
        system: ok(linux),
        accounts,
      },
      fleet: {},
      expected,
      policy: defaultPolicy(),
      now,
    });
    expect(outcome).toMatchObject({ status: 'fail', findings: [{ subject: '/etc/ssh/sshd_config:12', at }] });
    const finding = outcome.status === 'fail' ? outcome.findings[0] : undefined;
    expect(finding?.message).toContain('account alice, connecting from 10.0.0.0 to port 22');
    expect(finding?.remediation).toContain('`Match Address 10.0.0.0/8` (line 11)');
  });

  test('root alone, whom PermitRootLogin keeps from passwords', () => {
    const root = (policy: string) =>
      sshdCase(`passwordauthentication yes\npermitrootlogin ${policy}`, { accounts: ['root'] });
    expect(judge([sshdCase(''), root('no')]).status).toBe('pass');
    expect(judge([sshdCase(''), root('without-password')]).status).toBe('pass');
    expect(judge([sshdCase(''), root('yes')]).status).toBe('fail');
  });

  test('other servers: dropbear by its options, insecure ones fail, unclear ones leave it open', () => {
    const running = (program: string, commandLine?: string) =>
      judge([sshdCase('')], {
        daemons: daemonFacts({ listeners: [listener('sshd'), listener(program, commandLine)] }),
      });
    expect(subjects(running('dropbear', 'dropbear -R -p 2022'))).toEqual(['process dropbear']);
    expect(running('dropbear', 'dropbear -Rs -p 2022').status).toBe('pass');
    expect(running('in.telnetd').status).toBe('fail');
    // A password beside a key, by policy.
    const both = { daemons: daemonFacts({ listeners: [listener('dropbear', 'dropbear -t')] }) };
    expect(judge([sshdCase('')], both).status).toBe('fail');
    expect(judge([sshdCase('')], { ...both, secondFactor: true }).status).toBe('pass');
    const onDemand = { ...listener('in.telnetd'), pid: 0, onDemand: '/etc/inetd.conf' };
    const outcome = judge([sshdCase('')], { daemons: daemonFacts({ listeners: [onDemand] }) });
    expect(outcome.status === 'fail' && outcome.findings[0].message).toContain(
      'in.telnetd (started for every connection by /etc/inetd.conf) lets users in',
    );
    expect(running('tailscaled')).toMatchObject({ status: 'unknown', reason: 'unsupported' });
  });

  test('nothing passes by absence', () => {
    expect(judge([sshdCase('')], { gaps: ['one question was not answered'] })).toMatchObject({
      status: 'unknown',
      detail: 'one question was not answered',
    });
    expect(judge([sshdCase('passwordauthentication yes')], { gaps: ['x'] }).status).toBe('fail');
    expect(judge([sshdCase('', { settings: {} })])).toMatchObject({
      status: 'unknown',
      reason: 'unsupported',
    });
    expect(
      judge([sshdCase('')], {
        daemons: daemonFacts({ newerThanDaemon: [{ path: '/etc/ssh/sshd_config', pid: 7, by: 60 }] }),
      }),
    ).toMatchObject({ status: 'unknown', reason: 'disagreement' });
    expect(
      judge([sshdCase('')], { daemons: daemonFacts({ impostors: ['/usr/local/sbin/sshd'] }) }),
    ).toMatchObject({ status: 'unknown', reason: 'disagreement' });
    const unreadable = { ok: false, reason: 'failed', detail: 'sshd -T failed' } as const;
    const blind = passwordAuth.evaluate({
      host: { sshd: unreadable, daemons: ok(daemonFacts()), system: ok(linux), accounts },
      fleet: {},
      expected,
      policy: defaultPolicy(),
      now,
    });
    expect(blind).toMatchObject({ status: 'unknown', reason: 'failed', detail: 'sshd -T failed' });
  });

  test.each(['7.8', '8.4', '9.2', '10.0', '10.6'])('the defaults of %s fail', (version) => {
    const settings = parseSshdT(readFileSync(`test/fixtures/sshd/sshd-T-default-${version}.txt`, 'utf8'));
    expect(subjects(judge([sshdCase('', { settings })]))).toContain('PasswordAuthentication (default)');
  });
});

const need = collectNeeds();
describe.skipIf(need)(title('password-auth on a real sshd', need), () => {
  const closed = 'PasswordAuthentication no\nKbdInteractiveAuthentication no\n';
  const run = (host: PrivateHost, secondFactor = false): Outcome => {
    const { evidence } = collect({
      passwd: ['alice:x:2001:2001::/home/alice:/bin/bash'],
      before: `sed -i 's/^passwd:.*/passwd: files/' /etc/nsswitch.conf`,
      ...host,
    });
    return passwordAuth.evaluate({
      host: {
        sshd: readSshd(evidence),
        daemons: readDaemons(evidence),
        system: readSystem(evidence),
        accounts: readAccounts(evidence),
      },
      fleet: {},
      expected,
      policy: { ...defaultPolicy(), passwordAsSecondFactor: secondFactor },
      now,
    });
  };

  test('everything closed passes', () => {
    expect(run({ config: `Port 2222\n${closed}UsePAM yes\nPermitRootLogin no\n` })).toMatchObject({
      status: 'pass',
    });
  });

  test.each<[string, PrivateHost, readonly string[]]>([
    [
      'PasswordAuthentication no with PAM and keyboard-interactive by default',
      { config: 'Port 2222\nUsePAM yes\nPasswordAuthentication no\n' },
      ['KbdInteractiveAuthentication (default)'],
    ],
    [
      'a drop-in that says yes before the main file says no',
      {
        config: `Include /etc/ssh/sshd_config.d/*.conf\nPort 2222\n${closed}`,
        files: { '/etc/ssh/sshd_config.d/05-x.conf': '\nPasswordAuthentication yes\n' },
      },
      ['/etc/ssh/sshd_config.d/05-x.conf:2'],
    ],
    [
      'Match Address',
      { config: `Port 2222\n${closed}Match Address 10.0.0.0/8\n PasswordAuthentication yes\n` },
      ['/etc/ssh/sshd_config:5'],
    ],
    [
      'Match User',
      { config: `Port 2222\n${closed}Match User alice\n PasswordAuthentication yes\n` },
      ['/etc/ssh/sshd_config:5'],
    ],
    [
      'Match of a group nobody is in yet',
      {
        config: `Port 2222\n${closed}Match Group contractors\n PasswordAuthentication yes\n`,
        before: 'echo contractors:x:3000: >>/etc/group',
      },
      ['/etc/ssh/sshd_config:5'],
    ],
    [
      'an option of the running daemon',
      { config: `Port 2222\n${closed}`, sshd: ['-o', 'PasswordAuthentication=yes'] },
      ["PasswordAuthentication on sshd's command line"],
    ],
    [
      'empty passwords',
      { config: `Port 2222\n${closed}PermitEmptyPasswords yes\n` },
      ['/etc/ssh/sshd_config:4'],
    ],
    [
      'host-based authentication for some',
      { config: `Port 2222\n${closed}Match Address 10.0.0.0/8\n HostbasedAuthentication yes\n` },
      ['/etc/ssh/sshd_config:5'],
    ],
    [
      'a second sshd with a file of its own',
      {
        config: `Port 2222\n${closed}`,
        files: { '/etc/ssh/rescue': `Port 2300\nPidFile none\nPasswordAuthentication yes\n${closed}` },
        after: '/usr/sbin/sshd -f /etc/ssh/rescue',
      },
      ['/etc/ssh/rescue:3'],
    ],
    [
      'a second sshd with other options',
      {
        config: `Port 2222\n${closed}`,
        after: '/usr/sbin/sshd -p 2300 -o PidFile=none -o PasswordAuthentication=yes',
      },
      [
        'PasswordAuthentication on the command line `/usr/sbin/sshd -p 2300 -o PidFile=none -o PasswordAuthentication=yes`',
      ],
    ],
    [
      'passwords switched off on disk and not in the running sshd',
      {
        config: `Port 2222\n${closed.replace('no', 'yes')}`,
        after: `sleep 2; sed -i 's/^PasswordAuthentication.*/PasswordAuthentication no/' /etc/ssh/sshd_config`,
      },
      ['sshd offers password'],
    ],
    [
      'the reverse: passwords switched on on disk, and at the next reload in the running sshd',
      {
        config: `Port 2222\n${closed}`,
        after: `sleep 2; sed -i 's/^PasswordAuthentication.*/PasswordAuthentication yes/' /etc/ssh/sshd_config`,
      },
      ['/etc/ssh/sshd_config:2'],
    ],
  ])('%s: fail', (_what, host, wanted) => {
    expect(subjects(run(host))).toEqual(wanted);
  });

  test('a login that needs nothing is seen on the wire', () => {
    const outcome = run({
      config: `Port 2222\n${closed}PermitRootLogin yes\n`,
      before: `sed -i 's/^passwd:.*/passwd: files/' /etc/nsswitch.conf; sed -i 's/^root:[^:]*/root:/' /etc/shadow`,
      sshd: ['-o', 'PermitEmptyPasswords=yes', '-o', 'PasswordAuthentication=yes'],
    });
    expect(subjects(outcome)).toContain('sshd lets root in with nothing');
  });

  test('a program called sshd before the real one, or one that others can change: unknown', () => {
    const config = `Port 2222\n${closed}`;
    const before = `sed -i 's/^passwd:.*/passwd: files/' /etc/nsswitch.conf`;
    expect(
      run({
        config,
        before: `${before}; mount -t tmpfs tmpfs /usr/local/sbin; cp /usr/sbin/sshd /usr/local/sbin/sshd`,
      }),
    ).toMatchObject({ status: 'unknown', reason: 'disagreement' });
    expect(
      run({
        config,
        sshd: null,
        after: 'cp /usr/sbin/sshd /home/sshd; chown 2001 /home/sshd; /home/sshd; sleep 0.3',
      }),
    ).toMatchObject({ status: 'unknown', detail: expect.stringContaining('can be changed by others') });
    expect(
      run({
        config,
        sshd: null,
        after: 'cp /usr/sbin/sshd /run/sshd/sshd; /run/sshd/sshd; sleep 0.3; rm /run/sshd/sshd',
      }),
    ).toMatchObject({ status: 'unknown' });
  });

  test('AuthenticationMethods', () => {
    expect(run({ config: 'Port 2222\nAuthenticationMethods publickey\n' }).status).toBe('pass');
    const second = 'Port 2222\nAuthenticationMethods publickey,password publickey,keyboard-interactive\n';
    expect(run({ config: second }, true).status).toBe('pass');
    expect(run({ config: second }, false).status).toBe('fail');
  });

  test('a file closed after the daemon started proves nothing', () => {
    const outcome = run({
      config: `Port 2222\n${closed}`,
      after: `sleep 4; printf '#\\n' >>/etc/ssh/sshd_config`,
    });
    expect(outcome).toMatchObject({ status: 'unknown', reason: 'disagreement' });
  });

  test('sshd that cannot be asked is unknown, never a pass', () => {
    expect(
      run({
        config: `Port 2222\n${closed}`,
        after: 'rmdir /run/sshd; mount --bind /dev/null /usr/bin/unshare',
      }).status,
    ).toBe('unknown');
    expect(run({ config: `Port 2222\n${closed}`, after: 'echo Foo >>/etc/ssh/sshd_config' }).status).toBe(
      'unknown',
    );
  });

  const dropbear = needs.program('dropbear', 'dropbear-bin');
  test.skipIf(dropbear)(title('dropbear beside a closed sshd', dropbear), () => {
    const beside = (options: string) =>
      run({
        config: `Port 2222\n${closed}`,
        after: `mkdir -p /etc/dropbear; dropbear -R ${options} -p 127.0.0.1:2022; sleep 0.3`,
      });
    expect(subjects(beside(''))).toEqual(['process dropbear']);
    expect(beside('-s').status).toBe('pass');
    // Started for every connection, where an inetd runs (only its name counts).
    const line = (options: string) =>
      run({
        config: `Port 2222\n${closed}`,
        files: {
          '/etc/inetd.conf': `ssh stream tcp nowait root /usr/sbin/dropbear dropbear -i ${options}\n`,
        },
        after: 'cp /bin/sleep /run/inetd; /run/inetd 100 & sleep 0.1',
      });
    expect(subjects(line(''))).toEqual(['process dropbear']);
    expect(line('-s').status).toBe('pass');
  });
});
