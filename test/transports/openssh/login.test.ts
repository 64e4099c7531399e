/** The system's ssh against real servers: what it can do that ssh2 cannot, host keys, bastions, ProxyCommand. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model.js';
import { createTransport, type SshSettings } from '../../../src/transports/index.js';
import type { Limits, RunResult, Transport } from '../../../src/transports/transport.js';
import { needs, title } from '../../helpers/needs.js';
import {
  freePort,
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
import { hostAt, request, scriptedServer, textOf, writeKnownHosts } from '../ssh/lab.js';

const need = needs.ssh ?? needs.sshd;

describe.skipIf(need)(title('the openssh transport', need), () => {
  let directory: string;
  let user: string;
  let target: Sshd;
  let bastion: Sshd;
  let inner: Sshd;
  const made: Transport[] = [];
  const file = (name: string): string => join(directory, name);
  const trusted = (): Parameters<typeof startSshd>[0] => ({
    cas: [publicKey(file('ca'))],
    principals: { root: ['tester'] },
  });
  const settings = (more: Partial<SshSettings> = {}): SshSettings => ({
    configFile: 'none',
    home: directory,
    knownHostsFiles: [file('known_hosts')],
    localUser: 'root',
    identityFile: user,
    now: Date.now,
    ...more,
  });
  const open = (name: 'ssh' | 'openssh' | 'auto', more: Partial<SshSettings> = {}): Transport => {
    const transport = createTransport(name, settings(more));
    made.push(transport);
    return transport;
  };
  const run = (
    host: Host,
    more: Partial<SshSettings> = {},
    limits: Partial<Limits> = {},
  ): Promise<RunResult> => open('openssh', more).run(request(host, { limits }));
  const known = (...servers: readonly Sshd[]): string =>
    writeKnownHosts(directory, servers.map((server) => server.knownHosts()).join(''));

  beforeAll(async () => {
    directory = temporaryDirectory('openssh');
    user = file('user');
    await Promise.all([makeKey(file('ca')), makeKey(user), makeKey(file('host_ca'))]);
    await signKey(file('ca'), user, { id: 'atm-openssh', serial: 7 });
    const [ed25519, rsa] = await Promise.all([makeKey(file('h_ed25519')), makeKey(file('h_rsa'), 'rsa')]);
    writeFileSync(file('banner'), 'Authorized use only.\nAuthenticated to nobody.\n');
    [target, bastion, inner] = await Promise.all([
      startSshd({ ...trusted(), hostKeys: [ed25519, rsa], config: [`Banner ${file('banner')}`] }),
      startSshd({ ...trusted(), address: '127.0.1.1' }),
      startSshd({ ...trusted(), address: '127.0.1.2' }),
    ]);
    known(target, bastion, inner);
  });
  afterEach(async () => {
    await Promise.all(made.splice(0).map((transport) => transport.close()));
    known(target, bastion, inner);
  });
  afterAll(async () => {
    await Promise.all([target, bastion, inner].map((server) => server.stop()));
    removeDirectory(directory);
  });

  describe('what ssh2 cannot do', () => {
    let modern: Sshd;
    beforeAll(async () => {
      modern = await startSshd({
        ...trusted(),
        config: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'],
      });
    });
    afterAll(() => modern.stop());

    it('post-quantum key exchange: ssh2 names the way, openssh and auto go it', async () => {
      known(modern);
      const failed = await open('ssh').run(request(hostAt(modern)));
      expect(failed.failure).toMatchObject({
        code: 'handshake-failed',
        hint: expect.stringContaining('transport: openssh'),
      });
      for (const name of ['openssh', 'auto'] as const) {
        const result = await open(name).run(request(hostAt(modern)));
        expect(result.failure).toBeUndefined();
        expect(textOf(result)).toBe('hello\n');
        expect(result.connection?.transport).toBe('openssh');
        expect(result.handshake?.kexInit?.kex).toContain('sntrup761x25519-sha512');
      }
    });

    it('auto leaves alone what ssh2 can do, refused logins and wrong host keys', async () => {
      const auto = open('auto');
      expect((await auto.run(request(hostAt(target)))).connection?.transport).toBe('ssh');
      const stranger = await makeKey(file(`stranger${String(Math.random()).slice(2)}`));
      const refused = await open('auto', { identityFile: stranger }).run(request(hostAt(target)));
      expect(refused).toMatchObject({ failure: { code: 'login-refused' }, connection: { transport: 'ssh' } });
      const pinned = hostAt(target, { hostKeys: [`SHA256:${'a'.repeat(43)}`] });
      expect(await auto.run(request(pinned))).toMatchObject({
        failure: { code: 'host-key-mismatch' },
        connection: { transport: 'ssh' },
      });
    });

    it('auto tells both failures', async () => {
      known(target);
      const result = await open('auto').run(request(hostAt(modern)));
      expect(result.failure?.code).toBe('host-key-unknown');
      expect(result.failure?.detail).toContain('after ssh2 failed');
    });
  });

  it('proves the login: host key, certificate, versions; a banner is not the command’s', async () => {
    const result = await run(hostAt(target));
    expect(result.failure).toBeUndefined();
    expect(Buffer.from(result.stderr).toString()).toBe('oops\n');
    expect(result.connection).toMatchObject({
      transport: 'openssh',
      address: '127.0.0.1',
      port: target.port,
      user: 'root',
      hostKey: {
        type: 'ssh-ed25519',
        fingerprint: await keyFingerprint(file('h_ed25519')),
        verifiedBy: `known_hosts ${file('known_hosts')}:1`,
      },
      serverVersion: expect.stringMatching(/^SSH-2\.0-OpenSSH_/),
      timings: { connect: expect.any(Number), login: expect.any(Number), done: expect.any(Number) },
    });
    expect(result.connection?.authenticatedBy).toContain('publickey certificate ssh-ed25519');
    expect(result.connection?.authenticatedBy).toContain('ID "atm-openssh" (serial 7)');
    expect(target.log()).toMatch(/Accepted publickey for root .* ID atm-openssh/);
  });

  it('offers the certificate before the plain key', async () => {
    const both = await startSshd({ ...trusted(), authorizedKeys: { root: [publicKey(user)] } });
    known(both);
    const result = await run(hostAt(both));
    const log = both.log();
    await both.stop();
    expect(result.connection?.authenticatedBy).toContain('certificate');
    expect(log).toContain('Accepted publickey');
    expect(log).not.toContain('Failed publickey');
  });

  it('tells the certificate in the same words as ssh2', async () => {
    const [one, other] = await Promise.all([run(hostAt(target)), open('ssh').run(request(hostAt(target)))]);
    expect(one.connection?.authenticatedBy).toBe(other.connection?.authenticatedBy);
    expect(one.connection?.hostKey).toEqual(other.connection?.hostKey);
    expect(one.connection?.serverVersion).toBe(other.connection?.serverVersion);
    const effective = execFileSync('/usr/sbin/sshd', ['-T', '-f', target.configFile], { encoding: 'utf8' });
    const printed = (keyword: string) => new RegExp(`^${keyword} (.*)$`, 'm').exec(effective)?.[1];
    expect(one.handshake?.kexInit).toMatchObject({
      ciphersToServer: printed('ciphers'),
      ciphersToClient: printed('ciphers'),
      macsToServer: printed('macs'),
      macsToClient: printed('macs'),
    });
    expect(one.handshake?.kexInit).toEqual(other.handshake?.kexInit);
  });

  it('a key in an agent, and none at all', async () => {
    const agent = await startAgent(directory);
    await agent.add(user);
    const { identityFile: _identity, ...rest } = settings({ agentSocket: agent.socket });
    const transport = createTransport('openssh', rest);
    made.push(transport);
    const result = await transport.run(request(hostAt(target)));
    agent.stop();
    expect(result.failure).toBeUndefined();
    expect(result.connection?.authenticatedBy).toContain('from agent');
  });

  it('a refused login says what else is wrong', async () => {
    const late = await makeKey(file('late'));
    await signKey(file('ca'), late, { validity: '-2h:-1h' });
    expect((await run(hostAt(target), { identityFile: late })).failure).toMatchObject({
      code: 'certificate-expired',
    });
    const locked = await makeKey(file('locked'), 'ed25519', 'a passphrase');
    expect((await run(hostAt(target), { identityFile: locked })).failure?.code).toBe('identity-encrypted');
    const stranger = await makeKey(file('stranger'));
    expect((await run(hostAt(target), { identityFile: stranger })).failure).toMatchObject({
      code: 'login-refused',
      phase: 'login',
      detail: expect.stringContaining('publickey'),
    });
  });

  describe('host keys', () => {
    const code = async (host: Host, more: Partial<SshSettings> = {}): Promise<string | undefined> =>
      (await run(host, more)).failure?.code;

    it('unknown, changed, revoked', async () => {
      writeKnownHosts(directory, '');
      const unknown = await run(hostAt(target));
      expect(unknown.failure).toMatchObject({
        code: 'host-key-unknown',
        phase: 'handshake',
        detail: expect.stringContaining(await keyFingerprint(file('h_ed25519'))),
        hint: expect.stringContaining('ssh-keyscan'),
      });
      expect(unknown.stdout).toHaveLength(0);
      expect(unknown.connection?.hostKey).toBeUndefined();
      writeKnownHosts(directory, `[127.0.0.1]:${String(target.port)} ${publicKey(user)}\n`);
      expect(await code(hostAt(target))).toBe('host-key-mismatch');
      const known1 = target.knownHosts().split('\n')[0] ?? '';
      writeKnownHosts(directory, `${known1}\n@revoked * ${publicKey(file('h_ed25519'))}\n`);
      expect(await code(hostAt(target))).toBe('host-key-revoked');
      expect(readFileSync(file('known_hosts'), 'utf8')).not.toContain('\n\n');
    });

    it('pinned: key, fingerprint, fingerprint of the second key, wrong, revoked', async () => {
      writeKnownHosts(directory, '');
      const pin = (...hostKeys: readonly string[]): Host => hostAt(target, { hostKeys });
      const second = await keyFingerprint(file('h_rsa'));
      for (const host of [
        pin(publicKey(file('h_ed25519'))),
        pin(await keyFingerprint(file('h_ed25519'))),
        pin(`SHA256:${'a'.repeat(43)}`, publicKey(file('h_ed25519'))),
      ])
        expect((await run(host)).connection?.hostKey).toMatchObject({
          type: 'ssh-ed25519',
          verifiedBy: 'inventory',
        });
      expect((await run(pin(second))).connection?.hostKey).toMatchObject({
        type: 'ssh-rsa',
        fingerprint: second,
        verifiedBy: 'inventory',
      });
      const wrong = await run(pin(`SHA256:${'a'.repeat(43)}`));
      expect(wrong.failure).toMatchObject({
        code: 'host-key-mismatch',
        detail: expect.stringContaining(await keyFingerprint(file('h_ed25519'))),
      });
      expect(await code(pin(publicKey(user)))).toBe('host-key-mismatch');
      writeKnownHosts(directory, `@revoked * ${publicKey(file('h_ed25519'))}\n`);
      expect(await code(pin(publicKey(file('h_ed25519'))))).toBe('host-key-revoked');
    });

    it('a host certificate, for the right name and a wrong one', async () => {
      const key = await makeKey(file('h_certified'));
      await signKey(file('host_ca'), key, { host: true, id: 'host one', principals: ['127.0.0.1'] });
      const certified = await startSshd({
        ...trusted(),
        hostKeys: [key],
        config: [`HostCertificate ${key}-cert.pub`],
      });
      writeKnownHosts(directory, `@cert-authority * ${publicKey(file('host_ca'))}\n`);
      const good = await run(hostAt(certified));
      expect(good.failure).toBeUndefined();
      expect(good.connection?.hostKey).toMatchObject({
        type: 'ssh-ed25519-cert-v01@openssh.com',
        verifiedBy: `@cert-authority ${file('known_hosts')}:1`,
      });
      const config = file('alias_config');
      writeFileSync(config, `Host other\n  HostName 127.0.0.1\n  HostKeyAlias other.example\n`);
      expect(await code(hostAt(certified, { address: 'other' }), { configFile: config })).toBe(
        'host-certificate-invalid',
      );
      await certified.stop();
    });

    it('localhost is no exception, whatever ssh_config says', async () => {
      writeKnownHosts(directory, '');
      const config = file('lax_config');
      writeFileSync(
        config,
        'Host *\n  NoHostAuthenticationForLocalhost yes\n  StrictHostKeyChecking no\n  VerifyHostKeyDNS yes\n  UserKnownHostsFile /dev/null\n',
      );
      expect(await code(hostAt(target), { configFile: config })).toBe('host-key-unknown');
      expect(readFileSync(file('known_hosts'), 'utf8')).toBe('');
    });
  });

  describe('bastions', () => {
    const through = (more: Partial<Host> = {}): Host =>
      hostAt(target, { jump: [`root@127.0.1.1:${String(bastion.port)}`], ...more });
    const logins = (server: Sshd): number => server.log().match(/Accepted publickey/g)?.length ?? 0;

    it('two hops, one login on each for many targets', async () => {
      const host = through({
        jump: [`root@127.0.1.1:${String(bastion.port)}`, `root@127.0.1.2:${String(inner.port)}`],
      });
      const before = [logins(bastion), logins(inner)];
      const transport = open('openssh');
      const results = await Promise.all(Array.from({ length: 5 }, () => transport.run(request(host))));
      for (const result of results) {
        expect(result.failure).toBeUndefined();
        expect(textOf(result)).toBe('hello\n');
        expect(result.connection?.route).toEqual([
          `root@127.0.1.1:${String(bastion.port)}`,
          `root@127.0.1.2:${String(inner.port)}`,
        ]);
        expect(result.connection?.hostKey?.fingerprint).toBe(await keyFingerprint(file('h_ed25519')));
      }
      expect([logins(bastion), logins(inner)]).toEqual(before.map((count) => count + 1));
      expect(target.log()).toContain('Connection from 127.0.0.1');
    });

    it('from ssh_config’s ProxyJump', async () => {
      const config = file('jump_config');
      writeFileSync(
        config,
        `Host b1\n  HostName 127.0.1.1\n  Port ${String(bastion.port)}\n  User root\nHost 127.0.0.1\n  ProxyJump b1\n`,
      );
      const result = await run(hostAt(target), { configFile: config });
      expect(result.failure).toBeUndefined();
      expect(result.connection?.route).toEqual([`root@127.0.1.1:${String(bastion.port)}`]);
    });

    it('one whose host key is unknown stops everything behind it', async () => {
      known(target);
      const result = await run(through());
      expect(result.failure).toMatchObject({
        code: 'jump-failed',
        detail: expect.stringContaining('host-key-unknown'),
        hint: expect.stringContaining('ssh-keyscan'),
      });
    });

    it('tells what the bastion says of a target', async () => {
      const gone = through({ port: await freePort() });
      expect((await run(gone)).failure).toMatchObject({
        code: 'connect-refused',
        detail: expect.stringContaining('the bastion says'),
      });
      const closed = await startSshd({
        ...trusted(),
        address: '127.0.1.4',
        config: ['AllowTcpForwarding no'],
      });
      known(target, closed);
      const result = await run(through({ jump: [`root@127.0.1.4:${String(closed.port)}`] }));
      await closed.stop();
      expect(result.failure).toMatchObject({
        code: 'jump-failed',
        hint: expect.stringContaining('AllowTcpForwarding'),
      });
    });

    it('a lost one is connected anew', async () => {
      const transport = open('openssh');
      expect((await transport.run(request(through()))).failure).toBeUndefined();
      bastion.dropConnections();
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect((await transport.run(request(through()))).failure).toBeUndefined();
    });

    it('one lost in the middle is a lost connection', async () => {
      const begun = file('begun');
      const running = open('openssh').run(
        request(through(), { stdin: `echo x; touch '${begun}'; sleep 30\n`, limits: { idleMs: 20_000 } }),
      );
      await expect.poll(() => existsSync(begun), { timeout: 15_000 }).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 500));
      bastion.dropConnections();
      const result = await running;
      expect(result.failure?.code).toBe('connection-lost');
      expect(textOf(result)).toBe('x\n');
      target.dropConnections();
    });
  });

  describe('ProxyCommand of the inventory', () => {
    it.each(['ssh', 'openssh'] as const)('%s: with its tokens, and ended afterwards', async (name) => {
      const script = file(`proxy-${name}.cjs`);
      const seen = file(`proxy-${name}.seen`);
      writeFileSync(
        script,
        `require('node:fs').writeFileSync(${JSON.stringify(seen)}, process.argv.slice(2).join(' '));
         const s = require('node:net').connect(+process.argv[3], process.argv[2]);
         process.stdin.pipe(s); s.pipe(process.stdout); setInterval(() => {}, 1000);`,
      );
      const proxyCommand = `${process.execPath} ${script} %h %p %r %n 100%%`;
      const result = await open(name).run(request(hostAt(target, { proxyCommand })));
      expect(result.failure).toBeUndefined();
      expect(textOf(result)).toBe('hello\n');
      expect(readFileSync(seen, 'utf8')).toBe(`127.0.0.1 ${String(target.port)} root 127.0.0.1 100%`);
    });

    it.each(['ssh', 'openssh'] as const)('%s: wins over ssh_config, none means none', async (name) => {
      const config = file('proxy_config');
      writeFileSync(config, 'Host *\n  ProxyCommand sh -c "echo from the config >&2; exit 1"\n');
      const transport = open(name, { configFile: config });
      const failed = await transport.run(request(hostAt(target)));
      expect(failed.failure?.detail).toContain('from the config');
      const own = await transport.run(
        request(hostAt(target, { proxyCommand: "sh -c 'echo from the inventory >&2; exit 1'" })),
      );
      expect(own.failure?.detail).toContain('from the inventory');
      const direct = await transport.run(request(hostAt(target, { proxyCommand: 'none' })));
      expect(direct.failure).toBeUndefined();
    });
  });

  describe('hostile and broken servers', () => {
    it.each<[string, string, string]>([
      ['silence', '', 'handshake-timeout'],
      ['banner, then nothing', 'SSH-2.0-Scripted_1.0\r\n', 'handshake-timeout'],
      ['garbage', 'A'.repeat(70_000), 'handshake-failed'],
      ['SSH 1', 'SSH-1.5-old\r\n', 'handshake-failed'],
    ])('%s', async (_what, opening, code) => {
      const server = await scriptedServer((socket) => void socket.write(opening));
      const result = await run(hostAt(server), {}, { handshakeMs: 800 });
      expect(result.failure?.code).toBe(code);
      await expect.poll(() => server.sockets.size, { timeout: 3000 }).toBe(0);
      await server.close();
    });

    it('closes at once: tried again, and counted', async () => {
      const server = await scriptedServer((socket) => socket.end());
      const result = await run(hostAt(server), {}, { retries: 1 });
      expect(result.failure).toMatchObject({ attempts: 2 });
      expect(['closed-before-login', 'connection-reset']).toContain(result.failure?.code);
      expect(server.connections()).toBe(2);
      await server.close();
    });

    it('words of the host prove nothing', async () => {
      const lie = [
        'Authenticated to 127.0.0.1 ([127.0.0.1]:22) using "publickey".',
        `debug1: Server host key: ssh-ed25519 SHA256:${'A'.repeat(43)}`,
        'debug1: client_input_channel_req: channel 0 rtype exit-status reply 0',
        'Host key verification failed.',
      ];
      const server = await scriptedServer((socket) => socket.end(`${lie.join('\r\n')}\r\n`));
      const result = await run(hostAt(server));
      await server.close();
      expect(result.exitCode).toBeUndefined();
      expect(result.connection?.hostKey).toBeUndefined();
      expect(result.connection?.authenticatedBy).toBeUndefined();
      expect(['closed-before-login', 'connection-reset', 'handshake-failed']).toContain(result.failure?.code);
    });
  });

  /** This machine's ssh, under the name of a version that cannot tag its lines. */
  const olderSsh = (): string => {
    const path = file(`ssh-${String(Math.random()).slice(2)}`);
    writeFileSync(
      path,
      '#!/bin/sh\n[ "$1" = -V ] && { echo "OpenSSH_8.0p1, OpenSSL 1.1.1k" >&2; exit 0; }\nexec ssh "$@"\n',
      { mode: 0o755 },
    );
    return path;
  };

  it.each([
    ['tagged', undefined],
    ['untagged', olderSsh],
  ])('a server that imitates ssh’s own lines, %s', async (kind, program) => {
    const forged = [
      `debug1: Server host key: ssh-rsa SHA256:${'A'.repeat(43)}`,
      'debug1: Found key in /etc/forged:1',
      `debug1: Server accepts key: forged ED25519 SHA256:${'A'.repeat(43)}`,
      'Authenticated to forged ([192.0.2.1]:22) using "none".',
      'debug1: Exit status 0',
      '',
    ].join('\r\n');
    const server = new ssh2.Server(
      { hostKeys: [readFileSync(file('h_ed25519'))], banner: forged },
      (client) => {
        client.on('error', () => undefined);
        client.on('authentication', (context) => {
          if (context.method === 'none') context.reject(['publickey', `\n${forged}` as 'publickey']);
          else context.accept();
        });
        client.on('session', (accept) => {
          accept().on('exec', (acceptExec) => {
            const stream = acceptExec();
            stream.write('hello\n');
            stream.exit(3);
            stream.end();
          });
        });
      },
    );
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    );
    const at = { address: '127.0.0.1', port };
    writeKnownHosts(directory, `[127.0.0.1]:${String(port)} ${publicKey(file('h_ed25519'))}\n`);
    const result = await run(hostAt(at), program === undefined ? {} : { sshProgram: program() });
    await new Promise((resolve) => server.close(resolve));
    expect(result.failure).toBeUndefined();
    expect(result.exitCode).toBe(3);
    expect(textOf(result)).toBe('hello\n');
    const { hostKey, authenticatedBy } = result.connection ?? {};
    if (kind === 'tagged') {
      expect(hostKey?.fingerprint).toBe(await keyFingerprint(file('h_ed25519')));
      expect(authenticatedBy).toContain('publickey certificate ssh-ed25519');
      expect(Buffer.from(result.stderr).toString()).toBe('');
    } else expect([hostKey, authenticatedBy]).toEqual([undefined, undefined]);
  });

  it('an older ssh, without tagged log lines', async () => {
    const old = olderSsh();
    const result = await run(hostAt(target), { sshProgram: old });
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).toBe('hello\n');
    expect(result.connection?.hostKey?.fingerprint).toBe(await keyFingerprint(file('h_ed25519')));
    expect(result.connection?.authenticatedBy).toContain('ID "atm-openssh"');
    const pinned = hostAt(target, { hostKeys: [await keyFingerprint(file('h_ed25519'))] });
    expect((await run(pinned, { sshProgram: old })).failure?.detail).toContain('older than OpenSSH 8.5');
    const whole = hostAt(target, { hostKeys: [publicKey(file('h_ed25519'))] });
    expect((await run(whole, { sshProgram: old })).connection?.hostKey?.verifiedBy).toBe('inventory');
  });

  it('no ssh on this machine', async () => {
    const transport = open('openssh', { sshProgram: '/nonexistent/ssh' });
    expect((await transport.run(request(hostAt(target)))).failure).toMatchObject({
      code: 'local-resources',
      hint: expect.stringContaining('openssh-client'),
    });
    expect((await transport.plan(hostAt(target))).problems.join()).toContain('no OpenSSH client');
  });

  it('file names with blanks and percent signs', async () => {
    const odd = file('odd %h name');
    writeFileSync(odd, target.knownHosts());
    const key = await makeKey(file('key %d é'));
    await signKey(file('ca'), key, { id: 'atm-odd' });
    const result = await run(hostAt(target), { knownHostsFiles: [odd], identityFile: key });
    expect(result.failure).toBeUndefined();
    expect((await run(hostAt(target), { identityFile: file('a"b') })).failure?.code).toBe(
      'identity-unusable',
    );
  });

  it('does not wait for what holds the output open', async () => {
    const result = await open('openssh').run(request(hostAt(target), { stdin: 'sleep 30 & echo done\n' }));
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).toBe('done\n');
    target.dropConnections();
  });

  it('the environment of whoever runs this does not reach the host', async () => {
    const server = await startSshd({ ...trusted(), config: ['AcceptEnv LANG LC_*'] });
    known(server);
    const config = file('env_config');
    writeFileSync(config, 'Host *\n  SendEnv LANG LC_*\n');
    process.env['LC_SSH_SCORECARD_TEST'] = 'leaked';
    const result = await open('openssh', { configFile: config }).run(
      request(hostAt(server), { stdin: 'env\n' }),
    );
    delete process.env['LC_SSH_SCORECARD_TEST'];
    await server.stop();
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).not.toContain('leaked');
  });

  it('a port nobody listens on, and a name nobody knows', async () => {
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const at = free.address();
    await new Promise((resolve) => free.close(resolve));
    const port = typeof at === 'object' && at ? at.port : 0;
    expect((await run(hostAt({ address: '127.0.0.1', port }))).failure?.code).toBe('connect-refused');
    expect((await run(hostAt({ address: 'no-such-host.invalid', port: 22 }))).failure?.code).toBe('dns');
    expect((await run(hostAt({ address: '-oProxyCommand=id', port: 22 }))).failure?.code).toBe('dns');
  });
});

