/**
 * What runs by itself and through what: cron (crontab(5)), anacron, at, systemd units (systemd.service(5)), and the
 * scripts they call, one level deep.
 */
import type { HostEvidence, Reading } from '../model.js';
import { collectedFile, parseStat, probeReading, records, toldGaps, wordText } from './reading.js';
import { readScript } from './script-programs.js';
import { baseName, calledPrograms, TOO_COMPLICATED, type CalledProgram } from './shell-commands.js';
import { libraryCall, sshCallsOf } from './ssh-calls.js';
import type { CollectedFile, FileStat, ScheduledCommand } from './types.js';

/** `called`: a script that a schedule names. */
type Kind = ScheduledCommand['kind'] | 'cron-user' | 'called';

interface Source {
  readonly kind: Kind;
  readonly account: string;
  readonly file: CollectedFile;
}

/** One command with what it runs. */
interface Job {
  readonly line: number;
  readonly account: string;
  readonly command: string;
  readonly programs: readonly CalledProgram[];
  readonly library: string | null;
}

const KINDS: readonly Kind[] = [
  'cron',
  'cron-user',
  'anacron',
  'at',
  'script',
  'systemd',
  'user-systemd',
  'called',
];

/** @param wrappers the policy's wrapper paths. */
export function readSchedules(
  evidence: HostEvidence,
  wrappers: readonly string[],
): Reading<readonly ScheduledCommand[]> {
  const probe = probeReading(evidence, 'schedules');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const sources = sourcesOf(rows);
  const gaps = [...probe.gaps, ...toldGaps(rows), ...sources.flatMap(({ file }) => unread(file))];
  const isWrapper = (program: string): boolean =>
    wrappers.some((path) => program === path || program === baseName(path));
  const jobs = sources
    .filter(
      ({ kind, file }) =>
        kind !== 'called' && !wrappers.includes(file.path) && !wrappers.includes(file.realpath),
    )
    .flatMap((source) => jobsOf(source).map((job) => ({ source, job })));
  const called = sources
    .filter(
      ({ kind, file }) =>
        kind === 'called' && !wrappers.includes(file.path) && !wrappers.includes(file.realpath),
    )
    .flatMap((source) => {
      const caller = callerOf(
        source.file,
        jobs.map(({ job }) => job),
        isWrapper,
      );
      return caller === null ? [] : jobsOf({ ...source, account: caller }).map((job) => ({ source, job }));
    });
  const all = [...jobs, ...called];
  for (const { source, job } of all) {
    if (job.programs.some(({ program }) => program === TOO_COMPLICATED))
      gaps.push(`${source.file.path}:${job.line} is too complicated to tell what it calls`);
  }
  const value = all.map(({ source, job }): ScheduledCommand => ({
    kind: source.kind === 'cron-user' ? 'cron' : source.kind === 'called' ? 'script' : source.kind,
    path: source.file.path,
    line: job.line,
    account: job.account,
    command: job.command.slice(0, 2000),
    callsSsh: [...sshCallsOf(job.programs), ...(job.library === null ? [] : [job.library])],
    callsWrapper: wrappers.filter((path) =>
      job.programs.some(({ program, dead }) => !dead && (program === path || program === baseName(path))),
    ),
  }));
  return { ok: true, value, gaps: [...new Set(gaps)] };
}

function sourcesOf(rows: readonly (readonly string[])[]): Source[] {
  const folders = new Map<string, FileStat>();
  const sources: Source[] = [];
  let [kind, account] = ['', ''];
  for (const row of rows) {
    if (row[0] === 'D') folders.set(wordText(row[1]), parseStat(wordText(row[1]), row.slice(2, 8)));
    else if (row[0] === 'N') [kind, account] = [row[1] ?? '', wordText(row[2])];
    else if (row[0] === 'F') {
      const known = KINDS.find((one) => one === kind);
      if (known) sources.push({ kind: known, account, file: collectedFile(row, folders) });
    }
  }
  return sources;
}

function unread({ path, realpath, status }: CollectedFile): string[] {
  if (status === 'ok' || status === 'missing' || realpath === '/dev/null') return [];
  return [`${path} could not be read whole (${status})`];
}

function jobsOf({ kind, account, file }: Source): Job[] {
  const text = Buffer.from(file.bytes).toString('utf8');
  switch (kind) {
    case 'cron':
      return cronLines(text, true, account);
    case 'cron-user':
      return cronLines(text, false, account);
    case 'anacron':
      return anacronLines(text);
    case 'systemd':
      return unitLines(text, 'root');
    case 'user-systemd':
      return unitLines(text, account);
    default:
      return scriptJobs(text, file.path, account);
  }
}

function job(line: number, account: string, command: string, stdin = ''): Job {
  const programs = calledPrograms(command);
  const fed = /^\s*\S*sh\s*(?:-s\s*)?$/.test(command) ? calledPrograms(stdin) : [];
  return {
    line,
    account,
    command,
    programs: [...programs, ...fed, ...programs.flatMap(oneLiner)],
    library: null,
  };
}

