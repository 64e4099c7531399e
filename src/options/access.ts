/** What the access report is asked. */
import { HOUR, type OptionTable } from './spec.js';

const DAY = 24 * HOUR;

export const ACCESS = {
  as: {
    kind: 'text',
    group: 'What to audit',
    value: 'IDENTITY',
    flagOnly: true,
    describe: 'only what this key ID, principal or person reaches and did',
  },
  to: {
    kind: 'text',
    group: 'What to audit',
    value: 'HOST',
    flagOnly: true,
    describe: 'only the ways into this host, and what happened there',
  },
  without: {
    kind: 'text',
    group: 'What to audit',
    value: 'PRINCIPAL',
    flagOnly: true,
    describe: 'what would be lost if no host accepted this principal any more',
  },
  window: {
    kind: 'duration',
    group: 'What to audit',
    value: 'TIME',
    fallback: 0,
    min: HOUR,
    max: 366 * DAY,
    otherwise: 'policy.login_window_days, which is what was collected',
    describe: 'how far back logins, commands and changes are told',
  },
  pseudonymise: {
    kind: 'switch',
    group: 'Output',
    fallback: false,
    describe:
      'replace users, key IDs and addresses by pseudonyms; the key is in SSH_SCORECARD_PSEUDONYM_KEY or in the file SSH_SCORECARD_PSEUDONYM_KEY_FILE names',
  },
  'no-access': {
    kind: 'switch',
    group: 'What to audit',
    fallback: false,
    describe:
      'do not collect what the access report reads (sudoers, commands of sessions, package logs); audit: leave who did what out of the reports',
  },
} as const satisfies OptionTable;

/** Where the key of pseudonyms is. Secrets are never flags. */
export const PSEUDONYM_VARIABLES = {
  key: 'SSH_SCORECARD_PSEUDONYM_KEY',
  keyFile: 'SSH_SCORECARD_PSEUDONYM_KEY_FILE',
} as const;
