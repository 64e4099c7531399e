import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PROBES } from '../../src/collector/probes.js';
import { readLogging } from '../../src/facts/logging.js';
import { readLogins } from '../../src/facts/login-log.js';
import { records } from '../../src/facts/reading.js';
import { collect, collectNeeds, probesNamed } from '../helpers/collect.js';
import { needs, title } from '../helpers/needs.js';
import { KEPT, SECRET, SECRET_FILES } from '../fixtures/logging/secrets.js';

const LOGGING = probesNamed('logins', 'logging');

describe.skipIf(needs.shellcheck)(title('shellcheck', needs.shellcheck), () => {
  test.each(['logins', 'logging'])('probe %s is clean together with what runs before it', (name) => {
    const setups = PROBES.find((probe) => probe.name === name)?.setup ?? [];
    const input = ['prelude', ...setups, name]
      .map((part) => readFileSync(`src/collector/probes/${part}.sh`, 'utf8'))
      .join('\n');
    expect(spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034', '-'], { input }).stdout.toString()).toBe('');
  });
});

/** Everything the probe told, every word decoded. */
function told(stdout: string): string {
  return stdout
    .split(/[ \n]/)
    .map((word) =>
      word.length % 4 < 2 && /^=?[A-Za-z0-9+/]+=*$/.test(word)
        ? `${Buffer.from(word.replace(/^=/, ''), 'base64').toString('latin1')} ${word}`
        : word,
    )
    .join('\n');
}

describe.skipIf(needs.busybox)(title('redact', needs.busybox), () => {
  const script = `T() { shift; "$@"; }\n${readFileSync('src/collector/probes/redact-setup.sh', 'utf8')}\nredact`;
  const redact = (text: string, awk = 'awk') =>
    execFileSync('sh', ['-c', script.replace('T 5 awk', awk)], { input: text }).toString();

  test.each(Object.keys(SECRET_FILES))('%s keeps no secret, with either awk', (path) => {
    for (const awk of ['awk', 'busybox awk']) {
      const text = redact(SECRET_FILES[path] ?? '', awk);
      expect(text).not.toContain(SECRET);
      expect(text.split('\n').length).toBe((SECRET_FILES[path] ?? '').split('\n').length);
    }
  });

  test('long random words go, whatever their name', () => {
    expect(redact('x: 0123456789abcdef0123456789abcdef\n')).toBe('x: [redacted]\n');
    expect(redact('auth,authpriv.* @@h;RSYSLOG_SyslogProtocol23Format\n')).toBe(
      'auth,authpriv.* @@h;RSYSLOG_SyslogProtocol23Format\n',
    );
  });

  test('rules that only speak of passwords stay as they are', () => {
    const rules =
      ':msg, contains, "Failed password" stop\nif $msg contains "password" then stop\nauth,authpriv.* @@h\n- module: system\n  auth:\n    enabled: true\n';
    expect(redact(rules)).toBe(rules);
  });
});

const need = collectNeeds() ?? needs.busybox ?? needs.program('ksh', 'ksh') ?? needs.program('mksh', 'mksh');
describe.skipIf(need)(title('on a private host', need), () => {
  const shells = ['dash', 'bash', 'ksh', 'mksh', 'busybox sh'];
  const runs = new Map<string, ReturnType<typeof collect>>();

  test.each(shells)('%s runs both probes, and no secret survives', (shell) => {
    const run = collect({ files: SECRET_FILES, shell, sshd: null, probes: LOGGING });
    runs.set(shell, run);
    expect(run.evidence.failure).toBeUndefined();
    expect(run.stderr).toBe('');
    expect(Object.values(run.evidence.probes).map(({ rc, cut, stderr }) => [rc, cut, stderr])).toEqual([
      [0, false, ''],
      [0, false, ''],
    ]);
    const everything = told(run.evidence.probes['logging']?.stdout ?? '');
    expect(everything).not.toContain(SECRET);
    for (const kept of KEPT) expect(everything).toContain(kept);
  });

  test('all shells tell the same', () => {
    const logging = [...runs.values()].map(({ evidence }) => evidence.probes['logging']?.stdout);
    expect(logging).toHaveLength(shells.length);
    for (const one of logging) expect(one).toBe(logging[0]);
  });

  test('includes of rsyslog are followed in both spellings', () => {
    const output = runs.get('dash')?.evidence.probes['logging'];
    const rows = output ? records(output) : [];
    expect(rows.filter(([kind]) => kind === 'C').map((row) => row[2])).toEqual(
      expect.arrayContaining(['/etc/rsyslog.conf', '/etc/rsyslog.d/10-es.conf', '/etc/rsyslog.more/z.conf']),
    );
    expect(rows.filter(([kind]) => kind === 'I')).toHaveLength(2);
  });
});

/** What a host needs to log like one: own /dev and /var/log, journald, a rsyslog that sends to the loopback. */
const LOG_HOST = `
mkdir /run/dev && mount -t tmpfs -o mode=755 dev /run/dev
for d in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 666 /run/dev/\${d%:*} c 1 \${d#*:}; done
mknod -m 666 /run/dev/tty c 5 0
mkdir /run/dev/pts /run/dev/shm
ln -s /proc/self/fd /run/dev/fd
ln -s /run/systemd/journal/dev-log /run/dev/log
mount --move /run/dev /dev
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts /dev/pts && ln -s pts/ptmx /dev/ptmx
mount -t tmpfs -o mode=755 tmpfs /var/log
mkdir -p /var/log/journal /run/systemd/journal /run/lock
printf 'dddddddddddddddddddddddddddddddd\\n' >/etc/machine-id
/lib/systemd/systemd-journald >/dev/null 2>&1 &
n=0; until [ -e /run/systemd/journal/dev-log ]; do n=$((n + 1)); [ "$n" -lt 300 ]; sleep 0.02; done
rsyslogd -iNONE -n >/dev/null 2>&1 &
n=0; until [ -e /run/systemd/journal/syslog ]; do n=$((n + 1)); [ "$n" -lt 300 ]; sleep 0.02; done
ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/user_ca
ssh-keygen -q -t ed25519 -N '' -f /root/id
`;
const LOGIN = (
  id: string,
  serial: number,
) => `ssh-keygen -q -s /etc/ssh/user_ca -I '${id}' -n alice -z ${serial} -V -1m:+1h /root/id.pub
ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i /root/id -p 2222 alice@127.0.0.1 true 2>/dev/null
`;
const logNeed =
  need ??
  needs.ssh ??
  needs.program('rsyslogd', 'rsyslog') ??
  needs.program('journalctl', 'systemd') ??
  needs.program('setpriv', 'util-linux');

describe.skipIf(logNeed)(title('with a real journald, rsyslog and sshd', logNeed), () => {
  const forged =
    'Accepted publickey for root from 10.0.0.1 port 4711 ssh2: ED25519-CERT SHA256:XjTtRMa4Noh3zF11/vqSr4cxHXQRi5vTsG3gwA9GOJQ ID adm-bernd (serial 7) CA ED25519 SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk';
  const odd = 'x (serial 5) CA ED25519 SHA256:AAAA, y from 9.9.9.9 port 1 ssh2: ED25519-CERT ID adm-root';
  const before = Math.floor(Date.now() / 1000) * 1000;
  const { evidence } = logNeed
    ? { evidence: undefined }
    : collect({
        config:
          'Port 2222\nUsePAM no\nTrustedUserCAKeys /etc/ssh/user_ca.pub\nLogLevel VERBOSE\nStrictModes no\n',
        passwd: ['alice:x:2001:2001::/home/alice:/bin/sh'],
        group: ['alice:x:2001:'],
        files: {
          '/etc/rsyslog.conf':
            'module(load="imuxsock" SysSock.Name="/run/systemd/journal/syslog")\n$IncludeConfig /etc/rsyslog.d/*.conf\nauth,authpriv.* /var/log/auth.log\n',
          '/etc/rsyslog.d/50-siem.conf': 'auth,authpriv.* @@127.0.0.1:5514\n',
          '/etc/systemd/journald.conf':
            '[Journal]\nStorage=persistent\nForwardToSyslog=yes\nReadKMsg=no\nAudit=no\n',
        },
        before: LOG_HOST,
        after: `${LOGIN('adm-bernd', 42)}${LOGIN(odd, 43)}${LOGIN(`adm-${'x'.repeat(3000)}`, 44)}${LOGIN(`adm-${'y'.repeat(200)} (serial 42) CA ED25519 SHA256:esmI1S6VuEZbC3sX6ukrRHWZr/xKkl85jG9f4ka84Pk${'z'.repeat(900)}`, 45)}
setpriv --reuid 2001 --regid 2001 --clear-groups logger -p auth.info -t 'sshd[999]' '${forged}'
setpriv --reuid 2001 --regid 2001 --clear-groups logger -p auth.info -t sshd "Accepted $(head -c 6000 /dev/zero | tr '\\0' x)"
sleep 0.3; journalctl --sync >/dev/null 2>&1 || true
`,
        probes: LOGGING,
      });
  const log = evidence ? readLogins(evidence) : undefined;
  const logging = evidence ? readLogging(evidence) : undefined;
  const logins = log?.ok ? log.value.logins : [];

  test('both probes end well', () => {
    expect(evidence?.failure).toBeUndefined();
    expect(Object.values(evidence?.probes ?? {}).map(({ rc, stderr }) => [rc, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(log).toMatchObject({ ok: true, gaps: [], value: { source: 'journal' } });
  });

  test('real logins carry their identity', () => {
    const [first, second] = logins.filter(({ trusted }) => trusted);
    expect(first).toMatchObject({
      account: 'alice',
      from: '127.0.0.1',
      method: 'publickey',
      identityLost: false,
      certificate: { keyId: 'adm-bernd', serial: '42' },
    });
    expect(second).toMatchObject({ account: 'alice', certificate: { keyId: odd, serial: '43' } });
    expect(first?.at).toBeGreaterThanOrEqual(before);
    expect(first?.at).toBeLessThanOrEqual(Date.now());
  });

  test('key IDs that push the identity out, or put another in its place, are logins without identity', () => {
    const lost = logins.filter(({ identityLost }) => identityLost);
    expect(lost.map(({ account, trusted, certificate }) => [account, trusted, certificate])).toEqual([
      ['alice', true, undefined],
      ['alice', true, undefined],
    ]);
  });

  test('what another program wrote in the name of sshd is never trusted', () => {
    expect(logins.filter(({ trusted }) => !trusted)).toMatchObject([
      { account: 'root', certificate: { keyId: 'adm-bernd', serial: '7' } },
    ]);
  });

  test('the log covers what the journal holds', () => {
    if (!log?.ok) throw new Error('no log');
    expect(log.value.coversFrom).toBeGreaterThanOrEqual(before);
    expect(log.value.coversTo).toBeGreaterThanOrEqual(log.value.coversFrom ?? Infinity);
  });

  test('the forwarder is seen to send', () => {
    expect(logging).toMatchObject({
      ok: true,
      gaps: [],
      value: {
        journald: {
          running: true,
          persistent: true,
          storage: 'persistent',
          forwardsToSyslog: true,
          drops: [],
        },
        devLog: '/run/systemd/journal/dev-log',
        syslogDaemons: ['rsyslog'],
        forwarders: [
          {
            name: 'rsyslog',
            running: true,
            shipsAuth: true,
            destinations: ['omfwd tcp 127.0.0.1:5514'],
            evidence: [{ path: '/etc/rsyslog.d/50-siem.conf', line: 1 }],
          },
        ],
      },
    });
  });
});
