/**
 * Reading a run folder, which may come from anyone: every file is bounded, no link is followed, and every value is
 * held to its shape before it is used. Nothing here writes.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { terminal } from '../../reports/escape.js';
import { messageOf, UserError } from '../errors.js';
import { SOURCE_NAMES, type HostEvidence, type SourceEvidence } from '../model.js';
import { KEXINIT_LISTS } from '../openssh/kexinit.js';
import { LIMITS, namesIn, readBounded, readPacked, sha256 } from './files.js';
import { readRecord, type RunRecord } from './run-record.js';
import { hostFile, INVENTORY, POLICY } from './store.js';

/** Nothing we save is nested nearly as deep. */
const MOST_DEEP = 64;

const text = z.string();
const failure = z.looseObject({
  code: text,
  phase: z.enum(['resolve', 'connect', 'handshake', 'login', 'exec', 'run', 'parse']),
  detail: text,
  hint: text.exactOptional(),
  attempts: z.number().exactOptional(),
});
const probe = z.looseObject({
  rc: z.number(),
  stdout: text,
  stdoutEncoding: z.enum(['utf8', 'base64']),
  stderr: text,
  bytes: z.number(),
  cut: z.boolean(),
  timedOut: z.boolean(),
  sha256: text,
});
const hostEvidence = z.looseObject({
  schema: z.literal(1),
  host: text,
  startedAt: z.iso.datetime({ offset: true }),
  finishedAt: z.iso.datetime({ offset: true }),
  connection: z
    .looseObject({
      transport: text,
      address: text,
      port: z.number(),
      user: text,
      route: z.array(text),
      hostKey: z.looseObject({ type: text, fingerprint: text, verifiedBy: text }).exactOptional(),
      authenticatedBy: text.exactOptional(),
      serverVersion: text.exactOptional(),
      timings: z.record(text, z.number()).exactOptional(),
    })
    .exactOptional(),
  handshake: z
    .looseObject({
      kexInit: z.looseObject(Object.fromEntries(KEXINIT_LISTS.map((list) => [list, text]))).exactOptional(),
      problem: text.exactOptional(),
      hostKeys: z.array(text),
    })
    .exactOptional(),
  failure: failure.exactOptional(),
  collector: z
    .looseObject({ protocol: z.number(), uid: z.number(), clock: z.number(), shell: text })
    .exactOptional(),
  probes: z.record(text, probe),
});
const sourceEvidence = z.looseObject({
  schema: z.literal(1),
  source: z.enum(SOURCE_NAMES),
  type: text,
  startedAt: z.iso.datetime({ offset: true }),
  finishedAt: z.iso.datetime({ offset: true }),
  configuration: z.record(text, z.unknown()),
  failures: z.array(z.looseObject({ code: text, detail: text, hint: text.exactOptional() })),
  answers: z.record(
    text,
    z.looseObject({
      asked: text,
      at: text,
      status: z.number(),
      body: text,
      encoding: z.enum(['utf8', 'base64']),
      bytes: z.number(),
      cut: z.boolean(),
      sha256: text,
    }),
  ),
});

export interface RunFolder {
  readonly folder: string;
  readonly record: RunRecord;
  readonly inventoryText: string;
  readonly policyText?: string;
}

/** @throws UserError when it is no run folder, or its inventory or policy is not the one it says. */
export async function openRunFolder(folder: string): Promise<RunFolder> {
  const record = await readRecord(folder);
  const inventoryText = await readText(folder, INVENTORY);
  if (sha256(inventoryText) !== record.run.inventory.sha256) throw notTheOne(folder, INVENTORY);
  const { policySha256 } = record.run;
  if (policySha256 === undefined) return { folder, record, inventoryText };
  const policyText = await readText(folder, POLICY);
  if (sha256(policyText) !== policySha256) throw notTheOne(folder, POLICY);
  return { folder, record, inventoryText, policyText };
}

