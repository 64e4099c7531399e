/** Keys that open an account without a CA, line by line. Source: sshd(8), AUTHORIZED_KEYS FILE FORMAT; directive 4.3. */
import type { AuthorizedKeyLine, AuthorizedKeysFile, PublicKey } from '../../src/facts/types.js';
import type { EvidenceRef, Finding, Policy } from '../../src/model.js';
import { emergencyKeyAllows } from '../../src/policy.js';
import { excerpt } from './law.js';

/** One file and everybody it serves. */
export interface KeyFile {
  readonly path: string;
  readonly lines: readonly AuthorizedKeyLine[];
  /** Accounts sshd reads it for; empty when it merely lies there. */
  readonly readFor: readonly string[];
  /** Accounts in whose place it lies, read or not; empty when the name is no account's. */
  readonly places: readonly string[];
}

/** Entries of one path taken together, in the order of first appearance. */
export function keyFiles(entries: readonly AuthorizedKeysFile[]): KeyFile[] {
  const byPath = new Map<string, AuthorizedKeysFile[]>();
  for (const entry of entries) byPath.set(entry.file.path, [...(byPath.get(entry.file.path) ?? []), entry]);
  const accounts = (list: readonly AuthorizedKeysFile[]) =>
    [...new Set(list.flatMap(({ account }) => account ?? []))].toSorted();
  return [...byPath].map(([path, same]) => ({
    path,
    lines: same[0]?.lines ?? [],
    readFor: accounts(same.filter(({ effective }) => effective)),
    places: accounts(same),
  }));
}

export interface KeyContext {
  readonly host: string;
  readonly policy: Pick<Policy, 'emergencyKeys'>;
  readonly now: Date;
}

export interface LineVerdict {
  readonly finding?: Finding;
  readonly note?: string;
}

/** What one line means: a finding, a remark, or nothing. */
export function judgeLine(file: KeyFile, line: AuthorizedKeyLine, context: KeyContext): LineVerdict {
  const where = `${file.path}:${line.line}`;
  const { key } = line;
  if (!line.valid || !key) {
    return key
      ? {
          note: `${where} holds the key ${key.fingerprint} on a line sshd ignores (${line.problem ?? 'it does not parse'}): one edit away from access.`,
        }
      : {};
  }
  const accounts = file.places;
  const emergency =
    !line.certAuthority &&
    accounts.length > 0 &&
    accounts.every((account) =>
      emergencyKeyAllows(context.policy, {
        fingerprint: key.fingerprint,
        host: context.host,
        account,
        now: context.now,
      }),
    );
  if (emergency)
    return {
      note: `${where} holds the emergency key ${key.fingerprint} for ${accounts.join(', ')}, which the policy allows here.`,
    };
  return { finding: finding(file, line, key, context) };
}

function finding(file: KeyFile, line: AuthorizedKeyLine, key: PublicKey, { policy }: KeyContext): Finding {
  const where = `${file.path}:${line.line}`;
  const name = `${key.type} key ${key.fingerprint}${key.comment ? ` (“${key.comment}”)` : ''}`;
  const listed = policy.emergencyKeys.some(({ fingerprint }) => fingerprint === key.fingerprint);
  const known = listed
    ? line.certAuthority
      ? ' It is listed as an emergency key, but never as a CA.'
      : ' It is listed as an emergency key, but not for this host and account, or no longer.'
    : '';
  const odd = line.problem === undefined ? '' : ` Note: ${line.problem}.`;
  return {
    subject: where,
    message: `${where} holds the ${name}${line.certAuthority ? ' as a CA' : ''}: ${effect(file)}.${known}${odd}`,
    evidence: [{ probe: 'authorized-keys', path: file.path, line: line.line, excerpt: excerpt(line.text) }],
    at: { path: file.path, line: line.line },
    remediation: `Check that the owner logs in with a certificate, then delete line ${line.line} of ${file.path}.`,
  };
}

function effect({ readFor, places }: KeyFile): string {
  if (readFor.length > 0)
    return `its holder logs in as ${some(readFor)} without the CA, for as long as the line stands`;
  if (places.length > 0)
    return `no configuration makes sshd read this file for ${some(places)} today, but one changed line, or another SSH server, would let its holder in, and the directive asks that it be empty`;
  return 'it lies where sshd looks for keys, under a name that is no account today: it opens the account the day it is made';
}

function some(names: readonly string[]): string {
  return names.length > 4 ? `${names.slice(0, 4).join(', ')} and ${names.length - 4} more` : names.join(', ');
}

/** Keys that stand in more than one file: one theft opens several doors. */
export function reusedKeys(files: readonly KeyFile[]): string[] {
  const byKey = new Map<string, Set<string>>();
  for (const { path, lines } of files) {
    for (const { key, valid } of lines)
      if (key && valid) byKey.set(key.fingerprint, (byKey.get(key.fingerprint) ?? new Set()).add(path));
  }
  return [...byKey]
    .filter(([, paths]) => paths.size > 1)
    .map(
      ([fingerprint, paths]) =>
        `The key ${fingerprint} is used ${paths.size} times on this host: ${some([...paths])}.`,
    );
}

/** What was looked at and holds nothing. */
export function emptyFiles(files: readonly KeyFile[]): EvidenceRef[] {
  return files.map(({ path, lines }) => ({
    probe: 'authorized-keys',
    path,
    excerpt:
      lines.length === 0 ? 'no key line' : `${lines.length} lines, none a static key that is not allowed`,
  }));
}
