import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compose } from '../../src/collector/compose.js';
import { PROBES, probesFor } from '../../src/collector/probes.js';
import { readAccessFacts, type AccessFacts } from '../../src/facts/access-facts.js';
import type { HostEvidence } from '../../src/model.js';
import { collect, collectNeeds, NONCE, probesNamed } from '../helpers/collect.js';
import { needs, title } from '../helpers/needs.js';

const NAMES = ['sudoers', 'sessions', 'changes'] as const;

describe('the probes of the access report', () => {
  test('are collected only when asked for, and feed no check', () => {
    const facts = new Set(PROBES.flatMap((probe) => probe.facts));
    const without = probesFor(facts).map(({ name }) => name);
    expect(NAMES.filter((name) => without.includes(name))).toEqual([]);
    expect(probesFor(facts, true).map(({ name }) => name)).toEqual([...without, ...NAMES]);
    expect(compose(probesFor(facts), NONCE)).not.toContain('audit_lines');
  });

  test.skipIf(needs.shellcheck).each(NAMES)(
    '%s is clean by shellcheck together with what runs before it',
    (name) => {
      const setups = PROBES.find((probe) => probe.name === name)?.setup ?? [];
      const input = ['prelude', ...setups, name]
        .map((part) => readFileSync(`src/collector/probes/${part}.sh`, 'utf8'))
        .join('\n');
      expect(spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034', '-'], { input }).stdout.toString()).toBe(
        '',
      );
    },
  );
});

/** An audit log as auditd writes it, now: the recorded sample with this clock, and secrets in every form. */
function auditLog(): string {
  const now = Math.floor(Date.now() / 1000) - 60;
  const sample = readFileSync('test/fixtures/access/auditd-sample.log', 'utf8').replaceAll(
    '1711620000.123',
    `${now}.123`,
  );
  const event = (serial: number, args: string, auid = '1002') =>
    [
      `type=SYSCALL msg=audit(${now}.500:${serial}): arch=c000003e syscall=59 success=yes exit=0 a0=1 items=2 ppid=1 pid=2 auid=${auid} uid=1002 gid=1002 euid=0 tty=pts0 ses=12 comm="x" exe="/usr/bin/x" key="exec"`,
      `type=EXECVE msg=audit(${now}.500:${serial}): argc=9 ${args}`,
    ].join('\n');
  const hex = (text: string) => Buffer.from(text).toString('hex').toUpperCase();
  return [
    `type=SERVICE_START msg=audit(${now - 60}.000:1): pid=1 uid=0 auid=4294967295 ses=4294967295 msg='unit=x'`,
    `type=LOGIN msg=audit(${now}.100:1): pid=812 uid=0 old-auid=4294967295 auid=1002 tty=(none) old-ses=4294967295 ses=12 res=1`,
    sample.trimEnd(),
    event(20, 'a0="mysql" a1="--password=hunter2" a2="--token" a3="hunter2" a4="https://u:hunter2@h/"'),
    event(
      21,
      `a0="curl" a1="-H" a2=${hex('Authorization: Bearer hunter2hunter2')} a3=${hex('PASSWORD is hunter2')}`,
    ),
    event(22, 'a0="cron-job"', '4294967295'),
    '',
  ].join('\n');
}

const SUDOERS = `Defaults env_reset
@includedir /etc/sudoers.d
`;

