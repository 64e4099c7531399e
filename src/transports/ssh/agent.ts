/**
 * A client of ssh-agent (draft-miller-ssh-agent): lists keys and certificates, asks for signatures.
 * One connection and one request at a time for the whole run, because an agent's listen queue is short and a burst
 * of connections ends in EAGAIN. The agent is never forwarded to any host.
 */
import { connect, type Socket } from 'node:net';
import { messageOf } from '../../errors.js';
import { WireReader, wireString, wireU32 } from '../../openssh/wire.js';

const REQUEST_IDENTITIES = 11;
const IDENTITIES_ANSWER = 12;
const SIGN_REQUEST = 13;
const SIGN_RESPONSE = 14;
/** OpenSSH's AGENT_MAX_LEN. */
const MAX_MESSAGE = 256 * 1024;
/** OpenSSH's MAX_AGENT_IDENTITIES is 2048. */
const MAX_KEYS = 2048;

export interface AgentKey {
  /** Public key or certificate, as on the wire. */
  readonly blob: Buffer;
  readonly type: string;
  readonly comment: string;
}

/** The agent cannot be talked to (`unavailable`), or it said no to one request (`refused`). */
export class AgentError extends Error {
  override readonly name = 'AgentError';
  readonly kind: 'unavailable' | 'refused';

  constructor(kind: 'unavailable' | 'refused', message: string) {
    super(message);
    this.kind = kind;
  }
}

export interface Agent {
  readonly path: string;
  /** All identities, certificates included, in the agent's order. Rejects with {@link AgentError}. */
  list(): Promise<readonly AgentKey[]>;
  /** The signature blob (algorithm name first). `flags`: 2 rsa-sha2-256, 4 rsa-sha2-512. Rejects with {@link AgentError}. */
  sign(blob: Buffer, data: Buffer, flags: number): Promise<Buffer>;
  close(): void;
}

interface Pending {
  readonly body: Buffer;
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (error: AgentError) => void;
}

/** Opens nothing until the first request. `timeoutMs` bounds one request, confirmation by a person included. */
export function createAgent(path: string, timeoutMs = 30_000): Agent {
  const queue: Pending[] = [];
  let active: Pending | undefined;
  let socket: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  let received: Buffer = Buffer.alloc(0);

  const drop = (error: AgentError): void => {
    clearTimeout(timer);
    socket?.destroy();
    socket = undefined;
    received = Buffer.alloc(0);
    const failing = active;
    active = undefined;
    failing?.reject(error);
    next();
  };

  const take = (chunk: Buffer): void => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
    if (received.length < 4) return;
    const length = received.readUInt32BE(0);
    if (length === 0 || length > MAX_MESSAGE)
      return drop(
        new AgentError(
          'unavailable',
          `the agent at ${path} answered with a message of ${String(length)} bytes`,
        ),
      );
    if (received.length < 4 + length) return;
    if (active === undefined || received.length > 4 + length)
      return drop(new AgentError('unavailable', `the agent at ${path} sent more than was asked for`));
    const answer = received.subarray(4, 4 + length);
    received = Buffer.alloc(0);
    clearTimeout(timer);
    const { resolve } = active;
    active = undefined;
    socket?.unref();
    resolve(answer);
    next();
  };

  const open = (): Socket => {
    const fresh = connect(path);
    const gone = (why: string): void => {
      if (socket === fresh) drop(new AgentError('unavailable', `the agent at ${path} ${why}`));
    };
    fresh.on('data', (chunk: Buffer) => {
      if (socket === fresh) take(chunk);
    });
    fresh.on('error', (error) => gone(`cannot be reached: ${messageOf(error)}`));
    fresh.on('close', () => gone('closed the connection'));
    return fresh;
  };

  function next(): void {
    if (active !== undefined) return;
    active = queue.shift();
    if (active === undefined) return;
    socket ??= open();
    socket.ref();
    timer = setTimeout(
      () =>
        drop(
          new AgentError('unavailable', `the agent at ${path} did not answer within ${String(timeoutMs)} ms`),
        ),
      timeoutMs,
    );
    socket.write(wireString(active.body));
  }

  const request = (body: Buffer): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      queue.push({ body, resolve, reject });
      next();
    });

  return {
    path,
    list: async () => readIdentities(await request(Buffer.from([REQUEST_IDENTITIES])), path),
    sign: async (blob, data, flags) => {
      const body = Buffer.concat([
        Buffer.from([SIGN_REQUEST]),
        wireString(blob),
        wireString(data),
        wireU32(flags),
      ]);
      const answer = await request(body);
      if (answer[0] !== SIGN_RESPONSE)
        throw new AgentError('refused', `the agent at ${path} refused to sign`);
      return unwrap(() => new WireReader(answer.subarray(1)).string(), path);
    },
    close: () => {
      for (const waiting of queue.splice(0))
        waiting.reject(new AgentError('unavailable', 'the agent connection was closed'));
      drop(new AgentError('unavailable', 'the agent connection was closed'));
    },
  };
}

function readIdentities(answer: Buffer, path: string): AgentKey[] {
  if (answer[0] !== IDENTITIES_ANSWER)
    throw new AgentError('refused', `the agent at ${path} refused to list its keys`);
  return unwrap(() => {
    const reader = new WireReader(answer.subarray(1));
    const count = reader.u32();
    if (count > MAX_KEYS)
      throw new AgentError('unavailable', `the agent at ${path} claims ${String(count)} keys`);
    return Array.from({ length: count }, () => {
      const blob = Buffer.from(reader.string());
      return { blob, type: new WireReader(blob).text(), comment: reader.text() };
    });
  }, path);
}

function unwrap<T>(read: () => T, path: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw new AgentError('unavailable', `the agent at ${path} sent a malformed answer: ${messageOf(error)}`);
  }
}
