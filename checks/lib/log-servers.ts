/** SSH servers whose logins never reach syslog, where every forwarder begins. */
import type { DaemonFacts, SshListener } from '../../src/facts/types.js';
import type { EvidenceRef, Finding, Reading } from '../../src/model.js';
import { excerpt, type Missing } from './law.js';
import { otherServers } from './sshd.js';

/** Servers whose record goes past syslog, or has no identity to hold. */
export function serversBesideLog(daemons: Reading<DaemonFacts>): { findings: Finding[]; missing: Missing[] } {
  const findings: Finding[] = [];
  const missing: Missing[] = [];
  for (const server of daemons.ok ? daemons.value.listeners : []) {
    const elsewhere = /^sshd(\..*)?$/.test(server.program) ? logElsewhere(server) : null;
    if (elsewhere === null) continue;
    if (elsewhere === STANDARD_ERROR)
      missing.push({
        reason: 'no-evidence',
        detail: `sshd (pid ${server.pid}) logs to its standard error (-e or -d), not to syslog: where that goes cannot be seen. Start it without.`,
      });
    else
      findings.push({
        subject: `process sshd -E ${elsewhere}`,
        message: `sshd (pid ${server.pid}) was started with -E and writes its log to ${elsewhere}, past syslog and every forwarder: logins stay on this host, where an intruder can erase them.`,
        evidence: [processRef(server)],
        remediation:
          'Remove -E from the way sshd is started (systemctl cat ssh sshd; /etc/default/ssh, /etc/sysconfig/sshd) and restart it.',
      });
  }
  for (const server of otherServers(daemons)) {
    const { program, pid, executable } = server;
    if (program.startsWith('dropbear'))
      findings.push({
        subject: `process ${program}`,
        message: `${program} (pid ${pid}) accepts SSH logins and knows no certificates: a login there carries no identity to record.`,
        evidence: [processRef(server)],
        at: { path: executable },
        remediation: 'Stop and disable dropbear.',
      });
    else
      missing.push({
        reason: 'unsupported',
        detail: `${program} (pid ${pid}, ${executable}) accepts logins too: what it records cannot be seen from here. Stop it, or attest its logging.`,
      });
  }
  return { findings, missing };
}

const STANDARD_ERROR = 'its standard error';

function processRef({ pid, executable, commandLine }: SshListener): EvidenceRef {
  return { probe: 'daemons', path: executable, excerpt: excerpt(`pid ${pid}: ${commandLine}`) };
}

/** `-E FILE` or `-e` of a server's command line: its log goes there and not to syslog. Source: sshd(8). */
function logElsewhere({ commandLine }: SshListener): string | null {
  const words = commandLine.replace(/ \[(?:listener|accepted)\].*$/, '').split(/\s+/);
  for (let at = 1; at < words.length; at++) {
    const cluster = /^-([46DGQRTVdeiqrtS]*)([A-Za-z]?)(.*)$/.exec(words[at] ?? '');
    if (!cluster) continue;
    const [, flags = '', letter = '', value = ''] = cluster;
    if (letter === 'E') return value || (words[at + 1] ?? '');
    if (/[ed]/.test(flags)) return STANDARD_ERROR;
    if (letter !== '' && value === '' && 'CEbcfghkopu'.includes(letter)) at++;
  }
  return null;
}
