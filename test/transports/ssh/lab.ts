/** Shared parts of the suites that talk to real or scripted servers. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Host } from '../../../src/model.js';
import { createTransport, type SshSettings } from '../../../src/transports/index.js';
import type { Limits, RunRequest, RunResult, Transport } from '../../../src/transports/transport.js';
import type { Sshd } from '../../helpers/sshd.js';

/** No time limit that is not what a test is about: how soon a real sshd answers is a matter of the machine. */
const NEVER = 600_000;
const LIMITS: Limits = {
  connectMs: NEVER,
  handshakeMs: NEVER,
  loginMs: NEVER,
  firstByteMs: NEVER,
  idleMs: NEVER,
  totalMs: NEVER,
  maxStdout: 8 * 1024 * 1024,
  maxStderr: 64 * 1024,
  retries: 0,
};

/**
 * Part of a command: more output than pipes, sshd and the window of a channel hold together. When it has ended, what
 * was said before it has arrived.
 */
export const SPEAK = 'head -c 6000000 /dev/zero';

export function hostAt(
  server: { readonly address: string; readonly port: number },
  more: Partial<Host> = {},
): Host {
  return {
    name: 'target',
    address: server.address,
    port: server.port,
    user: 'root',
    transport: 'ssh',
    become: 'none',
    tags: [],
    jump: [],
    hostKeys: [],
    allowedPrincipals: { adm: [], agt: [], atm: [] },
    at: { file: 'inventory.yaml', line: 1, column: 1 },
    ...more,
  };
}

export function request(
  host: Host,
  more: Partial<Omit<RunRequest, 'limits'>> & { readonly limits?: Partial<Limits> } = {},
): RunRequest {
  return {
    host,
    command: 'sh -s',
    stdin: 'echo hello; echo oops >&2\n',
    signal: new AbortController().signal,
    ...more,
    limits: { ...LIMITS, ...more.limits },
  };
}

/** A transport that reads nothing from the home directory of whoever runs the tests. */
export function transportIn(directory: string, more: Partial<SshSettings> = {}): Transport {
  return createTransport('ssh', {
    configFile: 'none',
    home: directory,
    knownHostsFiles: [join(directory, 'known_hosts')],
    localUser: 'root',
    now: () => Date.now(),
    ...more,
  });
}

export function trust(directory: string, ...servers: readonly Sshd[]): void {
  appendFileSync(join(directory, 'known_hosts'), servers.map((server) => server.knownHosts()).join(''));
}

export function writeKnownHosts(directory: string, text: string): string {
  const path = join(directory, 'known_hosts');
  writeFileSync(path, text);
  return path;
}

export function textOf(result: RunResult): string {
  return Buffer.from(result.stdout).toString('utf8');
}

export interface ScriptedServer {
  readonly address: string;
  readonly port: number;
  readonly sockets: Set<Socket>;
  connections(): number;
  close(): Promise<void>;
}

/** A TCP server that does whatever `script` says with each connection. */
export function scriptedServer(script: (socket: Socket) => void): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server: Server = createServer((socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    // An unread socket never notices that the other side has gone.
    socket.resume();
    socket.on('close', () => sockets.delete(socket));
    script(socket);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const at = server.address();
      resolve({
        address: '127.0.0.1',
        port: typeof at === 'object' && at ? at.port : 0,
        sockets,
        connections: () => count,
        close: () =>
          new Promise((done) => {
            for (const socket of sockets) socket.destroy();
            server.close(() => done());
          }),
      });
    });
  });
}
