/**
 * run.json: what a run was asked to do, written before the first host is asked and again when it is finished. So a
 * run that was killed can be judged, resumed and merged like any other.
 */
import { join } from 'node:path';
import { z } from 'zod';
import { terminal } from '../../reports/escape.js';
import { messageOf, UserError } from '../errors.js';
import { fleetReportSchema } from '../results-schema.js';
import { LIMITS, readBounded, writeWhole } from './files.js';

export const RECORD = 'run.json';

const text = z.string();
const texts = z.array(text);
const count = z.int().min(0);
const instant = z.iso.datetime({ offset: true });
/** Also the name of a folder: nothing that leaves its parent. */
const runName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$/);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** RunInfo of the model, as results have it; here names and instants are held to their form too. */
const runInfo = fleetReportSchema.shape.run.extend({
  id: runName,
  startedAt: instant,
  finishedAt: instant,
  now: instant,
  shard: z.strictObject({ index: z.int().min(1), of: z.int().min(1).max(1000) }).exactOptional(),
  previous: z.strictObject({ id: runName, manifestSha256: digest }).exactOptional(),
});

const recordSchema = z.strictObject({
  format: z.literal(1),
  tool: z.literal('ssh-scorecard'),
  version: text,
  command: z.enum(['run', 'gather', 'merge']),
  /** `running` in a folder whose process was killed. */
  state: z.enum(['running', 'finished']),
  run: runInfo,
  /** Where the policy was read from, when it is not in the inventory. */
  policyPath: text.exactOptional(),
  /** `given`: the clock was set by --now, and a resumed run keeps it. */
  clock: z.enum(['start', 'given']),
  /** Hosts this run was to ask, sorted; of a merged run, those its inventory and selection name. */
  hosts: texts,
  /** Hosts with evidence; gathered to the end; with none. Set when finished. */
  counts: z.strictObject({ evidence: count, complete: count, missing: count }).exactOptional(),
  /** Set when the run was judged. */
  judged: fleetReportSchema.shape.history.element.exactOptional(),
  /** What the reader of the report has to know and the evidence does not tell. */
  warnings: texts,
  /** Runs a merged run was made of. */
  mergedFrom: z
    .array(z.strictObject({ id: runName, manifestSha256: digest.exactOptional() }))
    .exactOptional(),
});

export type RunRecord = z.infer<typeof recordSchema>;

/** @throws UserError naming the file and what is wrong with it. */
export async function readRecord(folder: string): Promise<RunRecord> {
  const path = join(folder, RECORD);
  const bytes = await readBounded(path, LIMITS.text).catch((error: unknown) => {
    throw new UserError('run-unreadable', `${folder} is not a run folder: ${messageOf(error)}`, {
      cause: error,
    });
  });
  return parseRecord(path, bytes.toString('utf8'));
}

/** @throws UserError naming the file and what is wrong with it. */
export function parseRecord(path: string, json: string): RunRecord {
  const damaged = (what: string) =>
    new UserError('run-damaged', `cannot use ${path}: ${terminal(what)}`, {
      hint: 'it was not written by this version of ssh-scorecard, or was changed since',
    });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw damaged(messageOf(error));
  }
  const parsed = recordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw damaged(`${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? 'not a run record'}`);
}

export async function writeRecord(folder: string, record: RunRecord): Promise<void> {
  await writeWhole(join(folder, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}
