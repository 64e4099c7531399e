/**
 * Runs to compare, from a run folder or a results file, which may come from anyone: regular files only, bounded,
 * held to their shape.
 */
import { lstat, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { messageOf, UserError } from '../errors.js';
import { LIMITS, readBounded, readPacked } from '../evidence/files.js';
import { RECORD, readRecord } from '../evidence/run-record.js';
import { standingSchema } from '../evidence/standing-schema.js';
import { RESULTS, STANDING } from '../evidence/store.js';
import type { HistoryPoint, Standing } from '../model.js';
import { fleetReportSchema } from '../results-schema.js';
import { pointOf, standingOf, type StandingSource } from './standing.js';

/** Bytes of a results file: a longer text does not fit into one string. */
const MOST_RESULTS = 500 * 1024 * 1024;
/** Run folders a history looks at, the last ones by name. */
const MOST_RUNS = 10_000;

const text = z.string();
const report = fleetReportSchema.shape;
const result = z.object({
  id: text,
  outcome: z.object({
    status: z.enum(['pass', 'fail', 'unknown']),
    findings: z.array(z.object({ subject: text })).exactOptional(),
  }),
  waiver: z.object({ expired: z.boolean() }).exactOptional(),
  since: text.exactOptional(),
});

/** What a comparison takes from results; other keys, of newer versions too, are passed over. */
const sourceSchema = z.object({
  schemaVersion: z.literal(1),
  run: z.object({
    id: text,
    now: text,
    partial: z.boolean(),
    shard: z.object({ index: z.number(), of: z.number() }).exactOptional(),
    inventory: z.object({ hosts: z.number() }),
    selection: z.object({ hosts: z.array(text), tags: z.array(text), environments: z.array(text) }),
  }),
  closure: z.object({ verdict: z.enum(['closed', 'open', 'unproven']) }),
  totals: report.totals,
  hosts: z.array(
    z.object({
      name: text,
      score: z.number(),
      failure: z.unknown().optional(),
      connection: z.object({ hostKey: z.object({ fingerprint: text }).exactOptional() }).exactOptional(),
      results: z.array(result),
      extra: z.array(result),
      // Results from before the guidance have none.
      guidance: z.array(result).default([]),
      access: report.hosts.element.shape.access,
    }),
  ),
});

/**
 * The standing of a run.
 * @param path a run folder (its standing.json.gz, else its results.json), or such a file by any name
 * @throws UserError naming the file that cannot be used
 */
export async function readStanding(path: string): Promise<Standing> {
  const found = await lookAt(path);
  if (!found.isDirectory()) return (await readEither(path)).standing();
  const file = await judgedFile(path);
  if (file === undefined)
    throw new UserError('run-unreadable', `${path} holds neither ${STANDING} nor ${RESULTS}`, {
      hint: `judge it first: ssh-scorecard audit ${path} --save`,
    });
  return (await readEither(file)).standing();
}

async function lookAt(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    throw new UserError('run-unreadable', `cannot read ${path}: ${messageOf(error)}`, {
      hint: 'give a run folder or a results.json',
      cause: error,
    });
  }
}

async function judgedFile(folder: string): Promise<string | undefined> {
  for (const name of [STANDING, RESULTS]) if (await exists(join(folder, name))) return join(folder, name);
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

interface Judged {
  readonly standing: () => Standing;
  readonly point: () => HistoryPoint;
}

/** A standing or results, told apart by what they say they are. */
async function readEither(path: string): Promise<Judged> {
  let value: unknown;
  try {
    value = path.endsWith('.gz')
      ? await readPacked(path, LIMITS.text)
      : (JSON.parse((await readBounded(path, MOST_RESULTS)).toString('utf8')) as unknown);
  } catch (error) {
    throw new UserError('run-unreadable', `cannot use ${path}: ${messageOf(error)}`, {
      hint: 'expected the results.json or standing.json.gz of a run',
      cause: error,
    });
  }
  if (typeof value === 'object' && value !== null && 'schemaVersion' in value) {
    const source = shaped(path, sourceSchema, value) as StandingSource;
    return { standing: () => standingOf(source), point: () => pointOf(source) };
  }
  const standing = shaped(path, standingSchema, value) as Standing;
  return { standing: () => standing, point: () => standing.point };
}

function shaped(path: string, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join('.') || 'the whole';
  throw new UserError('run-damaged', `cannot use ${path}: ${where}: ${issue?.message ?? 'not as expected'}`, {
    hint: 'expected results of schema version 1, or the standing of a run',
  });
}

export interface RunsRead {
  readonly points: readonly HistoryPoint[];
  /** Run folders that cannot be counted, and why. */
  readonly unreadable: readonly { readonly folder: string; readonly problem: string }[];
}

/**
 * One point for every run folder directly in `base`, in no order. Other folders, links and files are passed over.
 * @throws UserError when `base` cannot be listed, is a run folder itself, or holds no run
 */
export async function readRuns(base: string): Promise<RunsRead> {
  if (!(await lookAt(base)).isDirectory() || (await isRun(base)))
    throw new UserError('run-unreadable', `${base} is not a folder of runs`, {
      hint: 'give the folder that holds the run folders, such as runs',
    });
  const entries = await readdir(base, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const points: HistoryPoint[] = [];
  const unreadable: { folder: string; problem: string }[] = [];
  for (const name of names.sort().slice(-MOST_RUNS)) {
    const folder = join(base, name);
    if (!(await isRun(folder))) continue;
    try {
      points.push(await readPoint(folder));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      unreadable.push({ folder: basename(folder), problem: error.message });
    }
  }
  if (points.length === 0)
    throw new UserError(
      'run-unreadable',
      `${base} holds no run that can be read${unreadable.map(({ problem }) => `; ${problem}`)[0] ?? ''}`,
      { hint: 'runs are kept with ssh-scorecard run INVENTORY --evidence DIR' },
    );
  return { points, unreadable };
}

async function isRun(folder: string): Promise<boolean> {
  for (const name of [RECORD, STANDING, RESULTS]) if (await exists(join(folder, name))) return true;
  return false;
}

async function readPoint(folder: string): Promise<HistoryPoint> {
  if (await exists(join(folder, RECORD))) {
    const { judged } = await readRecord(folder);
    if (judged) return judged;
  }
  const file = await judgedFile(folder);
  if (file !== undefined) return (await readEither(file)).point();
  throw new UserError('not-judged', `${folder} was gathered, but not judged`);
}
