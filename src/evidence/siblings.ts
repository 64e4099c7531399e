/** Runs beside a run: the one before it, which its record names, and the one it is compared with. */
import { readdir } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import type { Baseline, RunInfo, Standing } from '../model.js';
import { LIMITS, readBounded, sha256 } from './files.js';
import { MANIFEST } from './manifest.js';
import { readShaped } from './read.js';
import { readRecord, type RunRecord } from './run-record.js';
import { baselineSchema, standingSchema } from './standing-schema.js';
import { BASELINE, STANDING } from './store.js';

/** Folders of a base that are looked at, newest first. */
const MOST_LOOKED_AT = 2000;
/** Earlier runs a baseline remembers. */
const MOST_HISTORY = 400;
const RUN_NAME = /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ-[0-9a-f]{6}$/;

/** Records of the complete runs in a base folder, newest first, read as they are asked for. Unreadable ones are passed over. */
async function* completeRuns(base: string): AsyncGenerator<{ folder: string; record: RunRecord }> {
  const names = (await readdir(base).catch(() => [])).filter((name) => RUN_NAME.test(name));
  let second: { folder: string; record: RunRecord }[] = [];
  for (const name of names.sort().reverse().slice(0, MOST_LOOKED_AT)) {
    const folder = join(base, name);
    const record = await readRecord(folder).catch(() => null);
    if (record?.state !== 'finished' || record.run.partial || record.run.id !== name) continue;
    // Names tell runs of one second apart, but not which was first.
    if (second.length > 0 && secondOf(second[0]?.record) !== secondOf(record)) {
      yield* second.sort(newestFirst);
      second = [];
    }
    second.push({ folder, record });
  }
  yield* second.sort(newestFirst);
}

function secondOf(record: RunRecord | undefined): string | undefined {
  return record?.run.id.slice(0, '2026-11-21T02-00-00Z'.length);
}

function newestFirst(a: { readonly record: RunRecord }, b: { readonly record: RunRecord }): number {
  const [first, second] = [a.record.run.startedAt, b.record.run.startedAt];
  return first < second ? 1 : first > second ? -1 : 0;
}

/** The newest complete, sealed run in a base folder and the hash of its manifest. */
export async function previousRun(base: string): Promise<RunInfo['previous']> {
  for await (const { folder, record } of completeRuns(base)) {
    const manifest = await readBounded(join(folder, MANIFEST), LIMITS.text).catch(() => null);
    if (manifest) return { id: record.run.id, manifestSha256: sha256(manifest) };
  }
  return undefined;
}

/**
 * The newest complete, judged run in a base folder of the same inventory file and the same selection: comparing a part
 * with a whole would call every other host new.
 * @param before leaves out this run, and those that began later.
 */
export async function findBaseline(
  base: string,
  like: Pick<RunInfo, 'inventory' | 'selection'>,
  before?: Pick<RunInfo, 'startedAt'>,
): Promise<Baseline | undefined> {
  const selection = JSON.stringify(like.selection);
  for await (const { folder, record } of completeRuns(base)) {
    if (record.judged === undefined || (before && record.run.startedAt >= before.startedAt)) continue;
    if (normalize(record.run.inventory.path) !== normalize(like.inventory.path)) continue;
    if (JSON.stringify(record.run.selection) === selection) return baselineOf(folder);
  }
  return undefined;
}

/** A judged run as a baseline: its standing and the points before it, oldest first. @throws UserError when it has none. */
export async function baselineOf(folder: string): Promise<Baseline> {
  const record = await readRecord(folder);
  if (record.judged === undefined)
    throw new UserError('no-baseline', `${folder} was only gathered: there is nothing to compare with`, {
      hint: `judge it first: ssh-scorecard audit ${folder} --save`,
    });
  const standing = (await readShaped(join(folder, STANDING), LIMITS.text, standingSchema)) as Standing;
  const before = await savedBaseline(folder);
  const history = before === undefined ? [] : [...before.history, before.standing.point];
  return { standing, history: history.slice(-MOST_HISTORY) };
}

/** The baseline a run was judged with, if there was one. @throws UserError when it cannot be used. */
export async function savedBaseline(folder: string): Promise<Baseline | undefined> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UserError('run-unreadable', `cannot use the run folder ${folder}: ${messageOf(error)}`);
  });
  if (!names.includes(BASELINE)) return undefined;
  return (await readShaped(join(folder, BASELINE), LIMITS.text, baselineSchema)) as Baseline;
}
