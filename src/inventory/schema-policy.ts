/**
 * The policy, in the inventory or in a file of its own: thresholds, emergency keys, waivers and attestations.
 * Defaults are in src/policy.ts.
 */
import { z } from 'zod';
import { ATTESTATION_KINDS } from '../model.js';
import {
  absolutePath,
  account,
  dayOrInstant,
  duration,
  fingerprint,
  hostGlob,
  instant,
  line,
  wholeNumber,
} from './fields.js';
import { guidanceSchema } from './schema-guidance.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

const emergencyKey = z
  .strictObject({
    fingerprint: fingerprint.describe(
      'SHA256 fingerprint of the key, as `ssh-keygen -lf FILE.pub` prints it.',
    ),
    hosts: z
      .array(hostGlob)
      .describe('Hosts it may be installed on, by name or pattern. Absent: every host.')
      .optional(),
    accounts: z.array(account).describe('Accounts it may open. Absent: any account.').optional(),
    expires: instant
      .describe(
        'Date and time with zone after which it counts as a static key again. Break-glass keys are rotated quarterly.',
      )
      .optional(),
  })
  .describe('A static key that may exist for break-glass (directive 4.3).');

const limits = (who: string, fail: string, warn: string) =>
  z
    .strictObject({
      fail: duration(60, 366 * DAY)
        .describe(`Certificates valid for longer fail the check. Default: ${fail}.`)
        .optional(),
      warn: duration(60, 366 * DAY)
        .describe(
          `Certificates valid for longer are remarked on. Default: ${warn}, or the fail limit when that is shorter.`,
        )
        .optional(),
    })
    .describe(`Longest certificate lifetime of ${who}.`)
    .optional();

const lifetimes = z
  .strictObject({
    adm: limits('administrators', '48h', '48h'),
    agt: limits('agents', '24h', '24h'),
    atm: limits('automations', '24h', '8h'),
    tolerance: duration(0, HOUR)
      .describe(
        'Added to every limit: issuers backdate the start (ssh-keygen by up to 2 minutes, Vault by 30 s). 0s to 1h. Default: 5m.',
      )
      .optional(),
    sample: wholeNumber(1, 100_000)
      .describe('How many of the most recently issued certificates are judged. Default: 100.')
      .optional(),
  })
  .describe('Limits on certificate lifetimes. A duration is a number with w, d, h, m or s: 48h, 30m, 90d.');

const requirements = z
  .strictObject({
    sso: z.boolean().describe('People must log in through single sign-on (Okta, Google).').optional(),
    session_recording: z
      .boolean()
      .describe('Sessions must be recorded, or be held in an audited web client.')
      .optional(),
    just_in_time_approval: z.boolean().describe('Access must be approved per request.').optional(),
    workload_identity: z.boolean().describe('Agents need built-in machine or workload identity.').optional(),
    central_policy_engine: z.boolean().describe('Compliance demands a central policy engine.').optional(),
  })
  .describe(
    'Needs of section 6.2 that native OpenSSH does not meet. Any true one is a reason to switch tooling. Default: all false.',
  );

const waiver = z
  .strictObject({
    check: z
      .string()
      .meta({ minLength: 1, examples: ['no-static-keys'] })
      .describe('The check whose failure is accepted, by id.'),
    hosts: z.array(hostGlob).min(1).describe('Hosts it holds for, by name or pattern; ["*"] for all.'),
    subjects: z
      .array(line)
      .describe(
        'The findings it covers, by subject as reports print it; "*" and "?" are wildcards. Absent: every finding of that check.',
      )
      .optional(),
    owner: line.describe('Who has to remove the cause.'),
    approver: line.describe('Who accepted the risk. Neither the owner nor the author.'),
    author: line.describe('Who asked for it, when that is somebody else than the owner.').optional(),
    reason: line.describe('Why it is accepted.'),
    expires: dayOrInstant.describe(
      'When the acceptance ends: a day, which is included whole (UTC), or a date and time with zone.',
    ),
  })
  .describe('An accepted failure. It is shown apart, stays a failure, and never counts towards 10/10.');

