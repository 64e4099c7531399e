/** What changed between two runs, for programs. */
import type { Changes } from '../../src/model.js';
import { fleetReportSchema } from '../../src/results-schema.js';
import { jsonDocument } from '../escape.js';

const schema = fleetReportSchema.shape.changes;

/** The `changes` object of the results schema, its keys in the schema's order. Throws when the value is none. */
export function changesJson(changes: Changes): string {
  return `${jsonDocument(JSON.stringify(schema.parse(changes), null, 2))}\n`;
}
