/**
 * `POST /services/search/v2/jobs/export` with `output_mode=json`, for lines and for lines counted by the hour; and what
 * a token may do. Source: Splunk REST API reference.
 */
import type { StoredLine } from './lines.js';
import { serve, type Reply, type Served, type Trouble } from './serve.js';

export interface FakeSplunk {
  readonly trouble?: Trouble;
  /** Leaves the last row out, as a broken connection to an indexer does. */
  readonly cut?: boolean;
  /** The only index that is there for this token; any when absent. */
  readonly index?: string;
  readonly capabilities?: readonly string[];
}

export function fakeSplunk(lines: readonly StoredLine[], given: FakeSplunk = {}): Promise<Served> {
  return serve(({ url, body }) => {
    if (url.pathname === '/services/authentication/current-context')
      return {
        body: {
          entry: [{ content: { username: 'auditor', capabilities: given.capabilities ?? ['search'] } }],
        },
      };
    return search(lines, new URLSearchParams(body), given);
  }, given.trouble);
}

function search(
  lines: readonly StoredLine[],
  form: URLSearchParams,
  { cut = false, index }: FakeSplunk,
): Reply {
  const [from, to] = ['earliest_time', 'latest_time'].map((name) => Number(form.get(name)) * 1000) as [
    number,
    number,
  ];
  const [terms = '', ...commands] = (form.get('search') ?? '').split(' | ');
  const wanted = /"Accepted"/.test(terms)
    ? /\bAccepted\b/
    : /sign OR issue/.test(terms)
      ? /\b(sign|issue)\b/
      : /./;
  const found = lines.filter(
    ({ at, line }) =>
      at >= from &&
      at < to &&
      wanted.test(line) &&
      (index === undefined || terms.includes(`index=${index} `) || terms.endsWith(`index=${index}`)),
  );
  const results = commands.some((one) => one.startsWith('stats'))
    ? [...new Set(found.map(({ at }) => Math.floor(at / 3_600_000) * 3_600_000))].map((at) => ({
        _time: zoned(at),
        count: '1',
      }))
    : found.map(({ at, host, line }, offset) => ({ _time: zoned(at), host, _raw: line, _cd: `1:${offset}` }));
  const rows = results.map((result, offset) => ({ preview: false, offset, result }));
  const last = cut ? [] : [{ preview: false, lastrow: true }];
  return { body: [...rows, ...last].map((row) => JSON.stringify(row)).join('\n') };
}

function zoned(at: number): string {
  return new Date(at).toISOString().replace('Z', '+00:00');
}
