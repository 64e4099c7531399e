/** docs/auditor-access.md is done as it says: the shell reads it, sudo and ssh-keygen take it, and the checks like the role. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { judgeRole } from '../checks/lib/ca-roles.js';
import { machineRoleFindings } from '../checks/lib/machine-roles.js';
import { roleFrom } from '../src/facts/sources/vault/roles.js';
import type { CaCustody } from '../src/facts/types.js';
import type { Json } from '../src/facts/sources/answers.js';
import { lifetimeSeconds, parseCertificateLine } from '../src/openssh/certificate.js';
import { needs, title } from './helpers/needs.js';
import { makeKey, removeDirectory, temporaryDirectory } from './helpers/sshd.js';

const text = readFileSync(new URL('../docs/auditor-access.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```/gms)].map(([, kind = '', body = '']) => ({
  kind,
  body,
}));
const shell = blocks.filter(({ kind }) => kind === 'sh').map(({ body }) => body);
const COLLECTOR = '/usr/local/sbin/ssh-access-collector';

let directory: string;
beforeAll(() => {
  directory = temporaryDirectory('auditor');
});
afterAll(() => removeDirectory(directory));

it.each(shell)('sh reads: %s', (script) => {
  const { stderr, status } = spawnSync('sh', ['-n'], { input: script, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});

const noVisudo = needs.program('visudo', 'sudo');
it.skipIf(noVisudo)(
  title('sudo reads its rule, which allows one command without arguments', noVisudo),
  () => {
    const rule = blocks.find(({ body }) => body.includes('NOPASSWD'))?.body ?? '';
    const file = join(directory, 'sudoers');
    writeFileSync(file, rule, { mode: 0o440 });
    expect(execFileSync('visudo', ['-cf', file], { encoding: 'utf8' })).toContain('parsed OK');
    expect(rule).toContain(`NOPASSWD: ${COLLECTOR} ""`);
  },
);

describe('the role of Vault', () => {
  const json = /vault write ssh\/roles\/atm-scorecard - <<'END'\n(.*?)\nEND/s.exec(text)?.[1] ?? '';
  const mount = { namespace: '', path: 'ssh/', defaultLease: null, maxLease: null };
  const role = roleFrom('atm-scorecard', JSON.parse(json) as Json, mount);

  it('has nothing the checks of the CA would find, and ends within the hour', () => {
    if (!role) throw new Error('no role');
    expect(judgeRole(role)).toEqual({ findings: [], notes: [] });
    expect(role).toMatchObject({ ttl: 3600, maxTtl: 3600, longest: 3600, allowedUsers: ['atm-scorecard'] });
    expect(role.defaultExtensions).toEqual([]);
    expect(role.defaultCriticalOptions.map(({ name }) => name)).toEqual(['force-command', 'source-address']);
  });

  it('binds its certificates to the collector, whatever a request asks for', () => {
    if (!role) throw new Error('no role');
    const custody = { mounts: [{ roles: [role] }] } as unknown as CaCustody;
    expect(machineRoleFindings(custody, { wrappers: [COLLECTOR] })).toEqual([]);
    expect(machineRoleFindings(custody, { wrappers: ['/another'] })).toHaveLength(1);
  });
});

const noKeygen = needs.program('ssh-keygen', 'openssh-client');
it.skipIf(noKeygen)(title('ssh-keygen issues the same without Vault', noKeygen), async () => {
  await makeKey(join(directory, 'ca_user'));
  await makeKey(join(directory, 'id_auditor'));
  const command = shell.find((body) => body.includes('ssh-keygen -s ca_user')) ?? '';
  execFileSync('sh', ['-ec', command], { cwd: directory, stdio: 'pipe' });
  const certificate = parseCertificateLine(readFileSync(join(directory, 'id_auditor-cert.pub'), 'utf8'));
  if ('problem' in certificate) throw new Error(certificate.problem);
  expect(certificate).toMatchObject({
    keyId: 'atm-scorecard',
    principals: ['atm-scorecard'],
    extensions: [],
  });
  expect(lifetimeSeconds(certificate)).toBeLessThanOrEqual(3660n);
  expect(certificate.criticalOptions).toEqual([
    { name: 'force-command', value: COLLECTOR },
    { name: 'source-address', value: '203.0.113.5/32' },
  ]);
});
