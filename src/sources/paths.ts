/** Paths in `sources:`: relative ones are relative to the inventory, `~/` is the home folder. */
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { SourceContext } from './source.js';

export function pathFrom(path: string, { cwd, env, inventoryPath }: SourceContext): string {
  if (path.startsWith('~/')) return join(env['HOME'] ?? homedir(), path.slice(2));
  return resolve(cwd, dirname(inventoryPath), path);
}
