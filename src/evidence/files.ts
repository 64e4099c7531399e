/**
 * Files of a run folder, which may come from elsewhere: only regular files are opened, never through a symbolic link,
 * and never more is read than their kind may hold. Written under a temporary name and renamed, 0600.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { lstat, readdir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip } from 'node:zlib';
import { canonicalJson } from './hash.js';

const compress = promisify(gzip);
const expand = promisify(gunzip);
const MiB = 1024 * 1024;
/** Packed bytes that are unpacked at once. */
const SMALL = MiB;
/** How long a write waits for other files to be closed, and how often it looks. Milliseconds. */
const FULL_MS = 60_000;
const FULL_PAUSE_MS = 100;

/** Bytes a kind of file may hold; of `.gz`, packed and unpacked alike. */
export const LIMITS = {
  text: 64 * MiB,
  host: 256 * MiB,
  source: 256 * MiB,
  signature: 64 * 1024,
  /** Any other file: reports. */
  any: 1024 * MiB,
  /** Entries of one run folder. */
  entries: 200_000,
} as const;

/**
 * Opens a regular file for reading; a link, a pipe or a device is an error. At once, as all that is read here: a run
 * folder has one small file for each host, and a turn of the thread pool for every step costs five times as much.
 * @returns its descriptor and size
 */
function openRegular(path: string): { readonly file: number; readonly size: number } {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP')
      throw new Error(`${path} is a symbolic link`, { cause: error });
    throw error;
  }
  const stat = fstatSync(file);
  if (stat.isFile()) return { file, size: stat.size };
  closeSync(file);
  throw new Error(`${path} is not a regular file`);
}

/** The whole file. Rejects when it holds more than `most` bytes, or is no regular file. */
export async function readBounded(path: string, most: number): Promise<Buffer> {
  const { file, size } = openRegular(path);
  try {
    if (size > most) throw new Error(`${path} is larger than ${most} bytes`);
    const bytes = Buffer.alloc(size);
    let filled = 0;
    for (; filled < size;) {
      const count = readSync(file, bytes, filled, size - filled, filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(file);
  }
}

/** SHA-256, hex, of a file of any kind, in constant memory. Rejects beyond {@link LIMITS}.any. */
export async function hashFile(path: string): Promise<string> {
  const { file, size } = openRegular(path);
  try {
    if (size > LIMITS.any) throw new Error(`${path} is larger than a file of a run`);
    const hash = createHash('sha256');
    const chunk = Buffer.allocUnsafe(Math.min(size + 1, 256 * 1024));
    for (let total = 0; total <= LIMITS.any;) {
      const count = readSync(file, chunk, 0, chunk.length, total);
      if (count === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, count));
      total += count;
    }
    throw new Error(`${path} is larger than a file of a run`);
  } finally {
    closeSync(file);
  }
}

/** The JSON in a `.json.gz`. Rejects when packed or unpacked it is larger than `most` bytes. */
export async function readPacked(path: string, most: number): Promise<unknown> {
  const packed = await readBounded(path, most);
  const limit = { maxOutputLength: most };
  const text = packed.length > SMALL ? await expand(packed, limit) : gunzipSync(packed, limit);
  return JSON.parse(text.toString('utf8')) as unknown;
}

export async function writePacked(path: string, value: unknown): Promise<void> {
  await writeWhole(path, await compress(canonicalJson(value)));
}

export async function writeWhole(path: string, bytes: Uint8Array | string | Iterable<string>): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await whenFilesAreFree(() => writeFile(temporary, bytes, { mode: 0o600 }));
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

/** Connections to hosts may hold every file this process may open; they end, so what was gathered can wait for that. */
async function whenFilesAreFree(write: () => Promise<void>): Promise<void> {
  for (let waited = 0; ; waited += FULL_PAUSE_MS) {
    try {
      return await write();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if ((code !== 'EMFILE' && code !== 'ENFILE') || waited >= FULL_MS) throw error;
    }
    await sleep(FULL_PAUSE_MS);
  }
}

/** Names in a folder inside a run folder, sorted; none when it is not there. Rejects when it is no real folder. */
export async function namesIn(folder: string, name: string): Promise<readonly string[]> {
  const path = join(folder, name);
  const found = await lstat(path).catch(() => null);
  if (found === null) return [];
  if (!found.isDirectory()) throw new Error(`${path} is not a folder`);
  return (await readdir(path)).sort();
}

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
