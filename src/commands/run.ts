/** `run`: gather, judge, report. With --shard it only gathers; with --resume it goes on with a run that was cut short. */
import { resolve } from 'node:path';
import { auditFleet } from '../audit.js';
import { probesOf } from '../gather/probes.js';
import { UserError } from '../errors.js';
import { baselineFor } from './baseline.js';
import { dryRun } from './dry-run.js';
import { engineOptions, onInterrupt, type FleetRun } from './engine.js';
import { loadFleet, selectionOf, shownPath, signIfAsked } from './fleet.js';
import { gatherAndPrint } from './gather.js';
import { NOT_IN_A_TREE } from './local.js';
import { textOf } from '../text-of.js';
import type { CommandInput } from './command.js';
import { chooseStdout, openOutputs } from './outputs.js';
import { createProgress } from './progress.js';
import { openTransports } from './transports.js';
import { conclude, demandsOf, FILE_OPTIONS, parseNow, renderOptions } from './setup.js';

export { limitsOf } from './fleet.js';

export async function run(input: CommandInput): Promise<number> {
  const fleet = await loadFleet(input, 'run');
  const { settings, shard, resume } = fleet;
  if (settings.sign !== undefined && settings.evidence === undefined && !shard)
    throw new UserError('usage', '--sign signs a run folder: keep one with --evidence DIR');
  // A part of a fleet cannot be judged: what is fleet-wide would be judged on a part.
  const collects = shard !== undefined || (resume !== undefined && resume.record.command !== 'run');
  if (collects && !settings['dry-run']) return gatherAndPrint(fleet, input.io);
  return runFleet({ ...fleet, io: input.io });
}

/** From a loaded inventory to the exit code; `demo` comes in here too. */
export async function runFleet(fleet: FleetRun): Promise<number> {
  const { inventory, hosts, parts, settings, io, resume } = fleet;
  const { report: chosen, files } = await chooseStdout(settings.output, settings.format, parts.reports);
  const now = parseNow(settings.now);
  const baseline = await baselineFor(settings, io.cwd);
  const transports = fleet.transports ?? openTransports(settings, inventory, io.env);
  if (settings['dry-run']) {
    try {
      return await dryRun({
        hosts,
        transports,
        probes: probesOf(
          [...parts.checks, ...parts.plugins, ...parts.guidance],
          !settings['no-access'],
        ).filter(({ name }) => settings.root === undefined || !NOT_IN_A_TREE.has(name)),
        parameters: inventory.policy,
        forced: settings['forced-command'],
        io,
      });
    } finally {
      await transports.close();
    }
  }
  const outputs = await openOutputs(files, parts.reports, io.cwd);
  const interrupt = onInterrupt(io);
  const progress = createProgress(io, hosts.length, !settings.quiet && !settings['no-progress']);
  let unreachable = 0;
  try {
    const selection = resume?.record.run.selection ?? selectionOf(settings);
    const { report, folder } = await auditFleet({
      ...(await engineOptions({ ...fleet, selection }, transports, interrupt.signal)),
      ...(now && { now }),
      ...(settings.evidence !== undefined && { evidenceDir: resolve(io.cwd, settings.evidence) }),
      ...(baseline !== undefined && { baseline }),
      onHost: ({ report: host }, done) => {
        if (host.failure) unreachable += 1;
        progress.update(done, unreachable);
      },
    });
    progress.end();
    if (!settings.quiet) for (const warning of report.warnings) io.err(`warning: ${warning}\n`);
    for (const text of textOf(chosen, report, renderOptions(settings, io))) await io.out(text);
    const written = await outputs.write(report, FILE_OPTIONS);
    if (!settings.quiet)
      for (const file of [
        ...written,
        ...(folder === undefined ? [] : [`${shownPath(folder, io.cwd)} (evidence)`]),
      ])
        io.err(`written: ${file}\n`);
    await signIfAsked(folder, settings, io);
    return conclude(report, demandsOf(settings, inventory.policy), io, interrupt.code());
  } finally {
    interrupt.stop();
    progress.end();
    await outputs.discard();
    await transports.close();
  }
}
