/** Settings of `sources.approvals`. */
import { z } from 'zod';
import { line, oneOrMore, path } from '../../inventory/fields.js';

const shared = {
  path: oneOrMore(path).describe(
    'A file, a folder, or a path whose last part holds * and ?; relative to the inventory. Gzip is understood.',
  ),
};

const jsonl = z
  .strictObject({ type: z.literal('jsonl'), ...shared })
  .describe(
    'One JSON object a line for every approval: requester, approver, reason, hosts, principals, from, until.',
  );

const teleport = z
  .strictObject({ type: z.literal('teleport'), ...shared })
  .describe('Access requests of Teleport: the output of `tctl requests ls --format=json`.');

const webhook = z
  .strictObject({
    type: z.literal('webhook'),
    ...shared,
    fields: z
      .strictObject({
        requester: line.optional(),
        approver: line.optional(),
        state: line.optional(),
        reason: line.optional(),
        ticket: line.optional(),
        hosts: line.optional(),
        principals: line.optional(),
        from: line.optional(),
        until: line.optional(),
        id: line.optional(),
      })
      .describe(
        'Where each part stands in an event, as a path with dots: `data.user.email`. Default: its own name.',
      )
      .optional(),
    approved: z
      .array(line)
      .min(1)
      .describe('Values of the state that mean approved. Default: approved, granted, accepted.')
      .optional(),
  })
  .describe('Events a ticket or chat system posted, saved as JSON: a list, or one object a line.');

export const approvalSettings = z.discriminatedUnion('type', [jsonl, teleport, webhook]);

export type ApprovalSettings = z.output<typeof approvalSettings>;

/** By type, for the registry. */
export const schemas = { jsonl, teleport, webhook } as const;
