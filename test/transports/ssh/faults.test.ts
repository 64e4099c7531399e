/** What hostile, broken and slow servers do: every fault ends once, in time, with its own code. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunResult, Transport } from '../../../src/transports/transport.js';
import { needs, title } from '../../helpers/needs.js';
import {
  descendants,
  freePort,
  makeKey,
  publicKey,
  removeDirectory,
  startSshd,
  temporaryDirectory,
  type Sshd,
} from '../../helpers/sshd.js';
import {
  hostAt,
  request,
  scriptedServer,
  SPEAK,
  textOf,
  transportIn,
  trust,
  type ScriptedServer,
} from './lab.js';

const BANNER = 'SSH-2.0-Scripted_1.0\r\n';

describe.skipIf(needs.sshKeygen)(title('scripted servers', needs.sshKeygen), () => {
  let directory: string;
  let transport: Transport;
  beforeAll(async () => {
    directory = temporaryDirectory('faults');
    transport = transportIn(directory, { identityFile: await makeKey(join(directory, 'user')) });
  });
  afterAll(async () => {
    await transport.close();
    removeDirectory(directory);
  });

  const against = async (
    script: (socket: Socket) => void,
    limits = {},
  ): Promise<{ result: RunResult; server: ScriptedServer }> => {
    const server = await scriptedServer(script);
    const result = await transport.run(
      request(hostAt(server), { limits: { handshakeMs: 500, connectMs: 500, ...limits } }),
    );
    return { result, server };
  };

  it('nothing listens', async () => {
    const result = await transport.run(request(hostAt({ address: '127.0.0.1', port: await freePort() })));
    expect(result.failure).toMatchObject({ code: 'connect-refused', phase: 'connect' });
    expect(result.connection).toMatchObject({ user: 'root' });
  });

  it('a name that does not resolve', async () => {
    const result = await transport.run(request(hostAt({ address: 'no-such-host.invalid', port: 22 })));
    expect(result.failure).toMatchObject({ code: 'dns', phase: 'resolve' });
  });

  it.each<[string, (socket: Socket) => void, string]>([
    ['accepts and stays silent', () => undefined, 'handshake-timeout'],
    ['banner, then nothing', (socket) => void socket.write(BANNER), 'handshake-timeout'],
    [
      'one byte a moment',
      (socket) => void setInterval(() => socket.write('x'), 50).unref(),
      'handshake-timeout',
    ],
    ['garbage', (socket) => void socket.write(Buffer.alloc(65_536, 0x41)), 'handshake-failed'],
    ['endless garbage', (socket) => pour(socket, Buffer.alloc(65_536, 0x0a)), 'handshake-failed'],
    [
      'endless lines before the banner',
      (socket) => pour(socket, Buffer.from('hello there\r\n'.repeat(500))),
      'handshake-failed',
    ],
    ['SSH 1', (socket) => void socket.write('SSH-1.5-old\r\n'), 'handshake-failed'],
    [
      'garbage after the banner',
      (socket) => void socket.write(`${BANNER}${'\u00ff'.repeat(500)}`),
      'handshake-failed',
    ],
    ['HTTP', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'), 'closed-before-login'],
    ['closes at once', (socket) => void socket.end(), 'closed-before-login'],
    ['closes during the key exchange', (socket) => void socket.end(BANNER), 'closed-before-login'],
    ['resets at once', (socket) => void socket.resetAndDestroy(), 'connection-reset'],
    [
      'resets during the key exchange',
      (socket) => socket.write(BANNER, () => setTimeout(() => socket.resetAndDestroy(), 50)),
      'connection-reset',
    ],
  ])('%s', async (_what, script, code) => {
    const { result, server } = await against(script);
    expect(result.failure?.code).toBe(code);
    // A reset may come while the connection is still being set up.
    expect(['handshake', ...(code === 'connection-reset' ? ['connect'] : [])]).toContain(
      result.failure?.phase,
    );
    if (code === 'handshake-timeout') expect(result.failure?.detail).toContain('within 500 ms');
    await expect.poll(() => server.sockets.size, { timeout: 2000 }).toBe(0);
    await server.close();
  });

  it('tries again after a close, with pauses, and says how often', async () => {
    const { result, server } = await against((socket) => socket.end(), { retries: 2 });
    expect(result.failure).toMatchObject({ code: 'closed-before-login', attempts: 3 });
    expect(server.connections()).toBe(3);
    await server.close();
  });

  it('does not try again when sshd shuts this address out', async () => {
    const { result, server } = await against((socket) => socket.end('Not allowed at this time\r\n'), {
      retries: 3,
    });
    expect(result.failure?.code).toBe('closed-before-login');
    expect(result.failure?.hint).toContain('PerSourcePenalties');
    expect(server.connections()).toBe(1);
    await server.close();
  });

  it('the total deadline covers everything', async () => {
    const { result, server } = await against(() => undefined, {
      handshakeMs: 60_000,
      totalMs: 400,
      retries: 5,
    });
    expect(result.failure).toMatchObject({
      code: 'total-timeout',
      phase: 'handshake',
      detail: 'not finished after 400 ms',
    });
    await server.close();
  });

  it('is cancelled during the handshake, and before it began', async () => {
    const server = await scriptedServer(() => undefined);
    const controller = new AbortController();
    const running = transport.run(request(hostAt(server), { signal: controller.signal }));
    setTimeout(() => controller.abort(), 100);
    expect((await running).failure).toMatchObject({ code: 'cancelled', phase: 'handshake' });
    expect((await transport.run(request(hostAt(server), { signal: controller.signal }))).failure?.code).toBe(
      'cancelled',
    );
    expect(server.connections()).toBe(1);
    await server.close();
  });

  it.each([['-oProxyCommand=id'], ['a;b'], ['a b'], ['a\nb'], ['']])(
    'refuses the host name %j',
    async (address) => {
      const result = await transport.run(request(hostAt({ address, port: 22 })));
      expect(result.failure).toMatchObject({ code: 'dns', phase: 'resolve' });
    },
  );

  it.each([['-l'], ['a b'], ['$(id)'], ['']])('refuses the user name %j', async (user) => {
    const result = await transport.run(request(hostAt({ address: '127.0.0.1', port: 22 }, { user })));
    expect(result.failure).toMatchObject({ code: 'identity-unusable', phase: 'resolve' });
  });
});

function pour(socket: Socket, chunk: Buffer): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on('drain', more);
  more();
}

describe.skipIf(needs.sshd)(title('commands that misbehave', needs.sshd), () => {
  let directory: string;
  let server: Sshd;
  let transport: Transport;
  const run = (stdin: string, limits = {}, command = 'sh -s'): Promise<RunResult> =>
    transport.run(request(hostAt(server), { stdin, command, limits }));

  beforeAll(async () => {
    directory = temporaryDirectory('exec');
    const user = await makeKey(join(directory, 'user'));
    server = await startSshd({ authorizedKeys: { root: [publicKey(user)] } });
    trust(directory, server);
    transport = transportIn(directory, { identityFile: user });
  });
  afterAll(async () => {
    await transport.close();
    await server.stop();
    removeDirectory(directory);
  });
  /** Nothing of a run stays behind on the server. */
  const quiet = (): Promise<void> =>
    expect.poll(() => descendants(server.pid).length, { timeout: 5000 }).toBe(0);

  it('tells the exit code, with all output', async () => {
    const result = await run('head -c 3000000 /dev/zero; echo end >&2; exit 7\n');
    expect(result).toMatchObject({ exitCode: 7 });
    expect(result.failure).toBeUndefined();
    expect(result.stdout.length).toBe(3_000_000);
    expect(result.connection?.timings).toMatchObject({
      connect: expect.any(Number),
      handshake: expect.any(Number),
      login: expect.any(Number),
      done: expect.any(Number),
    });
  });

  it('tells the signal', async () => {
    const result = await run('echo before; kill -TERM $$\n');
    expect(result).toMatchObject({
      exitSignal: 'SIGTERM',
      failure: { code: 'killed-by-signal', phase: 'run' },
    });
    expect(textOf(result)).toBe('before\n');
    expect(result.exitCode).toBeUndefined();
  });

  it('kills a command that says nothing', async () => {
    const result = await run('sleep 1000\n', { firstByteMs: 300 });
    expect(result.failure?.code).toBe('first-byte-timeout');
    await quiet();
  });

  it('kills a command that stops talking', async () => {
    const result = await run('echo begun; sleep 1000\n', { idleMs: 300 });
    expect(result.failure?.code).toBe('idle-timeout');
    expect(textOf(result)).toBe('begun\n');
    await quiet();
  });

  it('kills a command that never ends', async () => {
    const result = await run('while :; do echo x; sleep 0.05; done\n', { totalMs: 800 });
    expect(result.failure).toMatchObject({ code: 'total-timeout', phase: 'run' });
    expect(textOf(result)).toMatch(/^x\n/);
    await quiet();
  });

  it.each(['stdout', 'stderr'])('stops a flood on %s', async (stream) => {
    const before = process.memoryUsage().rss;
    const result = await run(`head -c 1073741824 /dev/zero ${stream === 'stderr' ? '>&2' : ''}\n`, {
      maxStdout: 1_000_000,
      maxStderr: 10_000,
    });
    expect(result.failure?.code).toBe('too-much-output');
    expect(stream === 'stdout' ? result.stdout.length : result.stderr.length).toBe(
      stream === 'stdout' ? 1_000_000 : 10_000,
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    await quiet();
  });

  it('takes output of exactly the limit', async () => {
    const result = await run('head -c 1000000 /dev/zero\n', { maxStdout: 1_000_000 });
    expect(result.failure).toBeUndefined();
    expect(result.stdout.length).toBe(1_000_000);
  });

  it('does not wait for a background child that holds the output open', async () => {
    const result = await run('sleep 1000 & echo $!\n');
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).toMatch(/^\d+\n$/);
    // It still holds the output, and nobody waited for that.
    const child = Number(textOf(result));
    expect(readFileSync(`/proc/${child}/cmdline`, 'utf8')).toBe('sleep\x001000\x00');
    process.kill(child);
    server.dropConnections();
  });

  it('is not troubled by a command that does not read its input', async () => {
    const result = await run('x'.repeat(3_000_000), {}, 'echo ignored');
    expect(result).toMatchObject({ exitCode: 0 });
    expect(textOf(result)).toBe('ignored\n');
  });

  it('tells a connection that broke from a command that ended', async () => {
    const said = join(directory, 'said');
    const running = run(`echo partial; ${SPEAK}; touch '${said}'; sleep 1000\n`);
    await expect.poll(() => existsSync(said), { timeout: 60_000 }).toBe(true);
    server.dropConnections();
    const result = await running;
    expect(result.failure).toMatchObject({ code: 'connection-lost', phase: 'run' });
    expect(textOf(result)).toMatch(/^partial\n/);
    expect(result.exitCode).toBeUndefined();
  });

  it('is cancelled while the command runs', async () => {
    const runs = join(directory, 'runs');
    const controller = new AbortController();
    const running = transport.run(
      request(hostAt(server), { stdin: `touch '${runs}'; sleep 1000\n`, signal: controller.signal }),
    );
    await expect.poll(() => existsSync(runs), { timeout: 60_000 }).toBe(true);
    controller.abort();
    const result = await running;
    expect(result.failure).toMatchObject({ code: 'cancelled', phase: 'run' });
    await quiet();
  });

  it('says when the host runs no commands', async () => {
    const closed = await startSshd({
      authorizedKeys: { root: [publicKey(join(directory, 'user'))] },
      config: ['MaxSessions 0'],
    });
    const result = await transport.run(
      request(hostAt(closed, { hostKeys: [publicKey(closed.hostKeys[0] ?? '')] })),
    );
    await closed.stop();
    expect(result.failure).toMatchObject({ code: 'exec-refused', phase: 'exec' });
  });

  it('notices a peer that falls silent in the middle', async () => {
    const begun = join(directory, 'begun');
    let seen = 0;
    const relay = await scriptedServer((socket) => {
      const onward = connect(server.port, server.address);
      onward.on('error', () => undefined);
      onward.on('data', (chunk) => {
        // Some of the command's own output comes through, then nothing more.
        if (existsSync(begun)) seen += 1;
        if (seen <= 5) socket.write(chunk);
      });
      socket.on('data', (chunk) => void onward.write(chunk));
      socket.on('close', () => onward.destroy());
    });
    const host = hostAt(relay, { hostKeys: [publicKey(server.hostKeys[0] ?? '')] });
    const running = transport.run(
      request(host, {
        stdin: `touch '${begun}'; while :; do echo x; sleep 0.1; done\n`,
        limits: { firstByteMs: 12_000, idleMs: 1500 },
      }),
    );
    const result = await running;
    expect(result.failure?.code).toBe('idle-timeout');
    await relay.close();
    await quiet();
  });

  it('leaves no socket and no timer behind, whatever happened before', async () => {
    const held = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'ProcessWrap')
        .length;
    await expect.poll(held, { timeout: 3000 }).toBe(1);
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    await Promise.all([run('echo x\n'), run('sleep 1000\n', { firstByteMs: 500 }), run('kill $$\n')]);
    await expect.poll(held, { timeout: 3000 }).toBe(1);
    await expect.poll(timers, { timeout: 3000 }).toBeLessThanOrEqual(before + 1);
  });
});
