/** The closed window a store is asked for, and how its lines are fetched page by page. */
import { parseDuration } from '../../inventory/duration.js';
import { pageName, type Window } from '../../facts/sources/siem/names.js';
import type { Rows } from '../../facts/sources/siem/stores.js';
import type { HttpResult } from '../http-types.js';
import type { Recorder } from '../recorder.js';

const SECOND = 1000;
/** Milliseconds. */
export const HOUR = 3600 * SECOND;
export const DAY = 24 * HOUR;
/** 14 days of logins (policy.login_window_days), the 48 h a certificate may have been issued before, and a day to spare. */
export const AUDIT_WINDOW = '17d';
const WINDOW = '24h';
const LAG = '10m';
const MAX_PAGES = 2000;

/** It ends `lag` before the run's clock, because a line needs time to arrive. */
export function closedWindow(
  settings: { readonly window?: string | undefined; readonly lag?: string | undefined },
  now: Date,
): Window {
  const length = (parseDuration(settings.window ?? WINDOW) ?? 0) * SECOND;
  const lag = (parseDuration(settings.lag ?? LAG) ?? 0) * SECOND;
  const to = Math.floor((now.getTime() - lag) / SECOND) * SECOND;
  return { from: to - length, to };
}

/**
 * Pages by time: each begins at the last time of the one before it, so that lines of one instant may come twice and
 * none is left out. The window is closed, so nothing is added while it is read.
 * @returns how many lines came back, at least.
 */
export async function pages(
  recorder: Recorder,
  window: Window,
  limit: number,
  fetch: (from: number) => Promise<HttpResult>,
  parse: (result: HttpResult & { ok: true }) => Rows,
): Promise<number> {
  let from = window.from;
  let lines = 0;
  for (let page = 0; page < MAX_PAGES && recorder.room() > 0; page += 1) {
    const result = recorder.record(pageName(window, page), await fetch(from));
    if (!result.ok) return lines;
    const { rows } = parse(result);
    lines += rows.length;
    if (rows.length < limit) return lines;
    const last = rows.reduce((latest, { at }) => Math.max(latest, at ?? 0), 0);
    if (last <= from) {
      recorder.fail({
        code: 'too-much',
        detail: `more than ${limit} lines at ${new Date(from).toISOString()}: what follows was not read`,
        hint: 'narrow what is selected to the lines that are looked for',
      });
      return lines;
    }
    from = last;
  }
  recorder.fail({
    code: 'too-much',
    detail: 'the window holds more lines than are read',
    hint: 'shorten window',
  });
  return lines;
}
