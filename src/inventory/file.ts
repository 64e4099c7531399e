/** Files people write, to text: bounded, UTF-8, and every way it can go wrong in one line. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { messageOf, UserError } from '../errors.js';

const CHUNK = 256 * 1024;
const MiB = 1024 * 1024;
const BYTE_ORDER_MARK = '\uFEFF';

/** Which kind of file it is: the word in messages and error codes, how large it may be, what to do when it is not there. */
export interface FileKind {
  readonly what: 'inventory' | 'policy';
  /** Bytes. */
  readonly most: number;
  readonly ifAbsent: string;
  readonly ifEmpty: string;
  readonly ifTooLarge: string;
}

export interface TextFile {
  readonly path: string;
  /** As it was read, byte order mark included: encoded as UTF-8 it has `sha256`. */
  readonly text: string;
  /** Without a byte order mark. */
  readonly body: string;
  /** Of the bytes, hex. */
  readonly sha256: string;
}

/**
 * A file, or text that is said to come from one (the copy kept with a run).
 * @param cwd what a relative path is relative to; messages name it as it was given
 * @throws UserError
 */
export function readTextFile(
  from: string | { readonly path: string; readonly text: string },
  kind: FileKind,
  cwd = '',
): TextFile {
  const path = typeof from === 'string' ? from : from.path;
  const bytes = typeof from === 'string' ? readBytes(from, kind, cwd) : Buffer.from(from.text, 'utf8');
  if (bytes.length > kind.most) {
    throw new UserError(
      `${kind.what}-too-large`,
      `the ${kind.what} ${path} is larger than ${kind.most / MiB} MiB`,
      { hint: kind.ifTooLarge },
    );
  }
  const text = decode(path, bytes, kind);
  return {
    path,
    text,
    body: text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

function decode(path: string, bytes: Buffer, { what }: FileKind): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const before = new TextDecoder('utf-8').decode(bytes).split('\uFFFD', 1)[0] ?? '';
    const utf16 = bytes[0] === 0xff || bytes[0] === 0xfe;
    throw new UserError(`${what}-encoding`, `the ${what} ${path} is not UTF-8 text`, {
      hint: utf16 ? 'it looks like UTF-16: save it as UTF-8' : 'save it as UTF-8',
      at: { file: path, line: before.split('\n').length },
    });
  }
}

/** Never more than the limit and a chunk, whatever kind of file it is and whatever size it claims. */
function readBytes(path: string, kind: FileKind, cwd: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path === '' ? path : resolve(cwd, path), 'r');
    const chunks: Buffer[] = [];
    for (let total = 0; total <= kind.most;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const count = readSync(descriptor, chunk);
      if (count === 0) break;
      total += count;
      chunks.push(chunk.subarray(0, count));
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw unreadable(path, error, kind);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function unreadable(path: string, error: unknown, { what, ifAbsent }: FileKind): UserError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const known: Readonly<Record<string, readonly [string, string]>> = {
    ENOENT: ['does not exist', ifAbsent],
    EACCES: ['may not be read', 'check its owner and mode'],
    EPERM: ['may not be read', 'check its owner and mode'],
    EISDIR: ['is a directory', 'give the path of the file in it'],
    ENOTDIR: ['is below something that is not a directory', 'check the path'],
  };
  const [said, hint] = known[code] ?? [`cannot be read: ${messageOf(error)}`, 'check the path'];
  return new UserError(`${what}-unreadable`, `the ${what} ${path} ${said}`, { hint, cause: error });
}
