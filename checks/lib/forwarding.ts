/** From syslog to the SIEM: whether a forwarder that runs sends what sshd writes. */
import type { Forwarder, LoggingFacts, SshdFacts } from '../../src/facts/types.js';
import type { EvidenceRef, Finding } from '../../src/model.js';
import { excerpt, type Missing } from './law.js';

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
export function forwarding(
  { forwarders }: LoggingFacts,
  facility: string,
  program: string | null,
): Forwarding {
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

export function evidenceOf({ name, running, evidence }: Forwarder): EvidenceRef[] {
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
