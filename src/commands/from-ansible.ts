/** `audit --from-ansible`: judge what Ansible saved of the stand-alone collector, as if the hosts had just answered. */
import { resolve } from 'node:path';
import { terminal } from '../../reports/escape.js';
import { UserError } from '../errors.js';
import { readAnsible, type SavedHost } from '../evidence/from-ansible.js';
import { selectHosts } from '../inventory/select.js';
import type { Host } from '../model.js';
import type { Settings } from '../options.js';
import type { RunRequest, RunResult, Transport } from '../transports/transport.js';
import { inventoryAt } from './inventory-at.js';
import { runFleet } from './run.js';
import { loadParts, parseNow, pluginPaths } from './setup.js';
import type { CommandInput } from './command.js';

const DAY = 24 * 60 * 60 * 1000;
const SHOWN = 5;

export async function auditAnsible(
  { args, io }: CommandInput,
  settings: Settings,
  warnings: readonly string[],
): Promise<number> {
  const path = settings['from-ansible'] ?? '';
  if (args['folder'] !== undefined || settings.save)
    throw new UserError('usage', '--from-ansible takes the place of a run folder, and of --save', {
      hint: 'keep the evidence with --evidence DIR',
    });
  if (settings.inventory === undefined)
    throw new UserError('usage', '--from-ansible needs --inventory FILE', {
      hint: 'it says what is expected; make one with: ssh-scorecard inventory import ansible',
    });
  const inventory = inventoryAt(settings.inventory, settings, io.cwd);
  const parts = await loadParts(settings, pluginPaths(inventory, io.cwd), io.cwd);
  const { host, tag, environment } = settings;
  const hosts = selectHosts(inventory.hosts, { host, tag, environment });
  const saved = await readAnsible(resolve(io.cwd, path));
  const of = finder(saved, inventory.hosts);
  const transport = savedTransport(of, path);
  return runFleet({
    inventory,
    hosts,
    parts,
    settings,
    io,
    warnings: [
      ...warnings,
      ...honestly(saved, inventory.hosts, of, path, parseNow(settings.now) ?? new Date()),
    ],
    transports: { for: () => transport, close: () => transport.close() },
  });
}

type Finder = (host: Host) => SavedHost | undefined;

/**
 * By the host's name in the inventory, else by its address where that is no other host's name or address: one result is
 * the evidence of one host. Upper and lower case are the same.
 */
function finder(saved: ReadonlyMap<string, SavedHost>, hosts: readonly Host[]): Finder {
  const lower = new Map([...saved].map(([name, one]) => [name.toLowerCase(), one]));
  const claims = new Map<string, number>();
  for (const { name, address } of hosts)
    for (const word of new Set([name.toLowerCase(), address.toLowerCase()]))
      claims.set(word, (claims.get(word) ?? 0) + 1);
  return ({ name, address }) => {
    const own = address.toLowerCase();
    return lower.get(name.toLowerCase()) ?? (claims.get(own) === 1 ? lower.get(own) : undefined);
  };
}

/** What such evidence does not prove, said in every report made from it. */
function honestly(
  saved: ReadonlyMap<string, SavedHost>,
  hosts: readonly Host[],
  of: Finder,
  path: string,
  now: Date,
): string[] {
  const used = new Set(hosts.map(of));
  const strangers = [...saved].filter(([, one]) => !used.has(one)).map(([name]) => name);
  const times = [...saved.values()].map(({ at }) => at).sort();
  const [oldest = ''] = times;
  const more = strangers.length > SHOWN ? ` and ${strangers.length - SHOWN} more` : '';
  return [
    `the hosts were read by Ansible (${terminal(path)}): each collector made its own nonce, and which host keys were accepted is not known, so whoever rules a host, or can write these files, could have written the evidence`,
    ...(now.getTime() - Date.parse(oldest) > DAY
      ? [`the evidence is old: the oldest of it was written at ${oldest}`]
      : []),
    ...(strangers.length > 0
      ? [
          `results of hosts the inventory does not name were left out: ${strangers.slice(0, SHOWN).map(terminal).join(', ')}${more}`,
        ]
      : []),
  ];
}

function savedTransport(of: Finder, path: string): Transport {
  return {
    name: 'ansible',
    plan: (host) =>
      Promise.resolve({
        user: 'unknown',
        address: host.address,
        port: host.port ?? 22,
        via: [],
        identities: [],
        knownHosts: [],
        problems: [],
      }),
    run: async ({ host, limits }: RunRequest): Promise<RunResult> => {
      const one = of(host);
      const connection = {
        transport: 'ansible' as const,
        address: host.address,
        port: host.port ?? 22,
        user: host.user ?? 'unknown',
        route: [],
      };
      if (!one) {
        const detail = `${path} holds no result of this host`;
        const hint = 'its name in the inventory must be the one Ansible uses';
        return { ...EMPTY, failure: { code: 'no-frames', phase: 'connect', detail, hint } };
      }
      const { nonce, stdout, ...rest } = await one.read();
      const recorded = { nonce: nonce ?? '', at: one.at };
      if (stdout.length <= limits.maxStdout) return { connection, stdout, ...rest, recorded };
      const detail = `the result holds more than ${limits.maxStdout} bytes`;
      return {
        connection,
        ...rest,
        stdout: stdout.subarray(0, limits.maxStdout),
        recorded,
        failure: { code: 'too-much-output', phase: 'run', detail },
      };
    },
    close: () => Promise.resolve(),
  };
}

const EMPTY = { stdout: new Uint8Array(), stderr: new Uint8Array() };
