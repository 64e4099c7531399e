/** The connection to Redis or Valkey, and the packages it takes: loaded only when a queue is used. */
import { isIP } from 'node:net';
import type { Queue as BullQueue, Worker as BullWorker } from 'bullmq';
import type { Redis } from 'ioredis';
import { messageOf, UserError } from '../errors.js';
import { PREFIX } from './protocol.js';

/** Where the queue is and how to log in. Never printed whole. */
export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
}

export interface QueueLink {
  readonly redis: Redis;
  readonly bullmq: typeof import('bullmq');
  /** Ends all waiting: what was not answered is rejected. */
  close(): void;
}

export type Jobs = BullQueue;
export type JobWorker = BullWorker;

const CONNECT_MS = 10_000;
const RETRY_MOST_MS = 2000;

/**
 * @param text `redis://[USER@]HOST[:PORT][/DB]` or `rediss://…`
 * @throws UserError for anything else; for a password in it without repeating it.
 */
export function parseQueueUrl(text: string): Omit<QueueAddress, 'password'> {
  const expected = (what: string) =>
    new UserError('bad-option', `--queue: ${what}`, {
      hint: 'for example rediss://redis.example:6379/0; the password goes into SSH_SCORECARD_QUEUE_PASSWORD',
    });
  if (!URL.canParse(text)) throw expected('expected redis://[USER@]HOST[:PORT][/DB], or rediss:// for TLS');
  const url = new URL(text);
  if (url.password !== '')
    throw expected('the address must not hold a password: flags and files are seen by others');
  const db = /^\/?(\d{0,4})$/.exec(url.pathname)?.[1];
  const fits =
    /^rediss?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    db !== undefined &&
    url.search === '' &&
    url.hash === '';
  if (!fits) throw expected('expected redis://[USER@]HOST[:PORT][/DB], or rediss:// for TLS');
  return {
    // An IPv6 address stands in brackets in a URL, and without them everywhere else.
    host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 6379 : Number(url.port),
    db: Number(db),
    tls: url.protocol === 'rediss:',
    ...(url.username !== '' && { user: decodeURIComponent(url.username) }),
  };
}

/** As it may be shown. */
export function shownAddress({ host, port, tls, db }: QueueAddress): string {
  return `${tls ? 'rediss' : 'redis'}://${host.includes(':') ? `[${host}]` : host}:${port}/${db}`;
}

/**
 * @param trouble is told what goes wrong while it is open, at most once for the same.
 * @throws UserError when the packages are not installed, or the queue cannot be reached or logged in to.
 */
export async function openQueue(address: QueueAddress, trouble: (line: string) => void): Promise<QueueLink> {
  const { bullmq, ioredis } = await loadPackages();
  const { host, port, db, tls, user, password } = address;
  const redis = new ioredis.Redis({
    host,
    port,
    db,
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    // A queue that is away for a while is waited for; how long is the caller's matter.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * 100, RETRY_MOST_MS),
    // RFC 6066: no address is a server name; the certificate is verified against it all the same.
    ...(tls && { tls: isIP(host) === 0 ? { servername: host } : {} }),
    ...(user !== undefined && { username: user }),
    ...(password !== undefined && { password }),
  });
  let last = '';
  let connected = false;
  redis.on('error', (error: unknown) => {
    const text = messageOf(error);
    if (connected && text !== last) trouble(`the queue: ${text}`);
    last = text;
  });
  redis.on('ready', () => {
    if (connected && last !== '') trouble('the queue: reached again');
    last = '';
  });
  const close = (): void => redis.disconnect();
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    close();
    const why = last || messageOf(error);
    throw new UserError('queue-unreachable', `cannot use the queue ${shownAddress(address)}: ${why}`, {
      hint: /NOAUTH|WRONGPASS|NOPERM/.test(why)
        ? 'the user is in the address, the password in SSH_SCORECARD_QUEUE_PASSWORD or the file SSH_SCORECARD_QUEUE_PASSWORD_FILE names'
        : 'is Redis or Valkey running there, and does it take connections from this machine',
      cause: error,
    });
  }
  connected = true;
  const memory = await redis.info('memory').catch(() => '');
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction';
  if (policy !== 'noeviction' && !/^maxmemory:0\s*$/m.test(memory))
    trouble(`the queue: its maxmemory-policy is ${policy}, which throws tasks away; set noeviction`);
  return { redis, bullmq, close };
}

export function openJobs({ bullmq, redis }: QueueLink, name: string): Jobs {
  const queue = new bullmq.Queue(name, { connection: redis, prefix: PREFIX, skipVersionCheck: true });
  // Reported by the connection itself.
  queue.on('error', () => undefined);
  return queue;
}

async function loadPackages() {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, ioredis };
  } catch (error) {
    throw new UserError(
      'queue-missing',
      'a queue needs the packages bullmq and ioredis, which are not installed',
      {
        hint: 'npm install bullmq@6.7.0 ioredis@5.11.1 beside ssh-scorecard',
        cause: error,
      },
    );
  }
}
