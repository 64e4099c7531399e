/** Grafana Loki. Source: HTTP API, `GET /loki/api/v1/query_range`: start belongs to the range, end does not. */
import { loki as parse } from '../../facts/sources/siem/stores.js';
import type { LokiSettings } from '../settings/siem.js';
import { LIMITS, SIGNING, type About, type OpenStore } from './store.js';
import { openStore } from './web.js';
import { HOUR, pages } from './window.js';

const FILTERS: Readonly<Record<About, string>> = { logins: '|= "Accepted "', issuances: `|~ "${SIGNING}"` };
const RANGE = 'loki/api/v1/query_range';

export const openLoki: OpenStore<LokiSettings> = async (settings, context) => {
  const { selector, tenant } = settings;
  const headers: Record<string, string> = tenant === undefined ? {} : { 'x-scope-orgid': tenant };
  const http = await openStore(settings, context, 'Bearer', headers);
  return {
    lines: async (about, window, recorder) => {
      const query = `${selector} ${FILTERS[about]}`;
      const limit = LIMITS[about];
      const fetch = async (from: number) =>
        http.get(RANGE, {
          query: { query, start: nanos(from), end: nanos(window.to), limit, direction: 'forward' },
        });
      return pages(recorder, window, limit, fetch, ({ answer }) => parse(answer, settings, null));
    },
    // A sample tells of the hour before it.
    hours: async ({ from, to }) =>
      http.get(RANGE, {
        query: {
          query: `sum(count_over_time(${selector} [1h]))`,
          start: nanos(Math.min(from + HOUR, to)),
          end: nanos(to),
          step: '3600',
        },
      }),
    rights: async () => [
      {
        level: 'warning',
        text: 'Loki itself has no read-only credentials: make sure that its gateway lets this one query only',
      },
    ],
    close: () => http.close(),
  };
};

function nanos(milliseconds: number): string {
  return `${milliseconds}000000`;
}
