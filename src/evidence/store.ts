/**
 * The run folder: raw evidence as it arrives, so that a run can be judged again without asking a host.
 *
 *   <base>/2026-11-21T02-00-00Z-1a2b3c/
 *     run.json  inventory.yaml  evidence/<host>.json.gz
 *
 * Every file is written under a temporary name and renamed, 0600 in folders 0700: a run killed at any moment
 * leaves only whole files.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { messageOf, UserError } from '../errors.js';
import type { HostEvidence, RunInfo } from '../model.js';
import { canonicalJson } from './hash.js';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** One host's evidence never unpacks to more than this. Bytes. */
const MAX_HOST_EVIDENCE = 256 * 1024 * 1024;

export interface RunStore {
  readonly folder: string;
  writeHost(evidence: HostEvidence): Promise<void>;
  /** Writes run.json; without it the folder is a partial run. */
  finish(run: RunInfo, version: string): Promise<void>;
}

/** @throws UserError when the folder cannot be made: before any host is asked. */
export async function createRun(base: string, id: string, inventoryText: string): Promise<RunStore> {
  const folder = join(base, id);
  try {
    await mkdir(join(folder, 'evidence'), { recursive: true, mode: 0o700 });
    await writeWhole(join(folder, 'inventory.yaml'), Buffer.from(inventoryText));
  } catch (error) {
    throw new UserError('evidence-unwritable', `cannot write the run folder ${folder}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return {
    folder,
    async writeHost(evidence) {
      await writeWhole(
        join(folder, 'evidence', hostFile(evidence.host)),
        await compress(canonicalJson(evidence)),
      );
    },
    async finish(run, version) {
      const text = JSON.stringify({ format: 1, tool: 'ssh-scorecard', version, run }, null, 2);
      await writeWhole(join(folder, 'run.json'), Buffer.from(`${text}\n`));
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

/** Host names are labels of [A-Za-z0-9._-]; anything else is hashed, so that no name can leave the folder. */
function hostFile(host: string): string {
  const safe = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,200}$/.test(host);
  return `${safe ? host : `h-${createHash('sha256').update(host).digest('hex')}`}.json.gz`;
}

async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, bytes, { mode: 0o600 });
  await rename(temporary, path);
}

/** Hosts of a run folder, in file order, one at a time. @throws UserError naming the file that cannot be used. */
export async function* readEvidence(folder: string): AsyncGenerator<HostEvidence> {
  const dir = join(folder, 'evidence');
  let names: string[];
  try {
    names = (await readdir(dir)).filter((name) => name.endsWith('.json.gz')).sort();
  } catch (error) {
    throw new UserError('run-unreadable', `${folder} is not a run folder: ${messageOf(error)}`, {
      cause: error,
    });
  }
  for (const name of names) {
    const path = join(dir, name);
    try {
      const text = await expand(await readFile(path), { maxOutputLength: MAX_HOST_EVIDENCE });
      const evidence = JSON.parse(text.toString('utf8')) as HostEvidence;
      if (evidence.schema !== 1 || typeof evidence.host !== 'string')
        throw new Error('not evidence of format 1');
      yield evidence;
    } catch (error) {
      throw new UserError('evidence-damaged', `cannot use ${path}: ${messageOf(error)}`, { cause: error });
    }
  }
}

/** The inventory and run record of a run folder. */
export async function readRun(
  folder: string,
): Promise<{ readonly inventoryText: string; readonly run: RunInfo | null }> {
  try {
    const inventoryText = await readFile(join(folder, 'inventory.yaml'), 'utf8');
    const text = await readFile(join(folder, 'run.json'), 'utf8').catch(() => null);
    return { inventoryText, run: text === null ? null : (JSON.parse(text) as { run: RunInfo }).run };
  } catch (error) {
    throw new UserError('run-unreadable', `${folder} is not a run folder: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
