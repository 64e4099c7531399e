/** What `audit`, `closure` and others do first: open a run folder, with the inventory, policy and checks it is judged with. */
import { resolve } from 'node:path';
import { openRunFolder, type RunFolder } from '../evidence/read.js';
import type { Inventory } from '../inventory/load.js';
import type { Io } from '../io.js';
import type { RunInfo } from '../model.js';
import type { Settings } from '../options.js';
import { tuneForHosts } from '../tuning.js';
import { folderInventory, selectedChecks, selectionOf } from './fleet.js';
import { loadParts, parseNow, type Parts } from './setup.js';

export interface SavedRun {
  readonly run: RunFolder;
  readonly inventory: Inventory;
  /** The run's own selection of checks, unless another is asked for. */
  readonly selection: RunInfo['selection'];
  readonly parts: Parts;
  readonly now: Date;
}

/** Nothing outside the folder is read but --policy and --plugin. @throws UserError */
export async function openSaved(path: string, settings: Settings, io: Io): Promise<SavedRun> {
  const run = await openRunFolder(resolve(io.cwd, path));
  const policy = settings.policy === undefined ? undefined : resolve(io.cwd, settings.policy);
  const inventory = folderInventory(run, settings.plugin.length > 0, policy);
  tuneForHosts(inventory.hosts.length);
  const own = run.record.run.selection;
  const narrowed = settings.check.length + settings['skip-check'].length > 0 || settings['no-guidance'];
  const { hosts, tags, environments } = own;
  const selection = narrowed ? { ...selectionOf(settings), hosts, tags, environments } : own;
  return {
    run,
    inventory,
    selection,
    parts: await loadParts({ ...settings, ...selectedChecks(selection) }, [], io.cwd),
    now: parseNow(settings.now) ?? new Date(run.record.run.now),
  };
}
