/**
 * Audit lines as a log store holds them: what the device wrote, perhaps wrapped in the JSON of a shipper (`log` of
 * Docker, `MESSAGE` of journald, `event.original` of ECS), among lines of others. Pure; never throws.
 */
import type { Coverage } from '../../types.js';
import { type Fields, objectOf, parseObject } from './issuance.js';
import { auditLineOf, SIGNS, type AuditLine } from './vault-audit.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const MAX_LEVELS = 5;
const MAX_VALUES = 2000;
/** What only an audit line that is damaged, or told in other words, holds: not every line with such a path is one. */
const SIGNING_PATH = /\bpath\\{0,8}"\s{0,3}:\s{0,3}\\{0,8}"[^"]{0,500}\\?\/(?:sign|issue)\\?\//;

/** One line of a store. A line of another program is `other`; what looks like an audit line and is none, `unreadable`. */
export function readStoredLine(text: string, mounts: readonly string[]): AuditLine {
  if (!SIGNS.test(text)) return { state: 'other', time: null };
  const line = auditIn(text, { left: MAX_VALUES }, 0);
  if (line !== null) return auditLineOf(line, mounts);
  return { state: SIGNING_PATH.test(text) ? 'unreadable' : 'other', time: null };
}

/** The object an audit device wrote, wherever in the text it is. */
function auditIn(text: string, budget: { left: number }, level: number): Fields | null {
  const begins = text.indexOf('{');
  const root = begins === -1 || !SIGNS.test(text) ? null : parseObject(text.slice(begins).trimEnd());
  return root === null ? null : search(root, budget, level);
}

function search(value: Fields, budget: { left: number }, level: number): Fields | null {
  if (typeof value['type'] === 'string' && objectOf(value['request']) !== null) return value;
  if (level >= MAX_LEVELS) return null;
  for (const inner of Object.values(value)) {
    budget.left -= 1;
    if (budget.left < 0) return null;
    const fields = objectOf(inner);
    const found =
      fields !== null
        ? search(fields, budget, level + 1)
        : typeof inner === 'string'
          ? auditIn(inner, budget, level + 1)
          : null;
    if (found !== null) return found;
  }
  return null;
}

/** How one window of a store was read. Times in milliseconds. */
export interface StoredWindow {
  /** The kind of store. */
  readonly store: string;
  /** What was read whole: `from` may be later than was asked for. */
  readonly from: number;
  readonly to: number;
  /** Beginnings of the hours in which the store has any line of the audit log; null: not known. */
  readonly hours: readonly number[] | null;
  readonly lines: number;
  /** Lines that could not be read, and when the first of them was stored. */
  readonly unreadable: number;
  readonly firstUnreadable: number | null;
  /** There was more than is kept: what is older was left out. */
  readonly cut: boolean;
}

/** Of a line `{"window": …}`; null: it is none. */
export function windowIn(line: Fields): StoredWindow | null {
  const fields = objectOf(line['window']);
  if (fields === null) return null;
  const number = (key: string): number | null => {
    const value = fields[key];
    return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 8.64e15 ? value : null;
  };
  const [from, to] = [number('from'), number('to')];
  if (from === null || to === null) return null;
  const hours = fields['hours'];
  return {
    store: typeof fields['store'] === 'string' ? fields['store'].slice(0, 100) : '',
    from,
    to,
    hours: Array.isArray(hours)
      ? hours
          .filter((hour): hour is number => typeof hour === 'number' && Number.isFinite(hour))
          .slice(0, 2000)
      : null,
    lines: number('lines') ?? 0,
    unreadable: number('unreadable') ?? 0,
    firstUnreadable: number('firstUnreadable'),
    cut: fields['cut'] === true,
  };
}

/**
 * The window without its gaps: a device writes on every request, so a day without any line is a day whose lines did
 * not arrive. What was asked for counts from the last such day on.
 */
export function storedCoverage({ from, to, hours, cut }: StoredWindow): {
  readonly coverage: Coverage;
  readonly remarks: readonly string[];
} {
  const known = (hours ?? []).filter((hour) => hour > from - HOUR && hour < to).toSorted((a, b) => a - b);
  const newest = known.at(-1);
  if (newest === undefined) return { coverage: { from: null, to: null }, remarks: [] };
  const remarks: string[] = cut
    ? [`Only what was written since ${instant(from)} was read: the certificate log counts from there on.`]
    : [];
  const end = to - (newest + HOUR) > DAY ? newest + HOUR : to;
  if (end < to)
    remarks.push(
      `The SIEM has no line of the audit log since ${instant(end)}: the certificate log counts until then.`,
    );
  let begin = newest;
  for (const hour of known.toReversed()) {
    if (begin - (hour + HOUR) > DAY) break;
    begin = hour;
  }
  if (begin - from > DAY) {
    remarks.push(
      `Before ${instant(begin)} more than a day of the audit log is missing in the SIEM: the certificate log counts from there on.`,
    );
    return { coverage: { from: begin, to: end }, remarks };
  }
  return { coverage: { from, to: end }, remarks };
}

function instant(time: number): string {
  return new Date(time).toISOString();
}
