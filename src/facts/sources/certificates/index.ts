/** The certificate log: what the source kept of it, as one list of issuances and the time it covers. Pure. */
import type { Reading, SourceAnswer, SourceEvidence } from '../../../model.js';
import type { Coverage, Issuance, IssuanceLog } from '../../types.js';
import { issuanceOfEntry } from './entry.js';
import {
  certificateOf,
  type Fields,
  fromCertificate,
  instantOf,
  objectOf,
  ordered,
  parseObject,
  textOf,
} from './issuance.js';
import type { FileRecord } from './keep.js';
import { storedCoverage, type StoredWindow, windowIn } from './stored.js';
import { auditHashes, type AuditHashes, issuanceOfAudit, requestOf } from './vault-audit.js';

const DAY = 86_400_000;

/** @param evidence of source `certificates`, of any type. Answers: `issued`, and `audit-hash` where it was given. */
export function readCertificates(evidence: SourceEvidence): Reading<IssuanceLog> {
  const failures = evidence.failures.map(({ code, detail }) => `${code}: ${detail}`);
  const answer = evidence.answers['issued'];
  if (answer === undefined)
    return {
      ok: false,
      reason: evidence.failures.some(({ code }) => code === 'denied') ? 'denied' : 'failed',
      detail: `the certificate log could not be read: ${failures.join('; ') || 'nothing came back'}`,
    };
  const hashAnswer = evidence.answers['audit-hash'];
  const { issuances, files, windows, unreadable } = parseKept(
    textOfAnswer(answer),
    hashAnswer ? auditHashes(textOfAnswer(hashAnswer)) : new Map(),
  );
  const gaps = [
    ...failures.map((failure) => `the certificate log was not read whole: ${failure}`),
    ...(answer.cut ? ['what was kept of the certificate log was cut'] : []),
    ...(unreadable > 0 ? [`${unreadable} kept lines of the certificate log could not be read`] : []),
    ...files
      .filter((file) => file.unreadable > 0)
      .slice(0, 20)
      .map(
        (file) =>
          `${file.unreadable} lines of ${file.file} tell no issuance that could be read, the first at line ${file.firstUnreadable ?? '?'}`,
      ),
    ...files
      .filter(({ cut }) => cut === 'end')
      .slice(0, 20)
      .map(({ file }) => `${file} could not be read to its end`),
    ...windows
      .filter((window) => window.unreadable > 0)
      .map(
        (window) =>
          `${window.unreadable} lines of the SIEM (${window.store}) tell of signing, but no issuance that could be read, the first at ${timeText(window.firstUnreadable)}`,
      ),
  ];
  const [window] = windows;
  const { coverage, remarks } =
    evidence.type === 'siem' && window ? storedCoverage(window) : coverageOf(files, evidence);
  return { ok: true, gaps, value: { issuances: ordered(issuances), coverage, remarks } };
}

interface Parsed {
  readonly issuances: Issuance[];
  readonly files: FileRecord[];
  readonly windows: StoredWindow[];
  unreadable: number;
}

function parseKept(body: string, hashes: AuditHashes): Parsed {
  const parsed: Parsed = { issuances: [], files: [], windows: [], unreadable: 0 };
  const requests = new Map<string, number>();
  for (const text of body.split('\n')) {
    if (text === '') continue;
    const line = parseObject(text);
    const file = line && fileOf(line);
    if (file) {
      parsed.files.push(file);
      continue;
    }
    const window = line && windowIn(line);
    if (window) {
      parsed.windows.push(window);
      continue;
    }
    const issuance = line && issuanceOf(line, hashes);
    if (!issuance) {
      parsed.unreadable += 1;
      continue;
    }
    const request = requestOf(line['audit']);
    const before = request === null ? undefined : requests.get(request);
    if (before === undefined) {
      if (request !== null) requests.set(request, parsed.issuances.length);
      parsed.issuances.push(issuance);
    } else if (issuance.hashed.length < (parsed.issuances[before]?.hashed.length ?? 0)) {
      parsed.issuances[before] = issuance;
    }
  }
  return parsed;
}

function issuanceOf(line: Fields, hashes: AuditHashes): Issuance | null {
  const from = textOf(line['at']) ?? 'certificate log';
  if ('audit' in line) return issuanceOfAudit(line['audit'], from, hashes);
  if ('entry' in line) return issuanceOfEntry(line['entry'], from);
  const certificate = certificateOf(textOf(line['certificate'], 400_000) ?? '');
  return certificate && fromCertificate(certificate, from);
}

function fileOf(line: Fields): FileRecord | null {
  const fields = objectOf(line['read']);
  const file = textOf(fields?.['file']);
  if (fields === null || file === null) return null;
  const count = (key: string): number => {
    const value = fields[key];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
  };
  const cut = fields['cut'];
  return {
    file,
    lines: count('lines'),
    unreadable: count('unreadable'),
    ...(count('firstUnreadable') > 0 && { firstUnreadable: count('firstUnreadable') }),
    first: timeIn(fields['first']),
    last: timeIn(fields['last']),
    ...((cut === 'start' || cut === 'end') && { cut }),
  };
}

function timeIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && Math.abs(value) < 8.64e15 ? value : null;
}

/**
 * From the first line to the last. A folder of certificates covers nothing unless the configuration says since when it is
 * complete (`complete_since`); a log that is written as certificates are issued (`live`) covers until it was read.
 * @param files newest first.
 */
function coverageOf(
  files: readonly FileRecord[],
  { configuration, startedAt, type }: SourceEvidence,
): { coverage: Coverage; remarks: string[] } {
  const remarks: string[] = [];
  const since = instantOf(configuration['complete_since']);
  let first: number | null = null;
  let broken: number | null = null;
  for (const file of files.filter((one) => one.first !== null)) {
    const hole = first !== null && file.last !== null && first - file.last > DAY;
    if (hole && type === 'vault-audit') {
      broken = first;
      remarks.push(
        `Between ${file.file} and the next file of the certificate log more than a day is missing: it counts from the newer one on.`,
      );
      break;
    }
    first = Math.min(first ?? Infinity, file.first ?? Infinity);
    if (file.cut !== undefined) {
      broken = first;
      remarks.push(`Only the end of ${file.file} was read: the certificate log counts from there on.`);
      break;
    }
  }
  const last = files.reduce<number | null>(
    (latest, file) => (file.last === null ? latest : Math.max(latest ?? -Infinity, file.last)),
    null,
  );
  const from =
    since === null ? (broken ?? (type === 'directory' ? null : first)) : Math.max(since, broken ?? since);
  const read = instantOf(startedAt);
  return { coverage: { from, to: configuration['live'] === true ? read : last }, remarks };
}

function timeText(time: number | null): string {
  return time === null ? 'an unknown time' : new Date(time).toISOString();
}

function textOfAnswer({ body, encoding }: SourceAnswer): string {
  return encoding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : body;
}
