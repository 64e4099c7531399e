/**
 * Our reading and our verdicts against Debian's ssh-audit, on the same real servers. Every difference in what is refused
 * is listed here and explained in docs/guidance-algorithms.md: another one is a defect of one of the two.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { algorithms } from '../../../checks/guidance/algorithms.js';
import { createJudge } from '../../../checks/guidance/lib/algorithm-policy.js';
import type { Kind } from '../../../checks/guidance/lib/algorithms/rule.js';
import { readOffer } from '../../../src/facts/offer.js';
import type { KexInit, Outcome } from '../../../src/model.js';
import { defaultPolicy } from '../../../src/policy.js';
import { needs, title } from '../../helpers/needs.js';
import {
  freePort,
  makeKey,
  publicKey,
  removeDirectory,
  startSshd,
  temporaryDirectory,
  type Sshd,
} from '../../helpers/sshd.js';
import { hostAt, request, transportIn, trust } from '../../transports/ssh/lab.js';
import { daemonFacts, ok, sshdCase, sshdFacts } from '../sshd-cases.js';

const run = promisify(execFile);
const NOW = new Date('2026-11-21T02:00:00Z');
const need =
  needs.sshd ??
  needs.program('ssh-audit', 'ssh-audit') ??
  needs.program('dropbear', 'dropbear-bin') ??
  needs.program('dropbearkey', 'dropbear-bin');

/** What ssh-audit refuses and we do not, and the other way round, by its major version. */
interface Differences {
  readonly onlyTheirs: RegExp;
  readonly onlyOurs: RegExp;
}
const NIST = 'ecdh-sha2-nistp(?:256|384|521)|ecdsa-sha2-nistp(?:256|384|521)';
const DIFFERENCES: Readonly<Record<string, Differences>> = {
  // NIST curves. We: SHA-1 in key exchange.
  2: { onlyTheirs: new RegExp(`^(?:${NIST})$`), onlyOurs: /^diffie-hellman-group14-sha1$/ },
  // NIST curves and SHA-1 as a MAC. We: CBC.
  3: { onlyTheirs: new RegExp(`^(?:${NIST}|hmac-sha1(?:-etm@openssh\\.com)?)$`), onlyOurs: /-cbc(?:@|$)/ },
};
function differences(version: string): Differences {
  const known = DIFFERENCES[version];
  if (!known) throw new Error(`ssh-audit ${version} has not been compared yet`);
  return known;
}

const SECTIONS: Readonly<Record<string, Kind>> = { kex: 'kex', key: 'hostKey', enc: 'cipher', mac: 'mac' };

interface Theirs {
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly rsaBits: readonly number[];
  /** `kind name`. */
  readonly refused: ReadonlySet<string>;
}

async function audit(port: number, version: string): Promise<Theirs> {
  const quick = version === '2' ? [] : ['--skip-rate-test'];
  // It exits with 2 or 3 when it found something.
  const ask = (...flags: readonly string[]): Promise<string> =>
    run('ssh-audit', [...flags, ...quick, '-p', String(port), '127.0.0.1'])
      .catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? '' }))
      .then(({ stdout }) => stdout);
  const json = JSON.parse(await ask('-j')) as Record<string, readonly unknown[]>;
  const entries = (section: string) =>
    (json[section] ?? []) as readonly (string | { algorithm: string; keysize?: number })[];
  const refused = new Set<string>();
  let current = '';
  for (const line of (await ask('-n')).split('\n')) {
    const head = /^\((kex|key|enc|mac)\) (\S+)/.exec(line);
    if (head) current = `${SECTIONS[head[1] ?? ''] ?? ''} ${head[2] ?? ''}`;
    else if (!line.startsWith(' ')) current = '';
    if (current !== '' && line.includes('- [fail]')) refused.add(current);
  }
  return {
    refused,
    names: Object.fromEntries(
      Object.keys(SECTIONS).map((section) => [
        section,
        entries(section).map((one) => (typeof one === 'string' ? one : one.algorithm)),
      ]),
    ),
    rsaBits: entries('key').flatMap((one) => (typeof one === 'string' ? [] : (one.keysize ?? []))),
  };
}

