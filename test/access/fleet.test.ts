/**
 * The access report of real hosts: real logins with and without a terminal, real sudo, a package really installed,
 * journald, and a log of the CA. The kernel's audit is off on such hosts, so its records are samples in a real journal.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccessReport } from '../../src/access/types.js';
import { run as exec } from '../fleet/exec.js';
import { JOURNAL_REMOTE } from '../fleet/history.js';
import { startFleet } from '../fleet/lab.js';
import { fleetNeeds } from '../fleet/needs.js';
import type { Deviation, Fleet, FleetHost, LoginSpec } from '../fleet/types.js';
import type { FleetReport } from '../../src/model.js';
import { runMain, type Caught } from '../helpers/io.js';
import { needs, title } from '../helpers/needs.js';

const need =
  fleetNeeds() ??
  needs.program('dpkg-deb', 'dpkg') ??
  (existsSync(JOURNAL_REMOTE) ? null : needs.program('systemd-journal-remote', 'systemd-journal-remote'));
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

/** A package of one file, in base64. */
async function packageText(directory: string): Promise<string> {
  const tree = join(directory, 'lab-tool');
  const control =
    'Package: lab-tool\nVersion: 1.0\nArchitecture: all\nMaintainer: lab <lab@example.org>\nDescription: a tool\n';
  await exec('sh', ['-euc', `mkdir -p "$1/DEBIAN" "$1/srv/lab-tool"; chmod 755 "$1" "$1/DEBIAN"; echo x >"$1/srv/lab-tool/x"; cat >"$1/DEBIAN/control"`, 'sh', tree], { input: control }); // prettier-ignore
  await exec('dpkg-deb', ['--root-owner-group', '--build', tree, `${tree}.deb`]);
  return readFileSync(`${tree}.deb`).toString('base64');
}

/**
 * What journald writes down of the kernel's audit where no auditd runs (systemd, src/journal/journald-audit.c), about a
 * login that really was: its process is in the record that opened the audit session.
 */
