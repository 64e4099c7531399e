/** What host text must be before it may become part of a change. */
import type { CollectedFile } from '../facts/types.js';
import { fileText } from '../facts/lookup-paths.js';
import { parsePublicKeyLine } from '../openssh/public-key.js';

/**
 * Whether a path may be changed by a program. Letters, digits and a few marks: neither Jinja, nor the expansion of
 * `~` and `$NAME` that Ansible applies to paths, nor a shell finds anything in it. Others are left to a person.
 */
export function isPlainPath(path: string): boolean {
  return /^\/[\p{L}\p{N}_./@+=:,-]+$/u.test(path) && !path.split('/').includes('..') && path.length <= 1024;
}

/** Printable, in one line, UTF-8 without loss: can be compared whole by any program. */
export function isPlainLine(line: string): boolean {
  return !/[\p{Cc}\uFFFD\uFEFF]/u.test(line.replaceAll('\t', ' ')) && line.length <= 16_384;
}

/** Line `number` (from 1) of a collected file, whole; undefined when it was not collected. */
export function wholeLine(file: CollectedFile, number: number): string | undefined {
  return fileText(file).split('\n')[number - 1];
}

/** The words `type base64` in a line whose key has this fingerprint; a look-alike in an option or comment has not. */
export function keyWords(line: string, fingerprint: string, fingerprintOf: (blob: Uint8Array) => string) {
  const starts = [...line.matchAll(/(?<=^|[ \t])[^ \t]+[ \t]+AAAA[A-Za-z0-9+/=]+/g)];
  for (const [words] of starts.slice(0, 64)) {
    const parsed = parsePublicKeyLine(words);
    const [type = '', base64 = ''] = words.split(/[ \t]+/);
    if (parsed && fingerprintOf(parsed.blob) === fingerprint) return { type, base64 };
  }
  return null;
}
