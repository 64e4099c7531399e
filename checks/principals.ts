/** Scorecard 3, "Principals Config": sshd lets in exactly the principals the inventory allows on this host. Source: sshd_config(5). */
import type { Check, Expectations, Reading } from '../src/model.js';
import type { Account, PrincipalsFile } from '../src/facts/types.js';
import { certAuthorityFindings } from './lib/cert-authority-lines.js';
import { deadGrants } from './lib/principal-use.js';
import { judge, missingFrom, valueOr, type Missing } from './lib/law.js';
import { fileFindings, fileUnknowns, lineFindings } from './lib/principal-files.js';
import { compare, grantsOf, modeOf, type Grant, type Mode } from './lib/principal-sets.js';
import { noneInMatch, principalFaults, sleepingCommand } from './lib/principal-settings.js';
import { caseFindings, distinct, notPrinted } from './lib/settings.js';
import { staleDaemon } from './lib/sshd.js';

const PROVES: Readonly<Record<Mode, string>> = {
  exact: 'account by account as the inventory maps them',
  accounts: 'actor type by actor type, in the accounts the inventory names for each',
  union:
    'taken over all accounts together; the inventory names no accounts, so this does not prove WHO may use a principal, only that no other principal is let in',
};

export const principals: Check<
  'sshd' | 'daemons' | 'accounts' | 'principalsFiles' | 'authorizedKeys' | 'logins',
  'certificateLog'
> = {
  meta: {
    number: 3,
    id: 'principals',
    title: 'Exactly the principals of the inventory are let in',
    category: 'Principals Config',
    directive: '5 (Principals Config), 3.2, 4.1',
    why: 'The principals file is the door list. A principal too many lets a role in where it has no business; a file its own user can write lets him invite himself; a principal too few drives people to back doors.',
    fix: 'Set AuthorizedPrincipalsFile /etc/ssh/auth_principals/%u at the top of sshd_config, keep the files root:root 644 in a folder root:root 755, and write into them what the inventory says.',
    looksAt: [
      'sshd -T -C: AuthorizedPrincipalsFile and AuthorizedPrincipalsCommand for every account and every Match condition',
      'every principals file sshd reads, line by line as it parses them, against the inventory, both ways',
      'owner, mode and readability of the files and of every folder above them, links followed',
      'Match blocks with AuthorizedPrincipalsFile none, which up to OpenSSH 10.5 means ~/none',
      'cert-authority lines in authorized_keys, which are not bound by principals files',
      'which of these principals a login of the window really used, where the certificate log tells (a remark, no verdict)',
    ],
    limits: [
      'Who holds certificates for these principals: see Expiry Policy and CA Security.',
      'What an account may do after login.',
      'Access control lists and security modules on the files.',
    ],
    severity: 'high',
    needs: {
      host: ['sshd', 'daemons', 'accounts', 'principalsFiles', 'authorizedKeys', 'logins'],
      fleet: ['certificateLog'],
    },
    controls: {
      'NIST 800-53 r5': ['AC-2', 'AC-3', 'AC-5', 'AC-6'],
      'ISO 27001:2022': ['A.5.15', 'A.5.18', 'A.8.2', 'A.8.3'],
      'CIS Controls v8': ['6.1', '6.8', '3.3'],
      'SOC 2': ['CC6.2', 'CC6.3'],
    },
  },
  evaluate({ host, fleet, expected, policy }) {
    const { sshd, daemons, accounts, principalsFiles, authorizedKeys } = host;
    const files = valueOr(principalsFiles, []);
    const known = valueOr(accounts, []);
    const pathOf = (account: string) => policy.authorizedPrincipalsFile.replaceAll('%u', account);
    const grants = grantsOf(files);
    const mode = modeOf(expected);
    const comparison =
      principalsFiles.ok && sshd.ok && !expected.unlisted ? compare(grants, expected, pathOf) : [];
    const certain = principalsFiles.ok && principalsFiles.gaps.length === 0;
    return judge({
      findings: [
        ...caseFindings(sshd, (one) => principalFaults(one, policy.authorizedPrincipalsFile)),
        ...noneInMatch(sshd),
        ...files.flatMap((file) => [...fileFindings(file, known), ...lineFindings(file)]),
        // What is missing may stand in what could not be read.
        ...comparison.filter(({ at }) => certain || at !== undefined),
      ],
      missing: distinct([
        ...missingFrom(sshd, daemons, principalsFiles),
        ...(accounts.ok ? [] : missingFrom(accounts)),
        ...staleDaemon(daemons),
        ...notPrinted(sshd, ['authorizedprincipalsfile']),
        ...files.flatMap((file) => fileUnknowns(file, known)),
        ...strangers(files, accounts),
        ...unlisted(expected, grants),
      ]),
      because: `AuthorizedPrincipalsFile is ${policy.authorizedPrincipalsFile} for every connection, and the ${grants.length} principals in its files are those of the inventory, ${PROVES[mode]}; only root can change them.`,
      evidence: grants
        .slice(0, 30)
        .map(({ path, line, text }) => ({ probe: 'principals', path, line, excerpt: text })),
      notes: [
        ...sleepingCommand(sshd),
        ...deadGrants(grants, host.logins, fleet.certificateLog, expected.ca, policy),
        ...certAuthorityFindings(
          valueOr(authorizedKeys, []),
          'It brings a principals list of its own, and is judged by CA Trust and No Static Keys.',
        ).map(({ message }) => message),
        ...files
          .filter(({ account, lines }) => account === null && lines.length > 0)
          .map(
            ({ file }) =>
              `${file.path} serves no account today: it grants its principals the day sshd reads it for one.`,
          ),
      ],
    });
  },
};

/** Nothing to compare with: what was found is shown, and neither right nor wrong. */
function unlisted(expected: Expectations, grants: readonly Grant[]): Missing[] {
  if (!expected.unlisted) return [];
  const found = [...new Set(grants.map(({ principal }) => principal))].sort().slice(0, 30).join(', ');
  return [
    {
      reason: 'no-evidence',
      detail: `the inventory does not list the principals of this host; it accepts: ${found || 'none'}`,
    },
  ];
}

/** Files under names that may be accounts after all, where accounts could not be listed. */
function strangers(files: readonly PrincipalsFile[], accounts: Reading<readonly Account[]>): Missing[] {
  if (!accounts.ok || accounts.gaps.length === 0) return [];
  return files
    .filter(({ account, lines }) => account === null && lines.length > 0)
    .map(({ file }) => ({
      reason: 'no-evidence',
      detail: `whether ${file.path} serves an account is not known: ${accounts.gaps[0] ?? ''}`,
    }));
}
