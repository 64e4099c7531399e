/** What the central log store lacks of the host's own journal, holds beyond it, or files under another name. */
import type { Login, LoginLog, SiemFacts } from '../../src/facts/types.js';
import type { EvidenceRef, Finding, Reading } from '../../src/model.js';
import { excerpt, type Missing, missingFrom } from './law.js';
import type { Part } from './logging.js';
import { loginText } from './logins.js';
import { type Comparison, compare, SAME } from './siem-match.js';

/** Whether the SIEM holds the same logins; without it nothing proves that they arrive. */
export function judgeSiem(host: string, log: LoginLog | null, siem: Reading<SiemFacts>): Part {
  const part = { findings: [], notes: [], evidence: [], says: '' };
  if (!siem.ok)
    return {
      ...part,
      missing: [
        {
          reason: siem.reason,
          detail: `whether the SIEM holds this host’s logins is not known: ${siem.detail}`,
        },
      ],
    };
  if (log === null) return { ...part, missing: missingFrom(siem) };
  const seen = compare(host, log, siem.value);
  const missing = [...missingFrom(siem), ...windowProblems(seen)];
  // What an incomplete answer does not show may be there all the same.
  const whole = siem.gaps.length === 0;
  if (!whole && seen.lost.length > 0)
    missing.push({
      reason: 'no-evidence',
      detail: `${seen.lost.length} logins of the host’s journal are not in what the SIEM returned, which is not all it holds`,
    });
  const findings = [...(whole ? lost(seen) : []), ...drifted(host, seen), ...extra(seen, log)];
  return {
    ...part,
    findings,
    missing,
    notes: notesOf(seen, siem.value),
    says: `the SIEM holds all ${seen.compared} of the closed window`,
  };
}

function windowProblems({ open, compared }: Comparison): Missing[] {
  if (open)
    return [
      {
        reason: 'no-evidence',
        detail: 'the host’s log and the SIEM have no window in common that is closed',
      },
    ];
  return compared > 0
    ? []
    : [
        {
          reason: 'no-evidence',
          detail:
            'no certificate login of the window is old enough to be expected in the SIEM: log in with a certificate, and collect again in ten minutes',
        },
      ];
}

function lost({ lost: group, compared }: Comparison): Finding[] {
  if (group.length === 0) return [];
  return [
    {
      subject: 'SIEM: logins lost',
      message: `${group.length} of ${compared} certificate logins of the host’s journal are not in the SIEM: they can be erased here without a trace.`,
      evidence: references(group),
      remediation:
        'Follow one of them through the forwarder: its queue, its filters, the network, the SIEM’s parser.',
    },
  ];
}

function drifted(host: string, { elsewhere, compared }: Comparison): Finding[] {
  return [...elsewhere].slice(0, 20).map(([label, group]) => ({
    subject: `SIEM: filed under ${label}`,
    message: `${group.length} of ${compared} certificate logins of this host are in the SIEM under the name ${label}: whoever searches for ${host} there does not see them.`,
    evidence: references(group),
    remediation: `Let the forwarder send the inventory’s name, or map it in sources.siem.hosts: ${JSON.stringify(label)}: ${host}.`,
  }));
}

/** A text log is kept by whoever is root and vouches for nothing: what it lacks is not called wiped. */
function extra({ extra: group }: Comparison, { source }: LoginLog): Finding[] {
  if (group.length === 0 || source !== 'journal') return [];
  return [
    {
      subject: 'SIEM: logins the host denies',
      message: `The SIEM holds ${group.length} certificate logins that the host’s own journal does not: it was wiped, or somebody forged lines.`,
      evidence: references(group),
      remediation: 'Treat the host as compromised until it is explained.',
    },
  ];
}

function notesOf({ skew, forged }: Comparison, { duplicates = 0 }: SiemFacts): string[] {
  const notes: string[] = [];
  if (Math.abs(skew) > SAME)
    notes.push(
      `The SIEM’s times differ from the host’s by up to ${Math.round(Math.abs(skew) / 1000)} s: its clock, or the time of arrival; logins were matched by process, port, account and serial.`,
    );
  if (duplicates > 0) notes.push(`${duplicates} lines are in the SIEM more than once; each counts once.`);
  if (forged > 0)
    notes.push(`${forged} logins the SIEM holds are lines another program wrote in sshd’s name on the host.`);
  return notes;
}

function references(group: readonly Login[]): EvidenceRef[] {
  return group.slice(0, 5).map((one) => ({ probe: 'siem', excerpt: excerpt(loginText(one)) }));
}
