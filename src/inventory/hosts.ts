/** Inventory entries to hosts: defaults applied, paths resolved, jump names spelt as they were declared. */
import { isAbsolute, join } from 'node:path';
import { rememberedByObject } from '../memo.js';
import type { Actor, Host, SourceLocation } from '../model.js';
import { actorOf } from '../policy.js';
import { effectiveJump, listOf } from './jumps.js';
import { effectiveProxy } from './proxy.js';
import type {
  ActorAccountsInput,
  AllowedPrincipalsInput,
  BastionInput,
  HostInput,
  InventoryInput,
} from './schema.js';

type PerActor = Readonly<Record<Actor, readonly string[]>>;
type PrincipalMap = Readonly<Record<string, readonly string[]>>;

/** `folder`: the inventory's own. `declared`: names of hosts and bastions in lower case, to the spelling they were declared with. */
export interface HostContext {
  readonly folder: string;
  readonly inventory: InventoryInput;
  readonly declared: ReadonlyMap<string, string>;
}

/** One audited host. A value of its own replaces the default whole: lists and maps are never merged. */
export function hostFrom(entry: HostInput, at: SourceLocation, context: HostContext): Host {
  const { defaults = {}, accounts: sharedAccounts } = context.inventory;
  const principals = entry.principals ?? defaults.principals;
  const lists = entry.allowed_principals ?? defaults.allowed_principals;
  const accounts = entry.accounts ?? sharedAccounts;
  const environment = entry.environment ?? defaults.environment;
  const transport = entry.transport ?? defaults.transport ?? 'ssh';
  return {
    ...loginFrom(
      { ...defaults, ...entry, proxy_command: effectiveProxy(entry, defaults.proxy_command) },
      context,
    ),
    transport,
    ...awsFrom(entry, defaults),
    // Run Command runs as root.
    become: transport === 'ssm' ? 'none' : (entry.become ?? defaults.become ?? 'sudo'),
    ...(environment === undefined ? {} : { environment }),
    tags: [...new Set(entry.tags ?? defaults.tags ?? [])],
    // There is no way to go: the agent on the instance comes for the script.
    jump: transport === 'ssm' ? [] : spelt(effectiveJump(entry, defaults.jump), context),
    allowedPrincipals: allowedFrom(lists, principals),
    ...(principals === undefined ? {} : { principals: withoutPrototype(principals) }),
    ...(accounts === undefined ? {} : { accounts: perActor(accounts) }),
    // Lists, wherever they are from, are to be held to.
    ...(entry.unlisted && lists === undefined && principals === undefined && { unlisted: true as const }),
    at,
  };
}

/** A jump host that is not audited, in the same shape, so that transports need know only one. */
export function bastionFrom(entry: BastionInput, at: SourceLocation, context: HostContext): Host {
  return {
    ...loginFrom(entry, context),
    transport: 'ssh',
    become: 'none',
    tags: [],
    jump: spelt(listOf(entry.jump), context),
    allowedPrincipals: perActor(NONE),
    at,
  };
}

type Login = Pick<
  Host,
  'name' | 'address' | 'port' | 'user' | 'hostKeys' | 'identityFile' | 'certificateFile' | 'proxyCommand'
>;

function loginFrom(entry: BastionInput, { folder }: HostContext): Login {
  const { name, address, port, user, identity_file: identity, certificate_file: certificate } = entry;
  return {
    name,
    address: address ?? name,
    ...(port === undefined ? {} : { port }),
    ...(user === undefined ? {} : { user }),
    hostKeys: listOf(entry.host_key),
    ...(entry.proxy_command === undefined ? {} : { proxyCommand: entry.proxy_command }),
    ...(identity === undefined ? {} : { identityFile: besideInventory(identity, folder) }),
    ...(certificate === undefined ? {} : { certificateFile: besideInventory(certificate, folder) }),
  };
}

function awsFrom(
  entry: HostInput,
  defaults: NonNullable<InventoryInput['defaults']>,
): Pick<Host, 'instance' | 'region' | 'roleArn'> {
  const region = entry.region ?? defaults.region;
  const roleArn = entry.role_arn ?? defaults.role_arn;
  return {
    ...(entry.instance === undefined ? {} : { instance: entry.instance }),
    ...(region === undefined ? {} : { region }),
    ...(roleArn === undefined ? {} : { roleArn }),
  };
}

/** `~` and ssh_config's `%` tokens are left to who opens the file. */
function besideInventory(path: string, folder: string): string {
  return isAbsolute(path) || /^[~%]/.test(path) ? path : join(folder, path);
}

function spelt(jump: readonly string[], { declared }: HostContext): readonly string[] {
  return jump.map((step) => declared.get(step.toLowerCase()) ?? step);
}

/** Without lists of its own, what the exact map holds. */
function allowedFrom(lists: AllowedPrincipalsInput | undefined, map: PrincipalMap | undefined): PerActor {
  return lists !== undefined || map === undefined ? perActor(lists ?? NONE) : sorted(map);
}

// Most hosts have what `defaults` gives them: ten thousand of them share one value of each.

/** Sorted into actor types by prefix. */
const sorted = rememberedByObject((map: PrincipalMap): PerActor => {
  const all = [...new Set(Object.values(map).flat())].sort();
  const of = (actor: Actor): string[] => all.filter((principal) => actorOf(principal) === actor);
  return { adm: of('adm'), agt: of('agt'), atm: of('atm') };
});

const NONE: ActorAccountsInput = {};

const perActor = rememberedByObject((lists: ActorAccountsInput): PerActor => {
  const of = (actor: Actor): string[] => [...new Set(lists[actor] ?? [])];
  return { adm: of('adm'), agt: of('agt'), atm: of('atm') };
});

/** Hosts choose account names: looking up `constructor` must find nothing that was not written. */
const withoutPrototype = rememberedByObject((map: PrincipalMap): PrincipalMap => {
  const copy: PrincipalMap = Object.create(null);
  return Object.assign(copy, map);
});
