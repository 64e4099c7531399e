/** Settings of `sources.people`. */
import { z } from 'zod';
import { path } from '../../inventory/fields.js';

const csv = z
  .strictObject({
    type: z.literal('csv'),
    path: path.describe(
      'Comma- or semicolon-separated text with a heading: identity, left or status, and also. Relative to the inventory.',
    ),
  })
  .describe('A table of people, as an HR system exports it.');

const yaml = z
  .strictObject({
    type: z.literal('yaml'),
    path: path.describe(
      'YAML or JSON: a list of people, or a mapping with `people`. Relative to the inventory.',
    ),
  })
  .describe('A list of people: identity, left or status, and also.');

export const peopleSettings = z.discriminatedUnion('type', [csv, yaml]);

export type PeopleSettings = z.output<typeof peopleSettings>;

/** By type, for the registry. */
export const schemas = { csv, yaml } as const;
