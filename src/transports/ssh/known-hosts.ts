/**
 * known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), read as OpenSSH's hostfile.c reads them.
 *
 * Entries are indexed by key: for the key a server presents there are one or two entries to compare, however many
 * thousand hashed lines the file has. Only when that finds nothing are all lines gone through, to tell a changed key
 * from an unknown host.
 */
import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '../../errors.js';
import { matchPatternList } from '../../openssh/glob.js';
import { parsePublicKeyLine } from '../../openssh/public-key.js';

const MAX_FILE = 64 * 1024 * 1024;
const MAX_NAMES = 4096;

export interface KnownHostEntry {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: '' | '@revoked' | '@cert-authority';
  readonly type: string;
  readonly blob: Buffer;
  /** Lower-case `name` or `[name]:port`. */
  matches(name: string): boolean;
  /** Names that can be looked up without trying the line; absent for hashed lines and patterns. */
  readonly exactNames?: readonly string[];
  readonly hashed: boolean;
}

/** Parses the text of one file. Lines that are not understood are passed over, as ssh(1) does. Never throws. */
export function parseKnownHosts(text: string, file: string): KnownHostEntry[] {
  const entries: KnownHostEntry[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    const entry = parseLine(line, file, number);
    if (entry) entries.push(entry);
  }
  return entries;
}

function parseLine(text: string, file: string, line: number): KnownHostEntry | undefined {
  const fields = /^[ \t]*(?:(@cert-authority|@revoked)[ \t]+)?([^ \t@#][^ \t]*)[ \t]+([^# \t].*)$/s.exec(
    text,
  );
  if (fields === null) return undefined;
  const [, marker = '', names = '', keyText = ''] = fields;
  const key = parsePublicKeyLine(keyText);
  if (key === null || key.type.includes('-cert-v01@')) return undefined;
  const common = { file, line, marker: marker as KnownHostEntry['marker'], type: key.type, blob: key.blob };
  if (names.startsWith('|')) return { ...common, hashed: true, matches: hashedMatcher(names) };
  const list = asciiLower(names);
  const parts = list.split(',');
  if (parts.length > MAX_NAMES) return undefined;
  const exact = parts.every((part) => part !== '' && !/[*?!]/.test(part));
  if (!exact)
    return { ...common, hashed: false, matches: (name) => matchPatternList(name, list) === 'match' };
  return { ...common, hashed: false, exactNames: parts, matches: (name) => parts.includes(name) };
}

/** OpenSSH folds only A to Z. */
export function asciiLower(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** `|1|salt|HMAC-SHA1(salt, name)`, both base64 of 20 bytes. A malformed hash matches nothing. */
function hashedMatcher(names: string): (name: string) => boolean {
  const [, magic, saltText = '', macText = '', ...rest] = names.split('|');
  const salt = Buffer.from(saltText, 'base64');
  const mac = Buffer.from(macText, 'base64');
  if (magic !== '1' || rest.length > 0 || salt.length !== 20 || mac.length !== 20) return () => false;
  return (name) => createHmac('sha1', salt).update(name).digest().equals(mac);
}

export interface KnownHosts {
  /** Entries with exactly this key that name the host. Cheap. */
  holding(blob: Buffer, name: string): readonly KnownHostEntry[];
  /** What unhashed lines, and all marked ones, say about the host. Cheap. */
  readable(name: string): readonly KnownHostEntry[];
  /** Everything that names the host: one HMAC for each hashed line. */
  all(name: string): readonly KnownHostEntry[];
  /** Files that could not be read, and why. A missing file is no problem. */
  readonly problems: readonly string[];
  readonly files: readonly string[];
}

export function indexKnownHosts(
  entries: readonly KnownHostEntry[],
  files: readonly string[],
  problems: readonly string[],
): KnownHosts {
  const byKey = new Map<string, KnownHostEntry[]>();
  const byName = new Map<string, KnownHostEntry[]>();
  const scanned: KnownHostEntry[] = [];
  const hashed: KnownHostEntry[] = [];
  for (const entry of entries) {
    append(byKey, entry.blob.toString('base64'), entry);
    if (entry.hashed && entry.marker === '') hashed.push(entry);
    else if (entry.exactNames) for (const name of new Set(entry.exactNames)) append(byName, name, entry);
    else scanned.push(entry);
  }
  const readable = (name: string): KnownHostEntry[] => [
    ...(byName.get(name) ?? []),
    ...scanned.filter((entry) => entry.matches(name)),
  ];
  return {
    holding: (blob, name) =>
      (byKey.get(blob.toString('base64')) ?? []).filter((entry) => entry.matches(name)),
    readable,
    all: (name) => [...readable(name), ...hashed.filter((entry) => entry.matches(name))],
    problems,
    files,
  };
}

function append(map: Map<string, KnownHostEntry[]>, key: string, entry: KnownHostEntry): void {
  const list = map.get(key);
  if (list) list.push(entry);
  else map.set(key, [entry]);
}

/** Loads sets of files, each file and each set once. */
export function createKnownHostsLoader(): (files: readonly string[]) => KnownHosts {
  const parsed = new Map<
    string,
    { readonly entries: readonly KnownHostEntry[]; readonly problem?: string }
  >();
  const sets = new Map<string, KnownHosts>();
  const load = (file: string): { readonly entries: readonly KnownHostEntry[]; readonly problem?: string } => {
    const known = parsed.get(file) ?? readKnownHosts(file);
    parsed.set(file, known);
    return known;
  };
  return (files) => {
    const id = JSON.stringify(files);
    const known = sets.get(id);
    if (known) return known;
    const loaded = files.map(load);
    const made = indexKnownHosts(
      loaded.flatMap((one) => one.entries),
      files,
      loaded.flatMap((one) => one.problem ?? []),
    );
    sets.set(id, made);
    return made;
  };
}

function readKnownHosts(file: string): {
  readonly entries: readonly KnownHostEntry[];
  readonly problem?: string;
} {
  try {
    const { size } = statSync(file);
    if (size > MAX_FILE)
      return { entries: [], problem: `${file} is ${String(size)} bytes long and was not read` };
    return { entries: parseKnownHosts(readFileSync(file, 'utf8'), file) };
  } catch (error) {
    const missing =
      error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
    return missing
      ? { entries: [] }
      : { entries: [], problem: `${file} could not be read: ${messageOf(error)}` };
  }
}
