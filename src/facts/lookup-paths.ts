/**
 * Which of the files the `hunt` of probes/keys-setup.sh found would be opened for whom: the bridge between paths on
 * disk and the patterns of AuthorizedKeysFile and AuthorizedPrincipalsFile (sshd_config(5), TOKENS).
 */
import type { HostEvidence, ProbeOutput, Reading } from '../model.js';
import { collectedFiles, probeReading, records, toldGaps, wordText } from './reading.js';
import type { CollectedFile, ConfigFile, SshdFacts, SshdVersion } from './types.js';

/** One file and one reason why it was looked at. */
export interface FoundFile {
  /** Null: found in a folder of such files, for a name that is no account. */
  readonly account: string | null;
  readonly file: CollectedFile;
  /** Some effective configuration makes sshd open it for this account. */
  readonly effective: boolean;
}

const MAX_NAMED = 20;

/**
 * @param probe `authorized-keys` or `principals`
 * @param keyword lower case
 */
export function foundFiles(
  evidence: HostEvidence,
  probe: string,
  keyword: string,
  sshd: Reading<SshdFacts>,
): Reading<readonly FoundFile[]> {
  const output = probeReading(evidence, probe);
  if (!output.ok) return output;
  const rows = records(output.value);
  const files = new Map(collectedFiles(rows).map((file) => [file.path, file]));
  const opens = openedPatterns(sshd, keyword);
  const version = sshd.ok ? sshd.value.version : null;
  const found = new Map<string, FoundFile>();
  for (const [tag, kind = '', who, where, what] of rows) {
    if (tag !== 'use') continue;
    const [path, pattern] = [wordText(where), wordText(what)];
    const file = files.get(path);
    if (!file) continue;
    const account = kind === 'f' ? null : wordText(who);
    const key = JSON.stringify([account, path]);
    const effective = account !== null && opens(account, pattern) && reads(kind, path, version);
    if (!found.has(key) || effective) found.set(key, { account, file, effective });
  }
  const owned = new Set(
    [...found.values()].filter(({ account }) => account !== null).map(({ file }) => file.path),
  );
  const value = [...found.values()].filter(({ account, file }) => account !== null || !owned.has(file.path));
  return {
    ok: true,
    value,
    gaps: [
      ...output.gaps,
      ...huntGaps(rows, output.value),
      ...unseenValues(rows, sshd, keyword),
      ...fileGaps([...files.values()]),
    ],
  };
}

/** Globs in these files are expanded from OpenSSH 10.0; before it a `*` is a `*`. An unknown version may do either. */
function reads(kind: string, path: string, version: SshdVersion | null): boolean {
  if (version === null || (kind === 'u' && !/[*?[\\]/.test(path))) return true;
  return kind === 'g' ? version.major >= 10 : version.major < 10;
}

/** Whether sshd opens a pattern for an account. Without sshd's word everything found may be opened. */
function openedPatterns(
  sshd: Reading<SshdFacts>,
  keyword: string,
): (account: string, pattern: string) => boolean {
  if (!sshd.ok) return () => true;
  const written = writtenArguments(sshd.value.files, keyword);
  const byAccount = new Map<string, Set<string>>();
  for (const { accounts, settings } of sshd.value.cases) {
    const patterns = (settings[keyword] ?? []).flatMap(
      (value) => written.get(value) ?? (keyword === 'authorizedkeysfile' ? value.split(' ') : [value]),
    );
    for (const account of accounts)
      byAccount.set(account, new Set([...(byAccount.get(account) ?? []), ...patterns]));
  }
  return (account, pattern) => byAccount.get(account)?.has(pattern) ?? false;
}

/** Values as `sshd -T` prints them, without quotes, and the arguments the configuration text has for them. */
function writtenArguments(files: readonly ConfigFile[], keyword: string): Map<string, string[]> {
  const line = new RegExp(`^[ \\t]*"?${keyword}"?(?:[ \\t]*=[ \\t]*|[ \\t]+)(.*)$`, 'i');
  const values = new Map<string, string[]>();
  for (const text of files.flatMap((file) => file.text.split('\n'))) {
    const rest = line.exec(text.slice(0, 4096))?.[1];
    if (rest === undefined) continue;
    const words = [...rest.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
      ([, double, single, bare]) => double ?? single ?? bare ?? '',
    );
    const comment = words.findIndex((word) => word.startsWith('#'));
    const used = comment < 0 ? words : words.slice(0, comment);
    values.set(used.join(' '), used);
  }
  return values;
}

function huntGaps(rows: readonly (readonly string[])[], output: ProbeOutput): string[] {
  const closed = named(
    rows,
    'denied',
    (paths) => `it cannot be told what is there, for the way is closed even to the collector: ${paths}`,
  );
  const hung = named(rows, 'hung', (paths) => `the file system does not answer (a dead mount?): ${paths}`);
  return [...new Set([...toldGaps(rows), ...closed, ...hung])].filter((text) => text !== '' || output.cut);
}

function named(rows: readonly (readonly string[])[], tag: string, say: (paths: string) => string): string[] {
  const paths = [...new Set(rows.filter((row) => row[0] === tag).map((row) => wordText(row[2])))];
  if (paths.length === 0) return [];
  const more = paths.length > MAX_NAMED ? ` and ${paths.length - MAX_NAMED} more` : '';
  return [say(paths.slice(0, MAX_NAMED).join(', ') + more)];
}

/** Values known to the facts that the probe did not look into: derived cases, or a probe that was cut. */
function unseenValues(
  rows: readonly (readonly string[])[],
  sshd: Reading<SshdFacts>,
  keyword: string,
): string[] {
  if (!sshd.ok)
    return [`sshd's configuration is not known (${sshd.detail}), so only the usual places were looked into`];
  const seen = new Set(rows.filter(([tag]) => tag === 'value').map((row) => wordText(row[1])));
  const values = new Set(sshd.value.cases.flatMap(({ settings }) => settings[keyword] ?? []));
  return [...values]
    .filter((value) => value.toLowerCase() !== 'none' && value !== '' && !seen.has(value))
    .map((value) => `the files that ${keyword} ${value} names were not looked into`);
}

/** Files that are there and could not be read whole. */
export function fileGaps(files: readonly CollectedFile[]): string[] {
  return files.flatMap(({ path, status, stat }) => {
    if (status === 'denied') return [`${path} could not be read: permission denied`];
    if (status === 'cut' || status === 'too-large')
      return [`${path} was not read whole: it has ${stat.size} bytes`];
    if (status === 'timeout' || status === 'failed')
      return [
        `${path} could not be read: ${status === 'timeout' ? 'the time limit was hit' : 'reading failed'}`,
      ];
    return [];
  });
}

/** The text of a file as far as it was read; of a cut file only whole lines. Keeps a byte-order mark. */
export function fileText(file: CollectedFile): string {
  const text = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength).toString('utf8');
  return file.status === 'ok' ? text : text.slice(0, text.lastIndexOf('\n') + 1);
}
