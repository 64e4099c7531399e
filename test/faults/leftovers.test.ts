/** A run that is given up leaves nothing behind that would keep the process waiting. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { gather } from '../../src/gather.js';
import { PROBES } from '../../src/collector/probes.js';
import type { HostEvidence } from '../../src/model.js';
import { hostAt, request, transportIn } from '../transports/ssh/lab.js';
import { startFaultFleet } from './fleet.js';

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

test('a host that still tells its exit status after it was given up', async () => {
  const fleet = await startFaultFleet([{ name: 'late', play: { kind: 'sound', answerAfterMs: 400 } }]);
  const { port = 0, hostKey = '' } = fleet.hosts.get('late') ?? {};
  const transport = transportIn(fleet.folder, { identityFile: join(fleet.folder, 'auditor') });
  const host = hostAt({ address: '127.0.0.1', port }, { user: 'auditor', hostKeys: [hostKey] });
  await sleep(500);
  const before = timers();
  // Its output is there at once, and its exit status within the moment that a KILL is given to take effect.
  const stdin = `NONCE=${'0'.repeat(32)}\n`;
  const result = await transport.run(request(host, { stdin, limits: { idleMs: 250 } }));
  expect(result.failure?.code).toBe('idle-timeout');
  // Longer than the goodbye and the KILL take, far shorter than an exit status is waited for.
  await sleep(3000);
  expect(timers()).toBeLessThanOrEqual(before);
  await transport.close();
  await fleet.stop();
});

test('an answer that cannot be kept: nobody else is asked, and it is told once', async () => {
  const fleet = await startFaultFleet(
    Array.from({ length: 12 }, (_, index) => ({ name: `h-${index}`, play: { kind: 'sound' } as const })),
  );
  const transport = transportIn(fleet.folder, { identityFile: join(fleet.folder, 'auditor') });
  const kept: HostEvidence[] = [];
  const { limits, signal } = request(hostAt({ address: '127.0.0.1', port: 1 }));
  const running = gather({
    hosts: [...fleet.hosts].map(([name, { port, hostKey }]) =>
      hostAt({ address: '127.0.0.1', port }, { name, user: 'auditor', hostKeys: [hostKey] }),
    ),
    transportFor: () => transport,
    probes: PROBES,
    parameters: { wrappers: [], loginWindowDays: 14 },
    concurrency: 2,
    limits,
    signal,
    onHost: (evidence) => {
      if (kept.length === 3) throw new Error('no space left');
      kept.push(evidence);
    },
  });
  await expect(running).rejects.toThrow('no space left');
  const asked = [...fleet.hosts.values()].filter((host) => host.connections() > 0).length;
  await transport.close();
  await fleet.stop();
  expect(kept.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined]);
  expect(asked).toBeLessThan(12);
});
