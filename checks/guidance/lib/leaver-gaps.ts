/** What keeps it from being known that nobody who left has a way in. */
import type { Issuance, IssuanceLog, LoginLog, SshdFacts } from '../../../src/facts/types.js';
import type { Reading } from '../../../src/model.js';
import { plural } from '../../../src/plural.js';
import type { Missing } from '../../lib/law.js';
import type { Leaver } from './departed.js';

/** A log may begin this much later than it must: probes run one after the other. */
const SLACK = 10 * 60_000;
const COMMANDS = ['AuthorizedKeysCommand', 'AuthorizedPrincipalsCommand'] as const;

/** From when on logs must be whole: the first last day, but no earlier than the window. */
export function logsNeeded(gone: readonly Leaver[], window: number): number {
  return Math.max(window, Math.min(...gone.map(({ left }) => left ?? 0)));
}

/** What a command answers at a login nobody sees before. */
export function unseenCommands(sshd: Reading<SshdFacts>): Missing[] {
  const cases = sshd.ok ? sshd.value.cases : [];
  return COMMANDS.filter((keyword) =>
    cases.some(({ settings }) => !/^(?:none)?$/.test(settings[keyword.toLowerCase()]?.[0]?.trim() ?? '')),
  ).map((keyword) => ({
    reason: 'unsupported',
    detail: `${keyword} is set: for whom it lets keys or principals in is not known`,
  }));
}

export function unseenLogins(log: Reading<LoginLog>, from: number): Missing[] {
  if (!log.ok) return [];
  const { coversFrom, logins } = log.value;
  const lost = logins.filter(({ trusted, identityLost, at }) => trusted && identityLost && at >= from).length;
  return [
    ...(coversFrom === null || coversFrom > from + SLACK
      ? [
          {
            reason: 'no-evidence' as const,
            detail: 'the log of logins begins after somebody left: keep the journal longer',
          },
        ]
      : []),
    ...(lost > 0
      ? [
          {
            reason: 'no-evidence' as const,
            detail: `of ${plural(lost, 'login')} the key ID is lost, and may be theirs`,
          },
        ]
      : []),
  ];
}

export function unseenCertificates(
  log: Reading<IssuanceLog>,
  all: readonly Issuance[],
  from: number,
): Missing[] {
  if (!log.ok) return [];
  const { coverage } = log.value;
  const nameless = all.filter(({ issuedAt }) => (issuedAt ?? from) >= from);
  return [
    ...(coverage.from === null || coverage.from > from + SLACK
      ? [
          {
            reason: 'no-evidence' as const,
            detail: 'the log of certificates does not tell all since somebody left',
          },
        ]
      : []),
    ...(nameless.length > 0
      ? [
          {
            reason: 'no-evidence' as const,
            detail: `${plural(nameless.length, 'certificate')} in the log of the CA ${nameless.length === 1 ? 'does' : 'do'} not tell whose ${nameless.length === 1 ? 'it is' : 'they are'}`,
          },
        ]
      : []),
  ];
}
