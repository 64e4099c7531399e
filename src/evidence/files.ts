/**
 * Files of a run folder, which may come from elsewhere: only regular files are opened, never through a symbolic link,
 * and never more is read than their kind may hold. Written under a temporary name and renamed, 0600.
 */
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, readdir, rename, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { canonicalJson } from './hash.js';

const compress = promisify(gzip);
const expand = promisify(gunzip);
const MiB = 1024 * 1024;

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

/** Opens a regular file for reading; a link, a pipe or a device is an error. */
async function openRegular(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP')
      throw new Error(`${path} is a symbolic link`, { cause: error });
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error(`${path} is not a regular file`);
}

/** The whole file. Rejects when it holds more than `most` bytes, or is no regular file. */
export async function readBounded(path: string, most: number): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > most) throw new Error(`${path} is larger than ${most} bytes`);
    const bytes = Buffer.alloc(size);
    let filled = 0;
    for (; filled < size;) {
      const { bytesRead } = await handle.read(bytes, filled, size - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

/** SHA-256, hex, of a file of any kind, in constant memory. Rejects beyond {@link LIMITS}.any. */
export async function hashFile(path: string): Promise<string> {
  const handle = await openRegular(path);
  try {
    if ((await handle.stat()).size > LIMITS.any) throw new Error(`${path} is larger than a file of a run`);
    const hash = createHash('sha256');
    const chunk = Buffer.alloc(256 * 1024);
    for (let total = 0; total <= LIMITS.any;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, total);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(chunk.subarray(0, bytesRead));
      total += bytesRead;
    }
    throw new Error(`${path} is larger than a file of a run`);
  } finally {
    await handle.close();
  }
}

/** The JSON in a `.json.gz`. Rejects when packed or unpacked it is larger than `most` bytes. */
export async function readPacked(path: string, most: number): Promise<unknown> {
  const text = await expand(await readBounded(path, most), { maxOutputLength: most });
  return JSON.parse(text.toString('utf8')) as unknown;
}

export async function writePacked(path: string, value: unknown): Promise<void> {
  await writeWhole(path, await compress(canonicalJson(value)));
}

export async function writeWhole(path: string, bytes: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes, { mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
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
