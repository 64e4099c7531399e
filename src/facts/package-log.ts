/** One line of a package manager's log. Times are the host's local time unless the line has a zone. */
import { timeOf } from './syslog-time.js';
import type { PackageChange } from './types.js';

const LOCAL = /^\[?(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(Z|[+-]\d\d:?\d\d)?\]?/;

/** `+0100` -> 60. 0 for anything else. */
export function zoneMinutes(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
  if (hours === undefined) return 0;
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** By tool: what was done, and to what. */
const FORMS: Readonly<Record<string, RegExp>> = {
  dpkg: /^\S{10} \S{8} (install|upgrade|remove|purge) (\S+)/,
  dnf: / (Installed|Upgraded?|Erased?|Removed|Downgraded?|Reinstalled): (\S+)/,
  yum: / (Installed|Updated|Erased): (\S+)/,
  zypper: /^\S{10} \S{8}\|(install|remove) ?\|([^|]+)/,
  apk: /^Running `(?:\S*\/)?apk(?: -\S+)* (add|del|upgrade|fix)\b ?([^`]*)`/,
  pacman: /\[ALPM\] (installed|upgraded|removed|downgraded|reinstalled) (\S+)/,
};

/** @param mtime when the log was last written, milliseconds: for lines without a year. @returns null for any other line. */
export function parsePackageLine(
  tool: string,
  line: string,
  minutes: number,
  mtime: number,
): PackageChange | null {
  const form = Object.hasOwn(FORMS, tool) ? FORMS[tool] : undefined;
  const [, action, name] = form?.exec(line) ?? [];
  if (action === undefined || name === undefined) return null;
  const at = timeIn(tool, line, minutes, mtime);
  if (at === null) return null;
  return { at, tool, action: action.toLowerCase(), name: name.trim().slice(0, 200) };
}

function timeIn(tool: string, line: string, minutes: number, mtime: number): number | null {
  const text = tool === 'apk' ? (/` at (.*)$/.exec(line)?.[1] ?? '') : line;
  const [, day, time, zone] = LOCAL.exec(text) ?? [];
  if (day !== undefined && time !== undefined) {
    const at = Date.parse(`${day}T${time}${zone ?? 'Z'}`.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
    if (Number.isNaN(at)) return null;
    return zone === undefined ? at - minutes * 60_000 : at;
  }
  const classic = timeOf(text, mtime);
  return classic === null ? null : classic - minutes * 60_000;
}
