import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { json } from '../../reports/json.js';
import type { FleetReport } from '../../src/model.js';
import { fleet } from '../fixtures/reports/build.js';
import { mixed } from '../fixtures/reports/mixed.js';

const options = { color: 0, width: 80, ascii: false, verbose: false } as const;
const render = (report: FleetReport): string => json.render(report, options);
const published: AnySchemaObject = JSON.parse(
  readFileSync(new URL('../../schema/results.schema.json', import.meta.url), 'utf8'),
);

/** A list of at least one is a tuple with open end, which ajv's strict mode takes for a mistake. */
const strict = { strict: true, strictTuples: false } as const;

/** The same value with every object's keys turned round, except in maps. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, key === 'timings' || key === 'controls' ? inner : reversed(inner)]),
  );
}

describe('json', () => {
  it('equals its golden', async () => {
    await expect(render(mixed)).toMatchFileSnapshot('../golden/reports/results.json');
  });

  it.each([
    ['mixed', mixed],
    ['1 host', fleet(1)],
    ['500 hosts', fleet(500)],
  ])('fits the published schema: %s', (_, report) => {
    const validate = new Ajv2020({ ...strict, allErrors: true }).compile(published);
    const valid = validate(JSON.parse(render(report)));
    expect({ valid, errors: validate.errors }).toEqual({ valid: true, errors: null });
  });

  it('is refused by the published schema when a key is missing or unknown', () => {
    const validate = new Ajv2020(strict).compile(published);
    expect(validate({ ...mixed, surprise: 1 })).toBe(false);
    const { closure: _closure, ...rest } = mixed;
    expect(validate(rest)).toBe(false);
    expect(
      validate({
        ...mixed,
        hosts: [{ ...mixed.hosts[0], results: [{ id: 'x', outcome: { status: 'fail', findings: [] } }] }],
      }),
    ).toBe(false);
  });

  it('is one document that reads back as the same report, ending in one newline', () => {
    const text = render(mixed);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(mixed)));
    expect(text).toMatch(/^\{\n {2}"schemaVersion": 1,\n {2}"tool"[^]*[^\n]\n$/);
  });

  it('has the order of the model, whatever order the keys came in', () => {
    const turned: FleetReport = JSON.parse(JSON.stringify(reversed(mixed)));
    expect(Object.keys(turned)).toEqual(Object.keys(mixed).toReversed());
    expect(render(turned)).toBe(render(mixed));
  });

  it('may be printed to a terminal and a CI log: hostile text is escaped, not changed', () => {
    const text = render(mixed);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    expect(text).not.toMatch(/##(vso|teamcity)?\[/i);
  });
});
