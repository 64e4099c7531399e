/**
 * Durations as policies write them: `30m`, `48h`, `90d`, or several units as in `1h30m`, largest first.
 * The units are those of sshd_config(5) TIME FORMATS (s m h d w); a bare number is refused, because nobody
 * can tell whether it means seconds or hours.
 */

const UNITS: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** The grammar, also published in the JSON Schema. */
export const DURATION_PATTERN = '^(?=.)(\\d{1,6}w)?(\\d{1,6}d)?(\\d{1,6}h)?(\\d{1,6}m)?(\\d{1,9}s)?$';
const DURATION = new RegExp(DURATION_PATTERN);

/** Seconds, or null when the text is not a duration. */
export function parseDuration(text: string): number | null {
  if (!DURATION.test(text)) return null;
  let seconds = 0;
  for (const part of text.matchAll(/(\d+)([wdhms])/g)) {
    seconds += Number(part[1]) * (UNITS[part[2] ?? 's'] ?? 1);
  }
  return seconds;
}

/** The shortest single-unit text for a whole number of seconds: 172800 is `2d`, 90 is `90s`. */
export function formatDuration(seconds: number): string {
  for (const [unit, size] of Object.entries(UNITS)) {
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return `${seconds}s`;
}
