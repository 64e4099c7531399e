/** The building blocks of the schema: zod types that explain themselves and publish their rules as JSON Schema. */
import { z } from 'zod';
import { DURATION_PATTERN, formatDuration, parseDuration } from './duration.js';
import { hostKeyProblem } from './host-key.js';
import { quoted } from './problem.js';
import {
  ABSOLUTE_PATH_PATTERN,
  absolutePathProblem,
  ACCOUNT_PATTERN,
  accountProblem,
  ADDRESS_PATTERN,
  addressProblem,
  DAY_OR_INSTANT_PATTERN,
  dayOrInstantProblem,
  FINGERPRINT_PATTERN,
  fingerprintProblem,
  globProblem,
  INSTANT_PATTERN,
  instantProblem,
  jumpProblem,
  lineProblem,
  NAME_PATTERN,
  nameProblem,
  pathProblem,
  PRINCIPAL_PATTERN,
  principalProblem,
  proxyCommandProblem,
  TAG_PATTERN,
  tagProblem,
  type ProblemOf,
} from './values.js';

interface TextRules {
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly examples?: readonly string[];
}

/** Text judged by one function, so that a wrong value gets exactly one explanation. */
function text(problemOf: ProblemOf, rules: TextRules = {}): z.ZodString {
  return z
    .string()
    .superRefine((value, context) => {
      const message = problemOf(value);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .meta({ minLength: 1, ...rules, ...(rules.examples && { examples: [...rules.examples] }) });
}

export const name = text(nameProblem, { pattern: NAME_PATTERN, examples: ['prod-db-01'] });
export const address = text(addressProblem, {
  pattern: ADDRESS_PATTERN,
  examples: ['10.0.4.11', 'db.example.com'],
});
export const account = text(accountProblem, { pattern: ACCOUNT_PATTERN, examples: ['ops'] });
export const principal = text(principalProblem, { pattern: PRINCIPAL_PATTERN, examples: ['adm-full'] });
export const label = text(tagProblem, { pattern: TAG_PATTERN, examples: ['production'] });
export const fingerprint = text(fingerprintProblem, { pattern: FINGERPRINT_PATTERN });
export const hostKey = text(hostKeyProblem, { maxLength: 16_384 });
export const jumpHost = text(jumpProblem, { examples: ['bastion-prod', 'ops@203.0.113.9:2222'] });
export const proxyCommand = text(proxyCommandProblem, {
  maxLength: 4096,
  examples: ['nc -X connect -x proxy:3128 %h %p'],
});
export const absolutePath = text(absolutePathProblem, { pattern: ABSOLUTE_PATH_PATTERN, maxLength: 4096 });
export const path = text(pathProblem, { maxLength: 4096 });
export const hostGlob = text(globProblem, { maxLength: 253, examples: ['web*', 'db[01-12]'] });
export const line = text(lineProblem, { maxLength: 1000 });
export const instant = text(instantProblem, { pattern: INSTANT_PATTERN, examples: ['2027-03-31T00:00:00Z'] });
export const dayOrInstant = text(dayOrInstantProblem, {
  pattern: DAY_OR_INSTANT_PATTERN,
  examples: ['2027-03-31', '2027-03-31T18:00:00Z'],
});

/** A list of the values, or one of them alone. */
export function oneOrMore<T extends z.ZodType>(item: T): z.ZodUnion<readonly [T, z.ZodArray<T>]> {
  return z.union([item, z.array(item)]);
}

/** A whole number within bounds, both included. */
export function wholeNumber(low: number, high: number): z.ZodNumber {
  return z
    .number()
    .superRefine((value, context) => {
      if (Number.isInteger(value) && value >= low && value <= high) return;
      context.addIssue({
        code: 'custom',
        message: `${quoted(value)} is out of bounds: expected a whole number from ${low} to ${high}`,
      });
    })
    .meta({ type: 'integer', minimum: low, maximum: high });
}

/** A duration within bounds, in seconds, both included; stays text until the policy is built. */
export function duration(low: number, high: number): z.ZodString {
  return text(
    (value) => {
      const seconds = parseDuration(value);
      if (seconds === null)
        return `${quoted(value)} is not a duration: expected units w, d, h, m, s as in 48h, 30m, 90d or 1h30m`;
      if (seconds >= low && seconds <= high) return null;
      return `${quoted(value)} is out of bounds: expected ${formatDuration(low)} to ${formatDuration(high)}`;
    },
    { pattern: DURATION_PATTERN, examples: ['48h'] },
  );
}
