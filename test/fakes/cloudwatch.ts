/** StartQuery and GetQueryResults of CloudWatch Logs, AWS JSON 1.1. Source: CloudWatch Logs API reference. */
import type { StoredLine } from './lines.js';
import { serve, type Served, type Trouble } from './serve.js';

const LIMIT = 10_000;

interface Query {
  readonly startTime: number;
  readonly endTime: number;
  readonly queryString: string;
}

/** @param refusal error type every request gets. */
export function fakeCloudwatch(
  lines: readonly StoredLine[],
  refusal?: string,
  trouble?: Trouble,
): Promise<Served> {
  const queries: Query[] = [];
  const asked = new Set<number>();
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return serve(({ headers: given, body }) => {
    if (refusal !== undefined) return { status: 400, headers, body: { __type: refusal, message: 'refused' } };
    if (String(given['x-amz-target']).endsWith('StartQuery')) {
      queries.push(JSON.parse(body) as Query);
      return { headers, body: { queryId: String(queries.length - 1) } };
    }
    const id = Number((JSON.parse(body) as { queryId: string }).queryId);
    const query = queries[id];
    if (query === undefined || !asked.has(id)) {
      asked.add(id);
      return { headers, body: { status: 'Running', results: [] } };
    }
    const second = (at: number): number => Math.floor(at / 1000);
    const within = lines
      .map((line, index) => ({ ...line, index }))
      .filter(({ at }) => second(at) >= query.startTime && second(at) <= query.endTime);
    const results = query.queryString.startsWith('stats') ? hours(within) : rows(within, query.queryString);
    return { headers, body: { status: 'Complete', results: results.slice(0, LIMIT) } };
  }, trouble);
}

function rows(lines: readonly (StoredLine & { index: number })[], query: string): object[] {
  const [, pattern = ''] = / like \/(.*)\/ \| sort/.exec(query) ?? [];
  return lines
    .filter(({ line }) => new RegExp(pattern).test(line))
    .map(({ at, host, line, index }) => [
      { field: '@timestamp', value: naive(at) },
      { field: '@message', value: line },
      { field: '@logStream', value: host },
      { field: '@ptr', value: String(index) },
    ]);
}

function hours(lines: readonly StoredLine[]): object[] {
  return [...new Set(lines.map(({ at }) => Math.floor(at / 3_600_000) * 3_600_000))].map((at) => [
    { field: 'bin(1h)', value: naive(at) },
    { field: 'count(*)', value: '1' },
  ]);
}

function naive(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').replace('Z', '');
}
