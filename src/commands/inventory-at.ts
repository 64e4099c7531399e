/** The inventory a command is given, with `--policy` and `--plugin` as they were asked for. */
import { resolve } from 'node:path';
import { loadInventory, type Inventory } from '../inventory/load.js';
import type { Settings } from '../options.js';

/** @throws UserError for everything that is wrong with it, or with the policy. */
export function inventoryAt(
  source: Parameters<typeof loadInventory>[0],
  { policy, plugin }: Pick<Settings, 'policy' | 'plugin'>,
  cwd: string,
): Inventory {
  return loadInventory(source, {
    ...(policy !== undefined && { policy: resolve(cwd, policy) }),
    plugins: plugin.length > 0,
    cwd,
  });
}
