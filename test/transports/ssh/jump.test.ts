/** Bastions, ssh_config and ProxyCommand with real sshd's. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '../../../src/model.js';
import { createTransport } from '../../../src/transports/index.js';
import type { RunResult, Transport } from '../../../src/transports/transport.js';
import { needs, title } from '../../helpers/needs.js';
import {
  descendants,
  freePort,
  makeKey,
  publicKey,
  removeDirectory,
  signKey,
  startSshd,
  temporaryDirectory,
  type Sshd,
} from '../../helpers/sshd.js';
import {
  hostAt,
  request,
  scriptedServer,
  SPEAK,
  textOf,
  transportIn,
  trust,
  writeKnownHosts,
} from './lab.js';

const need = needs.sshd ?? needs.ssh;
const connections = (server: Sshd): number => server.log().match(/Connection from/g)?.length ?? 0;

describe.skipIf(need)(title('through bastions', need), () => {
  let directory: string;
  let user: string;
  let bastion: Sshd;
  let inner: Sshd;
  let target: Sshd;
  let hosts: Record<string, Host>;
  let transport: Transport;
  const file = (name: string): string => join(directory, name);
  const open = (more: Parameters<typeof transportIn>[1] = {}): Transport =>
    transportIn(directory, { identityFile: user, bastion: (name) => hosts[name], ...more });
  const once = async (
    host: Host,
    more: Parameters<typeof transportIn>[1] = {},
    limits = {},
  ): Promise<RunResult> => {
    const own = open(more);
    const result = await own.run(request(host, { limits }));
    await own.close();
    return result;
  };

  beforeAll(async () => {
    directory = temporaryDirectory('jump');
    await makeKey(file('ca'));
    user = await makeKey(file('user'));
    await signKey(file('ca'), user, { id: 'atm-jump' });
    const options = { cas: [publicKey(file('ca'))], principals: { root: ['tester'] } };
    [bastion, inner, target] = await Promise.all([
      startSshd({ ...options, address: '127.0.1.1' }),
      startSshd({ ...options, address: '127.0.1.2' }),
      startSshd({ ...options, address: '127.0.1.3' }),
    ]);
    hosts = {
      'bastion-prod': hostAt(bastion, { name: 'bastion-prod' }),
      'bastion-inner': hostAt(inner, { name: 'bastion-inner', jump: ['bastion-prod'] }),
      circle: hostAt(bastion, { name: 'circle', jump: ['circle'] }),
    };
  });
  beforeEach(() => {
    writeKnownHosts(directory, '');
    trust(directory, bastion, inner, target);
    transport = open();
  });
  afterAll(async () => {
    await Promise.all([bastion, inner, target].map((server) => server.stop()));
    removeDirectory(directory);
  });

  it('one hop, named in the inventory', async () => {
    const result = await once(hostAt(target, { jump: ['bastion-prod'] }));
    expect(result.failure).toBeUndefined();
    expect(textOf(result)).toBe('hello\n');
    expect(result.connection?.route).toEqual([`root@127.0.1.1:${String(bastion.port)}`]);
    expect(target.log()).toContain('Connection from 127.0.0.1');
  });

  it('two hops, nearest first, one of them given as user@host:port', async () => {
    const result = await once(
      hostAt(target, { jump: ['bastion-prod', `root@127.0.1.2:${String(inner.port)}`] }),
    );
    expect(result.failure).toBeUndefined();
    expect(result.connection?.route).toEqual([
      `root@127.0.1.1:${String(bastion.port)}`,
      `root@127.0.1.2:${String(inner.port)}`,
    ]);
    expect(inner.log()).toMatch(/Accepted publickey for root .* ID atm-jump/);
  });

  it('a bastion that itself needs a bastion', async () => {
    const result = await once(hostAt(target, { jump: ['bastion-inner'] }));
    expect(result.failure).toBeUndefined();
    expect(result.connection?.route).toHaveLength(2);
  });

  it('many targets share one login, and a lost bastion is made anew once', async () => {
    const before = connections(bastion);
    const host = hostAt(target, { jump: ['bastion-prod'] });
    const lose = async (): Promise<void> => {
      bastion.dropConnections();
      // A process that was killed holds its connection until it has its turn to end.
      await expect.poll(() => descendants(bastion.pid), { timeout: 60_000 }).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    };
    const all = async (): Promise<RunResult[]> =>
      Promise.all(Array.from({ length: 12 }, () => transport.run(request(host))));
    for (const result of await all()) expect(result.failure).toBeUndefined();
    expect(connections(bastion) - before).toBe(1);
    await lose();
    for (const result of await all()) expect(result.failure).toBeUndefined();
    expect(connections(bastion) - before).toBe(2);
    await lose();
    for (const result of await all()) expect(result.failure?.code).toBe('jump-failed');
    expect(connections(bastion) - before).toBe(2);
    await transport.close();
  });

  it('a bastion lost in the middle is a lost connection', async () => {
    const said = file('said');
    const running = transport.run(
      request(hostAt(target, { jump: ['bastion-prod'] }), {
        stdin: `echo x; ${SPEAK}; touch '${said}'; sleep 1000\n`,
      }),
    );
    await expect.poll(() => existsSync(said), { timeout: 60_000 }).toBe(true);
    bastion.dropConnections();
    const result = await running;
    await transport.close();
    expect(result.failure?.code).toBe('connection-lost');
    expect(textOf(result)).toMatch(/^x\n/);
    target.dropConnections();
  });

  it('every hop checks its host key', async () => {
    writeKnownHosts(directory, '');
    trust(directory, target);
    const result = await once(hostAt(target, { jump: ['bastion-prod'] }));
    expect(result.failure?.code).toBe('jump-failed');
    expect(result.failure?.detail).toContain('jump host bastion-prod');
    expect(result.failure?.detail).toContain('host-key-unknown');
    expect(result.failure?.hint).toContain('ssh-keyscan');
  });

  it('a bastion that refuses is asked once for all its targets', async () => {
    const stranger = await makeKey(file(`stranger${String(Math.random()).slice(2)}`));
    hosts['picky'] = hostAt(bastion, { name: 'picky', identityFile: stranger });
    const before = connections(bastion);
    const own = transportIn(directory, { bastion: (name) => hosts[name] });
    const results = await Promise.all(
      Array.from({ length: 5 }, () =>
        own.run(request(hostAt(target, { jump: ['picky'], identityFile: user }), { limits: { retries: 3 } })),
      ),
    );
    await own.close();
    for (const result of results)
      expect(result.failure).toMatchObject({
        code: 'jump-failed',
        detail: expect.stringContaining('login-refused'),
      });
    expect(connections(bastion) - before).toBe(1);
  });

  it('a target that does not listen, behind a bastion', async () => {
    const result = await once(
      hostAt({ address: '127.0.1.3', port: await freePort('127.0.1.3') }, { jump: ['bastion-prod'] }),
    );
    expect(result.failure).toMatchObject({ code: 'connect-refused', phase: 'connect' });
  });

  it('a bastion that forbids forwarding', async () => {
    const closed = await startSshd({
      cas: [publicKey(file('ca'))],
      principals: { root: ['tester'] },
      config: ['AllowTcpForwarding no'],
    });
    trust(directory, closed);
    const result = await once(hostAt(target, { jump: [`root@127.0.0.1:${String(closed.port)}`] }));
    await closed.stop();
    expect(result.failure).toMatchObject({
      code: 'jump-failed',
      hint: expect.stringContaining('AllowTcpForwarding'),
    });
  });

  it('a circle of bastions, and a jump host that is none', async () => {
    expect((await once(hostAt(target, { jump: ['circle'] }))).failure).toMatchObject({
      code: 'jump-failed',
      phase: 'resolve',
      detail: expect.stringContaining('circle'),
    });
    expect((await once(hostAt(target, { jump: ['-oProxyCommand=id'] }))).failure?.code).toBe('jump-failed');
  });

  it('waiting for a bastion can be cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const result = await transport.run(
      request(hostAt(target, { jump: ['bastion-prod'] }), { signal: controller.signal }),
    );
    await transport.close();
    expect(result.failure?.code).toBe('cancelled');
  });

  describe('from ssh_config', () => {
    const config = (text: string): string => {
      writeFileSync(file('ssh_config'), text);
      return file('ssh_config');
    };
    const alias = (more: Partial<Host> = {}): Host => {
      const { port: _port, user: _user, ...host } = hostAt(target, { address: 'db' });
      return { ...host, ...more };
    };
    const base = (): string =>
      `Host db\n  HostName 127.0.1.3\n  Port ${String(target.port)}\n  User root\n  IdentityFile ${user}\n  CertificateFile ${user}-cert.pub\n`;
    const bastionBlock = (): string =>
      `Host b1\n  HostName 127.0.1.1\n  Port ${String(bastion.port)}\n  User root\n  IdentityFile ${user}\n`;
    const plain = (text: string): Parameters<typeof transportIn>[1] => ({ configFile: config(text) });
    const fresh = async (host: Host, settings: Parameters<typeof transportIn>[1]): Promise<RunResult> => {
      const own = transportIn(directory, settings);
      const result = await own.run(request(host));
      await own.close();
      return result;
    };

    it('HostName, Port, User, IdentityFile, CertificateFile', async () => {
      const result = await fresh(alias(), plain(base()));
      expect(result.failure).toBeUndefined();
      expect(result.connection).toMatchObject({ address: '127.0.1.3', port: target.port, user: 'root' });
    });

    it('ProxyJump, hop by hop with its own entry', async () => {
      const result = await fresh(alias(), plain(`${base()}  ProxyJump b1\n${bastionBlock()}`));
      expect(result.failure).toBeUndefined();
      expect(result.connection?.route).toEqual([`root@127.0.1.1:${String(bastion.port)}`]);
    });

    it('the inventory wins', async () => {
      const result = await fresh(
        alias({ port: target.port, user: 'root', identityFile: user }),
        plain(
          base()
            .replace(/Port \d+/, 'Port 1')
            .replace('User root', 'User nobody'),
        ),
      );
      expect(result.failure).toBeUndefined();
    });

    it('ProxyCommand with its tokens, ended afterwards', async () => {
      const marker = file('proxy.pid');
      const script = file('proxy.js');
      writeFileSync(
        script,
        `require('node:fs').writeFileSync(${JSON.stringify(marker)}, process.pid + ' ' + process.argv.slice(2).join(' '));
         const s = require('node:net').connect(+process.argv[3], process.argv[2]); process.stdin.pipe(s); s.pipe(process.stdout); setInterval(() => {}, 1000);`,
      );
      const result = await fresh(
        alias(),
        plain(`${base()}  ProxyCommand ${process.execPath} ${script} %h %p %r %n %%\n`),
      );
      expect(result.failure).toBeUndefined();
      expect(textOf(result)).toBe('hello\n');
      const [pid = '', ...args] = readFileSync(marker, 'utf8').split(' ');
      expect(args).toEqual(['127.0.1.3', String(target.port), 'root', 'db', '%']);
      await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 3000 }).toBe(false);
    });

    it('a ProxyCommand that fails tells why', async () => {
      const result = await fresh(
        alias(),
        plain(`${base()}  ProxyCommand sh -c 'echo no tunnel today >&2; exit 1'\n`),
      );
      expect(result.failure?.code).toBe('closed-before-login');
      expect(result.failure?.detail).toContain('no tunnel today');
    });

    it('known_hosts files, IdentityAgent none', async () => {
      const own = file('own_known_hosts');
      writeFileSync(own, target.knownHosts());
      writeKnownHosts(directory, '');
      const configFile = config(`${base()}  UserKnownHostsFile ${own}\n  IdentityAgent none\n`);
      const bare = createTransport('ssh', {
        configFile,
        home: directory,
        agentSocket: '/nonexistent',
        now: () => Date.now(),
      });
      const result = await bare.run(request(alias()));
      await bare.close();
      expect(result.failure).toBeUndefined();
      expect(result.connection?.hostKey?.verifiedBy).toBe(`known_hosts ${own}:1`);
    });

    it('a broken ssh_config is no reason to guess', async () => {
      const own = transportIn(directory, { identityFile: user, configFile: config('NoSuchKeyword yes\n') });
      const plan = await own.plan(hostAt(target));
      const result = await own.run(request(hostAt(target)));
      await own.close();
      expect(plan.problems.join()).toContain('ssh -G');
      expect(result.failure).toMatchObject({
        code: 'dns',
        phase: 'resolve',
        detail: expect.stringMatching(/nosuchkeyword/i),
      });
    });

    it('without ssh on PATH the inventory serves', async () => {
      const own = transportIn(directory, {
        identityFile: user,
        configFile: config(''),
        sshProgram: '/nonexistent/ssh',
      });
      const result = await own.run(request(hostAt(target)));
      const plan = await own.plan(hostAt(target));
      await own.close();
      expect(result.failure).toBeUndefined();
      expect(plan.problems).toEqual([expect.stringContaining('not on PATH')]);
    });
  });

  describe('plan', () => {
    it('shows the route without connecting', async () => {
      const before = connections(bastion) + connections(target);
      const plan = await transport.plan(hostAt(target, { jump: ['bastion-prod'] }));
      await transport.close();
      expect(plan).toEqual({
        user: 'root',
        address: '127.0.1.3',
        port: target.port,
        via: [`root@127.0.1.1:${String(bastion.port)}`],
        identities: [expect.stringContaining('ID "atm-jump"'), expect.stringContaining('key ssh-ed25519')],
        knownHosts: [file('known_hosts')],
        problems: [],
      });
      expect(connections(bastion) + connections(target)).toBe(before);
    });

    it('tells what will go wrong', async () => {
      writeKnownHosts(directory, target.knownHosts());
      const own = transportIn(directory, { bastion: (name) => hosts[name] });
      const plan = await own.plan(hostAt(target, { jump: ['bastion-prod'] }));
      await own.close();
      expect(plan.problems).toEqual([
        expect.stringContaining('no key to log in with'),
        expect.stringContaining('no host key is known for [127.0.1.1]'),
        expect.stringMatching(/^there is no key to log in with/),
      ]);
    });
  });

  it('overrides of the command line', async () => {
    const result = await once(hostAt(target, { user: 'nobody', port: 1, jump: ['circle'] }), {
      user: 'root',
      port: target.port,
      jump: [],
    });
    expect(result.failure).toBeUndefined();
  });

  it('MaxStartups is waited out', async () => {
    const throttled = await startSshd({
      cas: [publicKey(file('ca'))],
      principals: { root: ['tester'] },
      config: ['MaxStartups 2:90:4'],
    });
    // sshd does not log each connection it drops; the relay counts those that were made.
    const relay = await scriptedServer((socket) => {
      const onward = connect(throttled.port, throttled.address);
      onward.on('error', () => socket.destroy());
      socket.pipe(onward).pipe(socket);
    });
    const own = open();
    const host = hostAt(relay, { hostKeys: [publicKey(throttled.hostKeys[0] ?? '')] });
    const results = await Promise.all(
      Array.from({ length: 16 }, () => own.run(request(host, { limits: { retries: 8, totalMs: 60_000 } }))),
    );
    await own.close();
    await throttled.stop();
    expect(results.map((result) => result.failure)).toEqual(results.map(() => undefined));
    expect(relay.connections()).toBeGreaterThan(16);
    await relay.close();
  });
});
