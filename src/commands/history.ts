/** `history`: the runs of a folder, one line each. */
import { resolve } from 'node:path';
import { historyJson } from '../../reports/history/json.js';
import { historyTable } from '../../reports/history/table.js';
import { inOrder } from '../compare/history.js';
import { readRuns } from '../compare/read.js';
import { resolveSettings } from '../settings.js';
import { ownFormat } from './compare-input.js';
import { renderOptions } from './drawing.js';
import type { CommandInput } from './command.js';

/** @returns 0. @throws UserError when no run of the folder can be read. */
export async function history({ args, flags, io }: CommandInput): Promise<number> {
  const resolved = resolveSettings(flags, io.env, io.cwd);
  const { settings, warnings } = resolved;
  const format = ownFormat(resolved, ['table', 'json']);
  const { points, unreadable } = await readRuns(resolve(io.cwd, args['folder'] ?? ''));
  if (!settings.quiet) for (const warning of warnings) io.err(`warning: ${warning}\n`);
  const all = inOrder(points);
  const shown = settings.last === 0 ? all : all.slice(-settings.last);
  const found = { points: shown, earlier: all.length - shown.length, unreadable };
  await io.out(format === 'json' ? historyJson(found) : historyTable(found, renderOptions(settings, io)));
  return 0;
}
