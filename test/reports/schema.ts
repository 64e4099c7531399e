/** Published schemas, kept beside the repository, not in it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface Schema {
  readonly path: string;
  /** What is missing, or null. With SSH_SCORECARD_REQUIRE_ALL=1 reading it fails instead. */
  readonly missing: string | null;
}

export function schema(file: string): Schema {
  const path = fileURLToPath(new URL(`../../../shared/schemas/${file}`, import.meta.url));
  const there = existsSync(path) || process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1';
  return { path, missing: there ? null : `${file} is not at ../shared/schemas` };
}

export function titled({ path, missing }: Schema): string {
  return `${path.split('/').at(-1)}${missing === null ? '' : ` (skipped: ${missing})`}`;
}

export function readSchema({ path }: Schema): Record<string, unknown> {
  return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
}