async function auditRecords(host: FleetHost, keyId: string, argv: string): Promise<void> {
  const line = await host.run(`journalctl -q --no-pager -o json -t sshd -g 'ID ${keyId} ' -n 1`);
  const { _PID: pid, __REALTIME_TIMESTAMP: at } = JSON.parse(line) as Record<string, string>;
  const uid = (await host.run('id -u ops')).trim();
  const id = (await host.run('cat /etc/machine-id')).trim();
  const time = Number(at) + 50_000;
  const entry = (type: number, name: string, serial: number, text: string) =>
    [
      `__REALTIME_TIMESTAMP=${time + serial}`, '_BOOT_ID=0123456789abcdef0123456789abcdef', `_MACHINE_ID=${id}`, '_TRANSPORT=audit',
      `_SOURCE_REALTIME_TIMESTAMP=${time - (time % 1000)}`, `_AUDIT_TYPE=${type}`, `_AUDIT_ID=${serial}`, `_AUDIT_TYPE_NAME=${name}`,
      'SYSLOG_IDENTIFIER=audit', `MESSAGE=${name} ${text}`, '',
    ].join('\n'); // prettier-ignore
  const entries = [
    entry(1006, 'LOGIN', 1, `pid=${pid} uid=0 old-auid=4294967295 auid=${uid} tty=(none) old-ses=4294967295 ses=77 res=1`),
    entry(1300, 'SYSCALL', 2, `arch=c000003e syscall=59 success=yes exit=0 items=2 ppid=1 pid=9 auid=${uid} uid=0 gid=0 euid=0 tty=(none) ses=77 comm="rm" exe="/usr/bin/rm" key="exec"`),
    entry(1309, 'EXECVE', 2, `argc=3 ${argv}`),
  ]; // prettier-ignore
  const text = Buffer.from(`${entries.join('\n')}\n`).toString('base64');
  const file = `/var/log/journal/${id}/system@${randomUUID()}.journal`;
  await host.run(`printf %s '${text}' | base64 -d | ${JOURNAL_REMOTE} --output=${file} - >/dev/null 2>&1`);
}

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
            // Where nobody's session was open; and what dpkg needs to work at all.
            afterwards: `mkdir -p /var/log /etc/dpkg /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/dpkg/triggers
echo 'log /var/log/dpkg.log' >/etc/dpkg/dpkg.cfg; : >/var/lib/dpkg/status; : >/var/lib/dpkg/available
echo "$(date -d '-1 hour' '+%Y-%m-%d %H:%M:%S') install curl:amd64 <none> 8.0" >>/var/log/dpkg.log`,
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
    const known = fleet.knownHostsFile;
    const ssh = (...args: readonly string[]) =>
      exec('ssh', [
        '-F', '/dev/null', '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes', '-o', 'IdentityAgent=none', '-o', `UserKnownHostsFile=${known}`,
        ...args,
      ]); // prettier-ignore
    await ssh('-i', join(fleet.directory, 'material', 'emergency'), '--', `ops@${host.address}`, 'true');
    await host.run(`printf %s '${await packageText(fleet.directory)}' | base64 -d >/srv/tool.deb`);
    const dora = await fleet.ca.issue({
      keyId: 'adm-dora OPS-31',
      principals: ['adm-full'],
      validity: '+1h',
    });
    const terminal = await ssh(
      '-tt', '-i', dora.keyFile, '-o', `CertificateFile=${dora.certificateFile}`, '--', `ops@${host.address}`,
      'test -t 0 && sudo -n dpkg -i /srv/tool.deb',
    ); // prettier-ignore
    if (!terminal.includes('Setting up lab-tool')) throw new Error(terminal);
    const erik = await fleet.ca.issue({ keyId: 'adm-erik', principals: ['adm-full'], validity: '+1h' });
    await ssh(
      '-i',
      erik.keyFile,
      '-o',
      `CertificateFile=${erik.certificateFile}`,
      '--',
      `ops@${host.address}`,
      'true',
    );
    await auditRecords(host, 'adm-erik', `a0="rm" a1="-r" a2=${Buffer.from('/srv/a b').toString('hex')}`);
    const now = Date.now();
    const span = {
      from: new Date(now - 3_600_000).toISOString(),
      until: new Date(now + 3_600_000).toISOString(),
    };
    const approvals = [
      { requester: 'bernd', approver: 'dora', reason: 'OPS-12 disk full', hosts: ['web-1'], ...span },
      { requester: 'carla', approver: 'carla', reason: 'curious', hosts: ['*'], ...span },
      {
        requester: 'dora',
        approver: 'bernd',
        reason: 'patch',
        hosts: ['web-*'],
        from: span.from,
        until: new Date(now - 1_800_000).toISOString(),
      },
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
      `${yaml.replace(/^policy:$/m, "policy:\n  ticket_pattern: '[A-Z]+-[0-9]+'")}sources:\n  certificates: { type: jsonl, path: ${JSON.stringify(fleet.ca.logFile)}, live: true }\n  approvals: { type: jsonl, path: approvals.jsonl }\n`,
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
      kind: 'certificate', account: 'ops', holders: ['adm-bernd', 'adm-carla', 'adm-dora OPS-31', 'adm-erik'], at: '/etc/ssh/auth_principals/ops:1',
      sudo: { level: 'all', noPassword: true, from: ['/etc/sudoers.d/ops:2'] },
    }); // prettier-ignore
    expect(of('adm-full')?.uses).toBeGreaterThanOrEqual(5);
    expect(of('atm-logrotate')).toMatchObject({ account: 'automation', uses: 0, sudo: { level: 'none' } });
    expect(of(fleet.emergencyFingerprint)).toMatchObject({ kind: 'emergency-key', account: 'ops', uses: 1 });
  });

  test('who did: logins without a terminal too; forged lines are counted apart', async () => {
    const { uses, shares, strangers } = await access('--to', 'web-1');
    const carla = uses.filter(({ identity }) => identity === 'adm-carla');
    expect(carla).toMatchObject([
      { account: 'ops', method: 'certificate', count: 1, principals: ['adm-full'], known: true },
    ]);
    // With a terminal and without: wtmp would show the one alone.
    expect(uses.filter(({ identity }) => /dora|erik/.test(identity)).map(({ count }) => count)).toEqual([
      1, 1,
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
    });
    // Whether a journald on this machine hears the kernel's audit decides which of both it is.
    expect([
      'auditd does not run: what sessions did cannot be known',
      'auditctl could not be asked',
    ]).toContain(carla?.because);
    const glass = sessions.filter(({ breakGlass }) => breakGlass);
    expect(glass).toMatchObject([{ method: 'emergency-key', approval: 'not-approved' }]);
    expect(sessions.find(({ identity }) => identity === 'adm-dora OPS-31')).toMatchObject({
      approval: 'outside',
      ticket: 'OPS-31',
    });
    expect(sessions.find(({ identity }) => identity === 'adm-erik')?.approval).toBe('not-approved');
    const bernd = sessions.filter(({ identity }) => identity === 'adm-bernd');
    expect(new Set(bernd.map(({ approval, ticket }) => `${approval} ${ticket}`))).toEqual(
      new Set(['approved OPS-12']),
    );
  });

  test('what changed: the commands of the session that ran them, no secret, and the stateless host to re-provision', async () => {
    const { sessions, reprovision, loose, hosts } = await access();
    const altered = sessions.filter(({ effect }) => effect === 'altered');
    expect(altered).toMatchObject([
      { host: 'web-1', identity: 'adm-bernd', because: 'it altered files' },
      {
        identity: 'adm-dora OPS-31',
        because: 'it altered packages',
        commands: [{ text: '/usr/bin/dpkg -i /srv/tool.deb', by: 'sudo', alters: ['packages'] }],
        packages: ['install lab-tool:all (dpkg)'],
      },
      {
        identity: 'adm-erik',
        commands: [{ text: "rm -r '/srv/a b'", by: 'audit', as: 'root', alters: ['files'] }],
      },
    ]);
    expect(altered[0]?.commands.map(({ text }) => text).slice(0, 2)).toEqual([
      '/usr/bin/mkdir /srv/made',
      '/usr/bin/tee /srv/made/x',
    ]);
    expect(JSON.stringify([sessions, loose])).not.toMatch(/hunter2|forged/);
    expect(reprovision).toEqual(['web-1']);
    expect(loose).toMatchObject([{ host: 'web-1', text: 'install curl:amd64 (dpkg)' }]);
    expect(hosts.map(({ name }) => name)).toEqual(['db-1', 'web-1']);
    expect(hosts.filter(({ auditing }) => auditing === 'on')).toEqual([]);
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

  test('the HTML report has it all, of a run that collected it; the same as a page of its own, also pseudonymised', async () => {
    const report = await cli('audit', run, '-f', 'html', '-q');
    const page = await cli('access', run, '-f', 'html', '-q');
    for (const { out } of [report, page]) {
      for (const said of ['id="access"', 'adm-dora OPS-31', 'break glass', 'dpkg -i /srv/tool.deb', 'Re-provision', 'outside its approval'])
        expect(out.includes(said) ? '' : said).toBe(''); // prettier-ignore
      expect(out).not.toContain('hunter2');
    }
    const key = { ...env(), SSH_SCORECARD_PSEUDONYM_KEY: 'a key of thirty-two bytes, for us' };
    const hidden = await runMain(['access', run, '-f', 'html', '--pseudonymise', '-q'], {
      cwd: fleet.directory,
      env: key,
      columns: 100,
    });
    expect(hidden.code).toBe(0);
    expect(hidden.out.match(/bernd|carla|erik|127\.0\.0\.1|auditor|disk full|tool\.deb/g)).toBeNull();
    const json = JSON.parse((await cli('audit', run, '-f', 'json', '-q')).out) as FleetReport;
    expect(json.access?.logins).toMatchObject({ 'emergency-key': 1, untrusted: 1 });
    expect(json.access?.changed.reprovision.names).toEqual(['web-1']);
  });

  test('a live run tells the same, and judged again it is equal to the letter', async () => {
    const live = await cli(
      'run', join(fleet.directory, 'inventory.yaml'), '--evidence', 'full', '-F', 'none', '--no-agent',
      '--known-hosts', fleet.knownHostsFile, '--config', 'none', '-q', '-f', 'json', '-o', 'html=live.html',
    ); // prettier-ignore
    const told = JSON.parse(live.out) as FleetReport;
    expect(told.access?.hosts).toMatchObject({ read: 2, total: 2 });
    expect(told.access?.did.rows.map(({ identity }) => identity)).toContain('adm-dora OPS-31');
    expect(readFileSync(join(fleet.directory, 'live.html'), 'utf8')).toContain('adm-dora OPS-31');
    const again = await cli('audit', join('full', told.run.id), '-q', '-f', 'json', '-o', 'html=again.html');
    expect(again.out === live.out).toBe(true);
    const page = (name: string) => readFileSync(join(fleet.directory, name), 'utf8');
    expect(page('again.html') === page('live.html')).toBe(true);
    const without = await cli('audit', join('full', told.run.id), '-q', '-f', 'json', '--no-access');
    expect((JSON.parse(without.out) as FleetReport).access).toBeUndefined();
  });

  test('the policy leaves out addresses, commands and reasons, in every form of the report', async () => {
    const inventory = readFileSync(join(fleet.directory, run, 'inventory.yaml'), 'utf8');
    const [policy = ''] = /^policy:\n(?: .*\n)*/m.exec(inventory) ?? [];
    writeFileSync(
      join(fleet.directory, 'policy.yaml'),
      `${policy.replace(/^policy:\n/, '').replaceAll(/^ {2}/gm, '')}access_omit: [addresses, commands, reasons]\n`,
    );
    for (const format of ['json', 'csv', 'html']) {
      const { out, code } = await cli('access', run, '-f', format, '-q', '--policy', 'policy.yaml');
      expect(code).toBe(0);
      expect(out).toContain('adm-dora OPS-31');
      expect(out.match(/127\.0\.0\.1|disk full|tool\.deb|\/srv\/made/g)).toBeNull();
    }
    const { out } = await cli('audit', run, '-f', 'json', '-q', '--policy', 'policy.yaml');
    const { access: told } = JSON.parse(out) as FleetReport;
    expect(told?.did.rows.flatMap(({ from }) => from)).toEqual([]);
    expect(told?.changed.sessions.rows.flatMap(({ commands }) => commands)).toContain('dpkg');
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
    expect((await cli('audit', out.trim(), '-f', 'html', '-q')).out).not.toContain('id="access"');
    const report = JSON.parse((await cli('access', out.trim(), '-f', 'json', '-q')).out) as AccessReport;
    const host = report.hosts.find(({ name }) => name === 'db-1');
    expect(host).toMatchObject({ auditing: 'unknown' });
    expect(host?.gaps.join()).toContain('probe sudoers was not part of this run');
    expect(report.doors.every(({ sudo }) => sudo.level === 'unknown')).toBe(true);
    expect(report.sessions.every(({ effect }) => effect === 'not-known')).toBe(true);
  });
});
