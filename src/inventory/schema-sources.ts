/** The `sources:` section: which control-plane systems to ask. Every `type` has settings of its own. */
import { z } from 'zod';
import { approvalSettings } from '../sources/settings/approvals.js';
import { attestationSettings } from '../sources/settings/attestations.js';
import { missingBeside, settings as certificates } from '../sources/settings/certificates.js';
import { cloudSettings } from '../sources/settings/cloud.js';
import { gitSettings } from '../sources/settings/git.js';
import { peopleSettings } from '../sources/settings/people.js';
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
    people: peopleSettings.describe('Who is here and who has left; read by the guidance alone.').optional(),
    cloud: cloudSettings.optional(),
  })
  .superRefine(({ certificates: log, siem: store, vault: system }, context) => {
    const wrong = log === undefined ? null : missingBeside(log, { siem: store, vault: system });
    if (wrong === null) return;
    const path = ['certificates', ...(wrong.key === '' ? [] : [wrong.key])];
    context.addIssue({ code: 'custom', path, message: wrong.message });
  })
  .describe(
    'Control-plane systems to ask. Each is a mapping with a `type` and settings of its own; no secrets.',
  );
