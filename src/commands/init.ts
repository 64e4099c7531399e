/** `init`: a commented inventory to start from. Never overwrites. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import { INVENTORY_TEMPLATE } from '../inventory/template.js';
import type { CommandInput } from './command.js';

export async function init({ args, io }: CommandInput): Promise<number> {
  const file = args['file'] ?? 'inventory.yaml';
  if (file === '-') {
    await io.out(INVENTORY_TEMPLATE);
    return 0;
  }
  try {
    await writeFile(resolve(io.cwd, file), INVENTORY_TEMPLATE, { flag: 'wx' });
  } catch (error) {
    const exists = (error as NodeJS.ErrnoException).code === 'EEXIST';
    throw new UserError(
      'init-failed',
      exists ? `${file} exists already; it was left alone` : `cannot write ${file}: ${messageOf(error)}`,
      {
        hint: exists
          ? 'name another file: ssh-scorecard init other.yaml'
          : 'choose a folder you may write to',
        cause: error,
      },
    );
  }
  await io.out(`${file} written. Next: edit it, then ssh-scorecard validate ${file}\n`);
  return 0;
}
