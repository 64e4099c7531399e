/** Programs beside sshd that accept logins. Source: dropbear(8); the collector's list of program names. */
import type { DaemonFacts, SshListener } from '../../src/facts/types.js';
import type { Finding, Reading } from '../../src/model.js';
import { excerpt, type Missing } from './law.js';
import { otherServers, serverName } from './sshd.js';

/** What a check wants to know of them. */
export interface Question {
  /** dropbear's options of which any closes the way, the usual one first, e.g. `s`. */
  readonly dropbearOption: string;
  /** What it means that the option is absent, e.g. `so it takes passwords`. */
  readonly dropbearOpen: string;
  /** What cannot be seen of the others, e.g. `whether it takes passwords`. */
  readonly unseen: string;
  /** How logins without SSH are judged; absent: like the unknown ones. */
  readonly insecure?: string;
}

/** Remote logins by password or by trust in an address, whatever their settings. */
const INSECURE =
  /^(telnetd|in\.telnetd|utelnetd|inetutils-telnetd|rlogind|in\.rlogind|rshd|in\.rshd|shellinaboxd|busybox.*)$/;

/** Findings and open questions about every server but sshd, which is judged by its configuration. */
export function judgeOtherServers(
  daemons: Reading<DaemonFacts>,
  question: Question,
): { findings: Finding[]; missing: Missing[] } {
  const findings: Finding[] = [];
  const missing: Missing[] = [];
  for (const server of otherServers(daemons)) {
    const { program, executable, commandLine } = server;
    if (program.startsWith('dropbear')) {
      const flags = flagsOf(commandLine);
      const [usual = ''] = question.dropbearOption;
      if ([...question.dropbearOption].some((option) => flags.has(option))) continue;
      findings.push(
        finding(
          server,
          `was started without -${usual}, ${question.dropbearOpen}`,
          `Stop and disable dropbear, or start it with -${usual}.`,
        ),
      );
    } else if (question.insecure !== undefined && INSECURE.test(program)) {
      findings.push(finding(server, question.insecure, `Stop and disable ${program}.`));
    } else {
      missing.push({
        reason: 'unsupported',
        detail: `${serverName(server)}, ${executable}, accepts logins too: ${question.unseen} cannot be seen from here. Stop it, or attest its configuration.`,
      });
    }
  }
  return { findings, missing };
}

function finding(server: SshListener, problem: string, remediation: string): Finding {
  const { program, pid, onDemand, executable, commandLine, sockets } = server;
  const listens = sockets.length > 0 ? ` (listens on ${sockets.join(', ')})` : '';
  return {
    subject: `process ${program}`,
    message: `${serverName(server)} ${problem}, whatever sshd_config says.`,
    evidence: [
      {
        probe: 'daemons',
        path: executable,
        excerpt: excerpt(`${onDemand ?? `pid ${pid}`}: ${commandLine}${listens}`),
      },
    ],
    at: { path: executable },
    remediation,
  };
}

/** Single-letter options of a command line, clusters taken apart: `-sw -p 22` gives s, w, p. */
function flagsOf(commandLine: string): ReadonlySet<string> {
  const words = commandLine.split(/\s+/).slice(1);
  return new Set(
    words.filter((word) => /^-[A-Za-z0-9]+$/.test(word)).flatMap((word) => word.slice(1).split('')),
  );
}
