/**
 * The words of an inventory: what each may look like, and what to say when it does not.
 * Every `…Problem` function answers null for a good value, else one line: expected what, and what to do.
 */
import { isIP } from 'node:net';
import { quoted } from './problem.js';

export type ProblemOf = (text: string) => string | null;

const MAX_HOST_NAME = 253;

/** Names join evidence, reports and files, so they are safe as a file name on every system. */
export const NAME_PATTERN = '^[A-Za-z0-9_]([A-Za-z0-9._-]{0,251}[A-Za-z0-9_])?$';
const NAME = new RegExp(NAME_PATTERN);

export function nameProblem(text: string): string | null {
  if (NAME.test(text)) return null;
  return (
    `${quoted(text)} is not a usable name: expected letters, digits, ".", "_" and "-", beginning and ending with ` +
    'a letter, digit or "_", at most 253 characters; put an odd name or an IPv6 address into address'
  );
}

/** RFC 1123 labels; underscores are let through because ssh_config aliases and real zones have them. */
const LABEL = /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
export const ADDRESS_PATTERN = '^[A-Za-z0-9_:][A-Za-z0-9._:%-]*$';

export function addressProblem(text: string): string | null {
  if (isIP(text) !== 0) return null;
  const expected = 'expected a host name (RFC 1123), an IPv4 or an IPv6 address';
  if (text.startsWith('-'))
    return `${quoted(text)} begins with "-", which programs take for an option: ${expected}`;
  if (/^\[.*\]$/.test(text)) return `${quoted(text)}: write an IPv6 address without brackets`;
  if (/^[^@]+@[^@]+$/.test(text)) return `${quoted(text)}: ${expected}; the login name goes into user`;
  if (/^[^:]+:\d+$/.test(text)) return `${quoted(text)}: ${expected}; the port goes into port`;
  if (/^[\d.]+$/.test(text)) return `${quoted(text)} is not an IP address: ${expected}`;
  const host = text.endsWith('.') ? text.slice(0, -1) : text;
  if (host.length <= MAX_HOST_NAME && host.split('.').every((label) => LABEL.test(label))) return null;
  return `${quoted(text)} is not an address: ${expected}, without blanks, wildcards or shell characters`;
}

/** Account names as NSS allows them, minus blanks, path and shell characters. */
export const ACCOUNT_PATTERN = '^[A-Za-z0-9_.][A-Za-z0-9_.@+-]{0,63}\\$?$';
const ACCOUNT = new RegExp(ACCOUNT_PATTERN);

export function accountProblem(text: string): string | null {
  if (ACCOUNT.test(text) && text !== '.' && text !== '..') return null;
  return (
    `${quoted(text)} is not an account name: expected letters, digits and "_", ".", "@", "+", "-", not beginning ` +
    'with "-" or "+", at most 64 characters'
  );
}

/** sshd(8) AUTHORIZED PRINCIPALS: compared byte for byte, ended by a blank, cut at "#", joined by "," in -n. */
export const PRINCIPAL_PATTERN = '^[\\p{L}\\p{N}_][\\p{L}\\p{M}\\p{N}_.@:/+=-]{0,254}$';
const PRINCIPAL = new RegExp(PRINCIPAL_PATTERN, 'u');

export function principalProblem(text: string): string | null {
  if (PRINCIPAL.test(text)) return null;
  if (/[*?]/.test(text))
    return `${quoted(text)}: sshd compares principals exactly, wildcards do not work; name each one`;
  if (text.includes(',')) return `${quoted(text)} is one principal with a comma in it; write a list: [a, b]`;
  if (/\s/.test(text))
    return `${quoted(text)} has a blank in it, and sshd would read only the last word; write a list: [a, b]`;
  return `${quoted(text)} is not a principal: expected letters, digits and "_", ".", "@", ":", "/", "+", "=", "-"`;
}

export const TAG_PATTERN = '^[A-Za-z0-9_][A-Za-z0-9_.:=/-]{0,62}$';
const TAG = new RegExp(TAG_PATTERN);

