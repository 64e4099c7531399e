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

/** The answer that tells whether the store holds anything of what was selected. */
export const PRESENCE = 'presence';

/** Null when it is no such name. */
export function windowOf(name: string): Window | null {
  const [, from, to] = /^logins\/(\d{1,15})-(\d{1,15})\/\d{6,9}$/.exec(name) ?? [];
  return from === undefined || to === undefined ? null : { from: Number(from), to: Number(to) };
}

/** Rows CloudWatch Logs Insights returns at most for one query (StartQuery, `limit`). */
export const INSIGHTS_LIMIT = 10_000;
