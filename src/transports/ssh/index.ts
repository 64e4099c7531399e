/**
 * The `ssh` transport: one login and one command per host over ssh2, with OpenSSH certificates, verified host keys,
 * shared bastions and the user's own ssh_config.
 */
import { messageOf } from '../../errors.js';
import type { ConnectionRecord, GatherFailure } from '../../model.js';
import type { Route, RunRequest, RunResult, Transport } from '../transport.js';
import { createAgent, type Agent, type AgentKey } from './agent.js';
import { createBastions } from './bastions.js';
import { execute } from './exec.js';
import { failed, failure, isTransient, success, type Attempt } from './failure.js';
import { selectIdentities } from './identities.js';
import { createKeyFiles } from './key-file.js';
import { asciiLower, createKnownHostsLoader } from './known-hosts.js';
import { assertSsh2Shape } from './private-seam.js';
import { withRetries } from './retry.js';
import { endpointOf, resolveRoute, type Hop, type ResolvedRoute } from './route.js';
import { createProgress, openSession, type Progress, type Session, type SessionTools } from './session.js';
import type { SshSettings } from './settings.js';
import { createConfigResolver } from './ssh-config.js';
import { createStop, onStop, stopped } from './stop.js';

export type { SshSettings } from './settings.js';

/** How long a listing of the agent's keys is trusted: agents load renewed certificates during a run. */
const AGENT_LIST_MS = 20_000;

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
  const bastions = createBastions(tools);

  return {
    name: 'ssh',
    plan: async (host) => planOf(await resolveRoute(host, settings, config), tools),
    run: (request) => runHost(request, resolveRoute(request.host, settings, config), tools, bastions),
    close: () => {
      bastions.close();
      agents.close();
      return Promise.resolve();
    },
  };
}

function createAgents(): {
  of(path: string | undefined): { agent?: Agent; agentKeys: () => Promise<readonly AgentKey[]> };
  close(): void;
} {
  const agents = new Map<
    string,
    { readonly agent: Agent; listed: number; keys: Promise<readonly AgentKey[]> | undefined }
  >();
  return {
    of: (path) => {
      if (path === undefined) return { agentKeys: () => Promise.resolve([]) };
      const entry = agents.get(path) ?? { agent: createAgent(path), listed: 0, keys: undefined };
      agents.set(path, entry);
      const agentKeys = (): Promise<readonly AgentKey[]> => {
        const now = performance.now();
        if (entry.keys === undefined || now - entry.listed > AGENT_LIST_MS) {
          entry.listed = now;
          entry.keys = entry.agent.list();
        }
        return entry.keys;
      };
      return { agent: entry.agent, agentKeys };
    },
    close: () => {
      for (const { agent } of agents.values()) agent.close();
      agents.clear();
    },
  };
}

async function runHost(
  request: RunRequest,
  resolving: Promise<ResolvedRoute>,
  tools: SessionTools,
  bastions: ReturnType<typeof createBastions>,
): Promise<RunResult> {
  const stop = createStop(request.signal, request.limits.totalMs);
  let state: { readonly route: ResolvedRoute; progress: Progress } | undefined;
  try {
    const route = await orStopped(resolving, stop.signal);
    if (!route.ok) return nothing(route.failure);
    state = { route: route.value, progress: createProgress() };
    const [problem] = route.value.errors;
    if (problem) return nothing(problem);
    const { target, bastions: hops } = route.value;
    const known = state;
    let via: Session | undefined;
    const opened = await withRetries(
      request.limits.retries,
      stop.signal,
      async (): Promise<Attempt<Session>> => {
        known.progress = createProgress();
        via = undefined;
        if (hops.length > 0) {
          known.progress.phase = 'connect';
          const bastion = await bastions.through(hops, request.limits, stop.signal);
          if (!bastion.ok) return bastion;
          via = bastion.value;
        }
        return openSession(
          {
            hop: target,
            via: via?.client,
            limits: request.limits,
            signal: stop.signal,
            progress: known.progress,
            keepaliveMs: 0,
          },
          tools,
        );
      },
      // A bastion that broke off is connected anew, once; see bastions.ts.
      (gone) =>
        isTransient(gone) ||
        (via !== undefined && !via.isOpen() && gone.code !== 'cancelled' && gone.code !== 'total-timeout'),
    );
    const { progress } = known;
    if (!opened.ok) return { ...nothing(opened.failure), connection: recordOf(route.value, progress) };
    const result = await execute(opened.value, request, stop.signal, progress);
    return { ...result, connection: recordOf(route.value, progress) };
  } catch (error) {
    const gone = failure(
      'internal',
      state?.progress.phase ?? 'resolve',
      messageOf(error),
      'This is a defect of ssh-scorecard; please report it.',
    );
    return { ...nothing(gone), ...(state ? { connection: recordOf(state.route, state.progress) } : {}) };
  } finally {
    stop.release();
  }
}

