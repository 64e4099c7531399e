/** `sources.certificates`: where the log of issued certificates is. */
import { z } from 'zod';
import { instant, oneOrMore, path } from '../../inventory/fields.js';

const shared = {
  path: oneOrMore(path).describe(
    'A file, a folder, or a path whose last part holds * and ?; relative to the inventory. Gzip is understood.',
  ),
  complete_since: instant
    .describe('Since when the log holds every certificate that was issued. Default: since its first line.')
    .optional(),
  live: z
    .boolean()
    .describe(
      'Written as certificates are issued, so it is complete until now. Default: until its last line.',
    )
    .optional(),
};

const jsonl = z
  .strictObject({ type: z.literal('jsonl'), ...shared })
  .describe('One JSON object a line for every certificate.');

const directory = z
  .strictObject({
    type: z.literal('directory'),
    ...shared,
    recursive: z.boolean().describe('Look into folders below it too, eight levels deep.').optional(),
  })
  .describe('A folder where every issued certificate is kept, under any name.');

const stepCa = z
  .strictObject({ type: z.literal('step-ca'), ...shared })
  .describe('The table ssh_certs of a step-ca database, exported as JSON.');

const vaultAudit = z
  .strictObject({
    type: z.literal('vault-audit'),
    ...shared,
    mounts: oneOrMore(path).describe('Only these mounts. Default: every mount of type ssh.').optional(),
    audit_hash: path
      .describe('Lines of {"input", "hash"}: values and what sys/audit-hash answered for them.')
      .optional(),
  })
  .describe('The audit log of Vault or OpenBao: a file, or a folder with its rotated files.');

export const settings = z.discriminatedUnion('type', [jsonl, directory, stepCa, vaultAudit]);

export type CertificateSettings = z.output<typeof settings>;

/** By type, for the registry. */
export const schemas = { jsonl, directory, 'step-ca': stepCa, 'vault-audit': vaultAudit } as const;
