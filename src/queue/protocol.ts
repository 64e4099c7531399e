/**
 * What coordinator and workers say to each other. A task names a host and the probes to run; it never carries a
 * script or a secret. An answer is a header in the open and a sealed body.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../evidence/hash.js';
import { accountProblem, addressProblem, nameProblem } from '../inventory/values.js';
import type { Host, TransportName } from '../model.js';
import type { Limits } from '../transports/transport.js';
import { taskMac } from './seal.js';

/** Raised when tasks or answers change their form. */
export const QUEUE_PROTOCOL = 1;

/** All keys of ours begin with this. */
export const PREFIX = 'ssh-scorecard';

/** What a worker can do in the coordinator's place; hosts of other transports are asked from where the run is. */
const QUEUED = ['ssh', 'openssh', 'auto'] as const satisfies readonly TransportName[];
type QueuedTransport = (typeof QUEUED)[number];

export function isQueued(host: Host): host is Host & { readonly transport: QueuedTransport } {
  return QUEUED.some((name) => name === host.transport);
}

const said = (problem: (text: string) => string | null) =>
  z
    .string()
    .max(300)
    .refine((text) => problem(text) === null, { error: 'not a value of an inventory' });
const milliseconds = z
  .int()
  .min(0)
  .max(24 * 3_600_000);

/** Strict: what a worker does not know it does not do. */
const taskSchema = z.strictObject({
  protocol: z.literal(QUEUE_PROTOCOL),
  /** Both sides run the same collector and the same parsers, or none. */
  version: z.string().max(100),
  run: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/),
  host: z.strictObject({
    name: said(nameProblem),
    address: said(addressProblem),
    port: z.int().min(1).max(65_535).exactOptional(),
    user: said(accountProblem).exactOptional(),
    transport: z.enum(QUEUED),
    become: z.enum(['sudo', 'none']),
    environment: z.string().max(100).exactOptional(),
    /** Pinned host keys: a worker believes them only with a queue key. */
    hostKeys: z.array(z.string().max(20_000)).max(50),
  }),
  probes: z.array(z.string().max(100)).max(200),
  parameters: z.strictObject({
    wrappers: z.array(z.string().regex(/^\/[A-Za-z0-9_.+@/-]{1,400}$/)).max(1000),
    loginWindowDays: z.number().min(0).max(36_500),
  }),
  limits: z.strictObject({
    connectMs: milliseconds,
    handshakeMs: milliseconds,
    loginMs: milliseconds,
    firstByteMs: milliseconds,
    idleMs: milliseconds,
    totalMs: milliseconds,
    maxStdout: z
      .int()
      .min(0)
      .max(1024 ** 3),
    maxStderr: z
      .int()
      .min(0)
      .max(1024 ** 3),
    retries: z.int().min(0).max(20),
  }),
  forced: z.literal(true).exactOptional(),
  /** X25519 public key of the run: 32 bytes, base64url. */
  recipient: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  returns: z.enum(['queue', 'folder']),
});
export type Task = z.infer<typeof taskSchema>;

/** What is in the queue: the task as text, so that its MAC is over the very bytes. */
const envelopeSchema = z.strictObject({
  task: z.string().max(200_000),
  mac: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .exactOptional(),
});
export type Envelope = z.infer<typeof envelopeSchema>;

export function envelopeOf(task: Task, queueKey: string | undefined): Envelope {
  const text = canonicalJson(task);
  return { task: text, ...(queueKey !== undefined && { mac: taskMac(text, queueKey) }) };
}

export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

export function parseEnvelope(data: unknown): Parsed<Envelope> {
  const parsed = envelopeSchema.safeParse(data);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, why: issueOf(parsed.error) };
}

/** Enough of any version's task to answer it; the rest may be of another protocol. */
const anySchema = z.looseObject({
  protocol: z.int(),
  version: z.string().max(100),
  run: taskSchema.shape.run,
  recipient: taskSchema.shape.recipient,
  returns: taskSchema.shape.returns,
});
export type AnyTask = z.infer<typeof anySchema>;

/** Who is to be answered. Never throws. */
export function parseSender(text: string): Parsed<AnyTask> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'not JSON' };
  }
  const parsed = anySchema.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, why: issueOf(parsed.error) };
}

