/** The Git commit a file was read at, for the record of a run. */
import { basename, dirname, resolve } from 'node:path';
import { gitIn } from '../sources/git/commands.js';

/**
 * The commit that is checked out around a tracked file; `+` at the end when the file has changes that are not in it.
 * Undefined when it is not tracked, or Git is not there.
 */
export async function commitOf(
  path: string,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<string | undefined> {
  const file = resolve(cwd, path);
  const git = gitIn(dirname(file), {
    env,
    cwd,
    inventoryPath: path,
    now: new Date(),
    signal: AbortSignal.timeout(20_000),
  });
  const head = await git(['rev-parse', '--verify', 'HEAD']);
  const commit = head.stdout.toString('utf8').trim();
  if (head.status !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  const tracked = await git(['ls-files', '--error-unmatch', '--', basename(file)]);
  if (tracked.status !== 0) return undefined;
  const changes = await git(['status', '--porcelain', '--', basename(file)]);
  return changes.stdout.length === 0 && changes.status === 0 ? commit : `${commit}+`;
}
