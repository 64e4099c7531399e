/** What a login leaves of the handshake: the server's offer and its host keys, also when the login fails. */
import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readOffer } from '../../../src/facts/offer.js';
import type { HandshakeRecord } from '../../../src/model.js';
import type { RunResult } from '../../../src/transports/transport.js';
import { needs, title } from '../../helpers/needs.js';
import {
  keyFingerprint,
  makeKey,
  publicKey,
  removeDirectory,
  startSshd,
  temporaryDirectory,
  type Sshd,
} from '../../helpers/sshd.js';
import { hostAt, request, transportIn, trust } from './lab.js';

const run = promisify(execFile);
const need = needs.sshd;

function offerOf({ handshake, connection, failure }: RunResult) {
  return readOffer({
    schema: 1,
    host: 'target',
    startedAt: '2026-11-21T02:00:00.000Z',
    finishedAt: '2026-11-21T02:00:01.000Z',
    probes: {},
    ...(handshake && { handshake }),
    ...(connection && { connection }),
    ...(failure && { failure }),
  });
}

describe.skipIf(need)(title('the handshake with a real sshd', need), () => {
  let directory: string;
  let server: Sshd;
  let bastion: Sshd;
  let key: string;
  const hostKeys: string[] = [];

  beforeAll(async () => {
    directory = temporaryDirectory('handshake');
    key = await makeKey(join(directory, 'id'));
    for (const type of ['rsa', 'ed25519', 'ecdsa'] as const)
      hostKeys.push(await makeKey(join(directory, `host_${type}`), type));
    const authorizedKeys = { root: [publicKey(key)] };
    server = await startSshd({
      authorizedKeys,
      hostKeys,
      config: ['Ciphers aes256-ctr,aes128-gcm@openssh.com'],
    });
    bastion = await startSshd({ authorizedKeys });
    trust(directory, server, bastion);
  });
  afterAll(async () => {
    await server.stop();
    await bastion.stop();
    removeDirectory(directory);
  });

  const ask = async (more: Parameters<typeof hostAt>[1] = {}, settings = {}): Promise<RunResult> => {
    const transport = transportIn(directory, { identityFile: key, ...settings });
    const result = await transport.run(request(hostAt(server, more)));
    await transport.close();
    return result;
  };

  it('keeps the whole offer as sshd -T prints it, and every host key', async () => {
    const result = await ask();
    expect(result.failure).toBeUndefined();
    const { stdout } = await run('/usr/sbin/sshd', ['-T', '-f', server.configFile]);
    const printed = (keyword: string): string => new RegExp(`^${keyword} (.*)$`, 'm').exec(stdout)?.[1] ?? '';
    expect(result.handshake?.kexInit).toMatchObject({
      ciphersToServer: 'aes256-ctr,aes128-gcm@openssh.com',
      ciphersToClient: 'aes256-ctr,aes128-gcm@openssh.com',
      macsToServer: printed('macs'),
      macsToClient: printed('macs'),
    });
    expect(result.handshake?.kexInit?.kex.startsWith(printed('kexalgorithms'))).toBe(true);
    const reading = offerOf(result);
    const offer = reading.ok ? reading.value : undefined;
    expect(offer?.kex).toEqual(printed('kexalgorithms').split(','));
    expect(offer?.strictKex).toBe(true);
    expect(offer?.serverVersion).toMatch(/^SSH-2\.0-OpenSSH_/);
    expect(reading.ok && reading.gaps).toEqual([]);
    const told = offer?.hostKeys
      .map(({ type, bits, fingerprint }) => `${type} ${bits} ${fingerprint}`)
      .sort();
    expect(told).toEqual([
      `ecdsa-sha2-nistp256 256 ${await keyFingerprint(hostKeys[2] ?? '')}`,
      `ssh-ed25519 256 ${await keyFingerprint(hostKeys[1] ?? '')}`,
      `ssh-rsa 2048 ${await keyFingerprint(hostKeys[0] ?? '')}`,
    ]);
    // The one it proved to have comes first.
    expect(offer?.hostKeys[0]?.fingerprint).toBe(result.connection?.hostKey?.fingerprint);
  });

  it('is the target’s, not the bastion’s, behind a bastion', async () => {
    const result = await ask({ jump: [`root@${bastion.address}:${bastion.port}`] });
    expect(result.failure).toBeUndefined();
    expect(result.connection?.route).toHaveLength(1);
    expect(result.handshake?.kexInit?.ciphersToServer).toBe('aes256-ctr,aes128-gcm@openssh.com');
    expect(result.handshake?.hostKeys).toHaveLength(3);
  });

  it('is kept when the login is refused', async () => {
    const other = await makeKey(join(directory, 'other'));
    const result = await ask({ identityFile: other }, { identityFile: other });
    expect(result.failure?.code).toBe('login-refused');
    expect(result.handshake?.kexInit?.macsToClient).toContain('hmac-sha2-256');
    expect(result.handshake?.hostKeys).toHaveLength(1);
  });

  it('is kept when ssh2 shares no algorithm with the server', async () => {
    const modern = await startSshd({
      authorizedKeys: { root: [publicKey(key)] },
      config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
    });
    trust(directory, modern);
    const transport = transportIn(directory, { identityFile: key });
    const result = await transport.run(request(hostAt(modern)));
    await transport.close();
    await modern.stop();
    expect(result.failure?.code).toBe('handshake-failed');
    const reading = offerOf(result);
    expect(reading.ok && reading.value.kex).toEqual(['sntrup761x25519-sha512@openssh.com']);
  });
});

