/**
 * `audit`: judge a run folder again, offline. The run's own clock, policy, selection and baseline hold unless others
 * are given, so the same folder gives the same report.
 */
import { readdir } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { terminal } from '../../reports/escape.js';
import { UserError } from '../errors.js';
import { keepJudged, loadKept } from '../evidence/judged.js';
import { compareFolder, SIGNATURE } from '../evidence/manifest.js';
import type { RunFolder } from '../evidence/read.js';
import type { RunRecord } from '../evidence/run-record.js';
import { findBaseline, savedBaseline } from '../evidence/siblings.js';
import { POLICY, reopenRun } from '../evidence/store.js';
import { judgeFolder } from '../judgement.js';
import type { Inventory } from '../inventory/load.js';
import type { Baseline, FleetReport } from '../model.js';
import type { Settings } from '../options.js';
import { resolveSettings } from '../settings.js';
import { textOf } from '../text-of.js';
import { baselineFor } from './baseline.js';
import { checkKey, signIfAsked, unloaded } from './fleet.js';
import { chooseStdout, openOutputs } from './outputs.js';
import { openSaved } from './saved.js';
import { conclude, demandsOf, FILE_OPTIONS, renderOptions } from './setup.js';
import type { CommandInput } from './command.js';

export async function audit(input: CommandInput): Promise<number> {
  const { args, flags, io } = input;
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  if (settings['from-ansible'] !== undefined)
    return (await import('./from-ansible.js')).auditAnsible(input, settings, warnings);
  const path = args['folder'];
  if (path === undefined)
    throw new UserError('usage', 'an argument is missing: the run folder', {
      hint: 'or --from-ansible DIR --inventory FILE',
    });
  if (settings.inventory !== undefined || settings.evidence !== undefined)
    throw new UserError(
      'usage',
      '--inventory and --evidence belong to --from-ansible: a run folder has its own',
    );
  const { run, inventory, selection, parts, now } = await openSaved(path, settings, io);
  const { changed } = await integrity(run.folder);
  if (settings.sign !== undefined) checkKey(resolve(io.cwd, settings.sign));
  if (settings.save) refuseToSave(path, run, settings, changed, await isSigned(run.folder));
  else if (settings.sign !== undefined)
    throw new UserError('usage', '--sign belongs to --save: audit alone changes nothing in the run folder');
  const { report: chosenReport, files } = await chooseStdout(settings.output, settings.format, parts.reports);
  const outputs = await openOutputs(files, parts.reports, io.cwd);
  try {
    const baseline = await baselineOfAudit(settings, run, io.cwd);
    const { checks, plugins, guidance } = parts;
    const noAccess = settings['no-access'];
    const judging = { inventory, checks, plugins, guidance, warnings: changed, baseline, noAccess };
    const report = await judgeFolder(run, judging, now, selection);
    const notes = [...warnings, ...unloaded(inventory, settings), ...report.warnings];
    if (!settings.quiet) for (const warning of notes) io.err(`warning: ${terminal(warning)}\n`);
    for (const text of textOf(chosenReport, report, renderOptions(settings, io))) await io.out(text);
    const written = await outputs.write(report, FILE_OPTIONS);
    if (settings.save) {
      await save(run, inventory, report, baseline ?? undefined, settings);
      written.push(`${path} (results)`);
    }
    if (!settings.quiet) for (const file of written) io.err(`written: ${file}\n`);
    if (settings.save) await signIfAsked(run.folder, settings, io);
    return conclude(report, demandsOf(settings, inventory.policy), io, undefined);
  } finally {
    await outputs.discard();
  }
}

/** A sealed folder that is not as it was sealed: said in the report that is made from it. */
async function integrity(folder: string): Promise<{ readonly changed: readonly string[] }> {
  const { manifest, problems } = await compareFolder(folder);
  if (!manifest || problems.length === 0) return { changed: [] };
  const more = problems.length > 1 ? `, and ${problems.length - 1} more` : '';
  return {
    changed: [`the run folder was changed after it was sealed: ${terminal(problems[0] ?? '')}${more}`],
  };
}

async function isSigned(folder: string): Promise<boolean> {
  return (await readdir(folder)).includes(SIGNATURE);
}

function refuseToSave(
  path: string,
  { record, folder }: RunFolder,
  settings: Settings,
  changed: readonly string[],
  signed: boolean,
): void {
  const refuse = (code: string, why: string, hint: string): never => {
    throw new UserError(code, `--save: ${why}`, { hint });
  };
  if (settings.check.length + settings['skip-check'].length > 0 || settings['no-guidance'])
    refuse(
      'usage',
      'the run is judged with its own selection of checks',
      'leave out --check, --skip-check and --no-guidance',
    );
  if (signed)
    refuse(
      'run-signed',
      `${path} is signed, and stays as it is`,
      'audit it without --save, or use -o json=FILE',
    );
  if (record.judged !== undefined)
    refuse('run-judged', `${path} was judged already, and stays as it is`, 'audit it without --save');
  if (record.state === 'running' || record.run.shard)
    refuse(
      'run-unfinished',
      `${path} is ${record.run.shard ? 'one shard of a run' : 'not finished'}`,
      record.run.shard ? 'join the shards with merge first' : `finish it with: run --resume ${path}`,
    );
  if (record.run.id !== basename(folder))
    refuse('run-renamed', `${path} is run ${record.run.id} under another name`, 'give it back its name');
  if (changed.length > 0) refuse('run-changed', changed[0] ?? '', `ssh-scorecard verify ${path} says more`);
}

/** The baseline the run was judged with; for --save, the newest run before it. */
async function baselineOfAudit(
  settings: Settings,
  { folder, record }: RunFolder,
  cwd: string,
): Promise<Baseline | null> {
  const given = await baselineFor(settings, cwd);
  if (given !== undefined) return given;
  const own = await savedBaseline(folder);
  if (own) return own;
  return (settings.save ? await findBaseline(dirname(folder), record.run, record.run) : undefined) ?? null;
}

async function save(
  { folder, record }: RunFolder,
  inventory: Inventory,
  report: FleetReport,
  baseline: Baseline | undefined,
  settings: Settings,
): Promise<void> {
  const kept = await loadKept();
  const store = await reopenRun(folder, true);
  const { policyPath: _, ...rest } = record;
  const policy = inventory.policyFile;
  if (policy) await store.writeReport(POLICY, policy.text);
  const saved: RunRecord = {
    ...rest,
    ...(policy && { policyPath: policy.path }),
    run: report.run as RunRecord['run'],
    clock: settings.now === undefined ? record.clock : 'given',
  };
  await keepJudged(store, saved, report, baseline, kept);
}
