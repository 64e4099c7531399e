/** Whether what sshd hands to syslog is kept on the host, and sent on. */
import type { LoggingFacts, LoginLog } from '../../src/facts/types.js';
import type { EvidenceRef, Finding } from '../../src/model.js';
import { evidenceOf, forwarding } from './forwarding.js';
import { excerpt, type Missing } from './law.js';

/** What one part of the check saw. */
export interface Part {
  readonly findings: readonly Finding[];
  readonly missing: readonly Missing[];
  readonly notes: readonly string[];
  readonly evidence: readonly EvidenceRef[];
  /** For the reason of a pass. */
  readonly says: string;
}

/** Whether what sshd hands to syslog arrives anywhere, and is sent on, for each facility it uses. */
export function judgeLogging(
  logging: LoggingFacts,
  facilities: readonly string[],
  program: string | null,
  source: LoginLog['source'] | null,
): Part {
  const findings = lostOnTheHost(logging);
  const missing: Missing[] = [];
  const notes: string[] = [];
  const evidence: EvidenceRef[] = [];
  const says: string[] = [];
  const { journald, syslogDaemons } = logging;
  for (const { path, line, text } of syslogDaemons.length > 0 ? journald.drops : []) {
    notes.push(
      `${path}:${line}: ${text} keeps logins out of the journal; ${syslogDaemons.join(', ')} may still get them.`,
    );
  }
  if (journald.running && journald.persistent === false) {
    notes.push('The journal is kept in memory only: it is lost when the host restarts.');
  }
  if (source === 'journal' && !journald.running) {
    missing.push({
      reason: 'no-evidence',
      detail: 'journald does not run: the journal ends at an unknown time',
    });
  }
  for (const facility of facilities) {
    const { finding, missing: open, by } = forwarding(logging, facility, program);
    if (finding && !findings.some(({ subject }) => subject === finding.subject)) findings.push(finding);
    if (open) missing.push(open);
    if (!by) continue;
    says.push(`${by.name} sends facility ${facility} to ${by.destinations.join(', ')}`);
    evidence.push(...evidenceOf(by));
    notes.push(...by.problems.map((text) => `${by.name}: ${text}.`));
  }
  return { findings, missing, notes, evidence, says: says.join(', ') };
}

function lostOnTheHost({ journald, devLog, syslogDaemons }: LoggingFacts): Finding[] {
  const findings: Finding[] = [];
  if ((!journald.running && syslogDaemons.length === 0) || devLog === '') {
    findings.push({
      subject: 'log daemon',
      message: `${devLog === '' ? 'There is no /dev/log' : 'Neither journald nor a syslog daemon runs'}: what sshd writes goes nowhere, and logins leave no trace.`,
      evidence: [
        {
          probe: 'logging',
          excerpt: `journald ${journald.running ? 'runs' : 'does not run'}; syslog daemons: ${syslogDaemons.join(', ') || 'none'}; /dev/log: ${devLog || 'missing'}`,
        },
      ],
      remediation: 'Start systemd-journald or the syslog daemon.',
    });
  }
  for (const { path, line, text } of syslogDaemons.length === 0 ? journald.drops : []) {
    findings.push({
      subject: `${path}:${line}`,
      message: `journald drops what sshd writes about logins (${text}), and no syslog daemon gets it instead: nobody can tell who came in.`,
      evidence: [{ probe: 'logging', path, line, excerpt: excerpt(text) }],
      at: { path, line },
      remediation: `Delete line ${line} of ${path} and restart systemd-journald.`,
    });
  }
  return findings;
}
