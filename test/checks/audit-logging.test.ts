import { describe, expect, test } from 'vitest';
import { auditLogging } from '../../checks/audit-logging.js';
import type {
  FleetFacts,
  Forwarder,
  HostFacts,
  LoggingFacts,
  Login,
  LoginLog,
} from '../../src/facts/types.js';
import type { Outcome, Reading } from '../../src/model.js';
import { defaultPolicy } from '../../src/policy.js';
import { expectationsOf } from '../helpers/keys-host.js';
import { daemonFacts, listener, ok, sshdCase, sshdFacts } from './sshd-cases.js';

const NOW = Date.parse('2026-11-21T02:00:00Z');
const DAY = 86_400_000;
const CA = 'SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';

function login(more: Partial<Login> & { serial?: string; keyId?: string } = {}): Login {
  const { serial = '42', keyId = 'adm-bernd', ...rest } = more;
  return {
    at: NOW - DAY,
    method: 'publickey',
    account: 'ops',
    from: '10.0.0.9',
    port: 40_000,
    pid: 4711,
    trusted: true,
    identityLost: false,
    certificate: { keyId, serial, caFingerprint: CA },
    ...rest,
  };
}

function lost(more: Partial<Login> = {}): Login {
  const { certificate: _, ...rest } = login(more);
  return { ...rest, identityLost: true };
}

function log(...logins: readonly Login[]): LoginLog {
  return { source: 'journal', logins, coversFrom: NOW - 14 * DAY, coversTo: NOW };
}

const RSYSLOG: Forwarder = {
  name: 'rsyslog',
  running: true,
  destinations: ['omfwd tcp siem.example:6514'],
  shipsAuth: true,
  evidence: [{ path: '/etc/rsyslog.d/50-siem.conf', line: 2, text: 'auth,authpriv.* @@siem.example:6514' }],
  problems: [],
};

function logging(...forwarders: readonly Forwarder[]): LoggingFacts {
  return {
    journald: { running: true, persistent: true, storage: 'persistent', forwardsToSyslog: true, drops: [] },
    devLog: '/run/systemd/journal/dev-log',
    syslogDaemons: ['rsyslog'],
    forwarders,
  };
}

const GOOD = 'loglevel VERBOSE\nsyslogfacility AUTH\nfingerprinthash SHA256\n';

interface Given {
  readonly host?: Partial<Pick<HostFacts, 'sshd' | 'daemons' | 'logins' | 'logging'>>;
  readonly siem?: FleetFacts['siem'];
}

/** A host on which everything is right, and a SIEM that holds its one login, changed by what is given. */
function judged({ host = {}, siem = ok({ logins: [login()] }) }: Given = {}): Outcome {
  return auditLogging.evaluate({
    host: {
      sshd: ok(sshdFacts(sshdCase(GOOD))),
      daemons: ok(daemonFacts()),
      logins: ok(log(login())),
      logging: ok(logging(RSYSLOG)),
      ...host,
    },
    fleet: { siem },
    expected: expectationsOf([CA]),
    policy: defaultPolicy(),
    now: new Date(NOW),
  });
}

function findings(outcome: Outcome) {
  if (outcome.status !== 'fail') throw new Error(`not a fail: ${JSON.stringify(outcome)}`);
  return outcome.findings;
}

function missing(outcome: Outcome): string {
  if (outcome.status !== 'unknown') throw new Error(`not unknown: ${JSON.stringify(outcome)}`);
  return [outcome.detail, ...(outcome.missing ?? [])].join('\n');
}

const withSshd = (text: string, more = {}) => ({
  host: { sshd: ok({ ...sshdFacts(sshdCase(text)), ...more }) },
});
const withForwarder = (...forwarders: readonly Forwarder[]) => ({
  host: { logging: ok(logging(...forwarders)) },
});
const withLogins = (...logins: readonly Login[]) => ({ host: { logins: ok(log(...logins)) } });

