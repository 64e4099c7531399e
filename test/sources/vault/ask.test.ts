import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { caSecurity } from '../../../checks/ca-security.js';
import { fleetFacts } from '../../../src/facts/sources/index.js';
import { readVault } from '../../../src/facts/sources/vault/index.js';
import { defaultPolicy } from '../../../src/policy.js';
import type { SourceEvidence } from '../../../src/model.js';
import { askSources, diagnoseSources } from '../../../src/sources/index.js';
import { makeTls, type TestTls } from '../../fakes/tls.js';
import { errors, json, startVault, type FakeVault, type Running } from '../../fakes/vault.js';
import { attestation, expected, not, NOW, ok } from '../../helpers/actor-facts.js';
import { needs, title } from '../../helpers/needs.js';
import { sourceContext } from '../../helpers/source-context.js';
import { AUDIT, role, sshMount, system, VAULT_TOKEN } from '../../helpers/vault-system.js';

const running: Running[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

async function start(fake: FakeVault): Promise<Running> {
  const server = await startVault(fake);
  running.push(server);
  return server;
}
async function ask(
  fake: FakeVault,
  settings: Record<string, unknown> = {},
  env: Record<string, string> = { VAULT_TOKEN },
): Promise<SourceEvidence> {
  const { url } = await start(fake);
  const vault = { type: 'vault', url, timeout: '20s', ...settings };
  const [evidence] = await askSources({ sources: { vault } }, sourceContext({ env }));
  if (evidence === undefined) throw new Error('nothing was asked');
  return evidence;
}
const gapsOf = (evidence: SourceEvidence): string => {
  const reading = readVault(evidence);
  return reading.ok ? reading.gaps.join('\n') : `${reading.reason}: ${reading.detail}`;
};

describe('a sound system', () => {
  test('becomes facts without gaps, by reading requests only', async () => {
    const server = await start(system());
    const vault = { type: 'vault', url: server.url, token_env: 'MINE', admin_policies: ['ca-admin'] };
    const [evidence] = await askSources(
      { sources: { vault } },
      sourceContext({ env: { MINE: VAULT_TOKEN } }),
    );
    expect(server.asked.every((line) => line.startsWith('GET '))).toBe(true);
    expect(evidence?.failures).toEqual([]);
    if (evidence === undefined) throw new Error('nothing was asked');
    expect(evidence.configuration).toEqual({ type: 'vault', url: server.url, admin_policies: ['ca-admin'] });
    const reading = readVault(evidence);
    expect(reading).toMatchObject({
      ok: true,
      gaps: [],
      value: {
        system: { type: 'vault', url: server.url, version: '1.17.6' },
        publicKeyFingerprints: [expect.stringMatching(/^SHA256:/)],
        seal: { type: 'shamir', threshold: 3, shares: 5, recovery: false, storage: 'raft' },
        auditDevices: [{ path: 'file/' }, { path: 'socket/' }],
        authMethods: [
          { path: 'token/', type: 'token' },
          { path: 'ldap/', type: 'ldap' },
        ],
        adminPolicies: ['ca-admin'],
        mounts: [
          {
            path: 'ssh/',
            maxLease: 2_764_800,
            managedKey: null,
            roles: [
              { name: 'adm', longest: 172_800, notBefore: 30, keyIdFormat: 'adm-{{token_display_name}}' },
              { name: 'agt', longest: 3600, allowedUsers: ['agt-resolver'] },
            ],
          },
        ],
        reach: [{ policy: 'adm', act: 'sign', path: 'ssh/sign/adm', broad: false }],
      },
    });
  });
  test('neither the token nor where it came from is in the evidence', async () => {
    const evidence = await ask(
      system(),
      { token_command: ['printf', '%s', VAULT_TOKEN] },
      {
        PATH: process.env['PATH'] ?? '',
      },
    );
    expect(evidence.failures).toEqual([]);
    expect(JSON.stringify(evidence)).not.toContain(VAULT_TOKEN);
    expect(JSON.stringify(evidence)).not.toContain('token_command');
  });
  test('openbao is asked the same way, with its own variable', async () => {
    const evidence = await ask(
      system(),
      { type: 'openbao' },
      { BAO_TOKEN: VAULT_TOKEN, VAULT_TOKEN: 'wrong' },
    );
    expect(evidence).toMatchObject({ type: 'openbao', failures: [] });
  });
});

describe('every CA is found', () => {
  test('in every mount of type ssh, not only the one that is named', async () => {
    const fake = system({
      mounts: {
        'ssh/': sshMount(),
        'old/legacy ssh/': sshMount({ roles: { any: role({ allowed_users: '*' }) } }),
      },
    });
    const reading = readVault(await ask(fake, { mounts: ['ssh'] }));
    expect(reading.ok && reading.gaps).toEqual([]);
    expect(reading.ok && reading.value.mounts.map(({ path, roles }) => [path, roles.length])).toEqual([
      ['old/legacy ssh/', 1],
      ['ssh/', 2],
    ]);
  });
  test('in every namespace that is named; one that is not is a gap', async () => {
    const team = { mounts: { 'ssh/': sshMount() }, audit: {}, policies: {} };
    const root = { mounts: {}, audit: AUDIT, policies: {}, children: ['team', 'hidden'] };
    const fake = { token: VAULT_TOKEN, namespaces: { '': root, team } };
    const evidence = await ask(fake, { namespaces: ['', 'team'] });
    const reading = readVault(evidence);
    expect(reading.ok && reading.value.mounts.map(({ namespace, path }) => [namespace, path])).toEqual([
      ['team', 'ssh/'],
    ]);
    expect(gapsOf(evidence)).toMatch(/^the namespace hidden was not asked/);
  });
  test('every key of an OpenBao mount, also those that are not its default', async () => {
    const [first, second] = ['AAAAIF7NEHyGaHhh/Zx8VFTsmRBQeCo7o/Pbdy7dWGJ2zpmm', 'AAAAIKIKnBXf32UPxvTpVYmN3wawUNerI534+Lf8xM7qWuGx']
      .map((key) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5${key}\n`); // prettier-ignore
    const mount = sshMount({ issuers: { old: first ?? '', new: second ?? '' } });
    const evidence = await ask(system({ mounts: { 'ssh/': mount } }), { type: 'openbao' });
    const reading = readVault(evidence);
    expect(reading).toMatchObject({ ok: true, gaps: [] });
    expect(reading.ok && reading.value.publicKeyFingerprints).toHaveLength(2);
    const refused = { 'ssh/issuers': errors(403, 'permission denied') };
    expect(gapsOf(await ask({ ...system(), wrong: refused }, { type: 'openbao' }))).toContain(
      'ssh/issuers: 403',
    );
  });
  test('audit devices that only write what a filter lets through are a gap, unless one takes the rest', async () => {
    const [file, socket] = [AUDIT['file/'], AUDIT['socket/']];
    const filtered = { ...file, options: { ...file.options, filter: 'mount_type == "kv"' } };
    const gap = 'every audit device has a filter, and none takes what they leave out (file/)';
    expect(gapsOf(await ask(system({ audit: { 'file/': filtered } })))).toContain(gap);
    expect(gapsOf(await ask(system({ audit: { 'file/': filtered, 'socket/': socket } })))).toBe('');
    const rest = { ...socket, options: { ...socket.options, filter: 'x == y', fallback: 'true' } };
    expect(gapsOf(await ask(system({ audit: { 'file/': filtered, 'socket/': rest } })))).toBe('');
  });
  test('a named mount that is not there is a gap, not an engine without roles', async () => {
    expect(gapsOf(await ask(system(), { mounts: ['shh'] }))).toMatch(
      /^there is no secrets engine at shh\/ \(correct sources\.vault\.mounts\)/m,
    );
  });
  test('an edition without namespaces answers for another one, and that is said', async () => {
    expect(gapsOf(await ask(system(), { namespaces: ['', 'team'] }))).toMatch(
      /^this server has no namespaces: it answered for the root namespace in place of team/,
    );
  });
  test('a named mount is asked although sys/mounts may not be read, and that is said', async () => {
    const evidence = await ask(
      { ...system(), wrong: { 'sys/mounts': errors(403, 'permission denied') } },
      { mounts: ['ssh'] },
    );
    const reading = readVault(evidence);
    expect(reading.ok && reading.value.mounts.map(({ path, roles }) => [path, roles.length])).toEqual([
      ['ssh/', 2],
    ]);
    expect(gapsOf(evidence)).toContain('sys/mounts: 403');
  });
});

describe('nothing passes by absence', () => {
  test.each([
    ['sys/mounts', 'denied', 403],
    ['sys/seal-status', 'failed', 500],
  ])('%s refused: nothing is known', async (path, reason, status) => {
    const evidence = await ask({ ...system(), wrong: { [path]: errors(status, 'no') } });
    expect(readVault(evidence)).toMatchObject({
      ok: false,
      reason,
      detail: expect.stringContaining(String(status)),
    });
  });
  test.each([
    ['sys/audit', /sys\/audit: 403/],
    ['sys/policies/acl', /the ACL policies could not be listed/],
    ['sys/policies/acl/adm', /the ACL policy adm could not be read/],
    ['ssh/roles', /the roles at ssh\/ could not be listed/],
    ['ssh/roles/adm', /the role ssh\/roles\/adm could not be read/],
    ['sys/mounts/ssh/tune', /sys\/mounts\/ssh\/tune: 403/],
  ])('%s refused is a gap', async (path, gap) => {
    expect(gapsOf(await ask({ ...system(), wrong: { [path]: errors(403, 'permission denied') } }))).toMatch(
      gap,
    );
  });
  test.each([
    ['cut JSON', '{"data":{"keys":["adm"', 'application/json'],
    ['a web page', '<html></html>', 'text/html'],
    ['another shape', '{"data":[1,2]}', 'application/json'],
    ['deep nesting', '['.repeat(100_000), 'application/json'],
  ])('%s in place of a role is a gap', async (_, body, type) => {
    const wrong = {
      'ssh/roles/adm': (_request: unknown, response: Parameters<typeof json>[0]): void => {
        response.writeHead(200, { 'content-type': type });
        response.end(body);
      },
    };
    expect(gapsOf(await ask({ ...system(), wrong }))).toContain('the role ssh/roles/adm could not be read');
  });
  test('a wrong or expired token, no token, sealed, no SSH engine', async () => {
    expect(gapsOf(await ask(system(), {}, { VAULT_TOKEN: 'expired' }))).toMatch(
      /^denied: .*sys\/mounts: 403/,
    );
    expect(gapsOf(await ask(system(), {}, {}))).toMatch(/^denied: .*there is no token.*VAULT_TOKEN/);
    expect(gapsOf(await ask({ ...system(), seal: { sealed: true } }))).toMatch(/^failed: .*it is sealed/);
    expect(gapsOf(await ask(system({ mounts: { 'kv/': { type: 'kv' } } })))).toMatch(
      /^failed: .*no secrets engine of type ssh/,
    );
  });
  test('a policy nobody can parse is a gap, and the others are read', async () => {
    const evidence = await ask(
      system({ policies: { bad: 'path "x" {', adm: 'path "ssh/sign/adm" { capabilities = ["update"] }' } }),
    );
    expect(gapsOf(evidence)).toMatch(/^the ACL policy bad cannot be parsed: /);
    const reading = readVault(evidence);
    expect(reading.ok && reading.value.reach.map(({ policy }) => policy)).toEqual(['adm']);
  });
  test('a source that hangs ends with its time, and the run goes on', async () => {
    const evidence = await ask({ ...system(), wrong: { 'sys/mounts': () => undefined } }, { timeout: '1s' });
    expect(readVault(evidence)).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/time for this source was over/),
    });
  });
  test('names of the other side never lead to another path', async () => {
    const fake = system({
      mounts: { 'ssh/': sshMount({ roles: { '../../sys/raw/x': role(), '..': role() } }) },
    });
    const server = await start(fake);
    await askSources(
      { sources: { vault: { type: 'vault', url: server.url } } },
      sourceContext({ env: { VAULT_TOKEN } }),
    );
    expect(server.asked.filter((line) => line.includes('raw') || / \/v1\/ssh\/?$/.test(line))).toEqual([
      expect.stringMatching(/^GET \/v1\/ssh\/roles\/\S*raw/),
    ]);
  });
});

describe('facts of the fleet', () => {
  test('absent, not asked, failed', async () => {
    const policy = defaultPolicy();
    expect(fleetFacts({}, [], policy).vault).toMatchObject({ ok: false, reason: 'not-configured' });
    expect(fleetFacts({ vault: {} }, [], policy).vault).toMatchObject({ ok: false, reason: 'not-collected' });
    const evidence = await ask(system(), {}, {});
    expect(fleetFacts({ vault: {} }, [evidence], policy).vault).toMatchObject({
      ok: false,
      reason: 'denied',
    });
  });
  test('attestations of the policy alone make the fact readable', () => {
    const mine = attestation('ca-custody');
    const policy = { ...defaultPolicy(), attestations: [mine] };
    expect(fleetFacts({}, [], policy).attestations).toEqual({ ok: true, value: [mine], gaps: [] });
    expect(fleetFacts({ attestations: {} }, [], policy).attestations).toMatchObject({
      ok: true,
      gaps: [expect.any(String)],
    });
  });
  test('the check says what the real answers prove: no custody by a seal, and by a managed key', async () => {
    const judge = (evidence: SourceEvidence): unknown => {
      const vault = readVault(evidence);
      const fingerprints = vault.ok ? vault.value.publicKeyFingerprints : [];
      const logins = ok({ source: 'journal' as const, logins: [], coversFrom: 0, coversTo: NOW.getTime() });
      return caSecurity.evaluate({
        host: { privateKeys: ok([]), certificates: ok([]), logins },
        fleet: {
          vault,
          attestations: not('not-configured', 'none'),
          certificateLog: not('not-configured', 'no log'),
        },
        expected: expected({ ca: { trustedUserCaKeys: '/x', fingerprints } }),
        policy: defaultPolicy(),
        now: NOW,
      });
    };
    const kms = await ask({ ...system(), seal: { type: 'awskms', recovery_seal: true } });
    expect(judge(kms)).toMatchObject({
      status: 'unknown',
      notes: expect.arrayContaining([expect.stringMatching(/Seal awskms: .*not in the HSM or KMS/)]),
    });
    expect(judge(await ask(system()))).toMatchObject({
      status: 'unknown',
      notes: expect.arrayContaining([expect.stringMatching(/Seal shamir: 3 of 5/)]),
    });
    const managed = await ask(system({ mounts: { 'ssh/': sshMount({ managedKey: 'hsm-ca' }) } }));
    expect(JSON.stringify(judge(managed))).not.toContain('neither an HSM-backed');
  });
});

describe('diagnosis', () => {
  const lines = async (fake: FakeVault, env: Record<string, string> = { VAULT_TOKEN }): Promise<string> => {
    const { url } = await start(fake);
    const [found] = await diagnoseSources(
      { sources: { vault: { type: 'vault', url } } },
      sourceContext({ env }),
    );
    return (found?.lines ?? []).map(({ level, text }) => `${level}: ${text}`).join('\n');
  };
  const reading = (path: string): string[] =>
    path === 'sys/audit'
      ? ['read', 'sudo']
      : path.includes('/sign/')
        ? ['deny']
        : path.endsWith('roles') || path === 'sys/policies/acl'
          ? ['list']
          : ['read'];
  test('a token that may only read', async () => {
    expect(
      await lines({
        ...system(),
        self: { policies: ['auditor'], display_name: 'approle', ttl: 3600 },
        capabilities: reading,
      }),
    ).toBe(
      'ok: token approle with the policies auditor\nok: the token expires in 3600 s\nok: it can read everything that is asked, and change nothing that was tried',
    );
  });
  test('a token that can sign, one that cannot read enough, a root token, one without end', async () => {
    const self = { policies: ['root'], display_name: 'root', ttl: 0 };
    const root = await lines({ ...system(), self, capabilities: () => ['root'] });
    expect(root).toMatch(/problem: it is a root token/);
    expect(root).toMatch(/warning: the token never expires/);
    expect(root).toMatch(/warning: it can sign certificates at ssh\//);
    expect(root).not.toMatch(/it cannot/);
    const poor = await lines({ ...system(), self: { policies: ['x'], ttl: 9e6 } });
    expect(poor).toMatch(/warning: it cannot see the audit devices: it lacks read and sudo on sys\/audit/);
    expect(poor).toMatch(/warning: the token lives for another/);
  });
  test('a token that is a word of the answers themselves, as on development servers', async () => {
    const self = { policies: ['root'], display_name: 'token', ttl: 0 };
    expect(await lines({ ...system(), token: 'root', self }, { VAULT_TOKEN: 'root' })).toMatch(
      /^problem: the token is the name of a policy: anybody can guess it.*cannot be told$/,
    );
  });
  test('no token, a wrong one', async () => {
    expect(await lines(system(), {})).toMatch(/^problem: there is no token/);
    expect(await lines(system(), { VAULT_TOKEN: 'wrong' })).toMatch(/^problem: .*lookup-self: 403/);
  });
});

const openssl = needs.program('openssl', 'openssl');
describe.skipIf(openssl)(title('over TLS', openssl), () => {
  let tls: TestTls;
  beforeAll(() => {
    tls = makeTls();
  });
  afterAll(() => tls.remove());
  test('with the CA named beside the inventory', async () => {
    const server = await startVault(system(), { key: tls.key, cert: tls.cert });
    running.push(server);
    const context = sourceContext({ env: { VAULT_TOKEN }, inventoryPath: `${tls.folder}/inventory.yaml` });
    const sources = (more: object) => ({ sources: { vault: { type: 'vault', url: server.url, ...more } } });
    const [good] = await askSources(sources({ ca_file: 'ca.pem' }), context);
    expect(good?.failures).toEqual([]);
    const [bad] = await askSources(sources({}), context);
    expect(bad?.failures).toMatchObject([{ code: 'tls' }]);
  });
});
