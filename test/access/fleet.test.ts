/** The access report of real hosts: real logins, real sudo, journald, and a log of the CA. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessReport } from '../../src/access/types.js';
import { startFleet } from '../fleet/lab.js';
import { fleetNeeds } from '../fleet/needs.js';
import type { Deviation, Fleet, LoginSpec } from '../fleet/types.js';
import { runMain, type Caught } from '../helpers/io.js';
import { title } from '../helpers/needs.js';

const need = fleetNeeds();
if (need !== null && process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1') throw new Error(need);

const login = (keyId: string, command: string): LoginSpec => ({
  account: 'ops',
  keyId,
  principals: ['adm-full'],
  validity: '+24h',
  command,
});
const state = (more: Partial<Deviation>): Deviation => ({
  id: 'emergency',
  check: 'no-static-keys',
  title: '',
  why: '',
  expect: 'any',
  ...more,
});
const OPS_SUDO = `printf '%s\\n' 'User_Alias OPS = ops' 'OPS ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/ops; chmod 440 /etc/sudoers.d/ops`;

describe.skipIf(need)(title('the access report of real hosts', need), () => {
  let fleet: Fleet;
  let run = '';
  let asked: Caught;
  const env = () => ({ PATH: process.env['PATH'], HOME: fleet.directory });
  const cli = (...argv: string[]) => runMain(argv, { cwd: fleet.directory, env: env(), columns: 100 });
  const access = async (...flags: string[]): Promise<AccessReport> =>
    JSON.parse((await cli('access', run, '-f', 'json', '-q', ...flags)).out) as AccessReport;

  beforeAll(async () => {
    fleet = await startFleet([
      {
        name: 'web-1',
        deviations: [
          state({
            apply: `${OPS_SUDO}\nkeyfiles\nplace ops emergency.pub authorized_keys`,
            logins: [
              login(
                'adm-bernd',
                'sudo -n mkdir /srv/made && sudo -n tee /srv/made/x </dev/null && sudo -n /bin/sh -c "true --password=hunter2"; sleep 0.2',
              ),
              login('adm-carla', 'ls /'),
            ],
            afterwards: `mkdir -p /var/log; echo "$(date '+%Y-%m-%d %H:%M:%S') install curl:amd64 <none> 8.0" >>/var/log/dpkg.log`,
          }),
        ],
      },
      { name: 'db-1', environment: 'production' },
    ]);
    const host = fleet.host('web-1');
    // Any user may write such lines: they must count for nothing.
    await host.run(`setpriv --reuid 1002 --clear-groups logger -t sudo 'ops : PWD=/ ; USER=root ; COMMAND=/usr/bin/apt install forged'
setpriv --reuid 1002 --clear-groups logger -t sshd 'Accepted password for ops from 10.6.6.6 port 1 ssh2'
journalctl --sync 2>/dev/null || true`);
    const emergency = join(fleet.directory, 'material', 'emergency');
    const known = fleet.knownHostsFile;
    await import('../fleet/exec.js').then(({ run: exec }) =>
      exec('ssh', [
        '-F',
        '/dev/null',
        '-o',
        'BatchMode=yes',
        '-o',
        'IdentitiesOnly=yes',
        '-o',
        'IdentityAgent=none',
        '-o',
        `UserKnownHostsFile=${known}`,
        '-i',
        emergency,
        '--',
        `ops@${host.address}`,
        'true',
      ]),
    );
    const now = Date.now();
    const span = {
      from: new Date(now - 3_600_000).toISOString(),
      until: new Date(now + 3_600_000).toISOString(),
    };
    const approvals = [
      { requester: 'bernd', approver: 'dora', reason: 'OPS-12 disk full', hosts: ['web-1'], ...span },
      { requester: 'carla', approver: 'carla', reason: 'curious', hosts: ['*'], ...span },
    ];
    writeFileSync(
      join(fleet.directory, 'approvals.jsonl'),
      approvals.map((one) => `${JSON.stringify(one)}\n`).join(''),
    );
    const yaml = fleet
      .inventoryYaml()
      .replace('  - name: "web-1"', '  - name: "web-1"\n    tags: [stateless]');
    writeFileSync(
      join(fleet.directory, 'inventory.yaml'),
      `${yaml}sources:\n  certificates: { type: jsonl, path: ${JSON.stringify(fleet.ca.logFile)}, live: true }\n  approvals: { type: jsonl, path: approvals.jsonl }\n`,
    );
    asked = await cli(
      'gather',
      join(fleet.directory, 'inventory.yaml'),
      '--evidence',
      'runs',
      '-F',
      'none',
      '--no-agent',
      '--known-hosts',
      known,
      '--config',
      'none',
    );
    if (asked.code !== 0) throw new Error(asked.err);
    run = asked.out.trim();
  }, 120_000);
  afterAll(() => fleet.stop());

  test('one login a host, as before', () => {
    expect(asked).toMatchObject({ code: 0 });
  });

  test('who may: principals with their sudo rights and holders, and the emergency key', async () => {
    const { doors } = await access('--to', 'web-1');
    const of = (who: string) => doors.find((door) => door.who === who);
    expect(of('adm-full')).toMatchObject({
      kind: 'certificate', account: 'ops', holders: ['adm-bernd', 'adm-carla'], at: '/etc/ssh/auth_principals/ops:1',
      sudo: { level: 'all', noPassword: true, from: ['/etc/sudoers.d/ops:2'] },
    }); // prettier-ignore
    expect(of('adm-full')?.uses).toBeGreaterThanOrEqual(3);
    expect(of('atm-logrotate')).toMatchObject({ account: 'automation', uses: 0, sudo: { level: 'none' } });
    expect(of(fleet.emergencyFingerprint)).toMatchObject({ kind: 'emergency-key', account: 'ops', uses: 1 });
  });

  test('who did: logins without a terminal too; forged lines are counted apart', async () => {
    const { uses, shares, strangers } = await access('--to', 'web-1');
    const carla = uses.filter(({ identity }) => identity === 'adm-carla');
    expect(carla).toMatchObject([
      { account: 'ops', method: 'certificate', count: 1, principals: ['adm-full'], known: true },
    ]);
    expect(shares).toMatchObject({ 'emergency-key': 1, password: 0, untrusted: 1 });
    expect(strangers).toEqual([]);
  });

  test('why: approved, self-approved, without approval, and break glass', async () => {
    const { sessions } = await access('--to', 'web-1');
    const carla = sessions.find(({ identity }) => identity === 'adm-carla');
    expect(carla).toMatchObject({
      approval: 'self-approved',
      effect: 'not-known',
      because: 'auditd does not run: what sessions did cannot be known',
    });
    const glass = sessions.filter(({ breakGlass }) => breakGlass);
    expect(glass).toMatchObject([{ method: 'emergency-key', approval: 'not-approved' }]);
    const bernd = sessions.filter(({ identity }) => identity === 'adm-bernd');
    expect(new Set(bernd.map(({ approval, ticket }) => `${approval} ${ticket}`))).toEqual(
      new Set(['approved OPS-12']),
    );
  });

  test('what changed: the commands of the session that ran them, no secret, and the stateless host to re-provision', async () => {
    const { sessions, reprovision, loose, hosts } = await access();
    const altered = sessions.filter(({ effect }) => effect === 'altered');
    expect(altered).toMatchObject([{ host: 'web-1', identity: 'adm-bernd', because: 'it altered files' }]);
    expect(altered[0]?.commands.map(({ text }) => text).slice(0, 2)).toEqual([
      '/usr/bin/mkdir /srv/made',
      '/usr/bin/tee /srv/made/x',
    ]);
    expect(JSON.stringify([sessions, loose])).not.toMatch(/hunter2|forged/);
    expect(reprovision).toEqual(['web-1']);
    expect(loose).toMatchObject([{ host: 'web-1', text: 'install curl:amd64 (dpkg)' }]);
    expect(hosts.map(({ name, auditing }) => [name, auditing])).toEqual([
      ['db-1', 'off'],
      ['web-1', 'off'],
    ]);
    for (const file of readdirSync(join(fleet.directory, run, 'evidence')))
      expect(gunzipSync(readFileSync(join(fleet.directory, run, 'evidence', file))).includes('hunter2')).toBe(
        false,
      );
  });

  test('one identity, and one principal taken away', async () => {
    const bernd = await access('--as', 'adm-bernd');
    expect(new Set(bernd.doors.map(({ who }) => who))).toEqual(new Set(['adm-full']));
    expect(bernd.doors.map(({ host }) => host)).toEqual(['db-1', 'web-1']);
    expect(new Set(bernd.sessions.map(({ identity }) => identity))).toEqual(new Set(['adm-bernd']));
    const { lost } = await access('--without', 'agt-incident-resolver-v2');
    expect(lost).toMatchObject({
      closedAccounts: [
        { host: 'db-1', account: 'agent' },
        { host: 'web-1', account: 'agent' },
      ],
      logins: 2,
    });
    expect((await access('--without', 'adm-full')).lost?.closedAccounts).toEqual([]);
  });

  test('pseudonyms: no name, key ID or address is left, and they are the same with the same key', async () => {
    const key = { SSH_SCORECARD_PSEUDONYM_KEY: 'a key of thirty-two bytes, for us' };
    const again = async (format: string, more: NodeJS.ProcessEnv = key) =>
      runMain(['access', run, '-f', format, '--pseudonymise', '-q'], {
        cwd: fleet.directory,
        env: { ...env(), ...more },
        columns: 100,
      });
    for (const format of ['table', 'json', 'csv', 'markdown']) {
      const { out, code } = await again(format);
      expect(code).toBe(0);
      expect(
        out.replaceAll('\\', '').match(/bernd|carla|\bops\b|127\.0\.0\.1|auditor|dora|disk full/g),
      ).toBeNull();
    }
    expect((await again('json')).out).toBe((await again('json')).out);
    expect(
      (await again('json', { SSH_SCORECARD_PSEUDONYM_KEY: 'another key of the same length..' })).out,
    ).not.toBe((await again('json')).out);
    expect(await again('json', {})).toMatchObject({
      code: 2,
      err: expect.stringContaining('--pseudonymise needs a key') as string,
    });
  });

  test('a shorter window shows less, and a longer one says that there is no more', async () => {
    expect((await cli('access', run, '--window', '30d')).err).toContain('the run collected 14 days');
    const bad = await cli('access', run, '--to', 'web-11');
    expect(bad).toMatchObject({ code: 2, err: expect.stringContaining('names no host "web-11"') as string });
  });

  test('--no-access collects none of it, and the report says so instead of calling anything clean', async () => {
    const { out } = await cli(
      'gather',
      join(fleet.directory, 'inventory.yaml'),
      '--host',
      'db-1',
      '--no-access',
      '--evidence',
      'plain',
      '-F',
      'none',
      '--no-agent',
      '--known-hosts',
      fleet.knownHostsFile,
      '--config',
      'none',
    );
    const report = JSON.parse((await cli('access', out.trim(), '-f', 'json', '-q')).out) as AccessReport;
    const host = report.hosts.find(({ name }) => name === 'db-1');
    expect(host).toMatchObject({ auditing: 'unknown' });
    expect(host?.gaps.join()).toContain('probe sudoers was not part of this run');
    expect(report.doors.every(({ sudo }) => sudo.level === 'unknown')).toBe(true);
    expect(report.sessions.every(({ effect }) => effect === 'not-known')).toBe(true);
  });
});
