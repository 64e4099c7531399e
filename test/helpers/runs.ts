/** Runs of the real command line, in this process, over the demo fleet: real handshakes and logins on loopback. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDemoFleet, type DemoFleet } from '../../src/demo/fleet.js';
import { runMain, type Caught } from './io.js';

export interface Bench {
  readonly folder: string;
  readonly inventory: string;
  readonly fleet: DemoFleet;
  /** Flags that reach the demo fleet and nothing of this machine. */
  readonly reach: readonly string[];
  /** Runs in `folder`, with a clean environment. */
  cli(...argv: readonly string[]): Promise<Caught>;
  stop(): Promise<void>;
}

export const HOSTS = [
  'app-01',
  'app-02',
  'batch-01',
  'cache-01',
  'db-01',
  'db-02',
  'edge-01',
  'legacy-01',
  'web-01',
  'web-02',
];

/** @param change the text of the inventory, before it is written. */
export async function startBench(
  name: string,
  change: (text: string) => string = (text) => text,
): Promise<Bench> {
  const folder = mkdtempSync(join(tmpdir(), `ssh-scorecard-${name}-`));
  const fleet = await startDemoFleet();
  const inventory = join(folder, 'inventory.yaml');
  writeFileSync(inventory, change(fleet.inventoryText));
  return {
    folder,
    inventory,
    fleet,
    reach: ['-i', fleet.identityFile, '-F', 'none', '--no-agent', '--retries', '0', '--config', 'none'],
    cli: (...argv) => runMain(argv, { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } }),
    async stop() {
      await fleet.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Run folders below a base, oldest first. */
export function runsIn(base: string): string[] {
  return readdirSync(base)
    .filter((name) => !name.startsWith('.'))
    .sort()
    .map((name) => join(base, name));
}

/** A copy to tamper with, under the same name below a new parent, with its siblings. */
export function copyBase(base: string, to: string): string {
  cpSync(base, to, { recursive: true, preserveTimestamps: true });
  return to;
}

export interface Gate {
  readonly port: number;
  /** Connections it took so far. */
  taken(): number;
  /** Lets everybody through to `port` from now on. */
  open(port: number): void;
  close(): Promise<void>;
}

/** A loopback port that takes connections and says nothing until it is opened. */
export async function startGate(): Promise<Gate> {
  let target: number | undefined;
  const waiting = new Set<Socket>();
  let taken = 0;
  const server: Server = createServer((socket) => {
    taken += 1;
    waiting.add(socket);
    socket.on('close', () => waiting.delete(socket));
    socket.on('error', () => socket.destroy());
    if (target === undefined) return;
    const through = connect(target, '127.0.0.1');
    through.on('error', () => socket.destroy());
    socket.on('close', () => through.destroy());
    socket.pipe(through).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    taken: () => taken,
    open(port) {
      target = port;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of waiting) socket.destroy();
      }),
  };
}