const need = collectNeeds();
describe.skipIf(need)(title('on a real host', need), () => {
  const shells = ['dash', 'bash', 'mksh', 'busybox sh'];
  const runs = new Map<string, HostEvidence>();
  const host = (shell: string) => ({
    shell,
    sshd: null,
    probes: probesNamed(...NAMES),
    files: {
      '/etc/sudoers': SUDOERS,
      '/etc/sudoers.d/ops': '%ops ALL=(root) NOPASSWD: ALL\n',
      '/etc/sudoers.d/left.rpmsave': 'eve ALL=(root) NOPASSWD: ALL\n',
      '/run/lab/audit.log': auditLog(),
      '/run/lab/dpkg.log': `${new Date(Date.now() - 60_000).toISOString().slice(0, 19).replace('T', ' ')} install curl:amd64 <none> 8.0\n2020-01-01 00:00:00 install old:amd64 <none> 1\n`,
    },
    before: `mount -t tmpfs -o mode=755 tmpfs /var/log; mkdir /var/log/audit
cp /run/lab/audit.log /var/log/audit/audit.log; cp /run/lab/dpkg.log /var/log/dpkg.log
cp /usr/bin/sleep /run/lab/auditd; /run/lab/auditd 60 & cp /usr/bin/sleep /run/lab/amazon-ssm-agent; /run/lab/amazon-ssm-agent 60 &`,
  });
  beforeAll(() => {
    for (const shell of shells) runs.set(shell, collect(host(shell)).evidence);
  }, 60_000);

  const factsBy = (shell: string): AccessFacts => {
    const evidence = runs.get(shell);
    if (!evidence) throw new Error(`no run by ${shell}`);
    return readAccessFacts(evidence);
  };

  test.each(shells)('%s runs them to the end and says nothing of its own', (shell) => {
    const evidence = runs.get(shell);
    expect(evidence?.failure).toBeUndefined();
    for (const name of NAMES)
      expect(evidence?.probes[name]).toMatchObject({ rc: 0, stderr: '', cut: false, timedOut: false });
  });

  test.each(shells)(
    '%s: sudoers with what it includes, files that sudo leaves out left out, and agents',
    (shell) => {
      const { sudoers } = factsBy(shell);
      expect(sudoers).toMatchObject({
        ok: true,
        value: { agents: [{ name: 'amazon-ssm-agent', running: true }] },
      });
      expect(sudoers.ok && sudoers.value.rules.map(({ users, at }) => [users[0], at.path])).toEqual([
        ['%ops', '/etc/sudoers.d/ops'],
      ]);
    },
  );

  test.each(shells)('%s: programs of login sessions, packages, and no secret', (shell) => {
    const { changes } = factsBy(shell);
    if (!changes.ok) throw new Error(changes.detail);
    expect(changes.value.auditing.running).toBe(true);
    // A record of no session reaches back further than those that are kept.
    expect(changes.value.auditing.coversFrom).toBe(
      changes.value.logins.map(({ at }) => Math.floor(at / 1000) * 1000 - 60_000)[0],
    );
    expect(changes.value.commands.map(({ argv }) => argv[0])).toEqual(['apt', 'mysql', 'curl']);
    expect(changes.value.commands[0]).toMatchObject({
      argv: ['apt', 'install', 'hello world'],
      session: 12,
      loginUid: 1002,
      uid: 0,
    });
    expect(changes.value.logins).toMatchObject([{ pid: 812, session: 12 }]);
    expect(changes.value.packages.map(({ name }) => name)).toEqual(['curl:amd64']);
    const raw = runs.get(shell)?.probes['changes']?.stdout ?? '';
    expect(raw).not.toContain('hunter2');
    expect(raw).not.toContain(Buffer.from('hunter2').toString('hex').toUpperCase());
  });

  test('without any log they say so, and nothing is called clean', () => {
    const { evidence } = collect({
      sshd: null,
      probes: probesNamed(...NAMES),
      before: 'mount -t tmpfs tmpfs /var/log; rm -rf /etc/sudoers /etc/sudoers.d',
    });
    const { sessions, changes, sudoers } = readAccessFacts(evidence);
    expect(sessions).toMatchObject({
      ok: true,
      value: { source: 'none' },
      gaps: ['the host keeps no log of sudo that could be read'],
    });
    expect(changes).toMatchObject({
      ok: true,
      value: { auditing: { running: false, rules: [] }, packages: [], packageLogs: [] },
    });
    expect(sudoers).toMatchObject({ ok: true, value: { rules: [] } });
  });

  test('a busy audit log: the newest records are kept, what was left out is told, and time is bounded', () => {
    const { evidence } = collect({
      sshd: null,
      probes: probesNamed('changes'),
      before: `mount -t tmpfs -o mode=755 tmpfs /var/log; mkdir /var/log/audit
awk -v now="$(date +%s)" 'BEGIN { for (i = 0; i < 40000; i++) { a = i % 4 ? "4294967295" : "1002"; printf "type=SYSCALL msg=audit(%d.000:%d): arch=c000003e syscall=59 success=yes exit=0 auid=%s uid=0 euid=0 ses=12 exe=\\"/bin/x\\"\\ntype=EXECVE msg=audit(%d.000:%d): argc=1 a0=\\"n%d\\"\\n", now - 60, i, a, now - 60, i, i } }' >/var/log/audit/audit.log`,
    });
    const { changes } = readAccessFacts(evidence);
    if (!changes.ok) throw new Error(changes.detail);
    expect(changes.gaps).toEqual(['only the last 6000 of 20000 audit records were read']);
    expect(changes.value.commands.at(-1)?.argv).toEqual(['n39996']);
    expect(changes.value.commands.length).toBe(3000);
  });

  test('files that include one another end', () => {
    const { evidence } = collect({
      sshd: null,
      probes: probesNamed('sudoers'),
      files: {
        '/etc/sudoers': '@include /etc/sudoers.one\nalice ALL=ALL\n',
        '/etc/sudoers.one': '#include sudoers\n@include sudoers.two\nbob ALL=ALL\n',
        '/etc/sudoers.two': 'carla ALL=/bin/ls\n',
      },
      before: 'rm -rf /etc/sudoers.d',
    });
    const { sudoers } = readAccessFacts(evidence);
    expect(sudoers.ok && sudoers.value.rules.map(({ users }) => users[0]).sort()).toEqual([
      'alice',
      'bob',
      'carla',
    ]);
  });
});
