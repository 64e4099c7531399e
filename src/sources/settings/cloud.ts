/** Settings of `sources.cloud`. */
import { z } from 'zod';

export const cloudSettings = z
  .strictObject({
    type: z
      .literal('aws')
      .describe('The environment of this run, and the credentials and config files of the AWS CLI.'),
  })
  .describe(
    'A look at the auditor’s own cloud credentials, for the guidance: whether a key never expires. No system is asked, and no secret is kept.',
  );

export type CloudSettings = z.output<typeof cloudSettings>;
