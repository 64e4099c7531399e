import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROBES } from '../src/collector/probes.js';
import { gather } from '../src/gather.js';
import { loadInventory } from '../src/inventory/load.js';
import type { HostEvidence } from '../src/model.js';
import { createTransport } from '../src/transports/index.js';
import type { Limits, Transport } from '../src/transports/transport.js';
import { needs, title } from './helpers/needs.js';
import {
  keyFingerprint,
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  startSshd,
  temporaryDirectory,
  type Sshd,
} from './helpers/sshd.js';

const LIMITS: Limits = {
  connectMs: 3000,
  handshakeMs: 5000,
  loginMs: 10_000,
  firstByteMs: 10_000,
  idleMs: 20_000,
  totalMs: 60_000,
  maxStdout: 16e6,
  maxStderr: 65_536,
  retries: 1,
};
const probes = PROBES.filter(({ name }) => name === 'system');
const parameters = { wrappers: [], loginWindowDays: 1 };

const inventory = (lines: readonly string[]) =>
  loadInventory({
    path: 'test',
    text: [
      'defaults: { become: none, user: root }',
      'hosts:',
      ...lines.map((line) => `  - ${line}`),
      '',
    ].join('\n'),
  });

async function collect(
  hosts: readonly string[],
  transport: Transport,
  signal = new AbortController().signal,
  concurrency = 8,
): Promise<HostEvidence[]> {
  const found: HostEvidence[] = [];
  await gather({
    hosts: inventory(hosts).hosts,
    transportFor: () => transport,
    probes,
    parameters,
    concurrency,
    limits: LIMITS,
    signal,
    onHost: (evidence) => void found.push(evidence),
  });
  return found;
}

