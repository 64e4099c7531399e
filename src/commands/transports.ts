/** From settings to the transports of one run. */
import type { Inventory } from '../inventory/load.js';
import type { Host } from '../model.js';
import type { Settings } from '../options.js';
import { createTransport, type TransportSettings } from '../transports/index.js';
import type { SshSettings } from '../transports/ssh/settings.js';
import type { Transport } from '../transports/transport.js';

export interface TransportSet {
  for(host: Host): Transport;
  close(): Promise<void>;
}

export function openTransports(
  settings: Settings,
  inventory: Inventory,
  env: NodeJS.ProcessEnv,
): TransportSet {
  const made = new Map<string, Transport>();
  const options: TransportSettings = {
    ssh: sshSettings(settings, inventory, env),
    local: settings.root === undefined ? {} : { root: settings.root },
  };
  return {
    for(host) {
      const known = made.get(host.transport);
      if (known) return known;
      const transport = createTransport(host.transport, options[host.transport]);
      made.set(host.transport, transport);
      return transport;
    },
    async close() {
      await Promise.all([...made.values()].map((transport) => transport.close()));
    },
  };
}

function sshSettings(settings: Settings, inventory: Inventory, env: NodeJS.ProcessEnv): SshSettings {
  const hosts = new Map([...inventory.hosts, ...inventory.bastions].map((host) => [host.name, host]));
  const agent = env['SSH_AUTH_SOCK'];
  return {
    now: Date.now,
    bastion: (name) => hosts.get(name),
    ...(settings.user !== undefined && { user: settings.user }),
    ...(settings.port > 0 && { port: settings.port }),
    ...(settings.identity !== undefined && { identityFile: settings.identity }),
    ...(settings.certificate !== undefined && { certificateFile: settings.certificate }),
    ...(settings.jump !== undefined && { jump: settings.jump.split(',').map((hop) => hop.trim()) }),
    ...(settings['ssh-config'] !== undefined && { configFile: settings['ssh-config'] }),
    ...(settings['known-hosts'].length > 0 && { knownHostsFiles: settings['known-hosts'] }),
    ...(!settings['no-agent'] && agent !== undefined && agent !== '' && { agentSocket: agent }),
  };
}
