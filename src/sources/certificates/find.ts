/** Which files a certificate log consists of. Nothing is opened here. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { messageOf } from '../../errors.js';
import type { SourceFailure } from '../../model.js';
import { matchPattern } from '../../openssh/glob.js';

const MAX_FILES = 20_000;
const MAX_DEPTH = 8;

export interface LogFile {
  /** Absolute. */
  readonly path: string;
  /** As findings show it: relative to the inventory's folder when it lies below. */
  readonly name: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
}

export interface Found {
  /** Newest first, by the time of last change. */
  readonly files: readonly LogFile[];
  readonly failures: readonly SourceFailure[];
}

/** @param paths absolute; the last part may hold * and ?. @param options.base the inventory's folder, for names. */
export async function findFiles(
  paths: readonly string[],
  options: { readonly base: string; readonly recursive: boolean },
): Promise<Found> {
  const files = new Map<string, LogFile>();
  const failures: SourceFailure[] = [];
  const add = async (path: string, depth: number): Promise<void> => {
    if (files.size >= MAX_FILES) return;
    const found = await stat(path);
    if (found.isFile())
      files.set(path, {
        path,
        name: nameOf(path, options.base),
        size: found.size,
        modified: found.mtimeMs,
      });
    else if (found.isDirectory()) await addFolder(path, depth);
    else if (depth === 0) throw new Error('neither a file nor a folder');
  };
  const addFolder = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue;
      // A link to a folder could lead in circles.
      if (entry.isDirectory() && (!options.recursive || depth >= MAX_DEPTH)) continue;
      if (!entry.isDirectory() && !entry.isFile() && !entry.isSymbolicLink()) continue;
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink() && !(await stat(path).catch(() => null))?.isFile()) continue;
      await guarded(path, () => add(path, depth + 1));
    }
  };
  const guarded = async (path: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (failures.length < 50) failures.push(failureOf(nameOf(path, options.base), error));
    }
  };
  for (const path of paths) {
    await guarded(path, async () => {
      if (!/[*?]/.test(basename(path))) return add(path, 0);
      const folder = dirname(path);
      const names = (await readdir(folder)).filter((name) => matchPattern(name, basename(path)));
      if (names.length === 0) throw new Error('no file matches');
      for (const name of names) await guarded(join(folder, name), () => add(join(folder, name), 1));
    });
  }
  if (files.size >= MAX_FILES)
    failures.push({ code: 'too-much', detail: `only the first ${MAX_FILES} files were looked at` });
  const newestFirst = [...files.values()].sort(
    (a, b) => b.modified - a.modified || (a.path < b.path ? -1 : 1),
  );
  return { files: newestFirst, failures };
}

function nameOf(path: string, base: string): string {
  const near = relative(base, path);
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near;
}

export function failureOf(name: string, error: unknown): SourceFailure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (code === 'ENOENT')
    return {
      code: 'not-found',
      detail: `${name} does not exist`,
      hint: 'Correct sources.certificates.path.',
    };
  if (code === 'EACCES' || code === 'EPERM')
    return {
      code: 'denied',
      detail: `${name} may not be read`,
      hint: 'Give this user the right to read it, or a copy.',
    };
  return { code: 'bad-answer', detail: `${name}: ${messageOf(error)}` };
}