describe('nobody vanishes', () => {
  /** Answers as told by the host's name; counts what it was asked. */
  function scripted(): Transport & { readonly asked: string[] } {
    const asked: string[] = [];
    const nothing = { stdout: new Uint8Array(), stderr: new Uint8Array() };
    return {
      name: 'ssh',
      asked,
      plan: () => Promise.reject(new Error('not planned')),
      run: async ({ host, signal }) => {
        asked.push(host.name);
        if (host.name.startsWith('throws')) throw new Error('a bug of ours');
        if (host.name.startsWith('short') && asked.filter((name) => name === host.name).length < 3)
          return { ...nothing, failure: { code: 'local-resources', phase: 'connect', detail: 'EMFILE' } };
        if (host.name.startsWith('slow'))
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return {
          ...nothing,
          exitCode: 0,
          ...(signal.aborted && {
            failure: { code: 'cancelled', phase: 'run', detail: 'interrupted' } as const,
          }),
        };
      },
      close: () => Promise.resolve(),
    };
  }

  test('one evidence for every host, a throwing transport included', async () => {
    const names = Array.from(
      { length: 40 },
      (_, index) => `{ name: ${index % 7 === 0 ? 'throws' : 'host'}-${index} }`,
    );
    const found = await collect(names, scripted());
    expect(found).toHaveLength(40);
    expect(new Set(found.map(({ host }) => host)).size).toBe(40);
    expect(found.find(({ host }) => host === 'throws-0')?.failure).toMatchObject({
      code: 'internal',
      detail: expect.stringContaining('a bug of ours') as string,
    });
  });

  test("this machine's own shortage does not count against a host", async () => {
    const transport = scripted();
    const [found] = await collect(['{ name: short-1 }'], transport);
    expect(transport.asked).toEqual(['short-1', 'short-1', 'short-1']);
    expect(found?.failure?.code).toBe('no-frames');
  });

  test('environments, bastions and the fleet have no more at a time than they may, and all are asked', async () => {
    const now = new Map<string, number>();
    const most = new Map<string, number>();
    const count = (key: string, by: number): void => {
      now.set(key, (now.get(key) ?? 0) + by);
      most.set(key, Math.max(most.get(key) ?? 0, now.get(key) ?? 0));
    };
    const found: HostEvidence[] = [];
    await gather({
      hosts: inventory(
        Array.from(
          { length: 48 },
          (_, index) =>
            `{ name: host-${index}, environment: ${index % 2 ? 'production' : 'staging'}, jump: [bastion-${index % 4}.example] }`,
        ),
      ).hosts,
      transportFor: (host) => ({
        ...scripted(),
        run: async () => {
          const keys = ['fleet', host.environment ?? '', host.jump[0] ?? ''];
          for (const key of keys) count(key, 1);
          await new Promise((resolve) => setTimeout(resolve, 5));
          for (const key of keys) count(key, -1);
          return { stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: 0 };
        },
      }),
      probes,
      parameters,
      concurrency: 5,
      limits: LIMITS,
      signal: new AbortController().signal,
      pace: { perEnvironment: 3, perBastion: 2, rate: 2000 },
      onHost: (evidence) => void found.push(evidence),
    });
    expect(new Set(found.map(({ host }) => host)).size).toBe(48);
    expect(most.get('fleet')).toBe(5);
    for (const environment of ['production', 'staging']) expect(most.get(environment)).toBe(3);
    for (const bastion of [0, 1, 2, 3]) expect(most.get(`bastion-${bastion}.example`)).toBeLessThanOrEqual(2);
  });

  test('an interrupt ends hosts in flight, and those never asked are rows too', async () => {
    const abort = new AbortController();
    const transport = scripted();
    const done = collect(
      Array.from({ length: 6 }, (_, index) => `{ name: slow-${index} }`),
      transport,
      abort.signal,
      2,
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    const found = await done;
    expect(found.map(({ failure }) => failure?.code)).toEqual(Array.from({ length: 6 }, () => 'cancelled'));
    expect(transport.asked).toHaveLength(2);
  });
});

describe.skipIf(needs.sshd)(
  title('a real sshd beside hosts that are down, closed and silent', needs.sshd),
  () => {
    const folder = temporaryDirectory('gather');
    let sshd: Sshd;
    let transport: Transport;
    beforeAll(async () => {
      const [ca, key] = [await makeKey(join(folder, 'ca')), await makeKey(join(folder, 'key'))];
      await signKey(ca, key, { id: 'atm-scorecard', principals: ['atm-scorecard'] });
      sshd = await startSshd({ cas: [publicKey(ca)], principals: { root: ['atm-scorecard'] } });
      writeFileSync(join(folder, 'known_hosts'), sshd.knownHosts());
      transport = createTransport('ssh', {
        now: Date.now,
        configFile: 'none',
        knownHostsFiles: [join(folder, 'known_hosts')],
        identityFile: key,
      });
    });
    afterAll(async () => {
      await transport.close();
      await sshd.stop();
      removeDirectory(folder);
    });

    test('each gets its own answer, and the evidence says which key was verified', async () => {
      const found = await collect(
        [
          `{ name: good, address: 127.0.0.1, port: ${sshd.port} }`,
          `{ name: pinned, address: 127.0.0.1, port: ${sshd.port}, host_key: "${await keyFingerprint(sshd.hostKeys[0] ?? '')}" }`,
          `{ name: impostor, address: 127.0.0.1, port: ${sshd.port}, host_key: "SHA256:${'A'.repeat(43)}" }`,
          '{ name: closed, address: 127.0.0.1, port: 1 }',
        ],
        transport,
      );
      const by = (name: string) => found.find(({ host }) => host === name);
      expect(by('good')).toMatchObject({
        collector: { uid: 0 },
        connection: { hostKey: { verifiedBy: expect.stringContaining('known_hosts') as string } },
      });
      expect(by('good')?.probes['system']?.stdout).toContain('hostname ');
      expect(by('pinned')?.connection?.hostKey?.verifiedBy).toBe('inventory');
      expect(by('impostor')?.failure?.code).toBe('host-key-mismatch');
      expect(by('closed')?.failure?.code).toBe('connect-refused');
      expect(readFileSync(join(folder, 'known_hosts'), 'utf8')).toBe(sshd.knownHosts());
    });
  },
);