export function parseTask(value: unknown): Parsed<Task> {
  const parsed = taskSchema.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : { ok: false, why: issueOf(parsed.error) };
}

const headerSchema = z.strictObject({
  protocol: z.int(),
  version: z.string().max(100),
  job: z.string().max(300),
  worker: z.string().max(300),
  /** `file`: the answer is in the shared folder, under the name of the job. */
  kind: z.enum(['evidence', 'refused', 'file']),
  /** Why a task was not taken. */
  why: z.string().max(1000).exactOptional(),
});
export type Header = z.infer<typeof headerSchema>;

const MOST_HEADER = 4096;
/** Bytes of one sealed answer through the queue; Redis itself takes 512 MB, and keeps them in memory. */
export const MOST_THROUGH_QUEUE = 64 * 1024 * 1024;

/** An answer as bytes: its header in JSON, a newline, the sealed body. */
export function encodeAnswer(header: Header, sealBody: (header: Buffer) => Uint8Array): Buffer {
  const line = Buffer.from(canonicalJson(header));
  return Buffer.concat([line, Buffer.from('\n'), sealBody(line)]);
}

export interface Answer {
  readonly header: Header;
  readonly line: Buffer;
  readonly body: Buffer;
}

/** Null when it is no answer of ours. Never throws. */
export function decodeAnswer(bytes: Buffer): Answer | null {
  const end = bytes.subarray(0, MOST_HEADER).indexOf(0x0a);
  if (end === -1) return null;
  const line = bytes.subarray(0, end);
  let value: unknown;
  try {
    value = JSON.parse(line.toString('utf8'));
  } catch {
    return null;
  }
  const parsed = headerSchema.safeParse(value);
  return parsed.success ? { header: parsed.data, line, body: bytes.subarray(end + 1) } : null;
}

/** The queue of an environment. One each, so that access can be given to one alone: `~ssh-scorecard:NAME:*`. */
export function queueName(environment: string | undefined): string {
  return environment === undefined ? 'no-environment' : `env-${encodeURIComponent(environment)}`;
}

/**
 * Where hosts go whose worker was lost: a worker takes one of these at a time. Among many in hand nobody can tell which
 * one brought the worker down. No environment has this name, for `%` stands only before hexadecimal digits in one.
 */
export function aloneName(queue: string): string {
  return `${queue}%alone`;
}

/** Keys of ours beside those of the queue itself. */
export const keys = {
  answers: (queue: string, run: string) => `${PREFIX}:${queue}:answers:${run}`,
  workers: (queue: string) => `${PREFIX}:${queue}:workers`,
  worker: (queue: string, id: string) => `${PREFIX}:${queue}:worker:${id}`,
} as const;

/** One job per host and run: asking twice for the same adds nothing. */
export function jobId(run: string, host: string): string {
  return `${run}.${createHash('sha256').update(host).digest('hex').slice(0, 32)}`;
}

/** The name of an answer in the shared folder. Job IDs are made of run IDs and hexadecimal digits. */
export function answerFile(job: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,250}$/.test(job)) throw new Error('not the name of a job of ours');
  return `${job}.answer`;
}

/**
 * What is taken over from the inventory: no path of this machine, nothing it logs in with, and no bastions: those lie
 * between here and the host, and the worker stands elsewhere.
 */
export function taskHost(host: Host & { readonly transport: QueuedTransport }): Task['host'] {
  const { name, address, transport, port, user, become, environment, hostKeys } = host;
  return {
    name,
    address,
    transport,
    become,
    hostKeys: [...hostKeys],
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(environment !== undefined && { environment }),
  };
}

/** A worker's own limits hold, whatever a task asks for. */
export function tighter(asked: Limits, own: Limits): Limits {
  const least = (key: keyof Limits): number => Math.min(asked[key], own[key]);
  return {
    connectMs: least('connectMs'),
    handshakeMs: least('handshakeMs'),
    loginMs: least('loginMs'),
    firstByteMs: least('firstByteMs'),
    idleMs: least('idleMs'),
    totalMs: least('totalMs'),
    maxStdout: least('maxStdout'),
    maxStderr: least('maxStderr'),
    retries: least('retries'),
  };
}

function issueOf(error: z.ZodError): string {
  const [issue] = error.issues;
  return `${issue?.path.map(String).join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`;
}
