/** `validate`: an inventory's problems, line by line. */
import { loadInventory } from '../inventory/load.js';
import { formatProblem } from '../inventory/problem.js';
import type { CommandInput } from './table.js';

export async function validate({ args, flags, io }: CommandInput): Promise<number> {
  const inventory = loadInventory(args['inventory'] ?? '');
  if (!flags['quiet'])
    for (const warning of inventory.warnings) io.err(`warning: ${formatProblem(warning)}\n`);
  const principals = new Set(inventory.hosts.flatMap((host) => Object.values(host.allowedPrincipals).flat()));
  await io.out(`${inventory.path}: valid: ${inventory.hosts.length} hosts, ${principals.size} principals\n`);
  return 0;
}
