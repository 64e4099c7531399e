/**
 * Whether sshd's lines leave the host: what runs, where /dev/log leads, and what each forwarder is told to send.
 * A configuration without a running process ships nothing. Source: journald.conf(5), the forwarders' own references.
 */
import type { HostEvidence, Reading } from '../model.js';
import { type ConfigText, readAgent } from './forwarders/agents.js';
import { type Feeds, readRsyslog } from './forwarders/rsyslog.js';
import { and, type Truth } from './forwarders/sample.js';
import { readSyslogNg } from './forwarders/syslog-ng.js';
import { readJournald } from './journald.js';
import { rememberedByText } from '../memo.js';
import { parseStat, probeReading, records, toldGaps, wordInteger, wordText } from './reading.js';
import type { Forwarder, LoggingFacts } from './types.js';

interface LogProcess {
  readonly tool: string;
  readonly place: string;
  readonly executable: string;
  readonly args: readonly string[];
}

interface ConfigFile extends ConfigText {
  readonly tool: string;
  /** All of it was read. */
  readonly whole: boolean;
}

type Rows = readonly (readonly string[])[];

const SYSLOG_DAEMONS = new Set(['rsyslog', 'syslog-ng', 'syslogd', 'busybox']);
/** Accounts of people begin here (login.defs(5), UID_MIN); the overflow user is none. */
const FIRST_PERSON = 1000;
const NOBODY = 65_534;
const CUT = '[redaction failed]';

export function readLogging(evidence: HostEvidence): Reading<LoggingFacts> {
  const probe = probeReading(evidence, 'logging');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const gaps = [...probe.gaps, ...toldGaps(rows)];
  const files = configFiles(rows, gaps);
  const processes = logProcesses(rows);
  const devLog = wordText(rows.find(([kind]) => kind === 'devlog')?.[1]);
  const of = (tool: string) => files.filter((file) => file.tool === tool);
  const kept = rows.some(
    (row) =>
      row[0] === 'folder' && row[1] === '/var/log/journal' && parseStat('', row.slice(2, 8)).kind === 'dir',
  );
  const running = rows.some((row) => row[0] === 'journald' && wordInteger(row[1]) > 0);
  const journald = readJournald(of('journald'), running, kept);
  const syslogDaemons = [
    ...new Set(
      processes
        .filter(({ tool, place }) => SYSLOG_DAEMONS.has(tool) && place === 'host')
        .map(({ tool }) => tool),
    ),
  ];
  const local: Local = { journald, devLog, syslogDaemons };
  const tools = [...new Set([...processes.map(({ tool }) => tool), ...files.map(({ tool }) => tool)])].filter(
    (tool) => tool !== 'journald',
  );
  const included = rows.filter(([kind]) => kind === 'I');
  const forwarders = tools.map((tool) =>
    forwarder(
      tool,
      processes.filter((one) => one.tool === tool),
      of(tool),
      included,
      local,
    ),
  );
  return {
    ok: true,
    gaps,
    value: {
      journald,
      devLog,
      syslogDaemons,
      forwarders: forwarders.filter(({ running: runs, destinations }) => runs || destinations.length > 0),
    },
  };
}

interface Local {
  readonly journald: LoggingFacts['journald'];
  readonly devLog: string;
  readonly syslogDaemons: readonly string[];
}

function configFiles(rows: Rows, gaps: string[]): ConfigFile[] {
  return rows
    .filter(([kind]) => kind === 'C')
    .map((row) => {
      const path = wordText(row[2]);
      const text =
        row[4] === undefined || row[4] === '-' ? '' : Buffer.from(row[4], 'base64').toString('utf8');
      const whole = row[3] === 'ok' && !text.trimEnd().endsWith(CUT);
      if (!whole)
        gaps.push(
          `${path} could not be read whole (${row[3] === 'ok' ? 'too slow to search for secrets' : (row[3] ?? '')})`,
        );
      return { tool: row[1] ?? '', path, text, whole };
    });
}

