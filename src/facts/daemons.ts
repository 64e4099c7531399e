/**
 * What accepts SSH logins on this host, with which options, and since when.
 * Source: proc(5), sshd(8), systemd.service(5), systemctl(1), dropbear(8).
 */
import type { HostEvidence, Reading } from '../model.js';
import { parseStat, probeReading, records, wordInteger, wordText } from './reading.js';
import type { DaemonFacts, FileStat, SshListener } from './types.js';

/** Clocks of the file system and of the process table differ by this much at most. Seconds. */
const TOLERANCE = 2;

interface Process extends SshListener {
  readonly uid: number;
  readonly place: string;
  /** When it last read its configuration: its start, or the later writing of its PidFile, which a reload renews. */
  readonly loadedAt: number | null;
}

/** @returns every process that may accept logins, the units that start one, and files newer than the daemon that read them. */
export function readDaemons(evidence: HostEvidence): Reading<DaemonFacts> {
  const probe = probeReading(evidence, 'daemons');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const gaps = [...probe.gaps, ...of(rows, 'gap').map((row) => wordText(row[1]))];
  const processes = of(rows, 'process').map((row) => readProcess(row, rows));
  // tailscaled accepts SSH logins only when Tailscale SSH is on, which its own settings tell.
  const noTailscaleSsh = /"runssh":false/i.test(wordText(of(rows, 'tailscale')[0]?.[1]));
  const own = processes.filter(
    ({ place, program }) => place !== 'container' && !(noTailscaleSsh && program === 'tailscaled'),
  );
  for (const { pid, place, program } of own) {
    if (place === 'sandbox')
      gaps.push(
        `${program} (pid ${pid}) runs in a mount namespace of its own: the files it sees may differ from those collected`,
      );
  }
  for (const { pid, executable } of own) {
    if (executable.endsWith(' (deleted)'))
      gaps.push(
        `the program of process ${pid} (${executable}) was replaced since it started: restart it so that what runs is what was asked`,
      );
  }
  const asked = own.find(({ pid }) => String(pid) === of(rows, 'asked')[0]?.[1]);
  const daemons = own.filter(
    (process) => asked && isSshd(process.program) && process.uid === 0 && sameOptions(process, asked),
  );
  for (const { pid, loadedAt } of daemons)
    if (loadedAt === null) gaps.push(`when sshd (pid ${pid}) read its configuration is not known`);
  const value: DaemonFacts = {
    listeners: own.map(({ uid: _uid, place: _place, loadedAt: _loadedAt, ...listener }) => listener),
    units: [...unitFiles(rows), ...shownUnits(rows)],
    newerThanDaemon: daemons.flatMap((daemon) => newerFiles(daemon, configStats(evidence))),
    impostors: of(rows, 'impostor').map((row) => wordText(row[1])),
  };
  return { ok: true, value, gaps };
}

/** Every way sshd is started here, for comparing with how it was asked. */
export interface Started {
  readonly processes: readonly {
    readonly pid: number;
    readonly uid: number;
    readonly commandLine: string;
    readonly options: DaemonOptions;
  }[];
  readonly units: readonly {
    readonly name: string;
    readonly execStart: string;
    readonly active: boolean;
    readonly options: DaemonOptions;
  }[];
  /** Options that files like /etc/default/ssh hand to sshd. */
  readonly files: readonly {
    readonly path: string;
    readonly line: number;
    readonly value: string;
    readonly options: DaemonOptions;
  }[];
  /** Connections being served right now. */
  readonly sessions: number;
}

