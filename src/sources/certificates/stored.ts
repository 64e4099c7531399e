/**
 * The audit log of Vault or OpenBao, from the log store of `sources.siem`. Read day by day, newest first; of every line
 * only what tells an issuance is kept, as it is of files.
 */
import { readStoredLine, type StoredWindow } from '../../facts/sources/certificates/stored.js';
import { hoursOf } from '../../facts/sources/siem/hours.js';
import type { Window } from '../../facts/sources/siem/names.js';
import { parserOf } from '../../facts/sources/siem/stores.js';
import type { SourceAnswer, SourceFailure } from '../../model.js';
import { SourceProblem } from '../problem.js';
import { answerOf, type Recorder } from '../recorder.js';
import { missingBeside, type StoredSettings } from '../settings/certificates.js';
import { settings as siemSchema, type SiemSettings } from '../settings/siem.js';
import { linesThere, openLogStore } from '../siem/index.js';
import type { LogStore } from '../siem/store.js';
import { AUDIT_WINDOW, closedWindow, DAY, HOUR } from '../siem/window.js';
import type { Asked, SourceContext, SourceDiagnosis } from '../source.js';
import { diagnoseHashes, hashAnswers } from './audit-hash.js';

const MAX_KEPT = 50_000;
const MAX_KEPT_BYTES = 64 << 20;
const MAX_FAILURES = 50;

/** @returns answer `issued`: one JSON line for every issuance, one for the window that was read; `audit-hash`. */
export async function askStored(settings: StoredSettings, context: SourceContext): Promise<Asked> {
  const siem = storeOf(settings, context);
  const window = closedWindow(siem, context.now);
  const failures: SourceFailure[] = [];
  const answers: Record<string, SourceAnswer> = {};
  const store = await openLogStore(siem, context);
  try {
    const hours = await hoursIn(store, siem, window, failures);
    if (failures.some(({ code }) => code !== 'bad-answer')) return { answers, failures };
    const body = await issuedIn(store, settings, { siem, window, hours, failures, signal: context.signal });
    const asked = `lines of ${siem.type} about signing, ${iso(window.from)} to ${iso(window.to)}`;
    answers['issued'] = answerOf({ asked, at: context.now, status: 0, bytes: Buffer.from(body) });
  } finally {
    await store.close();
  }
  const found = answers['issued']?.body ?? '';
  return { answers: { ...answers, ...(await hashAnswers(settings, context, found, failures)) }, failures };
}

/** The settings of the store, selecting lines of the audit log in place of sshd's. @throws SourceProblem */
function storeOf(settings: StoredSettings, { sources = {} }: SourceContext): SiemSettings {
  const parsed = siemSchema.safeParse(sources.siem);
  const wrong = missingBeside(settings, {
    ...sources,
    siem: parsed.success ? parsed.data : undefined,
  });
  if (wrong !== null || !parsed.success) {
    const { key, message } = wrong ?? { key: 'type', message: 'sources.siem cannot be used' };
    throw new SourceProblem({
      code: 'not-found',
      detail: `sources.certificates${key === '' ? '' : `.${key}`}: ${message}`,
    });
  }
  const { selector, index, message_field, time_field, issuance_query, search, log_groups } = settings;
  const own = { selector, index, message_field, time_field, search, log_groups };
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return {
    ...parsed.data,
    ...given,
    // What narrows the lines of sshd would hide those of Vault.
    ...('index' in parsed.data && { query: settings.query, message_field, issuance_query }),
    window: settings.window ?? AUDIT_WINDOW,
    lag: settings.lag ?? parsed.data.lag,
  };
}

async function hoursIn(
  store: LogStore,
  { type }: SiemSettings,
  window: Window,
  failures: SourceFailure[],
): Promise<readonly number[] | null> {
  const result = await store.hours(window);
  if (!result.ok) {
    failures.push(result.failure);
    return null;
  }
  const hours = hoursOf(type, result.answer);
  if (hours === null)
    failures.push({
      code: 'bad-answer',
      detail: 'in which hours there are lines of the audit log could not be understood',
    });
  else if (hours.length === 0)
    failures.push({
      code: 'not-found',
      detail: `the SIEM (${type}) shows no line of the audit log since ${iso(window.from)}`,
      hint: 'correct what is selected, or let the credential read it',
    });
  return hours;
}

