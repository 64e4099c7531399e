/** What `run` and `gather` share: which hosts of which inventory, and what to do when the folder is sealed. */
import { accessSync, constants } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { messageOf, UserError } from '../errors.js';
import { LIMITS, readBounded } from '../evidence/files.js';
import { MANIFEST, SIGNATURE } from '../evidence/manifest.js';
import { openRunFolder, type RunFolder } from '../evidence/read.js';
import { inShard, parseShard, type Shard } from '../evidence/shard.js';
import { signRun } from '../evidence/signature.js';
import { POLICY } from '../evidence/store.js';
import { refuseCrossings } from '../inventory/bastions.js';
import { loadInventory, type Inventory } from '../inventory/load.js';
import { hostsOf } from '../inventory/select.js';
import { readYaml } from '../inventory/yaml.js';
import type { Io } from '../io.js';
import type { Host, RunInfo } from '../model.js';
import type { Settings } from '../options.js';
import { resolveSettings } from '../settings.js';
import type { Limits } from '../transports/transport.js';
import { tuneForHosts } from '../tuning.js';
import { inventoryAt } from './inventory-at.js';
import { localRun, ownInventory } from './local.js';
import { loadParts, pluginPaths, type Parts } from './setup.js';
import type { CommandInput } from './command.js';
import { jumpsOf } from './transports.js';

export interface Fleet {
  readonly inventory: Inventory;
  /** Hosts to ask: selected, and of this shard. */
  readonly hosts: readonly Host[];
  readonly selection: RunInfo['selection'];
  readonly parts: Parts;
  readonly settings: Settings;
  readonly warnings: readonly string[];
  readonly shard?: Shard;
  /** The interrupted run to go on with. */
  readonly resume?: RunFolder;
}

/** @throws UserError for everything that is wrong with flags, inventory, policy or the run to resume. */
export async function loadFleet({ args, flags, io }: CommandInput, command: string): Promise<Fleet> {
  const { settings, warnings } = resolveSettings(flags, io.env, io.cwd);
  if (settings.sign !== undefined) checkKey(resolve(io.cwd, settings.sign));
  const path = args['inventory'];
  if (settings.resume !== undefined) {
    if (path !== undefined)
      throw new UserError('usage', '--resume goes on with the inventory of that run: leave out the argument');
    return resumedFleet(settings.resume, settings, warnings, io);
  }
  const { local } = settings;
  if (local === undefined && settings.root !== undefined)
    throw new UserError('usage', '--root belongs to --local', { hint: 'run --local --root DIR' });
  const from = path ?? (local === undefined ? undefined : ownInventory(local));
  if (from === undefined)
    throw new UserError('usage', 'an argument is missing', { hint: `see ssh-scorecard ${command} --help` });
  const shard = settings.shard === undefined ? undefined : parseShard(settings.shard);
  const inventory = inventoryAt(from, settings, io.cwd);
  tuneForHosts(inventory.hosts.length);
  const parts = await loadParts(settings, pluginPaths(inventory, io.cwd), io.cwd);
  if (local !== undefined) {
    const here = localRun(inventory, settings, io.cwd);
    const selection = selectionOf(here.settings);
    return { inventory, parts, ...here, selection, warnings: [...warnings, ...here.warnings] };
  }
  const selection = selectionOf(settings);
  const selected = hostsOf(inventory.hosts, selection);
  const jump = settings.jump === undefined ? undefined : jumpsOf(settings.jump);
  refuseCrossings(selected, inventory, selection.environments, jump);
  const hosts = shard ? selected.filter(({ name }) => inShard(name, shard)) : selected;
  return { inventory, hosts, selection, parts, settings, warnings, ...(shard && { shard }) };
}

