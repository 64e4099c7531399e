/**
 * TypeScript to what runs: few files instead of hundreds, because finding and reading every module by itself is a sixth of
 * what a start takes. What is loaded late stays in files of its own. Packages stay packages, and nothing is minified: what
 * is installed can be read, listed and patched.
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** Read when they are needed; see src/assets.ts. */
const ASSETS = ['collector/probes', 'demo/recordings'];

/**
 * @param entries source files, relative to the root
 * @param folder where everything goes, side by side; relative to the root
 */
export function bundle(entries, folder) {
  buildSync({
    entryPoints: entries,
    outdir: folder,
    bundle: true,
    splitting: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    chunkNames: '[name]-[hash]',
    sourcemap: true,
    logLevel: 'warning',
  });
  for (const asset of ASSETS) cpSync(join('src', asset), join(folder, asset), { recursive: true });
}
