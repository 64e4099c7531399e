/**
 * A TCP proxy that does one bad thing at a chosen moment. It stands before a server of ours, so that the bytes up to
 * that moment are those of a sound connection.
 */
import { randomBytes } from 'node:crypto';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export const ACTIONS = ['reset', 'close', 'silence', 'drip', 'garbage', 'flip'] as const;
/**
 * `reset`: RST. `close`: FIN, while it still listens. `silence`: nothing more, in both directions. `drip`: one byte a
 * second. `garbage`: noise instead of what follows. `flip`: one bit of the next chunk is another.
 */
export type Action = (typeof ACTIONS)[number];

/** One connection through the gate. */
export interface Passage {
  /** Counts from 1. */
  readonly number: number;
  readonly client: Socket;
  act(action: Action): void;
  /** From now on nothing that the client says is read. */
  deafen(): void;
}

export interface Gate {
  readonly port: number;
  connections(): number;
  close(): Promise<void>;
}

export interface GateScript {
  /** The port behind; absent: nothing is behind, and `accepted` does everything. */
  readonly target?: number;
  readonly accepted: (passage: Passage) => void;
  /** Told when the connection behind stands, by its local port. */
  readonly joined?: (passage: Passage, localPort: number) => void;
  /** Sees what the server says first; returns how many bytes may pass before `act` happens. */
  readonly early?: (passage: Passage) => { readonly after: number; readonly act: Action } | undefined;
}

const DRIP_MS = 1000;

export async function startGate(script: GateScript): Promise<Gate> {
  const open = new Set<Socket>();
  let count = 0;
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    count += 1;
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    serve(client, count, script, open);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

/** An RST and nothing else: resetAndDestroy() says FIN first, which a quick peer hears. */
function reset(client: Socket): void {
  Object.assign(client, { resetAndClosing: true });
  client.destroy();
}

function serve(client: Socket, number: number, script: GateScript, open: Set<Socket>): void {
  let mode: Action | undefined;
  let dripping: NodeJS.Timeout | undefined;
  let waiting: Buffer[] = [];
  let upstream: Socket | undefined;

  const drip = (): void => {
    const [first, ...rest] = waiting;
    if (client.destroyed || !first) return;
    client.write(first.subarray(0, 1));
    waiting = first.length > 1 ? [first.subarray(1), ...rest] : rest;
  };
  const passage: Passage = {
    number,
    client,
    deafen: () => void client.pause(),
    act: (action) => {
      if (mode !== undefined) return;
      mode = action;
      if (action === 'reset') reset(client);
      if (action === 'close') client.end();
      if (action === 'garbage') client.write(randomBytes(4096));
      if (action === 'drip') dripping = setInterval(drip, DRIP_MS);
    },
  };
  const pass = (chunk: Buffer): void => {
    if (client.destroyed || !client.writable) return;
    if (mode === undefined) return void client.write(chunk);
    if (mode === 'drip') return void waiting.push(chunk);
    if (mode !== 'flip') return;
    const wrong = Buffer.from(chunk);
    // Not in the first bytes, which may be a length: then the other side would only wait for more.
    const at = Math.min(wrong.length - 1, 20);
    wrong[at] = (wrong[at] ?? 0) ^ 0x10;
    client.write(wrong);
  };

  script.accepted(passage);
  if (script.target === undefined) {
    client.resume();
    return;
  }
  const early = script.early?.(passage);
  let passed = 0;
  let held: Buffer[] | undefined;
  const behind = connect({ port: script.target, host: '127.0.0.1', noDelay: true });
  upstream = behind;
  open.add(behind);
  behind.on('connect', () => script.joined?.(passage, behind.localPort ?? 0));
  behind.on('data', (chunk: Buffer) => {
    if (held) return void held.push(chunk);
    if (!early || passed >= early.after) return pass(chunk);
    const left = early.after - passed;
    passed += Math.min(left, chunk.length);
    pass(chunk.subarray(0, left));
    if (passed < early.after) return;
    held = [chunk.subarray(left)];
    // What has passed must arrive before an RST overtakes it.
    setTimeout(
      () => {
        passage.act(early.act);
        for (const late of held ?? []) if (late.length > 0) pass(late);
        held = undefined;
      },
      early.act === 'reset' ? 30 : 0,
    );
  });
  behind.on('end', () => {
    if (mode === undefined) client.end();
  });
  behind.on('error', () => behind.destroy());
  behind.on('close', () => open.delete(behind));
  client.on('data', (chunk: Buffer) => {
    if (mode !== 'silence') behind.write(chunk);
  });
  client.on('end', () => behind.end());
  client.on('close', () => {
    clearInterval(dripping);
    upstream?.destroy();
  });
}
