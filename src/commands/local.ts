/** `--local`: the machine this runs on as one host, with the expectations of an inventory or with none. */
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { Inventory } from '../inventory/load.js';
import { nearest } from '../inventory/suggest.js';
import type { Host } from '../model.js';
import type { Settings } from '../options.js';

/** `--local` without a name. */
const THIS_MACHINE = '*';

/** Probes that only tell something where daemons run and logins happen. */
export const NOT_IN_A_TREE: ReadonlySet<string> = new Set([
  'daemons',
  'logins',
  'logging',
  'sessions',
  'changes',
]);

/** An inventory that knows nothing but the name of this machine. @throws UserError when --local was given a name to look up. */
export function ownInventory(local: string): { readonly path: string; readonly text: string } {
  if (local !== THIS_MACHINE)
    throw new UserError(
      'usage',
      `--local ${local}: a name is looked up in an inventory, and none was given`,
      {
        hint: `ssh-scorecard run INVENTORY --local ${local}, or ssh-scorecard run --local for no inventory`,
      },
    );
  const name = hostname().replaceAll(/[^A-Za-z0-9._-]/g, '-');
  const entry = `  - name: ${JSON.stringify(name)}\n    transport: local\n    unlisted: true\n`;
  return {
    path: 'this-machine.yaml',
    text: `# Made for run --local: no inventory was given.\nhosts:\n${entry}`,
  };
}

export interface LocalRun {
  readonly hosts: readonly Host[];
  readonly settings: Settings;
  readonly warnings: readonly string[];
}

/** @throws UserError for a name the inventory does not have, or a tree that is not there. */
export function localRun(
  inventory: Pick<Inventory, 'hosts' | 'path'>,
  settings: Settings,
  cwd: string,
): LocalRun {
  if (settings['forced-command'] || settings.shard !== undefined)
    throw new UserError('usage', '--local asks no host: leave out --forced-command and --shard');
  if ([...settings.host, ...settings.tag, ...settings.environment].length > 0)
    throw new UserError('usage', '--local NAME picks one host: leave out --host, --tag and --environment');
  const host = hostHere(inventory, settings.local ?? THIS_MACHINE);
  const chosen = { ...settings, host: inventory.hosts.length > 1 ? [host.name] : [] };
  const hosts = [{ ...host, transport: 'local' as const, jump: [] }];
  if (settings.root === undefined) return { hosts, settings: chosen, warnings: [] };
  const root = resolve(cwd, settings.root);
  if (!statSync(root, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError('bad-option', `--root: ${root} is not a folder`);
  return {
    hosts,
    settings: { ...chosen, root },
    warnings: [
      `${host.name} is the file tree ${root}, not a running system: which daemons run, with which settings, and who logged in cannot be known, and no check that needs it can pass`,
    ],
  };
}

function hostHere({ hosts, path }: Pick<Inventory, 'hosts' | 'path'>, wanted: string): Host {
  const own = hostname().toLowerCase();
  const lower = wanted.toLowerCase();
  const only = hosts.length === 1 ? hosts[0] : undefined;
  const found =
    wanted === THIS_MACHINE
      ? (hosts.find(({ name, address }) => [name, address].some((one) => one.toLowerCase() === own)) ??
        hosts.find(({ name }) => name.toLowerCase() === own.split('.')[0]) ??
        (only?.transport === 'local' ? only : undefined))
      : hosts.find(({ name }) => name.toLowerCase() === lower);
  if (found) return found;
  const names = hosts.map(({ name }) => name);
  const near = nearest(wanted === THIS_MACHINE ? own : wanted, names, 1)[0];
  throw new UserError(
    'unknown-host',
    wanted === THIS_MACHINE
      ? `--local: ${path} has no host named like this machine (${own})`
      : `--local: ${path} has no host ${wanted}`,
    { hint: near === undefined ? 'name the entry: --local NAME' : `did you mean --local ${near}?` },
  );
}
