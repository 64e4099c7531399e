/**
 * Elasticsearch and OpenSearch over lines they are given: field capabilities, a search with a range, one sort key and
 * `fields`, a date histogram, and what a credential may do. Source: Elasticsearch REST API; OpenSearch security plugin.
 */
import type { StoredLine } from './lines.js';
import { serve, type Reply, type Request, type Served, type Trouble } from './serve.js';

interface Query {
  readonly size: number;
  readonly aggs?: unknown;
  readonly query: { readonly bool: { readonly filter: readonly Filter[] } };
}
interface Filter {
  readonly range?: { readonly '@timestamp': { readonly gte: number; readonly lt: number } };
  readonly bool?: { readonly should: readonly Way[] };
  readonly query_string?: { readonly query: string };
}
interface Way {
  readonly match?: Readonly<Record<string, string>>;
  readonly wildcard?: Readonly<Record<string, { readonly value: string }>>;
}

export interface FakeIndex {
  readonly trouble?: Trouble;
  readonly failedShards?: number;
  /** Types of the field `message`; none: there is no such index. Default: text. */
  readonly types?: readonly string[];
  readonly searchable?: boolean;
  /** What `_has_privileges` grants, and the roles `authinfo` tells; null: not told. */
  readonly privileges?: readonly string[] | null;
}

export function fakeElasticsearch(lines: readonly StoredLine[], given: FakeIndex = {}): Promise<Served> {
  const { types = ['text'], searchable = true, privileges = ['read'] } = given;
  return serve((request) => {
    const { pathname } = request.url;
    if (pathname.endsWith('/_field_caps')) {
      const found = types.map((type) => [
        type,
        { type, metadata_field: false, searchable, aggregatable: false },
      ]);
      const fields = types.length === 0 ? {} : { message: Object.fromEntries(found) as object };
      return { body: { indices: types.length === 0 ? [] : ['logs'], fields } };
    }
    if (pathname.startsWith('/_')) return rights(request, privileges);
    return search(types.length === 0 ? [] : lines, JSON.parse(request.body) as Query, given);
  }, troubleOf(given));
}

/** A refusal comes at once, anything else where the lines are asked for. */
function troubleOf({ trouble }: FakeIndex) {
  return ({ url }: Request): Trouble | undefined =>
    typeof trouble === 'number' || url.pathname.endsWith('/_search') ? trouble : undefined;
}

function rights({ url, body }: Request, held: readonly string[] | null): Reply {
  if (held === null) return { status: 403, body: { error: { type: 'security_exception' }, status: 403 } };
  if (url.pathname === '/_plugins/_security/authinfo')
    return { body: { user_name: 'auditor', backend_roles: [], roles: held } };
  if (url.pathname !== '/_security/user/_has_privileges') return { status: 404, body: {} };
  const { index = [], cluster = [] } = JSON.parse(body) as {
    index?: { names: string[]; privileges: string[] }[];
    cluster?: string[];
  };
  const grants = (names: readonly string[]): object =>
    Object.fromEntries(names.map((name) => [name, held.includes(name)]));
  const byIndex = index.flatMap(({ names, privileges }) => names.map((name) => [name, grants(privileges)]));
  return {
    body: { username: 'auditor', cluster: grants(cluster), index: Object.fromEntries(byIndex) as object },
  };
}

function search(lines: readonly StoredLine[], { size, query, aggs }: Query, given: FakeIndex): Reply {
  const found = lines
    .map((line, index) => ({ ...line, index }))
    .filter((line) => query.bool.filter.every((filter) => fits(line, filter)))
    .toSorted((one, other) => one.at - other.at);
  const hits = found.slice(0, size).map(({ at, host, line, index }) => ({
    _index: 'logs',
    _id: String(index),
    fields: { '@timestamp': [String(at)], message: [line], 'host.name': [host] },
    sort: [at],
  }));
  const hours = [...new Set(found.map(({ at }) => Math.floor(at / 3_600_000) * 3_600_000))];
  const buckets = hours.map((key) => ({ key_as_string: new Date(key).toISOString(), key, doc_count: 1 }));
  return {
    body: {
      took: 3,
      timed_out: false,
      _shards: { total: 1, successful: 1, skipped: 0, failed: given.failedShards ?? 0 },
      hits: { max_score: null, hits },
      ...(aggs !== undefined && { aggregations: { hours: { buckets } } }),
    },
  };
}

/** A field of type text is taken apart into words; one that is kept as it is has none. */
function fits({ at, line }: StoredLine, { range, bool, query_string }: Filter): boolean {
  if (range) return at >= range['@timestamp'].gte && at < range['@timestamp'].lt;
  if (query_string) return line.includes(query_string.query);
  return (bool?.should ?? []).some(({ match, wildcard }) => {
    const words = match?.['message']?.split(' ') ?? [];
    const piece = wildcard?.['message']?.value.replaceAll('*', '');
    const tokens = line.split(/[^\w]+/);
    return words.some((word) => tokens.includes(word)) || (piece !== undefined && line.includes(piece));
  });
}
