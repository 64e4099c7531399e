import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import type { CheckMeta, FailureCode, FleetReport, Framework } from '../src/model.js';
import { fleetReportSchema, resultsJsonSchema } from '../src/results-schema.js';

/** Readonly dropped, and the lists of names that the schema leaves open turned into strings. */
type Open<T> = T extends
  FailureCode | CheckMeta['needs']['host'][number] | CheckMeta['needs']['fleet'][number]
  ? string
  : T extends CheckMeta['controls']
    ? Record<string, string[]>
    : T extends readonly [infer First, ...(infer Rest)[]]
      ? [Open<First>, ...Open<Rest>[]]
      : T extends readonly (infer Item)[]
        ? Open<Item>[]
        : T extends object
          ? { -readonly [Key in keyof T]: Open<T[Key]> }
          : T;

describe('results schema', () => {
  it('has the keys and types of FleetReport, no more and no fewer', () => {
    expectTypeOf<Open<z.output<typeof fleetReportSchema>>>().toEqualTypeOf<Open<FleetReport>>();
    expectTypeOf<Framework>().toExtend<string>();
  });

  it('is what schema/results.schema.json publishes', () => {
    const published: unknown = JSON.parse(
      readFileSync(new URL('../schema/results.schema.json', import.meta.url), 'utf8'),
    );
    expect(resultsJsonSchema()).toEqual(published);
  });
});
