/**
 * What accepts SSH logins on this host, with which options, and since when.
 * Source: proc(5), sshd(8), systemd.service(5), systemctl(1), dropbear(8).
 */
import type { HostEvidence, Reading } from '../model.js';
import { daemonOptions, optionsIn, type DaemonOptions } from './daemon-options.js';
import { askedPid, serverOf, sshdServers, type RunningSshd, type SshdServer } from './sshd-servers.js';
import { parseStat, probeReading, records, toldGaps, wordInteger, wordText } from './reading.js';
import type { DaemonFacts, FileStat, OfferedMethods, SshListener } from './types.js';

/** Clocks of the file system and of the process table differ by this much at most. Seconds. */
const TOLERANCE = 2;

interface Process extends SshListener {
  readonly uid: number;
  readonly place: string;
  /** The latest it can have read its configuration. Seconds since the epoch. */
  readonly loadedBy: number | null;
}

/** @returns every process that may accept logins, the units that start one, and files newer than the daemon that read them. */
export function readDaemons(evidence: HostEvidence): Reading<DaemonFacts> {
  const probe = probeReading(evidence, 'daemons');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const gaps = [...probe.gaps, ...toldGaps(rows)];
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
  const servers = sshdServers(evidence);
  const asked = askedPid(rows);
  const daemons = own.flatMap((process) => {
    const server = isSshd(process.program) ? serverOf(servers, running(process), asked) : undefined;
    return server && process.uid === 0 ? [{ process, server }] : [];
  });
  for (const { pid, program, loadedBy } of own)
    if (isSshd(program) && loadedBy === null)
      gaps.push(`when sshd (pid ${pid}) read its configuration is not known`);
  const units = allUnits(rows);
  const value: DaemonFacts = {
    listeners: [
      ...own.map(({ uid: _uid, place: _place, loadedBy: _loadedBy, ...listener }) => listener),
      ...onDemand(units),
    ],
    units,
    newerThanDaemon: daemons.flatMap(({ process, server }) =>
      newerFiles(process, configStats(evidence, server)),
    ),
    impostors: of(rows, 'impostor').map((row) => wordText(row[1])),
    offered: of(rows, 'offered').map((row) => offered(row, daemons)),
  };
  return { ok: true, value, gaps };
}

function running(process: Process): RunningSshd {
  return { pid: process.pid, executable: process.executable, options: process };
}

/** `offered PID USER ADDRESS TEXT`; the text is what ssh(1) printed, then `status N`. */
function offered(
  row: readonly string[],
  daemons: readonly { readonly process: Process; readonly server: SshdServer }[],
): OfferedMethods {
  const pid = wordInteger(row[1]);
  const text = wordText(row[4]);
  const status = /(?:^|\n)status (\d+)\s*$/.exec(text)?.[1];
  const refused = /: Permission denied \(([A-Za-z0-9@.,_-]*)\)/.exec(text)?.[1];
  const server = daemons.find(({ process }) => process.pid === pid)?.server;
  return {
    pid,
    user: wordText(row[2]),
    address: wordText(row[3]),
    answer: status === '0' ? 'entered' : refused === undefined ? 'unclear' : 'refused',
    methods: refused?.split(',').filter((name) => name !== '') ?? [],
    text: text.replace(/\s*status \d+\s*$/, '').trim(),
    ...(server ? server.daemon && { daemon: server.daemon } : { daemon: null }),
  };
}

