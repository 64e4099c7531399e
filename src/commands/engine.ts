/** What `run` and `gather` tell the engine, and how an interrupt reaches it. */
import { terminal } from '../../reports/escape.js';
import type { GatherRunOptions } from '../gather/fleet.js';
import { commitOf } from '../evidence/commit.js';
import type { Io } from '../io.js';
import { isQueued } from '../queue/protocol.js';
import { askSources } from '../sources/index.js';
import { limitsOf, type Fleet } from './fleet.js';
import { NOT_IN_A_TREE } from './local.js';
import { paceOf } from './pace.js';
import { fanOutOf } from './queue.js';
import type { Advice } from '../transports/transport.js';
import type { TransportSet } from './transports.js';

export type FleetRun = Omit<Fleet, 'selection'> & {
  readonly io: Io;
  /** Absent: made from the settings. */
  readonly transports?: TransportSet;
};

/** What the engine is told by `run` and `gather` alike. */
export async function engineOptions(
  fleet: FleetRun & Pick<Fleet, 'selection'>,
  transports: TransportSet,
  signal: AbortSignal,
): Promise<GatherRunOptions> {
  const { inventory, settings, io, resume, shard, parts } = fleet;
  const commit = resume ? undefined : await commitOf(inventory.path, io.env, io.cwd);
  const fanOut = await fanOutOf(settings, io);
  const own = fanOut ? fleet.hosts.filter((host) => !isQueued(host)) : fleet.hosts;
  const advice = (await transports.prepare?.(own, signal)) ?? [];
  if (!settings.quiet)
    for (const { level, text } of advice) if (level === 'ok') io.err(`access: ${terminal(text)}\n`);
  return {
    inventory,
    hosts: fleet.hosts,
    selection: fleet.selection,
    checks: parts.checks,
    plugins: parts.plugins,
    guidance: parts.guidance,
    transportFor: (host) => transports.for(host),
    concurrency: settings.concurrency,
    limits: limitsOf(settings),
    ...(settings.root !== undefined && { leaveOut: NOT_IN_A_TREE }),
    access: !settings['no-access'],
    forced: settings['forced-command'],
    pace: paceOf(settings),
    ...(fanOut && { fanOut }),
    signal,
    warnings: [...fleet.warnings, ...warningsOf(advice)],
    askSources: (now, stop) =>
      askSources(inventory, {
        env: io.env,
        cwd: io.cwd,
        inventoryPath: inventory.path,
        now,
        signal: stop,
      }),
    ...(commit !== undefined && { commit }),
    ...(shard && { shard }),
    ...(resume && { resume }),
  };
}

function warningsOf(advice: readonly Advice[]): string[] {
  return advice.filter(({ level }) => level !== 'ok').map(({ text }) => text);
}

/** The first interrupt lets finished hosts be kept; the second one is cli.ts's. */
export function onInterrupt(io: Io): {
  readonly signal: AbortSignal;
  readonly code: () => 130 | 143 | undefined;
  readonly stop: () => void;
} {
  const abort = new AbortController();
  let interrupted: 130 | 143 | undefined;
  const stop = io.onInterrupt((code) => {
    interrupted = code;
    io.err('\ninterrupted: finishing up with the hosts that are done (again to stop at once)\n');
    abort.abort();
  });
  return { signal: abort.signal, code: () => interrupted, stop };
}
