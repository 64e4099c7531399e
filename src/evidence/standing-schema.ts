/** The shape of standing.json.gz and baseline.json.gz, for files that come from a folder. */
import { z } from 'zod';
import { fleetReportSchema } from '../results-schema.js';

const report = fleetReportSchema.shape;
const historyPoint = report.history.element;

/** Standing of the model. */
export const standingSchema = z.strictObject({
  schema: z.literal(1),
  point: historyPoint,
  hosts: z.record(
    z.string(),
    z.strictObject({
      reached: z.boolean(),
      score: z.number(),
      hostKey: z.string().exactOptional(),
      checks: z.record(
        z.string(),
        z.strictObject({
          status: z.enum(['pass', 'fail', 'unknown', 'waived']),
          since: z.string(),
          subjects: z.array(z.string()).exactOptional(),
          guidance: z.literal(true).exactOptional(),
        }),
      ),
      access: report.hosts.element.shape.access,
    }),
  ),
});

/** Baseline of the model. */
export const baselineSchema = z.strictObject({
  standing: standingSchema,
  history: z.array(historyPoint),
});