const attestation = z
  .strictObject({
    kind: z
      .enum(ATTESTATION_KINDS)
      .describe(
        'What is attested. mfa-at-issuance, for the guidance: people get a certificate only after a second factor.',
      ),
    subject: line.describe('What it is about: a CA fingerprint, the path of a wrapper, a procedure.'),
    by: line.describe('Who attests it.'),
    date: dayOrInstant.describe('When: a day (it holds from 00:00 UTC), or a date and time with zone.'),
    expires: dayOrInstant.describe(
      'Until when it holds: a day, which is included whole (UTC), or a date and time with zone.',
    ),
    evidence: line.describe('Where the record is: a ticket, a commit, a document.'),
  })
  .describe('A dated statement of a person, with an end, for what no machine can see.');

const ticketPattern = z
  .string()
  .min(1)
  .max(200)
  .refine(isPattern, 'expected a regular expression, for example [A-Z]+-[0-9]+')
  .describe(
    'Finds the ticket in a key ID, as a regular expression: [A-Z]+-[0-9]+. The access report shows what it finds.',
  );

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}

const algorithm = z
  .string()
  .max(64)
  .regex(
    /^[\x21-\x2b\x2d-\x7e]+$/,
    'expected one name of an algorithm as ssh -Q prints it, for example ssh-rsa, or a pattern with *: *-cbc',
  )
  .meta({ examples: ['hmac-sha1*'] });

const algorithms = z
  .strictObject({
    allow: z
      .array(algorithm)
      .describe('Accepted, though the built-in rules refuse or do not know them. Default: none.')
      .optional(),
    deny: z
      .array(algorithm)
      .describe('Refused, though the built-in rules accept them. Wins over allow. Default: none.')
      .optional(),
  })
  .describe('Key exchanges, host keys, ciphers and MACs an SSH server may offer, for the guidance.');

export const policySchema = z
  .strictObject({
    emergency_keys: z.array(emergencyKey).describe('Static keys that may exist. Default: none.').optional(),
    lifetimes: lifetimes.optional(),
    krl: z
      .enum(['required', 'optional'])
      .describe(
        'required: RevokedKeys must be set on every host. optional: it must be sound where it is set. Default: optional.',
      )
      .optional(),
    principals_file: absolutePath
      .describe('The only value AuthorizedPrincipalsFile may have. Default: /etc/ssh/auth_principals/%u.')
      .optional(),
    password_as_second_factor: z
      .boolean()
      .describe(
        'Accept a password asked for after a public key (AuthenticationMethods publickey,password). Default: false.',
      )
      .optional(),
    wrappers: z
      .array(absolutePath)
      .describe(
        'Programs agents and automations must go through. Default: /usr/local/bin/atm-wrapper.sh and /usr/local/bin/ops-ssh-wrapper.',
      )
      .optional(),
    login_window_days: wholeNumber(1, 366)
      .describe('How many days of login logs are judged. Default: 14.')
      .optional(),
    requirements: requirements.optional(),
    waivers: z.array(waiver).describe('Accepted failures. Default: none.').optional(),
    waiver_max_days: wholeNumber(1, 366)
      .describe('A waiver that ends more than this many days after the run is not accepted. Default: 90.')
      .optional(),
    attestations: z
      .array(attestation)
      .describe('Statements of people. Passes that rest on one say so. Default: none.')
      .optional(),
    ticket_pattern: ticketPattern.optional(),
    access_omit: z
      .array(z.enum(['addresses', 'commands', 'reasons']))
      .describe(
        'What the access report leaves out of what it knows of people: where they came from, the arguments of what they ran, why they were let in. Default: nothing.',
      )
      .optional(),
    algorithms: algorithms.optional(),
    guidance: guidanceSchema.optional(),
  })
  .describe('Thresholds and accepted exceptions.');

export type PolicyInput = z.output<typeof policySchema>;

/** The JSON Schema of a policy file as written, for editors (draft 2020-12). */
export function policyJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(policySchema, { io: 'input', target: 'draft-2020-12' });
  return { $schema, title: 'ssh-scorecard policy', ...rest };
}