/** The promise's value, unless the run is stopped first. */
async function orStopped<T>(promise: Promise<T>, signal: AbortSignal): Promise<Attempt<T>> {
  let forget = (): void => undefined;
  const stop = new Promise<Attempt<T>>((resolve) => {
    forget = onStop(signal, () => resolve(failed(stopped(signal, 'resolve'))));
  });
  try {
    return await Promise.race([promise.then(success), stop]);
  } finally {
    forget();
  }
}

function nothing(gone: GatherFailure): RunResult {
  return { stdout: new Uint8Array(), stderr: new Uint8Array(), failure: gone };
}

function recordOf(route: ResolvedRoute, progress: Progress): ConnectionRecord {
  const { target } = route;
  return {
    transport: 'ssh',
    address: target.address,
    port: target.port,
    user: target.user,
    route: route.bastions.map(endpointOf),
    ...(progress.hostKey === undefined ? {} : { hostKey: progress.hostKey }),
    ...(progress.authenticatedBy === undefined ? {} : { authenticatedBy: progress.authenticatedBy }),
    ...(progress.serverVersion === undefined ? {} : { serverVersion: progress.serverVersion }),
    timings: { ...progress.timings },
  };
}

/** What would be done, and what is already known to go wrong. Reads files and asks the agent; opens no connection to a host. */
async function planOf(route: ResolvedRoute, tools: SessionTools): Promise<Route> {
  const { target } = route;
  const problems = [...route.errors.map((gone) => gone.detail), ...route.warnings];
  let identities: readonly string[] = [];
  for (const hop of [...route.bastions, target]) {
    const selection = await selectIdentities(hop.identity, tools.identities(hop));
    const prefix = hop === target ? '' : `jump host ${hop.name}: `;
    if (!selection.ok) problems.push(`${prefix}${selection.failure.detail}`);
    else if (hop === target)
      identities = [...new Set(selection.value.identities.map((identity) => identity.label))];
    problems.push(...hostKeyProblems(hop, tools).map((problem) => `${prefix}${problem}`));
  }
  return {
    user: target.user,
    address: target.address,
    port: target.port,
    via: route.bastions.map(endpointOf),
    identities,
    knownHosts: target.pins.length > 0 ? ['inventory'] : target.knownHostsFiles,
    problems: [...new Set(problems)],
  };
}

function hostKeyProblems(hop: Hop, tools: SessionTools): string[] {
  const known = tools.knownHosts(hop.knownHostsFiles);
  if (hop.pins.length > 0) return [];
  const name = asciiLower(hop.hostKeyAlias ?? hop.address);
  const names =
    hop.hostKeyAlias !== undefined || hop.port === 22 ? [name] : [`[${name}]:${String(hop.port)}`, name];
  const found = names.some((one) => known.all(one).some((entry) => entry.marker !== '@revoked'));
  return found
    ? [...known.problems]
    : [...known.problems, `no host key is known for ${names[0] ?? name}: the connection would be refused`];
}
