/** Starts and stops the demo fleet: a throw-away CA, one server per host, an inventory that names them. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { assetPath } from '../assets.js';
import { readSshd } from '../facts/sshd.js';
import { fingerprint } from '../openssh/public-key.js';
import type { ProbeOutput } from '../model.js';
import { generateKey, issueCertificate, privateKeyFile } from './certificate-authority.js';
import { DEMO_HOSTS, type DemoHost } from './hosts.js';
import { startServer, type Behaviour } from './server.js';

export interface Recording {
  /** When the real host was read. ISO 8601. */
  readonly recordedAt: string;
  /** The CA the recorded hosts trust. */
  readonly caFingerprint: string;
  readonly probes: Readonly<Record<string, ProbeOutput>>;
}

export interface DemoFleet {
  readonly inventoryText: string;
  /** The instant to judge at: the recordings' own time. */
  readonly now: string;
  readonly identityFile: string;
  stop(): Promise<void>;
}

export async function startDemoFleet(): Promise<DemoFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'ssh-scorecard-demo-'));
  const [ca, user] = [generateKey(), generateKey()];
  const identityFile = join(folder, 'auditor');
  await writeFile(identityFile, privateKeyFile(user), { mode: 0o600 });
  await writeFile(
    `${identityFile}-cert.pub`,
    issueCertificate(ca, user, {
      keyId: 'atm-scorecard',
      principal: 'atm-scorecard',
      serial: 1n,
      seconds: 3600,
    }),
  );
  const started = await Promise.all(
    DEMO_HOSTS.map(async (host) => {
      const hostKey = generateKey();
      const behaviour = behaviourOf(host);
      const server = behaviour
        ? await startServer(hostKey, ca.publicBlob, behaviour)
        : { port: await unusedPort(), close: () => Promise.resolve() };
      return { host, server, hostKey: fingerprint(hostKey.publicBlob) };
    }),
  );
  const reference = recording('sound');
  return {
    inventoryText: inventoryText(
      reference.caFingerprint,
      started.map(({ host, server, hostKey }) => ({ host, port: server.port, hostKey })),
    ),
    now: reference.recordedAt,
    identityFile,
    async stop() {
      await Promise.all(started.map(({ server }) => server.close()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function behaviourOf({ plays }: DemoHost): Behaviour | null {
  if (plays === 'down') return null;
  return 'refuses' in plays
    ? { kind: 'refuses', stderr: plays.refuses }
    : answers(recording(plays.recording));
}

/** With the offer of the sshd that was recorded: the demo's own server would contradict what `sshd -T` printed there. */
function answers({ probes, recordedAt }: Recording): Behaviour {
  const sshd = readSshd({ schema: 1, host: '', startedAt: recordedAt, finishedAt: recordedAt, probes });
  const settings = sshd.ok ? (sshd.value.cases[0]?.settings ?? {}) : {};
  const names = (keyword: string): readonly string[] => settings[keyword]?.[0]?.split(',') ?? [];
  return {
    kind: 'answers',
    probes,
    offer: {
      kex: [...names('kexalgorithms'), 'kex-strict-s-v00@openssh.com'],
      cipher: names('ciphers'),
      mac: names('macs'),
    },
  };
}

export function recording(name: string): Recording {
  return JSON.parse(
    gunzipSync(readFileSync(assetPath(`demo/recordings/${name}.json.gz`))).toString('utf8'),
  ) as Recording;
}

/** A port nobody listens on: taken and given back. */
function unusedPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function inventoryText(
  caFingerprint: string,
  hosts: readonly { readonly host: DemoHost; readonly port: number; readonly hostKey: string }[],
): string {
  const entries = hosts.map(({ host, port, hostKey }) =>
    [
      `  - name: ${host.name}`,
      '    address: 127.0.0.1',
      `    port: ${port}`,
      `    environment: ${host.environment}`,
      `    host_key: ${hostKey}`,
      '    allowed_principals: { adm: [adm-full, adm-readonly], agt: [agt-incident-resolver-v2], atm: [atm-backup-daily, atm-logrotate, atm-scorecard] }',
    ].join('\n'),
  );
  return [
    'defaults: { user: auditor, become: sudo }',
    `ca: { trusted_user_ca_keys: /etc/ssh/ca/ca_user.pub, fingerprints: ["${caFingerprint}"] }`,
    'accounts: { adm: [ops], agt: [agent], atm: [automation, auditor] }',
    'hosts:',
    ...entries,
    '',
  ].join('\n');
}
