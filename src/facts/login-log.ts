/**
 * Who logged in, from the host's own log. Line forms: sshd auth.c (auth_log, format_method_key), unchanged from 7.4 to
 * 10.6 but for the key fingerprint, which certificate logins lack before 7.9. Only journal fields that the kernel vouches
 * for (`_UID`, `_EXE`; systemd.journal-fields(7)) tell sshd's own lines from those any user may write with logger(1).
 */
import type { HostEvidence, Reading } from '../model.js';
import { journalLines, messageText, parseEntry } from './journal-entry.js';
import { probeReading, records, toldGaps, wordInteger, wordText } from './reading.js';
import { timeOf } from './syslog-time.js';
import type { Login, LoginLog } from './types.js';

/** The first ` from … port n ssh2` counts: what follows may hold a key ID that looks the same. */
const ACCEPTED = /^Accepted (\S{1,64}) for (.{1,128}?) from (\S{1,220}) port (\d{1,5}) ssh2(?:: (.*))?$/s;
const FINGERPRINT = '(?:SHA256:[A-Za-z0-9+/]{43}|(?:MD5|SHA1|SHA384|SHA512|RIPEMD160):\\S{20,130})';
/** The key ID is free text and may itself look like the rest: the last `(serial n) CA` counts. What hostbased adds follows it. */
const CERTIFICATE = new RegExp(
  `^(\\S+-CERT) (?:(${FINGERPRINT}) )?ID (.*) \\(serial (\\d{1,20})\\) CA (\\S+) (${FINGERPRINT})(?:, client user ".*)?$`,
  's',
);
const PLAIN = new RegExp(`^(\\S+) (${FINGERPRINT})`);
/** log.c do_log() hands at most this many bytes to syslog(3). A line that long was cut, wherever it seems to end. */
const SYSLOG_LIMIT = 500;
/** Where packages put sshd. A program in a home folder or /tmp only bears its name. */
const SSHD_PATH =
  /^\/(?:usr\/|opt\/|nix\/store\/|gnu\/store\/)?(?:[\w.+-]+\/){0,6}sshd(?:-session|-auth)?(?: \(deleted\))?$/;
const LOOSE_FOLDER = /^\/(?:home|root|tmp|var|dev|run|proc|mnt|media|srv)\//;

/**
 * @returns successful logins within the window, oldest first. Lines in sshd's name that sshd did not write are there
 *   with `trusted: false`; those of a text log all are, because nothing vouches for them, and a gap says so.
 */
export function readLogins(evidence: HostEvidence): Reading<LoginLog> {
  const probe = probeReading(evidence, 'logins');
  if (!probe.ok) return probe;
  const rows = records(probe.value);
  const one = (key: string) => rows.find(([word]) => word === key)?.[1];
  const gaps = new Set([...probe.gaps, ...toldGaps(rows)]);
  for (const row of rows) {
    if (row[0] === 'journal-rc')
      gaps.add(`journalctl ended with status ${wordInteger(row[1])} before the whole window was read`);
    if (row[0] === 'log-rc') gaps.add(`${wordText(row[1])} could not be read to the end`);
  }
  const source = one('source');
  const now = wordInteger(one('now')) * 1000;
  const since = wordInteger(one('since')) * 1000;
  if (source === 'journal') {
    const lines = journalLines(rows, gaps);
    const total = wordInteger(one('total'));
    if (total > lines.length)
      gaps.add(`only the last ${lines.length} of ${total} logins in the window were read`);
    const logins = lines.flatMap((line) => fromJournal(line, gaps)).sort(byTime);
    const begins = /^\d{1,16}$/.test(one('begins') ?? '') ? Number(one('begins')) : -1;
    return {
      ok: true,
      gaps: [...gaps],
      value: {
        source,
        logins,
        coversFrom: begins < 0 ? null : Math.max(since, Math.ceil(begins / 1000)),
        coversTo: now,
      },
    };
  }
  if (source === 'file') {
    gaps.add('logins come from a text log, where any local program can write a line in the name of sshd');
    const logins = rows
      .filter(([word]) => word === 'L')
      .flatMap((row) => fromText(row.slice(3).join(' '), wordInteger(row[2]) * 1000, since));
    const firsts = rows
      .filter(([word]) => word === 'first')
      .flatMap((row) => timeOf(wordText(row[3]), wordInteger(row[2]) * 1000) ?? []);
    const oldest = firsts.length > 0 ? Math.max(since, Math.min(...firsts)) : null;
    return {
      ok: true,
      gaps: [...gaps],
      value: { source, logins: withoutDoubles(logins), coversFrom: oldest, coversTo: now },
    };
  }
  gaps.add(
    'the host keeps no log of logins that could be read: no journal, no auth.log, no secure, no messages',
  );
  return {
    ok: true,
    gaps: [...gaps],
    value: { source: 'none', logins: [], coversFrom: null, coversTo: null },
  };
}

