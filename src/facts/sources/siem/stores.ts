/** Rows of the answers of each kind of store. Nothing here throws for what a store wrote. */
import type { SourceAnswer } from '../../../model.js';
import { jsonOf, list, member, object, parseJson, text, type Json } from '../answers.js';
import { integer, isoTime } from './line.js';
import { INSIGHTS_LIMIT } from './names.js';

/** One line as a store returned it. */
interface Row {
  readonly line: string;
  /** Milliseconds since the epoch. */
  readonly at: number | null;
  readonly host: string | null;
  readonly pid: number;
  /** Identifies the row in its store: pages may overlap. */
  readonly key: string;
}

export interface Rows {
  readonly rows: readonly Row[];
  /** Why the answer may not be all of it. */
  readonly problems: readonly string[];
}

type StoreParser = (
  answer: SourceAnswer,
  settings: Readonly<Record<string, unknown>>,
  zone: number | null,
) => Rows;

const UNUSABLE: Rows = { rows: [], problems: ['an answer could not be understood'] };

function setting(settings: Readonly<Record<string, unknown>>, key: string, otherwise: string): string {
  const value = settings[key];
  return typeof value === 'string' ? value : otherwise;
}

/** Source: Loki HTTP API, `GET /loki/api/v1/query_range`, result type `streams`. */
export const loki: StoreParser = (answer, settings) => {
  const data = member(jsonOf(answer), 'data');
  const streams = member(data, 'result');
  if (member(data, 'resultType') !== 'streams' || !Array.isArray(streams)) return UNUSABLE;
  const label = setting(settings, 'host_label', 'host');
  const problems = new Set<string>();
  const rows = list(streams).flatMap((stream) => {
    const labels = member(stream, 'stream');
    const host = text(member(labels, label));
    const identity = JSON.stringify(labels ?? null);
    return list(member(stream, 'values')).flatMap((pair): Row[] => {
      const [nanos, line] = list(pair);
      if (typeof nanos !== 'string' || !/^\d{1,20}$/.test(nanos) || typeof line !== 'string') {
        problems.add('a line without time or text was returned');
        return [];
      }
      return [
        { line, at: Number(BigInt(nanos) / 1_000_000n), host, pid: -1, key: `${nanos} ${identity} ${line}` },
      ];
    });
  });
  return { rows, problems: [...problems] };
};

/** Source: Elasticsearch and OpenSearch, `POST /INDEX/_search` with `fields`. */
export const search: StoreParser = (answer, settings) => {
  const body = jsonOf(answer);
  const hits = member(member(body, 'hits'), 'hits');
  if (!Array.isArray(hits)) return UNUSABLE;
  const problems = new Set<string>();
  if (member(body, 'timed_out') !== false) problems.add('the search ran into its own time limit');
  if (member(member(body, '_shards'), 'failed') !== 0) problems.add('some shards did not answer');
  const rows = list(hits).flatMap((hit): Row[] => {
    const fields = member(hit, 'fields');
    const first = (key: string, otherwise: string): Json | undefined =>
      list(member(fields, setting(settings, key, otherwise)))[0];
    const line = first('message_field', 'message');
    const time = first('time_field', '@timestamp');
    const at = typeof time === 'string' || typeof time === 'number' ? Math.floor(Number(time)) : Number.NaN;
    if (typeof line !== 'string' || !Number.isFinite(at)) {
      problems.add('a document without message or time was returned');
      return [];
    }
    const key = `${text(member(hit, '_index')) ?? ''}/${text(member(hit, '_id')) ?? ''}`;
    const host = text(first('host_field', 'host.name'));
    return [{ line, at, host, pid: integer(first('pid_field', 'process.pid')) ?? -1, key }];
  });
  return { rows, problems: [...problems] };
};

/** Source: Splunk REST API, `search/v2/jobs/export` with `output_mode=json`: one object a line, the last has `lastrow`. */
export const splunk: StoreParser = (answer, settings, zone) => {
  if (answer.encoding !== 'utf8' || answer.status !== 200) return UNUSABLE;
  const problems = new Set<string>();
  const field = setting(settings, 'host_field', 'host');
  let finished = false;
  const rows = answer.body.split('\n').flatMap((line, index): Row[] => {
    if (line.trim() === '') return [];
    const entry = object(parseJson(line));
    if (entry === null) {
      problems.add('an answer could not be understood');
      return [];
    }
    for (const message of list(member(entry, 'messages'))) {
      const kind = text(member(message, 'type')) ?? '';
      if (/^(?:ERROR|FATAL|WARN)$/i.test(kind))
        problems.add(`Splunk says ${kind}: ${(text(member(message, 'text')) ?? '').slice(0, 200)}`);
    }
    if (member(entry, 'preview') === true) return [];
    if (member(entry, 'lastrow') === true) finished = true;
    const result = member(entry, 'result');
    const raw = text(member(result, '_raw'));
    if (raw === null) return [];
    const time = text(member(result, '_time')) ?? '';
    const at = /^\d{9,11}(?:\.\d{1,9})?$/.test(time) ? Math.floor(Number(time) * 1000) : isoTime(time, zone);
    return [
      {
        line: raw,
        at,
        host: text(member(result, field)),
        pid: -1,
        key: text(member(result, '_cd')) ?? `line ${index}`,
      },
    ];
  });
  if (!finished) problems.add('the answer ended before its last row');
  return { rows, problems: [...problems] };
};

/** Source: CloudWatch Logs API, GetQueryResults. Its times are UTC without saying so. */
const cloudwatch: StoreParser = (answer, settings) => {
  const body = jsonOf(answer);
  const results = member(body, 'results');
  if (member(body, 'status') !== 'Complete' || !Array.isArray(results)) return UNUSABLE;
  const field = setting(settings, 'host_field', '@logStream');
  const rows = list(results).map((row): Row => {
    const value = (name: string): string | null =>
      text(
        member(
          list(row).find((one) => member(one, 'field') === name),
          'value',
        ),
      );
    return {
      line: value('@message') ?? '',
      at: isoTime(value('@timestamp') ?? '', 0),
      host: value(field),
      pid: -1,
      key: value('@ptr') ?? '',
    };
  });
  const full = rows.length >= INSIGHTS_LIMIT ? ['more lines of one second than a query returns'] : [];
  return { rows, problems: full };
};

const PARSERS: Readonly<Record<string, StoreParser>> = {
  loki,
  elasticsearch: search,
  opensearch: search,
  splunk,
  cloudwatch,
};

/** @param type as in `sources.siem`. @returns null for one that is not known. */
export function parserOf(type: string): StoreParser | null {
  return (Object.hasOwn(PARSERS, type) ? PARSERS[type] : null) ?? null;
}
