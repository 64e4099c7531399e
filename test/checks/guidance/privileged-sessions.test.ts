import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { privilegedSessions } from '../../../checks/guidance/privileged-sessions.js';
import { parseSudo } from '../../../src/facts/sessions.js';
import { defaultPolicy } from '../../../src/policy.js';
import type { SessionLog, SudoUse } from '../../../src/facts/types.js';
import { account, log, login, not, NOW, ok } from '../../helpers/actor-facts.js';
import { judged, principals, text, told, type Given } from './facts.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** As sudo writes it; `hours` ago, in that audit session. */
function use(message: string, more: Partial<SudoUse> = {}): SudoUse {
  const parsed = parseSudo(message);
  if (!parsed) throw new Error(message);
  return { ...parsed, at: NOW.getTime() - HOUR, trusted: true, session: 1, ...more };
}
const RUN = 'ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/usr/bin/id';
const SHELL = 'ops : TTY=pts/0 ; PWD=/home/ops ; USER=root ; COMMAND=/bin/bash';
function sessions(sudo: readonly SudoUse[], more: Partial<SessionLog> = {}): SessionLog {
  const whole = { coversFrom: NOW.getTime() - 30 * DAY, coversTo: NOW.getTime() };
  return { source: 'journal', sudo, marks: [], numbers: [], ...whole, ...more };
}
function of(sudo: readonly SudoUse[], more: Given['more'] = {}): string {
  return told(
    judged(privilegedSessions, {
      more: {
        accounts: ok([
          account('root', { uid: 0 }),
          account('ops'),
          account('auto'),
          account('toor', { uid: 0 }),
        ]),
        principalsFiles: ok([principals('ops', 'adm-full\n'), principals('auto', 'atm-backup\n')]),
        logins: ok(log()),
        sessions: ok(sessions(sudo)),
        ...more,
      },
    }),
  );
}
const times = (count: number, of: (index: number) => SudoUse) =>
  Array.from({ length: count }, (_, index) => of(index));

describe('privileged-sessions', () => {
  test.each<readonly [string, readonly SudoUse[], string]>([
    ['nobody did anything', [], 'pass'],
    ['five sessions are exceptions', times(5, (session) => use(RUN, { session })), 'pass'],
    ['six are not', times(6, (session) => use(RUN, { session })), 'fail: privileged sessions'],
    ['six commands of one session are one', times(6, () => use(RUN)), 'pass'],
    [
      'without a session number, a day is one',
      times(6, () => {
        const { session: _, ...rest } = use(RUN);
        return rest;
      }),
      'pass',
    ],
    ['a root shell', [use(SHELL)], 'fail: sessions of root'],
    ['su', [use(SHELL.replace('/bin/bash', '/usr/bin/su -'))], 'fail: sessions of root'],
    ['a shell that runs one command', [use(`${SHELL} -c id`)], 'pass'],
    ['a shell nobody sits at', [use(SHELL.replace('TTY=pts/0 ; ', ''))], 'pass'],
    ['a shell that was refused', [use(SHELL.replace('ops : ', 'ops : command not allowed ; '))], 'pass'],
    ['a shell as somebody else than root', [use(SHELL.replace('USER=root', 'USER=postgres'))], 'pass'],
    ['a shell as the other root', [use(SHELL.replace('USER=root', 'USER=toor'))], 'fail: sessions of root'],
    ['an automation', times(9, (session) => use(RUN.replace('ops', 'auto'), { session })), 'pass'],
    ['lines anybody wrote', [use(SHELL, { trusted: false })], 'pass'],
    ['before the window', [use(SHELL, { at: NOW.getTime() - 20 * DAY })], 'pass'],
  ])('%s', (_title, sudo, verdict) => {
    expect(of(sudo)).toBe(verdict);
  });

  test('a login as an account with uid 0', () => {
    expect(of([], { logins: ok(log(login({ account: 'toor' }))) })).toBe('fail: sessions of root');
    expect(of([], { logins: ok(log(login({ account: 'toor', trusted: false }))) })).toBe('pass');
  });

  test('the policy says how many are exceptions, and the finding says whose they were', () => {
    const outcome = judged(privilegedSessions, {
      policy: {
        guidance: { ...defaultPolicy().guidance, rootSessions: 1, privilegedSessions: 0 },
      },
      more: {
        logins: ok(log()),
        sessions: ok(sessions([use(SHELL)])),
        accounts: ok([account('ops')]),
        principalsFiles: ok([]),
      },
    });
    expect(told(outcome)).toBe('fail: privileged sessions');
    expect(text(outcome)).toContain('in 1 session in the last 14 days, 0 are taken for exceptions (ops 1)');
  });

  test('a log that begins too late, or that could not be read, passes nothing and hides no failure', () => {
    const late = ok(sessions([], { coversFrom: NOW.getTime() - DAY }));
    expect(of([], { sessions: late })).toBe('unknown: no-evidence');
    expect(of([], { sessions: ok(sessions([], { coversFrom: null })) })).toBe('unknown: no-evidence');
    expect(of([], { sessions: not('not-collected') })).toBe('unknown: not-collected');
    expect(of([], { logins: not('denied') })).toBe('unknown: denied');
    expect(of([], { sessions: ok(sessions([use(SHELL)]), 'only the last 100 lines were read') })).toBe(
      'fail: sessions of root',
    );
  });

  test('no line makes it throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.double(), (command, who, at) => {
        const line = { command, account: who, at };
        expect(of([use(RUN, line)])).toMatch(/^(?:pass|fail: sessions of root)$/);
        expect(of([use(RUN, { ...line, trusted: false })])).toBe('pass');
      }),
      { seed: 7 },
    );
  });
});
