/**
 * authorized_keys files, line by line as sshd reads them (auth2-pubkeyfile.c, auth_check_authkey_line).
 * Text must come from bytes decoded as UTF-8 without dropping a byte-order mark (`Buffer.toString` keeps it).
 */
import type { AuthorizedKeyLine, PublicKey } from '../facts/types.js';
import { decodeBase64 } from './base64.js';
import { fingerprintOfPlain, shapeOfTypeName } from './key-blob.js';
import { cLine, splitKeyLine } from './key-line.js';
import { optionsEnd, parseKeyOptions } from './key-options.js';
import { fingerprint, parsePublicKeyLine } from './public-key.js';
import { WireError, WireReader } from './wire.js';

/** How much of a line is kept for showing. */
const MAX_SHOWN = 200;

/**
 * `type base64 comment` whose blob names the same type, of a type unknown here. Some sshd, newer or patched, may
 * take it, so it is not nothing.
 */
function foreignKey(line: string): PublicKey | null {
  const parts = splitKeyLine(line);
  if (parts === null || shapeOfTypeName(parts.type) !== undefined) return null;
  const bytes = decodeBase64(parts.base64);
  if (bytes === null || bytes.length < 32) return null;
  try {
    if (new WireReader(bytes).name() !== parts.type) return null;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
  return { type: parts.type, fingerprint: fingerprintOfPlain(bytes), comment: parts.comment };
}

interface KeyAndOptions {
  readonly key?: PublicKey;
  readonly options: AuthorizedKeyLine['options'];
  /** Why sshd would ignore the line. */
  readonly refusal?: string;
  /** What is odd about a line it would take. */
  readonly note?: string;
}

function readKey(text: string): Omit<KeyAndOptions, 'options'> | null {
  const parsed = parsePublicKeyLine(text);
  if (parsed === null) {
    const key = foreignKey(text);
    return key === null ? null : { key, note: `key type ${JSON.stringify(key.type)} is not known here` };
  }
  const key = { type: parsed.type, fingerprint: fingerprint(parsed.blob), comment: parsed.comment };
  // It parses, but equals no key that a client can offer.
  if (shapeOfTypeName(parsed.type)?.certificate)
    return { key, refusal: 'a certificate in the place of a key' };
  return { key };
}

/** sshd first tries the whole line as a key; only when that fails is its start taken for options. */
function readLine(text: string): KeyAndOptions {
  const bare = readKey(text);
  if (bare !== null) return { ...bare, options: [] };
  const { options, problem } = parseKeyOptions(text);
  const end = optionsEnd(text);
  if (end === null) return { options, refusal: 'a quote that is never closed' };
  const found = readKey(text.slice(end));
  if (found === null) return { options, refusal: 'no key that parses' };
  const refusal =
    problem === undefined ? (found.refusal ?? optionsRefusal(options)) : `bad options: ${problem}`;
  return { ...found, options, ...(refusal === undefined ? {} : { refusal }) };
}

const has = (options: AuthorizedKeyLine['options'], name: string): boolean =>
  options.some((option) => option.name === name);

function optionsRefusal(options: AuthorizedKeyLine['options']): string | undefined {
  const misplaced = has(options, 'principals') && !has(options, 'cert-authority');
  return misplaced ? 'principals= on a key that is no CA' : undefined;
}

/**
 * One line; null when it is blank or a comment. Lines sshd would ignore come back with `valid: false` and why,
 * with the key in them if there is one: they are one edit away from access. A key of a type unknown here counts
 * as valid, for the host's sshd may know it. Whether an `expiry-time` has passed is not judged: that needs a
 * clock. Never throws.
 */
export function parseAuthorizedKeysLine(line: string, lineNumber: number): AuthorizedKeyLine | null {
  const text = cLine(line).replace(/^[ \t]+/, '');
  if (text.startsWith('#') || /^[\r\n]*$/.test(text)) return null;
  const { key, options, refusal, note } = readLine(text);
  const problem = refusal ?? note;
  return {
    line: lineNumber,
    valid: key !== undefined && refusal === undefined,
    ...(key === undefined ? {} : { key }),
    options,
    certAuthority: has(options, 'cert-authority'),
    ...(problem === undefined ? {} : { problem }),
    text: line.slice(0, MAX_SHOWN),
  };
}

/** Every line that is not blank or a comment, numbered from 1. Never throws. */
export function parseAuthorizedKeys(text: string): AuthorizedKeyLine[] {
  return text
    .split('\n')
    .map((line, index) => parseAuthorizedKeysLine(line, index + 1))
    .filter((line) => line !== null);
}