/** Every way sshd is started here, for comparing with how it was asked. */
export interface Started {
  readonly processes: readonly {
    readonly pid: number;
    readonly uid: number;
    readonly commandLine: string;
    /** Whether its configuration was evaluated. */
    readonly evaluated: boolean;
  }[];
  /** What starts an sshd by itself, from where, and whether that configuration was evaluated. */
  readonly commands: readonly {
    readonly source: string;
    readonly command: string;
    readonly evaluated: boolean;
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
  /** Whether some active unit explains why no sshd runs. */
  readonly activated: boolean;
}

/** @returns empty lists when the probe did not run. */
export function waysStarted(evidence: HostEvidence): Started {
  const probe = probeReading(evidence, 'daemons');
  const rows = probe.ok ? records(probe.value) : [];
  const servers = sshdServers(evidence);
  const processes = of(rows, 'process')
    .map((row) => readProcess(row, rows))
    .filter(({ place, program }) => place !== 'container' && isSshd(program));
  return {
    processes: processes.map((process) => ({
      pid: process.pid,
      uid: process.uid,
      commandLine: process.commandLine,
      evaluated: process.uid === 0 && serverOf(servers, running(process), askedPid(rows)) !== undefined,
    })),
    commands: textLines(rows, 'started').map(([source = '', server, command = '']) => ({
      source,
      command,
      evaluated: server !== '0',
    })),
    files: textLines(rows, 'option-lines').flatMap(([path = '', line, text = '']) => {
      const assigned = assignedValue(text);
      if (assigned === '' || path.includes('dropbear')) return [];
      return [{ path, line: wordInteger(line), value: assigned, options: optionsIn(`sshd ${assigned}`) }];
    }),
    sessions: Math.max(0, wordInteger(of(rows, 'sessions')[0]?.[1])),
    activated: allUnits(rows).some(
      ({ active, name, execStart }) =>
        active &&
        (/^sshd?(@.*)?\.(service|socket)$/.test(name) || /(^|[\s/@:+!-])sshd(\s|$)/.test(execStart)),
    ),
  };
}

/** What a shell's assignment gives, its quotes and a comment left out. */
function assignedValue(text: string): string {
  const value = /=\s*(.*)$/.exec(text)?.[1]?.trim() ?? '';
  return value.startsWith('#') ? '' : value.replace(/^(["'])(.*)\1$/, '$2').trim();
}

/** Lines of tab-separated fields in one word. */
function textLines(rows: readonly (readonly string[])[], kind: string): string[][] {
  return wordText(of(rows, kind)[0]?.[1])
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
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
    loadedBy: loadTime(pid, startedAt, rows),
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

/**
 * On SIGHUP sshd executes itself anew: same process, same start time, but the PidFile is written again, right after the
 * configuration was read. That time is exact, the start of a process is not.
 */
function loadTime(
  pid: number,
  startedAt: number | null,
  rows: readonly (readonly string[])[],
): number | null {
  const written = of(rows, 'pidfile')
    .filter((row) => row[8] === String(pid) && row[3] === '0')
    .map((row) => parseStat('', row.slice(2, 8)).mtime)[0];
  if (startedAt === null) return null;
  return written !== undefined && written >= startedAt - TOLERANCE ? written : startedAt + TOLERANCE;
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

/**
 * Everything whose change changes what this sshd would read: its files, links to them, and the folders that Include
 * patterns look into.
 */
function configStats(evidence: HostEvidence, { files }: SshdServer): FileStat[] {
  const probe = probeReading(evidence, 'sshd');
  if (!probe.ok) return [];
  const rows = records(probe.value);
  const read = (row: readonly string[]) => files === null || files.includes(wordText(row[1]));
  return [
    ...of(rows, 'F')
      .filter(read)
      .map((row) => parseStat(wordText(row[1]), row.slice(4, 10))),
    ...[...of(rows, 'link').filter(read), ...of(rows, 'folder')].map((row) =>
      parseStat(wordText(row[1]), row.slice(2, 8)),
    ),
  ].filter(({ kind }) => kind !== 'missing');
}

/** Each path once, with its latest change. */
function newerFiles(daemon: Process, stats: readonly FileStat[]): DaemonFacts['newerThanDaemon'] {
  const since = daemon.loadedBy;
  if (since === null) return [];
  const newer = new Map<string, number>();
  for (const { path, mtime, ctime } of stats) {
    const by = Math.max(mtime, ctime) - since;
    if (by > (newer.get(path) ?? 0)) newer.set(path, by);
  }
  return [...newer].map(([path, by]) => ({ path, pid: daemon.pid, by }));
}

function allUnits(rows: readonly (readonly string[])[]): DaemonFacts['units'] {
  const shown = shownUnits(rows);
  return [...unitFiles(rows, shown), ...shown];
}

/** Exec lines of unit files and lines of super-servers. Whether they are on, others tell. */
function unitFiles(rows: readonly (readonly string[])[], shown: DaemonFacts['units']): DaemonFacts['units'] {
  const superServer = wordInteger(of(rows, 'super')[0]?.[1]) > 0;
  const sockets = shown.flatMap(({ name, active }) =>
    active && name.endsWith('.socket') ? [name.slice(0, -'.socket'.length)] : [],
  );
  return textLines(rows, 'unit-lines').flatMap(([path = '', , text = '']) => {
    const inetd = path.includes('inetd');
    const execStart = inetd ? text.trim() : /^\s*ExecStart\s*=\s*(\S.*)$/.exec(text)?.[1];
    if (execStart === undefined) return [];
    const template = /([^/]+)@\.service(?:\.d\/[^/]+)?$/.exec(path)?.[1];
    const active =
      (inetd && superServer) ||
      // Nothing else says of units a generator made at boot that they are on.
      path.startsWith('/run/systemd/generator') ||
      (template !== undefined && sockets.includes(template));
    return [{ name: path, execStart, active }];
  });
}

const OTHER_PROGRAM =
  /(?:^|\s)[-@:+!|]*(\/(?:\S*\/)?(?:dropbear|(?:in\.|inetutils-)?telnetd|(?:in\.)?r(?:login|sh)d|busybox(?=\s+telnetd)))(?=\s|$)/;

/** Servers beside sshd that are started for every connection: no process stays to be seen. */
function onDemand(units: DaemonFacts['units']): SshListener[] {
  const found = units.flatMap(({ name, execStart, active }): SshListener[] => {
    const executable = OTHER_PROGRAM.exec(execStart)?.[1];
    // What systemctl shows as active is a process, or a socket whose unit file is among the others.
    if (!active || executable === undefined || !name.startsWith('/')) return [];
    return [
      {
        pid: 0,
        onDemand: name,
        program: executable.replace(/^.*\//, ''),
        executable,
        commandLine: execStart.slice(execStart.indexOf(executable)),
        startedAt: null,
        sockets: [],
        overrides: [],
      },
    ];
  });
  return [...new Map(found.map((one) => [one.commandLine, one])).values()];
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