test('everything right passes, and says what was looked at', () => {
  const outcome = judged();
  expect(outcome).toMatchObject({
    status: 'pass',
    because: expect.stringContaining('rsyslog sends facility auth to omfwd tcp siem.example:6514'),
  });
  expect(outcome.status === 'pass' && outcome.because).toContain('the SIEM holds all 1 of the closed window');
  expect(outcome.status === 'pass' && outcome.evidence.map(({ probe }) => probe)).toEqual([
    'sshd',
    'logging',
    'logging',
    'logins',
  ]);
});

describe('LogLevel', () => {
  test.each(['INFO', 'VERBOSE', 'DEBUG', 'DEBUG1', 'DEBUG3'])('%s records logins', (level) => {
    expect(judged(withSshd(GOOD.replace('VERBOSE', level))).status).toBe('pass');
  });

  test.each(['QUIET', 'SILENT', 'FATAL', 'ERROR'])('%s does not', (level) => {
    const [finding] = findings(judged(withSshd(GOOD.replace('VERBOSE', level))));
    expect(finding.message).toContain(`LogLevel for accounts root, alice`);
    expect(finding.message).toContain(level === 'SILENT' ? 'QUIET' : level);
    expect(finding.remediation).toContain('LogLevel VERBOSE');
  });

  test('QUIET in one Match block fails, and points into it (8.1)', () => {
    const at = { path: '/etc/ssh/sshd_config', line: 31 };
    const quiet = sshdCase(GOOD.replace('VERBOSE', 'QUIET'), {
      accounts: ['agent'],
      origins: { loglevel: at },
    });
    const block = {
      at: { path: at.path, line: 30 },
      criteria: 'Group agents',
      settings: { loglevel: { value: 'QUIET', at } },
    };
    const all = findings(
      judged({ host: { sshd: ok({ ...sshdFacts(sshdCase(GOOD), quiet), matchBlocks: [block] }) } }),
    );
    expect(all).toMatchObject([
      { subject: '/etc/ssh/sshd_config:31', at, message: expect.stringContaining('account agent') },
    ]);
    expect(all[0].remediation).toContain('Match Group agents');
  });

  test('not printed is not known', () => {
    expect(missing(judged(withSshd('syslogfacility AUTH\n')))).toContain('loglevel');
  });
});

describe('forwarding', () => {
  const ship = (more: Partial<Forwarder>): Forwarder => ({ ...RSYSLOG, ...more });

  test.each<[string, readonly Forwarder[], string]>([
    ['nothing there', [], 'no program that forwards logs runs'],
    ['configured, not running', [ship({ running: false })], 'does not run'],
    ['running, sending nowhere', [ship({ destinations: [], shipsAuth: false, evidence: [] })], 'nowhere'],
    [
      'authpriv.none (8.5)',
      [ship({ shipsAuth: false, problems: ['/etc/rsyslog.conf:3 throws lines of sshd away: stop'] })],
      '/etc/rsyslog.conf:3 throws',
    ],
    [
      'only audit records',
      [ship({ name: 'auditd', shipsAuth: false, problems: ['auditd ships audit records'] })],
      'audit records',
    ],
  ])('%s fails', (_, forwarders, text) => {
    const [finding] = findings(judged(withForwarder(...forwarders)));
    expect(finding.message).toContain(text);
    expect(finding.message).toContain('erase');
  });

  test('a doubtful one is unknown, a good one beside it enough', () => {
    expect(
      missing(
        judged(
          withForwarder(
            ship({ name: 'vector', shipsAuth: null, problems: ['/etc/vector/v.toml:3 may leave lines out'] }),
          ),
        ),
      ),
    ).toContain('vector: /etc/vector/v.toml:3');
    expect(judged(withForwarder(ship({ name: 'vector', shipsAuth: null }), RSYSLOG)).status).toBe('pass');
    expect(judged(withForwarder(ship({ name: 'vector', shipsAuth: false }), RSYSLOG)).status).toBe('pass');
  });

  test('a stopped forwarder proves nothing, whatever its rules', () => {
    expect(judged(withForwarder(ship({ running: false, shipsAuth: true }))).status).toBe('fail');
  });

  test('sshd’s own facility decides', () => {
    const selection = [
      { facility: 'auth', program: 'sshd' as const, ships: true },
      { facility: 'auth', program: 'sshd-session' as const, ships: false },
      { facility: 'local7', program: 'sshd' as const, ships: false },
      { facility: 'local7', program: 'sshd-session' as const, ships: false },
    ];
    const sshd = (text: string, version: { text: string; major: number; minor: number } | null) =>
      judged({
        host: {
          sshd: ok({ ...sshdFacts(sshdCase(text)), version }),
          logging: ok(logging(ship({ shipsAuth: null, selection }))),
        },
      });
    expect(sshd(GOOD, { text: '', major: 9, minor: 2 }).status).toBe('pass');
    expect(
      findings(sshd(GOOD.replace('AUTH', 'LOCAL7'), { text: '', major: 9, minor: 2 }))[0].message,
    ).toContain('facility local7');
    // From 9.8 on the name is sshd-session, which a rule for sshd misses.
    expect(sshd(GOOD, { text: '', major: 9, minor: 8 }).status).toBe('fail');
    expect(sshd(GOOD, { text: '', major: 10, minor: 0 }).status).toBe('fail');
    expect(sshd(GOOD, null).status).toBe('unknown');
  });

  test('a destination on this host is a note, not a failure', () => {
    const outcome = judged(
      withForwarder(ship({ problems: ['omfwd tcp 127.0.0.1:514 is this host itself'] })),
    );
    expect(outcome).toMatchObject({ status: 'pass', notes: [expect.stringContaining('this host itself')] });
  });
});

