/**
 * Runs programs and tells what they said; and writes trees of files.
 */
import { spawn } from 'node:child_process';
import { chmod, chown, lchown, mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { FileSpec } from './types.js';

/** Bytes kept of each output stream. */
const MAX_OUTPUT = 16 * 1024 * 1024;

export interface Ran {
  /** Exit status; -1 after a signal. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Rejects only when it cannot be started or runs into `timeoutMs`. */
export function tryRun(
  program: string,
  args: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<Ran> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`${program} ${args.join(' ')}: still running after ${timeoutMs} ms`));
    }, timeoutMs);
    keep(child.stdout, out);
    keep(child.stderr, err);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({
        status: status ?? -1,
        stdout: Buffer.concat(out).toString('utf8'),
        stderr: Buffer.concat(err).toString('utf8'),
      });
    });
    child.stdin.on('error', () => undefined); // a program that ends without reading is its own business
    child.stdin.end(options.input ?? '');
  });
}

/** Collects output up to MAX_OUTPUT and lets go of the rest: some hosts print for ever. */
function keep(stream: Readable, chunks: Buffer[]): void {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MAX_OUTPUT) chunks.push(chunk);
    bytes += chunk.length;
  });
}

/** Like `tryRun`, but anything but exit status 0 rejects. Resolves with standard output. */
export async function run(
  program: string,
  args: readonly string[],
  options: { input?: string; timeoutMs?: number } = {},
): Promise<string> {
  const ran = await tryRun(program, args, options);
  if (ran.status === 0) return ran.stdout;
  throw new Error(
    `${program} ${args.join(' ')}: exit ${ran.status}: ${(ran.stderr || ran.stdout).trim().slice(-500)}`,
  );
}

/** Writes files below a folder, in order. Modes are exact, whatever the umask. */
export async function writeTree(root: string, files: readonly FileSpec[]): Promise<void> {
  for (const file of files) {
    const path = join(root, file.path);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    if (file.link !== undefined) {
      await symlink(file.link, path);
      await lchown(path, file.uid ?? 0, file.gid ?? 0);
      continue;
    }
    if (file.content === undefined) await mkdir(path, { recursive: true });
    else await writeFile(path, file.content);
    await chown(path, file.uid ?? 0, file.gid ?? 0);
    await chmod(path, file.mode ?? (file.content === undefined ? 0o755 : 0o644));
  }
}

/** Runs `work` on every item, at most `width` at a time. The first rejection rejects, after running work has ended. */
export async function pooled<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let index = next++; index < items.length && failures.length === 0; index = next++) {
      try {
        const item = items[index];
        if (item !== undefined) results[index] = await work(item, index);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, lane));
  if (failures.length > 0) throw failures[0];
  return results;
}
