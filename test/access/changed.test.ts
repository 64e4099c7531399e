import { describe, expect, test } from 'vitest';
import { auditingOf, changesOf } from '../../src/access/changed.js';
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
        auditing: { running: true, enabled: true, rules: RULES, coversFrom: WINDOW.from },
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
      facts({ auditing: { running: false, enabled: true, rules: RULES, coversFrom: null } }),
    ],
    ['switched off', facts({ auditing: { running: true, enabled: false, rules: RULES, coversFrom: 1 } })],
    [
      'no rule records execve',
      facts({ auditing: { running: true, enabled: true, rules: [], coversFrom: 1 } }),
    ],
    [
      'one word size',
      facts({ auditing: { running: true, enabled: true, rules: RULES.slice(0, 1), coversFrom: 1 } }),
    ],
    [
      'does not reach back',
      facts({ auditing: { running: true, enabled: true, rules: RULES, coversFrom: T + 1 } }),
    ],
    [
      'leave out this account',
      facts({
        auditing: {
          running: true,
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

  test('sudo without audit: the command, its refusal, and never "no changes"', () => {
    const off = { auditing: { running: false, enabled: null, rules: [], coversFrom: null } };
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
