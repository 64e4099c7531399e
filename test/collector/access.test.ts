import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { compose } from '../../src/collector/compose.js';
import { PROBES, probesFor } from '../../src/collector/probes.js';
import { readLogins } from '../../src/facts/login-log.js';
import { readAccessFacts, type AccessFacts } from '../../src/facts/access-facts.js';
import type { HostEvidence } from '../../src/model.js';
import { JOURNAL_REMOTE } from '../fleet/history.js';
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

/** The same records as journald keeps them that hears the kernel itself (systemd, src/journal/journald-audit.c). */
function asJournal(log: string): string {
  const types: Readonly<Record<string, number>> = {
    LOGIN: 1006,
    SYSCALL: 1300,
    EXECVE: 1309,
    SERVICE_START: 1130,
  };
  const boot = 'ab'.repeat(16);
  return log
    .split('\n')
    .filter(Boolean)
    .map((line, index) => {
      const [, type = '', seconds = '', ms = '', id = '', rest = ''] =
        /^type=(\w+) msg=audit\((\d+)\.(\d+):(\d+)\): ?(.*)$/.exec(line) ?? [];
      return [
        `__REALTIME_TIMESTAMP=${seconds}${ms}${String(100 + index)}`,
        `__MONOTONIC_TIMESTAMP=${1000 + index}`,
        `_BOOT_ID=${boot}`,
        '_TRANSPORT=audit',
        `_SOURCE_REALTIME_TIMESTAMP=${seconds}${ms}000`,
        `_AUDIT_TYPE=${types[type] ?? 1300}`,
        `_AUDIT_ID=${id}`,
        'SYSLOG_FACILITY=32',
        'SYSLOG_IDENTIFIER=audit',
        `_AUDIT_TYPE_NAME=${type}`,
        `MESSAGE=${type} ${rest}`,
        '',
      ].join('\n');
    })
    .join('\n');
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
  });

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
    expect(changes.value.auditing.recorder).toBe('auditd');
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

  test.each(['dash', 'busybox sh'])(
    '%s: no line of a text log leaves the host that is older than the window',
    (shell) => {
      const stamp = (daysAgo: number) => {
        const at = new Date(Date.now() - daysAgo * 86_400_000);
        const month = at.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
        return {
          iso: `${at.toISOString().slice(0, 19)}.000000+00:00`,
          old: `${month} ${String(at.getUTCDate()).padStart(2)} 10:00:00`,
        };
      };
      const lines = [40, 20, 13, 0].flatMap((days) => {
        const { iso, old } = stamp(days);
        return [
          `${iso} web sudo: ops : PWD=/ ; USER=root ; COMMAND=/bin/iso${days}`,
          `${old} web sudo: ops : PWD=/ ; USER=root ; COMMAND=/bin/old${days}`,
          `${iso} web sshd[1]: Accepted password for iso${days} from 10.0.0.9 port 1 ssh2`,
          `${old} web sshd[1]: Accepted password for old${days} from 10.0.0.9 port 1 ssh2`,
        ];
      });
      const { evidence } = collect({
        shell,
        sshd: null,
        probes: probesNamed('sessions', 'logins'),
        files: { '/run/lab/auth.log': `${lines.join('\n')}\n` },
        before: 'mount -t tmpfs -o mode=755 tmpfs /var/log; cp /run/lab/auth.log /var/log/auth.log',
      });
      for (const [name, word] of [
        ['sessions', /\/bin\/(iso|old)(\d+)/g],
        ['logins', /Accepted password for (iso|old)(\d+)/g],
      ] as const) {
        const text = evidence.probes[name]?.stdout ?? '';
        expect(Array.from(text.matchAll(word), ([, form, days]) => `${form}${days}`).sort()).toEqual([
          'iso0',
          'iso13',
          'old0',
          'old13',
        ]);
      }
      // How far back the log reaches is told by a time alone.
      const [, first = ''] = /^first \S+ \S+ (\S+)$/m.exec(evidence.probes['logins']?.stdout ?? '') ?? [];
      expect(first).toMatch(/^\d{4}-\d\d-\d\dT[\d:.+]+$/);
      const logins = readLogins(evidence);
      expect(logins.ok && logins.value.coversFrom).not.toBeNull();
    },
  );

  const remote = existsSync(JOURNAL_REMOTE)
    ? null
    : needs.program('systemd-journal-remote', 'systemd-journal-remote');
  test.skipIf(remote)(title('audit records that only the journal has are read the same way', remote), () => {
    const { evidence } = collect({
      sshd: null,
      probes: probesNamed('changes'),
      files: { '/run/lab/audit.export': `${asJournal(auditLog())}\n` },
      before: `mount -t tmpfs -o mode=755 tmpfs /var/log; d=/var/log/journal/$(cat /etc/machine-id); mkdir -p "$d"
${JOURNAL_REMOTE} --output="$d/system.journal" /run/lab/audit.export >/dev/null 2>&1`,
    });
    const { changes } = readAccessFacts(evidence);
    const fromFile = factsBy('dash').changes;
    if (!changes.ok || !fromFile.ok) throw new Error('not read');
    const plain = ({ value: { commands, logins } }: typeof changes) => ({
      commands: commands.map((record) => ({ ...record, at: 0 })),
      logins: logins.map((record) => ({ ...record, at: 0 })),
    });
    expect(plain(changes)).toEqual(plain(fromFile));
    expect(changes.value.commands.map(({ at }) => at % 1000)).toEqual(
      fromFile.value.commands.map(({ at }) => at % 1000),
    );
    const raw = evidence.probes['changes']?.stdout ?? '';
    expect(raw).toContain('audit-source journal\n');
    expect(changes.value.auditing.recorder).toBe(raw.includes('listens yes\n') ? 'journald' : 'none');
    expect(changes.value.auditing.coversFrom).not.toBeNull();
    // The kernel promises nothing to those who listen: never proof that all was recorded.
    expect(changes.gaps.join()).toContain('audit records come from the journal');
    expect(raw).not.toContain('hunter2');
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
      value: { auditing: { recorder: 'none', rules: [] }, packages: [], packageLogs: [] },
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
