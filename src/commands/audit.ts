/** `audit`: judge saved evidence again. The run's own clock is used unless --now is given, so the same input gives the same report. */
import { basename, join, resolve } from 'node:path';
import { assemble, judgeContext } from '../audit.js';
import { readEvidence, readRun } from '../evidence/store.js';
import { judgeHost, type JudgedHost } from '../evaluate.js';
import { UserError } from '../errors.js';
import { loadInventory } from '../inventory/load.js';
import type { HostEvidence, RunInfo } from '../model.js';
import { resolveSettings } from '../settings.js';
import type { CommandInput } from './table.js';
import { chooseStdout, openOutputs } from './outputs.js';
import { selectionOf } from './run.js';
import { conclude, FILE_OPTIONS, loadParts, parseNow, pluginPaths, renderOptions } from './setup.js';

export async function audit({ args, flags, io }: CommandInput): Promise<number> {
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  const folder = args['folder'] ?? '';
  const { inventoryText, run: saved } = await readRun(folder);
  const inventory = loadInventory({
    path: saved?.inventory.path ?? join(folder, 'inventory.yaml'),
    text: inventoryText,
  });
  const parts = await loadParts(settings, pluginPaths(inventory, io.cwd), io.cwd);
  const { report: chosen, files } = chooseStdout(settings.output, settings.format, parts.reports);
  const outputs = await openOutputs(files, parts.reports, io.cwd);
  try {
    const hosts = new Map(inventory.hosts.map((host) => [host.name, host]));
    const now = parseNow(settings.now) ?? (saved ? new Date(saved.now) : undefined);
    const judged: JudgedHost[] = [];
    const strangers: string[] = [];
    let last = '';
    let context: ReturnType<typeof judgeContext> | undefined;
    for await (const evidence of readEvidence(folder)) {
      context ??= judgeContext(inventory, parts.checks, parts.plugins, now ?? new Date(evidence.finishedAt));
      if (evidence.finishedAt > last) last = evidence.finishedAt;
      const host = hosts.get(evidence.host);
      if (host) judged.push(judgeHost(host, evidence, context));
      else strangers.push(evidence.host);
      hosts.delete(evidence.host);
    }
    if (!context)
      throw new UserError('run-empty', `${folder} holds no evidence`, {
        hint: 'the run was interrupted before any host finished',
      });
    // A partial run: hosts without evidence are rows all the same, unless the run never asked for them.
    if (saved === null)
      for (const host of hosts.values())
        judged.push(judgeHost(host, neverGathered(host.name, last), context));
    const run: RunInfo = saved ?? partialRun(folder, context.now, inventory, selectionOf(settings), last);
    const notes =
      strangers.length > 0
        ? [`evidence of hosts the inventory does not name was left out: ${strangers.join(', ')}`]
        : [];
    const report = assemble(
      { inventory, checks: parts.checks, plugins: parts.plugins, warnings: [...warnings, ...notes] },
      run,
      judged,
    );
    if (!settings.quiet) for (const warning of report.warnings) io.err(`warning: ${warning}\n`);
    await io.out(chosen.render(report, renderOptions(settings, io)));
    const written = await outputs.write(report, FILE_OPTIONS);
    if (!settings.quiet) for (const file of written) io.err(`written: ${file}\n`);
    return conclude(report, settings, io, undefined);
  } finally {
    await outputs.discard();
  }
}

function neverGathered(host: string, at: string): HostEvidence {
  return {
    schema: 1,
    host,
    startedAt: at,
    finishedAt: at,
    probes: {},
    failure: { code: 'cancelled', phase: 'connect', detail: 'the run ended before this host was gathered' },
  };
}

function partialRun(
  folder: string,
  now: Date,
  inventory: { readonly path: string; readonly sha256: string; readonly hosts: readonly unknown[] },
  selection: RunInfo['selection'],
  last: string,
): RunInfo {
  return {
    id: basename(resolve(folder)),
    startedAt: now.toISOString(),
    finishedAt: last,
    now: now.toISOString(),
    inventory: { path: inventory.path, sha256: inventory.sha256, hosts: inventory.hosts.length },
    selection,
    partial: true,
  };
}
