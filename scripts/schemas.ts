/** Writes schema/*.schema.json from the zod schemas; with `--check` says which are out of date and exits with 1. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { inventoryJsonSchema } from '../src/inventory/schema.js';
import { policyJsonSchema } from '../src/inventory/schema-policy.js';
import { resultsJsonSchema } from '../src/results-schema.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Path below the project to the text the file must have, formatted as the project formats JSON. */
async function schemaFiles(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const schemas = {
    inventory: inventoryJsonSchema(),
    policy: policyJsonSchema(),
    results: resultsJsonSchema(),
  };
  for (const [name, schema] of Object.entries(schemas)) {
    const path = `schema/${name}.schema.json`;
    const style = await resolveConfig(join(ROOT, path));
    files.set(path, await format(JSON.stringify(schema), { ...style, parser: 'json' }));
  }
  return files;
}

function current(path: string): string | null {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return null;
  }
}

const stale = [...(await schemaFiles())].filter(([path, text]) => current(path) !== text);
if (process.argv.includes('--check')) {
  for (const [path] of stale)
    process.stderr.write(`${path} is not what the code says; run: npm run schemas\n`);
  if (stale.length > 0) process.exitCode = 1;
} else {
  mkdirSync(join(ROOT, 'schema'), { recursive: true });
  for (const [path, text] of stale) writeFileSync(join(ROOT, path), text);
  for (const [path] of stale) process.stdout.write(`${path} written\n`);
}
