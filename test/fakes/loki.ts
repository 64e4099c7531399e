/** Loki's query_range over lines it is given. Source: Loki HTTP API. */
import { serve, type Served, type Trouble } from './serve.js';
import type { StoredLine } from './lines.js';

export function fakeLoki(lines: readonly StoredLine[], trouble?: Trouble): Promise<Served> {
  return serve(({ url }) => {
    const [start, end] = ['start', 'end'].map((name) => BigInt(url.searchParams.get(name) ?? '0')) as [
      bigint,
      bigint,
    ];
    const limit = Number(url.searchParams.get('limit') ?? '100');
    const found = lines
      .filter(({ at }) => BigInt(at) * 1_000_000n >= start && BigInt(at) * 1_000_000n < end)
      .toSorted((one, other) => one.at - other.at)
      .slice(0, limit);
    const hosts = [...new Set(found.map(({ host }) => host))];
    const result = hosts.map((host) => ({
      stream: { job: 'sshd', host },
      values: found.filter((one) => one.host === host).map(({ at, line }) => [`${at}000000`, line]),
    }));
    return { body: { status: 'success', data: { resultType: 'streams', result, stats: {} } } };
  }, trouble);
}
