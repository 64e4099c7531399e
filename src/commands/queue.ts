/** From flags and environment to a queue: its address, and the secrets that are never flags. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { FanOut } from '../gather/fleet.js';
import type { Io } from '../io.js';
import type { Settings } from '../options.js';
import { QUEUE_VARIABLES } from '../options/queue.js';
import { parseQueueUrl, type QueueAddress } from '../queue/link.js';
import { resolveSecret } from '../sources/secret.js';
import { SourceProblem } from '../sources/problem.js';

export interface QueueSettings {
  readonly address: QueueAddress;
  readonly queueKey?: string;
  readonly folder?: string;
}

/** Shorter keys can be guessed by who sees a task and its MAC. */
const LEAST_KEY = 20;

/** @throws UserError for an address, a secret or a folder that cannot be used. */
export async function queueSettings(
  url: string,
  settings: Pick<Settings, 'queue-folder'>,
  io: Pick<Io, 'env' | 'cwd'>,
): Promise<QueueSettings> {
  const address = parseQueueUrl(url);
  const password = await secret(QUEUE_VARIABLES.password, QUEUE_VARIABLES.passwordFile, io);
  const queueKey = await secret(QUEUE_VARIABLES.key, QUEUE_VARIABLES.keyFile, io);
  if (queueKey !== undefined && queueKey.length < LEAST_KEY)
    throw new UserError('bad-option', `the queue key must be at least ${LEAST_KEY} characters`, {
      hint: 'make one: openssl rand -base64 32',
    });
  const given = settings['queue-folder'];
  const folder = given === undefined ? undefined : resolve(io.cwd, given);
  if (folder !== undefined && !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new UserError('bad-option', `--queue-folder: ${given} is not a folder`);
  return {
    address: { ...address, ...(password !== undefined && { password }) },
    ...(queueKey !== undefined && { queueKey }),
    ...(folder !== undefined && { folder }),
  };
}

/** The fan-out of a run with --queue; undefined without. @throws UserError */
export async function fanOutOf(
  settings: Settings,
  io: Pick<Io, 'env' | 'cwd' | 'err'>,
): Promise<FanOut | undefined> {
  if (settings.queue === undefined) return undefined;
  const mine = (['identity', 'certificate', 'user', 'jump'] as const).find(
    (name) => settings[name] !== undefined,
  );
  if (mine !== undefined)
    throw new UserError(
      'usage',
      `--${mine} belongs to the workers: with --queue they log in, each with its own`,
    );
  const options = await queueSettings(settings.queue, settings, io);
  const { queueFanOut } = await import('../queue/coordinate.js');
  return queueFanOut({
    ...options,
    waitMs: settings['queue-wait'],
    say: (line) => {
      if (!settings.quiet) io.err(`${line}\n`);
    },
  });
}

async function secret(
  variable: string,
  fileVariable: string,
  io: Pick<Io, 'env' | 'cwd'>,
): Promise<string | undefined> {
  const file = io.env[fileVariable];
  const spec = io.env[variable] ? { token_env: variable } : file ? { token_file: file } : {};
  try {
    // Relative to where the command runs: there may be no inventory.
    const context = {
      ...io,
      inventoryPath: resolve(io.cwd, '-'),
      now: new Date(),
      signal: new AbortController().signal,
    };
    return (await resolveSecret(spec, context)) ?? undefined;
  } catch (error) {
    if (!(error instanceof SourceProblem)) throw error;
    throw new UserError('bad-option', `the queue: ${error.failure.detail}`, {
      ...(error.failure.hint !== undefined && { hint: error.failure.hint }),
    });
  }
}