/** @returns empty lists when the probe did not run. */
export function waysStarted(evidence: HostEvidence): Started {
  const probe = probeReading(evidence, 'daemons');
  const rows = probe.ok ? records(probe.value) : [];
  const processes = of(rows, 'process')
    .map((row) => readProcess(row, rows))
    .filter(({ place, program }) => place !== 'container' && isSshd(program));
  const units = [...unitFiles(rows), ...shownUnits(rows)].filter(({ execStart }) =>
    /(^|[\s/@:+!-])sshd(\s|$)/.test(execStart),
  );
  return {
    processes: processes.map((process) => ({
      pid: process.pid,
      uid: process.uid,
      commandLine: process.commandLine,
      options: process,
    })),
    units: units.map(({ name, execStart, active }) => ({
      name,
      execStart,
      active,
      options: optionsIn(execStart),
    })),
    files: of(rows, 'options').flatMap((row) => {
      const path = wordText(row[1]);
      const assigned =
        /=\s*(.*)$/
          .exec(wordText(row[3]))?.[1]
          ?.replace(/^(["'])(.*)\1$/, '$2')
          .trim() ?? '';
      if (assigned === '' || assigned.startsWith('#') || path.includes('dropbear')) return [];
      return [{ path, line: wordInteger(row[2]), value: assigned, options: optionsIn(`sshd ${assigned}`) }];
    }),
    sessions: Math.max(0, wordInteger(of(rows, 'sessions')[0]?.[1])),
  };
}

function isSshd(program: string): boolean {
  return /^sshd(\..*)?$/.test(program);
}

function of(rows: readonly (readonly string[])[], kind: string): (readonly string[])[] {
  return rows.filter((row) => row[0] === kind);
}

/** `process PID UID PLACE EXE TITLE STAT INODES`. */
function readProcess(row: readonly string[], rows: readonly (readonly string[])[]): Process {
  const [, pidWord, uid, place = '', exe, title, stat, inodes = ''] = row;
  const pid = wordInteger(pidWord);
  const executable = wordText(exe);
  const commandLine = wordText(title).replace(/\n+$/, '');
  const options = daemonOptions(commandLine);
  const startedAt = startTime(wordText(stat), rows);
  const sockets = of(rows, 'listen').filter(
    (line) => line[1] === pidWord && `,${inodes}`.includes(`,${line[4] ?? '?'},`),
  );
  return {
    pid,
    uid: wordInteger(uid),
    place,
    program: executable.replace(/ \(deleted\)$/, '').replace(/^.*\//, ''),
    executable,
    commandLine: commandLine.replaceAll('\n', ' '),
    startedAt,
    loadedAt: loadTime(pid, startedAt, rows),
    sockets: [...new Set(sockets.map((line) => socketAddress(line[3] ?? '')))],
    overrides: options.overrides,
    ...(options.configFile !== undefined && { configFile: options.configFile }),
  };
}

/** Field 22 of /proc/PID/stat is in clock ticks since boot; the program's name before it may hold anything. */
function startTime(stat: string, rows: readonly (readonly string[])[]): number | null {
  const ticks = wordInteger(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const boot = wordInteger(of(rows, 'btime')[0]?.[1]);
  const perSecond = wordInteger(of(rows, 'tick')[0]?.[1]);
  return ticks < 0 || boot < 0 || perSecond <= 0 ? null : Math.floor(boot + ticks / perSecond);
}

/** On SIGHUP sshd executes itself anew: same process, same start time, but the PidFile is written again. */
function loadTime(
  pid: number,
  startedAt: number | null,
  rows: readonly (readonly string[])[],
): number | null {
  const written = of(rows, 'pidfile')
    .filter((row) => row[8] === String(pid) && row[3] === '0')
    .map((row) => parseStat('', row.slice(2, 8)).mtime)[0];
  return written === undefined || startedAt === null ? startedAt : Math.max(startedAt, written);
}

/** `0100007F:0016` (words of the host's byte order, little-endian on every Linux that runs sshd in earnest) to `127.0.0.1:22`. */
export function socketAddress(hexadecimal: string): string {
  const [address = '', port = ''] = hexadecimal.split(':');
  const number = Number.parseInt(port, 16);
  if (!/^([0-9A-Fa-f]{8}|[0-9A-Fa-f]{32})$/.test(address) || Number.isNaN(number)) return '';
  const bytes = address.match(/.{8}/g)?.flatMap((word) => (word.match(/../g) ?? []).toReversed()) ?? [];
  if (bytes.length === 4) return `${bytes.map((byte) => Number.parseInt(byte, 16)).join('.')}:${number}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    Number.parseInt(`${bytes[index * 2] ?? ''}${bytes[index * 2 + 1] ?? ''}`, 16).toString(16),
  );
  const longest = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?:$|:)/g)].sort(
    (a, b) => b[0].length - a[0].length,
  )[0];
  const text = groups.join(':');
  const short = longest
    ? `${text.slice(0, longest.index)}::${text.slice(longest.index + longest[0].length)}`
    : text;
  return `[${short}]:${number}`;
}

/** Everything whose change changes what sshd would read: the files, and the folders that Include patterns look into. */
function configStats(evidence: HostEvidence): FileStat[] {
  const probe = probeReading(evidence, 'sshd');
  if (!probe.ok) return [];
  const rows = records(probe.value);
  return [
    ...of(rows, 'F').map((row) => parseStat(wordText(row[1]), row.slice(4, 10))),
    ...of(rows, 'folder').map((row) => parseStat(wordText(row[1]), row.slice(2, 8))),
  ].filter(({ kind }) => kind !== 'missing');
}

function newerFiles(daemon: Process, stats: readonly FileStat[]): DaemonFacts['newerThanDaemon'] {
  const since = daemon.loadedAt;
  if (since === null) return [];
  return stats
    .map(({ path, mtime, ctime }) => ({ path, pid: daemon.pid, by: Math.max(mtime, ctime) - since }))
    .filter(({ by }) => by > TOLERANCE);
}

/** Super-servers' files, and units a generator made at boot: nothing else says that they are on. */
const ALWAYS_ON = /inetd|^\/run\/systemd\/generator/;

/** Exec lines of unit files; whether they run, systemctl tells. */
function unitFiles(rows: readonly (readonly string[])[]): DaemonFacts['units'] {
  return of(rows, 'unit-file').flatMap((row) => {
    const path = wordText(row[1]);
    const execStart =
      /^\s*ExecStart\s*=\s*(\S.*)$/.exec(wordText(row[3]))?.[1] ??
      (/inetd/.test(path) ? wordText(row[3]).trim() : undefined);
    return execStart === undefined ? [] : [{ name: path, execStart, active: ALWAYS_ON.test(path) }];
  });
}

/** `systemctl show`: one paragraph per unit. */
function shownUnits(rows: readonly (readonly string[])[]): DaemonFacts['units'] {
  const text = wordText(of(rows, 'units')[0]?.[1]);
  return text.split(/\n\s*\n/).flatMap((paragraph) => {
    const field = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(paragraph)?.[1] ?? '';
    if (field('Id') === '' || field('LoadState') !== 'loaded') return [];
    const execStart = /argv\[\]=(.*?) ;/.exec(field('ExecStart'))?.[1] ?? field('Listen');
    return [{ name: field('Id'), execStart, active: field('ActiveState') === 'active' }];
  });
}
