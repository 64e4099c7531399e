/** From settings to the transports of one run. */
import type { Inventory } from '../inventory/load.js';
import type { Host, TransportName } from '../model.js';
import type { Settings } from '../options.js';
import { createTransport, type TransportSettings } from '../transports/index.js';
import type { SshSettings } from '../transports/ssh/settings.js';
import type { Advice, Transport } from '../transports/transport.js';

export interface TransportSet {
  for(host: Host): Transport;
  /** Makes what the hosts need, and lets it say what the auditor should know of its own access. @throws UserError */
  prepare?(hosts: readonly Host[], signal: AbortSignal): Promise<readonly Advice[]>;
  close(): Promise<void>;
}

export function openTransports(
  settings: Settings,
  inventory: Pick<Inventory, 'hosts' | 'bastions' | 'ssm'>,
  env: NodeJS.ProcessEnv,
): TransportSet {
  const made = new Map<string, Transport>();
  const ssh = sshSettings(settings, inventory, env);
  const logGroup = inventory.ssm?.cloudwatch_log_group;
  const options: TransportSettings = {
    ssh,
    openssh: ssh,
    auto: ssh,
    ssm: { env, now: Date.now, ...(logGroup !== undefined && { logGroup }) },
    local: settings.root === undefined ? {} : { root: settings.root },
  };
  const transportFor = (host: Host): Transport => {
    const name = transportName(host.transport, settings);
    const known = made.get(name);
    if (known) return known;
    const transport = createTransport(name, options[name]);
    made.set(name, transport);
    return transport;
  };
  return {
    for: transportFor,
    async prepare(hosts, signal) {
      const groups = new Map<Transport, Host[]>();
      for (const host of hosts) {
        const transport = transportFor(host);
        const group = groups.get(transport);
        if (group) group.push(host);
        else groups.set(transport, [host]);
      }
      const advice = await Promise.all(
        [...groups].map(([transport, group]) => transport.prepare?.(group, signal) ?? Promise.resolve([])),
      );
      return advice.flat();
    },
    async close() {
      await Promise.all([...made.values()].map((transport) => transport.close()));
    },
  };
}

/** What carries a host: flags decide among the ways over SSH, and leave the others alone. */
export function transportName(
  own: TransportName,
  { transport, fallback }: Pick<Settings, 'transport' | 'fallback'>,
): TransportName {
  if (own !== 'ssh' && own !== 'openssh' && own !== 'auto') return own;
  const name = transport === 'inventory' ? own : transport;
  return name === 'ssh' && fallback === 'openssh' ? 'auto' : name;
}

function sshSettings(
  settings: Settings,
  inventory: Pick<Inventory, 'hosts' | 'bastions'>,
  env: NodeJS.ProcessEnv,
): SshSettings {
  const hosts = new Map([...inventory.hosts, ...inventory.bastions].map((host) => [host.name, host]));
  const agent = env['SSH_AUTH_SOCK'];
  return {
    now: Date.now,
    bastion: (name) => hosts.get(name),
    ...(settings.user !== undefined && { user: settings.user }),
    ...(settings.port > 0 && { port: settings.port }),
    ...(settings.identity !== undefined && { identityFile: settings.identity }),
    ...(settings.certificate !== undefined && { certificateFile: settings.certificate }),
    ...(settings.jump !== undefined && { jump: jumpsOf(settings.jump) }),
    ...(settings['ssh-config'] !== undefined && { configFile: settings['ssh-config'] }),
    ...(settings['known-hosts'].length > 0 && { knownHostsFiles: settings['known-hosts'] }),
    ...(!settings['no-agent'] && agent !== undefined && agent !== '' && { agentSocket: agent }),
  };
}

/** The hosts of `--jump`, nearest first. */
export function jumpsOf(flag: string): readonly string[] {
  return flag.split(',').map((hop) => hop.trim());
}
