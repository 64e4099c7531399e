/**
 * Things that listen on port 22 and are no sshd. They live in the process that started the fleet.
 */
import { createServer, type Socket } from 'node:net';
import type { Awkward } from './types.js';

/** Listens until closed; closing also ends open connections. */
export async function listen(
  kind: NonNullable<Awkward['listener']>,
  address: string,
  port: number,
): Promise<{ close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
    if (kind === 'closes') socket.destroy();
    if (kind === 'garbage') socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    if (kind === 'banner-then-silent') socket.write('SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10\r\n');
    socket.resume();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port }, resolve);
  });
  server.unref();
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
}
