/** The compiled command line: what is in dist when it is up to date, else one build a run of the tests. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { runFolder } from './run-folder.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** A build takes seconds; on a loaded machine more. */
const PATIENCE_MS = 120_000;

/**
 * Path of a cli.js that is no older than the sources. It starts in half the time of the sources behind a loader, and
 * what is measured and starved is the program alone.
 */
export async function builtCli(): Promise<string> {
  const ready = join(ROOT, 'dist/src/cli.js');
  if (existsSync(ready) && newest(['src', 'checks', 'reports']) < statSync(ready).mtimeMs) return ready;
  const folder = join(runFolder(), 'build');
  if (claimed(folder)) await build(folder);
  const end = Date.now() + PATIENCE_MS;
  while (!existsSync(join(folder, 'dist'))) {
    if (Date.now() > end) throw new Error(`nobody built the command line in ${folder}: npm run build`);
    await sleep(50);
  }
  return join(folder, 'dist/src/cli.js');
}

/** Whether this process is the one that makes the folder. */
function claimed(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

async function build(folder: string): Promise<void> {
  const making = join(folder, 'making');
  await run(process.execPath, [join(ROOT, 'scripts/build.mjs'), making]);
  for (const part of ['node_modules', 'package.json', 'schema'])
    symlinkSync(join(ROOT, part), join(folder, part));
  renameSync(making, join(folder, 'dist'));
}

/** Milliseconds since the epoch of the youngest file below. */
function newest(folders: readonly string[]): number {
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
  return Math.max(...files);
}
