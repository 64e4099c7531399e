/** What ssh2 cannot do carries a hint that names the transport that may. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wireString } from '../../../src/openssh/wire.js';
import { opensshMaySolve } from '../../../src/transports/ssh/beyond.js';
import { createLoginReport } from '../../../src/transports/ssh/login-report.js';
import { needs, title } from '../../helpers/needs.js';
import { makeKey, removeDirectory, temporaryDirectory } from '../../helpers/sshd.js';
import { hostAt, request, scriptedServer, transportIn } from './lab.js';

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory('beyond');
});
afterAll(() => removeDirectory(directory));

/** PROTOCOL.key with a FIDO public key; the handle behind it is never read. */
function fidoHandle(): string {
  const type = 'sk-ssh-ed25519@openssh.com';
  const plain = Buffer.concat([wireString(type), wireString(Buffer.alloc(32, 7)), wireString('ssh:')]);
  const one = Buffer.from([0, 0, 0, 1]);
  const body = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    wireString('none'),
    wireString('none'),
    wireString(''),
    one,
    wireString(plain),
    wireString(Buffer.alloc(64)),
  ]).toString('base64');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

it('a FIDO key without an agent', async () => {
  const key = join(directory, 'id_sk');
  writeFileSync(key, fidoHandle(), { mode: 0o600 });
  const transport = transportIn(directory, { identityFile: key });
  const { failure } = await transport.run(request(hostAt({ address: '127.0.0.1', port: 1 })));
  expect(failure).toMatchObject({ code: 'identity-unusable', detail: expect.stringContaining('FIDO') });
  expect(failure && opensshMaySolve(failure)).toBe(true);
});

it('no key at all: perhaps Kerberos', async () => {
  const transport = transportIn(join(directory, 'empty'));
  const { failure } = await transport.run(request(hostAt({ address: '127.0.0.1', port: 1 })));
  expect(failure?.code).toBe('identity-unusable');
  expect(failure && opensshMaySolve(failure)).toBe(true);
});

it.each([
  [['gssapi-with-mic', 'password'], true],
  [['gssapi-keyex'], true],
  [['publickey', 'gssapi-with-mic'], false],
  [['password'], false],
])('a host that takes %j', (methods, may) => {
  const report = createLoginReport();
  report.refused(methods, false);
  expect(opensshMaySolve(report.refusal('a@b:22', []))).toBe(may);
});

it.skipIf(needs.sshKeygen)(
  title('more text before the protocol than ssh2 takes', needs.sshKeygen),
  async () => {
    const server = await scriptedServer((socket) => void socket.write('hello there\r\n'.repeat(1100)));
    const transport = transportIn(directory, { identityFile: await makeKey(join(directory, 'user')) });
    const { failure } = await transport.run(request(hostAt(server)));
    await server.close();
    expect(failure?.code).toBe('handshake-failed');
    expect(failure && opensshMaySolve(failure)).toBe(true);
  },
);
