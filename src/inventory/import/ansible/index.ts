/**
 * An Ansible inventory to ours, as YAML to be reviewed and committed. Vault and Jinja values are not known here: they
 * are named and left out. Nothing is executed and nothing overwritten.
 */
import { Document } from 'yaml';
import { UserError } from '../../../errors.js';
import type { Selection } from '../../select.js';
import { selectHosts } from '../../select.js';
import { entryOf, type Entry } from './entry.js';
import { readAnsibleInventory } from './read.js';
import { hostVariables } from './variables.js';

export interface Imported {
  readonly yaml: string;
  readonly hosts: number;
  /** One sentence each: what was left out, and why. */
  readonly notes: readonly string[];
}

/** What is the same on every host goes to `defaults`, when there are at least this many. */
const WORTH_A_DEFAULT = 2;
/** Notes repeated in the file itself; the rest only on standard error. */
const SHOWN = 50;
const SHARED = [
  'transport',
  'region',
  'port',
  'user',
  'identity_file',
  'jump',
  'proxy_command',
  'environment',
  'allowed_principals',
] as const;

/**
 * @param path INI or YAML file, folder of them, JSON of `ansible-inventory --list`, or `-` for standard input
 * @param selection by name and by tag, where tags are the groups
 * @param cwd what a relative path is relative to
 * @throws UserError at the file and line that cannot be understood
 */
export function importAnsible(path: string, selection: Selection, cwd = ''): Imported {
  const { graph, beside } = readAnsibleInventory(path, cwd);
  const notes = [...graph.notes];
  const entries = hostVariables(graph, beside)
    .map((host) => entryOf(host, (note) => notes.push(note)))
    .filter((entry) => entry !== null);
  if (entries.length === 0)
    throw new UserError('ansible-empty', `${path} names no host`, {
      hint: 'for a dynamic inventory: ansible-inventory --list | ssh-scorecard inventory import ansible -',
    });
  const chosen = selected(entries, selection);
  return { yaml: written(chosen, path, notes), hosts: chosen.length, notes };
}

function selected(entries: readonly Entry[], selection: Selection): Entry[] {
  const hosts = entries.map((entry) => ({
    name: String(entry['name']),
    tags: Array.isArray(entry['tags']) ? entry['tags'].map(String) : [],
    ...(typeof entry['environment'] === 'string' && { environment: entry['environment'] }),
    entry,
  }));
  return selectHosts(hosts, selection).map(({ entry }) => entry);
}

/** Jump hosts that are one plain word: names of ssh_config, which the inventory has to declare. */
function aliasesOf(entries: readonly Entry[]): string[] {
  const names = new Set(entries.map(({ name }) => String(name).toLowerCase()));
  const steps = entries.flatMap(({ jump }) => (Array.isArray(jump) ? jump.map(String) : []));
  return [...new Set(steps)].filter((step) => /^[\w-]+$/.test(step) && !names.has(step.toLowerCase())).sort();
}

function written(entries: readonly Entry[], path: string, notes: readonly string[]): string {
  const defaults: Record<string, unknown> = {};
  for (const key of SHARED) {
    const values = new Set(entries.map((entry) => JSON.stringify(entry[key])));
    const [only] = values;
    if (values.size === 1 && only !== undefined && entries.length >= WORTH_A_DEFAULT)
      defaults[key] = entries[0]?.[key];
  }
  const hosts = entries.map((entry) =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => !(key in defaults))),
  );
  const bastions = aliasesOf(entries).map((name) => ({ name }));
  const document = new Document(
    {
      ...(Object.keys(defaults).length > 0 && { defaults }),
      hosts,
      ...(bastions.length > 0 && { bastions }),
    },
    { aliasDuplicateObjects: false },
  );
  document.commentBefore =
    ` Imported from ${JSON.stringify(path)} by ssh-scorecard inventory import ansible. Review it before you commit it.\n` +
    [
      ' unlisted: true stands where Ansible does not know the principals; put allowed_principals in its place.',
      ...notes.slice(0, SHOWN).map((note) => ` Left out: ${note.replaceAll(/\p{Cc}/gu, ' ')}`),
      ...(notes.length > SHOWN ? [` Left out: ${notes.length - SHOWN} more things`] : []),
    ].join('\n');
  return document.toString({ lineWidth: 110 });
}