describe('on the host', () => {
  const base = logging(RSYSLOG);
  const dead = { ...base, journald: { ...base.journald, running: false }, syslogDaemons: [] };
  const drops = [{ path: '/etc/systemd/journald.conf', line: 4, text: 'MaxLevelStore=warning' }];

  test('no log daemon, no /dev/log, a journal that drops logins', () => {
    expect(findings(judged({ host: { logging: ok(dead) } })).map(({ subject }) => subject)).toContain(
      'log daemon',
    );
    expect(findings(judged({ host: { logging: ok({ ...base, devLog: '' }) } }))[0].message).toContain(
      'no /dev/log',
    );
    expect(
      findings(
        judged({
          host: { logging: ok({ ...base, syslogDaemons: [], journald: { ...base.journald, drops } }) },
        }),
      )[0],
    ).toMatchObject({ at: { line: 4 } });
    expect(
      judged({ host: { logging: ok({ ...base, journald: { ...base.journald, drops } }) } }),
    ).toMatchObject({ status: 'pass', notes: [expect.stringContaining('MaxLevelStore=warning')] });
  });

  test('a journal nobody writes any more proves nothing', () => {
    expect(
      missing(judged({ host: { logging: ok({ ...base, journald: { ...base.journald, running: false } }) } })),
    ).toContain('journald does not run');
  });

  test.each([
    ['/usr/sbin/sshd -D -E /var/log/own.log', 'fail'],
    ['/usr/sbin/sshd -DE/var/log/own.log', 'fail'],
    ['sshd: /usr/sbin/sshd -D -E /var/log/own.log [listener] 0 of 10-100 startups', 'fail'],
    ['/usr/sbin/sshd -D -e', 'unknown'],
    ['/usr/sbin/sshd -De', 'unknown'],
    ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', 'pass'],
    ['/usr/sbin/sshd -o LogLevel=VERBOSE -p 2222', 'pass'],
    ['/usr/sbin/sshd -f /etc/ssh/e -p 22', 'pass'],
  ])('%s: %s', (commandLine, status) => {
    expect(
      judged({ host: { daemons: ok(daemonFacts({ listeners: [listener('sshd', commandLine)] })) } }).status,
    ).toBe(status);
  });

  test('other servers', () => {
    expect(
      findings(judged({ host: { daemons: ok(daemonFacts({ listeners: [listener('dropbear')] })) } }))[0]
        .message,
    ).toContain('no certificates');
    expect(
      missing(judged({ host: { daemons: ok(daemonFacts({ listeners: [listener('tailscaled')] })) } })),
    ).toContain('tailscaled');
  });

  test('a configuration newer than the daemon, and unreadable facts, are unknown', () => {
    expect(
      missing(
        judged({
          host: {
            daemons: ok(daemonFacts({ newerThanDaemon: [{ path: '/etc/ssh/sshd_config', pid: 1, by: 9 }] })),
          },
        }),
      ),
    ).toContain('9 seconds');
    const unread: Reading<never> = { ok: false, reason: 'not-collected', detail: 'probe did not run' };
    for (const fact of ['sshd', 'daemons', 'logins', 'logging'] as const)
      expect(judged({ host: { [fact]: unread } }).status).toBe('unknown');
    expect(
      missing(judged({ host: { logging: ok(base, ['/etc/rsyslog.conf could not be read whole']) } })),
    ).toContain('rsyslog.conf');
    expect(
      judged({
        host: {
          logging: ok(base, ['a gap']),
          sshd: ok(sshdFacts(sshdCase(GOOD.replace('VERBOSE', 'QUIET')))),
        },
      }).status,
    ).toBe('fail');
  });
});

