/** One line of `journalctl -o json`. Source: systemd.journal-fields(7), journalctl(1). */

export type JournalEntry = Readonly<Record<string, unknown>>;

/** Most entries read of one log. The collector sends 4000; a host may make lines of two bytes of its megabytes. */
const MOST_ENTRIES = 20_000;

/** The entries in a probe's records: what follows `J`, the newest when there are too many, which is a gap. */
export function journalLines(rows: readonly (readonly string[])[], gaps: Set<string>): string[] {
  const all = rows.filter(([word]) => word === 'J');
  if (all.length > MOST_ENTRIES)
    gaps.add(`only the last ${MOST_ENTRIES} of ${all.length} journal entries were read`);
  return all.slice(-MOST_ENTRIES).map((row) => row.slice(1).join(' '));
}

/** Null when it is no object. The line was split as latin1; journalctl writes UTF-8. */
export function parseEntry(line: string): JournalEntry | null {
  if (!line.startsWith('{')) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(line, 'latin1').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JournalEntry)
      : null;
  } catch {
    return null;
  }
}

/** Text, or a list of byte numbers when it is not clean UTF-8; null when larger than 4 KiB. */
export function messageText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return Array.isArray(value)
    ? Buffer.from(value.filter((byte): byte is number => typeof byte === 'number')).toString('utf8')
    : null;
}

/** Milliseconds since the epoch; NaN when it has none. */
export function entryTime(entry: JournalEntry): number {
  const text = entry['__REALTIME_TIMESTAMP'];
  return typeof text === 'string' && /^\d{1,16}$/.test(text) ? Math.floor(Number(text) / 1000) : Number.NaN;
}

/** A non-negative integer below 2^32-1, which stands for "not set"; undefined otherwise. */
export function entryInteger(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{1,10}$/.test(value)) return undefined;
  const found = Number(value);
  return found < 4_294_967_295 ? found : undefined;
}