/** What was not finished, as it was asked for: the folder's own inventory, policy and selection. */
async function resumedFleet(
  path: string,
  settings: Settings,
  warnings: readonly string[],
  io: Io,
): Promise<Fleet> {
  const folder = resolve(io.cwd, path);
  const resume = await openRunFolder(folder);
  const { record } = resume;
  const given = [
    ...(['host', 'tag', 'environment', 'check', 'skip-check'] as const).filter(
      (name) => settings[name].length > 0,
    ),
    ...(['shard', 'policy', 'now', 'evidence', 'local', 'root'] as const).filter(
      (name) => settings[name] !== undefined,
    ),
  ];
  if (given[0] !== undefined)
    throw new UserError('usage', `--resume goes on as the run began: leave out --${given[0]}`);
  if (record.command === 'merge')
    throw new UserError('run-merged', `${path} was made by merge: no host can be asked for it`, {
      hint: 'resume the runs it was made of, or merge it with a new run of the missing hosts',
    });
  const has = (name: string) =>
    readBounded(join(folder, name), LIMITS.text).then(
      () => true,
      () => false,
    );
  if (await has(SIGNATURE))
    throw new UserError('run-signed', `${path} is signed: going on would break the signature`, {
      hint: 'start a new run, and join them with merge',
    });
  if (record.state === 'finished' && !record.run.partial && (await has(MANIFEST)))
    throw new UserError('run-complete', `${path} is complete: every host was asked`, {
      hint: `judge it again with: ssh-scorecard audit ${path}`,
    });
  const inventory = folderInventory(resume, settings.plugin.length > 0);
  tuneForHosts(inventory.hosts.length);
  const { selection, shard } = record.run;
  const parts = await loadParts({ ...settings, ...selectedChecks(selection) }, [], io.cwd);
  const asked = new Set(record.hosts);
  return {
    inventory,
    hosts: inventory.hosts.filter(({ name }) => asked.has(name)),
    selection,
    parts,
    settings: { ...settings, evidence: dirname(folder) },
    warnings: [...warnings, ...unloaded(inventory, settings)],
    resume,
    ...(shard && { shard }),
  };
}

/**
 * The inventory of a run folder with its policy. Nothing outside the folder is read, whatever it names: it may be
 * from anyone. @throws UserError
 */
export function folderInventory(run: RunFolder, plugins: boolean, policy?: string): Inventory {
  const { record, inventoryText, policyText, folder } = run;
  const { path } = record.run.inventory;
  const from = { path, text: inventoryText };
  if (policy !== undefined) return loadInventory(from, { policy, plugins });
  if (policyText !== undefined)
    return loadInventory(from, {
      policy: { path: record.policyPath ?? join(folder, POLICY), text: policyText },
      plugins,
    });
  const { value } = readYaml(path, inventoryText.replace(/^\uFEFF/, ''));
  if (typeof (value as { policy?: unknown } | null | undefined)?.policy === 'string')
    throw new UserError(
      'run-damaged',
      `the inventory of ${folder} names a policy file, but no policy was kept`,
      {
        hint: 'give it with --policy FILE',
      },
    );
  return loadInventory(from, { plugins });
}

/** Plug-ins named by a saved inventory are not loaded: a folder from elsewhere must not choose what runs here. */
export function unloaded(inventory: Inventory, settings: Pick<Settings, 'plugin'>): string[] {
  return inventory.plugins.length === 0 || settings.plugin.length > 0
    ? []
    : [
        `the run's inventory names plug-ins, which are loaded only with --plugin: ${inventory.plugins.join(', ')}`,
      ];
}

export function selectionOf(settings: Settings): RunInfo['selection'] {
  return {
    hosts: settings.host,
    tags: settings.tag,
    environments: settings.environment,
    checks: settings.check,
    skippedChecks: settings['skip-check'],
    ...(settings['no-guidance'] && { noGuidance: true as const }),
  };
}

/** The other way round: which checks a run was made with. */
export function selectedChecks(
  selection: RunInfo['selection'],
): Pick<Settings, 'check' | 'skip-check' | 'no-guidance'> {
  return {
    check: selection.checks,
    'skip-check': selection.skippedChecks,
    'no-guidance': selection.noGuidance === true,
  };
}

export function limitsOf(settings: Settings): Limits {
  return {
    connectMs: settings['connect-timeout'],
    handshakeMs: settings['handshake-timeout'],
    loginMs: settings['login-timeout'],
    firstByteMs: settings['first-byte-timeout'],
    idleMs: settings['idle-timeout'],
    totalMs: settings.timeout,
    maxStdout: settings['max-output'],
    maxStderr: 256 * 1024,
    retries: settings.retries,
  };
}

/** A path as the user would write it: below where they are, relative. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) ? path : short;
}

/** Before any host is asked: a key that is not there would leave the run unsigned. @throws UserError */
export function checkKey(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new UserError('sign-failed', `--sign: cannot use the key ${path}: ${messageOf(error)}`, {
      hint: 'give a private key file, or a public key whose private half is in the agent',
    });
  }
}

/** Signs a sealed folder when --sign was given. @throws UserError: the run is kept, unsigned. */
export async function signIfAsked(
  folder: string | undefined,
  settings: Pick<Settings, 'sign' | 'quiet'>,
  io: Io,
): Promise<void> {
  if (settings.sign === undefined) return;
  if (folder === undefined)
    throw new UserError('usage', '--sign signs a run folder: keep one with --evidence DIR');
  const world = { env: io.env, err: io.err, terminal: io.terminal.err };
  await signRun(resolve(io.cwd, folder), resolve(io.cwd, settings.sign), world);
  if (!settings.quiet) io.err(`signed: ${basename(folder)}\n`);
}
