/** StartQuery and GetQueryResults of CloudWatch Logs, AWS JSON 1.1. Source: CloudWatch Logs API reference. */
import type { StoredLine } from './lines.js';
import { serve, type Served } from './serve.js';

const LIMIT = 10_000;

/** @param refusal error type every request gets. */
export function fakeCloudwatch(lines: readonly StoredLine[], refusal?: string): Promise<Served> {
  const queries: { startTime: number; endTime: number }[] = [];
  const asked = new Set<number>();
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  return serve(({ headers: given, body }) => {
    if (refusal !== undefined) return { status: 400, headers, body: { __type: refusal, message: 'refused' } };
    if (String(given['x-amz-target']).endsWith('StartQuery')) {
      queries.push(JSON.parse(body) as { startTime: number; endTime: number });
      return { headers, body: { queryId: String(queries.length - 1) } };
    }
    const id = Number((JSON.parse(body) as { queryId: string }).queryId);
    const query = queries[id];
    if (query === undefined || !asked.has(id)) {
      asked.add(id);
      return { headers, body: { status: 'Running', results: [] } };
    }
    const results = lines
      .map((line, index) => ({ ...line, index }))
      .filter(({ at }) => Math.floor(at / 1000) >= query.startTime && Math.floor(at / 1000) <= query.endTime)
      .slice(0, LIMIT)
      .map(({ at, host, line, index }) => [
        { field: '@timestamp', value: new Date(at).toISOString().replace('T', ' ').replace('Z', '') },
        { field: '@message', value: line },
        { field: '@logStream', value: host },
        { field: '@ptr', value: String(index) },
      ]);
    return { headers, body: { status: 'Complete', results } };
  });
}