async function readText(folder: string, name: string): Promise<string> {
  try {
    return (await readBounded(join(folder, name), LIMITS.text)).toString('utf8');
  } catch (error) {
    throw new UserError(
      'run-unreadable',
      `cannot use the run folder ${folder}: ${terminal(messageOf(error))}`,
      {
        cause: error,
      },
    );
  }
}

function notTheOne(folder: string, name: string): UserError {
  return new UserError('run-damaged', `${join(folder, name)} is not the file run.json tells of`, {
    hint: 'it was changed since: ssh-scorecard verify says more',
  });
}

/** Names of evidence files, sorted. @throws UserError when there is no folder of evidence. */
async function evidenceFiles(folder: string, part: string): Promise<readonly string[]> {
  try {
    const names = (await namesIn(folder, part)).filter((name) => name.endsWith('.json.gz'));
    const odd = names.find((name) => !/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name));
    if (odd !== undefined) throw new Error(`${part}/${odd} is no name of ours`);
    if (names.length <= LIMITS.entries) return names;
    throw new Error(`there are more than ${LIMITS.entries} files in ${part}`);
  } catch (error) {
    throw new UserError(
      'run-unreadable',
      `cannot use the run folder ${folder}: ${terminal(messageOf(error))}`,
      {
        cause: error,
      },
    );
  }
}

/** Hosts of a run folder with their files, in file order, one at a time. @throws UserError naming the file that cannot be used. */
export async function* readEvidenceFiles(
  folder: string,
): AsyncGenerator<{ readonly file: string; readonly evidence: HostEvidence }> {
  for (const file of await evidenceFiles(folder, 'evidence')) {
    const evidence = await readHostFile(folder, file);
    if (hostFile(evidence.host) !== file)
      throw new UserError(
        'evidence-damaged',
        `${join(folder, 'evidence', file)} is evidence of another host than it is named after`,
        { hint: 'it was changed since: ssh-scorecard verify says more' },
      );
    yield { file, evidence };
  }
}

/** One evidence file by its name. @throws UserError naming it when it cannot be used. */
export async function readHostFile(folder: string, file: string): Promise<HostEvidence> {
  // As it was saved, not as the schema would print it: its hash must stay the same.
  return (await readShaped(join(folder, 'evidence', file), LIMITS.host, hostEvidence)) as HostEvidence;
}

/** Evidence that did not come from a file. Null when it is none. */
export function shapedEvidence(value: unknown): HostEvidence | null {
  const shaped = !isDeeper(value, MOST_DEEP) && hostEvidence.safeParse(value).success;
  return shaped ? (value as HostEvidence) : null;
}

export async function* readEvidence(folder: string): AsyncGenerator<HostEvidence> {
  for await (const { evidence } of readEvidenceFiles(folder)) yield evidence;
}

/** What control-plane systems said, in file order. @throws UserError naming the file that cannot be used. */
export async function readSources(folder: string): Promise<readonly SourceEvidence[]> {
  const files = await evidenceFiles(folder, 'sources');
  const known = files.filter((file) => SOURCE_NAMES.some((name) => file === `${name}.json.gz`));
  const found: SourceEvidence[] = [];
  for (const file of known)
    found.push(
      (await readShaped(join(folder, 'sources', file), LIMITS.source, sourceEvidence)) as SourceEvidence,
    );
  return found;
}

/** @throws UserError naming the file, when it is not what `schema` says. */
export async function readShaped(path: string, most: number, schema: z.ZodType): Promise<unknown> {
  try {
    const value = await readPacked(path, most);
    if (isDeeper(value, MOST_DEEP)) throw new Error(`it is nested more than ${MOST_DEEP} deep`);
    const parsed = schema.safeParse(value);
    if (parsed.success) return value;
    const [issue] = parsed.error.issues;
    throw new Error(
      `${issue?.path.map(String).join('.') || 'the whole'}: ${issue?.message ?? 'not as expected'}`,
    );
  } catch (error) {
    throw new UserError('evidence-damaged', `cannot use ${path}: ${terminal(messageOf(error))}`, {
      cause: error,
    });
  }
}

function isDeeper(value: unknown, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some((inner) => isDeeper(inner, most - 1));
}
