/** The compiled command line: what is in dist when it is up to date, else a build of its own. */
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface BuiltCli {
  /** The compiled cli.js. */
  readonly path: string;
  remove(): void;
}

/** tsc needs the loader of no test runner: what is measured and starved is the program alone. */
export async function builtCli(): Promise<BuiltCli> {
  const ready = join(ROOT, 'dist/src/cli.js');
  if (existsSync(ready) && newest(['src', 'checks', 'reports']) < statSync(ready).mtimeMs)
    return { path: ready, remove: () => undefined };
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-build-'));
  const dist = join(folder, 'dist');
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  // Types are the type check's business: what compiles runs.
  await run(process.execPath, [compiler, '-p', join(ROOT, 'tsconfig.json'), '--outDir', dist]).catch(
    () => undefined,
  );
  for (const part of ['src/collector/probes', 'src/demo/recordings'])
    cpSync(join(ROOT, part), join(dist, part), { recursive: true });
  for (const part of ['node_modules', 'package.json', 'schema'])
    symlinkSync(join(ROOT, part), join(folder, part));
  return {
    path: join(dist, 'src/cli.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
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
