/** Section 6.1: who has really used certificates, from what sshd itself logged on the hosts. */
import type { HostSummary } from '../facts/types.js';
import type { Condition, EvidenceRef } from '../model.js';
import { plural } from '../plural.js';

/** The strict reading: three distinct administrators, each with a run of seven consecutive UTC days of their own. */
export function threeAdmins(summaries: readonly HostSummary[]): Condition {
  const base = {
    id: 'admins-seven-days',
    title: 'Three administrators used certificates on seven consecutive days',
  };
  const days = new Map<string, Set<string>>();
  for (const row of summaries.flatMap(({ certificateLogins }) => certificateLogins)) {
    if (row.actor === 'adm') days.set(row.keyId, (days.get(row.keyId) ?? new Set()).add(row.day));
  }
  const evidence = [...days]
    .toSorted(([a, on], [b, or]) => longestRun(or) - longestRun(on) || (a < b ? -1 : 1))
    .slice(0, 20)
    .map(([id, on]): EvidenceRef => {
      const hosts = summaries.filter(({ certificateLogins }) =>
        certificateLogins.some(({ keyId }) => keyId === id),
      );
      const sorted = [...on].sort();
      return {
        probe: 'logins',
        path: hosts
          .map(({ host }) => host)
          .sort()
          .slice(0, 5)
          .join(', '),
        excerpt: `${id}: ${plural(on.size, 'day')} from ${sorted[0] ?? ''} to ${sorted.at(-1) ?? ''}, ${longestRun(on)} in a row`,
      };
    });
  const proven = [...days]
    .filter(([, on]) => longestRun(on) >= 7)
    .map(([id]) => id)
    .sort();
  if (proven.length >= 3)
    return {
      ...base,
      evidence,
      state: 'met',
      because: `seven consecutive UTC days each: ${proven.slice(0, 3).join(', ')}`,
    };
  const seen = `${proven.length} of 3 administrators have seven consecutive UTC days of certificate logins (${plural(days.size, 'administrator')} seen)`;
  const covered =
    summaries.length > 0 && summaries.every(({ daysCovered }) => longestRun(new Set(daysCovered)) >= 7);
  if (covered)
    return {
      ...base,
      evidence,
      state: 'not-met',
      because: `${seen}; every host's log covers at least seven whole days`,
    };
  return {
    ...base,
    evidence,
    state: 'unproven',
    because: `${seen}; not every host's log covers seven whole days`,
    provide: 'host logs that reach back seven whole days, or a SIEM source',
  };
}

/** At least one agent and one automation have logged in with a certificate of the expected CA. */
export function actorsUsed(summaries: readonly HostSummary[]): Condition {
  const base = {
    id: 'actors-used',
    title: 'An agent and an automation have each logged in with a CA-signed certificate',
  };
  const ids = (actor: 'agt' | 'atm') =>
    [
      ...new Set(
        summaries.flatMap(({ certificateLogins }) =>
          certificateLogins.filter((row) => row.actor === actor).map(({ keyId }) => keyId),
        ),
      ),
    ].sort();
  const [agents, automations] = [ids('agt'), ids('atm')];
  const evidence = (['agt', 'atm'] as const).flatMap((actor) =>
    summaries
      .flatMap(({ host, certificateLogins }) =>
        certificateLogins
          .filter((row) => row.actor === actor)
          .map(({ keyId, account, day, count }): EvidenceRef => ({
            probe: 'logins',
            path: host,
            excerpt: `${day}: ${keyId} as ${account}, ${plural(count, 'login')}`,
          })),
      )
      .slice(0, 10),
  );
  if (agents[0] !== undefined && automations[0] !== undefined)
    return {
      ...base,
      evidence,
      state: 'met',
      because: `${agents[0]} and ${automations[0]} logged in with certificates of the expected CA`,
    };
  const missing = [
    agents.length === 0 ? 'agent (agt-)' : '',
    automations.length === 0 ? 'automation (atm-)' : '',
  ].filter(Boolean);
  return {
    ...base,
    evidence,
    state: 'unproven',
    because: `no certificate login of an ${missing.join(' or ')} identity in the logs that were read`,
    provide: 'a longer login window, ca.fingerprints in the inventory, or a SIEM source',
  };
}

/** Longest run of consecutive `YYYY-MM-DD` days. */
function longestRun(days: ReadonlySet<string>): number {
  const numbers = [...days].map((day) => Date.parse(`${day}T00:00:00Z`) / 86_400_000).sort((a, b) => a - b);
  return numbers.reduce(
    ({ run, best, last }, day) => {
      const next = day === last + 1 ? run + 1 : 1;
      return { run: next, best: Math.max(best, next), last: day };
    },
    { run: 0, best: 0, last: Number.NaN },
  ).best;
}
