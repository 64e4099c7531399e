/** From an inventory entry to the hops of its connection. Opens nothing; asks only `ssh -G`. */
import type { GatherFailure, Host } from '../../model.js';
import { failure } from './failure.js';
import type { IdentitySources } from './identities.js';
import { formatEndpoint, hostNameProblem, parseJumpSpec, userNameProblem } from './names.js';
import { proxyCommandProblem } from './proxy-command.js';
import { homeOf, localUserOf, type SshSettings } from './settings.js';
import { expandPath, type ConfigResolver, type ResolvedConfig } from './ssh-config.js';

const MAX_HOPS = 16;

/** One machine to log in to, on the way or at its end. */
export interface Hop {
  /** As the user named it. */
  readonly name: string;
  /** What ssh_config was asked about: `%n` of a ProxyCommand. */
  readonly alias: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly identity: IdentitySources;
  readonly agentSocket?: string;
  readonly knownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  readonly pins: readonly string[];
  /** Reaches the first hop; a command in ssh_config's words. */
  readonly proxyCommand?: string;
}

export interface ResolvedRoute {
  readonly target: Hop;
  /** Nearest first. */
  readonly bastions: readonly Hop[];
  /** What makes the route unusable: nothing is connected then. */
  readonly errors: readonly GatherFailure[];
  /** What was left out on the way, such as an ssh_config that could not be read. */
  readonly warnings: readonly string[];
}

interface HopRequest {
  readonly name: string;
  readonly address: string;
  readonly user?: string;
  readonly port?: number;
  readonly host?: Host;
}

/** Never rejects. */
export async function resolveRoute(
  host: Host,
  settings: SshSettings,
  config: ConfigResolver,
): Promise<ResolvedRoute> {
  const notes: Notes = { errors: [], warnings: [] };
  const user = settings.user ?? host.user;
  const port = settings.port ?? host.port;
  const request: HopRequest = {
    name: host.name,
    address: host.address,
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
  };
  const { hop, resolved } = await resolveHop(request, settings, config, notes);
  const own = settings.jump === undefined ? host.proxyCommand : undefined;
  const jump =
    settings.jump ?? (host.jump.length > 0 ? host.jump : own === undefined ? resolved.proxyJump : []);
  const bastions = await resolveJumps(jump, settings, config, notes, [host.name]);
  // As in ssh(1), ProxyJump and ProxyCommand exclude each other; the inventory's jump hosts win.
  const proxy =
    bastions.length === 0 && settings.jump === undefined ? (own ?? resolved.proxyCommand) : undefined;
  const target = withProxy(hop, proxy, notes);
  return { target, bastions, ...notes };
}

/** Each spec in turn; the first may itself be reached through others, as ssh(1) does with `-J`. */
async function resolveJumps(
  jump: readonly string[],
  settings: SshSettings,
  config: ConfigResolver,
  notes: Notes,
  seen: readonly string[],
): Promise<Hop[]> {
  const hops: Hop[] = [];
  for (const [index, spec] of jump.entries()) {
    const request = jumpRequest(spec, settings);
    if ('problem' in request) {
      notes.errors.push(failure('jump-failed', 'resolve', `jump host: ${request.problem}`));
      continue;
    }
    if (seen.includes(request.name) || seen.length > MAX_HOPS) {
      notes.errors.push(
        failure(
          'jump-failed',
          'resolve',
          `jump hosts go in a circle: ${[...seen, request.name].join(' -> ')}`,
        ),
      );
      continue;
    }
    const { hop, resolved } = await resolveHop(request, settings, config, notes);
    if (index > 0) {
      hops.push(hop);
      continue;
    }
    const own = request.host?.proxyCommand;
    const further =
      request.host && request.host.jump.length > 0
        ? request.host.jump
        : own === undefined
          ? resolved.proxyJump
          : [];
    const before = await resolveJumps(further, settings, config, notes, [...seen, request.name]);
    hops.push(
      ...before,
      withProxy(hop, before.length === 0 ? (own ?? resolved.proxyCommand) : undefined, notes),
    );
  }
  if (hops.length > MAX_HOPS)
    notes.errors.push(failure('jump-failed', 'resolve', `${String(hops.length)} jump hosts are too many`));
  return hops;
}

interface Notes {
  readonly errors: GatherFailure[];
  readonly warnings: string[];
}

