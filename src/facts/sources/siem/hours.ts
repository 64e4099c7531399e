/** In which hours a store holds any line, from one answer of each kind. Nothing here throws for what a store wrote. */
import type { SourceAnswer } from '../../../model.js';
import { jsonOf, list, member, object, parseJson, text } from '../answers.js';
import { isoTime } from './line.js';

const HOUR = 3_600_000;

type HoursParser = (answer: SourceAnswer) => readonly number[] | null;

/** Source: Loki HTTP API, result type `matrix`: a sample counts the hour that ends with it. Times are in seconds. */
const loki: HoursParser = (answer) => {
  const data = member(jsonOf(answer), 'data');
  if (member(data, 'resultType') !== 'matrix') return null;
  return list(member(data, 'result')).flatMap((series) =>
    list(member(series, 'values')).flatMap((pair) => {
      const [seconds, count] = list(pair);
      return typeof seconds === 'number' && Number(count) > 0 ? [seconds * 1000 - HOUR] : [];
    }),
  );
};

/** Source: Elasticsearch, date histogram aggregation; `key` is in milliseconds. */
const search: HoursParser = (answer) => {
  const body = jsonOf(answer);
  if (member(body, 'timed_out') !== false || member(member(body, '_shards'), 'failed') !== 0) return null;
  const buckets = member(member(member(body, 'aggregations'), 'hours'), 'buckets');
  if (!Array.isArray(buckets)) return null;
  return list(buckets).flatMap((bucket) => {
    const key = member(bucket, 'key');
    return typeof key === 'number' && Number(member(bucket, 'doc_count')) > 0 ? [key] : [];
  });
};

/** Source: Splunk REST API, results of `stats count by _time`. */
const splunk: HoursParser = (answer) => {
  if (answer.encoding !== 'utf8' || answer.status !== 200 || answer.cut) return null;
  const lines = answer.body.split('\n').filter((line) => line.trim() !== '');
  const entries = lines.map((line) => object(parseJson(line)));
  if (entries.some((entry) => entry === null)) return null;
  if (!entries.some((entry) => member(entry, 'lastrow') === true)) return null;
  return entries.flatMap((entry) => {
    if (member(entry, 'preview') === true) return [];
    const time = text(member(member(entry, 'result'), '_time')) ?? '';
    const at = /^\d{9,11}(?:\.\d{1,9})?$/.test(time) ? Number(time) * 1000 : isoTime(time, 0);
    return at === null ? [] : [at];
  });
};

/** Source: CloudWatch Logs Insights, `stats count(*) by bin(1h)`: the field is named as it is asked for. */
const cloudwatch: HoursParser = (answer) => {
  const body = jsonOf(answer);
  if (member(body, 'status') !== 'Complete') return null;
  return list(member(body, 'results')).flatMap((row) => {
    const cell = list(row).find((one) => (text(member(one, 'field')) ?? '').startsWith('bin('));
    const at = isoTime(text(member(cell, 'value')) ?? '', 0);
    return at === null ? [] : [at];
  });
};

const PARSERS: Readonly<Record<string, HoursParser>> = {
  loki,
  elasticsearch: search,
  opensearch: search,
  splunk,
  cloudwatch,
};

/**
 * @param type of the store, as in `sources.siem`.
 * @returns beginnings of hours, milliseconds since the epoch, in ascending order; null: not understood, or not whole.
 */
export function hoursOf(type: string, answer: SourceAnswer): readonly number[] | null {
  const parse = Object.hasOwn(PARSERS, type) ? PARSERS[type] : undefined;
  const found = parse?.(answer) ?? null;
  if (found === null) return null;
  return [...new Set(found.filter(Number.isFinite))].toSorted((one, other) => one - other);
}
