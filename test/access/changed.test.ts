import { describe, expect, test } from 'vitest';
import { auditingOf, recordsLogin } from '../../src/access/audit-rules.js';
import { changesOf } from '../../src/access/changed.js';
import type { KnownLogin } from '../../src/access/logins.js';
import type { AccessFacts } from '../../src/facts/access-facts.js';
import type { AuditedCommand, ChangeLog, SessionLog, SudoUse } from '../../src/facts/types.js';

const T = Date.parse('2026-11-20T10:00:00Z');
const WINDOW = { from: T - 86_400_000, to: T + 86_400_000 };
const RULES = [
  '-a always,exit -F arch=b64 -S execve -F auid>=1000 -F auid!=-1',
  '-a always,exit -F arch=b32 -S execve -F auid>=1000 -F auid!=-1',
];

const login = (keyId: string, at = T, pid = 100, account = 'ops'): KnownLogin => ({
  identity: keyId, actor: 'adm', method: 'certificate', strangeCa: false,
  login: { at, pid, account, method: 'publickey', from: '10.0.0.9', port: 40_000 + pid, trusted: true, identityLost: false, certificate: { keyId, serial: '1', caFingerprint: 'SHA256:x' } },
}); // prettier-ignore
const ran = (argv: readonly string[], more: Partial<AuditedCommand> = {}): AuditedCommand => ({
  at: T + 1000, session: 7, loginUid: 1001, uid: 1001, argv, executable: argv[0] ?? '', succeeded: true, ...more,
}); // prettier-ignore
const sudo = (command: string, more: Partial<SudoUse> = {}): SudoUse => ({
  at: T + 2000, account: 'ops', runAs: 'root', command, tty: '', trusted: true, ...more,
}); // prettier-ignore

function facts(
  changes: Partial<ChangeLog> = {},
  sessions: Partial<SessionLog> = {},
  gaps: readonly string[] = [],
): AccessFacts {
  return {
    sudoers: { ok: false, reason: 'not-collected', detail: '' },
    sessions: {
      ok: true, gaps: [],
      value: {
        source: 'journal', sudo: [], coversFrom: WINDOW.from, coversTo: WINDOW.to, numbers: [],
        marks: [{ at: T + 10, pid: 100, what: 'opened', account: 'ops', session: 7 }, { at: T + 60_000, pid: 100, what: 'closed', account: 'ops' }],
        ...sessions,
      },
    },
    changes: {
      ok: true, gaps,
      value: {
        auditing: { recorder: 'auditd', enabled: true, rules: RULES, coversFrom: WINDOW.from },
        commands: [], logins: [], packages: [], packageLogs: [], coversTo: WINDOW.to, ...changes,
      },
    },
  }; // prettier-ignore
}

const one = (access: AccessFacts, known = login('adm-bernd')) => {
  const { parts, loose } = changesOf([known], access, WINDOW, () => 1001);
  return { part: parts.get(known), loose };
};

