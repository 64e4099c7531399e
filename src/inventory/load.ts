/** The inventory file to typed values: read, understood, checked, with every mistake at its line. */
import { dirname, resolve } from 'node:path';
import type { CaExpectation, Host, Policy, SourceLocation } from '../model.js';
import { loadPolicyFile, type PolicyFile } from '../policy-file.js';
import { segregationWarnings } from './bastions.js';
import { policyWarnings } from './crosscheck-policy.js';
import { crossProblems } from './crosscheck.js';
import { readTextFile, type FileKind } from './file.js';
import { bastionFrom, hostFrom, type HostContext } from './hosts.js';
import { parseFile } from './parse.js';
import { policyFrom } from './policy.js';
import { byPlace, type Problem } from './problem.js';
import { inventorySchema, type InventoryInput } from './schema.js';
import { warningsOf } from './warnings.js';
import { readYaml, type Path } from './yaml.js';

const KIND: FileKind = {
  what: 'inventory',
  most: 32 * 1024 * 1024,
  ifAbsent: 'give the path of the inventory, or write one with: ssh-scorecard init',
  ifEmpty: 'expected at least hosts: with one entry',
  ifTooLarge: 'split it, or make entries shorter with defaults',
};

/** Control-plane systems as configured, by name; settings are free and hold no secrets. */
type Sources = Readonly<Partial<Record<SourceName, Readonly<Record<string, unknown>>>>>;
type SourceName = keyof NonNullable<InventoryInput['sources']>;

export interface Inventory {
  /** As it was given. */
  readonly path: string;
  /** The file as it was read, byte order mark included: encoded as UTF-8 it has `sha256`. */
  readonly text: string;
  /** SHA-256 of the file's bytes, hex. */
  readonly sha256: string;
  /** Sorted by name, defaults applied, never empty. */
  readonly hosts: readonly Host[];
  /** Named jump hosts that are not audited, sorted by name. */
  readonly bastions: readonly Host[];
  readonly policy: Policy;
  /** Where the policy is from, when it is not in the inventory. */
  readonly policyFile?: Pick<PolicyFile, 'path' | 'text' | 'sha256'>;
  readonly ca: CaExpectation;
  readonly sources: Sources;
  /** Settings of AWS Run Command. */
  readonly ssm?: { readonly cloudwatch_log_group?: string | undefined };
  /** As written; relative ones are relative to the inventory. */
  readonly plugins: readonly string[];
  /** What may be a mistake, in file order. */
  readonly warnings: readonly Problem[];
}

/** A file, or text that is said to come from one (the copy kept with a run). */
type From = string | { readonly path: string; readonly text: string };

/**
 * Loads an inventory, and the policy file it names. Throws `UserError` when a file cannot be read, and
 * `InventoryErrors` with every problem of a file when it can but must not be used.
 *
 * @param options.policy a policy file that wins over what the inventory says, which is then not read
 * @param options.plugins plug-ins are loaded besides those the inventory names: waivers may be of their checks
 * @param options.cwd what a relative path is relative to; default: the process's own folder
 */
export function loadInventory(
  from: From,
  options: { readonly policy?: From; readonly plugins?: boolean; readonly cwd?: string } = {},
): Inventory {
  const { path, text, body, sha256 } = readTextFile(from, KIND, options.cwd);
  const file = readYaml(path, body);
  const more = options.plugins === true;
  const given = parseFile(path, file, inventorySchema, KIND, (value) => crossProblems(value, file, more));
  const location = (at: Path): SourceLocation => {
    const { line = 1, column = 1 } = file.locate(at);
    return { file: path, line, column };
  };
  const { hosts: entries, bastions = [], ca = {}, sources = {}, plugins = [] } = given;
  const declared = new Map([...entries, ...bastions].map(({ name }) => [name.toLowerCase(), name]));
  const base = resolve(options.cwd ?? '', dirname(path));
  // As it was given where that means the same to whoever opens the files beside it.
  const here = options.cwd === undefined || resolve(options.cwd) === resolve('');
  const context: HostContext = { folder: here ? dirname(path) : base, inventory: given, declared };
  const plugged = more || plugins.length > 0;
  const inline = typeof given.policy === 'object' ? given.policy : undefined;
  const policyFile = policyFileOf(base, given.policy, options.policy, plugged);
  const place = { at: ['policy'], plugins: plugged };
  const hosts = entries.map((entry, index) => hostFrom(entry, location(['hosts', index]), context));
  const passed = bastions.map((entry, index) => bastionFrom(entry, location(['bastions', index]), context));
  return {
    path,
    text,
    sha256,
    hosts: [...hosts].sort(byName),
    bastions: [...passed].sort(byName),
    policy: policyFile?.policy ?? policyFrom(inline),
    ...(policyFile && {
      policyFile: { path: policyFile.path, text: policyFile.text, sha256: policyFile.sha256 },
    }),
    ca: {
      trustedUserCaKeys: ca.trusted_user_ca_keys ?? '/etc/ssh/ca/ca_user.pub',
      fingerprints: [...new Set(ca.fingerprints ?? [])],
    },
    sources: withoutAbsent(sources),
    ...(given.ssm && { ssm: given.ssm }),
    plugins,
    warnings: [
      ...[
        ...warningsOf(given, hosts, file),
        ...segregationWarnings(hosts, passed),
        ...(policyFile === undefined && inline !== undefined ? policyWarnings(inline, file, place) : []),
      ].sort(byPlace),
      ...(policyFile?.warnings ?? []),
    ],
  };
}

/** The file that is given wins, then the one the inventory names, relative to its own folder. */
function policyFileOf(
  folder: string,
  named: InventoryInput['policy'],
  given: From | undefined,
  plugins: boolean,
): PolicyFile | undefined {
  if (given !== undefined) return loadPolicyFile(given, { plugins });
  if (typeof named !== 'string') return undefined;
  return loadPolicyFile(resolve(folder, named), { plugins });
}

function withoutAbsent(sources: NonNullable<InventoryInput['sources']>): Sources {
  return Object.fromEntries(Object.entries(sources).filter(([, settings]) => settings !== undefined));
}

function byName(a: Host, b: Host): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
