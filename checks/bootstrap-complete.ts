/** Scorecard 10, "Bootstrap Complete": the bootstrap identity is gone from everywhere. */
import type { Check, Finding } from '../src/model.js';
import type { LoginLog, SshdFacts } from '../src/facts/types.js';
import {
  asAccount,
  asLogin,
  BOOTSTRAP,
  inAuthorizedKeys,
  inInventory,
  inPrincipals,
} from './lib/bootstrap.js';
import { asCertificate, behindLogin, inRoles, unknownEnds } from './lib/bootstrap-issued.js';
import { joinLogins } from './lib/joins.js';
import { excerpt, judge, missingFrom, valueOr, type Missing } from './lib/law.js';

const DAY = 86_400_000;

export const bootstrapComplete: Check<
  'accounts' | 'sshd' | 'principalsFiles' | 'authorizedKeys' | 'certificates' | 'logins',
  'vault' | 'certificateLog'
> = {
  meta: {
    number: 10,
    id: 'bootstrap-complete',
    title: 'The adm-bootstrap principal is in use nowhere',
    category: 'Bootstrap Complete',
    directive: '5 (Bootstrap Complete), 3.3',
    why: 'The bootstrap principal was made for the first hour, by hand, for one person. While a host still accepts it, any certificate with that name opens the host, outside every role and review.',
    fix: 'Remove adm-bootstrap from the inventory and let configuration management render the principals files again; revoke the bootstrap certificate.',
    looksAt: [
      'every line of every principals file, honoured or not, as an exact word',
      'principals= options of authorized_keys lines',
      'accounts of that name',
      'unexpired certificates on the host and in the certificate log',
      'certificate logins in the log window, by key ID, and by principals where the certificate log tells them',
      'the inventory itself',
      'CA roles, where sources.vault is configured',
    ],
    limits: [
      'A certificate may carry the principal behind another key ID: logins show it only where the certificate log tells the principals.',
      'What an AuthorizedPrincipalsCommand would print is never asked: with one set, the check cannot pass.',
    ],
    severity: 'high',
    needs: {
      host: ['accounts', 'sshd', 'principalsFiles', 'authorizedKeys', 'certificates', 'logins'],
      fleet: ['vault', 'certificateLog'],
    },
    controls: {
      'NIST 800-53 r5': ['AC-2(2)', 'AC-2(3)', 'AC-6'],
      'ISO 27001:2022': ['A.5.18', 'A.8.2'],
      'CIS Controls v8': ['5.3', '6.2'],
      'SOC 2': ['CC6.2', 'CC6.3'],
    },
  },
  evaluate({ host, fleet, expected, policy, now }) {
    const files = valueOr(host.principalsFiles, []);
    const logins = valueOr(host.logins, null);
    const since = now.getTime() - policy.loginWindowDays * DAY;
    const seconds = BigInt(Math.floor(now.getTime() / 1000));
    const issued = fleet.certificateLog.ok ? fleet.certificateLog.value.issuances : [];
    const joined = logins ? joinLogins(logins, fleet.certificateLog, expected.ca, policy) : [];
    const told = joined.filter(({ issuance }) => issuance?.principals).length;
    const findings: Finding[] = [
      ...inPrincipals(files),
      ...inAuthorizedKeys(valueOr(host.authorizedKeys, [])),
      ...asAccount(valueOr(host.accounts, [])),
      ...asCertificate(valueOr(host.certificates, []), issued, seconds),
      ...inInventory(expected),
      ...(logins ? asLogin(logins, policy.loginWindowDays, since) : []),
      ...behindLogin(joined, since),
      ...(fleet.vault.ok ? inRoles(fleet.vault.value) : []),
    ];
    const missing: Missing[] = [
      ...missingFrom(
        host.principalsFiles,
        host.authorizedKeys,
        host.accounts,
        host.certificates,
        host.logins,
        host.sshd,
      ),
      ...[fleet.vault, fleet.certificateLog].flatMap((source) =>
        !source.ok && source.reason === 'not-configured' ? [] : missingFrom(source),
      ),
      ...unknownEnds(issued),
      ...(host.sshd.ok ? commands(host.sshd.value) : []),
      ...(logins?.source === 'none'
        ? [{ reason: 'no-evidence', detail: 'the host keeps no log of logins that could be read' } as const]
        : []),
    ];
    return judge({
      findings: [...new Map(findings.map((one) => [one.subject, one])).values()],
      missing,
      because: `${BOOTSTRAP} is in none of ${files.length} principals files, in no authorized_keys line, account, unexpired certificate or inventory entry, and did not log in${logins ? coverage(logins, since) : ''}`,
      evidence: files.slice(0, 20).map(({ file, lines }) => ({
        probe: 'principals',
        path: file.path,
        excerpt: excerpt(lines.map(({ principal }) => principal).join(', ') || 'no principal'),
      })),
      notes: [
        ...(fleet.vault.ok ? [] : ['CA roles were not looked at: no CA system was asked (sources.vault).']),
        ...(joined.length > 0
          ? [
              `The principals behind ${told} of ${joined.length} certificate logins are known from the certificate log.`,
            ]
          : []),
        ...(logins && (logins.coversFrom === null || logins.coversFrom > since)
          ? [`The log of logins does not cover the whole ${policy.loginWindowDays} days.`]
          : []),
        ...(logins?.logins.some((one) => !one.trusted && one.certificate?.keyId === BOOTSTRAP)
          ? [`A log line that sshd did not write itself claims a login of ${BOOTSTRAP}: it proves nothing.`]
          : []),
      ],
    });
  },
};

/** A command can grant what no file does, and it is never run to find out. */
function commands({ cases }: SshdFacts): Missing[] {
  const set = cases.flatMap(({ settings }) => settings['authorizedprincipalscommand'] ?? []);
  return [...new Set(set)]
    .filter((command) => command.toLowerCase() !== 'none' && command !== '')
    .map((command) => ({
      reason: 'no-evidence',
      detail: `AuthorizedPrincipalsCommand ${command} could grant ${BOOTSTRAP}; it is never run to find out`,
    }));
}

function coverage({ coversFrom }: LoginLog, since: number): string {
  if (coversFrom === null) return '';
  return ` since ${new Date(Math.max(coversFrom, since)).toISOString()}`;
}
