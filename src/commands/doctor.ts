/** `doctor`: what this machine has, what is missing and what that costs, and where each setting came from. */
import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Chalk } from 'chalk';
import { terminal } from '../../reports/escape.js';
import { messageOf } from '../errors.js';
import { loadInventory } from '../inventory/load.js';
import { colorLevel } from '../io.js';
import { OPTION_NAMES } from '../options.js';
import { resolveSettings } from '../settings.js';
import { diagnoseSources } from '../sources/index.js';
import { openTransports } from './transports.js';
import { VERSION } from '../version.js';
import type { CommandInput } from './command.js';

const run = promisify(execFile);

interface Finding {
  readonly state: 'ok' | 'missing' | 'warning' | 'problem';
  readonly what: string;
  readonly detail: string;
}

export async function doctor({ args, flags, io }: CommandInput): Promise<number> {
  const { settings, origins, warnings } = resolveSettings(flags, io.env, io.cwd);
  const paint = new Chalk({
    level: settings['no-color'] ? 0 : colorLevel(settings.color, io.terminal.out, io.env),
  });
  const findings = [
    node(),
    await program(
      'ssh',
      ['-V'],
      'ssh_config is not honoured (HostName, ProxyJump, IdentityFile …); the inventory must say everything',
    ),
    await program('ssh-keygen', ['-?'], 'nothing at run time; tests need it'),
    await agent(io.env['SSH_AUTH_SOCK']),
    await knownHosts(settings['known-hosts']),
    await openFiles(settings.concurrency),
    ...(args['inventory'] === undefined ? [] : await inventoryFindings(args['inventory'], settings, io)),
    ...warnings.map((detail): Finding => ({ state: 'problem', what: 'environment', detail })),
  ];
  const systems =
    settings.sources && args['inventory'] !== undefined ? await sourceFindings(args['inventory'], io) : [];
  const mark = {
    ok: paint.green('ok     '),
    missing: paint.yellow('missing'),
    warning: paint.yellow('warning'),
    problem: paint.red('problem'),
  };
  await io.out(`ssh-scorecard ${VERSION}\n\nThis machine\n`);
  for (const { state, what, detail } of findings)
    await io.out(`  ${mark[state]}  ${what.padEnd(12)} ${detail}\n`);
  if (systems.length > 0) await io.out('\nSources\n');
  // What a source says about itself is the other side's text.
  for (const { state, what, detail } of systems)
    await io.out(`  ${mark[state]}  ${what.padEnd(12)} ${terminal(detail)}\n`);
  await io.out('\nSettings (flag > environment > settings file > built-in)\n');
  for (const name of OPTION_NAMES) {
    const value = settings[name];
    const shown = Array.isArray(value) ? value.join(', ') : String(value ?? '');
    await io.out(`  ${name.padEnd(20)} ${(shown || '-').padEnd(24)} ${origins[name]}\n`);
  }
  return [...findings, ...systems].some(({ state }) => state === 'problem') ? 2 : 0;
}

function node(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const recent = major > 20 || (major === 20 && minor >= 19);
  return {
    state: recent ? 'ok' : 'problem',
    what: 'node',
    detail: recent ? process.version : `${process.version}: 20.19 or later is needed`,
  };
}

async function program(name: string, args: readonly string[], without: string): Promise<Finding> {
  try {
    const { stdout, stderr } = await run(name, [...args], { timeout: 5000 });
    return { state: 'ok', what: name, detail: (stdout || stderr).split('\n', 1)[0] ?? '' };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      return { state: 'missing', what: name, detail: `not on PATH: ${without}` };
    return { state: 'ok', what: name, detail: 'present' };
  }
}

async function agent(socket: string | undefined): Promise<Finding> {
  if (!socket)
    return {
      state: 'missing',
      what: 'ssh-agent',
      detail: 'SSH_AUTH_SOCK is not set: keys and certificates come from files only',
    };
  const reachable = await access(socket).then(
    () => true,
    () => false,
  );
  return reachable
    ? { state: 'ok', what: 'ssh-agent', detail: socket }
    : {
        state: 'problem',
        what: 'ssh-agent',
        detail: `SSH_AUTH_SOCK names ${socket}, which cannot be reached`,
      };
}

async function knownHosts(configured: readonly string[]): Promise<Finding> {
  const files =
    configured.length > 0 ? configured : [join(homedir(), '.ssh/known_hosts'), '/etc/ssh/ssh_known_hosts'];
  const found = (
    await Promise.all(
      files.map((file) =>
        access(file).then(
          () => file,
          () => '',
        ),
      ),
    )
  ).filter(Boolean);
  return found.length > 0
    ? { state: 'ok', what: 'known_hosts', detail: found.join(', ') }
    : {
        state: 'missing',
        what: 'known_hosts',
        detail: `${files.join(', ')}: host keys must be pinned in the inventory (host_key:)`,
      };
}

/** Every connection is a socket, and so are bastions and files: twice the concurrency and a reserve. */
async function openFiles(concurrency: number): Promise<Finding> {
  const { stdout } = await run('/bin/sh', ['-c', 'ulimit -Hn'], { timeout: 5000 }).catch(() => ({
    stdout: '',
  }));
  const limit = stdout.trim() === 'unlimited' ? Infinity : Number(stdout.trim());
  const needed = 2 * concurrency + 64;
  if (!(limit > 0)) return { state: 'missing', what: 'open files', detail: 'the limit could not be read' };
  return limit >= needed
    ? {
        state: 'ok',
        what: 'open files',
        detail: `limit ${stdout.trim()}, ${needed} needed for --concurrency ${concurrency}`,
      }
    : {
        state: 'problem',
        what: 'open files',
        detail: `limit ${limit}, ${needed} needed: raise ulimit -Hn or lower --concurrency`,
      };
}

async function inventoryFindings(
  path: string,
  settings: Parameters<typeof openTransports>[0],
  { env, cwd }: CommandInput['io'],
): Promise<Finding[]> {
  try {
    const inventory = loadInventory(path, { cwd });
    const transports = openTransports(settings, inventory, env);
    const routes = await Promise.all(
      inventory.hosts
        .slice(0, 100)
        .map(async (host) => ({ host, route: await transports.for(host).plan(host) })),
    );
    const advice = (await transports.prepare?.(inventory.hosts, new AbortController().signal)) ?? [];
    await transports.close();
    const troubles = routes.flatMap(({ host, route }) =>
      route.problems.map((problem): Finding => ({ state: 'problem', what: host.name, detail: problem })),
    );
    return [
      { state: 'ok', what: 'inventory', detail: `${path}: ${inventory.hosts.length} hosts` },
      ...advice.map(({ level, text }): Finding => ({ state: level, what: 'access', detail: text })),
      ...troubles,
    ];
  } catch (error) {
    return [{ state: 'problem', what: 'inventory', detail: messageOf(error) }];
  }
}

/** Logs in to every source of the inventory and says what its credential may do. */
async function sourceFindings(path: string, { env, cwd }: CommandInput['io']): Promise<Finding[]> {
  try {
    const context = {
      env,
      cwd,
      inventoryPath: path,
      now: new Date(),
      signal: new AbortController().signal,
    };
    const asked = await diagnoseSources(loadInventory(path, { cwd }), context);
    if (asked.length === 0)
      return [{ state: 'missing', what: 'sources', detail: 'the inventory names none' }];
    return asked.flatMap(({ source, lines }) =>
      lines.map(({ level, text }): Finding => ({ state: level, what: source, detail: text })),
    );
  } catch (error) {
    return [{ state: 'problem', what: 'inventory', detail: messageOf(error) }];
  }
}
