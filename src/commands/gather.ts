/** `gather`, and `run --shard`: collect evidence and judge nothing. Prints the run folder. */
import { resolve } from 'node:path';
import { gatherFleet } from '../gather/fleet.js';
import { UserError } from '../errors.js';
import type { Io } from '../io.js';
import { loadFleet, shownPath, signIfAsked, type Fleet } from './fleet.js';
import { engineOptions, onInterrupt } from './engine.js';
import { createProgress } from './progress.js';
import { parseNow } from './setup.js';
import type { CommandInput } from './command.js';
import { openTransports } from './transports.js';

/** Where evidence goes when nothing is said. */
export const DEFAULT_BASE = 'runs';

export async function gatherOnly(input: CommandInput): Promise<number> {
  const fleet = await loadFleet(input, 'gather');
  if (fleet.settings['dry-run'])
    throw new UserError('usage', '--dry-run belongs to run', { hint: 'ssh-scorecard run … --dry-run' });
  return gatherAndPrint(fleet, input.io);
}

/** @returns 0 when every host was gathered to the end, 3 when some were not, 130 or 143 when interrupted. */
export async function gatherAndPrint(fleet: Fleet, io: Io): Promise<number> {
  const { settings, hosts, inventory } = fleet;
  const now = parseNow(settings.now);
  const transports = openTransports(settings, inventory, io.env);
  const interrupt = onInterrupt(io);
  const progress = createProgress(io, hosts.length, !settings.quiet && !settings['no-progress']);
  let failed = 0;
  try {
    const { folder, counts } = await gatherFleet(
      {
        ...(await engineOptions({ ...fleet, io }, transports, interrupt.signal)),
        ...(now && { now }),
        evidenceDir: resolve(io.cwd, settings.evidence ?? DEFAULT_BASE),
      },
      ({ failure }, done) => {
        if (failure) failed += 1;
        progress.update(done, failed);
      },
    );
    progress.end();
    if (!settings.quiet) for (const warning of fleet.warnings) io.err(`warning: ${warning}\n`);
    await io.out(`${shownPath(folder, io.cwd)}\n`);
    await signIfAsked(folder, settings, io);
    const code = interrupt.code() ?? (counts.complete === hosts.length ? 0 : 3);
    const rest = hosts.length - counts.complete;
    io.err(
      `gathered: ${counts.complete} of ${hosts.length} hosts${rest > 0 ? `, ${rest} not to the end` : ''} (exit ${code})\n`,
    );
    return code;
  } finally {
    interrupt.stop();
    progress.end();
    await transports.close();
  }
}
