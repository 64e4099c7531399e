/**
 * From one probe's raw output to typed Readings. Everything here is pure and never throws on host bytes.
 *
 * Probes print records: one line each, words separated by one blank. A word is `-` (nothing), a harmless literal,
 * or `=` and base64 (anything else). See probes/prelude.sh.
 */
import { messageOf } from '../errors.js';
import type { HostEvidence, ProbeOutput, Reading } from '../model.js';
import { rememberedByObject } from '../memo.js';
import type { CollectedFile, FileKind, FileStat } from './types.js';

/** The probe's output, or why it cannot be used at all. A cut or timed-out probe is usable with a gap. */
export function probeReading(evidence: HostEvidence, name: string): Reading<ProbeOutput> {
  const output = evidence.probes[name];
  if (output === undefined) {
    const detail = evidence.failure
      ? `probe ${name} did not run: ${evidence.failure.code}: ${evidence.failure.detail}`
      : `probe ${name} was not part of this run`;
    return { ok: false, reason: 'not-collected', detail };
  }
  const gaps: string[] = [];
  if (output.cut) gaps.push(`the output of probe ${name} was cut after ${output.bytes} bytes`);
  if (output.timedOut) gaps.push(`probe ${name} ran into its time limit`);
  else if (output.rc !== 0 && !output.cut)
    gaps.push(
      `probe ${name} ended with status ${output.rc}${output.stderr ? `: ${firstLine(output.stderr)}` : ''}`,
    );
  return { ok: true, value: output, gaps };
}

export function firstLine(text: string): string {
  return (text.split(/\r?\n/, 1)[0] ?? '').slice(0, 300);
}

/** Bytes a probe printed. */
export function outputBytes(output: ProbeOutput): Buffer {
  return Buffer.from(output.stdout, output.stdoutEncoding);
}

/** Records of a probe: each line split into words. Words stay encoded; use `text` or `bytes`. The last line of a cut probe is dropped. */
export const records: (output: ProbeOutput) => readonly (readonly string[])[] =
  rememberedByObject(splitRecords);

function splitRecords(output: ProbeOutput): string[][] {
  const { stdout, stdoutEncoding } = output;
  // Text of which every character is one byte is its own bytes.
  const plain = stdoutEncoding === 'utf8' && Buffer.byteLength(stdout) === stdout.length;
  const lines = (plain ? stdout : outputBytes(output).toString('latin1')).split('\n');
  if (output.cut) lines.pop();
  return lines.filter((line) => line !== '').map((line) => line.split(' '));
}

/** The bytes of a word. */
function wordBytes(word: string | undefined): Buffer {
  if (word === undefined || word === '-') return Buffer.alloc(0);
  return word.startsWith('=') ? Buffer.from(word.slice(1), 'base64') : Buffer.from(word, 'latin1');
}

/** The text of a word, as UTF-8; bytes that are not UTF-8 become U+FFFD. */
export function wordText(word: string | undefined): string {
  if (word === undefined || word === '-') return '';
  return !word.startsWith('=') && Buffer.byteLength(word) === word.length
    ? word
    : wordBytes(word).toString('utf8');
}

/** A non-negative integer, or -1. */
export function wordInteger(word: string | undefined): number {
  return word !== undefined && /^\d{1,15}$/.test(word) ? Number(word) : -1;
}

const KINDS: Readonly<Record<number, FileKind>> = {
  0o01: 'fifo',
  0o02: 'char',
  0o04: 'dir',
  0o06: 'block',
  0o10: 'file',
  0o12: 'link',
  0o14: 'socket',
};

/** From the six words of `stat -c '%f %u %g %s %Y %Z'`; six dashes mean there is nothing there. */
export function parseStat(path: string, words: readonly string[]): FileStat {
  const raw = /^[0-9a-f]{1,8}$/.test(words[0] ?? '') ? Number.parseInt(words[0] ?? '', 16) : -1;
  if (raw < 0) return { path, kind: 'missing', mode: 0, uid: -1, gid: -1, size: 0, mtime: 0, ctime: 0 };
  const [uid, gid, size, mtime, ctime] = words.slice(1, 6).map(wordInteger);
  return {
    path,
    kind: KINDS[raw >> 12] ?? 'other',
    mode: raw & 0o7777,
    uid: uid ?? -1,
    gid: gid ?? -1,
    size: size ?? 0,
    mtime: mtime ?? 0,
    ctime: ctime ?? 0,
  };
}

const FILE_STATUS = new Set([
  'ok',
  'cut',
  'missing',
  'denied',
  'not-regular',
  'too-large',
  'timeout',
  'failed',
]);

/**
 * `F` and `D` records, as `read_file` prints them, into files by path. Folders are told once per probe, so the
 * parents of every file are looked up among all `D` records.
 */
export function collectedFiles(rows: readonly (readonly string[])[]): CollectedFile[] {
  const folders = new Map<string, FileStat>();
  for (const row of rows) {
    if (row[0] === 'D') folders.set(wordText(row[1]), parseStat(wordText(row[1]), row.slice(2, 8)));
  }
  return rows.filter((row) => row[0] === 'F').map((row) => collectedFile(row, folders));
}

/** One `F path realpath status stat×6 content` record. */
export function collectedFile(row: readonly string[], folders: ReadonlyMap<string, FileStat>): CollectedFile {
  const path = wordText(row[1]);
  const realpath = wordText(row[2]);
  const status = FILE_STATUS.has(row[3] ?? '') ? (row[3] as CollectedFile['status']) : 'failed';
  const content = row[10] ?? '-';
  const bytes = content === '-' ? new Uint8Array() : Buffer.from(content, 'base64');
  const stat = parseStat(realpath, row.slice(4, 10));
  return {
    path,
    realpath,
    // Fewer bytes than the size promises: the read was stopped half-way, and half a file proves nothing.
    status: status === 'ok' && bytes.length < stat.size ? 'timeout' : status,
    stat,
    parents: [...new Set([...parentsOf(path), ...parentsOf(realpath)])].flatMap(
      (folder) => folders.get(folder) ?? [],
    ),
    bytes,
  };
}

/** `/`, `/etc`, `/etc/ssh` for `/etc/ssh/x`. */
function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(1, -1);
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

/** What the probe itself says it could not see: its `gap` records. */
export function toldGaps(rows: readonly (readonly string[])[]): string[] {
  return rows.filter(([tag]) => tag === 'gap').map((row) => wordText(row[1]));
}

/** What `read` makes; if it has a bug and throws, that fact is unreadable and says so, and every other fact stands. */
export function attempt<T>(read: () => T): T | { ok: false; reason: 'failed'; detail: string } {
  try {
    return read();
  } catch (error) {
    return {
      ok: false,
      reason: 'failed',
      detail: `internal error while reading this fact: ${messageOf(error)}`,
    };
  }
}

/** Joins gaps of several readings a fact was made from. */
export function gapsOf(...readings: readonly Reading<unknown>[]): string[] {
  return readings.flatMap((reading) =>
    reading.ok ? reading.gaps : [`${reading.reason}: ${reading.detail}`],
  );
}
