/** Times of text logs. Source: RFC 3339, RFC 3164 section 4.1.2, strftime `%b %e %T`. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The time at the start of a line: RFC 3339, or the classic form without year and zone. Then it is the latest such time
 * before the file was last written, read as UTC.
 * @param fileTime when the file was last written, milliseconds since the epoch
 * @returns milliseconds since the epoch, or null when the line starts with no time.
 */
export function timeOf(line: string, fileTime: number): number | null {
  const modern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))/.exec(line)?.[1];
  if (modern !== undefined) return Number.isNaN(Date.parse(modern)) ? null : Date.parse(modern);
  const [, month = '', day = '', hour = '', minute = '', second = ''] =
    /^([A-Z][a-z]{2}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) /.exec(line) ?? [];
  const index = MONTHS.indexOf(month);
  if (index < 0 || fileTime < 0) return null;
  const inYear = (year: number) =>
    Date.UTC(year, index, Number(day), Number(hour), Number(minute), Number(second));
  const year = new Date(fileTime).getUTCFullYear();
  if (!Number.isFinite(year)) return null;
  // A day of grace: the file's zone is not told.
  return inYear(year) <= fileTime + 86_400_000 ? inYear(year) : inYear(year - 1);
}
