/**
 * The Vault source against a real Vault or OpenBao: `VAULT_ADDR=… VAULT_TOKEN=… npm run test:vault`. The token must be
 * able to mount, to write policies, to make tokens and to change sys/audit; everything made here has a name of its own
 * and is removed. Only that script sets SSH_SCORECARD_TEST_VAULT: an address that merely lies in the environment is left
 * alone. The audit log needs a server that writes into a folder of this machine: one on loopback, or VAULT_AUDIT_FOLDER.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCertificates } from '../../src/facts/sources/certificates/index.js';
import { readVault } from '../../src/facts/sources/vault/index.js';
import { deciding, granted, parsePolicy } from '../../src/facts/sources/vault/rules.js';
import type { CaCustody, Issuance, IssuanceLog } from '../../src/facts/types.js';
import type { Reading, SourceEvidence, SourceName } from '../../src/model.js';
import { createHttp } from '../../src/sources/http.js';
import type { Http } from '../../src/sources/http-types.js';
import { askSources, diagnoseSources } from '../../src/sources/index.js';
import { fakeLoki } from '../fakes/loki.js';
import { needs, title } from '../helpers/needs.js';
import { sourceContext } from '../helpers/source-context.js';

const {
  VAULT_ADDR: url = '',
  VAULT_TOKEN: given = '',
  VAULT_CACERT,
  VAULT_AUDIT_FOLDER,
  SSH_SCORECARD_TEST_VAULT,
} = process.env;
const missing =
  SSH_SCORECARD_TEST_VAULT === '1' && url !== '' && given !== ''
    ? null
    : 'needs a real server: VAULT_ADDR=… VAULT_TOKEN=… npm run test:vault';
const local = /^https?:\/\/(?:127\.|localhost|\[::1\])/.test(url) || VAULT_AUDIT_FOLDER !== undefined;
const noLog =
  missing ?? (local ? null : 'needs VAULT_AUDIT_FOLDER, which the server can write') ?? needs.sshKeygen;

const name = `ssh-scorecard-test-${randomBytes(4).toString('hex')}`;
const endpoint = { type: 'vault', url, ...(VAULT_CACERT !== undefined && { ca_file: VAULT_CACERT }) };
const ROLE = {
  key_type: 'ca',
  allow_user_certificates: true,
  allowed_users: 'adm-full',
  default_user: 'adm-full',
};

let http: Http;
/** Of its own, because a development server’s is often a word that is in every answer. */
let admin = '';

async function call(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const options = { accept: null } as const;
  const done = await (body === undefined
    ? http.get(`v1/${path}`, options)
    : http.post(`v1/${path}`, { body, ...options }));
  if (!done.ok) throw new Error(done.failure.detail);
  return done.answer.body === '' ? {} : (JSON.parse(done.answer.body) as Record<string, unknown>);
}
async function token(policies: readonly string[]): Promise<string> {
  // The client masks what it was given as a secret, and only that.
  const { auth } = (await call('auth/token/create', { policies, ttl: '1h' })) as {
    auth?: { client_token?: string };
  };
  return auth?.client_token ?? '';
}
async function asked(
  source: SourceName,
  sources: Readonly<Partial<Record<SourceName, Readonly<Record<string, unknown>>>>>,
  own: string,
  now = new Date(),
): Promise<SourceEvidence> {
  const env = { ...process.env, VAULT_TOKEN: own };
  const evidence = (await askSources({ sources }, sourceContext({ env, now }))).find(
    (one) => one.source === source,
  );
  if (evidence === undefined) throw new Error('nothing was asked');
  expect(JSON.stringify(evidence)).not.toContain(own);
  return evidence;
}
function valueOf<T>(reading: Reading<T>): T {
  if (!reading.ok) throw new Error(reading.detail);
  return reading.value;
}
async function diagnosed(own: string): Promise<string> {
  const context = sourceContext({ env: { ...process.env, VAULT_TOKEN: own } });
  const [found] = await diagnoseSources({ sources: { vault: endpoint } }, context);
  return (found?.lines ?? []).map(({ level, text }) => `${level}: ${text}`).join('\n');
}
/** The policy that the documentation gives to an auditor, for the mounts of this test. */
function documentedPolicy(): string {
  const text = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
  const [, policy = ''] = /```hcl\n([^]*?)```/.exec(text) ?? [];
  return `${policy}\n${policy.replaceAll('"ssh/', `"${name}/`)}\n${policy.replaceAll('"ssh/', `"${name}-empty/`)}`;
}

