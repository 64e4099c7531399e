/**
 * One stored log line to a login. Stores keep the bare message of sshd, the whole syslog line (RFC 3164, RFC 5424,
 * RFC 3339 times), or the journal entry as JSON. The message is read by the parser of the host's own journal.
 */
import { parseAccepted } from '../../login-log.js';
import { timeOf } from '../../syslog-time.js';
import type { Login } from '../../types.js';
import { member, object, parseJson, type Json } from '../answers.js';

/** A line longer than sshd writes, with everything a shipper wraps around it, is none of sshd's. */
const MAX_LINE = 64 * 1024;
const MINUTE = 60_000;
const NAME = 'sshd(?:-session|-auth)?';
/** RFC 3164 and RFC 3339: `<38>Nov 21 02:00:00 web-1 sshd[811]: Accepted …`. */
const SYSLOG = new RegExp(
  `^(?:<\\d{1,3}>)?(\\S{19,40}|[A-Z][a-z]{2} +\\d{1,2} [\\d:]{8})( \\S{1,255})? ${NAME}(?:\\[(\\d{1,10})\\])?: (Accepted .*)$`,
  's',
);
/** RFC 5424: `<38>1 2026-11-21T02:00:00Z web-1 sshd 811 - - Accepted …`. */
const STRUCTURED = new RegExp(
  `^(?:<\\d{1,3}>)?1 (\\S{1,40}) (\\S{1,255}) ${NAME} (\\d{1,10}|-) \\S{1,32} (?:-|\\[.{0,2000}?\\]) \\ufeff?(Accepted .*)$`,
  's',
);
const TAGGED = new RegExp(`^${NAME}(?:\\[(\\d{1,10})\\])?: (Accepted .*)$`, 's');

interface Stored {
  readonly login: Login;
  /** The host the line itself names, when it does. */
  readonly host?: string;
}

/**
 * @param at the store's time of the line, milliseconds since the epoch; null when it gives none.
 * @param zone offset of times that name none, minutes; null: the store's time is taken instead.
 * @returns null when the line tells of no login.
 */
export function loginOfLine(line: string, at: number | null, zone: number | null, pid = -1): Stored | null {
  if (line.length > MAX_LINE) return null;
  if (line.startsWith('{')) return fromJson(line, at, zone);
  const [, stamp = '', named = '', process, message] = SYSLOG.exec(line) ?? STRUCTURED.exec(line) ?? [];
  if (message !== undefined) {
    const time = stampTime(stamp, at, zone) ?? at;
    const number = process === undefined || process === '-' ? pid : Number(process);
    return stored(message, time, number, named.trim());
  }
  const [, own, tagged] = TAGGED.exec(line) ?? [];
  return tagged === undefined
    ? stored(line, at, pid, '')
    : stored(tagged, at, own === undefined ? pid : Number(own), '');
}

function stored(message: string, at: number | null, pid: number, host: string): Stored | null {
  const login = parseAccepted(message.replace(/\r?\n$/, ''));
  if (login === null || at === null || !Number.isFinite(at)) return null;
  return { login: { ...login, at, pid, trusted: false }, ...(host !== '' && { host }) };
}

/** A journal entry, or what a shipper made of it. */
function fromJson(line: string, at: number | null, zone: number | null): Stored | null {
  const entry = object(parseJson(line));
  if (entry === null) return null;
  const message = ['MESSAGE', 'message', 'log']
    .map((key) => member(entry, key))
    .find((one) => typeof one === 'string');
  if (typeof message !== 'string' || message.startsWith('{')) return null;
  const micros = integer(member(entry, '__REALTIME_TIMESTAMP'));
  const pid = ['_PID', 'SYSLOG_PID', 'pid']
    .map((key) => integer(member(entry, key)))
    .find((one) => one !== null);
  const found = loginOfLine(message, micros === null ? at : Math.floor(micros / 1000), zone, pid ?? -1);
  const host = ['_HOSTNAME', 'hostname', 'host']
    .map((key) => member(entry, key))
    .find((one) => typeof one === 'string');
  return found !== null && found.host === undefined && typeof host === 'string' ? { ...found, host } : found;
}

/** A non-negative integer, as number or as digits. */
export function integer(value: Json | undefined): number | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : null;
  return typeof value === 'string' && /^\d{1,16}$/.test(value) && Number.isSafeInteger(Number(value))
    ? Number(value)
    : null;
}

function stampTime(stamp: string, at: number | null, zone: number | null): number | null {
  if (/^\d{4}-/.test(stamp)) return isoTime(stamp, zone);
  if (zone === null || at === null) return null;
  const naive = timeOf(`${stamp} `, at + zone * MINUTE);
  return naive === null ? null : naive - zone * MINUTE;
}

/** ISO 8601, with `T` or a blank; without an offset it is read at `zone`. Milliseconds since the epoch. */
export function isoTime(text: string, zone: number | null): number | null {
  const [, date, time, offset] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:[.,]\d{1,9})?)(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? [];
  if (date === undefined || time === undefined) return null;
  const digits = offset === undefined ? 'Z' : offset.replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  const parsed = Date.parse(`${date}T${time.replace(',', '.')}${digits}`);
  if (!Number.isFinite(parsed)) return null;
  return offset === undefined ? parsed - (zone ?? 0) * MINUTE : parsed;
}

/** Minutes of an offset like `+02:00`; null for absent. */
export function offsetMinutes(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(text) ?? [];
  const size = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return sign === '-' ? -size : size;
}
