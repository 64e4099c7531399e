/** Settings of `sources.git`. */
import { z } from 'zod';
import { oneOrMore, path, line } from '../../inventory/fields.js';

export const gitSettings = z
  .strictObject({
    type: z.literal('git').describe('A Git repository.'),
    repository: path
      .describe('The repository. Relative to the inventory. Default: the one the inventory file is in.')
      .optional(),
    remote: line
      .describe(
        'The remote that is the central repository. Default: the upstream of the branch, else origin.',
      )
      .optional(),
    branch: line
      .describe(
        'The branch of the central repository. Default: the upstream of the branch that is checked out.',
      )
      .optional(),
    allowed_signers: path
      .describe('OpenSSH allowed signers file for commits signed with SSH keys. Relative to the inventory.')
      .optional(),
    signed_off_by: oneOrMore(line)
      .describe(
        'Author names or addresses whose commit may declare closure. Absent: anybody with a good signature.',
      )
      .optional(),
  })
  .describe('The Git repository that holds this inventory: tracked, committed, pushed, and signed off.');

export type GitSettings = z.output<typeof gitSettings>;
