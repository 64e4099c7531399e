import type { FleetReport, Report } from '../src/model.js';
import { fleetReportSchema } from '../src/results-schema.js';
import { jsonDocument } from './escape.js';

/**
 * The whole report as one JSON document: keys in the model's order whatever order the caller built them in
 * (maps, `timings` and `controls`, keep theirs),
 * two blanks of indent, a newline at the end. Reading it back gives an equal FleetReport.
 * Throws when the value is not a FleetReport: what is published always fits the published schema.
 */
export const json: Report = {
  id: 'json',
  title: 'The whole report, for programs (schema/results.schema.json)',
  mediaType: 'application/json',
  render(report: FleetReport): string {
    return `${jsonDocument(JSON.stringify(fleetReportSchema.parse(report), null, 2))}\n`;
  },
};
