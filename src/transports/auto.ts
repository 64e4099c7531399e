/** The `auto` transport: ssh2 first, and the system's ssh for the hosts ssh2 cannot talk to. */
import type { Transport } from './transport.js';
import { opensshMaySolve } from './ssh/beyond.js';

/** Closing it closes both. The connection record tells which of them carried a host. */
export function createAutoTransport(ssh: Transport, openssh: Transport): Transport {
  return {
    name: 'auto',
    plan: (host) => ssh.plan(host),
    run: async (request) => {
      const started = performance.now();
      const first = await ssh.run(request);
      if (!first.failure || !opensshMaySolve(first.failure) || request.signal.aborted) return first;
      const totalMs = Math.round(request.limits.totalMs - (performance.now() - started));
      if (totalMs <= 0) return first;
      const second = await openssh.run({ ...request, limits: { ...request.limits, totalMs } });
      // What ssh2 could not agree with, it had read: that is the server's whole offer all the same.
      const handshake = first.handshake ?? second.handshake;
      const result = { ...second, ...(handshake && { handshake }) };
      if (!second.failure) return result;
      const detail = `${second.failure.detail} (by openssh, after ssh2 failed: ${first.failure.detail})`;
      return { ...result, failure: { ...second.failure, detail } };
    },
    close: async () => {
      await Promise.all([ssh.close(), openssh.close()]);
    },
  };
}
