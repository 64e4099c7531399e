/** From sshd to the SIEM: does anything take sshd's lines away from syslog, and does a forwarder send them. */
import type {
  DaemonFacts,
  Forwarder,
  LoggingFacts,
  LoginLog,
  SshdFacts,
  SshListener,
} from '../../src/facts/types.js';
import type { EvidenceRef, Finding, Reading } from '../../src/model.js';
import { excerpt, type Missing } from './law.js';
import { otherServers } from './sshd.js';

/** sshd hands its lines to syslog under this name: the listener only accepts since 9.8 (release notes). */
export function programOf({ version }: SshdFacts): 'sshd' | 'sshd-session' | null {
  if (version === null) return null;
  return version.major > 9 || (version.major === 9 && version.minor >= 8) ? 'sshd-session' : 'sshd';
}

/** Whether that forwarder takes the lines; an unknown version or facility needs both names, or all, to be taken. */
function ships(
  { selection, shipsAuth }: Forwarder,
  facility: string,
  program: string | null,
): boolean | null {
  const fitting =
    selection?.filter((one) => one.facility === facility && (program === null || one.program === program)) ??
    [];
  if (fitting.length === 0) return shipsAuth;
  const [first] = fitting;
  return fitting.every((one) => one.ships === first?.ships) ? (first?.ships ?? null) : null;
}

interface Forwarding {
  readonly finding?: Finding;
  readonly missing?: Missing;
  /** The forwarder that does it. */
  readonly by?: Forwarder;
}

/** @param facility sshd's, in lower case. */
function forwarding({ forwarders }: LoggingFacts, facility: string, program: string | null): Forwarding {
  const running = forwarders.filter((one) => one.running);
  const verdicts = running.map((one) => ({
    one,
    verdict: one.destinations.length === 0 && one.shipsAuth !== null ? false : ships(one, facility, program),
  }));
  const by = verdicts.find(({ one, verdict }) => verdict === true && one.destinations.length > 0)?.one;
  if (by) return { by };
  const doubtful = verdicts.filter(({ verdict }) => verdict !== false).map(({ one }) => one);
  if (doubtful.length > 0) {
    const why = doubtful
      .map(
        ({ name, problems }) =>
          `${name}: ${problems[0] ?? 'its rules depend on what only the running program knows'}`,
      )
      .join('; ');
    return {
      missing: {
        reason: 'no-evidence',
        detail: `whether sshd’s lines (facility ${facility}) leave the host cannot be told from the configuration: ${why}. Configure sources.siem, whose answer decides.`,
      },
    };
  }
  return { finding: notForwarded(forwarders, facility) };
}

function notForwarded(forwarders: readonly Forwarder[], facility: string): Finding {
  const sending = forwarders.find((one) => one.running && one.destinations.length > 0);
  const stopped = forwarders.find((one) => !one.running && one.destinations.length > 0);
  const first = sending ?? stopped ?? forwarders.find((one) => one.running);
  const said = sending
    ? `${sending.name} runs and sends to ${sending.destinations.join(', ')}, but not what sshd writes with facility ${facility}${because(sending)}`
    : stopped
      ? `${stopped.name} is configured to send to ${stopped.destinations.join(', ')}, but does not run`
      : first
        ? `${first.name} runs and sends sshd’s lines nowhere${because(first)}`
        : 'no program that forwards logs runs';
  const remedy = sending
    ? `Let ${sending.name} send the facility ${facility}, before any rule that stops sshd’s lines.`
    : stopped
      ? `Start and enable ${stopped.name}.`
      : 'Forward the facilities auth and authpriv to the SIEM; with rsyslog: `auth,authpriv.* @@HOST:PORT` in /etc/rsyslog.d/, then restart rsyslog.';
  const place = first?.evidence[0];
  return {
    subject: sending || stopped ? `forwarder ${first?.name ?? ''}` : 'log forwarding',
    message: `Logins do not reach the SIEM: ${said}. Whoever becomes root on this host can erase the only record of how.`,
    evidence: first
      ? evidenceOf(first)
      : [
          {
            probe: 'logging',
            excerpt:
              'no rsyslog, syslog-ng, journal-upload or other known forwarder among the running processes',
          },
        ],
    ...(place && place.line > 0 && { at: { path: place.path, line: place.line } }),
    remediation: remedy,
  };
}

function because({ problems }: Forwarder): string {
  // Where a destination lies explains nothing about what is sent there.
  const reasons = problems.filter((text) => !text.includes('is this host itself')).slice(0, 3);
  return reasons.length > 0 ? ` (${reasons.join('; ')})` : '';
}

function evidenceOf({ name, running, evidence }: Forwarder): EvidenceRef[] {
  const process = { probe: 'logging', excerpt: `${name} ${running ? 'runs' : 'does not run'}` };
  return [
    process,
    ...evidence.slice(0, 5).map(({ path, line, text }) => ({
      probe: 'logging',
      path,
      ...(line > 0 && { line }),
      excerpt: excerpt(text),
    })),
  ];
}

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
