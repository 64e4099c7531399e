/**
 * Login and collection by ssh-scorecard, and nothing after them: the frames are read into evidence, which is dropped.
 *
 * node collect.js INVENTORY CONCURRENCY
 */
import { tuneForHosts, tuneWhenLoaded, tuneV8 } from '../src/tuning.js';

tuneV8();
const { probesOf } = await import('../src/gather/probes.js');
const { CHECKS } = await import('../checks/index.js');
const { gather } = await import('../src/gather.js');
const { loadInventory } = await import('../src/inventory/load.js');
const { createTransport } = await import('../src/transports/index.js');

const [path = '', concurrency] = process.argv.slice(2);
tuneWhenLoaded();
const inventory = loadInventory(path);
tuneForHosts(inventory.hosts.length);
const transport = createTransport('ssh', { configFile: 'none', now: Date.now });
let whole = 0;
await gather({
  hosts: inventory.hosts,
  transportFor: () => transport,
  probes: probesOf(CHECKS),
  parameters: inventory.policy,
  concurrency: Number(concurrency),
  limits: {
    connectMs: 60_000,
    handshakeMs: 60_000,
    loginMs: 60_000,
    firstByteMs: 60_000,
    idleMs: 60_000,
    totalMs: 120_000,
    maxStdout: 1 << 26,
    maxStderr: 1 << 18,
    retries: 2,
  },
  signal: new AbortController().signal,
  onHost: ({ failure }) => {
    if (failure) console.error(failure);
    else whole += 1;
  },
});
await transport.close();
if (whole !== inventory.hosts.length) {
  console.error(`${whole} of ${inventory.hosts.length} hosts were collected`);
  process.exitCode = 1;
}
