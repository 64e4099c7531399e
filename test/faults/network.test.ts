/** What the network and a real sshd do on their own: connects that nobody answers, and logins that have to queue. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs, title } from '../helpers/needs.js';
import { makeKey, publicKey, removeDirectory, startSshd, temporaryDirectory } from '../helpers/sshd.js';
import { hostAt, request, transportIn, trust } from '../transports/ssh/lab.js';
import { startFaultFleet, type ReportLike } from './fleet.js';

const python = needs.program('python3', 'python3');

/** Listens, accepts nobody, and has its queue filled: the kernel then drops every further SYN. */
const BLACKHOLE = `
import socket, sys, time
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(0)
port = listener.getsockname()[1]
waiting = []
for _ in range(4):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(("127.0.0.1", port))
    waiting.append(one)
time.sleep(0.3)
print(port, flush=True)
time.sleep(600)
`;

describe.skipIf(python)(title('a black hole', python), () => {
  test('costs its own time limit and no more', async () => {
    const hole: ChildProcess = spawn('python3', ['-c', BLACKHOLE], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(hole.stdout ?? hole, 'data')) as [Buffer];
    const fleet = await startFaultFleet(
      [{ name: 'sound', play: { kind: 'sound' } }],
      [{ name: 'hole', address: '127.0.0.1', port: Number(line.toString().trim()) }],
    );
    const { out } = await fleet.cli(
      'run',
      fleet.inventory,
      ...fleet.flags,
      '--retries=3',
      '-q',
      '-f',
      'json',
    );
    await fleet.stop();
    hole.kill('SIGKILL');
    const failures = (JSON.parse(out) as ReportLike).hosts.map(({ name, failure }) => [name, failure?.code]);
    expect(failures).toEqual([
      ['hole', 'connect-timeout'],
      ['sound', undefined],
    ]);
  });
});

/** Nothing here is about how fast the machine is. */
const PATIENT = {
  retries: 10,
  connectMs: 50_000,
  handshakeMs: 50_000,
  loginMs: 50_000,
  firstByteMs: 50_000,
  totalMs: 55_000,
};

describe.skipIf(needs.sshd)(title('a real sshd with MaxStartups 10:30:100', needs.sshd), () => {
  test('lets 50 through that come at once, by their retries', async () => {
    const directory = temporaryDirectory('startups');
    const key = await makeKey(join(directory, 'user'));
    const server = await startSshd({
      authorizedKeys: { root: [publicKey(key)] },
      // Its default, and every login takes long enough for a queue to form.
      config: ['MaxStartups 10:30:100', 'ForceCommand sleep 0.2; echo through'],
    });
    trust(directory, server);
    const transport = transportIn(directory, { identityFile: key });
    const host = hostAt(server);
    const results = await Promise.all(
      Array.from({ length: 50 }, () => transport.run(request(host, { limits: PATIENT }))),
    );
    const made = (server.log().match(/Accepted publickey/g) ?? []).length;
    await transport.close();
    await server.stop();
    removeDirectory(directory);
    expect(results.map(({ failure }) => failure?.detail)).toEqual(results.map(() => undefined));
    expect(results.map(({ stdout }) => Buffer.from(stdout).toString())).toEqual(
      results.map(() => 'through\n'),
    );
    expect(made).toBe(50);
  });

  test('PerSourceMaxStartups 2: twelve of one address get through, by their retries', async () => {
    const directory = temporaryDirectory('startups');
    const key = await makeKey(join(directory, 'user'));
    const server = await startSshd({
      authorizedKeys: { root: [publicKey(key)] },
      config: ['PerSourceMaxStartups 2', 'ForceCommand echo through'],
    });
    trust(directory, server);
    const transport = transportIn(directory, { identityFile: key });
    const host = hostAt(server);
    const results = await Promise.all(
      Array.from({ length: 12 }, () => transport.run(request(host, { limits: PATIENT }))),
    );
    const refused = (server.log().match(/drop connection|beyond PerSourceMaxStartups/g) ?? []).length;
    await transport.close();
    await server.stop();
    removeDirectory(directory);
    expect(results.map(({ failure }) => failure?.detail)).toEqual(results.map(() => undefined));
    expect(refused).toBeGreaterThan(0);
  });

  test('throttles at all: without retries some are dropped, and told so', async () => {
    const directory = temporaryDirectory('startups');
    const key = await makeKey(join(directory, 'user'));
    const server = await startSshd({
      authorizedKeys: { root: [publicKey(key)] },
      config: ['MaxStartups 10:30:100', 'LoginGraceTime 20'],
    });
    trust(directory, server);
    // Ten that never log in hold the queue, so that each further one is dropped three times in ten at least.
    const idle = Array.from({ length: 30 }, (): Socket => connect(server.port, server.address));
    await Promise.all(idle.map((socket) => once(socket, 'connect')));
    const transport = transportIn(directory, { identityFile: key });
    const results = await Promise.all(
      Array.from({ length: 30 }, () =>
        transport.run(request(hostAt(server), { limits: { ...PATIENT, retries: 0 } })),
      ),
    );
    for (const socket of idle) socket.destroy();
    await transport.close();
    await server.stop();
    removeDirectory(directory);
    const codes = new Set(results.flatMap(({ failure }) => (failure ? [failure.code] : [])));
    expect(codes.size).toBeGreaterThan(0);
    for (const code of codes) expect(['closed-before-login', 'connection-reset']).toContain(code);
  });
});
