/** `--baseline`. */
import { resolve } from 'node:path';
import { baselineOf } from '../evidence/siblings.js';
import type { Baseline } from '../model.js';
import type { Settings } from '../options.js';

/** `--baseline`: a run folder, or none; undefined: the newest like this one. @throws UserError */
export async function baselineFor(
  settings: Pick<Settings, 'baseline'>,
  cwd: string,
): Promise<Baseline | null | undefined> {
  if (settings.baseline === undefined) return undefined;
  return settings.baseline === 'none' ? null : baselineOf(resolve(cwd, settings.baseline));
}
