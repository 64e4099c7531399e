/** Workers as real processes, and hosts that hold them up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { builtCli } from '../helpers/built-cli.js';

const CLI = await builtCli();

export interface Running {
  readonly pid: number;
  /** Standard error so far. */
  err(): string;
  out(): string;
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
}

/** The real command line in a process of its own. @param before further flags of node. */
export function startCli(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
  before: readonly string[] = [],
): Running {
  const child = spawn(process.execPath, [...before, CLI, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { out: '', err: '' };
  child.stdout.on('data', (bytes: Buffer) => (text.out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (text.err += bytes.toString()));
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return {
    pid: child.pid ?? 0,
    err: () => text.err,
    out: () => text.out,
    signal: (name) => void child.kill(name),
    ended,
  };
}

/** Waits for something to become true; fails after minutes with what it waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seen: () => string = () => '',
): Promise<void> {
  for (let tries = 0; tries < 5000; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  throw new Error(`it did not come to this: ${what}\n${seen()}`);
}

export interface Silent {
  readonly port: number;
  /** Connections it took so far. */
  taken(): number;
  close(): Promise<void>;
}

/** Takes connections, and says nothing. */
export async function startSilent(): Promise<Silent> {
  let taken = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    taken += 1;
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  return {
    port: typeof at === 'object' && at ? at.port : 0,
    taken: () => taken,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}
