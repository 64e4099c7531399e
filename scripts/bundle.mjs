/**
 * TypeScript to what runs: few files instead of hundreds, because finding and reading every module by itself is a sixth of
 * what a start takes. What is loaded late stays in files of its own. Packages stay packages, and nothing is minified: what
 * is installed can be read, listed and patched.
 */
import { cpSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Read when they are needed; see src/assets.ts. */
const ASSETS = ['collector/probes', 'demo/recordings'];

/**
 * @param entries source files, relative to the root
 * @param folder where everything goes, side by side; relative to the root, or absolute
 */
export function bundle(entries, folder) {
  buildSync({
    absWorkingDir: ROOT,
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
  for (const asset of ASSETS)
    cpSync(join(ROOT, 'src', asset), resolve(ROOT, folder, asset), { recursive: true });
}
