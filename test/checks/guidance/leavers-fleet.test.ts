/** Leavers, cloud credentials, long sessions and SSH beside SSM on real hosts: gathered once, judged in several ways. */
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport, GuidanceId, Outcome } from '../../../src/model.js';
import { startVault, type Running } from '../../fakes/vault.js';
import { JOURNAL_REMOTE, rememberLogins } from '../../fleet/history.js';
import { startFleet } from '../../fleet/lab.js';
import { fleetNeeds } from '../../fleet/needs.js';
import type { Deviation, Fleet, FleetHost } from '../../fleet/types.js';
import { runMain } from '../../helpers/io.js';
import { needs, title } from '../../helpers/needs.js';
import { system, VAULT_TOKEN } from '../../helpers/vault-system.js';

const need =
  fleetNeeds() ??
  (existsSync(JOURNAL_REMOTE) ? null : needs.program('systemd-journal-remote', 'systemd-journal-remote'));
if (need !== null && process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1') throw new Error(need);

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzzK3Y';
/** Three days ago, and a month. */
const PEOPLE = `identity,also,left
adm-erik,erik,${day(3)}
adm-dora,dora,${day(30)}
adm-carla,,
`;
const state = (id: string, more: Partial<Deviation>): Deviation => ({
  id,
  check: 'no-static-keys',
  title: '',
  why: '',
  expect: 'any',
  ...more,
});
/** Erik's account, key, principal and login; a key of AWS in a file and in an environment; a program called as SSM's agent. */
const LEFT_BEHIND = `
account erik 1501 /home/erik /bin/bash
keyfiles
sed 's/ [^ ]*$/ erik@laptop/' "$LAB/static.pub" | authorize ops authorized_keys
echo adm-erik >>/etc/ssh/auth_principals/ops
install -d -m 700 /root/.aws
printf '[default]\\naws_access_key_id = AKIAQ4EXAMPLZ7ABWXYZ\\naws_secret_access_key = ${SECRET}\\n' >/root/.aws/credentials`;
const RUNNING = `
cp /bin/sleep /run/amazon-ssm-agent
AWS_ACCESS_KEY_ID=AKIAEEEEEEEEEEEEFFFF AWS_SECRET_ACCESS_KEY=${SECRET} setsid /run/amazon-ssm-agent 600 </dev/null >/dev/null 2>&1 &`;

describe.skipIf(need)(title('people and clouds on real hosts', need), () => {
  let fleet: Fleet;
  let vault: Running;
  let run = '';
  /** The sound host alone, before Erik left. */
  let before = '';
  let report: FleetReport;
  const cli = (...argv: string[]) =>
    runMain(argv, {
      cwd: fleet.directory,
      env: { PATH: process.env['PATH'], HOME: fleet.directory, VAULT_TOKEN },
      columns: 100,
    });
  const judged = async (folder: string, ...flags: string[]): Promise<FleetReport> => {
    const { out, err } = await cli('audit', folder, '-f', 'json', '-q', '--config', 'none', ...flags);
    if (out === '') throw new Error(err);
    return JSON.parse(out) as FleetReport;
  };
  const of = (host: string, id: GuidanceId, from = report): Outcome | undefined =>
    from.hosts.find(({ name }) => name === host)?.guidance.find((one) => one.id === id)?.outcome;
  const subjects = (host: string, id: GuidanceId): readonly string[] => {
    const outcome = of(host, id);
    return outcome?.status === 'fail'
      ? outcome.findings.map(({ subject }) => subject)
      : [JSON.stringify(outcome)];
  };

  beforeAll(async () => {
    vault = await startVault(system());
    fleet = await startFleet([
      {
        name: 'left-1',
        environment: 'production',
        deviations: [
          state('left-behind', {
            apply: LEFT_BEHIND,
            afterwards: RUNNING,
            logins: [{ account: 'ops', keyId: 'adm-erik', principals: ['adm-erik'], validity: '+1h' }],
          }),
        ],
      },
      { name: 'sound-1', environment: 'production', deviations: [state('sound', {})] },
    ]);
    const past = { account: 'ops', at: Date.now() - 20 * DAY };
    for (const name of ['left-1', 'sound-1']) {
      const certificate = { keyId: 'adm-carla', principals: ['adm-full'], unlogged: true } as const;
      const [one] = await rememberLogins(fleet.host(name), fleet.ca, [{ ...past, certificate }]);
      if (one) appendFileSync(fleet.ca.logFile, `${JSON.stringify(one.issued)}\n`);
    }
    await rememberSession(fleet.host('left-1'), Date.now() - 3 * DAY, 20 * HOUR);
    mkdirSync(join(fleet.directory, '.aws'));
    writeFileSync(join(fleet.directory, '.aws/config'), '[default]\nregion = eu-central-1\n');
    const sources = {
      certificates: { type: 'jsonl', path: fleet.ca.logFile, live: true },
      cloud: { type: 'aws' },
      vault: { type: 'vault', url: vault.url, token_env: 'VAULT_TOKEN' },
    };
    const gathered = async (people: string, ...flags: string[]): Promise<string> => {
      const inventory = join(fleet.directory, `inventory-${people}.yaml`);
      const given = { ...sources, people: { type: 'csv', path: people } };
      writeFileSync(inventory, `${fleet.inventoryYaml()}sources: ${JSON.stringify(given)}\n`);
      const all = [
        '-F',
        'none',
        '--no-agent',
        '--known-hosts',
        fleet.knownHostsFile,
        '--config',
        'none',
        ...flags,
      ];
      const { code, out, err } = await cli('gather', inventory, '--evidence', 'runs', ...all);
      if (code !== 0) throw new Error(err);
      return out.trim();
    };
    writeFileSync(join(fleet.directory, 'people.csv'), PEOPLE);
    writeFileSync(join(fleet.directory, 'before.csv'), PEOPLE.replace(day(3), ''));
    run = await gathered('people.csv');
    before = await gathered('before.csv', '--host', 'sound-1');
    report = await judged(run);
  }, 150_000);
  afterAll(async () => {
    await vault?.stop();
    await fleet?.stop();
  });

  test('leavers: account, key, principal, certificate and login of somebody who left; nothing of those who are here', () => {
    expect(subjects('left-1', 'leavers')).toEqual([
      'adm-erik: account erik',
      'adm-erik: certificates issued since',
      'adm-erik: certificates still valid',
      expect.stringMatching(/^adm-erik: key SHA256:\S{43} in ops$/),
      'adm-erik: logins since',
      'adm-erik: principal adm-erik of ops',
    ]);
  });

  test('cloud-credentials: a file and an environment, and no secret in the run folder', async () => {
    expect(subjects('left-1', 'cloud-credentials')).toEqual([
      'AKIA…WXYZ in /root/.aws/credentials',
      'AKIA…FFFF in the environment of amazon-ssm-agen',
    ]);
    expect(of('sound-1', 'cloud-credentials')).toMatchObject({ status: 'pass' });
    const all =
      JSON.stringify(report) + (await cli('audit', run, '-f', 'html', '-q', '--config', 'none')).out;
    expect(all).not.toMatch(/wJalrXUtn|AKIA[A-Z2-7]{5}/);
  });

  test('session-length: a session of twenty hours, from the journal', () => {
    expect(subjects('left-1', 'session-length')).toEqual(['sessions of ops']);
    expect(JSON.stringify(of('left-1', 'session-length'))).toContain('the longest 20 hours');
    expect(of('sound-1', 'session-length')).toMatchObject({ status: 'pass' });
  });

  test('ssm-instead: people logged in though the agent runs; elsewhere it does not apply', () => {
    expect(subjects('left-1', 'ssm-instead')).toContain('logins over SSH');
    expect(of('sound-1', 'ssm-instead')).toMatchObject({ status: 'pass' });
  });

  test('where only others left, nobody has a way in; logs that do not reach back prove nothing', async () => {
    expect(of('sound-1', 'leavers', await judged(before))).toMatchObject({ status: 'pass' });
    const policy = join(fleet.directory, 'policy.yaml');
    writeFileSync(policy, 'login_window_days: 60\n');
    const later = await judged(before, '--policy', policy);
    for (const id of ['leavers', 'session-length'] as const)
      expect(of('sound-1', id, later)).toMatchObject({ status: 'unknown', reason: 'no-evidence' });
    expect(of('sound-1', 'cloud-credentials', later)).toMatchObject({ status: 'pass' });
  });

  test('what the CA issued to somebody who left is told on every host', () => {
    expect(subjects('sound-1', 'leavers')).toEqual([
      'adm-erik: certificates issued since',
      'adm-erik: certificates still valid',
    ]);
  });
});

function day(ago: number): string {
  return new Date(Date.now() - ago * DAY).toISOString().slice(0, 10);
}

/** A real session of the host with its times and process exchanged, as systemd-journal-remote(8) imports it. */
async function rememberSession(host: FleetHost, at: number, length: number): Promise<void> {
  const id = (await host.run('cat /etc/machine-id')).trim();
  const pattern = await host.run(
    "journalctl -q --no-pager -o export -t sshd -g '^pam_unix\\(sshd:session\\): session opened for user ops' -n 1",
  );
  const line = (time: number, what: string): string =>
    pattern
      .trim()
      .split('\n')
      .filter((one) => one.includes('=') && !/^(?:__CURSOR|SYSLOG_TIMESTAMP|__SEQNUM)/.test(one))
      .map((one) => {
        if (/^_(?:_REALTIME|SOURCE_REALTIME)_TIMESTAMP=/.test(one))
          return `${one.slice(0, one.indexOf('='))}=${time * 1000}`;
        if (/^(?:_PID|SYSLOG_PID)=/.test(one)) return `${one.slice(0, one.indexOf('='))}=31999`;
        if (one.startsWith('_BOOT_ID=')) return '_BOOT_ID=0123456789abcdef0123456789abcdef';
        return one.startsWith('MESSAGE=') ? `MESSAGE=pam_unix(sshd:session): session ${what}` : one;
      })
      .join('\n');
  const entries = `${line(at, 'opened for user ops(uid=1001) by (uid=0)')}\n\n${line(at + length, 'closed for user ops')}\n\n`;
  const base64 = Buffer.from(entries).toString('base64');
  const file = `/var/log/journal/${id}/system@${randomUUID()}.journal`;
  await host.run(`printf %s '${base64}' | base64 -d | ${JOURNAL_REMOTE} --output=${file} - >/dev/null`);
}