export function tagProblem(text: string): string | null {
  if (TAG.test(text)) return null;
  return `${quoted(text)} is not a usable label: expected letters, digits and "_", ".", ":", "=", "/", "-", at most 63 characters`;
}

export const FINGERPRINT_PATTERN = '^SHA256:[A-Za-z0-9+/]{43}$';
const FINGERPRINT = new RegExp(FINGERPRINT_PATTERN);
const HOW = 'print it with: ssh-keygen -lf FILE.pub';

/** Only fingerprints OpenSSH itself prints: 32 bytes, base64 without padding, canonical. */
export function fingerprintProblem(text: string): string | null {
  if (/^(MD5:)?([0-9a-fA-F]{2}:){15}[0-9a-fA-F]{2}$/.test(text)) {
    return `an MD5 fingerprint proves nothing any more: expected SHA256:…; ${HOW}`;
  }
  if (/^sha256:/i.test(text) && !text.startsWith('SHA256:'))
    return `${quoted(text)}: write SHA256: in capitals`;
  if (/^SHA256:[A-Za-z0-9+/]{43}=$/.test(text))
    return `${quoted(text)}: remove the "=" at its end, as ssh-keygen prints it`;
  const base64 = FINGERPRINT.test(text) ? text.slice('SHA256:'.length) : null;
  if (base64 === null)
    return `${quoted(text)} is not a fingerprint: expected SHA256: and 43 base64 characters; ${HOW}`;
  const bytes = Buffer.from(base64, 'base64');
  const canonical = bytes.toString('base64').replace(/=+$/, '');
  return bytes.length === 32 && canonical === base64
    ? null
    : `${quoted(text)} was mistyped: its last character cannot end 32 bytes; ${HOW}`;
}

export const ABSOLUTE_PATH_PATTERN = '^/[^\\u0000-\\u001f\\u007f]+$';

export function absolutePathProblem(text: string): string | null {
  if (new RegExp(ABSOLUTE_PATH_PATTERN).test(text) && text.length <= 4096) return null;
  return `${quoted(text)} is not an absolute path: expected a path that begins with "/"`;
}

export function pathProblem(text: string): string | null {
  if (text !== '' && text.length <= 4096 && !/\p{Cc}/u.test(text)) return null;
  return `${quoted(text)} is not a path: expected 1 to 4096 characters without control characters`;
}

export function globProblem(text: string): string | null {
  if (text !== '' && text.length <= MAX_HOST_NAME && !/[\p{Cc}\s,!]/u.test(text)) return null;
  return `${quoted(text)} is not a host pattern: expected a name with "*", "?" or [01-40], one per list entry`;
}

export function lineProblem(text: string): string | null {
  if (text.trim() !== '' && text.length <= 1000 && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return null;
  return `${quoted(text)}: expected one line of text, 1 to 1000 characters`;
}

/** The least a person can be named by, for owners and approvers. */
export function personKey(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase().replaceAll(/\s+/g, ' ');
}

/** RFC 3339 with seconds and a zone. */
export const INSTANT_PATTERN =
  '^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,3})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$';
const INSTANT = new RegExp(INSTANT_PATTERN);
const LAST_YEAR = 2099;

export function instantProblem(
  text: string,
  expected = 'expected a date and time with zone, like 2027-03-31T00:00:00Z',
): string | null {
  if (!INSTANT.test(text)) {
    const zoneless = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?$/.test(text);
    return `${quoted(text)} ${zoneless ? 'names no zone or no time' : 'is not a date'}: ${expected}`;
  }
  const instant = new Date(text);
  // Date rolls 2027-02-30 over to March: an instant must come back as it was written.
  const [year, month, day] = text.slice(0, 10).split('-').map(Number);
  const exists = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day))
    .toISOString()
    .startsWith(text.slice(0, 10));
  if (Number.isNaN(instant.getTime()) || !exists)
    return `${quoted(text)} is no day of the calendar: ${expected}`;
  if ((year ?? 0) > LAST_YEAR)
    return `${quoted(text)} never ends in practice: expected a date that will be looked at again`;
  return null;
}

