/**
 * The `openssh` transport: the system's own ssh(1), for what ssh2 cannot do: post-quantum key exchange, FIDO keys
 * without an agent, GSSAPI, and whatever else the user's ssh_config sets up. The same rules hold as for `ssh`: host keys
 * are always verified, nothing is asked, nothing is forwarded.
 */
import { existsSync } from 'node:fs';
import nodeProcess from 'node:process';
import { messageOf } from '../../errors.js';
import { selectIdentities } from '../ssh/identities.js';
import { createAgents } from '../ssh/agents.js';
import { createBastions } from '../ssh/bastions.js';
import { failed, failure, success, type Attempt } from '../ssh/failure.js';
import { createKeyFiles } from '../ssh/key-file.js';
import { createKnownHostsLoader } from '../ssh/known-hosts.js';
import { planOf } from '../ssh/plan.js';
import { resolveRoute, type Hop, type ResolvedRoute } from '../ssh/route.js';
import { runHost, type Carrier } from '../ssh/run.js';
import { createProgress, type Progress, type SessionTools } from '../ssh/session.js';
import type { SshSettings } from '../ssh/settings.js';
import { createConfigResolver } from '../ssh/ssh-config.js';
import type { GatherFailure, Host } from '../../model.js';
import type { Limits, Route, Transport } from '../transport.js';
import { hopArguments, pathProblem, type KnownKeys } from './arguments.js';
import { awaitCommand } from './command.js';
import { explainLogin, type Explained } from './explain.js';
import { awaitLogin, recordLogin } from './login.js';
import { masterOf, throughMaster, type Master } from './master.js';
import { startSsh, type SshProcess } from './process.js';
import { createProgramFinder, SINCE, type SshProgram } from './program.js';
import { algorithmsWithout, createWorkspace, pinnedKeys } from './workspace.js';

/** A server shows one host key at a time; a pinned fingerprint does not tell which to ask for. */
const MAX_KEY_ROUNDS = 4;

interface HopLogin {
  readonly hop: Hop;
  readonly via: Master | undefined;
  readonly limits: Limits;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** What to run, and its input; absent for a bastion's shared connection. */
  readonly run?: { readonly command: string; readonly stdin: string };
}

/** Makes the transport for one run. Starts nothing. */
export function createOpensshTransport(settings: SshSettings): Transport {
  const config = createConfigResolver(settings);
  const findProgram = createProgramFinder(settings.sshProgram ?? 'ssh');
  const files = createKeyFiles();
  const agents = createAgents();
  const tools: SessionTools = {
    knownHosts: createKnownHostsLoader(),
    identities: (hop) => ({ files, now: settings.now, ...agents.of(hop.agentSocket) }),
    now: settings.now,
  };
  const workspace = createWorkspace();
  const running = new Set<SshProcess>();
  const route = (host: Host): Promise<ResolvedRoute> => resolveRoute(host, settings, config);

  // They are in process groups of their own: a program that is stopped at once must not leave them behind.
  const abandon = (): void => {
    for (const process of running) process.kill();
    workspace.remove();
  };

  const start = (login: HopLogin, program: SshProgram, known: KnownKeys, master?: string): SshProcess => {
    const { hop, via, limits, run } = login;
    const logFile = workspace.fresh('log');
    const args = hopArguments({
      hop,
      program,
      configFile: settings.configFile,
      limits,
      logFile,
      known,
      proxyCommand: via ? throughMaster(via, program.path) : (hop.proxyCommand ?? 'none'),
      ...(master === undefined ? {} : { master }),
    });
    const process = startSsh({
      program: program.path,
      args: run === undefined ? args : [...args, run.command],
      logFile,
      agentSocket: hop.agentSocket,
      stdin: run?.stdin,
      maxStdout: limits.maxStdout,
      maxStderr: limits.maxStderr,
      tagged: program.version >= SINCE.logVerbose,
    });
    if (running.size === 0) {
      nodeProcess.off('exit', abandon);
      nodeProcess.once('exit', abandon);
    }
    running.add(process);
    const forget = (): void => {
      running.delete(process);
      workspace.forget(logFile);
    };
    void process.gone.then(forget);
    return process;
  };

  /** Logs in to one hop, with another host key as long as a pinned fingerprint may be another key's. */
  const open = async (login: HopLogin, master?: string): Promise<Attempt<SshProcess>> => {
    const { hop, via, limits, signal, progress } = login;
    const found = await findProgram();
    if (!found.ok) return found;
    const program = found.value;
    const problem = unusable(hop, settings, program);
    if (problem) return failed(problem);
    const pinned = pinnedKeys(hop, tools.knownHosts(hop.knownHostsFiles), workspace);
    const shown: string[] = [];
    let first: GatherFailure | undefined;
    for (let round = 1; ; round += 1) {
      const known: KnownKeys = {
        ...(pinned
          ? { files: [pinned.file], ...(pinned.command === undefined ? {} : { command: pinned.command }) }
          : settings.knownHostsFiles
            ? { files: settings.knownHostsFiles }
            : {}),
        without: algorithmsWithout(shown),
      };
      const refusedBefore = via?.process.log.refusedChannels.length ?? 0;
      const process = start(login, program, known, master);
      const outcome = await awaitLogin(process, {
        hop,
        limits,
        signal,
        progress,
        ...(master === undefined ? {} : { ready: () => existsSync(master) }),
        explain: (ended) =>
          explainLogin(ended, {
            hop,
            phase: progress.phase,
            knownHostsFiles: hop.knownHostsFiles,
            ...(via && passage(via, refusedBefore)),
          }),
      });
      if (outcome.ok) {
        await recordLogin(process, hop, progress, tools);
        return outcome;
      }
      const type = process.log.hostKey?.type;
      const another = outcome.failure.code === 'host-key-mismatch' && pinned?.command !== undefined;
      if (first && !another) return failed(first);
      first ??= outcome.failure;
      if (!another || type === undefined || round === MAX_KEY_ROUNDS)
        return failed(await sharper(first, hop, tools));
      shown.push(type);
    }
  };

  const carrier: Carrier<Master, SshProcess> = {
    name: 'openssh',
    bastions: createBastions<Master>((hop, via, limits, signal) => {
      const login: HopLogin = { hop, via, limits, signal, progress: createProgress() };
      return orNoRoom(login, async () => {
        const socket = workspace.fresh('m');
        const opened = await open(login, socket);
        return opened.ok ? success(masterOf(opened.value, socket)) : opened;
      });
    }),
    open: ({ target, via, request, limits, signal, progress }) => {
      const { command, stdin } = request;
      const login: HopLogin = { hop: target, via, limits, signal, progress, run: { command, stdin } };
      return orNoRoom(login, () => open(login));
    },
    execute: async (process, { target, limits, signal, progress }) => {
      const result = await awaitCommand(process, limits, signal, progress);
      if (!process.tagged) await recordLogin(process, target, progress, tools);
      return result;
    },
  };

  return {
    name: 'openssh',
    plan: async (host) => {
      const [resolved, program] = await Promise.all([route(host), findProgram()]);
      const planned = planFor(await planOf(resolved, tools));
      return program.ok ? planned : { ...planned, problems: [...planned.problems, program.failure.detail] };
    },
    run: (request) => runHost(carrier, request, route(request.host)),
    close: async () => {
      nodeProcess.off('exit', abandon);
      carrier.bastions.close();
      agents.close();
      for (const process of running) process.stop();
      await Promise.all([...running].map((process) => process.gone));
      workspace.remove();
    },
  };
}