describe('logins', () => {
  test('forged lines count as nothing and are named, by account (8.3)', () => {
    const forged = login({ account: 'root', trusted: false, serial: '7' });
    const { notes = [] } = judged(withLogins(login(), forged, forged));
    expect(notes.filter((note) => note.includes('root logged in'))).toEqual([
      expect.stringContaining('2 lines in the journal claim'),
    ]);
  });

  test('a forged login is no evidence that identities are recorded', () => {
    expect(judged(withLogins(login({ trusted: false })))).toMatchObject({
      status: 'unknown',
      reason: 'no-evidence',
    });
  });

  test('a login whose identity was cut off is a finding (8.4)', () => {
    expect(findings(judged(withLogins(login(), lost())))).toMatchObject([
      { subject: 'logins of ops without identity' },
    ]);
  });

  test('no certificate login is no evidence, a password login neither', () => {
    const { certificate: _, ...password } = login({ method: 'password' });
    for (const logins of [[], [password]])
      expect(missing(judged({ ...withLogins(...logins), siem: ok({ logins: [] }) }))).toContain(
        'nothing shows that identities are recorded',
      );
  });

  test('a text log is never proof, and what it holds is not called forged', () => {
    const text: LoginLog = { ...log(login({ trusted: false })), source: 'file' };
    const outcome = judged({ host: { logins: ok(text, ['logins come from a text log']) } });
    expect(missing(outcome)).toContain('text log');
    expect(
      findings(judged({ host: { logins: ok({ ...text, logins: [lost({ trusted: false })] }) } }))[0].subject,
    ).toContain('without identity');
  });

  test('MD5 fingerprints are noted', () => {
    expect(judged(withSshd(GOOD.replace('SHA256', 'MD5')))).toMatchObject({
      status: 'pass',
      notes: [expect.stringContaining('md5')],
    });
  });
});

