/** The `sources:` section: which control-plane systems to ask. Every `type` has settings of its own. */
import { z } from 'zod';
import { approvalSettings } from '../sources/settings/approvals.js';
import { attestationSettings } from '../sources/settings/attestations.js';
import { settings as certificates } from '../sources/settings/certificates.js';
import { gitSettings } from '../sources/settings/git.js';
import { settings as siem } from '../sources/settings/siem.js';
import { settings as pipeline } from '../sources/settings/pipeline.js';
import { settings as vault } from '../sources/settings/vault.js';

export const sourcesSchema = z
  .strictObject({
    vault: vault.optional(),
    siem: siem.optional(),
    git: gitSettings.optional(),
    pipeline: pipeline.optional(),
    certificates: certificates.describe('The log of issued certificates.').optional(),
    attestations: attestationSettings.optional(),
    approvals: approvalSettings
      .describe('Who approved which access, and why; read by the access report alone.')
      .optional(),
  })
  .describe(
    'Control-plane systems to ask. Each is a mapping with a `type` and settings of its own; no secrets.',
  );
