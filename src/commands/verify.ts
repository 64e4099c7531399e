/** `verify`: whether run folders are as they were sealed, and follow each other. Changes nothing. */
import { access, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { jsonDocument, terminal } from '../../reports/escape.js';
import { UserError } from '../errors.js';
import { chainOf, type Chain } from '../evidence/chain.js';
import { LIMITS } from '../evidence/files.js';
import { MANIFEST } from '../evidence/manifest.js';
import { RECORD } from '../evidence/run-record.js';
import { verifyRun, type Integrity, type VerifiedRun } from '../evidence/verify.js';
import { plural } from '../plural.js';
import { resolveSettings } from '../settings.js';
import type { CommandInput } from './command.js';

interface FolderOfRuns extends Chain {
  readonly folder: string;
}

const EXIT: Readonly<Record<Integrity, number>> = { untouched: 0, touched: 1, unproven: 3 };

/** @returns 0 untouched, 1 touched, 3 when it cannot be proven. */
export async function verify({ words, flags, io }: CommandInput): Promise<number> {
  const { settings } = resolveSettings(flags, io.env, io.cwd);
  const { format } = settings;
  if (format !== 'table' && format !== 'json')
    throw new UserError('unknown-format', `verify prints table or json, not "${format}"`);
  const signers = settings['allowed-signers'];
  const options = {
    env: io.env,
    ...(signers !== undefined && { signers: await readable(resolve(io.cwd, signers)) }),
  };
  const runs: VerifiedRun[] = [];
  const folders: FolderOfRuns[] = [];
  for (const word of words) {
    const inside = await runsIn(resolve(io.cwd, word));
    const found: VerifiedRun[] = [];
    for (const name of inside ?? ['.'])
      found.push({
        ...(await verifyRun(resolve(io.cwd, word, name), options)),
        folder: inside ? join(word, name) : word,
      });
    runs.push(...found);
    if (inside) folders.push({ folder: word, ...chainOf(found) });
  }
  const integrity = worst(runs, folders);
  await io.out(format === 'json' ? asJson(integrity, runs, folders) : asText(runs, folders, settings.quiet));
  io.err(`${summary(integrity, runs)} (exit ${EXIT[integrity]})\n`);
  return EXIT[integrity];
}

async function readable(path: string): Promise<string> {
  await access(path).catch((error: unknown) => {
    throw new UserError('signers-unreadable', `--allowed-signers: cannot read ${path}`, {
      hint: 'one line for each signer: NAME KEY-TYPE KEY, as ssh-keygen(1) says under ALLOWED SIGNERS',
      cause: error,
    });
  });
  return path;
}

/** The runs of a folder of runs, by name; null when it is a run itself. */
async function runsIn(folder: string): Promise<string[] | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw new UserError('run-unreadable', `${folder} is not a folder`, {
      hint: 'give run folders, or a folder of them',
      cause: error,
    });
  });
  const names = new Set(entries.map(({ name }) => name));
  if (names.has(RECORD) || names.has(MANIFEST) || names.has('evidence')) return null;
  const runs = entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort();
  if (runs.length === 0 || runs.length > LIMITS.entries)
    throw new UserError('run-unreadable', `there is no run folder in ${folder}`, {
      hint: 'give run folders, or a folder of them',
    });
  return runs;
}

function worst(runs: readonly VerifiedRun[], folders: readonly FolderOfRuns[]): Integrity {
  if (
    runs.some(({ integrity }) => integrity === 'touched') ||
    folders.some((each) => each.problems.length > 0)
  )
    return 'touched';
  return runs.some(({ integrity }) => integrity === 'unproven') ||
    folders.some((each) => each.doubts.length > 0)
    ? 'unproven'
    : 'untouched';
}

function asText(runs: readonly VerifiedRun[], folders: readonly FolderOfRuns[], quiet: boolean): string {
  const lines = runs.flatMap((run) => [
    ...(quiet && run.integrity === 'untouched'
      ? []
      : [
          `${run.folder}: ${run.integrity}: ${run.files} files as sealed, ${run.hosts} hosts; ${signer(run)}`,
        ]),
    ...run.problems.map((text) => `  touched: ${text}`),
    ...run.doubts.map((text) => `  unproven: ${text}`),
    ...(quiet ? [] : run.notes.map((text) => `  note: ${text}`)),
  ]);
  const chains = folders.flatMap(({ folder, problems, doubts }) => [
    ...problems.map((text) => `${folder}: touched: ${text}`),
    ...doubts.map((text) => `${folder}: unproven: ${text}`),
  ]);
  return [...lines, ...chains].map((line) => `${terminal(line)}\n`).join('');
}

function signer({ signature }: VerifiedRun): string {
  switch (signature?.state) {
    case undefined:
      return 'not signed';
    case 'trusted':
      return `signed by ${signature.principal} (${signature.key})`;
    case 'untrusted':
      return `signed by ${signature.key}, which is not trusted: ${signature.because}`;
    case 'bad':
      return 'its signature is not sound';
    case 'unchecked':
      return `its signature was not checked: ${signature.because}`;
  }
}

function asJson(
  integrity: Integrity,
  runs: readonly VerifiedRun[],
  folders: readonly FolderOfRuns[],
): string {
  const shown = runs.map(({ record, ...run }) => ({ id: record?.run.id ?? null, ...run }));
  const value = { schemaVersion: 1, integrity, runs: shown, folders };
  return `${jsonDocument(JSON.stringify(value, null, 2))}\n`;
}

function summary(integrity: Integrity, runs: readonly VerifiedRun[]): string {
  const count = (wanted: Integrity) => runs.filter((run) => run.integrity === wanted).length;
  const parts = (['untouched', 'touched', 'unproven'] as const)
    .filter((wanted) => count(wanted) > 0)
    .map((wanted) => `${count(wanted)} ${wanted}`);
  return `${integrity}: ${plural(runs.length, 'run')} (${parts.join(', ')})`;
}
