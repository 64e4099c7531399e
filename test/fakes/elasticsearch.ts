/** `POST /INDEX/_search` with a range, one sort key and `fields`. Source: Elasticsearch REST API. */
import type { StoredLine } from './lines.js';
import { serve, type Served, type Trouble } from './serve.js';

interface Query {
  readonly size: number;
  readonly query: {
    readonly bool: {
      readonly filter: readonly [{ readonly range: { readonly '@timestamp': { gte: number; lt: number } } }];
    };
  };
}

export function fakeElasticsearch(
  lines: readonly StoredLine[],
  trouble?: Trouble,
  failedShards = 0,
): Promise<Served> {
  return serve(({ body }) => {
    const { size, query } = JSON.parse(body) as Query;
    const { gte, lt } = query.bool.filter[0].range['@timestamp'];
    const hits = lines
      .map((line, index) => ({ ...line, index }))
      .filter(({ at }) => at >= gte && at < lt)
      .toSorted((one, other) => one.at - other.at)
      .slice(0, size)
      .map(({ at, host, line, index }) => ({
        _index: 'logs',
        _id: String(index),
        fields: { '@timestamp': [String(at)], message: [line], 'host.name': [host] },
        sort: [at],
      }));
    return {
      body: {
        timed_out: false,
        _shards: { total: 1, successful: 1, skipped: 0, failed: failedShards },
        hits: { hits },
      },
    };
  }, trouble);
}