describe('the SIEM', () => {
  const siem = (...logins: readonly (Login & { host?: string })[]) => ok({ logins });

  test('not configured is never a pass, and says what to provide', () => {
    const outcome = judged({
      siem: {
        ok: false,
        reason: 'not-configured',
        detail: 'the central SIEM is not configured (sources.siem in the inventory)',
      },
    });
    expect(outcome).toMatchObject({ status: 'unknown', reason: 'not-configured' });
    expect(missing(outcome)).toContain('sources.siem');
  });

  test('gaps of its answer', () => {
    expect(missing(judged({ siem: ok({ logins: [login()] }, ['only 100 lines were returned']) }))).toContain(
      '100 lines',
    );
  });

  test('a login it lacks is a finding', () => {
    expect(findings(judged({ siem: siem() }))).toMatchObject([
      { subject: 'SIEM: logins lost', message: expect.stringContaining('1 of 1') },
    ]);
  });

  test.each<[string, Partial<Login> & { serial?: string }, string]>([
    ['another second', { at: NOW - DAY + 1500 }, 'pass'],
    ['only the port', { pid: -1 }, 'pass'],
    ['only the process', { port: 0 }, 'pass'],
    ['another minute by the same process and port', { at: NOW - DAY + 60_000 }, 'pass'],
    ['another minute, only the process', { at: NOW - DAY + 60_000, port: 0 }, 'fail'],
    ['another hour', { at: NOW - DAY + 3_600_000 }, 'fail'],
    ['another account', { account: 'root' }, 'fail'],
    ['another serial', { serial: '43' }, 'fail'],
    ['another connection', { pid: 1, port: 1 }, 'fail'],
  ])('%s', (_, more, status) => {
    expect(judged({ siem: siem(login(more)) }).status).toBe(status);
  });

  test('clocks that differ are stated', () => {
    expect(judged({ siem: siem(login({ at: NOW - DAY + 60_000 })) })).toMatchObject({
      status: 'pass',
      notes: [expect.stringContaining('up to 60 s')],
    });
  });

  test('a login under another name is drift, and names it', () => {
    expect(findings(judged({ siem: siem({ ...login(), host: 'ip-10-0-0-1' }) }))).toMatchObject([
      {
        subject: 'SIEM: filed under ip-10-0-0-1',
        remediation: expect.stringContaining('sources.siem.hosts'),
      },
    ]);
  });

  test('an incomplete answer shows no loss', () => {
    expect(missing(judged({ siem: ok({ logins: [] }, ['an answer was cut']) }))).toContain(
      'not all it holds',
    );
  });

  test('names differ in case, and in the domain when short names are wanted', () => {
    expect(judged({ siem: siem({ ...login(), host: 'WEB-1' }) }).status).toBe('pass');
    const long = [{ ...login(), host: 'web-1.example.com' }];
    expect(judged({ siem: ok({ logins: long }) }).status).toBe('fail');
    expect(judged({ siem: ok({ logins: long, shortNames: true }) }).status).toBe('pass');
  });

  test('doubles are noted; a forged line that was forwarded is no wiped journal', () => {
    const forged = login({ serial: '66', trusted: false, pid: 5, port: 6 });
    const outcome = judged({
      host: { logins: ok(log(login(), forged)) },
      siem: ok({ logins: [login(), { ...forged, host: 'web-1' }], duplicates: 2 }),
    });
    expect(outcome.status).toBe('pass');
    expect(outcome.notes?.join(' ')).toContain('2 lines are in the SIEM more than once');
    expect(outcome.notes?.join(' ')).toContain('1 logins the SIEM holds are lines another program wrote');
  });

  test('what the host does not have was wiped there or forged', () => {
    const extra = { ...login({ serial: '99' }), host: 'web-1' };
    expect(findings(judged({ siem: siem(login(), extra) }))).toMatchObject([
      { subject: 'SIEM: logins the host denies' },
    ]);
    // Another host's, or a store that cannot tell.
    expect(judged({ siem: siem(login(), { ...extra, host: 'web-2' }) }).status).toBe('pass');
    expect(judged({ siem: siem(login(), login({ serial: '99' })) }).status).toBe('pass');
    expect(judged({ siem: siem({ ...login(), host: 'web-2' }) }).status).toBe('fail');
  });

  test('only a window that is closed on both sides is compared', () => {
    const young = login({ at: NOW - 60_000, serial: '43' });
    expect(judged({ host: { logins: ok(log(login(), young)) }, siem: siem(login()) }).status).toBe('pass');
    expect(missing(judged({ host: { logins: ok(log(young)) }, siem: siem() }))).toContain('ten minutes');
    expect(missing(judged({ host: { logins: ok({ ...log(login()), coversFrom: null }) } }))).toContain(
      'no window',
    );
    expect(
      judged({
        host: { logins: ok(log(login({ at: NOW - 10 * DAY, serial: '9' }), login())) },
        siem: ok({ logins: [login()], coversFrom: NOW - 2 * DAY, coversTo: NOW }),
      }).status,
    ).toBe('pass');
  });
});
