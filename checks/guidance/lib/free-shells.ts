/** Shells of accounts that are no administrator's: what forces a command, and what does not. */
import type { Account, IssuanceLog } from '../../../src/facts/types.js';
import type { Finding, Reading } from '../../../src/model.js';
import { FINE, type Door, type Verdict } from './doors.js';
import { forcedBy, type Entry } from './entries.js';
import { lineOf } from './words.js';

/** A static key of a machine that forces nothing is a shell; a certificate may force a command by itself. */
export function machineVerdict(account: Account, { one, entry }: Door, log: Reading<IssuanceLog>): Verdict {
  if (forcedBy(one, entry) !== null) return FINE;
  if (entry.kind !== 'principal') return { findings: [freeShell(account, entry, 'a machine')], missing: [] };
  const issued = log.ok
    ? log.value.issuances.filter(
        ({ kind, principals, certificate }) =>
          kind === 'user' && certificate && principals?.includes(entry.what),
      )
    : [];
  const unbound = issued.find(
    ({ certificate }) => !certificate?.criticalOptions.some(({ name }) => name === 'force-command'),
  );
  if (unbound) return { findings: [freeShell(account, entry, `a machine (${unbound.from})`)], missing: [] };
  if (issued.length > 0 && log.ok && log.gaps.length === 0) return FINE;
  return {
    findings: [],
    missing: [
      {
        reason: log.ok ? 'no-evidence' : log.reason,
        detail: `whether certificates for ${entry.what} force a command is not known, and neither sshd_config nor ${entry.path} does: configure sources.certificates, or set ForceCommand for ${account.name}`,
      },
    ],
  };
}

export function strangerVerdict(account: Account, { entry }: Door): Verdict {
  return { findings: [freeShell(account, entry, 'nobody the inventory names')], missing: [] };
}

export function unlisted(account: Account): Verdict {
  const detail = `the inventory does not say who needs a shell, and ${account.name} gets one`;
  return { findings: [], missing: [{ reason: 'not-configured', detail }] };
}

function freeShell(account: Account, entry: Entry, whose: string): Finding {
  const by = entry.kind === 'principal' ? `a certificate for ${entry.what}` : `the key ${entry.what}`;
  return {
    subject: `account ${account.name}`,
    message: `The account ${account.name} is for ${whose}, and ${by} gets a shell (${account.shell || '/bin/sh'}) there: nothing forces a command.`,
    evidence: [lineOf(entry)],
    at: { path: entry.path, line: entry.line },
    remediation: `Set ForceCommand for ${account.name}, or command= on line ${entry.line} of ${entry.path}; or, if people work there, name it in policy.guidance.shell_accounts.`,
  };
}