/** A machine without room for a file or a process is told as such. Never rejects. */
async function orNoRoom<T>(login: HopLogin, open: () => Promise<Attempt<T>>): Promise<Attempt<T>> {
  try {
    return await open();
  } catch (error) {
    return failed(
      failure(
        'local-resources',
        login.progress.phase,
        `this machine could not start another ssh: ${messageOf(error)}`,
        'Is there room in the temporary directory, and for another process? Lower --concurrency.',
      ),
    );
  }
}

/** What the bastion's own log says about the channels it opened since. */
function passage(via: Master, refusedBefore: number): Pick<Explained, 'bastionOpen' | 'refusedChannels'> {
  via.process.refresh();
  return {
    bastionOpen: via.isOpen(),
    refusedChannels: via.process.log.refusedChannels.slice(refusedBefore),
  };
}

/** ssh may log in with what this program cannot read: an absent key is no problem yet. */
function planFor(plan: Route): Route {
  return {
    ...plan,
    problems: plan.problems.filter((problem) => !problem.includes('there is no key to log in with')),
  };
}

function unusable(hop: Hop, settings: SshSettings, program: SshProgram): GatherFailure | undefined {
  const { identityFile, certificateFile } = hop.identity;
  const paths = [identityFile, certificateFile, ...(settings.knownHostsFiles ?? [])];
  const [path] = paths.flatMap((one) => (one === undefined ? [] : (pathProblem(one) ?? [])));
  if (path !== undefined) return failure('identity-unusable', 'resolve', path);
  if (program.version < SINCE.knownHostsCommand && hop.pins.some((pin) => pin.startsWith('SHA256:')))
    return failure(
      'host-key-unknown',
      'resolve',
      `${hop.name}: this ssh is older than OpenSSH 8.5 and cannot check a pinned fingerprint`,
      'Pin the whole public key as host_key, or use transport: ssh.',
    );
  return undefined;
}

/** ssh says only that it was refused: an expired certificate or a locked key is found by looking at the files. */
async function sharper(gone: GatherFailure, hop: Hop, tools: SessionTools): Promise<GatherFailure> {
  if (gone.code !== 'login-refused') return gone;
  const selection = await selectIdentities(hop.identity, tools.identities(hop));
  if (selection.ok || !SHARPER.has(selection.failure.code)) return gone;
  return { ...selection.failure, detail: `${selection.failure.detail}. ${gone.detail}` };
}

const SHARPER: ReadonlySet<GatherFailure['code']> = new Set([
  'certificate-expired',
  'certificate-not-yet-valid',
  'identity-encrypted',
  'identity-unusable',
  'agent-unavailable',
  'agent-empty',
]);
