/** `demo`: the embedded fleet through the very same path as `run`. Exits 0 when the outcome is the expected one. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startDemoFleet } from '../demo/fleet.js';
import { DEMO_HOSTS } from '../demo/hosts.js';
import { loadInventory } from '../inventory/load.js';
import type { FleetReport, HostReport } from '../model.js';
import { resolveSettings } from '../settings.js';
import type { CommandInput } from './command.js';
import { runFleet } from './run.js';
import { loadParts } from './setup.js';

export async function demo({ args, flags, io }: CommandInput): Promise<number> {
  const folder = resolve(io.cwd, args['folder'] ?? 'demo-out');
  const results = join(folder, 'results.json');
  const fleet = await startDemoFleet();
  try {
    const asked = Array.isArray(flags['output']) ? flags['output'].map(String) : [];
    const page = join(folder, 'report.html');
    const output = [`json=${results}`, `junit=${join(folder, 'junit.xml')}`, `html=${page}`, ...asked];
    // The user's own settings file and environment are about another fleet.
    const { settings } = resolveSettings(
      {
        ...flags,
        config: 'none',
        output,
        evidence: join(folder, 'runs'),
        // The demo hosts have new host keys each time: a comparison would say nothing but that.
        baseline: 'none',
        now: fleet.now,
        identity: fleet.identityFile,
        'ssh-config': 'none',
        'no-agent': true,
        retries: '0',
      },
      {},
      io.cwd,
    );
    const inventory = loadInventory({ path: 'demo inventory', text: fleet.inventoryText });
    const parts = await loadParts(settings, [], io.cwd);
    await runFleet({ inventory, hosts: inventory.hosts, parts, settings, warnings: [], io });
    const report = JSON.parse(await readFile(results, 'utf8')) as FleetReport;
    const surprises = report.hosts.flatMap(surprise);
    for (const line of surprises) io.err(`demo: unexpected: ${line}\n`);
    if (surprises.length > 0 || report.closure.verdict !== 'open') return 2;
    io.err('demo: this fleet is broken on purpose, and the audit found exactly that (exit 0)\n');
    return 0;
  } finally {
    await fleet.stop();
  }
}

/** Where the audit says something else than it should about a demo host. */
function surprise(host: HostReport): string[] {
  const expected = DEMO_HOSTS.find(({ name }) => name === host.name);
  if (!expected) return [`${host.name}: not a demo host`];
  const fails = host.results.filter(({ outcome }) => outcome.status === 'fail').map(({ id }) => id);
  const selected = new Set(host.results.map(({ id }) => id));
  const wanted = expected.fails.filter((id) => selected.has(id));
  const same = fails.toSorted().join() === wanted.toSorted().join();
  return [
    ...(same
      ? []
      : [`${host.name} fails ${fails.join(', ') || 'nothing'}, expected ${wanted.join(', ') || 'nothing'}`]),
    ...(host.failure?.code === expected.failure
      ? []
      : [`${host.name} was ${host.failure?.code ?? 'read'}, expected ${expected.failure ?? 'read'}`]),
  ];
}