/** One message of sshd, without time and name, or null when it tells of no login. */
export function parseAccepted(message: string): Omit<Login, 'at' | 'pid' | 'trusted'> | null {
  const found = ACCEPTED.exec(message);
  if (!found) return null;
  const [, method = '', account = '', from = '', port = '', info = ''] = found;
  const base = { method, account, from, port: Number(port) };
  const isCertificate = /^\S+-CERT(?:\s|$)/.test(info);
  const wasCut = Buffer.byteLength(message) >= SYSLOG_LIMIT;
  // A long key ID pushes serial and CA out of the line, and may put others in their place.
  const parts = isCertificate && !wasCut ? CERTIFICATE.exec(info) : null;
  if (parts && BigInt(parts[4] ?? '0') < 1n << 64n) {
    const [, , keyFingerprint, keyId = '', serial = '', , caFingerprint = ''] = parts;
    return {
      ...base,
      identityLost: false,
      certificate: { keyId, serial, caFingerprint, ...(keyFingerprint !== undefined && { keyFingerprint }) },
    };
  }
  if (isCertificate) return { ...base, identityLost: true };
  const plain = PLAIN.exec(info)?.[2];
  return { ...base, identityLost: false, ...(plain !== undefined && { keyFingerprint: plain }) };
}

function fromJournal(line: string, gaps: Set<string>): Login[] {
  const entry = parseEntry(line);
  if (entry === null) {
    gaps.add('a journal entry could not be parsed');
    return [];
  }
  // Null stands for more than 4 KiB: sshd writes no such line, only somebody in its name.
  const message = messageText(entry['MESSAGE']);
  const login = message === null ? null : parseAccepted(message);
  const at = Math.floor(Number(entry['__REALTIME_TIMESTAMP'] ?? Number.NaN) / 1000);
  if (!login || !Number.isFinite(at)) return [];
  const executable = entry['_EXE'];
  const byRoot = entry['_UID'] === '0';
  if (byRoot && typeof executable !== 'string') {
    gaps.add(
      'a login was logged by a process of root that had ended before the journal could see which program it was',
    );
    return [];
  }
  const trusted = byRoot && SSHD_PATH.test(String(executable)) && !LOOSE_FOLDER.test(String(executable));
  const pid = Number(entry['_PID'] ?? -1);
  return [{ ...login, at, pid: Number.isSafeInteger(pid) ? pid : -1, trusted }];
}

/** Time, host, sometimes `facility.severity` (busybox), then sshd's own tag: only there. */
const TEXT_LINE =
  /^(?:\S{20,40}|[A-Z][a-z]{2} +\d{1,2} [\d:]{8}(?: \d{4})?) (?:\S{1,255} )?(?:[a-z0-9]{1,10}\.[a-z]{1,10} )?sshd(?:-session|-auth)?(?:\[(\d{1,10})\])?: (Accepted .*)$/s;

function fromText(line: string, fileTime: number, since: number): Login[] {
  const text = Buffer.from(line, 'latin1').toString('utf8');
  const found = TEXT_LINE.exec(text);
  const at = timeOf(text, fileTime);
  const login = found ? parseAccepted(found[2] ?? '') : null;
  if (!found || !login || at === null || at < since) return [];
  return [{ ...login, at, pid: Number(found[1] ?? -1), trusted: false }];
}

/** auth.log and syslog may hold the same line. */
function withoutDoubles(logins: readonly Login[]): Login[] {
  const seen = new Map(
    logins.map((login) => [
      [Math.floor(login.at / 1000), login.pid, login.port, login.account, login.certificate?.serial].join(
        ' ',
      ),
      login,
    ]),
  );
  return [...seen.values()].sort(byTime);
}

function byTime(one: Login, other: Login): number {
  return one.at - other.at;
}
