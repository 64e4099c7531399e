/** The closed window a store is asked for, and how its lines are fetched page by page. */
import { parseDuration } from '../../inventory/duration.js';
import { pageName, type Window } from '../../facts/sources/siem/names.js';
import type { Rows } from '../../facts/sources/siem/stores.js';
import type { HttpResult } from '../http.js';
import type { Recorder } from '../recorder.js';

const SECOND = 1000;
const DAY = '24h';
const LAG = '10m';
const MAX_PAGES = 2000;

/** It ends `lag` before the run's clock, because a line needs time to arrive. */
export function closedWindow(
  settings: { readonly window?: string | undefined; readonly lag?: string | undefined },
  now: Date,
): Window {
  const length = (parseDuration(settings.window ?? DAY) ?? 0) * SECOND;
  const lag = (parseDuration(settings.lag ?? LAG) ?? 0) * SECOND;
  const to = Math.floor((now.getTime() - lag) / SECOND) * SECOND;
  return { from: to - length, to };
}

/**
 * Pages by time: each begins at the last time of the one before it, so that lines of one instant may come twice and
 * none is left out. The window is closed, so nothing is added while it is read.
 */
export async function pages(
  recorder: Recorder,
  window: Window,
  limit: number,
  fetch: (from: number) => Promise<HttpResult>,
  parse: (result: HttpResult & { ok: true }) => Rows,
): Promise<void> {
  let from = window.from;
  for (let page = 0; page < MAX_PAGES && recorder.room() > 0; page += 1) {
    const result = recorder.record(pageName(window, page), await fetch(from));
    if (!result.ok) return;
    const { rows } = parse(result);
    if (rows.length < limit) return;
    const last = rows.reduce((latest, { at }) => Math.max(latest, at ?? 0), 0);
    if (last <= from) {
      recorder.fail({
        code: 'too-much',
        detail: `more than ${limit} lines at ${new Date(from).toISOString()}: what follows was not read`,
        hint: 'narrow the selector to the lines of sshd',
      });
      return;
    }
    from = last;
  }
  recorder.fail({
    code: 'too-much',
    detail: 'the window holds more lines than are read',
    hint: 'shorten window',
  });
}