describe.skipIf(need)(title('a program that is stopped at once', need), () => {
  it('leaves no shared connection and no directory behind', async () => {
    const directory = temporaryDirectory('abandoned');
    const user = await makeKey(join(directory, 'user'));
    const server = await startSshd({ authorizedKeys: { root: [publicKey(user)] } });
    writeKnownHosts(directory, server.knownHosts());
    const script = join(directory, 'run.mts');
    const jump = `root@127.0.0.1:${String(server.port)}`;
    writeFileSync(
      script,
      `import { createTransport } from ${JSON.stringify(new URL('../../../src/transports/index.ts', import.meta.url).pathname)};
       import { hostAt, request } from ${JSON.stringify(new URL('../ssh/lab.ts', import.meta.url).pathname)};
       const transport = createTransport('openssh', { configFile: 'none', home: ${JSON.stringify(directory)}, identityFile: ${JSON.stringify(user)},
         knownHostsFiles: [${JSON.stringify(join(directory, 'known_hosts'))}], localUser: 'root', now: Date.now });
       const host = hostAt({ address: '127.0.0.1', port: ${String(server.port)} }, { jump: [${JSON.stringify(jump)}] });
       await transport.run(request(host));
       void transport.run(request(host, { stdin: 'sleep 30' }));
       setTimeout(() => process.exit(0), 1000);`,
    );
    const tsx = new URL('../../../node_modules/.bin/tsx', import.meta.url).pathname;
    execFileSync(tsx, [script], { env: { ...process.env, TMPDIR: directory }, timeout: 40_000 });
    expect(server.log()).toMatch(/Accepted publickey/);
    const left = (): string[] =>
      readdirSync('/proc').filter(
        (pid) => /^\d+$/.test(pid) && commandLine(pid).includes(`${directory}/ssh-scorecard-`),
      );
    await expect.poll(left, { timeout: 5000 }).toEqual([]);
    expect(readdirSync(directory).filter((name) => /^ssh-scorecard-\w{6}$/.test(name))).toEqual([]);
    await server.stop();
    removeDirectory(directory);
  });
});

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It ended in between.
    return '';
  }
}