/** Every name on our side, by ssh-audit's sections: the lists from client to server are those it shows. */
function ours(kexInit: KexInit): Theirs['names'] {
  const { kex, hostKey, ciphersToServer, macsToServer } = kexInit;
  return Object.fromEntries(
    Object.entries({ kex, key: hostKey, enc: ciphersToServer, mac: macsToServer }).map(([section, list]) => [
      section,
      list.split(','),
    ]),
  );
}

/** @param weakRsa the RSA host key is refused for its size: by ssh-audit under the name of each algorithm that uses it */
function compare(
  names: Theirs['names'],
  theirs: Theirs,
  { onlyTheirs, onlyOurs }: Differences,
  weakRsa = false,
): void {
  const verdictOf = createJudge(defaultPolicy(), NOW);
  const unexplained: string[] = [];
  for (const [section, list] of Object.entries(names)) {
    const kind = SECTIONS[section] ?? 'kex';
    for (const name of list) {
      const we = verdictOf(kind, name).level === 'fail' || (weakRsa && name.startsWith('rsa-sha2-'));
      const they = theirs.refused.has(`${kind} ${name}`);
      if (we !== they && !(they ? onlyTheirs : onlyOurs).test(name))
        unexplained.push(`${kind} ${name}: refused by ${they ? 'ssh-audit' : 'us'} alone`);
    }
  }
  expect(unexplained).toEqual([]);
}

