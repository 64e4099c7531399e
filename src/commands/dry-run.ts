/** `run --dry-run`: hosts, users, routes, identities and the exact script. Opens no connection. */
import { command, compose, type ScriptParameters } from '../collector/compose.js';
import { FORCED_COMMAND, forcedInput } from '../collector/forced.js';
import type { ProbeSpec } from '../collector/probes.js';
import type { Io } from '../io.js';
import type { Host } from '../model.js';
import type { TransportSet } from './transports.js';

export interface DryRun {
  readonly hosts: readonly Host[];
  readonly transports: TransportSet;
  readonly probes: readonly ProbeSpec[];
  readonly parameters: ScriptParameters;
  /** Hosts run their own collector, and are sent parameters only. */
  readonly forced: boolean;
  readonly io: Io;
}

/** The script as it would be sent; every host and run gets a nonce of its own in its place. */
const SHOWN_NONCE = '0'.repeat(32);

export async function dryRun({ hosts, transports, probes, parameters, forced, io }: DryRun): Promise<number> {
  let troubled = 0;
  for (const host of hosts) {
    const transport = transports.for(host);
    const route = await transport.plan(host);
    const via = route.via.length > 0 ? ` via ${route.via.join(', ')}` : '';
    const lines = [
      `${host.name}: ${transport.name} ${route.user}@${route.address}:${route.port}${via}`,
      `  identities: ${route.identities.join(', ') || 'none'}`,
      `  host key: ${host.hostKeys.length > 0 ? `pinned ${host.hostKeys.join(', ')}` : route.knownHosts.join(', ') || 'no known_hosts file'}`,
      `  runs: ${forced ? FORCED_COMMAND : command(host.become)}`,
      ...route.problems.map((problem) => `  problem: ${problem}`),
    ];
    if (route.problems.length > 0) troubled += 1;
    await io.out(`${lines.join('\n')}\n`);
  }
  const input = forced ? forcedInput(SHOWN_NONCE, parameters) : compose(probes, SHOWN_NONCE, parameters);
  await io.out(
    `\n# ${forced ? 'what' : 'the script'} each of ${hosts.length} hosts is sent on standard input (the nonce is new for every host)\n${input}`,
  );
  io.err(`dry run: ${hosts.length} hosts, ${troubled} with problems; no connection was opened\n`);
  return 0;
}
