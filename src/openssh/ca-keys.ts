/**
 * A TrustedUserCAKeys file as sshd reads it (authfile.c, sshkey_in_file): one plain public key a line, and the
 * reading ends at the first line that is neither a key nor blank nor a comment.
 */
import type { CaFile, PublicKey } from '../facts/types.js';
import { parseAuthorizedKeysLine } from './authorized-keys.js';
import { shapeOfTypeName } from './key-blob.js';
import { cLine } from './key-line.js';
import { fingerprint, parsePublicKeyLine } from './public-key.js';

const MAX_SHOWN = 200;

/**
 * The keys sshd would trust, with their lines (from 1), and where its reading stopped. `deadKeys` are the keys
 * that would be there without the stop, those on the stopping line included. A certificate is read over: it
 * equals no CA key. `text` must come from bytes decoded as UTF-8 without dropping a byte-order mark.
 * Never throws.
 */
export function parseCaKeys(text: string): Pick<CaFile, 'trusted' | 'stoppedAt'> {
  const trusted: (PublicKey & { line: number })[] = [];
  const lines = text.split('\n');
  // What follows the last line feed is a line only if it is not empty.
  if (lines.at(-1) === '') lines.pop();
  for (const [index, raw] of lines.entries()) {
    const line = cLine(raw).replace(/^[ \t]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const key = parsePublicKeyLine(line);
    if (key === null) {
      const stoppedAt = {
        line: index + 1,
        text: raw.slice(0, MAX_SHOWN),
        deadKeys: keysIn(lines.slice(index)),
      };
      return { trusted, stoppedAt };
    }
    if (shapeOfTypeName(key.type)?.certificate) continue;
    trusted.push({
      line: index + 1,
      type: key.type,
      fingerprint: fingerprint(key.blob),
      comment: key.comment,
    });
  }
  return { trusted };
}

function keysIn(lines: readonly string[]): PublicKey[] {
  return lines.flatMap(
    (line, index) => parseAuthorizedKeysLine(line.replace(/^\uFEFF/, ''), index + 1)?.key ?? [],
  );
}