describe('the handshake with a scripted server', () => {
  /** Sends these bytes to whoever connects, and hangs up when nothing more comes back. */
  async function against(bytes: Buffer): Promise<RunResult> {
    const directory = temporaryDirectory('scripted');
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write(bytes);
      socket.on('data', () => socket.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = server.address();
    const port = typeof at === 'object' && at ? at.port : 0;
    const key = await makeKey(join(directory, 'id'));
    const transport = transportIn(directory, { identityFile: key });
    const result = await transport.run(request(hostAt({ address: '127.0.0.1', port })));
    await transport.close();
    await new Promise((resolve) => server.close(resolve));
    removeDirectory(directory);
    return result;
  }
  const recorded = readFileSync(new URL('../../fixtures/openssh/kexinit/openssh-9.2.bin', import.meta.url));

  it.skipIf(needs.sshKeygen)(title('an offer without the rest', needs.sshKeygen), async () => {
    const result = await against(recorded);
    expect(result.failure).toMatchObject({ code: 'closed-before-login', phase: 'handshake' });
    expect(result.handshake?.kexInit?.kex).toContain('sntrup761x25519-sha512');
    expect(result.handshake?.hostKeys).toEqual([]);
  });

  it.skipIf(needs.sshKeygen)(title('an offer that is cut in the middle', needs.sshKeygen), async () => {
    const cut = Buffer.from(recorded);
    // The length of the first name-list, behind the version line, the packet's head, the number and the cookie.
    const at = cut.indexOf('\n') + 1 + 5 + 1 + 16;
    cut.writeUInt32BE(0x7fffffff, at);
    const result = await against(cut);
    expect(result.handshake).toEqual<HandshakeRecord>({
      problem: expect.stringContaining('malformed') as string,
      hostKeys: [],
    });
    const reading = offerOf(result);
    expect(!reading.ok && reading.detail).toContain('could not be read');
  });

  it.skipIf(needs.sshKeygen)(title('nothing at all', needs.sshKeygen), async () => {
    const result = await against(Buffer.from('hello\n'));
    expect(result.handshake).toBeUndefined();
    const reading = offerOf(result);
    expect(reading).toMatchObject({ ok: false, reason: 'not-collected' });
    expect(!reading.ok && reading.detail).toMatch(/^the key exchange did not begin: /);
  });
});
