/**
 * Guidance, just-in-time access: access is for as long as it is needed. No session over SSH lasts longer than the policy
 * allows; whether sshd ends idle ones is told beside it.
 */
import type { LoginLog, SessionLog, SessionMark, SshdFacts } from '../../src/facts/types.js';
import { compileGlob } from '../../src/inventory/glob.js';
import type { Check, Finding, Reading } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { secondText } from '../../src/when.js';
import { excerpt, judge, missingFrom, valueOr, type Missing } from '../lib/law.js';
import { idleNotes } from './lib/idle.js';
import { pairedSessions, type PairedSession } from './lib/session-pairs.js';
import { listed } from './lib/words.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A log may begin this much later than the window and still cover it: probes run one after the other. */
const SLACK = 10 * 60_000;
const MOST_SHOWN = 10;

export const sessionLength: Check<'logins' | 'sessions' | 'sshd', never> = {
  meta: {
    pack: 'guidance',
    id: 'session-length',
    title: 'Sessions over SSH end within the time the policy allows',
    category: 'Guidance',
    directive: '1 (short-lived credentials)',
    why: 'A certificate expires, a session that was opened with it does not: whoever keeps one open keeps the access, whatever was revoked meanwhile.',
    fix: 'End work where it ends. Set ChannelTimeout session=1h and UnusedConnectionTimeout 5m (OpenSSH 9.2 and later), or TMOUT for shells; raise guidance.session_hours of the policy where it really is the work.',
    looksAt: [
      'when PAM opened and closed each session of sshd, by the process that served it (trusted journal fields)',
      'that each login sshd wrote down has such a session',
      'guidance.session_hours of the policy; guidance.tunnel_accounts are left out',
      'ClientAliveInterval, ChannelTimeout and UnusedConnectionTimeout, told as notes',
    ],
    limits: [
      'Sessions kept alive behind the connection: tmux, screen, nohup.',
      'Sessions through other servers and agents (SSM, Teleport).',
      'ClientAliveInterval ends connections that are dead, not those that are idle.',
    ],
    severity: 'low',
    needs: { host: ['logins', 'sessions', 'sshd'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['AC-12', 'SC-10', 'AC-2(5)'],
      'ISO 27001:2022': ['A.8.5', 'A.8.20'],
      'CIS Controls v8': ['4.3'],
      'SOC 2': ['CC6.1'],
    },
  },
  evaluate({ host, policy, now }) {
    const { sessionHours: most, tunnelAccounts } = policy.guidance;
    const tunnels = tunnelAccounts.map((glob) => compileGlob(glob));
    const isTunnel = (account: string): boolean => tunnels.some((matches) => matches(account));
    const from = now.getTime() - policy.loginWindowDays * DAY;
    const log = host.sessions.ok ? host.sessions.value : null;
    const until = log?.coversTo ?? now.getTime();
    const marks = (log?.marks ?? []).filter(({ account }) => !isTunnel(account));
    // A session that was open when a whole log began is at least as old as the log.
    const whole = host.sessions.ok && host.sessions.gaps.length === 0;
    const { closed, open } = pairedSessions(marks, whole ? (log?.coversFrom ?? null) : null);
    const long = closed.filter(({ begin, end }) => end >= from && end - begin > most * HOUR);
    const maybe = open.filter(({ at }) => until - at > most * HOUR);
    const unseen = log ? withoutMark(host.logins, marks, from, isTunnel) : 0;
    const days = `in the last ${policy.loginWindowDays} days`;
    return judge({
      findings: accountsOf(long).map(([account, own]) => finding(account, own, most, days)),
      missing: [
        ...missingFrom(host.sessions, host.logins),
        ...(log ? uncovered(log, from) : []),
        ...(maybe.length > 0
          ? [
              {
                reason: 'no-evidence' as const,
                detail: `of ${plural(maybe.length, 'session')} opened more than ${most} hours before the host was read no end is in the log (${listed([...new Set(maybe.map(({ account }) => account))].sort())}): they still last, or their process was killed or the host restarted`,
              },
            ]
          : []),
        ...(unseen > 0
          ? [
              {
                reason: 'no-evidence' as const,
                detail: `${plural(unseen, 'login')} left no line of a session in the log: UsePAM is off, or the log is not whole`,
              },
            ]
          : []),
      ],
      because: `${days} ${plural(closed.length, 'session')} ended within ${most} hours${open.length > 0 ? `, and ${plural(open.length, 'session')} opened less than ${most} hours ago` : ''}.`,
      evidence: [{ probe: 'sessions' }, ...closed.slice(0, MOST_SHOWN - 1).map(sessionRef)],
      notes: idleNotes(valueOr<SshdFacts | null>(host.sshd, null)),
    });
  },
};

function finding(account: string, own: readonly PairedSession[], most: number, days: string): Finding {
  const longest = Math.max(...own.map(({ begin, end }) => end - begin));
  return {
    subject: `sessions of ${account}`,
    message: `${plural(own.length, 'session')} of ${account} ${days} lasted longer than ${most} hours, the longest ${Math.floor(longest / HOUR)} hours: what was revoked meanwhile did not end them.`,
    evidence: own.slice(0, MOST_SHOWN).map(sessionRef),
  };
}

function accountsOf(sessions: readonly PairedSession[]): [string, PairedSession[]][] {
  const byAccount = new Map<string, PairedSession[]>();
  for (const one of sessions) {
    const own = byAccount.get(one.account);
    if (own) own.push(one);
    else byAccount.set(one.account, [one]);
  }
  return [...byAccount].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Logins of which no session was opened. PAM writes its line from the process that wrote `Accepted`. */
function withoutMark(
  logins: Reading<LoginLog>,
  marks: readonly SessionMark[],
  from: number,
  isTunnel: (account: string) => boolean,
): number {
  if (!logins.ok) return 0;
  const known = new Set(marks.map(({ pid, account }) => `${pid} ${account}`));
  return logins.value.logins.filter(
    ({ at, trusted, pid, account }) =>
      trusted && at >= from && !isTunnel(account) && !known.has(`${pid} ${account}`),
  ).length;
}

function uncovered({ coversFrom }: SessionLog, from: number): Missing[] {
  if (coversFrom !== null && coversFrom <= from + SLACK) return [];
  return [
    {
      reason: 'no-evidence',
      detail: `the log of sessions begins ${coversFrom === null ? 'at an unknown time' : `at ${secondText(coversFrom)}`}, after the login window: keep the journal longer`,
    },
  ];
}

function sessionRef({ account, begin, end }: PairedSession): { probe: string; excerpt: string } {
  return { probe: 'sessions', excerpt: excerpt(`${secondText(begin)} to ${secondText(end)} ${account}`) };
}
