/**
 * The log of issued certificates, read from files. Only what tells an issuance is kept; the rest of each file, which may
 * hold tokens and keys, is dropped line by line.
 */
import { dirname } from 'node:path';
import { keeper, type FileRecord, type LogType } from '../../facts/sources/certificates/keep.js';
import type { SourceAnswer, SourceFailure } from '../../model.js';
import { schemas, type FileSettings, type StoredSettings } from '../settings/certificates.js';
import { pathFrom } from '../paths.js';
import { answerOf } from '../recorder.js';
import type { Asked, SourceContext, SourceDiagnosis, SourceType } from '../source.js';
import { diagnoseHashes, hashAnswers } from './audit-hash.js';
import { failureOf, findFiles, type Found, type LogFile } from './find.js';
import { readLines, wholeText, type ReadEnd } from './read.js';
import { askStored, diagnoseStored } from './stored.js';

export { settings } from '../settings/certificates.js';

/** Bytes read in all, after decompression; what one file may take of it; and how many issuances are kept, newest first. */
const MAX_BYTES = 1 << 30;
const MAX_CERTIFICATE_FILE = 1 << 20;
const MAX_EXPORT = 128 << 20;
const MAX_KEPT = 50_000;
const MAX_KEPT_BYTES = 64 << 20;

const stored: SourceType<StoredSettings> = {
  source: 'certificates',
  type: 'siem',
  schema: schemas.siem,
  ask: askStored,
  diagnose: diagnoseStored,
};

/** The types of `sources.certificates`. */
export const sourceTypes = [
  typeOf('jsonl'),
  typeOf('directory'),
  typeOf('step-ca'),
  typeOf('vault-audit'),
  stored,
] as const;

function typeOf(type: LogType): SourceType<FileSettings> {
  return { source: 'certificates', type, schema: schemas[type], ask, diagnose };
}

/** @returns answer `issued`: one JSON line for every issuance, one for every file; `audit-hash`: the file so named. */
async function ask(settings: FileSettings, context: SourceContext): Promise<Asked> {
  const { signal } = context;
  const { files, failures: notFound } = await find(settings, context);
  const failures: SourceFailure[] = [...notFound];
  const answers: Record<string, SourceAnswer> = {};
  if (files.length > 0) {
    const kept = await keepAll(files, settings, signal, failures);
    answers['issued'] = readAnswer(
      `${asList(settings.path).join(', ')} (${files.length} files)`,
      kept,
      context,
    );
  } else if (failures.length === 0) {
    failures.push({
      code: 'not-found',
      detail: `${asList(settings.path).join(', ')} holds no file`,
      hint: 'Correct sources.certificates.path.',
    });
  }
  if (settings.type === 'vault-audit')
    Object.assign(answers, await hashAnswers(settings, context, answers['issued']?.body ?? '', failures));
  return { answers, failures };
}

async function find(settings: FileSettings, context: SourceContext): Promise<Found> {
  return findFiles(
    asList(settings.path).map((path) => pathFrom(path, context)),
    {
      base: dirname(pathFrom(context.inventoryPath, context)),
      recursive: settings.type === 'directory' && settings.recursive === true,
    },
  );
}

/** A file that was read, as it is saved. */
function readAnswer(what: string, body: string, { now }: SourceContext): SourceAnswer {
  return answerOf({ asked: `read ${what}`, at: now, status: 0, bytes: Buffer.from(body) });
}

/** Newest file first, until there is no more to read or to keep. */
async function keepAll(
  files: readonly LogFile[],
  settings: FileSettings,
  signal: AbortSignal,
  failures: SourceFailure[],
): Promise<string> {
  const mounts = settings.type === 'vault-audit' ? asList(settings.mounts ?? []) : [];
  const keep = keeper(settings.type, mounts);
  const lines: string[] = [];
  const records: FileRecord[] = [];
  let left = MAX_BYTES;
  let room = MAX_KEPT_BYTES;
  for (const file of files) {
    const most = MAX_KEPT - lines.length;
    if (signal.aborted) {
      failures.push({ code: 'timeout', detail: `reading stopped before ${file.name}` });
      break;
    }
    const last = records.at(-1);
    // What is older than that is not needed: the log then covers less time, and says so.
    if (last && (left <= 0 || room <= 0 || most <= 0)) {
      records.push({ ...last, file: file.name, lines: 0, unreadable: 0, last: last.first, cut: 'start' });
      break;
    }
    const one = await keepFile(file, settings.type, keep, { most, bytes: left, signal }, failures);
    left -= one.bytes;
    room -= one.kept.reduce((sum, line) => sum + line.length, 0);
    for (const line of one.kept) lines.push(line);
    records.push(one.record);
  }
  const told = settings.type === 'directory' ? together(records, asList(settings.path).join(', ')) : records;
  return [...told.map((read) => JSON.stringify({ read })), ...lines].join('\n') + '\n';
}

