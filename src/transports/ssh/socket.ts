/** The byte stream to one hop: TCP, a channel through the bastion before it, or a ProxyCommand. */
import { connect, isIP, type LookupFunction } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import { messageOf } from '../../errors.js';
import type { GatherFailure } from '../../model.js';
import { failed, failure, socketFailure, success, type Attempt } from './failure.js';
import { addressesOf, type Addresses } from './lookup.js';
import { openProxy } from './proxy-command.js';
import { endpointOf, type Hop } from './route.js';
import { onStop, stopped } from './stop.js';

/** How long one of several addresses of a name may take before the next is tried too. Node's 250 ms is too short for far hosts. */
const ADDRESS_ATTEMPT_MS = 2000;

export interface HopSocket {
  readonly stream: Duplex;
  /** What a ProxyCommand complained about. */
  complaint(): string;
}

/** Never rejects, and leaves nothing open when it fails. */
export function openSocket(
  hop: Hop,
  via: Client | undefined,
  connectMs: number,
  signal: AbortSignal,
): Promise<Attempt<HopSocket>> {
  if (signal.aborted) return Promise.resolve(failed(stopped(signal, 'connect')));
  if (via) return openChannel(hop, via, connectMs, signal);
  if (hop.proxyCommand !== undefined) return Promise.resolve(openCommand(hop, hop.proxyCommand));
  return openTcp(hop, connectMs, signal);
}

/**
 * Answers to one piece of input leave in one system call: ssh2 writes every packet by itself, and a system call on a
 * socket costs more than what is in it. Call it once whoever reads the stream has begun.
 */
export function answerAtOnce(stream: Duplex): void {
  let holding = false;
  const release = (): void => {
    holding = false;
    stream.uncork();
  };
  stream.prependListener('data', () => {
    if (holding) return;
    holding = true;
    stream.cork();
    setImmediate(release);
  });
}

function where(hop: Hop): string {
  return endpointOf(hop).slice(hop.user.length + 1);
}

function tooLate(hop: Hop, connectMs: number): GatherFailure {
  return failure(
    'connect-timeout',
    'connect',
    `${where(hop)} did not answer within ${String(connectMs)} ms`,
    'Is the address right, and does a firewall let this machine through?',
  );
}

/** Resolves once, with whichever comes first: `done`, the deadline, or the stop signal. */
function race(
  hop: Hop,
  connectMs: number,
  signal: AbortSignal,
  start: (done: (outcome: Attempt<HopSocket>) => boolean) => void,
  abandon: () => void,
): Promise<Attempt<HopSocket>> {
  return new Promise((resolve) => {
    let settled = false;
    let forget = (): void => undefined;
    const done = (outcome: Attempt<HopSocket>): boolean => {
      if (settled) return false;
      settled = true;
      clearTimeout(timer);
      forget();
      if (!outcome.ok) abandon();
      resolve(outcome);
      return true;
    };
    const timer = setTimeout(() => done(failed(tooLate(hop, connectMs))), connectMs);
    forget = onStop(signal, () => done(failed(stopped(signal, 'connect'))));
    start(done);
  });
}

async function openTcp(hop: Hop, connectMs: number, signal: AbortSignal): Promise<Attempt<HopSocket>> {
  const named = isIP(hop.address) === 0;
  const found = named ? await addressesOf(hop.address, where(hop), connectMs, signal) : success([]);
  if (!found.ok) return found;
  const socket = connect({
    host: hop.address,
    port: hop.port,
    ...(named && { lookup: lookupOf(found.value) }),
    autoSelectFamilyAttemptTimeout: ADDRESS_ATTEMPT_MS,
  });
  socket.setNoDelay(true);
  return race(
    hop,
    connectMs,
    signal,
    (done) => {
      // Stays attached: a socket may fail more than once.
      socket.on('error', (error) => done(failed(socketFailure(error, 'connect', where(hop)))));
      socket.once('connect', () => done(success({ stream: socket, complaint: () => '' })));
    },
    () => socket.destroy(),
  );
}

/** What was found before, for connect(): it tries the addresses of a name one after the other. */
function lookupOf(addresses: Addresses): LookupFunction {
  return (name, options, found) => {
    const [first] = addresses;
    const error = Object.assign(new Error(`no address for ${name}`), { code: 'ENOTFOUND' });
    if (first === undefined) found(error, '');
    else if (options.all) found(null, [...addresses]);
    else found(null, first.address, first.family);
  };
}

function openChannel(
  hop: Hop,
  via: Client,
  connectMs: number,
  signal: AbortSignal,
): Promise<Attempt<HopSocket>> {
  return race(
    hop,
    connectMs,
    signal,
    (done) => {
      try {
        via.forwardOut('127.0.0.1', 0, hop.address, hop.port, (error, channel) => {
          if (error) {
            done(failed(channelFailure(error, hop)));
            return;
          }
          channel.on('error', () => undefined);
          if (!done(success({ stream: channel, complaint: () => '' }))) channel.destroy();
        });
      } catch (error) {
        done(
          failed(
            failure('jump-failed', 'connect', `the connection to the bastion is gone: ${messageOf(error)}`),
          ),
        );
      }
    },
    () => undefined,
  );
}

/** RFC 4254 section 5.1: 1 is "administratively prohibited", 2 "connect failed" with the bastion's own errno text. */
function channelFailure(error: Error, hop: Hop): GatherFailure {
  const reason = 'reason' in error ? error.reason : undefined;
  const text = messageOf(error)
    .replace(/^\(SSH\) Channel open failure: /, '')
    .slice(0, 200);
  const to = where(hop);
  if (reason === 1) {
    return failure(
      'jump-failed',
      'connect',
      `the bastion does not forward to ${to}: ${text}`,
      'Look at AllowTcpForwarding, PermitOpen and the certificate’s permit-port-forwarding there.',
    );
  }
  if (/refused/i.test(text))
    return failure(
      'connect-refused',
      'connect',
      `the bastion says that ${to} refused the connection: ${text}`,
    );
  if (/timed out/i.test(text))
    return failure('connect-timeout', 'connect', `the bastion got no answer from ${to}: ${text}`);
  if (/unreachable|no route/i.test(text))
    return failure('network-unreachable', 'connect', `the bastion cannot reach ${to}: ${text}`);
  if (/not known|name|resolve/i.test(text))
    return failure('dns', 'resolve', `the bastion could not resolve ${to}: ${text}`);
  return failure('jump-failed', 'connect', `the bastion could not connect to ${to}: ${text}`);
}

function openCommand(hop: Hop, command: string): Attempt<HopSocket> {
  try {
    const proxy = openProxy(command, hop);
    proxy.stream.on('error', () => undefined);
    return success({ stream: proxy.stream, complaint: () => proxy.stderr() });
  } catch (error) {
    return failed(socketFailure(error, 'connect', where(hop)));
  }
}
