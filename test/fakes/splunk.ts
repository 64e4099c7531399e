/** `POST /services/search/v2/jobs/export` with `output_mode=json`. Source: Splunk REST API reference. */
import type { StoredLine } from './lines.js';
import { serve, type Served, type Trouble } from './serve.js';

/** @param cut leaves the last row out, as a broken connection to an indexer does. */
export function fakeSplunk(lines: readonly StoredLine[], trouble?: Trouble, cut = false): Promise<Served> {
  return serve(({ body }) => {
    const form = new URLSearchParams(body);
    const [from, to] = ['earliest_time', 'latest_time'].map((name) => Number(form.get(name)) * 1000) as [
      number,
      number,
    ];
    const rows = lines
      .filter(({ at }) => at >= from && at < to)
      .map(({ at, host, line }, offset) => ({
        preview: false,
        offset,
        result: {
          _time: new Date(at).toISOString().replace('Z', '+00:00'),
          host,
          _raw: line,
          _cd: `1:${offset}`,
        },
      }));
    const last = cut ? [] : [{ preview: false, lastrow: true }];
    return { body: [...rows, ...last].map((row) => JSON.stringify(row)).join('\n') };
  }, trouble);
}