async function keepFile(
  file: LogFile,
  type: LogType,
  keep: ReturnType<typeof keeper>,
  limits: { most: number; bytes: number; signal: AbortSignal },
  failures: SourceFailure[],
): Promise<{ kept: string[]; record: FileRecord; bytes: number }> {
  let kept: { readonly text: string; readonly time: number | null }[] = [];
  const end: ReadEnd = { bytes: 0 };
  const record: { -readonly [K in keyof FileRecord]: FileRecord[K] } = {
    file: file.name,
    lines: 0,
    unreadable: 0,
    first: null,
    last: null,
  };
  const take = (text: string | null, line: number): void => {
    if (text?.trim() === '') return;
    record.lines += 1;
    for (const one of text === null ? [{ state: 'unreadable' as const, time: null }] : keep(text)) {
      if (one.time !== null) {
        record.first = Math.min(record.first ?? Infinity, one.time);
        record.last = Math.max(record.last ?? -Infinity, one.time);
      }
      if (one.state === 'issued' && 'kept' in one) {
        kept.push({ text: JSON.stringify({ at: `${file.name}:${line}`, ...one.kept }), time: one.time });
        if (kept.length > 2 * limits.most) forget();
      } else if (one.state === 'unreadable') {
        record.unreadable += 1;
        record.firstUnreadable ??= line;
      }
    }
  };
  const forget = (): void => {
    kept = kept.slice(-limits.most);
    record.cut = 'start';
    record.first = kept.find(({ time }) => time !== null)?.time ?? record.last;
  };
  try {
    if (type === 'step-ca') {
      const text = await wholeText(file, MAX_EXPORT, limits.signal, failures, end);
      if (text !== null) for (const [index, part] of exportsIn(text).entries()) take(part, index + 1);
    } else {
      const bytes = type === 'directory' ? Math.min(limits.bytes, MAX_CERTIFICATE_FILE) : limits.bytes;
      for await (const { number, text } of readLines(file.path, { bytes, signal: limits.signal }, end))
        take(type === 'directory' && text === null ? '' : text, number);
    }
  } catch (error) {
    failures.push(failureOf(file.name, error));
    record.cut ??= 'end';
  }
  if (kept.length > limits.most) forget();
  // A large file that merely lies among certificates is none.
  if (end.cut && type !== 'directory') record.cut ??= end.cut;
  return { kept: kept.map(({ text }) => text), record, bytes: end.bytes };
}

/** One JSON document, or one a line. */
function exportsIn(text: string): string[] {
  try {
    JSON.parse(text);
    return [text];
  } catch {
    return text.split('\n');
  }
}

/** A folder of certificates is one log. */
function together(records: readonly FileRecord[], file: string): FileRecord[] {
  const times = (key: 'first' | 'last') => records.flatMap((record) => record[key] ?? []);
  const bad = records.find(({ unreadable }) => unreadable > 0);
  const cut = records.find((record) => record.cut)?.cut;
  return [
    {
      file: bad ? `${file} (${bad.file})` : file,
      lines: records.reduce((sum, { lines }) => sum + lines, 0),
      unreadable: records.reduce((sum, { unreadable }) => sum + unreadable, 0),
      ...(bad?.firstUnreadable !== undefined && { firstUnreadable: bad.firstUnreadable }),
      first: times('first').reduce<number | null>((least, time) => Math.min(least ?? Infinity, time), null),
      last: times('last').reduce<number | null>((most, time) => Math.max(most ?? -Infinity, time), null),
      ...(cut && { cut }),
    },
  ];
}

/** Files need no credential: only whether they are there, how many, and how fresh. */
async function diagnose(settings: FileSettings, context: SourceContext): Promise<readonly SourceDiagnosis[]> {
  const { files, failures } = await find(settings, context);
  const newest = files[0];
  return [
    ...failures.map(({ detail, hint }): SourceDiagnosis => ({
      level: 'problem',
      text: hint === undefined ? detail : `${detail}. ${hint}`,
    })),
    newest
      ? {
          level: 'ok',
          text: `${files.length} files, the newest ${newest.name} of ${new Date(newest.modified).toISOString()}`,
        }
      : { level: 'problem', text: `${asList(settings.path).join(', ')} holds no file` },
    ...(settings.type === 'vault-audit' ? await diagnoseHashes(settings, context) : []),
  ];
}

function asList(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}
