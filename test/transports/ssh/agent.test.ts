/** The agent client against agents of our own making; the real one is in login.test.ts. */
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { wireString, wireU32 } from '../../../src/openssh/wire.js';
import { AgentError, createAgent } from '../../../src/transports/ssh/agent.js';
import { removeDirectory, temporaryDirectory } from '../../helpers/sshd.js';

const BLOB = Buffer.concat([wireString('ssh-ed25519'), wireString(Buffer.alloc(32, 7))]);
const listAnswer = wireString(
  Buffer.concat([Buffer.from([12]), wireU32(1), wireString(BLOB), wireString('a comment')]),
);

describe('the agent client', () => {
  let directory: string;
  let server: Server | undefined;
  let connections = 0;
  beforeAll(() => {
    directory = temporaryDirectory('agent');
  });
  afterEach(async () => {
    await new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined)));
    server = undefined;
  });
  afterAll(() => removeDirectory(directory));

  const listen = async (answer: (socket: Socket, request: Buffer) => void): Promise<string> => {
    const path = join(directory, `${String(Math.random()).slice(2)}.sock`);
    connections = 0;
    server = createServer((socket) => {
      connections += 1;
      socket.on('error', () => undefined);
      socket.on('data', (request: Buffer) => answer(socket, request));
    });
    await new Promise<void>((resolve) => server?.listen(path, resolve));
    return path;
  };

  it('serves any number of callers over one connection, one request at a time', async () => {
    let open = 0;
    let most = 0;
    const path = await listen((socket) => {
      open += 1;
      most = Math.max(most, open);
      setTimeout(() => {
        open -= 1;
        socket.write(listAnswer);
      }, 1);
    });
    const agent = createAgent(path);
    const lists = await Promise.all(Array.from({ length: 200 }, () => agent.list()));
    agent.close();
    expect(lists.every((keys) => keys[0]?.comment === 'a comment' && keys[0].blob.equals(BLOB))).toBe(true);
    expect(connections).toBe(1);
    expect(most).toBe(1);
  });

  it('puts answers together that arrive byte by byte', async () => {
    const path = await listen((socket) => {
      for (const byte of listAnswer) socket.write(Buffer.from([byte]));
    });
    const agent = createAgent(path);
    expect(await agent.list()).toHaveLength(1);
    agent.close();
  });

  it('connects anew after the agent hung up', async () => {
    const path = await listen((socket) => (connections === 1 ? socket.destroy() : socket.write(listAnswer)));
    const agent = createAgent(path);
    await expect(agent.list()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await agent.list()).toHaveLength(1);
    agent.close();
  });

  it('does not wait for ever', async () => {
    const path = await listen(() => undefined);
    const agent = createAgent(path, 100);
    await expect(agent.list()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('100 ms'),
    });
    agent.close();
  });

  it('tells a refusal from a loss', async () => {
    const path = await listen((socket) => void socket.write(wireString(Buffer.from([5]))));
    const agent = createAgent(path);
    await expect(agent.list()).rejects.toMatchObject({ kind: 'refused' });
    await expect(agent.sign(BLOB, Buffer.from('x'), 0)).rejects.toMatchObject({ kind: 'refused' });
    agent.close();
  });

  it('rejects what waits when it is closed', async () => {
    const path = await listen(() => undefined);
    const agent = createAgent(path);
    const waiting = [agent.list(), agent.list()];
    agent.close();
    for (const one of waiting) await expect(one).rejects.toBeInstanceOf(AgentError);
  });

  it('survives any answer', async () => {
    let next: Buffer = Buffer.alloc(0);
    const path = await listen((socket) => void socket.write(next));
    const agent = createAgent(path, 50);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ minLength: 1, maxLength: 80 }),
          fc
            .uint8Array({ minLength: 1, maxLength: 60 })
            .map((bytes) => wireString(Buffer.concat([Buffer.from([12]), bytes]))),
        ),
        async (bytes) => {
          next = Buffer.from(bytes);
          await agent.list().then(
            (keys) => expect(Array.isArray(keys)).toBe(true),
            (error: unknown) => expect(error).toBeInstanceOf(AgentError),
          );
        },
      ),
      { seed: 20261121, numRuns: 60 },
    );
    agent.close();
  });
});
