import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hoursOf } from '../../../../src/facts/sources/siem/hours.js';
import type { SourceAnswer } from '../../../../src/model.js';

const HOUR = 3_600_000;
const AT = Date.parse('2026-11-20T12:00:00Z');

function answer(body: string | object, more: Partial<SourceAnswer> = {}): SourceAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    asked: '',
    at: '',
    status: 200,
    body: text,
    encoding: 'utf8',
    bytes: text.length,
    cut: false,
    sha256: '',
    ...more,
  };
}
const loki = (values: unknown) => ({ data: { resultType: 'matrix', result: [{ metric: {}, values }] } });
const search = (buckets: unknown, more: object = {}) => ({
  timed_out: false,
  _shards: { failed: 0 },
  aggregations: { hours: { buckets } },
  ...more,
});
const splunk = (...rows: readonly object[]) => rows.map((row) => JSON.stringify(row)).join('\n');

test.each<[string, string | object, readonly number[]]>([
  [
    'loki',
    loki([
      [AT / 1000, '3'],
      [AT / 1000 + 3600, '0'],
    ]),
    [AT - HOUR],
  ],
  ['loki', { data: { resultType: 'matrix', result: [] } }, []],
  [
    'elasticsearch',
    search([
      { key: AT, doc_count: 2 },
      { key: AT - HOUR, doc_count: 1 },
    ]),
    [AT - HOUR, AT],
  ],
  ['opensearch', search([]), []],
  [
    'splunk',
    splunk(
      { preview: false, result: { _time: '2026-11-20T13:00:00.000+01:00', count: '2' } },
      { preview: false, result: { _time: String(AT / 1000 + 3600), count: '2' } },
      { preview: true, result: { _time: String(AT / 1000 + 7200), count: '2' } },
      { preview: false, lastrow: true },
    ),
    [AT, AT + HOUR],
  ],
  [
    'cloudwatch',
    {
      status: 'Complete',
      results: [
        [
          { field: 'bin(1h)', value: '2026-11-20 12:00:00.000' },
          { field: 'count(*)', value: '4' },
        ],
      ],
    },
    [AT],
  ],
])('%s: %j', (type, body, hours) => {
  expect(hoursOf(type, answer(body))).toEqual(hours);
});

test.each<[string, string | object, Partial<SourceAnswer>]>([
  ['loki', { data: { resultType: 'streams', result: [] } }, {}],
  ['loki', loki([]), { cut: true }],
  ['loki', loki([]), { status: 500 }],
  ['elasticsearch', search([], { timed_out: true }), {}],
  ['elasticsearch', search([], { _shards: { failed: 1 } }), {}],
  ['elasticsearch', { hits: {} }, {}],
  ['splunk', splunk({ preview: false, result: { _time: '2026-11-20T12:00:00Z' } }), {}],
  ['splunk', '{"lastrow":true}\nnot JSON', {}],
  ['cloudwatch', { status: 'Failed', results: [] }, {}],
  ['graylog', {}, {}],
  ['__proto__', {}, {}],
])('%s: %j is not whole', (type, body, more) => {
  expect(hoursOf(type, answer(body, more))).toBeNull();
});

test('any answer is read without throwing', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('loki', 'elasticsearch', 'splunk', 'cloudwatch'),
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.jsonValue().map((value) => JSON.stringify(loki(value))),
        fc.jsonValue().map((value) => JSON.stringify(search(value))),
        fc.jsonValue().map((value) => JSON.stringify({ status: 'Complete', results: value })),
      ),
      (type, body) => {
        const hours = hoursOf(type, answer(body));
        expect(hours === null || hours.every(Number.isFinite)).toBe(true);
      },
    ),
    { seed: 20_261_121, numRuns: 500 },
  );
});