/** The same instant in UTC, as `Date.toISOString` writes it. */
export function toUtc(instant: string): string {
  return new Date(instant).toISOString();
}

/** A day alone, or an instant as above. */
const DAY_PATTERN = '^\\d{4}-\\d{2}-\\d{2}$';
export const DAY_OR_INSTANT_PATTERN = `${DAY_PATTERN}|${INSTANT_PATTERN}`;

/** @returns null for a day of the calendar or an instant with zone. */
export function dayOrInstantProblem(text: string): string | null {
  const expected = 'expected a day like 2027-03-31, or a date and time with zone like 2027-03-31T18:00:00Z';
  const problem = instantProblem(isDay(text) ? `${text}T00:00:00Z` : text, expected);
  return problem === null || !isDay(text) ? problem : problem.replace('T00:00:00Z', '');
}

/** When something begins: a day alone begins at 00:00 UTC. */
export function beginOf(dayOrInstant: string): string {
  return toUtc(isDay(dayOrInstant) ? `${dayOrInstant}T00:00:00Z` : dayOrInstant);
}

/** When something ends: a day alone is included whole, and ends at midnight UTC. */
export function endOf(dayOrInstant: string): string {
  return toUtc(isDay(dayOrInstant) ? `${dayOrInstant}T23:59:59.999Z` : dayOrInstant);
}

function isDay(text: string): boolean {
  return new RegExp(DAY_PATTERN).test(text);
}

/** One jump host: the name of an inventory host, or `[user@]host[:port]`; IPv6 in brackets when a port follows. */
export interface JumpSpec {
  readonly user?: string;
  readonly host: string;
  readonly port?: number;
}

/** Null when the text is not `[user@]host[:port]`. */
export function parseJump(text: string): JumpSpec | null {
  const parts = /^(?:([^@]*)@)?(?:\[([^\]]+)\]|([^[\]:@]+|[0-9A-Fa-f:.]+(?:%[\w.]+)?))(?::(\d{1,5}))?$/.exec(
    text,
  );
  if (parts === null || isIP(text) === 6) return isIP(text) === 6 ? { host: text } : null;
  const [, user, bracketed, bare, portText] = parts;
  const host = bracketed ?? bare ?? '';
  const port = portText === undefined ? undefined : Number(portText);
  if (user !== undefined && accountProblem(user) !== null) return null;
  if (addressProblem(host) !== null || (bracketed !== undefined && isIP(bracketed) !== 6)) return null;
  if (port !== undefined && (port < 1 || port > 65_535)) return null;
  return { ...(user === undefined ? {} : { user }), host, ...(port === undefined ? {} : { port }) };
}

export function jumpProblem(text: string): string | null {
  if (text.includes(',')) return `${quoted(text)}: write several jump hosts as a list, nearest first: [a, b]`;
  if (text === 'none') return 'to go without a jump host write an empty list: jump: []';
  if (parseJump(text) !== null) return null;
  return `${quoted(text)} is not a jump host: expected the name of a host or bastion of this inventory, or [user@]host[:port]`;
}

/** ssh_config's ProxyCommand on one line, with the tokens that are put in for every host. */
export function proxyCommandProblem(text: string): string | null {
  if (text.trim() === '' || text.length > 4096 || /[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))
    return `${quoted(text)}: expected one command line of 1 to 4096 characters, or none`;
  const token = [...text.matchAll(/%(.?)/gsu)]
    .map((match) => match[1] ?? '')
    .find((one) => !/^[hprn%]$/.test(one));
  return token === undefined
    ? null
    : `${quoted(`%${token}`)} means nothing here: expected %h (address), %p (port), %r (user), %n (name as given) or %% for a percent sign`;
}
