/** Settings of `sources.attestations`. */
import { z } from 'zod';
import { oneOrMore, path } from '../../inventory/fields.js';

export const attestationSettings = z
  .strictObject({
    type: z.literal('files').describe('Files with statements.'),
    path: oneOrMore(path).describe(
      'Files or folders with statements, YAML or JSON. Relative to the inventory. A folder is read with its subfolders.',
    ),
    allowed_signers: path
      .describe(
        'OpenSSH allowed signers file: a statement FILE with FILE.sig beside it is verified with `ssh-keygen -Y verify -n ssh-scorecard-attestation`. Relative to the inventory.',
      )
      .optional(),
    require_signature: z
      .boolean()
      .describe(
        'Count only statements with a good signature, of their file or of its last Git commit. Default: false.',
      )
      .optional(),
  })
  .describe('Signed-off statements of people, kept as files in the ops repository.');

export type AttestationSettings = z.output<typeof attestationSettings>;
