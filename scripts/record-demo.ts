/**
 * npm run demo:record: remakes src/demo/recordings from the lab's real hosts (test/fleet). Needs root. The recordings
 * hold what the probes printed and nothing else; the lab's keys are made for the recording and thrown away.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { PROBES } from '../src/collector/probes.js';
import { limitsOf } from '../src/commands/run.js';
import { canonicalJson } from '../src/evidence/hash.js';
import type { Recording } from '../src/demo/fleet.js';
import { DEMO_HOSTS } from '../src/demo/hosts.js';
import { gather } from '../src/gather.js';
import { loadInventory } from '../src/inventory/load.js';
import { resolveSettings } from '../src/settings.js';
import { createTransport } from '../src/transports/index.js';
import { deviation } from '../test/fleet/deviations/index.js';
import { startFleet } from '../test/fleet/lab.js';

/** Recording -> the planted states it shows. */
const RECORDINGS: Readonly<Record<string, readonly string[]>> = {
  sound: [],
  'password-drop-in': ['password-dropin'],
  'second-key-file': ['keys-in-authorized-keys2'],
  'extra-ca': ['ca-extra-key'],
  'bootstrap-left': ['bootstrap-principal-in-disguise'],
  'direct-ssh': ['wrapper-cron-ssh'],
  'root-match': ['root-match-address'],
};

const folder = fileURLToPath(new URL('../src/demo/recordings/', import.meta.url));
mkdirSync(folder, { recursive: true });
for (const old of readdirSync(folder)) rmSync(`${folder}${old}`);
const wanted = new Set(
  DEMO_HOSTS.flatMap(({ plays }) => (plays !== 'down' && 'recording' in plays ? [plays.recording] : [])),
);
const missing = [...wanted].filter((name) => !(name in RECORDINGS));
if (missing.length > 0) throw new Error(`no recording is planned for ${missing.join(', ')}`);

const fleet = await startFleet(
  Object.entries(RECORDINGS).map(([name, ids]) => ({ name, deviations: ids.map(deviation) })),
);
try {
  const inventory = loadInventory({ path: 'fleet', text: fleet.inventoryYaml() });
  const transport = createTransport('ssh', {
    now: Date.now,
    configFile: 'none',
    knownHostsFiles: [fleet.knownHostsFile],
  });
  const { settings } = resolveSettings({ config: 'none' }, {}, '/');
  await gather({
    hosts: inventory.hosts,
    transportFor: () => transport,
    probes: PROBES,
    parameters: inventory.policy,
    concurrency: 2,
    limits: limitsOf(settings),
    signal: new AbortController().signal,
    onHost: (evidence) => {
      if (evidence.failure) throw new Error(`${evidence.host}: ${evidence.failure.detail}`);
      const recording: Recording = {
        recordedAt: evidence.finishedAt,
        caFingerprint: fleet.ca.fingerprint,
        probes: evidence.probes,
      };
      writeFileSync(`${folder}${evidence.host}.json.gz`, gzipSync(canonicalJson(recording), { level: 9 }));
      console.log(`recorded ${evidence.host}`);
    },
  });
  await transport.close();
} finally {
  await fleet.stop();
}