/** `python3 -c '…'`, `perl -e '…'`. */
function oneLiner({ program, args, dead }: CalledProgram): readonly CalledProgram[] {
  const name = /^(?:python|perl|ruby|node|php)/.exec(baseName(program))?.[0];
  const at = args.findIndex((arg) => /^-[a-zA-Z]*[cer]$/.test(arg));
  if (name === undefined || at < 0 || dead) return [];
  return readScript(`#!/usr/bin/${name}\n${args[at + 1] ?? ''}`, '').programs;
}

/** crontab(5): five fields or @word, in /etc/crontab and cron.d an account, then the command; what follows `%` is fed to it. */
function cronLines(text: string, withUser: boolean, owner: string): Job[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || /^[A-Za-z_]\w*\s*=/.test(line)) return [];
    const found = /^-?(?:@\w+|(?:\S+\s+){4}\S+)\s+(.*)$/.exec(line)?.[1];
    const [, user, rest] = withUser ? (/^(\S+)\s+(.*)$/.exec(found ?? '') ?? []) : [undefined, owner, found];
    if (rest === undefined || rest === '') return [];
    const [command = '', ...stdin] = rest.split(/(?<!\\)%/).map((part) => part.replaceAll('\\%', '%'));
    return [job(index + 1, user ?? owner, command, stdin.join('\n'))];
  });
}

/** anacrontab(5): period, delay, job identifier, command. */
function anacronLines(text: string): Job[] {
  return joinedLines(text).flatMap(({ line, text: each }) => {
    const found = /^\s*(?:\d+|@\w+)\s+\d+\s+\S+\s+(.*)$/.exec(each);
    return found ? [job(line, 'root', found[1] ?? '')] : [];
  });
}

/** Exec…= lines of a unit with the unit's User=; prefixes before the path are `@ - : + ! |`. */
function unitLines(text: string, account: string): Job[] {
  const lines = joinedLines(text);
  const user = lines
    .map(({ text: each }) => /^\s*User\s*=\s*(\S+)/.exec(each)?.[1])
    .findLast((name) => name !== undefined);
  return lines.flatMap(({ line, text: each }) => {
    const found = /^\s*Exec[A-Z]\w*\s*=\s*[@:+!|-]*\s*(\S.*)$/.exec(each);
    return found ? [job(line, user ?? account, (found[1] ?? '').replaceAll(/(^|\s);(?=\s)/g, '$1\n'))] : [];
  });
}

/** Lines that end in a backslash are joined with the next; comment lines between them are passed over, as systemd does. */
function joinedLines(text: string): { line: number; text: string }[] {
  const joined: { line: number; text: string }[] = [];
  let open = false;
  text.split('\n').forEach((raw, index) => {
    const each = raw.replace(/\r$/, '');
    if (/^\s*[#;]/.test(each)) return;
    const last = joined.at(-1);
    const goesOn = each.endsWith('\\');
    const part = goesOn ? `${each.slice(0, -1)} ` : each;
    if (open && last) last.text = (last.text + part).slice(0, 65_536);
    else joined.push({ line: index + 1, text: part });
    open = goesOn;
  });
  return joined;
}

/** One entry for each line that calls something of interest, so that a finding names it; else one for the whole script. */
function scriptJobs(text: string, path: string, account: string): Job[] {
  const { programs, code } = readScript(text, path);
  const lines = text.split('\n');
  const byLine = new Map<number, CalledProgram[]>();
  for (const one of programs) {
    const same = byLine.get(one.line);
    if (same) same.push(one);
    else byLine.set(one.line, [one]);
  }
  const libraries = new Map(
    code.flatMap(({ line, text: each }) => {
      const name = libraryCall(each);
      return name === null ? [] : [[line, name] as const];
    }),
  );
  const jobs = [...new Set([...byLine.keys(), ...libraries.keys()])].map((line): Job => ({
    line,
    account,
    command: lines[line - 1]?.trim() ?? '',
    programs: byLine.get(line) ?? [],
    library: libraries.get(line) ?? null,
  }));
  return jobs.length > 0 ? jobs : [{ line: 1, account, command: path, programs: [], library: null }];
}

/** Whose job runs a script; null when it only runs behind a wrapper. A mention that cannot be told apart counts. */
function callerOf(
  { path }: CollectedFile,
  jobs: readonly Job[],
  isWrapper: (program: string) => boolean,
): string | null {
  const name = baseName(path);
  const folder = path.slice(0, -name.length - 1);
  const named = jobs.filter(
    ({ command, programs }) =>
      command.includes(name) ||
      programs.some(({ program, args }) => baseName(program) === 'run-parts' && args.includes(folder)),
  );
  const runs = ({ program, args }: CalledProgram): boolean =>
    !isWrapper(program) &&
    (baseName(program) === name ||
      (/^(?:python|perl|ruby|node|php|expect|run-parts)/.test(baseName(program)) &&
        args.some((arg) => baseName(arg) === name || arg === folder)));
  const direct = named.find(({ programs }) => programs.some(runs));
  if (direct) return direct.account;
  const wrapped = named.filter(({ programs }) =>
    programs.some(({ program, args }) => isWrapper(program) && args.some((arg) => arg.includes(name))),
  );
  if (wrapped.length > 0 && wrapped.length === named.length) return null;
  return named.find((each) => !wrapped.includes(each))?.account ?? 'root';
}
