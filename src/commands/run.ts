/** `run`: gather, judge, report. */
import { auditFleet, probesOf } from '../audit.js';
import { loadInventory, type Inventory } from '../inventory/load.js';
import { selectHosts } from '../inventory/select.js';
import type { Host, RunInfo } from '../model.js';
import type { Settings } from '../options.js';
import { resolveSettings } from '../settings.js';
import type { Limits } from '../transports/transport.js';
import { dryRun } from './dry-run.js';
import type { CommandInput } from './table.js';
import { chooseStdout, openOutputs } from './outputs.js';
import { createProgress } from './progress.js';
import { openTransports } from './transports.js';
import {
  conclude,
  FILE_OPTIONS,
  loadParts,
  parseNow,
  pluginPaths,
  renderOptions,
  type Parts,
} from './setup.js';

export async function run({ args, flags, io }: CommandInput): Promise<number> {
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  const inventory = loadInventory(args['inventory'] ?? '');
  const parts = await loadParts(settings, pluginPaths(inventory, io.cwd), io.cwd);
  const hosts = selectHosts(inventory.hosts, {
    host: settings.host,
    tag: settings.tag,
    environment: settings.environment,
  });
  return runFleet({ inventory, hosts, parts, settings, warnings, io });
}

export interface FleetRun {
  readonly inventory: Inventory;
  readonly hosts: readonly Host[];
  readonly parts: Parts;
  readonly settings: Settings;
  readonly warnings: readonly string[];
  readonly io: CommandInput['io'];
}

/** From a loaded inventory to the exit code; `demo` comes in here too. */
export async function runFleet({
  inventory,
  hosts,
  parts,
  settings,
  warnings,
  io,
}: FleetRun): Promise<number> {
  const now = parseNow(settings.now);
  const { report: chosen, files } = chooseStdout(settings.output, settings.format, parts.reports);
  const transports = openTransports(settings, inventory, io.env);
  if (settings['dry-run']) {
    try {
      return await dryRun({
        hosts,
        transports,
        probes: probesOf([...parts.checks, ...parts.plugins]),
        parameters: inventory.policy,
        io,
      });
    } finally {
      await transports.close();
    }
  }
  const outputs = await openOutputs(files, parts.reports, io.cwd);
  const abort = new AbortController();
  let interrupted: 130 | 143 | undefined;
  const stopListening = io.onInterrupt((code) => {
    interrupted = code;
    io.err('\ninterrupted: finishing up with the hosts that are done (again to stop at once)\n');
    abort.abort();
  });
  const progress = createProgress(io, hosts.length, !settings.quiet && !settings['no-progress']);
  let unreachable = 0;
  try {
    const { report, folder } = await auditFleet({
      inventory,
      hosts,
      selection: selectionOf(settings),
      checks: parts.checks,
      plugins: parts.plugins,
      transportFor: (host) => transports.for(host),
      concurrency: settings.concurrency,
      limits: limitsOf(settings),
      signal: abort.signal,
      warnings,
      ...(now && { now }),
      ...(settings.evidence !== undefined && { evidenceDir: settings.evidence }),
      onHost: ({ report: host }, done) => {
        if (host.failure) unreachable += 1;
        progress.update(done, unreachable);
      },
    });
    progress.end();
    if (!settings.quiet) for (const warning of report.warnings) io.err(`warning: ${warning}\n`);
    await io.out(chosen.render(report, renderOptions(settings, io)));
    const written = await outputs.write(report, FILE_OPTIONS);
    if (!settings.quiet)
      for (const file of [...written, ...(folder === undefined ? [] : [`${folder} (evidence)`])])
        io.err(`written: ${file}\n`);
    return conclude(report, settings, io, interrupted);
  } finally {
    stopListening();
    progress.end();
    await outputs.discard();
    await transports.close();
  }
}

export function limitsOf(settings: Settings): Limits {
  return {
    connectMs: settings['connect-timeout'],
    handshakeMs: settings['handshake-timeout'],
    loginMs: settings['login-timeout'],
    firstByteMs: settings['first-byte-timeout'],
    idleMs: settings['idle-timeout'],
    totalMs: settings.timeout,
    maxStdout: settings['max-output'],
    maxStderr: 256 * 1024,
    retries: settings.retries,
  };
}

export function selectionOf(settings: Settings): RunInfo['selection'] {
  return {
    hosts: settings.host,
    tags: settings.tag,
    environments: settings.environment,
    checks: settings.check,
    skippedChecks: settings['skip-check'],
  };
}
