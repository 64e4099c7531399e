/** Name servers that are silent about some names: those are told so, and no other host pays for it. */
import { execFileSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAhosts } from '../../src/transports/ssh/lookup.js';
import { needs, title } from '../helpers/needs.js';
import { prepareCli, startCli } from './child.js';
import { startFaultFleet, type FaultFleet, type ReportLike } from './fleet.js';
import { startHost, type ScriptedHost } from './host.js';

const SERVER = '127.110.53.1';
/** Gives a process a resolv.conf of its own, in a mount namespace that ends with it. */
const WITH_RESOLVER = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
const DEAD = Array.from({ length: 10 }, (_, index) => `dead-${index}`);
const LIVE = Array.from({ length: 5 }, (_, index) => `live-${index}`);

function noNamespace(): string | null {
  const missing = needs.root ?? needs.program('unshare', 'util-linux') ?? needs.program('getent', 'libc-bin');
  if (missing !== null) return missing;
  const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-resolver-'));
  const file = join(folder, 'resolv.conf');
  writeFileSync(file, '');
  try {
    execFileSync('unshare', ['-m', 'sh', '-c', WITH_RESOLVER, file, 'true'], { stdio: 'ignore' });
    return null;
  } catch {
    return 'this machine does not allow mounting in a namespace (CAP_SYS_ADMIN)';
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Answers 127.0.0.1 for every name (RFC 1035, 4.1), `nobody…` with NXDOMAIN, and `dead…` never. */
function answer(server: Socket, question: Buffer, port: number, address: string): void {
  let end = 12;
  while (question[end]) end += (question[end] ?? 0) + 1;
  const name = question.toString('latin1', 13, end);
  if (name.startsWith('dead')) return;
  const exists = !name.startsWith('nobody');
  const wanted = exists && question.readUInt16BE(end + 1) === 1;
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(exists ? 0x8180 : 0x8183, 2);
  header.writeUInt16BE(wanted ? 1 : 0, 6);
  header.fill(0, 8);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
  const parts = [header, question.subarray(12, end + 5), ...(wanted ? [record] : [])];
  server.send(Buffer.concat(parts), port, address);
}

const namespace = noNamespace();

describe.skipIf(namespace)(title('a silent name server', namespace), () => {
  let fleet: FaultFleet;
  let host: ScriptedHost;
  let server: Socket;
  beforeAll(async () => {
    await prepareCli();
    server = createSocket('udp4');
    server.on('message', (question, { port, address }) => answer(server, question, port, address));
    server.bind(53, SERVER);
    await once(server, 'listening');
    host = await startHost({ kind: 'sound' });
    const { port, hostKey } = host;
    fleet = await startFaultFleet(
      [],
      // In the order of their names, the dead ones come first.
      [...DEAD, ...LIVE, 'nobody'].map((name) => ({ name, address: `${name}.test`, port, hostKey })),
    );
  });
  afterAll(async () => {
    await fleet.stop();
    await host.close();
    server.close();
  });

  test('ten names without an answer take no time from five that have one', async () => {
    const resolver = join(fleet.folder, 'resolv.conf');
    writeFileSync(resolver, `nameserver ${SERVER}\noptions timeout:3 attempts:2\n`);
    const argv = ['run', fleet.inventory, ...fleet.flags, '--retries=0', '-q', '-f', 'json'];
    const before = ['unshare', '-m', 'sh', '-c', WITH_RESOLVER, resolver];
    const { out, err } = await startCli(fleet.folder, argv, before).ended;
    if (out === '') throw new Error(err);
    const { hosts } = JSON.parse(out) as ReportLike;
    const told = Object.fromEntries(hosts.map(({ name, failure }) => [name, failure]));
    for (const name of LIVE) expect([name, told[name]]).toEqual([name, undefined]);
    for (const name of DEAD)
      expect(told[name]).toMatchObject({
        code: 'dns',
        phase: 'resolve',
        detail: expect.stringContaining(`${name}.test`) as string,
      });
    expect(told['dead-0']?.detail).toContain('was not resolved within 1000 ms');
    expect(told['nobody']).toMatchObject({ code: 'dns', phase: 'resolve' });
  });
});

test('what getent prints: each address once, in its order, and nothing else', () => {
  const text = [
    '2001:db8::1     STREAM web-01.example',
    '2001:db8::1     DGRAM  ',
    '127.0.0.1       STREAM ',
    'fe80::1%eth0    RAW',
    'getent: no',
    '',
  ].join('\n');
  expect(parseAhosts(text)).toEqual([
    { address: '2001:db8::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
    { address: 'fe80::1%eth0', family: 6 },
  ]);
});