/** Only what the system itself runs: a person may start any program under any name. */
function logProcesses(rows: Rows): LogProcess[] {
  return rows
    .filter(([kind]) => kind === 'process')
    .flatMap((row) => {
      const [, tool = '', , uid, place = '', owner, exe, args] = row;
      const user = wordInteger(uid);
      const personal =
        user < 0 || (user >= FIRST_PERSON && user !== NOBODY) || (tool === 'busybox' && user !== 0);
      if (place === 'host' && (personal || owner !== '0')) return [];
      return [{ tool, place, executable: wordText(exe), args: wordText(args).split('\n') }];
    });
}

/** Whether what is written to /dev/log gets into the journal, and from there to its readers. */
function inJournal({ journald, devLog }: Local): Truth {
  if (!journald.running || devLog === '') return false;
  return and(journald.drops.length === 0, devLog.startsWith('/run/systemd/journal/') ? true : null);
}

function feedsOf(local: Local): Feeds {
  const { journald, devLog } = local;
  const throughJournal = devLog.startsWith('/run/systemd/journal/');
  return (input, socket) => {
    if (input === 'imjournal') return inJournal(local);
    if (input === 'imfile') return null;
    if (socket === null || socket === '/run/systemd/journal/syslog' || socket === 'syslog') {
      if (throughJournal) return journald.running ? journald.forwardsToSyslog : false;
      return devLog === '' ? false : socket === null;
    }
    if (socket === devLog) return throughJournal ? null : true;
    return socket === '/dev/log' ? null : false;
  };
}

/** Most hosts of a fleet forward alike. The key is everything it reads. */
const forwarder = rememberedByText(readForwarder, (...all) => JSON.stringify(all));

function readForwarder(
  tool: string,
  processes: readonly LogProcess[],
  files: readonly ConfigFile[],
  included: Rows,
  local: Local,
): Forwarder {
  const running = processes.length > 0;
  const cut = files.some(({ whole }) => !whole);
  const made = make(tool, processes, files, included, local, running);
  const contained = processes.length > 0 && processes.every(({ place }) => place === 'container');
  if (contained)
    return {
      ...made,
      shipsAuth: null,
      problems: [`${tool} runs in a container, whose configuration is not read`],
    };
  return cut && made.shipsAuth !== false
    ? { ...made, shipsAuth: null, problems: [...made.problems, 'not all of its configuration could be read'] }
    : made;
}

function make(
  tool: string,
  processes: readonly LogProcess[],
  files: readonly ConfigFile[],
  included: Rows,
  local: Local,
  running: boolean,
): Forwarder {
  const feeds = feedsOf(local);
  if (tool === 'rsyslog' || tool === 'syslogd') {
    const main = files[0]?.path ?? '/etc/rsyslog.conf';
    const texts = new Map(files.filter(({ whole }) => whole).map(({ path, text }) => [path, text]));
    const includes = new Map(included.map((row) => [wordText(row[1]), row.slice(2).map(wordText)]));
    if (tool === 'rsyslog')
      return noted(
        readRsyslog(
          main,
          { text: (path) => texts.get(path) ?? null, included: (pattern) => includes.get(pattern) ?? null },
          running,
          feeds,
        ),
      );
    // The selectors and `@host` of the old daemons, which need no input module.
    const text = files.map((file) => file.text).join('\n');
    return noted({
      ...readRsyslog(
        main,
        { text: () => `module(load="imuxsock") ${text}`, included: () => [] },
        running,
        feeds,
      ),
      name: tool,
    });
  }
  if (tool === 'syslog-ng') {
    const read = readSyslogNg(files);
    const fed =
      read.source === null
        ? false
        : read.source === 'journal'
          ? local.journald.running
            ? inJournal(local)
            : feeds('imuxsock', null)
          : feeds('imuxsock', null);
    const selection = [
      'daemon',
      'user',
      'auth',
      'authpriv',
      ...Array.from({ length: 8 }, (_, at) => `local${at}`),
    ].flatMap((facility) =>
      (['sshd', 'sshd-session'] as const).map((program) => ({
        facility,
        program,
        ships: and(fed, read.ships(facility, program)),
      })),
    );
    const usual = selection.filter(({ facility }) => facility.startsWith('auth')).map(({ ships }) => ships);
    const shipsAuth = usual.every((ships) => ships === usual[0]) ? (usual[0] ?? null) : null;
    return noted({
      name: tool,
      running,
      destinations: read.destinations,
      shipsAuth,
      selection,
      evidence: read.evidence,
      problems: read.source === null ? ['no source reads /dev/log or the journal'] : [],
    });
  }
  if (tool === 'busybox') return noted(busybox(processes, local));
  if (tool === 'auditd') {
    const { destinations, evidence } = remoteAudit(files);
    return {
      name: tool,
      running,
      destinations,
      shipsAuth: false,
      evidence,
      problems: ['auditd ships audit records: they hold no certificate identity'],
    };
  }
  return noted(agent(tool, files, local, running));
}