describe.skipIf(need)(title('the same servers as ssh-audit sees them', need), () => {
  let directory: string;
  let key: string;
  let version: string;
  const hostKeys: Record<string, string> = {};

  beforeAll(async () => {
    directory = temporaryDirectory('ssh-audit');
    key = await makeKey(join(directory, 'id'));
    for (const type of ['ed25519', 'ecdsa', 'rsa'] as const)
      hostKeys[type] = await makeKey(join(directory, `host_${type}`), type);
    const weak = join(directory, 'host_weak');
    await run('ssh-keygen', ['-q', '-t', 'rsa', '-b', '1024', '-N', '', '-f', weak]);
    hostKeys['weak'] = weak;
    // Only 2.x tells its version in the usage.
    const usage = await run('ssh-audit', ['--help']).catch((error: { stdout?: string }) => ({
      stdout: error.stdout ?? '',
    }));
    version = /ssh-audit v(\d+)\./.exec(usage.stdout)?.[1] ?? '3';
  });
  afterAll(() => removeDirectory(directory));

  /** Logs in once with the product's own transport, judges with the product's own check. */
  async function look(server: Sshd): Promise<{ names: Theirs['names']; outcome: Outcome }> {
    trust(directory, server);
    const transport = transportIn(directory, { identityFile: key });
    const result = await transport.run(request(hostAt(server)));
    await transport.close();
    expect(result.failure).toBeUndefined();
    const kexInit = result.handshake?.kexInit;
    if (!kexInit) throw new Error('no offer was read');
    const offer = readOffer({
      schema: 1,
      host: 'target',
      startedAt: NOW.toISOString(),
      finishedAt: NOW.toISOString(),
      probes: {},
      ...(result.handshake && { handshake: result.handshake }),
      ...(result.connection && { connection: result.connection }),
    });
    const { stdout } = await run('/usr/sbin/sshd', ['-T', '-f', server.configFile]);
    const outcome = algorithms.evaluate({
      host: { offer, sshd: ok(sshdFacts(sshdCase(stdout))), daemons: ok(daemonFacts()) },
      fleet: {},
      expected: {
        host: 'target',
        tags: [],
        allowedPrincipals: { adm: [], agt: [], atm: [] },
        ca: { trustedUserCaKeys: '/etc/ssh/ca/ca_user.pub', fingerprints: [] },
      },
      policy: defaultPolicy(),
      now: NOW,
    });
    return { names: ours(kexInit), outcome };
  }

  const LEGACY = [
    'HostKeyAlgorithms +ssh-rsa',
    'KexAlgorithms +diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,diffie-hellman-group-exchange-sha1',
    'Ciphers +aes128-cbc,aes192-cbc,aes256-cbc,3des-cbc',
    'MACs +hmac-md5,hmac-md5-96,hmac-sha1-96,hmac-md5-etm@openssh.com,hmac-sha1-96-etm@openssh.com',
  ];
  const HARDENED = [
    'HostKeyAlgorithms ssh-ed25519',
    'KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256',
    'Ciphers aes256-gcm@openssh.com,aes256-ctr',
    'MACs hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com',
  ];

  it.each<[string, readonly string[], readonly string[], Outcome['status']]>([
    ['as Debian installs it', ['ed25519', 'ecdsa', 'rsa'], [], 'pass'],
    ['with everything old', ['ed25519', 'ecdsa', 'rsa'], LEGACY, 'fail'],
    ['hardened', ['ed25519'], HARDENED, 'pass'],
    ['with an RSA host key of 1024 bits', ['weak'], [], 'fail'],
  ])(
    'an sshd %s',
    async (_what, keys, config, status) => {
      const server = await startSshd({
        authorizedKeys: { root: [publicKey(key)] },
        hostKeys: keys.map((name) => hostKeys[name] ?? ''),
        config,
      });
      try {
        const { names, outcome } = await look(server);
        const theirs = await audit(server.port, version);
        expect(theirs.names).toEqual(names);
        compare(names, theirs, differences(version), keys.includes('weak'));
        expect(outcome.status).toBe(status);
        const refused = outcome.status === 'fail' ? outcome.findings.map(({ subject }) => subject) : [];
        const weak = keys.includes('weak');
        expect(refused.some((subject) => subject.startsWith('host key SHA256:'))).toBe(weak);
        expect(theirs.rsaBits.length > 0 ? Math.min(...theirs.rsaBits) : undefined).toBe(
          weak ? 1024 : keys.includes('rsa') ? 2048 : undefined,
        );
      } finally {
        await server.stop();
      }
    },
    60_000,
  );

  it('dropbear', async () => {
    const port = await freePort();
    const file = join(directory, 'dropbear_ed25519');
    await run('dropbearkey', ['-t', 'ed25519', '-f', file]);
    const rsa = join(directory, 'dropbear_rsa');
    await run('dropbearkey', ['-t', 'rsa', '-s', '2048', '-f', rsa]);
    const program = ['/usr/sbin/dropbear', '/usr/bin/dropbear'].find(existsSync) ?? 'dropbear';
    const args = [
      '-F',
      '-p',
      `127.0.0.1:${port}`,
      '-P',
      join(directory, 'dropbear.pid'),
      '-r',
      file,
      '-r',
      rsa,
    ];
    const child: ChildProcess = spawn(program, args, { stdio: 'ignore' });
    try {
      await listening(port);
      const transport = transportIn(directory, { identityFile: key });
      // Its host key is not known: that is found out after its offer.
      const result = await transport.run(request(hostAt({ address: '127.0.0.1', port })));
      await transport.close();
      expect(result.failure?.code).toBe('host-key-unknown');
      const kexInit = result.handshake?.kexInit;
      if (!kexInit) throw new Error('no offer was read');
      const theirs = await audit(port, version);
      expect(theirs.names).toEqual(ours(kexInit));
      compare(ours(kexInit), theirs, differences(version));
      expect(theirs.refused).toContain('hostKey ssh-rsa');
    } finally {
      child.kill('SIGKILL');
    }
  }, 60_000);
});

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true));
      socket.on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nothing listens');
}
