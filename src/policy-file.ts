/** A policy in a file of its own: read, understood, checked, with every mistake at its line. */
import { policyProblems, policyWarnings } from './inventory/crosscheck-policy.js';
import { readTextFile, type FileKind } from './inventory/file.js';
import { parseFile } from './inventory/parse.js';
import { policyFrom } from './inventory/policy.js';
import type { Problem } from './inventory/problem.js';
import { policySchema } from './inventory/schema-policy.js';
import { readYaml } from './inventory/yaml.js';
import type { Policy } from './model.js';

export interface PolicyFile {
  /** As it was given. */
  readonly path: string;
  /** As it was read: encoded as UTF-8 it has `sha256`. */
  readonly text: string;
  /** SHA-256 of the file's bytes, hex. */
  readonly sha256: string;
  readonly policy: Policy;
  /** What may be a mistake, in file order. */
  readonly warnings: readonly Problem[];
}

const KIND: FileKind = {
  what: 'policy',
  most: 4 * 1024 * 1024,
  ifAbsent: 'give the path of a file with what would stand below policy: in the inventory',
  ifEmpty: 'write {} for the built-in policy',
  ifTooLarge: 'give waivers patterns of hosts and subjects instead of one entry each',
};

/**
 * Loads a policy from a file, or from text that is said to come from one (the copy kept with a run). The file holds
 * what may stand below `policy:` in an inventory, and nothing else. Throws `UserError` when it cannot be read,
 * and `InventoryErrors` (code `policy-invalid`) with every problem when it can but must not be used.
 *
 * @param context.plugins plug-ins may be loaded: a waiver may then name a check that is not one of the ten
 */
export function loadPolicyFile(
  from: string | { readonly path: string; readonly text: string },
  context: { readonly plugins?: boolean } = {},
): PolicyFile {
  const { path, text, body, sha256 } = readTextFile(from, KIND);
  const file = readYaml(path, body);
  const place = { at: [], plugins: context.plugins === true };
  const given = parseFile(path, file, policySchema, KIND, (value) => policyProblems(value, file, place));
  return { path, text, sha256, policy: policyFrom(given), warnings: policyWarnings(given, file, place) };
}
