/** The body of an answer: evidence, packed and sealed. */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { LIMITS } from '../evidence/files.js';
import { canonicalJson } from '../evidence/hash.js';
import { shapedEvidence } from '../evidence/read.js';
import type { HostEvidence } from '../model.js';
import { decodeAnswer, encodeAnswer, QUEUE_PROTOCOL, type Header } from './protocol.js';
import { seal, unseal, type Recipient } from './seal.js';
import { VERSION } from '../version.js';

const compress = promisify(gzip);
const expand = promisify(gunzip);

export interface Sender {
  readonly job: string;
  readonly worker: string;
  readonly recipient: string;
  readonly queueKey?: string;
}

/** What a worker brings back for one host. */
export type Work =
  | { readonly kind: 'evidence'; readonly evidence: HostEvidence }
  | { readonly kind: 'refused'; readonly why: string };

export async function packAnswer(work: Work, sender: Sender): Promise<Buffer> {
  const plain = await compress(canonicalJson(work));
  const header: Header = {
    ...headerOf(sender),
    kind: work.kind,
    ...(work.kind === 'refused' && { why: work.why.slice(0, 1000) }),
  };
  return encodeAnswer(header, (line) => seal(plain, line, sender.recipient, sender.queueKey));
}

/** Tells the coordinator to look into the shared folder. */
export function fileNotice(sender: Sender): Buffer {
  return encodeAnswer({ ...headerOf(sender), kind: 'file' }, () => Buffer.alloc(0));
}

function headerOf({ job, worker }: Sender): Omit<Header, 'kind'> {
  return { protocol: QUEUE_PROTOCOL, version: VERSION, job, worker };
}

/**
 * Null when it was not made for this run and job, or is not what a worker of this version makes.
 * A worker of another version cannot seal as this one does: its refusal is taken as it stands where no queue key is
 * used, for then anybody who reaches the queue can refuse anyway.
 */
export async function unpackAnswer(
  bytes: Buffer,
  job: string,
  recipient: Recipient,
  queueKey: string | undefined,
): Promise<Work | null> {
  const answer = decodeAnswer(bytes);
  if (answer === null || answer.header.job !== job) return null;
  const { header } = answer;
  const plain = unseal(answer.body, answer.line, recipient, queueKey);
  if (plain === null)
    return header.kind === 'refused' && queueKey === undefined
      ? { kind: 'refused', why: header.why ?? '' }
      : null;
  try {
    const text = await expand(plain, { maxOutputLength: LIMITS.host });
    return shaped(JSON.parse(text.toString('utf8')));
  } catch {
    return null;
  }
}

function shaped(value: unknown): Work | null {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return null;
  if (value.kind === 'refused')
    return 'why' in value && typeof value.why === 'string'
      ? { kind: 'refused', why: value.why.slice(0, 1000) }
      : null;
  const evidence = 'evidence' in value ? shapedEvidence(value.evidence) : null;
  return evidence === null ? null : { kind: 'evidence', evidence };
}
