/**
 * Report files. Each target is opened under a temporary name before any host is asked, so that a bad path fails at
 * second 0, and renamed when whole, so that no reader ever sees half a report.
 */
import { mkdir, open, rename, unlink, writeFile, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import { didYouMean } from '../inventory/suggest.js';
import type { FleetReport, RenderOptions, Report } from '../model.js';
import { textOf } from '../text-of.js';

/** Formats by id, each loaded when it is asked for. */
export type Formats = ReadonlyMap<string, () => Promise<Report>>;

interface Target {
  readonly report: Report;
  readonly path: string;
  readonly temporary: string;
  readonly handle: FileHandle;
}

export interface Outputs {
  /** Renders and writes every file. @returns what was written, for the reader: `junit.xml (junit)`. */
  write(report: FleetReport, options: RenderOptions): Promise<string[]>;
  /** Removes what was opened. Safe after `write`. */
  discard(): Promise<void>;
}

/**
 * What standard output gets: the report of `KIND=-`, at most one, else of --format. And the specs that name files.
 * @throws UserError for a kind nobody knows.
 */
export async function chooseStdout(
  specs: readonly string[],
  format: string,
  reports: Formats,
): Promise<{ readonly report: Report; readonly files: readonly string[] }> {
  const dashes = specs.filter((spec) => spec.endsWith('=-'));
  if (dashes.length > 1)
    throw new UserError(
      'bad-output',
      `--output: standard output can take one report, not ${dashes.join(' and ')}`,
    );
  const kind = dashes[0]?.slice(0, -2) ?? format;
  const report = await reports.get(kind)?.();
  if (!report)
    throw new UserError('unknown-format', `there is no format "${kind}"`, {
      hint: didYouMean(kind, reports.keys()) || `formats: ${[...reports.keys()].join(', ')}`,
    });
  return { report, files: specs.filter((spec) => !spec.endsWith('=-')) };
}

/** @param specs `KIND=PATH` each. @throws UserError for an unknown kind, a path given twice or one that cannot be written. */
export async function openOutputs(specs: readonly string[], reports: Formats, cwd: string): Promise<Outputs> {
  const targets: Target[] = [];
  const discard = async () => {
    for (const target of targets.splice(0)) {
      await target.handle.close().catch(() => undefined);
      await unlink(target.temporary).catch(() => undefined);
    }
  };
  try {
    for (const spec of specs) targets.push(await openTarget(spec, reports, cwd, targets));
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    discard,
    async write(report, options) {
      const written: string[] = [];
      while (targets[0]) {
        const target = targets[0];
        await writeFile(target.handle, textOf(target.report, report, options));
        await target.handle.close();
        await rename(target.temporary, target.path);
        targets.shift();
        written.push(`${target.path} (${target.report.id})`);
      }
      return written;
    },
  };
}

async function openTarget(
  spec: string,
  reports: Formats,
  cwd: string,
  others: readonly Target[],
): Promise<Target> {
  const at = spec.indexOf('=');
  const kind = at < 0 ? '' : spec.slice(0, at);
  const report = await reports.get(kind)?.();
  if (!report || at === spec.length - 1) {
    throw new UserError('bad-output', `--output: expected KIND=PATH, got "${spec}"`, {
      hint: didYouMean(kind, reports.keys()) || `kinds: ${[...reports.keys()].join(', ')}`,
    });
  }
  const path = resolve(cwd, spec.slice(at + 1));
  if (others.some((other) => other.path === path))
    throw new UserError('bad-output', `--output: ${path} is given twice`);
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    await mkdir(dirname(path), { recursive: true });
    return { report, path, temporary, handle: await open(temporary, 'w') };
  } catch (error) {
    throw new UserError('output-unwritable', `cannot write ${path}: ${messageOf(error)}`, { cause: error });
  }
}
