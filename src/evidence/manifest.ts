/**
 * MANIFEST.sha256: the hash of every other file of a run folder, in the format of sha256sum(1), so that
 * `sha256sum -c MANIFEST.sha256` reads it too.
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import { hashFile, LIMITS, readBounded, sha256, writeWhole } from './files.js';

export const MANIFEST = 'MANIFEST.sha256';
export const SIGNATURE = `${MANIFEST}.sig`;
/** The manifest a gathered run had before it was judged into the folder. */
export const EARLIER_MANIFEST = 'MANIFEST.gathered.sha256';

/** Folders inside folders that a run may have. */
const DEPTH = 2;

export interface Listing {
  /** Relative paths of regular files, sorted; without the manifest and its signature. */
  readonly files: readonly string[];
  /** What has no place in a run folder: links, devices, pipes, deep or countless entries. One sentence each. */
  readonly problems: readonly string[];
}

/** Every file below a run folder. Links are named, never followed. */
export async function listFiles(folder: string): Promise<Listing> {
  const files: string[] = [];
  const problems: string[] = [];
  const walk = async (relative: string, depth: number): Promise<void> => {
    const entries: Dirent[] = await readdir(join(folder, relative), { withFileTypes: true });
    for (const entry of entries) {
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (files.length + problems.length >= LIMITS.entries) return;
      if (entry.isSymbolicLink()) problems.push(`${path} is a symbolic link`);
      else if (entry.isDirectory() && depth < DEPTH) await walk(path, depth + 1);
      else if (entry.isFile()) files.push(path);
      else problems.push(`${path} is neither a file nor a folder of a run`);
    }
  };
  await walk('', 1);
  if (files.length + problems.length >= LIMITS.entries)
    problems.push(`there are more than ${LIMITS.entries} entries`);
  return {
    files: files.filter((path) => path !== MANIFEST && path !== SIGNATURE).sort(byBytes),
    problems,
  };
}

/** Writes the manifest of a run folder. @throws UserError when something in it is no file of a run. */
export async function sealFolder(folder: string): Promise<void> {
  const { files, problems } = await listFiles(folder);
  const bad = problems[0] ?? files.find((path) => !plain(path));
  if (bad !== undefined)
    throw new UserError('run-unsealable', `cannot seal ${folder}: ${bad}`, {
      hint: 'remove what does not belong to the run',
    });
  const lines: string[] = [];
  for (const path of files) lines.push(`${await hashFile(join(folder, path))}  ${path}\n`);
  await writeWhole(join(folder, MANIFEST), lines.join(''));
}

export interface Manifest {
  /** Hash by path. */
  readonly entries: ReadonlyMap<string, string>;
  /** Lines that are no line of a manifest of ours. */
  readonly problems: readonly string[];
}

/** Reads a manifest. Every line that names a path outside the folder, or names one twice, is a problem. Never throws. */
export function parseManifest(text: string): Manifest {
  const entries = new Map<string, string>();
  const problems: string[] = [];
  const lines = text.split('\n');
  if (lines.pop() !== '') problems.push(`${MANIFEST} does not end with a whole line`);
  for (const [index, line] of lines.entries()) {
    if (problems.length > 100) break;
    const [, hash = '', path = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    const at = `${MANIFEST}:${index + 1}`;
    if (path === '') problems.push(`${at} is no line of a manifest`);
    else if (!plain(path)) problems.push(`${at} names a path that no run has: ${path}`);
    else if (entries.has(path)) problems.push(`${at} names ${path} again`);
    else entries.set(path, hash);
  }
  return { entries, problems };
}

/** A relative path of plain names, none of them `.` or `..`. */
function plain(path: string): boolean {
  return (
    path.length <= 512 &&
    path.split('/').every((part) => /^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(part)) &&
    path !== MANIFEST &&
    path !== SIGNATURE
  );
}

export interface Comparison {
  /** Absent: the folder is not sealed. */
  readonly manifest?: { readonly bytes: Buffer; readonly sha256: string };
  /** How many files are as they were sealed. */
  readonly same: number;
  /** Every file that was changed, is missing, or was added, named. */
  readonly problems: readonly string[];
}

/** The folder against its manifest. Rejects only when the folder itself cannot be read. */
export async function compareFolder(folder: string): Promise<Comparison> {
  const listing = await listFiles(folder);
  const problems = [...listing.problems];
  const sealed = await readdir(folder).then((names) => names.includes(MANIFEST));
  if (!sealed) return { same: 0, problems };
  let bytes: Buffer;
  try {
    bytes = await readBounded(join(folder, MANIFEST), LIMITS.text);
  } catch (error) {
    return {
      manifest: { bytes: Buffer.alloc(0), sha256: '' },
      same: 0,
      problems: [...problems, messageOf(error)],
    };
  }
  const { entries, problems: badLines } = parseManifest(bytes.toString('utf8'));
  problems.push(...badLines);
  const present = new Set(listing.files);
  let same = 0;
  for (const [path, expected] of entries) {
    if (!present.has(path)) {
      problems.push(`${path} is missing`);
      continue;
    }
    const found = await hashFile(join(folder, path)).catch(messageOf);
    if (found === expected) same += 1;
    else problems.push(/^[0-9a-f]{64}$/.test(found) ? `${path} was changed` : found);
  }
  for (const path of listing.files) if (!entries.has(path)) problems.push(`${path} was added`);
  return { manifest: { bytes, sha256: sha256(bytes) }, same, problems };
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
