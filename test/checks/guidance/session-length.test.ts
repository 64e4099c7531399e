import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sessionLength } from '../../../checks/guidance/session-length.js';
import type { Login, SessionLog, SessionMark } from '../../../src/facts/types.js';
import type { Outcome } from '../../../src/model.js';
import { defaultPolicy } from '../../../src/policy.js';
import { log, login, not, NOW, ok } from '../../helpers/actor-facts.js';
import { sshdFacts } from '../sshd-cases.js';
import { caseFor, judged, text, told, type Given } from './facts.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const END = NOW.getTime();
type Spec = readonly [from: number, to: number | null, account?: string, pid?: number];
/** Sessions `from` to `to` hours ago, as PAM writes them. */
function marks(specs: readonly Spec[]): SessionMark[] {
  return specs.flatMap(([from, to, account = 'ops', pid = 100 + from]): SessionMark[] => [
    { at: END - from * HOUR, pid, what: 'opened', account },
    ...(to === null ? [] : [{ at: END - to * HOUR, pid, what: 'closed', account } as const]),
  ]);
}
function sessions(of: readonly SessionMark[], more: Partial<SessionLog> = {}): SessionLog {
  return {
    source: 'journal',
    sudo: [],
    marks: of,
    numbers: [],
    coversFrom: END - 14 * DAY,
    coversTo: END,
    ...more,
  };
}
function outcome(specs: readonly Spec[], more: Given['more'] = {}, guidance: object = {}): Outcome {
  return judged(sessionLength, {
    more: { sessions: ok(sessions(marks(specs))), logins: ok(log()), ...more },
    policy: { guidance: { ...defaultPolicy().guidance, ...guidance } },
  });
}
const of = (...given: Parameters<typeof outcome>): string => told(outcome(...given));

describe('session-length', () => {
  test.each<readonly [string, readonly Spec[], string]>([
    ['no session', [], 'pass'],
    ['twelve hours', [[20, 8]], 'pass'],
    ['more', [[21, 8]], 'fail: sessions of ops'],
    [
      'two accounts',
      [
        [40, 8, 'b'],
        [41, 8, 'a'],
        [90, 70, 'a'],
      ],
      'fail: sessions of a, sessions of b',
    ],
    ['one that was opened just now', [[1, null]], 'pass'],
    ['one without an end', [[13, null]], 'unknown: no-evidence'],
    [
      'a process number used twice',
      [
        [300, 299, 'ops', 7],
        [20, 19, 'ops', 7],
      ],
      'pass',
    ],
    [
      'a process that never closed, and its number again',
      [
        [300, null, 'ops', 7],
        [20, 19, 'ops', 7],
      ],
      'unknown: no-evidence',
    ],
  ])('%s', (_title, specs, verdict) => {
    expect(of(specs)).toBe(verdict);
  });

  test('a session that was open when the log began is at least as old; with gaps that is not known', () => {
    const ending = marks([[400, 5]]).filter(({ what }) => what === 'closed');
    expect(of([], { sessions: ok(sessions(ending)) })).toBe('fail: sessions of ops');
    expect(of([], { sessions: ok(sessions(ending), 'a gap') })).toBe('unknown: no-evidence');
  });

  test('the policy says how long, and which accounts are tunnels', () => {
    expect(of([[40, 8]], {}, { sessionHours: 32 })).toBe('pass');
    expect(
      of(
        [
          [40, 8],
          [20, null, 'fwd-1'],
        ],
        {},
        { tunnelAccounts: ['ops', 'fwd-*'] },
      ),
    ).toBe('pass');
  });

  test('a login without a session, and a log that begins too late, pass nothing', () => {
    const seen: Login = login({ pid: 120, at: END - 20 * HOUR });
    expect(of([[20, 19]], { logins: ok(log(seen)) })).toBe('pass');
    expect(of([[20, 19]], { logins: ok(log(seen, login({ pid: 9 }))) })).toBe('unknown: no-evidence');
    expect(of([[20, 19]], { logins: ok(log(login({ pid: 9, trusted: false }))) })).toBe('pass');
    for (const coversFrom of [null, END - DAY])
      expect(of([], { sessions: ok(sessions([], { coversFrom })) })).toBe('unknown: no-evidence');
    expect(of([], { sessions: not('not-collected') })).toBe('unknown: not-collected');
    expect(of([], { logins: not('denied') })).toBe('unknown: denied');
    expect(of([[40, 8]], { logins: not('denied') })).toBe('fail: sessions of ops');
  });

  test('what sshd does about idle connections is told, and changes nothing', () => {
    const sshd = (printed: string) => ({ sshd: ok(sshdFacts(caseFor(['ops'], printed))) });
    const none = outcome([], sshd('clientaliveinterval 0'));
    expect(told(none)).toBe('pass');
    expect(text(none)).toContain('ChannelTimeout is off for all connections');
    expect(text(none)).toContain('ClientAliveInterval is off');
    const all = outcome(
      [],
      sshd('clientaliveinterval 60\nchanneltimeout session=1h\nunusedconnectiontimeout 300'),
    );
    expect(all).not.toHaveProperty('notes');
  });

  test('no log makes it throw', () => {
    const mark = fc.record({
      at: fc.double(),
      pid: fc.nat(3),
      account: fc.string({ maxLength: 1 }),
      what: fc.constantFrom('opened' as const, 'closed' as const),
    });
    fc.assert(
      fc.property(fc.array(mark), (all) => {
        expect(of([], { sessions: ok(sessions(all)) })).toMatch(/^(?:pass|fail: |unknown: no-evidence)/);
      }),
      { seed: 7 },
    );
  });
});
