/** A server of ssh2's that makes another server's offer: what the client reads, and that both still agree. */
import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { offerLike } from '../../../src/transports/ssh/private-offer.js';
import { needs, title } from '../../helpers/needs.js';
import { join } from 'node:path';
import { makeKey, removeDirectory, temporaryDirectory } from '../../helpers/sshd.js';
import { hostAt, request, transportIn } from './lab.js';

const NAMES = {
  kex: ['sntrup761x25519-sha512', 'curve25519-sha256', 'kex-strict-s-v00@openssh.com'],
  cipher: ['chacha20-poly1305@openssh.com', 'aes256-ctr'],
  mac: ['umac-128-etm@openssh.com', 'hmac-sha2-256-etm@openssh.com'],
};

it.skipIf(needs.sshKeygen)(
  title('offers those names, and keeps its own host keys', needs.sshKeygen),
  async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const hostKey = privateKey.export({ type: 'sec1', format: 'pem' });
    const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
      offerLike(connection, NAMES);
      connection.on('error', () => undefined);
      connection.on('authentication', (context) => context.reject(['publickey']));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const directory = temporaryDirectory('offer');
    const key = await makeKey(join(directory, 'id'));
    const transport = transportIn(directory, { identityFile: key });
    const { port } = server.address() as AddressInfo;
    const result = await transport.run(request(hostAt({ address: '127.0.0.1', port })));
    await transport.close();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    removeDirectory(directory);
    // The key exchange came as far as the host key, which nobody knows.
    expect(result.failure?.code).toBe('host-key-unknown');
    expect(result.handshake?.kexInit).toMatchObject({
      kex: NAMES.kex.join(','),
      hostKey: 'ecdsa-sha2-nistp256',
      ciphersToServer: NAMES.cipher.join(','),
      ciphersToClient: NAMES.cipher.join(','),
      macsToServer: NAMES.mac.join(','),
      compressionToServer: expect.stringContaining('none') as string,
    });
  },
);
