/** Logins that cannot work, and the reasons given: before connecting where possible, else after the refusal. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model.js';
import type { SshSettings } from '../../../src/transports/index.js';
import type { Limits, RunResult } from '../../../src/transports/transport.js';
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
  type Sshd,
} from '../../helpers/sshd.js';
import { hostAt, request, scriptedServer, transportIn, trust } from './lab.js';

const need = needs.sshd ?? needs.sshAgent;

describe.skipIf(need)(title('identities that cannot be used', need), () => {
  let directory: string;
  let server: Sshd;
  const file = (name: string): string => join(directory, name);

  const login = async (
    settings: Partial<SshSettings>,
    more: Partial<Host> = {},
    at: { address: string; port: number } = server,
    limits: Partial<Limits> = {},
  ): Promise<RunResult> => {
    const transport = transportIn(directory, settings);
    const result = await transport.run(request(hostAt(at, more), { limits }));
    await transport.close();
    return result;
  };
  const certified = async (
    name: string,
    options: Parameters<typeof signKey>[2] = {},
    ca = 'ca',
  ): Promise<string> => {
    const key = await makeKey(file(name));
    await signKey(file(ca), key, options);
    return key;
  };

  beforeAll(async () => {
    directory = temporaryDirectory('identities');
    await makeKey(file('ca'));
    await makeKey(file('other_ca'));
    server = await startSshd({
      cas: [publicKey(file('ca'))],
      principals: { root: ['tester'] },
      authorizedKeys: { root: [] },
    });
    trust(directory, server);
  });
  afterAll(async () => {
    await server.stop();
    removeDirectory(directory);
  });

  describe('found before connecting', () => {
    /** Whatever is wrong, nothing may be sent to anybody. */
    const unconnected = async (
      settings: Partial<SshSettings>,
      more: Partial<Host> = {},
    ): Promise<RunResult> => {
      const listener = await scriptedServer(() => undefined);
      const result = await login(settings, more, listener);
      expect(listener.connections()).toBe(0);
      await listener.close();
      return result;
    };

    it('an expired certificate', async () => {
      const result = await unconnected({
        identityFile: await certified('expired', { validity: '-2d:-1d', id: 'old', serial: 3 }),
      });
      expect(result.failure).toMatchObject({ code: 'certificate-expired', phase: 'login' });
      expect(result.failure?.detail).toMatch(/ID "old" serial 3\) expired at 20\d\d-/);
    });

    it('a certificate of tomorrow', async () => {
      const result = await unconnected({ identityFile: await certified('early', { validity: '+1d:+2d' }) });
      expect(result.failure?.code).toBe('certificate-not-yet-valid');
    });

    it('judged by the clock of the run', async () => {
      const key = await certified('later', { validity: '-1m:+1h' });
      const result = await unconnected({ identityFile: key, now: () => Date.now() + 2 * 3_600_000 });
      expect(result.failure?.code).toBe('certificate-expired');
    });

    it('a certificate for another key', async () => {
      const key = await makeKey(file('mine'));
      const other = await certified('theirs');
      const result = await unconnected({}, { identityFile: key, certificateFile: `${other}-cert.pub` });
      expect(result.failure).toMatchObject({
        code: 'identity-unusable',
        detail: expect.stringContaining('for another key'),
      });
    });

    it('a host certificate', async () => {
      const result = await unconnected({ identityFile: await certified('hostish', { host: true }) });
      expect(result.failure).toMatchObject({
        code: 'identity-unusable',
        detail: expect.stringContaining('host certificate'),
      });
    });

    it.each([
      ['a missing file', 'nowhere', 'no such file'],
      ['a file of something else', 'nonsense', 'neither a private nor a public key'],
      ['a directory', '.', 'not a regular file'],
      ['a broken key', 'broken', 'no private key'],
      ['a public key alone', 'half.pub', 'only its public half'],
      ['a key others can read', 'open', '0644'],
    ])('%s', async (_what, name, why) => {
      writeFileSync(file('nonsense'), 'hello\n');
      writeFileSync(
        file('broken'),
        '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
        { mode: 0o600 },
      );
      writeFileSync(file('half.pub'), `${publicKey(file('ca'))}\n`);
      copyFileSync(file('ca'), file('open'));
      chmodSync(file('open'), 0o644);
      const result = await unconnected({ identityFile: file(name) });
      expect(result.failure?.code).toBe('identity-unusable');
      expect(result.failure?.detail).toContain(why);
    });

    it('a missing certificate file', async () => {
      const result = await unconnected({ certificateFile: file('none-cert.pub') });
      expect(result.failure).toMatchObject({
        code: 'identity-unusable',
        detail: expect.stringContaining('no such file'),
      });
    });

    it('an encrypted key', async () => {
      const result = await unconnected({ identityFile: await makeKey(file('locked'), 'ed25519', 'secret') });
      expect(result.failure).toMatchObject({
        code: 'identity-encrypted',
        hint: expect.stringContaining('ssh-add'),
      });
    });

    it('no agent, an empty agent, no identity at all', async () => {
      expect((await unconnected({ agentSocket: file('no.sock') })).failure?.code).toBe('agent-unavailable');
      const agent = await startAgent(directory);
      expect((await unconnected({ agentSocket: agent.socket })).failure?.code).toBe('agent-empty');
      agent.stop();
      expect((await unconnected({})).failure?.code).toBe('identity-unusable');
    });

    it('only an expired certificate in the agent', async () => {
      const agent = await startAgent(directory);
      const key = await certified('stale', { validity: '-2d:-1d' });
      await agent.add(key);
      const transport = transportIn(directory, { agentSocket: agent.socket });
      const plan = await transport.plan(hostAt(server));
      const result = await transport.run(request(hostAt(server)));
      await transport.close();
      agent.stop();
      // The plain key beside it is still offered, and the certificate's fate is told.
      expect(plan.identities).toEqual([expect.stringContaining('key ssh-ed25519')]);
      expect(result.failure).toMatchObject({
        code: 'login-refused',
        detail: expect.stringContaining('expired at'),
      });
    });
  });

  it('an encrypted key signs through the agent that holds it', async () => {
    const key = await makeKey(file('locked2'), 'ed25519', '');
    await signKey(file('ca'), key, { id: 'via-agent' });
    const agent = await startAgent(directory);
    await agent.add(key);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'secret', '-f', key], { stdio: 'ignore' });
    const result = await login({ identityFile: key, agentSocket: agent.socket });
    agent.stop();
    expect(result.failure).toBeUndefined();
    expect(result.connection?.authenticatedBy).toContain('ID "via-agent"');
  });

  describe('found by the server', () => {
    it('a principal that is not listed', async () => {
      const key = await certified('stranger', { principals: ['somebody'], id: 'atm-x', serial: 9 });
      const result = await login({ identityFile: key });
      expect(result.failure).toMatchObject({ code: 'login-refused', phase: 'login' });
      expect(result.failure?.detail).toContain(
        `certificate ssh-ed25519 ${await keyFingerprint(key)} ID "atm-x" (serial 9)`,
      );
      expect(result.failure?.detail).toContain('it takes: publickey');
      expect(result.failure?.hint).toContain('"somebody"');
      expect(result.failure?.hint).toContain(await keyFingerprint(file('ca')));
      expect(result.connection?.hostKey?.verifiedBy).toContain('known_hosts');
    });

    it('a CA that is not trusted', async () => {
      const key = await certified('foreign', {}, 'other_ca');
      const result = await login({ identityFile: key });
      expect(result.failure?.code).toBe('login-refused');
      expect(result.failure?.hint).toContain(await keyFingerprint(file('other_ca')));
    });

    it('an unknown plain key, once and never again', async () => {
      const before = server.log().length;
      const key = await makeKey(file('unknown'));
      const result = await login({ identityFile: key }, {}, server, { retries: 3 });
      expect(result.failure?.code).toBe('login-refused');
      expect(result.failure?.attempts).toBeUndefined();
      expect(
        server
          .log()
          .slice(before)
          .match(/Connection from/g),
      ).toHaveLength(1);
    });

    it('a key that is not enough', async () => {
      const key = await makeKey(file('first_factor'));
      const two = await startSshd({
        authorizedKeys: { root: [publicKey(key)] },
        config: [
          'PasswordAuthentication yes',
          'PermitRootLogin yes',
          'AuthenticationMethods publickey,password',
        ],
      });
      const result = await login(
        { identityFile: key },
        { hostKeys: [publicKey(two.hostKeys[0] ?? '')] },
        two,
      );
      await two.stop();
      expect(result.failure?.code).toBe('login-refused');
      expect(result.failure?.detail).toContain('wants more than that: password');
    });

    it('too many identities', async () => {
      const agent = await startAgent(directory);
      for (let index = 0; index < 4; index += 1) await agent.add(await makeKey(file(`many${String(index)}`)));
      const strict = await startSshd({ authorizedKeys: { root: [] }, config: ['MaxAuthTries 2'] });
      const result = await login(
        { agentSocket: agent.socket },
        { hostKeys: [publicKey(strict.hostKeys[0] ?? '')] },
        strict,
      );
      agent.stop();
      await strict.stop();
      expect(result.failure).toMatchObject({
        code: 'login-refused',
        hint: expect.stringContaining('MaxAuthTries'),
      });
    });

    it('an agent that dies before it signs', async () => {
      const agent = await startAgent(directory);
      const key = await certified('orphan');
      await agent.add(key);
      const transport = transportIn(directory, { agentSocket: agent.socket });
      await transport.plan(hostAt(server));
      agent.stop();
      await new Promise((resolve) => setTimeout(resolve, 100));
      const result = await transport.run(request(hostAt(server)));
      await transport.close();
      expect(result.failure).toMatchObject({ code: 'agent-unavailable', phase: 'login' });
    });
  });

  describe('servers of our own making', () => {
    const serve = async (
      onAuth: (context: ssh2.AuthContext) => void,
    ): Promise<{ at: { address: string; port: number }; pin: string; stop: () => void }> => {
      const hostKey = await makeKey(file(`host${String(Math.random()).slice(2)}`));
      const fake = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client) => {
        client.on('error', () => undefined);
        client.on('authentication', onAuth);
      });
      await new Promise<void>((resolve) => fake.listen(0, '127.0.0.1', resolve));
      return {
        at: { address: '127.0.0.1', port: (fake.address() as { port: number }).port },
        pin: publicKey(hostKey),
        stop: () => fake.close(),
      };
    };

    it('never decides about the login', async () => {
      const fake = await serve(() => undefined);
      const result = await login(
        { identityFile: await makeKey(file('stall')) },
        { hostKeys: [fake.pin] },
        fake.at,
        { loginMs: 300 },
      );
      fake.stop();
      expect(result.failure).toMatchObject({ code: 'login-timeout', phase: 'login' });
      expect(result.connection?.hostKey?.verifiedBy).toBe('inventory');
    });

    it('takes no public keys', async () => {
      const fake = await serve((context) => context.reject(['password']));
      const result = await login(
        { identityFile: await makeKey(file('pk')) },
        { hostKeys: [fake.pin] },
        fake.at,
      );
      fake.stop();
      expect(result.failure).toMatchObject({
        code: 'login-refused',
        hint: expect.stringContaining('Public keys are not accepted'),
      });
    });

    it('asks for the same signature for ever', async () => {
      let asked = 0;
      const fake = await serve((context) => {
        asked += 1;
        // "This key would do", in answer to a request that was signed already.
        (context as unknown as { accept(): void; signature?: unknown }).signature = undefined;
        context.accept();
      });
      const result = await login(
        { identityFile: await makeKey(file('loop')) },
        { hostKeys: [fake.pin] },
        fake.at,
        { loginMs: 1500 },
      );
      fake.stop();
      expect(result.failure?.code).toBe('login-refused');
      expect(asked).toBe(1);
    });
  });

  it('an agent that talks nonsense is no agent', async () => {
    const path = file('nonsense.sock');
    const fake = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => socket.write(Buffer.from([255, 255, 255, 255, 1, 2, 3])));
    });
    await new Promise<void>((resolve) => fake.listen(path, resolve));
    const result = await login({ agentSocket: path });
    fake.close();
    expect(result.failure?.code).toBe('agent-unavailable');
  });
});