function jumpRequest(spec: string, settings: SshSettings): HopRequest | { readonly problem: string } {
  const named = settings.bastion?.(spec);
  if (named) {
    return {
      name: named.name,
      address: named.address,
      host: named,
      ...(named.user === undefined ? {} : { user: named.user }),
      ...(named.port === undefined ? {} : { port: named.port }),
    };
  }
  const parsed = parseJumpSpec(spec);
  if ('problem' in parsed) return parsed;
  return {
    name: spec,
    address: parsed.host,
    ...(parsed.user === undefined ? {} : { user: parsed.user }),
    ...(parsed.port === undefined ? {} : { port: parsed.port }),
  };
}

async function resolveHop(
  request: HopRequest,
  settings: SshSettings,
  config: ConfigResolver,
  notes: Notes,
): Promise<{ readonly hop: Hop; readonly resolved: ResolvedConfig }> {
  const early =
    hostNameProblem(request.address) ??
    (request.user === undefined ? undefined : userNameProblem(request.user));
  // An address that could be an option or shell text never reaches `ssh -G`.
  const question = {
    alias: early === undefined ? request.address : 'invalid',
    ...(request.user === undefined ? {} : { user: request.user }),
    ...(request.port === undefined ? {} : { port: request.port }),
  };
  const resolved: ResolvedConfig =
    early === undefined
      ? await config(question)
      : { ...NOTHING, hostName: request.address, user: request.user ?? '' };
  const address =
    hostNameProblem(request.address) ?? hostNameProblem(resolved.hostName) ?? portProblem(resolved.port);
  const user = userNameProblem(request.user ?? resolved.user);
  if (address !== undefined) notes.errors.push(failure('dns', 'resolve', `${request.name}: ${address}`));
  if (user !== undefined)
    notes.errors.push(failure('identity-unusable', 'resolve', `${request.name}: ${user}`));
  if (resolved.failure) notes.errors.push(resolved.failure);
  if (resolved.warning !== undefined && !notes.warnings.includes(resolved.warning))
    notes.warnings.push(resolved.warning);
  const fromInventory = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : expandInventoryPath(path, request, resolved, settings);
  const identityFile =
    settings.identityFile ??
    (settings.certificateFile === undefined ? fromInventory(request.host?.identityFile) : undefined);
  const certificateFile =
    settings.certificateFile ??
    (settings.identityFile === undefined ? fromInventory(request.host?.certificateFile) : undefined);
  const agentSocket =
    resolved.identityAgent === 'none' ? undefined : (resolved.identityAgent ?? settings.agentSocket);
  const hop: Hop = {
    name: request.name,
    alias: request.address,
    address: resolved.hostName,
    port: resolved.port,
    user: resolved.user,
    identity: {
      ...(identityFile === undefined ? {} : { identityFile }),
      ...(certificateFile === undefined ? {} : { certificateFile }),
      configIdentityFiles: resolved.identityFiles,
      configCertificateFiles: resolved.certificateFiles,
      identitiesOnly: resolved.identitiesOnly,
    },
    ...(agentSocket === undefined ? {} : { agentSocket }),
    knownHostsFiles: settings.knownHostsFiles ?? resolved.knownHostsFiles,
    ...(resolved.hostKeyAlias === undefined ? {} : { hostKeyAlias: resolved.hostKeyAlias }),
    pins: request.host?.hostKeys ?? [],
  };
  return { hop, resolved };
}

const NOTHING: ResolvedConfig = {
  hostName: '',
  user: '',
  port: 22,
  identityFiles: [],
  certificateFiles: [],
  identitiesOnly: false,
  proxyJump: [],
  knownHostsFiles: [],
};

function portProblem(port: number): string | undefined {
  return port >= 1 && port <= 65_535 ? undefined : `port ${String(port)} is not between 1 and 65535`;
}

function withProxy(hop: Hop, proxyCommand: string | undefined, notes: Notes): Hop {
  if (proxyCommand === undefined || proxyCommand === 'none') return hop;
  const problem = proxyCommandProblem(proxyCommand);
  if (problem !== undefined) notes.errors.push(failure('jump-failed', 'resolve', `${hop.name}: ${problem}`));
  return { ...hop, proxyCommand };
}

/** `~` and ssh_config's tokens, which the inventory leaves to whoever knows the hop. */
function expandInventoryPath(
  path: string,
  request: HopRequest,
  resolved: ResolvedConfig,
  settings: SshSettings,
): string {
  const { hostName, user, port } = resolved;
  return expandPath(path, {
    home: homeOf(settings),
    localUser: localUserOf(settings),
    hostName,
    user,
    port,
    alias: request.address,
  });
}

/** `user@host:port`. */
export function endpointOf(hop: Hop): string {
  return formatEndpoint(hop.user, hop.address, hop.port);
}
