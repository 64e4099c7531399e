/** The guidance on real hosts: real sshd, sudo, journald and keys, gathered once and judged in several ways. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GUIDANCE } from '../../../checks/guidance/index.js';
import { openRunFolder } from '../../../src/evidence/read.js';
import { loadInventory } from '../../../src/inventory/load.js';
import { judgeFolder } from '../../../src/judgement.js';
import type { FleetReport, GuidanceId, Outcome } from '../../../src/model.js';
import { fingerprintOf } from '../../fleet/ca.js';
import { run as exec } from '../../fleet/exec.js';
import { JOURNAL_REMOTE, rememberLogins } from '../../fleet/history.js';
import { startFleet } from '../../fleet/lab.js';
import { fleetNeeds } from '../../fleet/needs.js';
import type { Deviation, Fleet } from '../../fleet/types.js';
import { runMain } from '../../helpers/io.js';
import { needs, title } from '../../helpers/needs.js';

const need =
  fleetNeeds() ??
  (existsSync(JOURNAL_REMOTE) ? null : needs.program('systemd-journal-remote', 'systemd-journal-remote'));
if (need !== null && process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1') throw new Error(need);

const DAY = 86_400_000;
const day = (from: number): string => new Date(Date.now() + from * DAY).toISOString().slice(0, 10);
const state = (id: string, more: Partial<Deviation>): Deviation => ({
  id,
  check: 'no-static-keys',
  title: '',
  why: '',
  expect: 'any',
  ...more,
});
/** A FIDO key as a device would have given it: what sshd parses, not what a device signs. */
const fido = (fill: number): string => {
  const blob = ['sk-ssh-ed25519@openssh.com', Buffer.alloc(32, fill), 'ssh:'].flatMap((part) => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return `sk-ssh-ed25519@openssh.com ${Buffer.concat(blob).toString('base64')}`;
};

/** A key in two accounts of two hosts, its private half beside it, and accounts for tunnels: one that is not held to it. */
const WEAK = `
keyfiles
conf Subsystem 'sftp internal-sftp'
account deploy 1501 /home/deploy /bin/bash
authorize deploy authorized_keys <"$LAB/static.pub"
place deploy static id_ed25519
account tunnel 1502 /home/tunnel /usr/sbin/nologin
authorize tunnel authorized_keys <"$LAB/emergency.pub"
account fwd 1503 /home/fwd /usr/sbin/nologin
echo 'restrict,port-forwarding,permitopen="127.0.0.1:5432",permitlisten="localhost:1",command="/bin/false" ${fido(7)} fwd' | authorize fwd authorized_keys
match 'Match User fwd\\n AllowStreamLocalForwarding no'
printf '%s\\n' 'ops ALL=(root) NOPASSWD: ALL' >/etc/sudoers.d/ops; chmod 440 /etc/sudoers.d/ops`;

describe.skipIf(need)(title('the guidance on real hosts', need), () => {
  let fleet: Fleet;
  let run = '';
  let report: FleetReport;
  const cli = (...argv: string[]) =>
    runMain(argv, {
      cwd: fleet.directory,
      env: { PATH: process.env['PATH'], HOME: fleet.directory },
      columns: 100,
    });
  const judged = async (folder = run, ...flags: string[]): Promise<FleetReport> => {
    const { out, err } = await cli('audit', folder, '-f', 'json', '-q', '--config', 'none', ...flags);
    if (out === '') throw new Error(err);
    return JSON.parse(out) as FleetReport;
  };
  const of = (host: string, id: GuidanceId, from = report): Outcome | undefined =>
    from.hosts.find(({ name }) => name === host)?.guidance.find((one) => one.id === id)?.outcome;
  const findings = (host: string, id: GuidanceId, from = report): readonly string[] => {
    const outcome = of(host, id, from);
    return outcome?.status === 'fail'
      ? outcome.findings.map(({ subject, message }) => `${subject}: ${message}`)
      : [JSON.stringify(outcome)];
  };

  /** The same evidence under another inventory. */
  const under = async (change: (inventory: string) => string): Promise<FleetReport> => {
    const saved = await openRunFolder(run);
    const inventory = loadInventory({
      path: join(run, 'inventory.yaml'),
      text: change(saved.inventoryText),
    });
    return judgeFolder(
      saved,
      { inventory, checks: [], plugins: [], guidance: GUIDANCE },
      new Date(saved.record.run.now),
      saved.record.run.selection,
    );
  };

  beforeAll(async () => {
    fleet = await startFleet([
      {
        name: 'web-1',
        environment: 'production',
        deviations: [
          state('weak', {
            apply: WEAK,
            logins: [
              {
                account: 'ops',
                keyId: 'adm-bernd',
                principals: ['adm-full'],
                validity: '+24h',
                // sudo at a terminal, as a person has one.
                command:
                  'sudo -n id; sleep 1 | timeout 20 script -qec "sudo -n /bin/bash /dev/null" /dev/null; sleep 0.2',
              },
            ],
          }),
        ],
      },
      {
        name: 'db-1',
        environment: 'production',
        deviations: [
          state('two', {
            noLogins: true,
            apply: `conf AuthorizedKeysFile .ssh/authorized_keys
echo 'verify-required ${fido(8)} spare' | authorize ops authorized_keys
match 'Match User ops\\n AuthenticationMethods publickey,keyboard-interactive'`,
          }),
        ],
      },
      {
        name: 'test-1',
        environment: 'staging',
        deviations: [
          state('copy', {
            apply: `keyfiles
account backup2 1501 /home/backup2 /bin/bash
authorize backup2 authorized_keys <"$LAB/static.pub"
place backup2 static id_backup
echo atm-other >>/etc/ssh/auth_principals/automation`,
          }),
        ],
      },
    ]);
    for (const [keyId, principal] of [
      ['atm-logrotate', 'atm-logrotate'],
      ['atm-scorecard', 'atm-scorecard'],
    ] as const)
      await fleet.ca.issue({
        keyId,
        principals: [principal],
        validity: '+1h',
        options: ['clear', 'force-command=/usr/local/bin/atm-wrapper.sh'],
      });
    await rememberLogins(fleet.host('test-1'), fleet.ca, [
      {
        account: 'ops',
        at: Date.now() - 20 * DAY,
        certificate: { keyId: 'adm-carla', principals: ['adm-full'], serial: 900n },
      },
    ]);
    const inventory = join(fleet.directory, 'inventory.yaml');
    writeFileSync(
      inventory,
      `${fleet.inventoryYaml()}sources:\n  certificates: { type: jsonl, path: ${JSON.stringify(fleet.ca.logFile)}, live: true }\n`,
    );
    const flags = ['-F', 'none', '--no-agent', '--known-hosts', fleet.knownHostsFile, '--config', 'none'];
    const { code, out, err } = await cli('gather', inventory, '--evidence', 'runs', ...flags);
    if (code !== 0) throw new Error(err);
    run = resolve(fleet.directory, out.trim());
    report = await judged();
  }, 150_000);
  afterAll(() => fleet?.stop());

  test('multi-factor: a key alone fails; a second method and a FIDO key with its PIN pass', () => {
    expect(findings('web-1', 'multi-factor').join('\n')).toContain('/home/deploy/.ssh/authorized_keys:1');
    expect(of('db-1', 'multi-factor')).toMatchObject({ status: 'pass' });
  });

  test('multi-factor: a certificate is as good as what was asked for it, and somebody has to say so', async () => {
    const key = await fingerprintOf(join(fleet.directory, 'material', 'static.pub'));
    const emergency = `policy:\n  emergency_keys: [{ fingerprint: '${key}' }]\n`;
    const said = await under((text) => `${text}${emergency}`);
    expect(of('test-1', 'multi-factor', said)).toMatchObject({ status: 'unknown', reason: 'not-configured' });
    const attested = `${emergency}  attestations:\n    - { kind: mfa-at-issuance, subject: adm, by: Dora, date: ${day(-1)}, expires: ${day(30)}, evidence: SEC-1 }\n`;
    const sure = await under((text) => `${text}${attested}`);
    expect(of('test-1', 'multi-factor', sure)).toMatchObject({ status: 'pass' });
    expect(of('web-1', 'multi-factor', sure)).toMatchObject({ status: 'fail' });
  });

  test('shared-keys: the same key and its private half in two accounts of two hosts', () => {
    for (const host of ['web-1', 'test-1']) {
      const all = findings(host, 'shared-keys');
      expect(all).toEqual([
        expect.stringMatching(/^private key SHA256:.* lies in 2 places, backup2 on test-1; deploy on web-1/),
        expect.stringMatching(/^key SHA256:.* opens 2 accounts, backup2 on test-1; deploy on web-1/),
      ]);
    }
    expect(of('db-1', 'shared-keys')).toMatchObject({ status: 'pass' });
  });

  test('shared-keys: a host nobody read may have the same', async () => {
    const more = await under((text) =>
      text.replace('hosts:\n', 'hosts:\n  - { name: gone, allowed_principals: { adm: [adm-full] } }\n'),
    );
    expect(of('db-1', 'shared-keys', more)).toMatchObject({
      status: 'unknown',
      detail: expect.stringContaining('gone') as string,
    });
    expect(of('web-1', 'shared-keys', more)).toMatchObject({ status: 'fail' });
  });

  test('separate-bastions: one auditor identity for production and staging', () => {
    for (const host of ['web-1', 'db-1', 'test-1'])
      expect(findings(host, 'separate-bastions')).toEqual([
        expect.stringContaining(
          'identity atm-scorecard: The identity atm-scorecard reaches production (db-1, web-1) and other hosts (test-1)',
        ),
      ]);
  });

  test('separate-bastions: production alone passes, and a host of no environment leaves it open', async () => {
    const production = await under((text) =>
      text.replace('environment: "staging"', 'environment: "prod-eu"'),
    );
    for (const host of ['web-1', 'db-1', 'test-1'])
      expect(of(host, 'separate-bastions', production)).toMatchObject({ status: 'pass' });
    const open = await under((text) => text.replace('    environment: "staging"\n', ''));
    for (const host of ['web-1', 'test-1'])
      expect(of(host, 'separate-bastions', open)).toMatchObject({ status: 'unknown' });
  });

  test('shells: a stranger’s shell, and a tunnel that is none; a tunnel that is one passes', () => {
    const all = findings('web-1', 'shells');
    expect(all.join('\n')).toContain('account deploy: The account deploy is for nobody the inventory names');
    expect(all.find((one) => one.startsWith('account tunnel'))).toMatch(
      /sftp, which needs no shell.*forward to any address/,
    );
    expect(all.filter((one) => one.includes('fwd'))).toEqual([]);
    expect(of('db-1', 'shells')).toMatchObject({ status: 'pass' });
  });

  test('shells: what no certificate in the CA’s log shows, nobody knows', async () => {
    const named = await under((text) => `${text}policy: { guidance: { shell_accounts: [backup2] } }\n`);
    expect(of('test-1', 'shells', named)).toMatchObject({
      status: 'unknown',
      detail: expect.stringContaining('certificates for atm-other') as string,
    });
  });

  test('internal-sftp really serves an account without a shell, and the tunnel reaches everywhere', async () => {
    const host = fleet.host('web-1');
    const options = ['-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'IdentityAgent=none'];
    const key = ['-i', join(fleet.directory, 'material', 'emergency')];
    const known = ['-o', `UserKnownHostsFile=${fleet.knownHostsFile}`];
    const batch = join(fleet.directory, 'batch');
    const copy = join(fleet.directory, 'copied');
    writeFileSync(batch, `get /etc/hostname ${copy}\n`);
    await exec('sftp', [...options, ...known, ...key, '-b', batch, `tunnel@${host.address}`]);
    expect(readFileSync(copy, 'utf8')).toBe('web-1\n');
    // -W asks for a forwarding to an address of another host: its sshd answers with its banner.
    const to = ['-W', `${fleet.host('db-1').address}:22`];
    const banner = await exec('ssh', [...options, ...known, ...key, ...to, `tunnel@${host.address}`]);
    expect(banner).toMatch(/^SSH-2\.0-OpenSSH/);
  });

  test('privileged-sessions: a root shell at a terminal is counted; a journal that begins too late proves nothing', () => {
    const all = findings('web-1', 'privileged-sessions');
    expect(all).toEqual([expect.stringContaining('sessions of root: 1 session as root in the last 14 days')]);
    expect(of('test-1', 'privileged-sessions')).toMatchObject({ status: 'pass' });
    expect(of('db-1', 'privileged-sessions')).toMatchObject({ status: 'unknown', reason: 'no-evidence' });
  });

  test('a waiver covers guidance; none of it changes the score, and only strict runs exit for it', async () => {
    const policy = join(fleet.directory, 'policy.yaml');
    writeFileSync(
      policy,
      `waivers:\n  - { check: shells, hosts: [web-1], owner: bernd, approver: dora, reason: until spring, expires: ${day(30)} }\n`,
    );
    const flags = ['-q', '--config', 'none', '--check', 'shells', '-f', 'json'];
    const waived = await cli('audit', run, ...flags, '--policy', policy);
    expect(waived.code).toBe(0);
    const shown = JSON.parse(waived.out) as FleetReport;
    expect(shown.hosts.map(({ guidance }) => guidance[0]?.waiver?.owner)).toEqual([
      undefined,
      undefined,
      'bernd',
    ]);
    const strict = await cli(
      'audit',
      run,
      '-q',
      '--config',
      'none',
      '--check',
      'shells',
      '--strict-guidance',
    );
    expect(strict.code).toBe(1);
    const without = await judged(run, '--no-guidance');
    expect(without.hosts.map(({ guidance }) => guidance)).toEqual([[], [], []]);
    expect(without.hosts.map(({ score }) => score)).toEqual(report.hosts.map(({ score }) => score));
    expect(without.closure).toEqual(report.closure);
  });
});