interface Round {
  readonly siem: SiemSettings;
  readonly window: Window;
  readonly hours: readonly number[] | null;
  readonly failures: SourceFailure[];
  readonly signal: AbortSignal;
}

/** Day by day, newest first, until all was read, something failed, or there is no more to keep. */
async function issuedIn(store: LogStore, settings: StoredSettings, round: Round): Promise<string> {
  const { siem, window, hours, failures, signal } = round;
  const mounts = [settings.mounts ?? []].flat();
  const digest = digesterFor(siem, mounts, failures);
  let from = window.to;
  while (from > window.from && failures.length === 0) {
    const part = { from: Math.max(window.from, from - DAY), to: from };
    if (signal.aborted) {
      failures.push({ code: 'timeout', detail: `reading stopped before ${iso(part.to)}` });
      break;
    }
    if (hours === null || hours.some((hour) => hour < part.to && hour + HOUR > part.from)) {
      await store.lines('issuances', part, digest.recorder);
      if (failures.length > 0) break;
    }
    from = part.from;
    if (digest.full()) break;
  }
  const { lines, unreadable, firstUnreadable } = digest.counts();
  const read: StoredWindow = {
    store: siem.type,
    from,
    to: window.to,
    hours,
    lines,
    unreadable,
    firstUnreadable,
    cut: from > window.from && failures.length === 0,
  };
  return [JSON.stringify({ window: read }), ...digest.kept()].join('\n') + '\n';
}

interface Digest {
  /** Takes answers as they come, and keeps none of them whole. */
  readonly recorder: Recorder;
  full(): boolean;
  kept(): readonly string[];
  counts(): Pick<StoredWindow, 'lines' | 'unreadable' | 'firstUnreadable'>;
}

function digesterFor(siem: SiemSettings, mounts: readonly string[], failures: SourceFailure[]): Digest {
  const parse = parserOf(siem.type);
  // One page begins where the one before it ends, so that lines may come twice.
  const kept = new Set<string>();
  let bytes = 0;
  const counts: { lines: number; unreadable: number; firstUnreadable: number | null } = {
    lines: 0,
    unreadable: 0,
    firstUnreadable: null,
  };
  const fail = (failure: SourceFailure): void => {
    const known = failures.some(({ code, detail }) => code === failure.code && detail === failure.detail);
    if (!known && failures.length < MAX_FAILURES) failures.push(failure);
  };
  const keep = (_name: string, answer: SourceAnswer): void => {
    const { rows, problems } = parse?.(answer, { ...siem }, 0) ?? { rows: [], problems: ['no such store'] };
    for (const detail of problems) fail({ code: 'bad-answer', detail: `${siem.type}: ${detail}` });
    for (const { line, at } of rows) {
      const read = readStoredLine(line, mounts);
      counts.lines += 1;
      if (read.state === 'unreadable') {
        counts.unreadable += 1;
        counts.firstUnreadable = Math.min(counts.firstUnreadable ?? Infinity, at ?? Infinity);
      }
      if (read.kept === undefined) continue;
      const when = at === null ? '' : ` ${iso(at)}`;
      const text = JSON.stringify({ at: `${siem.type}${when}`, audit: read.kept });
      if (kept.has(text)) continue;
      kept.add(text);
      bytes += text.length;
    }
  };
  const recorder: Recorder = {
    keep,
    fail,
    record: (name, result) => {
      if (result.ok) keep(name, result.answer);
      else fail(result.failure);
      return result;
    },
    // A day is read to its end: beyond it nothing more is.
    room: () => Math.max(0, 2 * MAX_KEPT_BYTES - bytes),
    asked: () => ({ answers: {}, failures }),
  };
  return {
    recorder,
    full: () => kept.size >= MAX_KEPT || bytes >= MAX_KEPT_BYTES,
    kept: () => [...kept],
    counts: () => ({
      ...counts,
      firstUnreadable: Number.isFinite(counts.firstUnreadable) ? counts.firstUnreadable : null,
    }),
  };
}

/** Whether the store can be read and holds anything of the audit log. */
export async function diagnoseStored(
  settings: StoredSettings,
  context: SourceContext,
): Promise<readonly SourceDiagnosis[]> {
  const siem = storeOf(settings, context);
  const store = await openLogStore(siem, context);
  try {
    return [...(await linesThere(store, siem, context)), ...(await diagnoseHashes(settings, context))];
  } finally {
    await store.close();
  }
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
