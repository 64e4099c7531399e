/**
 * AuthorizedPrincipalsFile, line by line as sshd reads it (sshd_config(5); auth2-pubkeyfile.c,
 * auth_process_principals and auth_check_principals_line).
 */
import type { PrincipalLine } from '../facts/types.js';
import { cLine } from './key-line.js';
import { parseKeyOptions } from './key-options.js';

const MAX_SHOWN = 200;

/**
 * The word a certificate's principals are compared with, and what stands before it. sshd looks for the last
 * space, and for a tab only when there is no space: `opts a<TAB>b` names the principal `a<TAB>b`.
 */
function splitPrincipal(text: string): { before: string | null; principal: string } {
  const space = text.lastIndexOf(' ');
  const blank = space === -1 ? text.lastIndexOf('\t') : space;
  if (blank === -1) return { before: null, principal: text };
  return { before: text, principal: text.slice(blank).replace(/^[ \t]+/, '') };
}

/** Why a principal that sshd does compare is unlikely to be what the author meant. */
function oddity(principal: string): string | undefined {
  if (principal.endsWith('\r')) return 'ends in a carriage return, which is part of the name (CRLF file)';
  if (principal.startsWith('\uFEFF')) return 'starts with a byte-order mark, which is part of the name';
  if (principal.includes('\uFFFD')) return 'is not UTF-8';
  if (principal.includes(',')) return 'holds a comma, which is part of the name: one principal per line';
  return undefined;
}

function parseLine(line: string, lineNumber: number): PrincipalLine | null {
  const uncommented =
    cLine(line)
      .replace(/^[ \t]+/, '')
      .split('#', 1)[0] ?? '';
  if (uncommented === '') return null;
  const first = uncommented.slice(0, 1);
  const text = first + trimBlanks(uncommented.slice(1));
  const { before, principal } = splitPrincipal(text);
  const { options, problem } = before === null ? { options: [] } : parseKeyOptions(before);
  const misplaced = options.find(({ name }) => name === 'cert-authority' || name === 'principals');
  const refusal = problem ?? (misplaced === undefined ? undefined : `${misplaced.name} is not allowed here`);
  const shown = refusal === undefined ? oddity(principal) : `bad options: ${refusal}`;
  return {
    line: lineNumber,
    principal,
    options,
    valid: refusal === undefined,
    ...(shown === undefined ? {} : { problem: shown }),
    text: line.slice(0, MAX_SHOWN),
  };
}

/** Spaces, tabs and line feeds at the end go; a carriage return stays, and is part of the name. */
function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && ' \t\n'.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}

/**
 * Every line that sshd does not skip, numbered from 1. Principals of lines with `valid: true` are compared
 * exactly, byte for byte: no wildcards, no case folding. Lines with options sshd does not know, with
 * `cert-authority` or with `principals=` authorise nobody. Whether an `expiry-time` has passed is not judged.
 * `text` must come from bytes decoded as UTF-8 without dropping a byte-order mark. Never throws.
 */
export function parsePrincipals(text: string): PrincipalLine[] {
  return text
    .split('\n')
    .map((line, index) => parseLine(line, index + 1))
    .filter((line) => line !== null);
}
