import { expect, it } from 'vitest';
import type { FleetReport } from '../src/model.js';
import { textOf } from '../src/text-of.js';
import { fleet } from './fixtures/reports/build.js';
import { mixed } from './fixtures/reports/mixed.js';
import { formats } from './helpers/formats.js';

const options = { color: 0, width: 120, ascii: false, verbose: true } as const;
const none: FleetReport = { ...mixed, hosts: [] };

it.each(
  Object.values(formats).flatMap((kind) => [
    [kind.id, 'of a mixed fleet', kind, mixed] as const,
    [kind.id, 'of 300 hosts', kind, fleet(300)] as const,
    [kind.id, 'of no host', kind, none] as const,
  ]),
)('%s %s: the pieces are the text', (_id, _of, kind, report) => {
  expect([...textOf(kind, report, options)].join('')).toBe(kind.render(report, options));
});

it('the JSON of a large fleet never stands in memory whole', () => {
  const chunks = [...textOf(formats['json'] ?? expect.fail(), fleet(500), options)];
  expect(chunks.length).toBeGreaterThan(3);
  expect(Math.max(...chunks.map(({ length }) => length))).toBeLessThan(400 * 1024);
  expect(JSON.parse(chunks.join(''))).toEqual(fleet(500));
});
