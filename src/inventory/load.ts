/** The inventory file to typed values: read, understood, checked, with every mistake at its line. */
import { closeSync, openSync, readSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { messageOf, UserError } from '../errors.js';
import type { CaExpectation, Host, Policy, SourceLocation } from '../model.js';
import { crossProblems } from './crosscheck.js';
import { bastionFrom, hostFrom, type HostContext } from './hosts.js';
import { problemsOf } from './issues.js';
import { policyFrom } from './policy.js';
import { byPlace, InventoryErrors, type Problem } from './problem.js';
import { inventorySchema, type InventoryInput } from './schema.js';
import { warningsOf } from './warnings.js';
import { readYaml, type Path, type YamlFile } from './yaml.js';

const MAX_BYTES = 32 * 1024 * 1024;
const CHUNK = 256 * 1024;
const BYTE_ORDER_MARK = '\uFEFF';

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
  readonly ca: CaExpectation;
  readonly sources: Sources;
  /** As written; relative ones are relative to the inventory. */
  readonly plugins: readonly string[];
  /** What may be a mistake, in file order. */
  readonly warnings: readonly Problem[];
}

/**
 * Loads an inventory from a file, or from text that is said to come from one (the copy kept with a run). Throws
 * {@link UserError} when it cannot be read, and {@link InventoryErrors} with every problem when it can but must
 * not be used.
 */
export function loadInventory(from: string | { readonly path: string; readonly text: string }): Inventory {
  const path = typeof from === 'string' ? from : from.path;
  const bytes = typeof from === 'string' ? readBytes(from) : Buffer.from(from.text, 'utf8');
  if (bytes.length > MAX_BYTES) throw tooLarge(path);
  const text = decode(path, bytes);
  const file = readYaml(path, text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text);
  const given = check(path, file);
  const location = (at: Path): SourceLocation => {
    const { line = 1, column = 1 } = file.locate(at);
    return { file: path, line, column };
  };
  const { hosts: entries, bastions = [], ca = {}, sources = {}, plugins = [] } = given;
  const declared = new Map([...entries, ...bastions].map(({ name }) => [name.toLowerCase(), name]));
  const context: HostContext = { file: path, inventory: given, declared };
  const hosts = entries.map((entry, index) => hostFrom(entry, location(['hosts', index]), context));
  return {
    path,
    text,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    hosts: [...hosts].sort(byName),
    bastions: bastions
      .map((entry, index) => bastionFrom(entry, location(['bastions', index]), context))
      .sort(byName),
    policy: policyFrom(given.policy),
    ca: {
      trustedUserCaKeys: ca.trusted_user_ca_keys ?? '/etc/ssh/ca/ca_user.pub',
      fingerprints: [...new Set(ca.fingerprints ?? [])],
    },
    sources: withoutAbsent(sources),
    plugins,
    warnings: warningsOf(given, hosts, file).sort(byPlace),
  };
}

/** The typed content, or every problem at once. A schema problem says more than a YAML oddity at its place. */
function check(path: string, file: YamlFile): InventoryInput {
  if (file.value === undefined) throw new InventoryErrors(path, file.problems);
  if (file.value === null && file.problems.length === 0) {
    throw new UserError('inventory-empty', `the inventory ${path} is empty`, {
      hint: 'expected at least hosts: with one entry',
    });
  }
  const parsed = inventorySchema.safeParse(file.value);
  if (parsed.success && file.problems.length === 0) {
    const problems = crossProblems(parsed.data, file);
    if (problems.length === 0) return parsed.data;
    throw new InventoryErrors(path, problems);
  }
  const found = parsed.success ? [] : problemsOf(parsed.error.issues, file, inventorySchema);
  const told = new Set(found.map(({ at }) => `${at.line}:${at.column}`));
  throw new InventoryErrors(path, [
    ...found,
    ...file.problems.filter(({ at }) => !told.has(`${at.line}:${at.column}`)),
  ]);
}

function decode(path: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const before = new TextDecoder('utf-8').decode(bytes).split('\uFFFD', 1)[0] ?? '';
    const utf16 = bytes[0] === 0xff || bytes[0] === 0xfe;
    throw new UserError('inventory-encoding', `the inventory ${path} is not UTF-8 text`, {
      hint: utf16 ? 'it looks like UTF-16: save it as UTF-8' : 'save it as UTF-8',
      at: { file: path, line: before.split('\n').length },
    });
  }
}

/** Never more than the limit, whatever kind of file it is and whatever size it claims. */
function readBytes(path: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const chunks: Buffer[] = [];
    for (let total = 0; total <= MAX_BYTES;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      total += count;
      chunks.push(chunk.subarray(0, count));
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(path: string, error: unknown): UserError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known: Readonly<Record<string, readonly [string, string]>> = {
    ENOENT: ['does not exist', 'give the path of the inventory, or write one with: ssh-scorecard init'],
    EACCES: ['may not be read', 'check its owner and mode'],
    EPERM: ['may not be read', 'check its owner and mode'],
    EISDIR: ['is a directory', 'give the path of the file in it'],
    ENOTDIR: ['is below something that is not a directory', 'check the path'],
  };
  const [what, hint] = known[code] ?? [`cannot be read: ${messageOf(error)}`, 'check the path'];
  return new UserError('inventory-unreadable', `the inventory ${path} ${what}`, { hint, cause: error });
}

function tooLarge(path: string): UserError {
  return new UserError('inventory-too-large', `the inventory ${path} is larger than 32 MiB`, {
    hint: 'split it, or make entries shorter with defaults',
  });
}

function withoutAbsent(sources: NonNullable<InventoryInput['sources']>): Sources {
  return Object.fromEntries(Object.entries(sources).filter(([, settings]) => settings !== undefined));
}

function byName(a: Host, b: Host): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
