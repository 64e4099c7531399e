/**
 * The `local` transport: this very machine, or a file tree on it. The same script, by the same shell, with no network
 * in between.
 */
import { hostname, userInfo } from 'node:os';
import type { ConnectionRecord } from '../../model.js';
import type { Route, Transport } from '../transport.js';
import { runShell } from './shell.js';
import { treeCommand, treeFailure } from './tree.js';

export interface LocalSettings {
  /** Absolute path of a file tree to audit instead of the running system. */
  readonly root?: string;
}

/** Makes the transport. Starts nothing. */
export function createLocalTransport({ root }: LocalSettings): Transport {
  const at = { address: root ?? hostname(), port: 0, user: userName() };
  const record: ConnectionRecord = { transport: 'local', ...at, route: [] };
  const route: Route = { ...at, via: [], identities: [], knownHosts: [], problems: [] };
  return {
    name: 'local',
    plan: () => Promise.resolve(route),
    run: async (request) => {
      const started = performance.now();
      const result = await runShell(root === undefined ? request.command : treeCommand(root), request);
      const done = Math.round(performance.now() - started);
      const outside =
        root !== undefined && result.stdout.length === 0 ? treeFailure(result.stderr) : undefined;
      const connection = { ...record, timings: { done } };
      return { ...result, connection, ...(outside && !result.failure && { failure: outside }) };
    },
    close: () => Promise.resolve(),
  };
}

/** Who runs this process; a user id without a name is told as such. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
