/** Collects what a source answered, bounded in number and in bytes, in the shape that is saved with the run. */
import { createHash } from 'node:crypto';
import type { SourceAnswer, SourceFailure } from '../model.js';
import type { HttpResult } from './http-types.js';
import type { Asked } from './source.js';

const MiB = 1024 * 1024;
const MAX_TOTAL = 64 * MiB;
const MAX_ANSWERS = 20_000;
const MAX_FAILURES = 200;
/** At most so many bytes of an UTF-8 character can be lost where an answer was cut. */
const PARTIAL_CHARACTER = 3;

export interface Recorder {
  /** Keeps an answer under a name its parser knows. Names are unique: a second answer replaces the first. */
  keep(name: string, answer: SourceAnswer): void;
  fail(failure: SourceFailure): void;
  /** Keeps the answer of a request, if there is one, and its failure, if there is one. Returns the result itself. */
  record(name: string, result: HttpResult): HttpResult;
  /** Bytes still free. Ask nothing more at 0. */
  room(): number;
  asked(): Asked;
}

/** @param maxBytes of all bodies together. What does not fit is dropped, and a `too-much` failure says so once. */
export function createRecorder(maxBytes: number = MAX_TOTAL): Recorder {
  const answers = new Map<string, SourceAnswer>();
  const failures: SourceFailure[] = [];
  let used = 0;
  let overflow = false;
  const fail = (failure: SourceFailure): void => {
    if (failures.length < MAX_FAILURES) failures.push(failure);
  };
  const keep = (name: string, answer: SourceAnswer): void => {
    const before = answers.get(name)?.body.length ?? 0;
    const fits =
      used - before + answer.body.length <= maxBytes && (answers.has(name) || answers.size < MAX_ANSWERS);
    if (fits) {
      used += answer.body.length - before;
      answers.set(name, answer);
      return;
    }
    if (overflow) return;
    overflow = true;
    used = maxBytes;
    fail({
      code: 'too-much',
      detail: `the answers together exceed ${Math.round(maxBytes / 1024)} KiB or ${MAX_ANSWERS} in number; from ${name} on they were not kept`,
      hint: 'ask for less: fewer mounts, a shorter window, a narrower query',
    });
  };
  return {
    keep,
    fail,
    record(name, result) {
      if (result.answer !== undefined) keep(name, result.answer);
      if (!result.ok) fail(result.failure);
      return result;
    },
    room: () => (answers.size >= MAX_ANSWERS ? 0 : Math.max(0, maxBytes - used)),
    asked: () => ({ answers: Object.fromEntries(answers), failures }),
  };
}

/**
 * An answer as it is saved.
 * @param given.bytes what is kept; `total` how many there were at least, when more than kept.
 */
export function answerOf(given: {
  readonly asked: string;
  readonly at: Date;
  readonly status: number;
  readonly bytes: Uint8Array;
  readonly total?: number;
  readonly cut?: boolean;
}): SourceAnswer {
  const { asked, at, status, bytes, total = bytes.length, cut = total > bytes.length } = given;
  const text = utf8(bytes, cut ? PARTIAL_CHARACTER : 0);
  const kept = text === null ? Buffer.from(bytes) : Buffer.from(text, 'utf8');
  return {
    asked,
    at: at.toISOString(),
    status,
    body: text ?? kept.toString('base64'),
    encoding: text === null ? 'base64' : 'utf8',
    bytes: total,
    cut,
    sha256: createHash('sha256').update(kept).digest('hex'),
  };
}

/** The text, giving up at most `spare` bytes at its end; null when it is not UTF-8. */
function utf8(bytes: Uint8Array, spare: number): string | null {
  for (let drop = 0; drop <= Math.min(spare, bytes.length); drop += 1) {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
        bytes.subarray(0, bytes.length - drop),
      );
    } catch {
      // Not a whole number of characters, or not UTF-8 at all: one byte less, while there are any to spare.
    }
  }
  return null;
}
