/**
 * Guidance, "Joiners/Movers/Leavers processes must be strictly enforced on SSH servers": nobody who has left still has a
 * route in, and nobody used one since.
 */
import type { Issuance, Person } from '../../src/facts/types.js';
import type { Check } from '../../src/model.js';
import { plural } from '../../src/plural.js';
import { judge, missingFrom, valueOr } from '../lib/law.js';
import { departed } from './lib/departed.js';
import { logsNeeded, unseenCertificates, unseenCommands, unseenLogins } from './lib/leaver-gaps.js';
import { routesOf, type Routes } from './lib/leaver-routes.js';

const DAY = 86_400_000;
const MOST_FINDINGS = 200;

/** One of each: what is made of them is remembered. */
const NOBODY: readonly Person[] = [];
const NO_LOG: readonly Issuance[] = [];

type Needs = 'accounts' | 'sshd' | 'authorizedKeys' | 'principalsFiles' | 'revokedKeys' | 'logins';

export const leavers: Check<Needs, 'people' | 'certificateLog' | 'vault'> = {
  meta: {
    pack: 'guidance',
    id: 'leavers',
    title: 'Nobody who has left still has a way in',
    category: 'Guidance',
    directive: '7 (violations trigger immediate access revocation)',
    why: 'Who has left knows the way, holds the key, and is missed by nobody when they come back. Whoever finds the key is taken for them.',
    fix: 'Take leavers out of the inventory, the CA’s roles and logins on their last day, by code; remove their accounts and keys; revoke certificates that are still valid.',
    looksAt: [
      'the list of people of the inventory (sources.people): what they go by, and their last day',
      'accounts of their name with a shell, keys with their fingerprint or comment, principals of theirs, on the host and in the inventory',
      'roles and policies of the CA system that name them',
      'certificates issued since, or still valid and not revoked on the host',
      'logins since, by key ID, key or account, in the login window',
    ],
    limits: [
      'Whoever is missing from the list, or goes by a name it does not tell.',
      'Roles they shared: a principal such as adm-full is open to whoever may still ask the CA for it.',
      'Logins to the CA system itself, in its identity provider.',
      'A comment on a key is what somebody wrote there.',
      'A KRL counts when sshd reads it for any connection; CA Trust judges the others.',
    ],
    severity: 'high',
    needs: {
      host: ['accounts', 'sshd', 'authorizedKeys', 'principalsFiles', 'revokedKeys', 'logins'],
      fleet: ['people', 'certificateLog', 'vault'],
    },
    controls: {
      'NIST 800-53 r5': ['PS-4', 'PS-5', 'AC-2(3)'],
      'ISO 27001:2022': ['A.5.11', 'A.5.18', 'A.6.5'],
      'CIS Controls v8': ['5.3', '6.2'],
      'SOC 2': ['CC6.2', 'CC6.3'],
    },
  },
  evaluate({ host, fleet, expected, policy, now }) {
    const people = valueOr(fleet.people, NOBODY);
    const logins = host.logins.ok ? host.logins.value.logins : [];
    const log = fleet.certificateLog.ok ? fleet.certificateLog.value.issuances : NO_LOG;
    const departures = departed(people, log, now);
    const { leavers: gone, missing } = departures;
    const routes: Routes = {
      accounts: valueOr(host.accounts, []),
      authorizedKeys: valueOr(host.authorizedKeys, []),
      principalsFiles: valueOr(host.principalsFiles, []),
      revokedKeys: valueOr(host.revokedKeys, []),
      logins,
      vault: fleet.vault.ok ? fleet.vault.value : null,
      expected,
      now,
    };
    const findings = routesOf(departures, routes);
    const from = logsNeeded(gone, now.getTime() - policy.loginWindowDays * DAY);
    return judge({
      findings: findings.slice(0, MOST_FINDINGS),
      missing: [
        ...missingFrom(fleet.people),
        ...(fleet.people.ok && people.length === 0
          ? [{ reason: 'no-evidence' as const, detail: 'the list of people (sources.people) names nobody' }]
          : []),
        ...missing,
        ...(gone.length > 0 || !fleet.people.ok
          ? [
              ...missingFrom(host.accounts, host.authorizedKeys, host.principalsFiles, host.sshd),
              ...missingFrom(host.logins, host.revokedKeys, fleet.certificateLog, fleet.vault),
              ...unseenCommands(host.sshd),
              ...unseenLogins(host.logins, from),
              ...unseenCertificates(fleet.certificateLog, departures.nameless, from),
            ]
          : []),
      ],
      because:
        gone.length === 0
          ? `of ${plural(people.length, 'person').replace('persons', 'people')} in the list nobody has left.`
          : `of ${people.length} people in the list ${gone.length} have left, and none of them has an account, a key, a principal, a role of the CA or a valid certificate, nor used one since.`,
      evidence: [
        { probe: 'people' },
        { probe: 'accounts' },
        { probe: 'authorized-keys' },
        { probe: 'principals' },
      ],
      notes:
        findings.length > MOST_FINDINGS
          ? [`${findings.length - MOST_FINDINGS} more findings are not shown`]
          : [],
    });
  },
};