describe('what a session did', () => {
  test('read-only: every program recorded, none alters', () => {
    const { part } = one(
      facts({ commands: [ran(['-bash']), ran(['ps', 'aux']), ran(['cat', '/var/log/syslog'])] }),
    );
    expect(part).toMatchObject({ effect: 'read-only', until: '2026-11-20T10:01:00Z' });
    expect(part?.commands.length).toBe(3);
  });

  test('altered: by what the audit recorded, with rights of root or not', () => {
    const { part } = one(facts({ commands: [ran(['ls']), ran(['mkdir', '/srv/a b'], { uid: 0 })] }));
    expect(part).toMatchObject({ effect: 'altered', because: 'it altered files' });
    expect(part?.commands[1]).toMatchObject({ text: "mkdir '/srv/a b'", as: 'root', alters: ['files'] });
  });

  test('what failed altered nothing', () => {
    expect(one(facts({ commands: [ran(['mkdir', '/x'], { succeeded: false })] })).part?.effect).toBe(
      'read-only',
    );
  });

  test.each([
    [
      'auditd does not run',
      facts({ auditing: { recorder: 'none', enabled: true, rules: RULES, coversFrom: null } }),
    ],
    [
      'switched off',
      facts({ auditing: { recorder: 'auditd', enabled: false, rules: RULES, coversFrom: 1 } }),
    ],
    [
      'no rule records execve',
      facts({ auditing: { recorder: 'auditd', enabled: true, rules: [], coversFrom: 1 } }),
    ],
    [
      'one word size',
      facts({ auditing: { recorder: 'auditd', enabled: true, rules: RULES.slice(0, 1), coversFrom: 1 } }),
    ],
    [
      'does not reach back',
      facts({ auditing: { recorder: 'auditd', enabled: true, rules: RULES, coversFrom: T + 1 } }),
    ],
    [
      'leave out this account',
      facts({
        auditing: {
          recorder: 'auditd',
          enabled: true,
          rules: RULES.map((rule) => rule.replace('1000', '5000')),
          coversFrom: 1,
        },
      }),
    ],
    ['records were read', facts({}, {}, ['only the last 6000 of 7000 audit records were read'])],
    ['may do anything: python3', facts({ commands: [ran(['python3', 'x.py'])] })],
    ['may do anything: -bash', facts({ commands: [ran(['-bash'], { uid: 0 })] })],
    ['session is not known', facts({}, { marks: [{ at: T + 9, pid: 100, what: 'closed', account: 'ops' }] })],
    [
      'still open',
      facts({}, { marks: [{ at: T + 10, pid: 100, what: 'opened', account: 'ops', session: 7 }] }),
    ],
  ])('never read-only when %s', (why, access) => {
    const { part } = one(access);
    expect(part?.effect).toBe('not-known');
    expect(part?.because).toContain(why);
  });

  test('never read-only when the audit recorded nothing of it, or when sshd writes files by itself', () => {
    expect(one(facts()).part).toMatchObject({
      effect: 'not-known',
      because: 'the audit recorded no program of it',
    });
    const known = login('adm-bernd');
    const unseen = 'sshd serves SFTP itself';
    const { parts } = changesOf([known], facts({ commands: [ran(['ls'])] }), WINDOW, () => 1001, unseen);
    expect(parts.get(known)).toMatchObject({ effect: 'not-known', because: unseen });
    expect(one(facts({ commands: [ran(['sftp-server'])] })).part?.because).toContain(
      'may do anything: sftp-server',
    );
  });

  test('a read-only session with a shell says what is in no log', () => {
    expect(one(facts({ commands: [ran(['-bash']), ran(['ls'])] })).part?.because).toBe(
      'every program it ran was recorded, and none alters the system; what its shell wrote into files of the account by itself is in no log',
    );
    expect(one(facts({ commands: [ran(['bash', '-c', 'ls']), ran(['ls'])] })).part?.because).toBe(
      'every program it ran was recorded, and none alters the system',
    );
  });

  test('a program is what its file is, whatever it was called', () => {
    const as = (argv: readonly string[], executable: string) =>
      one(facts({ commands: [ran(argv, { executable })] })).part;
    expect(as(['ls', '-rf', '/x'], '/usr/bin/rm')?.effect).toBe('altered');
    expect(as(['ls'], '/home/ops/bin/ls')?.because).toContain('may do anything: ls');
    expect(as(['ls'], '/usr/bin/ls')?.effect).toBe('read-only');
    expect(as(['w'], '/usr/bin/w.procps')?.effect).toBe('read-only');
    // Many programs in one file: there the name tells.
    expect(as(['ls'], '/bin/busybox')?.effect).toBe('read-only');
    expect(as(['reboot'], '/usr/bin/systemctl')?.effect).toBe('altered');
  });

  test('the session comes from the audit’s own record of the login, or from the child of sshd', () => {
    const closed = { at: T + 60_000, pid: 100, what: 'closed', account: 'ops' } as const;
    const bare = { marks: [closed] };
    const commands = [ran(['rm', '/x'])];
    expect(
      one(facts({ commands, logins: [{ at: T + 5, pid: 100, loginUid: 1001, session: 7 }] }, bare)).part
        ?.effect,
    ).toBe('altered');
    const number = { at: T + 50_000, account: 'ops', from: '10.0.0.9', port: 40_100, session: 7 };
    expect(one(facts({ commands }, { ...bare, numbers: [number] })).part?.effect).toBe('altered');
    expect(one(facts({ commands }, { ...bare, numbers: [{ ...number, port: 1 }] })).part?.commands).toEqual(
      [],
    );
  });

  test('sessions count from 1 again after a boot: a command belongs to the login before it', () => {
    const [before, after] = [login('adm-bernd', T - 3_600_000, 100), login('adm-carla', T, 200)];
    const marks = [before, after].map(({ login: { at, pid } }) => ({
      at: at + 1,
      pid,
      what: 'opened' as const,
      account: 'ops',
      session: 7,
    }));
    const { parts } = changesOf(
      [before, after],
      facts({ commands: [ran(['rm', '/x'])] }, { marks }),
      WINDOW,
      () => 1001,
    );
    expect([parts.get(before)?.effect, parts.get(after)?.effect]).toEqual(['not-known', 'altered']);
  });

  test('a record belongs to a login only with its login user: a timer may have the same number after a boot', () => {
    const { part, loose } = one(facts({ commands: [ran(['ls']), ran(['rm', '/x'], { loginUid: 1003 })] }));
    expect(part).toMatchObject({ effect: 'read-only', commands: [{ text: 'ls' }] });
    expect(loose).toMatchObject([
      { text: 'login uid 1003 ran rm /x', because: 'no login of the log opened audit session 7' },
    ]);
  });

  test('a session that began later under the same number takes what comes after it', () => {
    const timer = { at: T + 30_000, pid: 999, loginUid: 1001, session: 7 };
    const commands = [ran(['rm', '/early']), ran(['rm', '/late'], { at: T + 40_000 })];
    const { part, loose } = one(facts({ commands, logins: [timer] }));
    expect(part?.commands.map(({ text }) => text)).toEqual(['rm /early']);
    expect(loose.map(({ text }) => text)).toEqual(['login uid 1001 ran rm /late']);
    // The audit's own record of this very login is no other session.
    const own = { ...timer, at: T + 5, pid: 100 };
    expect(one(facts({ commands, logins: [own] })).part?.commands.length).toBe(2);
  });

  test('what sessions of no login altered is told, one row a session; what only looked or failed is not', () => {
    const console = { session: 3, loginUid: 0, uid: 0 };
    const commands = [
      ran(['useradd', 'eve'], console),
      ran(['rm', '/x'], { ...console, at: T + 2000 }),
      ran(['ls'], { session: 4 }),
      ran(['rm', '/y'], { session: 5, succeeded: false }),
      ran(['rm', '/old'], { session: 6, at: WINDOW.from - 1 }),
    ];
    expect(one(facts({ commands })).loose).toEqual([
      {
        at: '2026-11-20T10:00:01Z',
        text: 'login uid 0 ran useradd eve and 1 more commands that alter',
        because: 'no login of the log opened audit session 3',
      },
    ]);
  });

  test('records of journald prove nothing read-only, and still tell what altered', () => {
    const auditing = { recorder: 'journald' as const, enabled: true, rules: RULES, coversFrom: 1 };
    const gap =
      'audit records come from the journal, to which the kernel sends them without a promise that none is lost';
    expect(one(facts({ auditing, commands: [ran(['ls'])] }, {}, [gap])).part).toMatchObject({
      effect: 'not-known',
      because: gap,
    });
    expect(one(facts({ auditing, commands: [ran(['rm', '/x'])] }, {}, [gap])).part?.effect).toBe('altered');
    expect(auditingOf(facts({ auditing })).because).toBe('journald records every program of login sessions');
  });

  test('sudo without audit: the command, its refusal, and never "no changes"', () => {
    const off = { auditing: { recorder: 'none' as const, enabled: null, rules: [], coversFrom: null } };
    expect(one(facts(off, { sudo: [sudo('/usr/bin/systemctl restart nginx')] })).part).toMatchObject({
      effect: 'altered',
      because: 'it altered services',
    });
    const refused = one(
      facts(off, { sudo: [sudo('/usr/bin/apt install x', { refused: 'command not allowed' })] }),
    ).part;
    expect(refused).toMatchObject({
      effect: 'not-known',
      commands: [{ alters: [], refused: 'command not allowed' }],
    });
    expect(
      one(facts(off, { sudo: [sudo('/usr/bin/apt install x', { trusted: false })] })).part?.commands,
    ).toEqual([]);
  });

  test('two sessions of one account: what sudo ran is put on neither', () => {
    const both = [login('adm-bernd', T, 100), login('adm-carla', T + 100, 200)];
    const marks = both.map(({ login: { at, pid } }) => ({
      at: at + 1,
      pid,
      what: 'opened' as const,
      account: 'ops',
    }));
    const { parts, loose } = changesOf(
      both,
      facts({}, { marks, sudo: [sudo('/bin/rm /x')] }),
      WINDOW,
      () => 1001,
    );
    expect([...parts.values()].flatMap(({ commands }) => commands)).toEqual([]);
    expect(loose).toMatchObject([
      { text: 'ops ran /bin/rm /x as root', because: '2 logins of ops were open then' },
    ]);
  });

  test('packages belong to the session that ran a package manager, else to nobody', () => {
    const change = { at: T + 3000, tool: 'dpkg', action: 'install', name: 'curl:amd64' };
    expect(
      one(facts({ packages: [change] }, { sudo: [sudo('/usr/bin/apt install curl')] })).part?.packages,
    ).toEqual(['install curl:amd64 (dpkg)']);
    const alone = one(facts({ packages: [change] }));
    expect(alone.part?.packages).toEqual([]);
    expect(alone.loose).toMatchObject([
      { because: '1 logins were open then, and none is known to have run a package manager' },
    ]);
    // Package logs count whole seconds.
    const floored = { ...change, at: T - 999 };
    const install = [sudo('/usr/bin/apt install curl')];
    expect(one(facts({ packages: [floored] }, { sudo: install })).part?.packages.length).toBe(1);
    expect(one(facts({ packages: [{ ...change, at: T - 1000 }] }, { sudo: install })).part?.packages).toEqual(
      [],
    );
    expect(one(facts({ packages: [{ ...change, at: T - 5000 }] })).loose).toMatchObject([
      { because: 'no login was open then' },
    ]);
  });

  test('auditing is unknown when nothing was collected', () => {
    expect(
      auditingOf({
        ...facts(),
        changes: { ok: false, reason: 'not-collected', detail: 'probe changes was not part of this run' },
      }),
    ).toEqual({ state: 'unknown', because: 'probe changes was not part of this run' });
  });
});

