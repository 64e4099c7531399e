/** Logins against a real sshd: every key type, from files and from ssh-agent, with certificates and without. */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs, title } from '../../helpers/needs.js';
import {
  keyFingerprint,
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  startAgent,
  startSshd,
  temporaryDirectory,
  type KeyType,
  type RunningAgent,
  type Sshd,
} from '../../helpers/sshd.js';
import { hostAt, request, textOf, transportIn, trust } from './lab.js';

const TYPES: readonly KeyType[] = ['ed25519', 'ecdsa', 'ecdsa384', 'ecdsa521', 'rsa'];
const need = needs.sshd ?? needs.sshAgent;

describe.skipIf(need)(title('logging in to a real sshd', need), () => {
  let directory: string;
  let server: Sshd;
  let agent: RunningAgent;
  const keys = {} as Record<KeyType, { cert: string; plain: string }>;

  beforeAll(async () => {
    directory = temporaryDirectory('login');
    const cas = await Promise.all([
      makeKey(join(directory, 'ca')),
      makeKey(join(directory, 'ca_rsa'), 'rsa'),
    ]);
    await Promise.all(
      TYPES.map(async (type) => {
        const cert = await makeKey(join(directory, `cert_${type}`), type);
        await signKey(type === 'ecdsa' ? (cas[1] ?? '') : (cas[0] ?? ''), cert, {
          id: `atm-${type}`,
          serial: 7,
        });
        keys[type] = { cert, plain: await makeKey(join(directory, `plain_${type}`), type) };
      }),
    );
    server = await startSshd({
      cas: cas.map(publicKey),
      principals: { root: ['tester'] },
      authorizedKeys: { root: TYPES.map((type) => publicKey(keys[type].plain)) },
    });
    trust(directory, server);
    agent = await startAgent(directory);
  });
  afterAll(async () => {
    agent.stop();
    await server.stop();
    removeDirectory(directory);
  });

  it.each(TYPES)('certificate of an %s key from files', async (type) => {
    const transport = transportIn(directory, { identityFile: keys[type].cert });
    const result = await transport.run(request(hostAt(server)));
    await transport.close();
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).toBe('hello\n');
    expect(Buffer.from(result.stderr).toString()).toBe('oops\n');
    expect(result.exitCode).toBe(0);
    expect(result.connection).toMatchObject({
      user: 'root',
      port: server.port,
      route: [],
      serverVersion: expect.stringMatching(/^SSH-2\.0-OpenSSH/),
    });
    expect(result.connection?.authenticatedBy).toBe(
      `publickey certificate ${publicKey(keys[type].cert).split(' ')[0] ?? ''} ${await keyFingerprint(keys[type].cert)} ID "atm-${type}" (serial 7) from ${keys[type].cert}-cert.pub`,
    );
    expect(server.log()).toContain(`ID atm-${type} (serial 7)`);
  });

  it.each(TYPES)('plain %s key from a file', async (type) => {
    const transport = transportIn(directory);
    const result = await transport.run(request(hostAt(server, { identityFile: keys[type].plain })));
    await transport.close();
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).toBe('hello\n');
    expect(result.connection?.authenticatedBy).toContain(await keyFingerprint(keys[type].plain));
  });

  it.each(TYPES)('certificate of an %s key from ssh-agent alone', async (type) => {
    await agent.add('-D');
    await agent.add(keys[type].cert);
    const transport = transportIn(directory, { agentSocket: agent.socket });
    const result = await transport.run(request(hostAt(server)));
    await transport.close();
    expect(result.failure).toBeUndefined();
    expect(result.connection?.authenticatedBy).toContain(`ID "atm-${type}" (serial 7) from agent`);
  });

  it.each(TYPES)('plain %s key from ssh-agent alone', async (type) => {
    await agent.add('-D');
    await agent.add(keys[type].plain);
    const transport = transportIn(directory, { agentSocket: agent.socket });
    const result = await transport.run(request(hostAt(server)));
    await transport.close();
    expect(result.failure).toBeUndefined();
    expect(result.connection?.authenticatedBy).toContain('from agent');
  });

  it('uses a certificate file whose key only the agent holds', async () => {
    await agent.add('-D');
    await agent.add(keys.ed25519.plain);
    const certificateFile = join(directory, 'elsewhere-cert.pub');
    await signKey(join(directory, 'ca'), keys.ed25519.plain, { id: 'detached' });
    renameSync(`${keys.ed25519.plain}-cert.pub`, certificateFile);
    const transport = transportIn(directory, { agentSocket: agent.socket, certificateFile });
    const result = await transport.run(request(hostAt(server)));
    await transport.close();
    expect(result.failure).toBeUndefined();
    expect(result.connection?.authenticatedBy).toContain('ID "detached"');
  });

  it('falls back to rsa-sha2-256 where the server takes nothing better', async () => {
    const picky = await startSshd({
      cas: [publicKey(join(directory, 'ca'))],
      principals: { root: ['tester'] },
      config: ['PubkeyAcceptedAlgorithms rsa-sha2-256-cert-v01@openssh.com'],
    });
    trust(directory, picky);
    const transport = transportIn(directory, { identityFile: keys.rsa.cert });
    const result = await transport.run(request(hostAt(picky)));
    await transport.close();
    await picky.stop();
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).toBe('hello\n');
  });

  it('does not have the server prove all its host keys', async () => {
    const verbose = await startSshd({
      authorizedKeys: { root: [publicKey(keys.ecdsa.plain)] },
      config: ['LogLevel DEBUG3'],
    });
    trust(directory, verbose);
    const transport = transportIn(directory, { identityFile: keys.ecdsa.plain });
    const result = await transport.run(request(hostAt(verbose)));
    await transport.close();
    const log = verbose.log();
    await verbose.stop();
    expect(result.failure).toBeUndefined();
    expect(log).toMatch(/notify_hostkeys: sent [1-9]/);
    expect(log).not.toContain('hostkeys-prove');
  });
});
