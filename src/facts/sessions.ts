/**
 * What sudo ran and when sessions of sshd opened and closed. Line forms: sudo logging.c (new_logline), pam_unix(8).
 * sudo writes as the user who called it, so a line is trusted when its program is sudo and its `_UID` is that of the user
 * it names, or root (systemd.journal-fields(7): fields with an underscore come from the kernel).
 */
import type { HostEvidence, Reading } from '../model.js';
import { readAccounts } from './accounts.js';
import { withoutSecrets } from './command-text.js';
import { entryInteger, entryTime, journalLines, messageText, parseEntry } from './journal-entry.js';
import { probeReading, records, toldGaps, wordInteger } from './reading.js';
import { timeOf } from './syslog-time.js';
import type { SessionLog, SessionMark, SessionNumber, SudoUse } from './types.js';

const SUDO_PATH =
  /^\/(?:usr\/(?:local\/)?|opt\/[\w.+-]+\/|run\/wrappers\/|nix\/store\/[\w.+-]+\/)?(?:wrappers\/)?s?bin\/sudo(?:-rs)?(?: \(deleted\))?$/;
const SSHD_PATH =
  /^\/(?:usr\/|opt\/|nix\/store\/|gnu\/store\/)?(?:[\w.+-]+\/){0,6}sshd(?:-session)?(?: \(deleted\))?$/;
