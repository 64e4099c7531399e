/** Loki's query_range over lines it is given: one line filter, and lines counted by the hour. Source: Loki HTTP API. */
import { serve, type Served, type Troubles } from './serve.js';
import type { StoredLine } from './lines.js';

const COUNTED = /^sum\(count_over_time\((\{.*\}) \[1h\]\)\)$/;
const FILTERED = /^(\{.*\}) \|([=~]) "(.*)"$/;

/** @param selector the only one that selects them; every one when absent. */
export function fakeLoki(
  lines: readonly StoredLine[],
  trouble?: Troubles,
  selector?: string,
): Promise<Served> {
  return serve(({ url }) => {
    const asked = url.searchParams.get('query') ?? '';
    const [start, end] = ['start', 'end'].map((name) => BigInt(url.searchParams.get(name) ?? '0')) as [
      bigint,
      bigint,
    ];
    const [, counted] = COUNTED.exec(asked) ?? [];
    const [, filtered, kind, words = ''] = FILTERED.exec(asked) ?? [];
    const selected = counted ?? filtered;
    if (selected === undefined)
      return { status: 400, headers: { 'content-type': 'text/plain' }, body: 'parse error : syntax error' };
    const held = selector === undefined || selector === selected ? lines : [];
    if (counted !== undefined)
      return answer('matrix', matrix(held, start, end, Number(url.searchParams.get('step'))));
    const fits =
      kind === '=' ? (line: string) => line.includes(words) : new RegExp(words).test.bind(new RegExp(words));
    const limit = Number(url.searchParams.get('limit') ?? '100');
    const found = held
      .filter(({ at, line }) => nanos(at) >= start && nanos(at) < end && fits(line))
      .toSorted((one, other) => one.at - other.at)
      .slice(0, limit);
    const hosts = [...new Set(found.map(({ host }) => host))];
    const result = hosts.map((host) => ({
      stream: { job: 'sshd', host },
      values: found.filter((one) => one.host === host).map(({ at, line }) => [String(nanos(at)), line]),
    }));
    return answer('streams', result);
  }, trouble);
}

function nanos(at: number): bigint {
  return BigInt(at) * 1_000_000n;
}

function answer(resultType: string, result: unknown): { readonly body: object } {
  return { body: { status: 'success', data: { resultType, result, stats: {} } } };
}

/** Samples of an instant count what the hour before it holds; without any there is no series. */
function matrix(lines: readonly StoredLine[], start: bigint, end: bigint, step: number): object[] {
  const values: [number, string][] = [];
  for (let at = start; at <= end; at += BigInt(step) * 1_000_000_000n) {
    const count = lines.filter(
      (one) => nanos(one.at) > at - 3_600_000_000_000n && nanos(one.at) <= at,
    ).length;
    if (count > 0) values.push([Number(at / 1_000_000n) / 1000, String(count)]);
  }
  return values.length === 0 ? [] : [{ metric: {}, values }];
}