describe.skipIf(missing)(title('a real Vault or OpenBao', missing), () => {
  beforeAll(async () => {
    const context = sourceContext({ env: { ...process.env } });
    http = await createHttp(endpoint, context, { headers: { 'x-vault-token': given } });
    admin = await token(['root']);
    await http.close();
    http = await createHttp(endpoint, context, { headers: { 'x-vault-token': admin } });
    await call(`sys/mounts/${name}`, { type: 'ssh', config: { max_lease_ttl: '240h' } });
    await call(`sys/mounts/${name}-empty`, { type: 'ssh' });
    await call(`sys/auth/${name}`, { type: 'userpass' });
    await call(`${name}/config/ca`, { generate_signing_key: true, key_type: 'ed25519' });
    await call(`${name}/roles/adm`, {
      ...ROLE,
      max_ttl: '48h',
      ttl: '8h',
      key_id_format: 'adm-{{token_display_name}}',
    });
    await call(`${name}/roles/wide`, {
      ...ROLE,
      allowed_users: '*',
      allow_user_key_ids: true,
      allow_host_certificates: true,
      allowed_domains: 'example.com',
      allowed_extensions: '*',
      default_critical_options: { 'force-command': '/usr/bin/true' },
      allowed_critical_options: '',
    });
    await call(`${name}/roles/once`, { key_type: 'otp', default_user: 'ops', cidr_list: '0.0.0.0/0' });
    const hcl = `# one role\npath "${name}/sign/adm" { capabilities = ["update"] }\npath "${name}/sign/+" { capabilities = ["deny"] }`;
    await call(`sys/policies/acl/${name}`, { policy: hcl });
    const json = JSON.stringify({
      path: { [`${name}/*`]: { capabilities: ['create', 'update', 'delete'] } },
    });
    await call(`sys/policies/acl/${name}-json`, { policy: json });
    await call(`sys/policies/acl/${name}-auditor`, { policy: documentedPolicy() });
  });
  afterAll(async () => {
    const gone = [`sys/mounts/${name}`, `sys/mounts/${name}-empty`, `sys/auth/${name}`];
    const policies = ['', '-json', '-auditor', '-random'].map(
      (suffix) => `sys/policies/acl/${name}${suffix}`,
    );
    for (const path of [...gone, ...policies, `sys/audit/${name}`])
      await http.delete(`v1/${path}`, { accept: null });
    await http.post('v1/auth/token/revoke-self', { body: {}, accept: null });
    await http.close();
  });

  const custody = async (own: string, more: object = {}): Promise<Reading<CaCustody>> =>
    readVault(await asked('vault', { vault: { ...endpoint, ...more } }, own));

  test('is read as its documentation says', async () => {
    const value = valueOf(await custody(admin));
    expect(value.mounts.find(({ path }) => path === `${name}/`)).toMatchObject({
      keys: [{ type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:/) }],
      managedKey: null,
      maxLease: 864_000,
      roles: [
        {
          name: 'adm',
          keyType: 'ca',
          maxTtl: 172_800,
          ttl: 28_800,
          longest: 172_800,
          allowedUsers: ['adm-full'],
          keyIdFormat: 'adm-{{token_display_name}}',
          allowUserKeyIds: false,
          allowHostCertificates: false,
          notBefore: 30,
        },
        { name: 'once', keyType: 'otp' },
        {
          name: 'wide',
          maxTtl: 0,
          longest: 864_000,
          allowedUsers: ['*'],
          allowUserKeyIds: true,
          allowHostCertificates: true,
          allowedExtensions: ['*'],
          defaultCriticalOptions: [{ name: 'force-command', value: '/usr/bin/true' }],
          allowedCriticalOptions: [],
        },
      ],
    });
    expect(value.mounts.find(({ path }) => path === `${name}-empty/`)).toMatchObject({ keys: [], roles: [] });
    expect(value.seal).toMatchObject({ type: expect.any(String), threshold: expect.any(Number) });
    expect(value.system.version).toMatch(/^\d+\.\d+/);
    expect(value.authMethods).toContainEqual({ path: `${name}/`, type: 'userpass' });
  });

  test('asked as OpenBao, it is read the same: what this edition does not have is no gap', async () => {
    const [vault, openbao] = [await custody(admin), await custody(admin, { type: 'openbao' })];
    expect(valueOf(openbao).mounts).toEqual(valueOf(vault).mounts);
    expect(openbao.ok && vault.ok && openbao.gaps).toEqual(vault.ok && vault.gaps);
  });

  test('who may sign and change: HCL and JSON, deny and globs', async () => {
    const { reach } = valueOf(await custody(admin));
    const of = (policy: string): readonly string[] =>
      reach.filter((one) => one.policy === policy).map(({ act, path }) => `${act} ${path}`);
    expect(of(name)).toEqual([`sign ${name}/sign/adm`]);
    expect(of(`${name}-json`)).toEqual(
      expect.arrayContaining([
        `sign ${name}/sign/adm`,
        `issue ${name}/issue/wide`,
        `configure-ca ${name}/config/ca`,
        expect.stringContaining(`change-role ${name}/roles/`),
      ]),
    );
    expect(of(`${name}-auditor`)).toEqual([]);
    // What everybody has leads to no CA.
    expect(of('default')).toEqual([]);
  });

  test('whoever writes token roles makes tokens with any policy, as is said of such a policy', async () => {
    const policy = `path "auth/token/roles/${name}" { capabilities = ["create", "update", "delete"] }
path "auth/token/create/${name}" { capabilities = ["create", "update"] }`;
    await call(`sys/policies/acl/${name}-random`, { policy });
    const { reach } = valueOf(await custody(admin));
    expect(reach.filter((one) => one.policy === `${name}-random`)).toMatchObject([
      { act: 'any-token', path: `auth/token/roles/${name}` },
    ]);
    const headers = { 'x-vault-token': await token([`${name}-random`]) };
    const role = await http.post(`v1/auth/token/roles/${name}`, {
      headers,
      body: { allowed_policies: [`${name}-json`], orphan: true },
      accept: null,
    });
    expect(role.ok).toBe(true);
    const made = await http.post(`v1/auth/token/create/${name}`, {
      headers,
      body: { policies: [`${name}-json`], ttl: '1m' },
      accept: null,
    });
    expect(made.answer?.body).toContain(`${name}-json`);
    await http.delete(`v1/auth/token/roles/${name}`, { accept: null });
    await http.delete(`v1/sys/policies/acl/${name}-random`, { accept: null });
  });

  test('says the same of these policies as the server itself', async () => {
    const { reach } = valueOf(await custody(admin));
    for (const policy of [name, `${name}-json`, `${name}-auditor`]) {
      const own = await token([policy]);
      const paths = ['sign/adm', 'sign/wide', 'issue/adm', 'roles/adm', 'config/ca'].map(
        (path) => `${name}/${path}`,
      );
      const answer = await call('sys/capabilities', { token: own, paths });
      const held = (answer['data'] ?? answer) as Record<string, readonly string[]>;
      const ours = paths.filter((path) => reach.some((one) => one.policy === policy && one.path === path));
      const theirs = paths.filter((path) => held[path]?.some((one) => ['create', 'update'].includes(one)));
      expect({ policy, paths: ours }).toEqual({ policy, paths: theirs });
    }
  });

  test('decides paths as the server does, whatever the rules', async () => {
    const segment = fc.constantFrom(name, '+', 'sign', 'issue', 'roles', 'adm', 'ad');
    const path = fc
      .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.boolean())
      // The server refuses "+*".
      .map(([segments, glob]) => `${segments.join('/')}${glob ? '*' : ''}`.replace('+*', '+/*'));
    const capabilities = fc.uniqueArray(
      fc.constantFrom('create', 'read', 'update', 'delete', 'list', 'deny'),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    const rules = fc.array(fc.tuple(path, capabilities), { minLength: 1, maxLength: 6 });
    const paths = ['sign/adm', 'sign/admin', 'issue/adm', 'roles/adm'].map((one) => `${name}/${one}`);
    const own = await token([`${name}-random`]);
    const sample = fc.sample(rules, { numRuns: 150, seed: 20_261_121 });
    let allowed = 0;
    for (const given of sample) {
      const policy = given
        .map(([one, may]) => `path "${one}" { capabilities = ${JSON.stringify(may)} }`)
        .join('\n');
      await call(`sys/policies/acl/${name}-random`, { policy });
      const { data } = (await call('sys/capabilities', { token: own, paths })) as {
        data: Record<string, readonly string[]>;
      };
      const parsed = parsePolicy(policy);
      const ours = paths.map((one) => {
        const rule = parsed.ok ? deciding(parsed.rules, one) : null;
        const held = rule === null ? [] : granted(rule);
        if (held.length > 0) allowed += 1;
        return [one, held.length === 0 ? ['deny'] : held.toSorted()];
      });
      const theirs = paths.map((one) => [one, (data[one] ?? []).toSorted()]);
      expect({ policy, decided: ours }).toEqual({ policy, decided: theirs });
    }
    // Else they would agree about nothing.
    expect(allowed).toBeGreaterThan(50);
  });

  test('the documented policy is enough for everything that is asked, and for nothing else', async () => {
    const own = await token([`${name}-auditor`]);
    const evidence = await asked('vault', { vault: endpoint }, own);
    const others = (text: string): boolean => !text.includes(name) && /\/v1\/(?!sys\/)/.test(text);
    expect(evidence.failures.filter(({ detail }) => !others(detail))).toEqual([]);
    const [mine, all] = [valueOf(readVault(evidence)), valueOf(await custody(admin))];
    const here = ({ mounts }: CaCustody) => mounts.filter(({ path }) => path.startsWith(name));
    expect(here(mine)).toEqual(here(all));
    expect({ audit: mine.auditDevices, reach: mine.reach }).toEqual({
      audit: all.auditDevices,
      reach: all.reach,
    });
    const said = await diagnosed(own);
    expect(said).toContain(`with the policies default, ${name}-auditor`);
    expect(said).not.toMatch(/it can (?:sign|issue|change|replace)/);
    expect(said.split('\n').filter((line) => line.includes('it cannot') && line.includes(name))).toEqual([]);
  });

  test('a token that may do more, one that may do nothing, none that is known', async () => {
    const all = await diagnosed(admin);
    expect(all).toContain('problem: it is a root token');
    expect(all).toContain(`warning: it can change roles at ${name}/`);
    const nothing = await token(['default']);
    expect(await diagnosed(nothing)).toContain('it lacks read and sudo on sys/audit');
    expect(await custody(nothing)).toMatchObject({ ok: false, reason: 'denied' });
    expect(await custody('hvs.unknown-to-this-server')).toMatchObject({ ok: false, reason: 'denied' });
  });

  test('an engine and a namespace that are not there are said', async () => {
    const reading = await custody(admin, { mounts: [`${name}-nowhere`], namespaces: ['', 'nowhere'] });
    const gaps = reading.ok ? reading.gaps.join('\n') : '';
    expect(gaps).toContain(`there is no secrets engine at ${name}-nowhere/`);
    expect(gaps).toMatch(/in place of nowhere|nowhere.*(?:404|403|400)/);
  });

  describe.skipIf(noLog)(title('its audit log', noLog), () => {
    let folder = '';
    let publicKey = '';
    const refusals: string[] = [];
    const issued: { serial: string; keyId: string }[] = [];
    const file = (): string => join(folder, 'audit.log');
    const sign = async (verb: string, role: string, body: object): Promise<void> => {
      const { data } = (await call(`${name}/${verb}/${role}`, body)) as {
        data?: { serial_number: string; signed_key: string };
      };
      writeFileSync(join(folder, 'a-cert.pub'), data?.signed_key ?? '');
      const shown = execFileSync('ssh-keygen', ['-L', '-f', join(folder, 'a-cert.pub')], {
        encoding: 'utf8',
      });
      const [, keyId = ''] = /Key ID: "(.*)"/.exec(shown) ?? [];
      issued.push({ serial: BigInt(`0x${data?.serial_number ?? '0'}`).toString(), keyId });
    };
    const soon = (): Date => new Date(Date.now() + 2000);

    beforeAll(async () => {
      folder = mkdtempSync(join(VAULT_AUDIT_FOLDER ?? tmpdir(), 'ssh-scorecard-vault-'));
      chmodSync(folder, 0o777);
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, 'key')]);
      publicKey = readFileSync(join(folder, 'key.pub'), 'utf8').trim();
      await call(`sys/audit/${name}`, { type: 'file', options: { file_path: file(), mode: '0644' } });
      await sign('sign', 'adm', { public_key: publicKey, ttl: '8h', valid_principals: 'adm-full' });
      await sign('sign', 'adm', { public_key: publicKey, ttl: 3600 });
      await sign('issue', 'adm', { key_type: 'ed25519', ttl: '1h' });
      for (const [path, body] of [
        ['sign/adm', { public_key: publicKey, ttl: '480h' }],
        ['sign/once', { public_key: publicKey }],
        ['sign/none', { public_key: publicKey }],
      ] as const)
        refusals.push(await call(`${name}/${path}`, body).then(String, (error: Error) => error.message));
      await call(`${name}/roles/adm`);
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const log = async (more: object, sources: object = {}, own = admin): Promise<Reading<IssuanceLog>> => {
      const certificates = { type: 'vault-audit', path: file(), mounts: [name], ...more };
      return readCertificates(await asked('certificates', { certificates, ...sources }, own, soon()));
    };
    const serials = (issuances: readonly Issuance[]) => issuances.map(({ serial }) => serial);

    test('hashed: every issuance is counted, none of the refusals, and nothing hidden is kept', async () => {
      expect(refusals).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/: 400 /) as string));
      const reading = await log({});
      const { issuances, coverage } = valueOf(reading);
      expect(reading.ok && reading.gaps).toEqual([]);
      expect(issuances).toHaveLength(3);
      for (const { serial, role, hashed, issuedAt } of issuances) {
        expect({ serial, role }).toEqual({
          serial: null,
          role: expect.stringMatching(new RegExp(`^${name}/(sign|issue)/adm$`)),
        });
        expect(hashed).toContain('serial');
        expect(issuedAt).toBeGreaterThan(Date.now() - 600_000);
      }
      // The last line of the device is that of another request.
      expect(coverage.to).toBeGreaterThan(issuances[0]?.issuedAt ?? Infinity);
    });

    test('sys/audit-hash opens what logins in the SIEM tell: serials, key IDs, lifetimes', async () => {
      const CA = `SHA256:${'A'.repeat(43)}`;
      const lines = issued.map(({ serial, keyId }, index) => ({
        at: Date.now() - 60_000 + index,
        host: 'web-1',
        line: `sshd[7]: Accepted publickey for ops from 10.0.0.9 port 4 ssh2: ED25519-CERT ${CA} ID ${keyId} (serial ${serial}) CA ED25519 ${CA}`,
      }));
      const server = await fakeLoki(lines);
      const siem = { type: 'loki', url: server.url, selector: '{job="sshd"}', lag: '0s' };
      try {
        const reading = await log({ audit_device: name }, { siem, vault: endpoint });
        expect(reading.ok && reading.gaps).toEqual([]);
        const { issuances } = valueOf(reading);
        expect(serials(issuances).toSorted()).toEqual(issued.map(({ serial }) => serial).toSorted());
        expect(issuances.map(({ lifetimeSeconds }) => lifetimeSeconds)).toEqual([3600n, 3600n, 28_800n]);
        const poor = await log({ audit_device: name }, { siem, vault: endpoint }, await token(['default']));
        expect(poor.ok && poor.gaps.join()).toMatch(/audit-hash.*403/);
      } finally {
        await server.close();
      }
    });

    test('tuned: the certificates themselves; the same through the SIEM', async () => {
      await call(`sys/mounts/${name}/tune`, {
        audit_non_hmac_response_keys: ['serial_number', 'signed_key'],
      });
      await sign('sign', 'adm', { public_key: publicKey, ttl: '2h' });
      const [newest] = valueOf(await log({})).issuances;
      const last = issued.at(-1);
      expect(newest).toMatchObject({
        ...last,
        principals: ['adm-full'],
        hashed: [],
        lifetimeSeconds: 7230n,
        kind: 'user',
      });
      expect(newest?.certificate?.signatureValid).toBe(true);
      const lines = readFileSync(file(), 'utf8').trim().split('\n');
      const server = await fakeLoki(lines.map((line) => ({ at: Date.now() - 1000, host: 'vault-1', line })));
      const siem = { type: 'loki', url: server.url, selector: '{job="sshd"}' };
      const stored = { type: 'siem', selector: '{job="vault"}', window: '1h', lag: '0s', mounts: [name] };
      try {
        const evidence = await asked('certificates', { certificates: stored, siem }, admin, soon());
        const fromStore = valueOf(readCertificates(evidence)).issuances;
        expect(serials(fromStore)).toEqual(serials(valueOf(await log({})).issuances));
      } finally {
        await server.close();
      }
    });

    test('the device is among those that are on, and one that writes everything raw is told apart', async () => {
      const devices = valueOf(await custody(admin)).auditDevices ?? [];
      expect(devices.find(({ path }) => path === `${name}/`)).toEqual({
        path: `${name}/`,
        type: 'file',
        local: false,
        raw: false,
        hmacAccessor: true,
      });
    });
  });
});
