/** One folder for a whole run of the tests, for what several files share. Made and removed by vitest's own process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'SSH_SCORECARD_TEST_RUN';

/** vitest's `globalSetup`, called once a project: the first makes the folder. What it returns is done at the end. */
export default function setup(): () => void {
  if (process.env[NAME] !== undefined) return () => undefined;
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-run-'));
  process.env[NAME] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}

/** The folder, in a test's own process, which inherits its name. */
export function runFolder(): string {
  const folder = process.env[NAME];
  if (folder === undefined) throw new Error(`${NAME} is not set: vitest.config.ts must name run-folder.ts`);
  return folder;
}
