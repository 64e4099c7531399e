/** `schema`: the published JSON Schemas. */
import { readFile } from 'node:fs/promises';
import { packagePaths } from '../assets.js';
import { UserError } from '../errors.js';
import type { CommandInput } from './command.js';

const KINDS = ['inventory', 'policy', 'results'];

export async function schema({ args, io }: CommandInput): Promise<number> {
  const kind = args['kind'] ?? 'inventory';
  if (!KINDS.includes(kind))
    throw new UserError('usage', `schema: expected ${KINDS.join(' or ')}, got "${kind}"`);
  for (const path of packagePaths(`schema/${kind}.schema.json`)) {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text !== null) {
      await io.out(text);
      return 0;
    }
  }
  throw new UserError('schema-missing', `schema/${kind}.schema.json is missing from this installation`, {
    hint: 'reinstall ssh-scorecard',
  });
}
