/**
 * The `ssh` transport: one login and one command per host over ssh2, with OpenSSH certificates, verified host keys,
 * shared bastions and the user's own ssh_config.
 */
import type { Transport } from '../transport.js';
import { createAgents } from './agents.js';
import { createBastions } from './bastions.js';
import { execute } from './exec.js';
import { createKeyFiles } from './key-file.js';
import { createKnownHostsLoader } from './known-hosts.js';
import { planOf } from './plan.js';
import { assertSsh2Shape } from './private-seam.js';
import { resolveRoute } from './route.js';
import { runHost, type Carrier } from './run.js';
import { createProgress, openSession, type Session, type SessionTools } from './session.js';
import type { SshSettings } from './settings.js';
import { createConfigResolver } from './ssh-config.js';

export type { SshSettings } from './settings.js';

/** How often a bastion, which waits, is asked whether it is still there. */
const KEEPALIVE_MS = 15_000;

/**
 * Makes the transport for one run. Opens nothing.
 * @throws UserError `ssh2-unsupported` when the installed ssh2 is not the one this was made for.
 */
export function createSshTransport(settings: SshSettings): Transport {
  assertSsh2Shape();
  const config = createConfigResolver(settings);
  const files = createKeyFiles();
  const agents = createAgents();
  const tools: SessionTools = {
    knownHosts: createKnownHostsLoader(),
    identities: (hop) => ({ files, now: settings.now, ...agents.of(hop.agentSocket) }),
    now: settings.now,
  };
  const bastions = createBastions<Session>((hop, before, limits, signal) =>
    openSession(
      { hop, via: before?.client, limits, signal, progress: createProgress(), keepaliveMs: KEEPALIVE_MS },
      tools,
    ),
  );
  const carrier: Carrier<Session, Session> = {
    name: 'ssh',
    bastions,
    open: ({ target, via, limits, signal, progress }) =>
      openSession({ hop: target, via: via?.client, limits, signal, progress, keepaliveMs: 0 }, tools),
    execute: (session, { request, signal, progress }) => execute(session, request, signal, progress),
  };

  return {
    name: 'ssh',
    plan: async (host) => planOf(await resolveRoute(host, settings, config), tools),
    run: (request) => runHost(carrier, request, resolveRoute(request.host, settings, config)),
    close: () => {
      bastions.close();
      agents.close();
      return Promise.resolve();
    },
  };
}
