/**
 * Every flag once. Parsing, help, completion, environment names and the settings file derive from this table.
 * Secrets are never flags.
 */

import { ACCESS } from './options/access.js';
import { AWS } from './options/aws.js';
import { SELECTION } from './options/selection.js';
import { REACH } from './options/reach.js';
import { LIMITS } from './options/limits.js';
import { OUTPUT } from './options/output.js';
import { QUEUE } from './options/queue.js';
import { JUDGEMENT } from './options/judgement.js';
import { GENERAL } from './options/general.js';
import type { OptionSpec } from './options/spec.js';

export type { OptionSpec } from './options/spec.js';

const OPTIONS = {
  ...SELECTION,
  ...ACCESS,
  ...REACH,
  ...LIMITS,
  ...QUEUE,
  ...OUTPUT,
  ...JUDGEMENT,
  ...AWS,
  ...GENERAL,
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof OPTIONS;

type ValueOf<S> = S extends { kind: 'text'; fallback: string }
  ? string
  : S extends { kind: 'text' }
    ? string | undefined
    : S extends { kind: 'switch' }
      ? boolean
      : S extends { kind: 'integer' | 'duration' | 'bytes' }
        ? number
        : S extends { kind: 'choice'; choices: readonly (infer C)[] }
          ? C
          : readonly string[];

/** One value per flag, validated, defaults applied. */
export type Settings = { readonly [K in OptionName]: ValueOf<(typeof OPTIONS)[K]> };

export const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

export function optionSpec(name: OptionName): OptionSpec {
  return OPTIONS[name];
}

/** `first-byte-timeout` -> `SSH_SCORECARD_FIRST_BYTE_TIMEOUT`. */
export function environmentName(name: OptionName): string {
  return `SSH_SCORECARD_${name.toUpperCase().replaceAll('-', '_')}`;
}
