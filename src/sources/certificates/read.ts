/** One file of a log, line by line, within bounds; gzip by its first two bytes, whatever the name. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { SourceFailure } from '../../model.js';
import type { LogFile } from './find.js';

/** Longer lines are passed over and counted. Bytes. */
const MAX_LINE = 1 << 20;

export interface ReadLimits {
  /** Bytes read from one file, after decompression. A larger plain file is read from its end. */
  readonly bytes: number;
  /** Bytes of one line. */
  readonly line?: number;
  readonly signal: AbortSignal;
}

export interface Line {
  /** From 1; counted from where reading began. */
  readonly number: number;
  /** Null: longer than a line may be. */
  readonly text: string | null;
}

/** What is true once every line was taken. */
export interface ReadEnd {
  cut?: 'start' | 'end';
  bytes: number;
}

/** @throws what the file system or zlib throws; lines before that were given. */
export async function* readLines(path: string, limits: ReadLimits, end: ReadEnd): AsyncGenerator<Line> {
  // Not to block on a FIFO that took the file's place.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Error('not a regular file');
    const magic = Buffer.alloc(2);
    await handle.read(magic, 0, 2, 0);
    const zipped = magic[0] === 0x1f && magic[1] === 0x8b;
    const start = !zipped && stat.size > limits.bytes ? stat.size - limits.bytes : 0;
    if (stat.size === 0) return;
    // A log may grow while it is read: what comes after now is the next run's.
    const raw = handle.createReadStream({ start, end: stat.size - 1, autoClose: false });
    const unzip = zipped ? createGunzip() : null;
    // Errors reach the loop below through the stream it reads; nothing may reach nobody.
    raw.on('error', (error) => unzip?.destroy(error));
    unzip?.on('error', () => undefined);
    const bytes: AsyncIterable<Buffer> = unzip ? raw.pipe(unzip) : raw;
    if (start > 0) end.cut = 'start';
    let skipFirst = start > 0;
    try {
      for await (const line of split(bytes, limits, end)) {
        if (!skipFirst) yield line;
        skipFirst = false;
      }
    } finally {
      unzip?.destroy();
      raw.destroy();
    }
  } finally {
    await handle.close();
  }
}

async function* split(
  chunks: AsyncIterable<Buffer>,
  { bytes: most, line: longest = MAX_LINE, signal }: ReadLimits,
  end: ReadEnd,
): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let held = 0;
  let number = 0;
  const take = (): Line => {
    number += 1;
    const text = held > longest ? null : Buffer.concat(parts).toString('utf8').replace(/\r$/, '');
    parts = [];
    held = 0;
    return { number, text };
  };
  const hold = (piece: Buffer): void => {
    held += piece.length;
    if (held <= longest) parts.push(piece);
    else parts = [];
  };
  for await (const chunk of chunks) {
    if (signal.aborted) throw new Error('reading was cancelled');
    end.bytes += chunk.length;
    let at = 0;
    for (let next = chunk.indexOf(10); next !== -1; next = chunk.indexOf(10, at)) {
      hold(chunk.subarray(at, next));
      yield take();
      at = next + 1;
    }
    hold(chunk.subarray(at));
    if (end.bytes > most) {
      end.cut = 'end';
      return;
    }
  }
  if (held > 0) yield take();
}

/** A whole file. Null, with a failure, when there is more than `most` bytes of it. @throws as {@link readLines}. */
export async function wholeText(
  file: LogFile,
  most: number,
  signal: AbortSignal,
  failures: SourceFailure[],
  end: ReadEnd = { bytes: 0 },
): Promise<string | null> {
  const parts: string[] = [];
  for await (const { text } of readLines(file.path, { bytes: most, line: most, signal }, end))
    parts.push(text ?? '');
  if (end.cut === undefined) return parts.join('\n');
  failures.push({ code: 'too-much', detail: `${file.name} has more than ${most} bytes` });
  return null;
}
