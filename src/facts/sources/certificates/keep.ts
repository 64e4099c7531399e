/**
 * What is kept of a certificate log: one JSON line for every issuance, one for every file. The rest is dropped where it
 * is read, because logs of a CA hold more than an audit may keep: tokens, private keys that `issue` answers with.
 */
import { decodeBase64 } from '../../../openssh/base64.js';
import { parseCertificateLine, tryParseCertificate } from '../../../openssh/certificate.js';
import { slimEntry, timeOfEntry } from './entry.js';
import { type Fields, parseObject } from './issuance.js';
import { readAuditLine } from './vault-audit.js';

/** How one file was read. Times in milliseconds. */
export interface FileRecord {
  readonly file: string;
  readonly lines: number;
  /** Lines that could not be read, and the first of them. */
  readonly unreadable: number;
  readonly firstUnreadable?: number;
  /** Time of the first and the last line that tell one. */
  readonly first: number | null;
  readonly last: number | null;
  /** `start`: only its end was read. `end`: it could not be read to its end. */
  readonly cut?: 'start' | 'end';
}

export interface KeptLine {
  readonly state: 'issued' | 'other' | 'unreadable';
  readonly kept?: Fields;
  readonly time: number | null;
}

export type LogType = 'jsonl' | 'directory' | 'step-ca' | 'vault-audit';

/** Reads one line of a log. Pure; never throws. */
export function keeper(type: LogType, mounts: readonly string[]): (line: string) => readonly KeptLine[] {
  if (type === 'vault-audit')
    return (line) => {
      const { kept, ...read } = readAuditLine(line, mounts);
      return [{ ...read, ...(kept && { kept: { audit: kept } }) }];
    };
  if (type === 'directory') return (line) => [certificateLine(line)];
  if (type === 'step-ca') return exportedLine;
  return (line) => {
    const fields = parseObject(line);
    const entry = fields === null ? null : slimEntry(fields);
    if (entry === null) return [{ state: 'unreadable', time: null }];
    return [{ state: 'issued', kept: { entry }, time: timeOfEntry(entry) }];
  };
}

/** A line of any file: a certificate, or nothing of interest. A file may well hold other things, also private ones. */
function certificateLine(line: string): KeptLine {
  if (!line.includes('-cert-v01@openssh.com')) return { state: 'other', time: null };
  const certificate = parseCertificateLine(line.trim());
  if ('problem' in certificate) return { state: 'unreadable', time: null };
  const [type, base64] = line.trim().split(/\s+/);
  return {
    state: 'issued',
    kept: { certificate: `${type} ${base64}` },
    time: timeOf(certificate.validAfter),
  };
}

const MAX_NODES = 1_000_000;

/**
 * JSON as exports of a step-ca database give it: the table `ssh_certs` maps a serial to the certificate's bytes in
 * base64; lists and other nestings are understood, and X.509 certificates passed over. Source: smallstep/certificates,
 * db/db.go.
 */
function exportedLine(text: string): readonly KeptLine[] {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    return [{ state: 'unreadable', time: null }];
  }
  const found: KeptLine[] = [];
  const waiting: unknown[] = [root];
  for (let seen = 0; waiting.length > 0; seen += 1) {
    if (seen === MAX_NODES) return [...found, { state: 'unreadable', time: null }];
    const node = waiting.pop();
    if (typeof node === 'string') found.push(...exported(node));
    else if (typeof node === 'object' && node !== null)
      for (const child of Object.values(node)) waiting.push(child);
  }
  return found.length > 0 ? found : [{ state: 'other', time: null }];
}

/** Raw bytes begin with the length of their type's name, which is below 256: three zero bytes, `AAAA` in base64. */
function exported(text: string): readonly KeptLine[] {
  if (text.includes('-cert-v01@openssh.com ')) return [certificateLine(text)];
  if (!text.startsWith('AAAA') || text.length < 200 || text.length > 400_000) return [];
  const bytes = decodeBase64(text);
  const certificate = bytes === null ? null : tryParseCertificate(bytes);
  if (certificate === null || 'problem' in certificate) return [];
  return [
    {
      state: 'issued',
      kept: { certificate: `${certificate.type} ${text.replace(/\s/g, '')}` },
      time: timeOf(certificate.validAfter),
    },
  ];
}

function timeOf(validAfter: bigint): number | null {
  const time = Number(validAfter) * 1000;
  return time > 0 && time < 8.64e15 ? time : null;
}
