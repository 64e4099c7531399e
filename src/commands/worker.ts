/** `worker`: asks hosts for runs on other machines, which give them out through a queue. */
import { UserError } from '../errors.js';
import { openQueue, shownAddress } from '../queue/link.js';
import { startWork } from '../queue/work.js';
import { resolveSettings } from '../settings.js';
import { limitsOf } from './fleet.js';
import { paceOf } from './pace.js';
import { queueSettings } from './queue.js';
import type { CommandInput } from './command.js';
import { openTransports } from './transports.js';

/** Works until it is told to stop. @returns 0: SIGTERM is how a worker ends. */
export async function worker({ flags, io }: CommandInput): Promise<number> {
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  if (settings.queue === undefined)
    throw new UserError('usage', 'a worker needs --queue URL', { hint: 'see ssh-scorecard worker --help' });
  const { address, queueKey, folder } = await queueSettings(settings.queue, settings, io);
  const pace = paceOf(settings);
  const say = (line: string): void => {
    if (!settings.quiet) io.err(`${line}\n`);
  };
  for (const warning of warnings) say(`warning: ${warning}`);
  const link = await openQueue(address, say);
  const transports = openTransports(settings, { hosts: [], bastions: [] }, io.env);
  let forget = (): void => undefined;
  const stopped = new Promise<void>((resolve) => {
    forget = io.onInterrupt(() => {
      say('stopping: finishing the hosts in hand (again to stop at once)');
      resolve();
    });
  });
  try {
    const work = await startWork({
      link,
      environments: settings.environment,
      transportFor: (host) => transports.for(host),
      concurrency: settings.concurrency,
      pace,
      limits: limitsOf(settings),
      lockMs: settings['queue-lock'],
      say,
      ...(queueKey !== undefined && { queueKey }),
      ...(folder !== undefined && { folder }),
    });
    const whose =
      settings.environment.length === 0 ? 'hosts without an environment' : settings.environment.join(', ');
    say(`working for ${whose}, from ${shownAddress(address)}`);
    await stopped;
    await work.stop();
    return 0;
  } finally {
    forget();
    await transports.close();
    link.close();
  }
}
