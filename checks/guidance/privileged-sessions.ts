/**
 * Guidance, "it should be exceptional for an individual to log in via SSH and execute commands with elevated
 * privileges (typically root)": how often people did in the login window, against what the policy takes for exceptions.
 */
import type { SudoUse } from '../../src/facts/types.js';
import type { Check, EvidenceRef, Finding } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { dayText, secondText } from '../../src/when.js';
import { excerpt, judge, missingFrom, valueOr, type Missing } from '../lib/law.js';
import { distinct } from '../lib/settings.js';
import { peopleOf } from './lib/entries.js';
import { isRootShell } from './lib/root-shell.js';
import { loginRef } from './lib/words.js';

const DAY = 86_400_000;
/** A log may begin this much later than the window and still cover it: probes run one after the other. */
const SLACK = 10 * 60_000;
const MOST_SHOWN = 10;

type Needs = 'accounts' | 'logins' | 'sessions' | 'principalsFiles';

export const privilegedSessions: Check<Needs, never> = {
  meta: {
    pack: 'guidance',
    id: 'privileged-sessions',
    title: 'People work as root on a host as an exception',
    category: 'Guidance',
    directive: '1 (least privilege)',
    why: 'What people do as root by hand is neither reviewed before nor the same on every host afterwards, and a root shell hides who did what in it.',
    fix: 'Move what is done again and again into the pipeline, SSM documents or an agent’s wrapper; give narrow sudo rules for the rest. Raise guidance.privileged_sessions of the policy where it really is the work.',
    looksAt: [
      'logins to accounts with uid 0 that sshd wrote to the journal, within policy.login_window_days',
      'what sudo wrote there (trusted journal fields): commands as root, and root shells on a terminal',
      'accounts of agents, automations and of the auditor are left out, as the inventory names them',
    ],
    limits: [
      'Shells reached from a program that sudo allows, such as an editor.',
      'doas, su without sudo, pkexec and programs with the set-uid bit.',
      'A session is told by the kernel’s audit session; where there is none, by account and UTC day.',
    ],
    severity: 'low',
    needs: { host: ['accounts', 'logins', 'sessions', 'principalsFiles'], fleet: [] },
    controls: {
      'NIST 800-53 r5': ['AC-6(5)', 'AC-6(9)', 'AU-2'],
      'ISO 27001:2022': ['A.8.2', 'A.8.15', 'A.8.18'],
      'CIS Controls v8': ['5.4', '8.5'],
      'SOC 2': ['CC6.1', 'CC7.2'],
    },
  },
  evaluate({ host, expected, policy, now }) {
    const accounts = valueOr(host.accounts, []);
    const roots = new Set(accounts.filter(({ uid }) => uid === 0).map(({ name }) => name)).add('root');
    const { machines } = peopleOf(expected, accounts, valueOr(host.principalsFiles, []));
    const from = now.getTime() - policy.loginWindowDays * DAY;
    const logins = host.logins.ok
      ? host.logins.value.logins.filter(
          ({ at, trusted, account }) => trusted && at >= from && roots.has(account),
        )
      : [];
    const uses = host.sessions.ok
      ? host.sessions.value.sudo.filter(
          (use) =>
            use.trusted &&
            use.refused === undefined &&
            use.at >= from &&
            (roots.has(use.runAs) || use.runAs === '#0') &&
            !machines.has(use.account) &&
            !roots.has(use.account),
        )
      : [];
    const opened = uses.filter(isRootShell);
    const sessions = new Set(uses.map(sessionOf)).size;
    const { rootSessions, privilegedSessions: most } = policy.guidance;
    const shells = logins.length + opened.length;
    const days = `in the last ${policy.loginWindowDays} days`;
    const findings: readonly Finding[] = [
      ...(shells > rootSessions
        ? [
            {
              subject: 'sessions of root',
              message: `${plural(shells, 'session')} as root ${days}, ${rootSessions} are taken for exceptions: ${plural(logins.length, 'login')} as root, ${plural(opened.length, 'root shell')} by sudo (${whose(opened)}). What was done in them no log tells apart.`,
              evidence: [
                ...logins.slice(0, MOST_SHOWN).map(loginRef),
                ...opened.slice(0, MOST_SHOWN).map(sudoRef),
              ],
            },
          ]
        : []),
      ...(sessions > most
        ? [
            {
              subject: 'privileged sessions',
              message: `People ran commands as root in ${plural(sessions, 'session')} ${days}, ${most} are taken for exceptions (${whose(uses)}).`,
              evidence: uses.slice(0, MOST_SHOWN).map(sudoRef),
            },
          ]
        : []),
    ];
    return judge({
      findings,
      missing: [
        ...missingFrom(host.accounts, host.logins, host.sessions),
        ...distinct([
          ...uncovered(host.logins.ok ? host.logins.value.coversFrom : from, from),
          ...uncovered(host.sessions.ok ? host.sessions.value.coversFrom : from, from),
        ]),
      ],
      because: `${days} people ran commands as root in ${plural(sessions, 'session')} (${most} allowed) and opened ${plural(shells, 'session')} as root (${rootSessions} allowed).`,
      evidence: [...logins.map(loginRef), ...uses.map(sudoRef), { probe: 'sessions' }].slice(0, MOST_SHOWN),
    });
  },
};

function sessionOf({ session, account, at }: SudoUse): string {
  return session === undefined ? `${account} ${Math.floor(at / DAY)}` : `session ${session}`;
}

function uncovered(coversFrom: number | null, from: number): Missing[] {
  if (coversFrom !== null && coversFrom <= from + SLACK) return [];
  const since = coversFrom === null ? 'at an unknown time' : `on ${dayText(coversFrom)}`;
  return [
    {
      reason: 'no-evidence',
      detail: `the log begins ${since}, after the login window does: keep the journal longer`,
    },
  ];
}

function whose(uses: readonly SudoUse[]): string {
  const counts = new Map<string, number>();
  for (const { account } of uses) counts.set(account, (counts.get(account) ?? 0) + 1);
  const all = [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
  const shown = all.slice(0, 5).map(([account, count]) => `${account} ${count}`);
  return [...shown, ...(all.length > 5 ? [`${all.length - 5} more`] : [])].join(', ') || 'nobody';
}

function sudoRef({ at, account, runAs, command }: SudoUse): EvidenceRef {
  return { probe: 'sessions', excerpt: excerpt(`${secondText(at)} ${account} as ${runAs}: ${command}`) };
}
