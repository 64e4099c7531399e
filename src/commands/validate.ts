/** `validate`: an inventory's problems, and those of its policy file, line by line. */
import { formatProblem } from '../inventory/problem.js';
import { resolveSettings } from '../settings.js';
import { inventoryAt } from './inventory-at.js';
import type { CommandInput } from './command.js';

export async function validate({ args, flags, io }: CommandInput): Promise<number> {
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  const inventory = inventoryAt(args['inventory'] ?? '', settings, io.cwd);
  if (!settings.quiet)
    for (const warning of [...warnings, ...inventory.warnings.map(formatProblem)])
      io.err(`warning: ${warning}\n`);
  const principals = new Set(inventory.hosts.flatMap((host) => Object.values(host.allowedPrincipals).flat()));
  const { policyFile } = inventory;
  await io.out(
    `${inventory.path}: valid: ${inventory.hosts.length} hosts, ${principals.size} principals\n` +
      (policyFile === undefined ? '' : `${policyFile.path}: valid\n`),
  );
  return 0;
}