const MARK = /^pam_unix\(sshd:session\): session (opened|closed) for user ([^\s(]{1,128})/;
/** The child of sshd that serves a login runs as its user; `Starting session` is there at LogLevel VERBOSE only. */
const CHILD =
  /^(?:Disconnected from user (\S{1,128}) (\S{1,220}) port (\d{1,5})|Starting session: .{0,200}? for (\S{1,128}) from (\S{1,220}) port (\d{1,5})(?: |$))/;
const TEXT_LINE =
  /^(?:\S{20,40}|[A-Z][a-z]{2} +\d{1,2} [\d:]{8}) (?:\S{1,255} )?sudo(?:\[\d{1,10}\])?: (.*)$/s;

/** @returns what was run within the window, oldest first. Lines others wrote in the name of sudo have `trusted: false`. */
export function readSessions(evidence: HostEvidence): Reading<SessionLog> {
  const probe = probeReading(evidence, 'sessions');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const one = (key: string) => rows.find(([word]) => word === key)?.[1];
  const gaps = new Set([...probe.gaps, ...toldGaps(rows)]);
  const now = wordInteger(one('now')) * 1000;
  const since = wordInteger(one('since')) * 1000;
  const accounts = readAccounts(evidence);
  const uids = new Map(accounts.ok ? accounts.value.map(({ name, uid }) => [name, uid]) : []);
  if (one('source') === 'journal') {
    if (one('journal-rc') !== undefined) gaps.add('journalctl ended before the whole window was read');
    const entries = journalLines(rows, gaps);
    const total = wordInteger(one('total'));
    if (total > entries.length)
      gaps.add(`only the last ${entries.length} of ${total} lines of sessions were read`);
    const found = entries.map((line) => fromJournal(line, uids));
    const begins = /^\d{1,16}$/.test(one('begins') ?? '') ? Number(one('begins')) : -1;
    return {
      ok: true,
      gaps: [...gaps],
      value: {
        source: 'journal',
        sudo: found.flatMap(({ sudo }) => sudo ?? []).sort(byTime),
        marks: found.flatMap(({ mark }) => mark ?? []).sort(byTime),
        numbers: found.flatMap((one) => one.number ?? []).sort(byTime),
        coversFrom: begins < 0 ? null : Math.max(since, Math.ceil(begins / 1000)),
        coversTo: now,
      },
    };
  }
  const source = one('source') === 'file' ? 'file' : 'none';
  gaps.add(
    source === 'file'
      ? 'what sudo ran comes from a text log, where any local program can write a line in its name'
      : 'the host keeps no log of sudo that could be read',
  );
  const sudo = rows
    .filter(([word]) => word === 'L')
    .flatMap((row) => fromText(row.slice(3).join(' '), wordInteger(row[2]) * 1000, since));
  return {
    ok: true,
    gaps: [...gaps],
    value: {
      source,
      sudo: sudo.sort(byTime),
      marks: [],
      numbers: [],
      coversFrom: null,
      coversTo: source === 'file' ? now : null,
    },
  };
}

/** The message of one line of sudo; null when it tells of no command. */
export function parseSudo(message: string): Omit<SudoUse, 'at' | 'trusted' | 'session'> | null {
  const end =
    message.indexOf(' ; COMMAND=') >= 0 ? message.indexOf(' ; COMMAND=') : message.indexOf(' : COMMAND=');
  const begin = message.indexOf(' : ');
  if (end < 0 || begin < 0 || begin > 256) return null;
  const account = message.slice(0, begin).trim();
  if (account === '' || /\s/.test(account)) return null;
  const command = withoutSecrets(message.slice(end + ' ; COMMAND='.length)).slice(0, 2000);
  const fields = message.slice(begin + 3, Math.max(begin + 3, end)).split(' ; ');
  const named = (key: string) =>
    fields.find((field) => field.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
  const [first = ''] = fields;
  const refused = /^[A-Z]{2,8}=/.test(first) || first === '' ? undefined : first.slice(0, 200);
  return {
    account,
    command,
    runAs: named('USER') || 'root',
    tty: named('TTY'),
    ...(refused !== undefined && { refused }),
  };
}

function fromJournal(
  line: string,
  uids: ReadonlyMap<string, number>,
): { readonly sudo?: SudoUse; readonly mark?: SessionMark; readonly number?: SessionNumber } {
  const entry = parseEntry(line);
  const message = entry && messageText(entry['MESSAGE']);
  const at = entry ? entryTime(entry) : Number.NaN;
  if (!entry || message === null || message === undefined || !Number.isFinite(at)) return {};
  const executable = typeof entry['_EXE'] === 'string' ? entry['_EXE'] : '';
  const uid = entryInteger(entry['_UID']);
  const number = entryInteger(entry['_AUDIT_SESSION']);
  const session = number === undefined ? {} : { session: number };
  const [, what, account] = MARK.exec(message) ?? [];
  if (what !== undefined && account !== undefined) {
    const pid = entryInteger(entry['_PID']);
    if (uid !== 0 || !SSHD_PATH.test(executable) || pid === undefined) return {};
    return { mark: { at, pid, what: what === 'opened' ? 'opened' : 'closed', account, ...session } };
  }
  const child = CHILD.exec(message);
  if (child) {
    const [, one, oneFrom, onePort, other = '', otherFrom = '', otherPort = ''] = child;
    const account = one ?? other;
    // Any user may run a program called sshd for himself, and that tells of himself alone.
    const own =
      uid !== undefined && uids.get(account) === uid && entryInteger(entry['_AUDIT_LOGINUID']) === uid;
    if (!own || number === undefined || !SSHD_PATH.test(executable)) return {};
    return {
      number: {
        at,
        account,
        from: oneFrom ?? otherFrom,
        port: Number(onePort ?? otherPort),
        session: number,
      },
    };
  }
  const sudo = parseSudo(message);
  if (!sudo) return {};
  const own = uid === 0 || (uid !== undefined && uids.get(sudo.account) === uid);
  return { sudo: { ...sudo, at, trusted: own && SUDO_PATH.test(executable), ...session } };
}

function fromText(line: string, fileTime: number, since: number): SudoUse[] {
  const text = Buffer.from(line, 'latin1').toString('utf8');
  const sudo = parseSudo(TEXT_LINE.exec(text)?.[1] ?? '');
  const at = timeOf(text, fileTime);
  return sudo && at !== null && at >= since ? [{ ...sudo, at, trusted: false }] : [];
}

function byTime(one: { readonly at: number }, other: { readonly at: number }): number {
  return one.at - other.at;
}
