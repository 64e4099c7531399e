/** Host keys and host certificates of a real sshd, against known_hosts and the inventory's pins. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model.js';
import type { RunResult } from '../../../src/transports/transport.js';
import { needs, title } from '../../helpers/needs.js';
import {
  keyFingerprint,
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  startSshd,
  temporaryDirectory,
  type KeyType,
  type Sshd,
  type SshdOptions,
} from '../../helpers/sshd.js';
import { hostAt, request, textOf, transportIn, writeKnownHosts } from './lab.js';

const HOST_TYPES: readonly KeyType[] = ['ed25519', 'ecdsa', 'ecdsa384', 'ecdsa521', 'rsa'];

describe.skipIf(needs.sshd)(title('host keys of a real sshd', needs.sshd), () => {
  let directory: string;
  let user: string;
  const host = {} as Record<KeyType, string>;
  const prints = {} as Record<KeyType, string>;
  let plain: Sshd;
  let name: string;

  const start = (options: SshdOptions): Promise<Sshd> =>
    startSshd({ authorizedKeys: { root: [publicKey(user)] }, ...options });
  const login = async (
    server: { address: string; port: number },
    more: Partial<Host> = {},
    configFile?: string,
  ): Promise<RunResult> => {
    const transport = transportIn(directory, {
      identityFile: user,
      ...(configFile === undefined ? {} : { configFile }),
    });
    const result = await transport.run(request(hostAt(server, more)));
    await transport.close();
    return result;
  };

  beforeAll(async () => {
    directory = temporaryDirectory('hostkey');
    user = await makeKey(join(directory, 'user'));
    await makeKey(join(directory, 'host_ca'));
    await makeKey(join(directory, 'rogue_ca'));
    for (const type of HOST_TYPES) {
      host[type] = await makeKey(join(directory, `host_${type}`), type);
      prints[type] = await keyFingerprint(host[type]);
    }
    plain = await start({ hostKeys: [host.ed25519, host.ecdsa, host.rsa] });
    name = `[127.0.0.1]:${String(plain.port)}`;
  });
  afterAll(async () => {
    await plain.stop();
    removeDirectory(directory);
  });
  beforeEach(() => writeKnownHosts(directory, ''));

  it.each(['ed25519', 'ecdsa', 'rsa'] as const)(
    'asks for the kind of key that is known: %s',
    async (type) => {
      const file = writeKnownHosts(directory, `# first line\n${name} ${publicKey(host[type])}\n`);
      const result = await login(plain);
      expect(result.failure).toBeUndefined();
      expect(result.connection?.hostKey).toEqual({
        type: publicKey(host[type]).split(' ')[0],
        fingerprint: prints[type],
        verifiedBy: `known_hosts ${file}:2`,
      });
    },
  );

  it('learns the kind of key from hashed lines', async () => {
    const file = writeKnownHosts(directory, `${name} ${publicKey(host.rsa)}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const result = await login(plain);
    expect(result.failure).toBeUndefined();
    expect(result.connection?.hostKey?.fingerprint).toBe(prints.rsa);
  });

  it('accepts a line without port for another port, as ssh does', async () => {
    writeKnownHosts(directory, `127.0.0.1 ${publicKey(host.ed25519)}\n`);
    expect((await login(plain)).failure).toBeUndefined();
  });

  it('refuses an unknown host and says how to add it', async () => {
    const result = await login(plain);
    expect(result.failure).toMatchObject({ code: 'host-key-unknown', phase: 'handshake' });
    expect(result.failure?.detail).toContain(prints.ed25519);
    expect(result.failure?.hint).toContain('ssh-keyscan');
    expect(result.connection?.hostKey).toBeUndefined();
  });

  it('refuses a changed key and names both', async () => {
    const file = writeKnownHosts(directory, `\n${name} ${publicKey(user)}\n`);
    const result = await login(plain);
    expect(result.failure?.code).toBe('host-key-mismatch');
    expect(result.failure?.detail).toContain(prints.ed25519);
    expect(result.failure?.detail).toContain(await keyFingerprint(user));
    expect(result.failure?.detail).toContain(`${file}:2`);
  });

  it('refuses a changed key in hashed lines too', async () => {
    const file = writeKnownHosts(directory, `${name} ${publicKey(user)}\n`);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    const result = await login(plain);
    expect(result.failure?.code).toBe('host-key-mismatch');
    expect(result.failure?.detail).toContain(`${file}:1`);
  });

  it('refuses a host that has lost the only key known of it', async () => {
    writeKnownHosts(directory, `${name} ${publicKey(host.ecdsa384)}\n`);
    const result = await login(plain);
    expect(result.failure?.code).toBe('host-key-unknown');
    expect(result.failure?.detail).toContain(prints.ecdsa384);
  });

  it('refuses a revoked key though it is also listed', async () => {
    writeKnownHosts(directory, `${name} ${publicKey(host.ed25519)}\n@revoked * ${publicKey(host.ed25519)}\n`);
    expect((await login(plain)).failure?.code).toBe('host-key-revoked');
  });

  it('looks up HostKeyAlias instead of name and port', async () => {
    writeKnownHosts(directory, `db.internal ${publicKey(host.ed25519)}\n`);
    const config = join(directory, 'config_alias');
    writeFileSync(config, 'HostKeyAlias db.internal\n');
    const result = await login(plain, {}, config);
    expect(result.failure).toBeUndefined();
  });

  describe('pins in the inventory', () => {
    it.each(['ed25519', 'ecdsa', 'rsa'] as const)('by fingerprint: %s', async (type) => {
      const result = await login(plain, { hostKeys: [prints[type]] });
      expect(result.failure).toBeUndefined();
      expect(result.connection?.hostKey).toMatchObject({
        fingerprint: prints[type],
        verifiedBy: 'inventory',
      });
    });

    it('by public key', async () => {
      const result = await login(plain, { hostKeys: [publicKey(host.rsa)] });
      expect(result.connection?.hostKey).toMatchObject({ fingerprint: prints.rsa, verifiedBy: 'inventory' });
    });

    it('refuse every other key, though known_hosts has it', async () => {
      writeKnownHosts(directory, `${name} ${publicKey(host.ed25519)}\n`);
      const result = await login(plain, { hostKeys: [prints.ecdsa384] });
      expect(result.failure?.code).toBe('host-key-mismatch');
      expect(result.failure?.detail).toContain(prints.ed25519);
      expect(result.failure?.detail).toContain(prints.ecdsa384);
    });
  });

  describe('host certificates', () => {
    /** A server that offers its certificate; the plain key is there too. */
    const certified = async (
      type: KeyType,
      ca: string,
      options: Parameters<typeof signKey>[2] = {},
    ): Promise<Sshd> => {
      const key = join(directory, `cert_${type}_${String(Math.random()).slice(2)}`);
      copyFileSync(host[type], key);
      copyFileSync(`${host[type]}.pub`, `${key}.pub`);
      execFileSync('chmod', ['600', key]);
      const certificate = await signKey(join(directory, ca), key, {
        host: true,
        id: `host-${type}`,
        principals: ['127.0.0.1'],
        ...options,
      });
      return start({ hostKeys: [key], config: [`HostCertificate ${certificate}`] });
    };
    const trustCa = (pattern = '*'): string =>
      writeKnownHosts(directory, `@cert-authority ${pattern} ${publicKey(join(directory, 'host_ca'))}\n`);

    it.each(HOST_TYPES)('are accepted when the CA is trusted: %s', async (type) => {
      const server = await certified(type, 'host_ca');
      const file = trustCa(`[127.0.0.1]:${String(server.port)}`);
      const result = await login(server);
      await server.stop();
      expect(result.failure).toBeUndefined();
      expect(textOf(result)).toBe('hello\n');
      expect(result.connection?.hostKey).toMatchObject({
        fingerprint: prints[type],
        verifiedBy: `@cert-authority ${file}:1`,
      });
      expect(result.connection?.hostKey?.type).toContain('-cert-v01@openssh.com');
    });

    it('survive re-keying', async () => {
      const server = await certified('ed25519', 'host_ca');
      await server.stop();
      const key = server.hostKeys[0] ?? '';
      const rekeying = await start({
        hostKeys: [key],
        config: [`HostCertificate ${key}-cert.pub`, 'RekeyLimit 64K'],
      });
      trustCa();
      const transport = transportIn(directory, { identityFile: user });
      const result = await transport.run(request(hostAt(rekeying), { stdin: 'head -c 1000000 /dev/zero\n' }));
      await transport.close();
      await rekeying.stop();
      expect(result.failure).toBeUndefined();
      expect(result.stdout.length).toBe(1_000_000);
    });

    it.each([
      ['of another CA', 'rogue_ca', {}, 'no @cert-authority line'],
      ['for another name', 'host_ca', { principals: ['db.example'] }, 'not among its names'],
      ['that expired', 'host_ca', { validity: '-2d:-1d' }, 'expired'],
      ['not valid yet', 'host_ca', { validity: '+1d:+2d' }, 'not valid yet'],
    ] as const)('%s are refused', async (_what, ca, options, why) => {
      const server = await certified('ed25519', ca, options);
      trustCa();
      const result = await login(server);
      await server.stop();
      expect(result.failure?.code).toBe('host-certificate-invalid');
      expect(result.failure?.detail).toContain(why);
    });

    it('fall back on the plain key when known_hosts has it', async () => {
      const server = await certified('ed25519', 'host_ca', { validity: '-2d:-1d' });
      const ca = publicKey(join(directory, 'host_ca'));
      const file = writeKnownHosts(
        directory,
        `@cert-authority * ${ca}\n[127.0.0.1]:${String(server.port)} ${publicKey(host.ed25519)}\n`,
      );
      const result = await login(server);
      await server.stop();
      expect(result.failure).toBeUndefined();
      expect(result.connection?.hostKey?.verifiedBy).toBe(`known_hosts ${file}:2`);
    });

    it('of a revoked CA are refused', async () => {
      const server = await certified('ed25519', 'host_ca');
      const ca = publicKey(join(directory, 'host_ca'));
      writeKnownHosts(directory, `@cert-authority * ${ca}\n@revoked * ${ca}\n`);
      const result = await login(server);
      await server.stop();
      expect(result.failure?.code).toBe('host-key-revoked');
    });

    /** A server that shows the certificate of one key and signs with another. */
    const impostor = async (certificate: Buffer, signer: string): Promise<ssh2.Server> => {
      const key = ssh2.utils.parseKey(readFileSync(signer));
      if (key instanceof Error) throw key;
      let exchange: { negotiated: { serverHostKey: string } } | undefined;
      const shown = Object.assign(Object.create(key) as ssh2.ParsedKey, {
        type: 'ssh-ed25519-cert-v01@openssh.com',
        getPublicSSH: () => certificate,
        sign: (data: Buffer) => {
          // ssh2's server would name the certificate's type as the signature's algorithm.
          if (exchange) exchange.negotiated.serverHostKey = 'ssh-ed25519';
          return key.sign(data);
        },
      });
      const server = new ssh2.Server({ hostKeys: [{ key: shown as never }] }, (client) => {
        const protocol = (client as unknown as { _protocol: object })._protocol;
        let kex: typeof exchange;
        Object.defineProperty(protocol, '_kex', {
          get: () => kex,
          set: (next: typeof kex) => {
            kex = next;
            exchange = next;
          },
        });
        client.on('error', () => undefined);
        client.on('authentication', (context) => context.reject(['publickey']));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    };

    it.each([
      ['a stolen certificate is worth nothing without its key', 'user', 'handshake-failed'],
      ['the same server with the right key gets as far as the login', 'host_ed25519', 'login-refused'],
    ])('%s', async (_what, signer, code) => {
      const key = join(directory, 'stolen');
      for (const suffix of ['', '.pub']) copyFileSync(`${host.ed25519}${suffix}`, `${key}${suffix}`);
      const file = await signKey(join(directory, 'host_ca'), key, { host: true, principals: ['127.0.0.1'] });
      trustCa();
      const server = await impostor(
        Buffer.from(readFileSync(file, 'utf8').split(' ')[1] ?? '', 'base64'),
        join(directory, signer),
      );
      const { port } = server.address() as { port: number };
      const result = await login({ address: '127.0.0.1', port });
      server.close();
      expect(result.failure?.code).toBe(code);
      expect(result.failure?.detail.includes('signature verification failed')).toBe(
        code === 'handshake-failed',
      );
      expect(result.connection?.hostKey === undefined).toBe(code === 'handshake-failed');
    });
  });
});
