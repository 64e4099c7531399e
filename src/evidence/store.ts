/**
 * The run folder: raw evidence as it arrives, so that a run can be judged again without asking a host.
 *
 *   <base>/2026-11-21T02-00-00Z-1a2b3c/
 *     run.json  inventory.yaml  policy.yaml  evidence/<host>.json.gz  sources/<source>.json.gz
 *     baseline.json.gz  results.json  standing.json.gz  report.html  MANIFEST.sha256  MANIFEST.sha256.sig
 *
 * It appears whole, with a record of what is asked; every file after that is written under a temporary name and
 * renamed. A run killed at any moment leaves a run that can be judged, resumed and merged.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import type { Baseline, HostEvidence, SourceEvidence, Standing } from '../model.js';
import { sha256, writePacked, writeWhole } from './files.js';
import { EARLIER_MANIFEST, MANIFEST, sealFolder, SIGNATURE } from './manifest.js';
import { writeRecord, type RunRecord } from './run-record.js';

export const INVENTORY = 'inventory.yaml';
export const POLICY = 'policy.yaml';
export const STANDING = 'standing.json.gz';
export const BASELINE = 'baseline.json.gz';
export const RESULTS = 'results.json';

export interface RunStore {
  readonly folder: string;
  /** Says in the record that the run goes on. */
  begin(record: RunRecord): Promise<void>;
  writeHost(evidence: HostEvidence): Promise<void>;
  writeSource(evidence: SourceEvidence): Promise<void>;
  writeBaseline(baseline: Baseline): Promise<void>;
  writeStanding(standing: Standing): Promise<void>;
  /** A report or the policy, by its file name. */
  writeReport(name: string, text: string | Iterable<string>): Promise<void>;
  /** Writes the finished record and seals the folder: the last thing done to it but signing. */
  finish(record: RunRecord): Promise<void>;
}

export interface NewRun {
  readonly record: RunRecord;
  readonly inventoryText: string;
  readonly policyText?: string;
}

/** @throws UserError when the folder cannot be made: before any host is asked. */
export async function createRun(base: string, run: NewRun): Promise<RunStore> {
  const folder = join(base, run.record.run.id);
  const unborn = join(base, `.${run.record.run.id}.${randomBytes(3).toString('hex')}.tmp`);
  try {
    await mkdir(join(unborn, 'evidence'), { recursive: true, mode: 0o700 });
    await mkdir(join(unborn, 'sources'), { mode: 0o700 });
    await writeWhole(join(unborn, INVENTORY), run.inventoryText);
    if (run.policyText !== undefined) await writeWhole(join(unborn, POLICY), run.policyText);
    await writeRecord(unborn, run.record);
    await rename(unborn, folder);
  } catch (error) {
    await rm(unborn, { recursive: true, force: true }).catch(() => undefined);
    throw new UserError('evidence-unwritable', `cannot write the run folder ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return storeAt(folder);
}

/**
 * Writes to a run folder that exists: what killed writers left half done is removed, and with it the seal.
 * @param keepSeal keeps the manifest beside the next one, so that a run which names it in its chain still finds it.
 */
export async function reopenRun(folder: string, keepSeal: boolean): Promise<RunStore> {
  try {
    for (const part of ['.', 'evidence', 'sources']) {
      const names = await readdir(join(folder, part)).catch(() => []);
      for (const name of names)
        if (/\.\d+\.tmp$/.test(name)) await unlink(join(folder, part, name)).catch(() => undefined);
    }
    for (const part of ['evidence', 'sources'])
      await mkdir(join(folder, part), { recursive: true, mode: 0o700 });
    if (keepSeal) await rename(join(folder, MANIFEST), join(folder, EARLIER_MANIFEST)).catch(absent);
    else await unlink(join(folder, MANIFEST)).catch(absent);
    await unlink(join(folder, SIGNATURE)).catch(absent);
  } catch (error) {
    throw new UserError('evidence-unwritable', `cannot write the run folder ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return storeAt(folder);
}

function absent(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}

function storeAt(folder: string): RunStore {
  return {
    folder,
    begin: (record) => writeRecord(folder, record),
    writeHost: (evidence) => writePacked(join(folder, 'evidence', hostFile(evidence.host)), evidence),
    writeSource: (evidence) => writePacked(join(folder, 'sources', `${evidence.source}.json.gz`), evidence),
    writeBaseline: (baseline) => writePacked(join(folder, BASELINE), baseline),
    writeStanding: (standing) => writePacked(join(folder, STANDING), standing),
    writeReport: (name, text) => writeWhole(join(folder, name), text),
    async finish(record) {
      await writeRecord(folder, record);
      await sealFolder(folder);
    },
  };
}

/** `2026-11-21T02-00-00Z-1a2b3c`: sorts by time, and two runs in one second stay apart. */
export function runId(startedAt: Date, random: string): string {
  return `${startedAt
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-')}-${random.slice(0, 6)}`;
}

/** The file of a host's evidence. Names that are no plain label are hashed, so that none can leave the folder. */
export function hostFile(host: string): string {
  const safe = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/.test(host);
  return `${safe ? host : `h-${sha256(host)}`}.json.gz`;
}