/** Anything with a configuration reference of its own. */
function agent(tool: string, files: readonly ConfigFile[], local: Local, running: boolean): Forwarder {
  const read = readAgent(tool, files);
  const problems = [...read.problems];
  const journal = read.journal === undefined ? false : and(read.journal, inJournal(local));
  const file = read.file === undefined ? false : and(read.file, local.syslogDaemons.length > 0);
  if (read.file !== undefined && local.syslogDaemons.length === 0)
    problems.push('it reads a log file, and no syslog daemon runs that would write one');
  const found = read.journal !== undefined || read.file !== undefined;
  if (!found && files.length > 0)
    problems.push('no input that reads the journal or sshd’s log file was recognised');
  if (files.length === 0) problems.push('its configuration was not found where it usually lies');
  const ships =
    journal === true || file === true
      ? true
      : journal === null || file === null
        ? null
        : found
          ? false
          : null;
  return {
    name: tool,
    running,
    destinations: read.destinations,
    shipsAuth: read.destinations.length === 0 && ships === true ? null : ships,
    evidence: read.evidence,
    problems,
  };
}

/** `syslogd -R HOST[:PORT]`, `-l N`: only what is more urgent than N. */
function busybox(processes: readonly LogProcess[], local: Local): Forwarder {
  const args = processes.flatMap((process) => process.args);
  const after = (letter: string) =>
    args.flatMap(
      (argument, at) =>
        new RegExp(`^-[a-zA-Z]*${letter}(.*)$`)
          .exec(argument)
          ?.slice(1)
          .map((value) => value || (args[at + 1] ?? '')) ?? [],
    );
  const destinations = after('R').filter((to) => to !== '');
  const limit = Number(after('l')[0] ?? '8');
  const text = args.join(' ').slice(0, 300);
  return {
    name: 'busybox syslogd',
    running: processes.length > 0,
    destinations,
    shipsAuth: destinations.length === 0 ? false : and(feedsOf(local)('imuxsock', local.devLog), limit > 6),
    evidence: processes.length > 0 ? [{ path: processes[0]?.executable ?? '', line: 0, text }] : [],
    problems:
      limit > 6 ? [] : [`it leaves out what is less urgent than level ${limit} (-l), and so every login`],
  };
}

function remoteAudit(files: readonly ConfigFile[]): Pick<Forwarder, 'destinations' | 'evidence'> {
  const found = files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, at) => {
      const to = /^\s*remote_server\s*=\s*(\S+)/.exec(line)?.[1];
      return to === undefined ? [] : [{ to, path, line: at + 1, text: line.trim() }];
    }),
  );
  return {
    destinations: found.map(({ to }) => to),
    evidence: found.map(({ path, line, text }) => ({ path, line, text })),
  };
}

/** A destination on this host may be a relay; whether it is central cannot be told from here, so it is only said. */
function noted(one: Forwarder): Forwarder {
  const loops = one.destinations.filter((to) =>
    /(?:^|[\s/@[])(?:127\.\d+\.\d+\.\d+|localhost|::1)(?:[\]:\s/,]|$)/i.test(to),
  );
  return loops.length === 0
    ? one
    : {
        ...one,
        problems: [
          ...one.problems,
          `${loops.join(', ')} is this host itself: whether what listens there is central, or hands on, cannot be seen from here`,
        ],
      };
}
