/** `merge`: shards and interrupted runs into one run folder. Prints it. */
import { resolve } from 'node:path';
import { terminal } from '../../reports/escape.js';
import { UserError } from '../errors.js';
import { commonSelection, mergeRuns } from '../evidence/merge.js';
import { openRunFolder } from '../evidence/read.js';
import { hostsOf } from '../inventory/select.js';
import { resolveSettings } from '../settings.js';
import { checkKey, folderInventory, shownPath, signIfAsked } from './fleet.js';
import { DEFAULT_BASE } from './gather.js';
import type { CommandInput } from './command.js';

/** Hosts that are named; the rest are counted. */
const SHOWN = 20;

/** @returns 0 when every host is there, 3 when some are missing. */
export async function merge({ words, flags, io }: CommandInput): Promise<number> {
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  if (settings.sign !== undefined) checkKey(resolve(io.cwd, settings.sign));
  const folders = words.map((word) => resolve(io.cwd, word));
  const twice = folders.find((folder, index) => folders.indexOf(folder) !== index);
  if (twice !== undefined) throw new UserError('usage', `${twice} is given twice`);
  const runs = [];
  for (const folder of folders) runs.push(await openRunFolder(folder));
  const [first] = runs;
  if (!first)
    throw new UserError('usage', 'an argument is missing', { hint: 'see ssh-scorecard merge --help' });
  const inventory = folderInventory(first, true);
  const selection = commonSelection(runs.map(({ record }) => record.run));
  const expected = hostsOf(inventory.hosts, selection).map(({ name }) => name);
  const base = resolve(io.cwd, settings.evidence ?? DEFAULT_BASE);
  const { folder, missing, notes } = await mergeRuns(runs, inventory, expected, base);
  if (!settings.quiet) for (const note of [...warnings, ...notes]) io.err(`warning: ${terminal(note)}\n`);
  await io.out(`${shownPath(folder, io.cwd)}\n`);
  await signIfAsked(folder, settings, io);
  const code = missing.length === 0 ? 0 : 3;
  const named = missing.slice(0, SHOWN).join(', ');
  const more = missing.length > SHOWN ? `, and ${missing.length - SHOWN} more` : '';
  io.err(
    `merged: ${expected.length - missing.length} of ${expected.length} hosts from ${runs.length} runs${missing.length > 0 ? `; missing: ${named}${more}` : ''} (exit ${code})\n`,
  );
  return code;
}
