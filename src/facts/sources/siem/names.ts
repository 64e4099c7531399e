/** What the asker and the parser of the SIEM source agree on. */

/** One closed window, milliseconds since the epoch: `from` belongs to it, `to` does not. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Answers are saved as `logins/<from>-<to>/<page>`. */
export function pageName({ from, to }: Window, page: number): string {
  return `logins/${from}-${to}/${String(page).padStart(6, '0')}`;
}

/** Null when it is no such name. */
export function windowOf(name: string): Window | null {
  const [, from, to] = /^logins\/(\d{1,15})-(\d{1,15})\/\d{6,9}$/.exec(name) ?? [];
  return from === undefined || to === undefined ? null : { from: Number(from), to: Number(to) };
}

/** Lines a store is asked for at once. */
export const PAGE = 5000;
/** Rows CloudWatch Logs Insights returns at most for one query (StartQuery, `limit`). */
export const INSIGHTS_LIMIT = 10_000;
