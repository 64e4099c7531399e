/** Questions about sshd's effective configuration that several checks ask. Source: sshd_config(5), `sshd -T -C`. */
import type { DaemonFacts, Origin, SshdCase, SshdFacts, SshListener } from '../../src/facts/types.js';
import type { EvidenceRef, Reading } from '../../src/model.js';
import { excerpt, type Missing } from './law.js';

/** The first printed value, lower-case; undefined when this sshd does not print the keyword. */
export function setting(one: SshdCase, keyword: string): string | undefined {
  return one.settings[keyword]?.[0]?.trim().toLowerCase();
}

/** `yes` as any version prints it. */
export function isOn(one: SshdCase, keyword: string): boolean {
  const value = setting(one, keyword);
  return value === 'yes' || value === 'true';
}

/** `accounts alice, bob and 3 more, connecting from 10.0.0.0 to port 22`, and to which sshd if not to the main one. */
export function whoAndHow({ accounts, witness, assumes, daemon }: SshdCase): string {
  const shown = accounts.slice(0, 4).join(', ');
  const more = accounts.length > 4 ? ` and ${accounts.length - 4} more` : '';
  const who =
    accounts.length > 0
      ? `account${accounts.length > 1 ? 's' : ''} ${shown}${more}`
      : `a user named ${witness.user}`;
  return `${who}, ${howReached({ witness, ...(daemon && { daemon }) })}${assumes ? ` (assuming ${assumes})` : ''}`;
}

/** `connecting from 10.0.0.0 to port 22`, and of which sshd if not of the main one. */
export function howReached({ witness, daemon }: Pick<SshdCase, 'witness' | 'daemon'>): string {
  const which = daemon ? ` of the second sshd \`${daemon.command}\` (${daemon.startedBy})` : '';
  return `connecting from ${witness.address} to port ${witness.localPort}${which}`;
}

/** The printed line with the question that gave it. */
export function printed(one: SshdCase, keyword: string): EvidenceRef {
  const { user, host, address, localAddress, localPort } = one.witness;
  const origin = one.origins[keyword];
  const question =
    one.by === 'sshd' ? `${one.daemon?.command ?? 'sshd'} -T` : 'derived from the configuration text for';
  const values = one.settings[keyword] ?? ['(not printed)'];
  return {
    probe: 'sshd',
    ...(origin && { path: origin.path, line: origin.line }),
    excerpt: excerpt(
      `${question} -C user=${user},host=${host},addr=${address},laddr=${localAddress},lport=${localPort}: ${keyword} ${values.join(' | ')}`,
    ),
  };
}

/** Where an unwanted value comes from, in one phrase that stays the same between runs. */
export function subjectOf(name: string, one: SshdCase): string {
  const origin = one.origins[name.toLowerCase()];
  if (origin && fromCommandLine(origin))
    return `${name} on ${one.daemon ? `the command line \`${one.daemon.command}\`` : "sshd's command line"}`;
  if (origin) return `${origin.path}:${origin.line}`;
  return `${name} (default${one.daemon ? ` of \`${one.daemon.command}\`` : ''})`;
}

/** Options of the running daemon come before every file; they have no file to point at. */
function fromCommandLine(origin: Origin): boolean {
  return !origin.path.startsWith('/');
}

/** The file and line to point at, when a file is the origin. */
export function placeOf(one: SshdCase, name: string): { at?: Origin } {
  const origin = one.origins[name.toLowerCase()];
  return origin && !fromCommandLine(origin) ? { at: origin } : {};
}

/** The exact remedy: sshd keeps the first value it reads, satisfied Match blocks go before globals, options before files. */
export function remedy(sshd: SshdFacts, one: SshdCase, name: string, wanted: string): string {
  const origin = one.origins[name.toLowerCase()];
  const after = one.daemon
    ? `Then restart that sshd (${one.daemon.startedBy}), or stop it for good if nobody needs it.`
    : 'Check with `sshd -t`, then reload sshd.';
  if (origin && fromCommandLine(origin) && one.daemon)
    return `Stop that sshd (${one.daemon.startedBy}) for good, or remove \`-o ${name}=…\` from the way it is started and restart it: an option beats every file.`;
  if (origin && fromCommandLine(origin))
    return `Remove \`-o ${name}=…\` from the way sshd is started (systemctl cat ssh sshd; /etc/default/ssh, /etc/sysconfig/sshd) and restart it: an option beats every file.`;
  const block =
    origin && sshd.matchBlocks.find(({ settings }) => same(settings[name.toLowerCase()]?.at, origin));
  if (origin && block)
    return `In ${origin.path}, delete line ${origin.line} or change it to \`${name} ${wanted}\`: it stands inside \`Match ${block.criteria}\` (line ${block.at.line}), and no line outside that block can undo it. ${after}`;
  if (origin)
    return `In ${origin.path}, change line ${origin.line} to \`${name} ${wanted}\`: sshd keeps the first value it reads, so a later line or file cannot undo it. ${after}`;
  const main = one.daemon?.configFile ?? sshd.files[0]?.path ?? '/etc/ssh/sshd_config';
  return `Put \`${name} ${wanted}\` at the very top of ${main}, above every Include and Match line: sshd keeps the first value it reads. ${after}`;
}

function same(one: Origin | undefined, other: Origin): boolean {
  return one?.path === other.path && one.line === other.line;
}

/** What runs, or would run after the next start, may not be what was judged. */
export function staleDaemon(daemons: Reading<DaemonFacts>): Missing[] {
  if (!daemons.ok) return [];
  const { newerThanDaemon, impostors } = daemons.value;
  return [
    ...newerThanDaemon.map(({ path, pid, by }): Missing => ({
      reason: 'disagreement',
      detail: `${path} changed ${by} seconds after sshd (pid ${pid}) read its configuration: what runs is not what was judged. Reload sshd and collect again.`,
    })),
    ...impostors.map((path): Missing => ({
      reason: 'disagreement',
      detail: `${path} is a program called sshd that stands before the one that was judged in the usual PATH: whoever starts sshd by its name starts that one. Remove it, or run it and collect again.`,
    })),
  ];
}

/** Servers other than OpenSSH's sshd; sshd itself is judged by its configuration. */
export function otherServers(daemons: Reading<DaemonFacts>): readonly SshListener[] {
  return daemons.ok ? daemons.value.listeners.filter(({ program }) => !/^sshd(\..*)?$/.test(program)) : [];
}

/** `dropbear (pid 812)`, or what starts it for every connection. */
export function serverName({ program, pid, onDemand }: SshListener): string {
  return `${program} (${onDemand === undefined ? `pid ${pid}` : `started for every connection by ${onDemand}`})`;
}
