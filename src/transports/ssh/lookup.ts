/**
 * Names to addresses, as this machine resolves them for everybody: getaddrinfo(3) with its hosts file, nsswitch and
 * search domains. Node has two threads for it, and a name whose servers are silent holds one for ten seconds and
 * more (resolv.conf(5), timeout and attempts). Names that find both taken are asked for by getent(1), which can be
 * ended: dead names must not cost the others their time.
 */
import { execFile } from 'node:child_process';
import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import pLimit from 'p-limit';
import { errnoOf, failed, failure, socketFailure, success, type Attempt } from './failure.js';
import { onStop, stopped } from './stop.js';

/** Half of libuv's four threads: it lends no more of them to getaddrinfo. */
const OWN_LOOKUPS = 2;
/** How long a name waits for one of them: many times what a name server in the same network takes. */
const WAIT_MS = 250;
const MOST_PROCESSES = 64;
const MOST_OUTPUT = 64 * 1024;
/** getent(1): one or more keys could not be found. */
const NOT_FOUND = 2;

export type Addresses = readonly LookupAddress[];

let own = 0;
const waiting = new Set<() => void>();
const processes = pLimit(MOST_PROCESSES);

/**
 * Never rejects. @param ms for the answer itself, however long others are waited for.
 * @returns `dns` when there is no such name, or no answer in time.
 */
export async function addressesOf(
  name: string,
  where: string,
  ms: number,
  signal: AbortSignal,
): Promise<Attempt<Addresses>> {
  if (signal.aborted) return failed(stopped(signal, 'resolve'));
  const found = (await aPlace(signal)) ? await bounded(where, ms, signal, inProcess(name)) : undefined;
  if (found) return found;
  return processes(() =>
    signal.aborted ? failed(stopped(signal, 'resolve')) : byGetent(name, where, ms, signal),
  );
}

/** True when getaddrinfo has a thread for this name, at once or before long. */
function aPlace(signal: AbortSignal): Promise<boolean> {
  if (own < OWN_LOOKUPS) {
    own += 1;
    return Promise.resolve(true);
  }
  return new Promise((resolve) => {
    const settle = (there: boolean): void => {
      clearTimeout(timer);
      forget();
      waiting.delete(taken);
      resolve(there);
    };
    const taken = (): void => settle(true);
    const timer = setTimeout(() => settle(false), WAIT_MS);
    const forget = onStop(signal, () => settle(false));
    waiting.add(taken);
  });
}

/** Hands the place to whoever waits longest. */
function giveBack(): void {
  const [next] = waiting;
  if (next) next();
  else own -= 1;
}

/** Holds its place until the system has answered, also when nobody waits for that any more. */
function inProcess(name: string): Promise<Addresses> {
  return new Promise((resolve, reject) => {
    lookup(name, { all: true }, (error, addresses) => {
      giveBack();
      if (error) reject(error);
      else resolve(addresses);
    });
  });
}

async function bounded(
  where: string,
  ms: number,
  signal: AbortSignal,
  looking: Promise<Addresses>,
): Promise<Attempt<Addresses>> {
  let timer: NodeJS.Timeout | undefined;
  let forget = (): void => undefined;
  const ended = new Promise<Attempt<Addresses>>((resolve) => {
    timer = setTimeout(() => resolve(failed(tooLate(where, ms))), ms);
    forget = onStop(signal, () => resolve(failed(stopped(signal, 'resolve'))));
  });
  const found = looking.then(success, (error: unknown) => failed(socketFailure(error, 'resolve', where)));
  try {
    return await Promise.race([found, ended]);
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/** @param name has passed hostNameProblem(): it is no option, and holds nothing that a program could misread. */
function byGetent(name: string, where: string, ms: number, signal: AbortSignal): Promise<Attempt<Addresses>> {
  return new Promise((resolve) => {
    const options = { timeout: ms, killSignal: 'SIGKILL', maxBuffer: MOST_OUTPUT, signal } as const;
    execFile('getent', ['ahosts', name], options, (error, stdout) => {
      if (!error) {
        resolve(success(parseAhosts(stdout)));
        return;
      }
      if (signal.aborted) resolve(failed(stopped(signal, 'resolve')));
      else if (error.killed === true) resolve(failed(tooLate(where, ms)));
      // A system without getent: wait like everybody did.
      else if (errnoOf(error) === 'ENOENT') resolve(whenever(name, where, ms, signal));
      else if (error.code === NOT_FOUND) resolve(failed(unknown(where)));
      else resolve(failed(socketFailure(error, 'resolve', where)));
    });
  });
}

function whenever(name: string, where: string, ms: number, signal: AbortSignal): Promise<Attempt<Addresses>> {
  own += 1;
  return bounded(where, ms, signal, inProcess(name));
}

/** `ADDRESS TYPE [NAME]` for every address and kind of socket, in the order of preference. */
export function parseAhosts(text: string): Addresses {
  const all = text.split('\n').map((line) => line.split(/\s/, 1)[0] ?? '');
  return [...new Set(all)].flatMap((address) => {
    const family = isIP(address.replace(/%.*$/, ''));
    return family === 0 ? [] : [{ address, family }];
  });
}

function tooLate(where: string, ms: number) {
  return failure(
    'dns',
    'resolve',
    `the name of ${where} was not resolved within ${String(ms)} ms`,
    'Give the host an `address` in the inventory, or mend the name servers of its domain.',
  );
}

function unknown(where: string) {
  return failure(
    'dns',
    'resolve',
    `the name of ${where} could not be resolved: there is no such name`,
    'Give the host an `address` in the inventory, or mend its DNS entry.',
  );
}
