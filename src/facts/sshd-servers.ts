/**
 * The different ways sshd is started on a host, the main one first: each has a configuration of its own.
 * Source: the records of probes/sshd.sh.
 */
import type { HostEvidence } from '../model.js';
import { daemonOptions, sameOptions, type DaemonOptions } from './daemon-options.js';
import { rememberedByObject } from '../memo.js';
import { probeReading, records, wordInteger, wordText } from './reading.js';
import type { OtherDaemon } from './types.js';

export interface SshdServer {
  readonly binary: string;
  /** The command line it is known by; absent for the main one. */
  readonly daemon?: OtherDaemon;
  readonly options: DaemonOptions;
  /** Whether `-p` takes the place of every Port in a file. */
  readonly portGiven: boolean;
  /** Paths of its configuration files, in reading order; null: all that were collected. */
  readonly files: readonly string[] | null;
  /** Its Match lines, questions, classes of accounts and complaints, as the probe kept them. */
  readonly match: string;
  readonly cases: string;
  readonly classes: string;
  readonly errors: string;
}

/** @returns empty when the probe did not run; never empty otherwise. Several facts of a host ask for them. */
export const sshdServers = rememberedByObject(readServers);

function readServers(evidence: HostEvidence): readonly SshdServer[] {
  const probe = probeReading(evidence, 'sshd');
  if (!probe.ok) return [];
  const rows = records(probe.value);
  const row = (kind: string) => rows.find((one) => one[0] === kind);
  const word = (kind: string) => wordText(row(kind)?.[1]);
  const main: SshdServer = {
    binary: word('binary'),
    options: daemonOptions(`sshd\n${word('flags')}`),
    portGiven: portGiven(word('flags')),
    files: row('files') ? lines(word('files')) : null,
    match: word('match'),
    cases: word('cases'),
    classes: word('classes'),
    errors: word('error'),
  };
  return [main, ...rows.filter(([kind]) => kind === 'server').map(otherServer)];
}

/** `server NUMBER BINARY FLAGS FROM FILES MATCH CASES CLASSES ERROR`. */
function otherServer(row: readonly string[]): SshdServer {
  const [
    binary = '',
    flags = '',
    startedBy = '',
    files = '',
    match = '',
    cases = '',
    classes = '',
    errors = '',
  ] = Array.from({ length: 8 }, (_, index) => wordText(row[index + 2]));
  const options = daemonOptions(`sshd\n${flags}`);
  const command = [
    binary,
    ...lines(flags).map((word) => (/[\s"']/.test(word) ? JSON.stringify(word) : word)),
  ];
  return {
    binary,
    options,
    portGiven: portGiven(flags),
    daemon: {
      command: command.join(' '),
      startedBy,
      configFile: lines(files)[0] ?? options.configFile ?? '/etc/ssh/sshd_config',
    },
    files: lines(files),
    match,
    cases,
    classes,
    errors,
  };
}

/** Flags and values take turns. */
function portGiven(flags: string): boolean {
  return flags.split('\n').some((word, index) => index % 2 === 0 && word === '-p');
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** What a process tells of itself. */
export interface RunningSshd {
  readonly pid: number;
  readonly executable: string;
  readonly options: DaemonOptions;
}

/**
 * The server a running sshd is: the same program with the same options.
 * @param asked the process the main one was found by.
 * @returns undefined when its configuration was not evaluated.
 */
export function serverOf(
  servers: readonly SshdServer[],
  { pid, executable, options }: RunningSshd,
  asked: number,
): SshdServer | undefined {
  const program = executable.replace(/ \(deleted\)$/, '');
  return (
    servers.find((server) => server.binary === program && sameOptions(server.options, options)) ??
    (pid === asked ? servers[0] : undefined)
  );
}

/** The process the main configuration was asked for; -1: there is none. */
export function askedPid(rows: readonly (readonly string[])[]): number {
  return wordInteger(rows.find((row) => row[0] === 'asked')?.[1]);
}
