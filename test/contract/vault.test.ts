/**
 * The Vault source against a real Vault or OpenBao: `VAULT_ADDR=… VAULT_TOKEN=… npm run test:vault`. The token must
 * be able to mount, to write policies and to read sys/audit; everything made here has a name of its own and is removed.
 * Only that script sets SSH_SCORECARD_TEST_VAULT: an address that merely lies in the environment is left alone.
 */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readVault } from '../../src/facts/sources/vault/index.js';
import { createHttp, type Http } from '../../src/sources/http.js';
import { askSources, diagnoseSources } from '../../src/sources/index.js';
import { title } from '../helpers/needs.js';
import { sourceContext } from '../helpers/source-context.js';

const { VAULT_ADDR: url = '', VAULT_TOKEN: token = '', VAULT_CACERT, SSH_SCORECARD_TEST_VAULT } = process.env;
const missing =
  SSH_SCORECARD_TEST_VAULT === '1' && url !== '' && token !== ''
    ? null
    : 'needs a real server: VAULT_ADDR=… VAULT_TOKEN=… npm run test:vault';

describe.skipIf(missing)(title('a real Vault or OpenBao', missing), () => {
  const name = `ssh-scorecard-test-${randomBytes(4).toString('hex')}`;
  const settings = { type: 'vault', url, ...(VAULT_CACERT !== undefined && { ca_file: VAULT_CACERT }) };
  const context = sourceContext({ env: { ...process.env, VAULT_TOKEN: token } });
  let http: Http;
  const write = async (path: string, body: unknown): Promise<void> => {
    const done = await http.post(`v1/${path}`, { body, accept: null });
    if (!done.ok) throw new Error(done.failure.detail);
  };

  beforeAll(async () => {
    http = await createHttp(settings, context, { headers: { 'x-vault-token': token }, secrets: [token] });
    await write(`sys/mounts/${name}`, { type: 'ssh' });
    await write(`${name}/config/ca`, { generate_signing_key: true, key_type: 'ed25519' });
    const role = { key_type: 'ca', allow_user_certificates: true, allowed_users: 'adm-full' };
    await write(`${name}/roles/adm`, { ...role, max_ttl: '48h', ttl: '8h' });
    await write(`${name}/roles/wide`, { ...role, allowed_users: '*' });
    const policy = `path "${name}/sign/adm" { capabilities = ["update"] }`;
    await write(`sys/policies/acl/${name}`, { policy });
  });
  afterAll(async () => {
    await http.delete(`v1/sys/mounts/${name}`, { accept: null });
    await http.delete(`v1/sys/policies/acl/${name}`, { accept: null });
    await http.close();
  });

  test('is read as its documentation says', async () => {
    const [evidence] = await askSources({ sources: { vault: settings } }, context);
    if (evidence === undefined) throw new Error('nothing was asked');
    expect(JSON.stringify(evidence)).not.toContain(token);
    const reading = readVault(evidence);
    if (!reading.ok) throw new Error(reading.detail);
    expect(reading.value.mounts.find(({ path }) => path === `${name}/`)).toMatchObject({
      keys: [{ type: 'ssh-ed25519', fingerprint: expect.stringMatching(/^SHA256:/) }],
      managedKey: null,
      maxLease: expect.any(Number),
      roles: [
        { name: 'adm', maxTtl: 172_800, ttl: 28_800, longest: 172_800, allowedUsers: ['adm-full'] },
        { name: 'wide', maxTtl: 0, longest: expect.any(Number), allowedUsers: ['*'] },
      ],
    });
    expect(reading.value.seal).not.toBeNull();
    expect(reading.value.auditDevices).not.toBeNull();
    expect(reading.value.reach.filter(({ policy }) => policy === name)).toMatchObject([
      { act: 'sign', path: `${name}/sign/adm`, broad: false },
    ]);
  });

  test('says what its token may do', async () => {
    const [found] = await diagnoseSources({ sources: { vault: settings } }, context);
    const lines = (found?.lines ?? []).map(({ text }) => text).join('\n');
    expect(lines).toContain('with the policies');
    expect(lines).toContain('change roles at');
  });
});