test('thousands of logins, commands and packages on one host are joined one by one', () => {
  const many = Array.from({ length: 4000 }, (_, index) => login(`adm-${index}`, T + index * 10, 100 + index));
  const marks = many.flatMap(({ login: { at, pid } }, index) => [
    { at: at + 1, pid, what: 'opened' as const, account: 'ops', session: index },
    { at: at + 9, pid, what: 'closed' as const, account: 'ops' },
  ]);
  const commands = many.map(({ login: { at } }, index) =>
    ran(['rm', `/x${index}`], { session: index, at: at + 5 }),
  );
  const packages = many.map(({ login: { at } }) => ({
    at: at + 5,
    tool: 'dpkg',
    action: 'install',
    name: 'x',
  }));
  const { parts, loose } = changesOf(many, facts({ commands, packages }, { marks }), WINDOW, () => 1001);
  expect(
    [...parts.values()].every(({ commands: own, effect }) => own.length === 1 && effect === 'altered'),
  ).toBe(true);
  expect([loose.length, loose.at(-1)?.text]).toEqual([201, '3800 more changes']);
});

describe('whom audit rules record', () => {
  const both = (conditions: string) =>
    ['b64', 'b32'].map((arch) => `-a always,exit -F arch=${arch} -S execve ${conditions} -F key=exec`);

  test.each([
    [true, both('-F auid>=1000 -F auid!=-1')],
    [true, both('-F auid>=1001')],
    [false, both('-F auid>1001')],
    [true, both('-F auid=1001')],
    [false, both('-F auid=1003')],
    [false, both('-F auid!=1001')],
    [true, both('-F auid!=unset')],
    [false, both('-F auid=-1')],
    [true, both('')],
    [true, ['-a always,exit -S execve']],
    [false, both('').slice(0, 1)],
    [false, [both('')[0] ?? '', both('-F auid=1003')[1] ?? '']],
    [false, both('-F success=0')],
    [true, both('-F success=1')],
    [false, []],
  ])('%s: %o', (recorded, rules) => {
    expect(recordsLogin(rules, 1001)).toBe(recorded);
  });

  test('of an account whose number is not known only a rule for everybody tells', () => {
    expect(recordsLogin(both('-F auid!=-1'), undefined)).toBe(true);
    expect(recordsLogin(both('-F auid>=1000'), undefined)).toBe(false);
  });
});
