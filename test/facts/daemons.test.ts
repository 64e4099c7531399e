import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { daemonOptions } from '../../src/facts/daemon-options.js';
import { readDaemons, socketAddress } from '../../src/facts/daemons.js';
import type { DaemonFacts } from '../../src/facts/types.js';
import { collect, collectNeeds, type PrivateHost } from '../helpers/collect.js';
import { evidenceOf, word } from '../helpers/evidence.js';
import { needs, title } from '../helpers/needs.js';

function read(host: PrivateHost): { value: DaemonFacts; gaps: readonly string[] } {
  const reading = readDaemons(collect(host).evidence);
  if (!reading.ok) throw new Error(reading.detail);
  return reading;
}

describe('arguments of a running sshd', () => {
  test.each([
    ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups', []],
    [
      'sshd: /usr/sbin/sshd -D -o AuthorizedKeysCommand /usr/share/eic %u %f -o AuthorizedKeysCommandUser ec2 [listener] 0 of 10-100 startups',
      [
        ['authorizedkeyscommand', '/usr/share/eic %u %f'],
        ['authorizedkeyscommanduser', 'ec2'],
      ],
    ],
    [
      'sshd: /usr/sbin/sshd -oPasswordAuthentication=yes [listener] 1 of 10-100 startups',
      [['passwordauthentication', 'yes']],
    ],
    [
      '/usr/sbin/sshd\n-D\n-o\nPermitRootLogin = yes\n-p\n2222',
      [
        ['permitrootlogin', 'yes'],
        ['port', '2222'],
      ],
    ],
    ['/usr/sbin/sshd\n-Def\n/etc/x\n-E\n-o\n-oPort=1', [['port', '1']]],
  ])('%j', (commandLine, overrides) => {
    expect(daemonOptions(commandLine).overrides.map(({ keyword, value }) => [keyword, value])).toEqual(
      overrides,
    );
  });

  test('the configuration file, unless it is the usual one', () => {
    expect(daemonOptions('/usr/sbin/sshd\n-f\n/etc/ssh/other').configFile).toBe('/etc/ssh/other');
    expect(
      daemonOptions('sshd: /usr/sbin/sshd -D -f /etc/ssh/sshd_config [listener] 0 of 10-100 startups')
        .configFile,
    ).toBeUndefined();
  });

  test('no text makes it throw', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(daemonOptions(`sshd: /usr/sbin/sshd ${text}`).overrides.length).toBeLessThanOrEqual(
          text.length,
        );
      }),
      { seed: 20261121, numRuns: 1000 },
    );
  });
});

describe('sockets', () => {
  test.each([
    ['0100007F:0016', '127.0.0.1:22'],
    ['00000000:08AE', '0.0.0.0:2222'],
    ['00000000000000000000000000000000:0016', '[::]:22'],
    ['B80D0120000000000000000001000000:0016', '[2001:db8::1]:22'],
    ['00000000000000000000000001000000:0016', '[::1]:22'],
    ['zz:1', ''],
  ])('%s is %s', (kernel, text) => expect(socketAddress(kernel)).toBe(text));
});

const need = collectNeeds();
describe.skipIf(need)(title('a real host', need), () => {
  test('the listener: program, start, sockets; nothing is newer than it', () => {
    const before = Math.floor(Date.now() / 1000);
    const { value, gaps } = read({ config: 'ListenAddress 127.0.0.1:2222\nListenAddress [::1]:2223\n' });
    expect(gaps).toEqual([]);
    expect(value.listeners).toHaveLength(1);
    expect(value.listeners[0]).toMatchObject({
      program: 'sshd',
      executable: '/usr/sbin/sshd',
      overrides: [],
    });
    expect([...(value.listeners[0]?.sockets ?? [])].sort()).toEqual(['127.0.0.1:2222', '[::1]:2223']);
    // In whole seconds, counted from a start of the machine that is itself in whole seconds.
    expect(value.listeners[0]?.startedAt).toBeGreaterThanOrEqual(before - 2);
    expect(value.listeners[0]?.startedAt).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000) + 2);
    expect(value.newerThanDaemon).toEqual([]);
    expect(value.impostors).toEqual([]);
  });

  test('a file edited after the start is newer, until a reload', () => {
    const edited = read({ after: `touch -d '+1 hour' /etc/ssh/sshd_config` });
    expect(edited.value.newerThanDaemon).toMatchObject([{ path: '/etc/ssh/sshd_config' }]);
    expect(edited.value.newerThanDaemon[0]?.by).toBeGreaterThan(3500);
    const later = `sleep 4; printf '#\\n' >>/etc/ssh/sshd_config; `;
    expect(read({ after: later }).value.newerThanDaemon).toHaveLength(1);
    expect(
      read({ after: `${later} kill -HUP "$(cat /run/sshd.pid)"; sleep 0.5` }).value.newerThanDaemon,
    ).toEqual([]);
  });

  test('with a PidFile a second is enough; a link that leads elsewhere since is a change', () => {
    const edited = read({ after: `sleep 1.1; printf '#\\n' >>/etc/ssh/sshd_config` });
    expect(edited.value.newerThanDaemon).toMatchObject([{ path: '/etc/ssh/sshd_config' }]);
    const { value } = read({
      files: { '/etc/ssh/a': 'Port 2222\n', '/etc/ssh/b': 'Port 2222\nPermitRootLogin no\n' },
      before: 'ln -sf a /etc/ssh/sshd_config',
      after: 'sleep 1.1; ln -sf b /etc/ssh/sshd_config',
    });
    expect(value.newerThanDaemon.map(({ path }) => path)).toEqual(['/etc/ssh/sshd_config']);
  });

  test('a second daemon is held to its own files', () => {
    const { value } = read({
      files: { '/etc/ssh/rescue': 'Port 2300\nPidFile /run/rescue.pid\n' },
      after: `/usr/sbin/sshd -f /etc/ssh/rescue; sleep 1.3; printf '#\\n' >>/etc/ssh/rescue`,
    });
    expect(value.newerThanDaemon.map(({ path }) => path)).toEqual(['/etc/ssh/rescue']);
    const { pid } = value.newerThanDaemon[0] ?? {};
    expect(value.listeners.find((one) => one.pid === pid)?.commandLine).toContain('/etc/ssh/rescue');
  });

  const ssh = needs.ssh;
  test.skipIf(ssh)(title('what the running daemon offers', ssh), () => {
    const { value } = read({
      config: 'ListenAddress [::1]:2223\nKbdInteractiveAuthentication no\nPasswordAuthentication no\n',
      after: `printf 'PasswordAuthentication yes\\nPidFile none\\nPort 2300\\n' >/etc/ssh/other; /usr/sbin/sshd -f /etc/ssh/other -o KbdInteractiveAuthentication=no`,
    });
    expect(value.offered).toMatchObject([
      {
        user: 'root',
        address: '[0000:0000:0000:0000:0000:0000:0000:0001]:2223',
        answer: 'refused',
        methods: ['publickey'],
      },
      { user: 'root', address: '127.0.0.1:2300', answer: 'refused', methods: ['publickey', 'password'] },
    ]);
    expect(value.offered?.map(({ daemon }) => daemon?.configFile)).toEqual([undefined, '/etc/ssh/other']);
  });

  test.skipIf(ssh)(title('a daemon that does not answer costs seconds and tells nothing', ssh), () => {
    const { value } = read({ after: 'kill -STOP "$(cat /run/sshd.pid)"' });
    expect(value.offered).toMatchObject([{ answer: 'unclear', methods: [] }]);
  });

  test('a drop-in removed after the start shows in its folder', () => {
    const { value } = read({
      config: 'Include /etc/ssh/sshd_config.d/*.conf\nPort 2222\n',
      files: { '/etc/ssh/sshd_config.d/05-x.conf': 'PasswordAuthentication yes\n' },
      after: 'sleep 4; rm /etc/ssh/sshd_config.d/05-x.conf',
    });
    expect(value.newerThanDaemon.map(({ path }) => path)).toEqual(['/etc/ssh/sshd_config.d']);
  });

  test('impostors, units, a program replaced while it runs', () => {
    const { value, gaps } = read({
      files: {
        '/etc/systemd/system/ssh.service.d/eic.conf':
          '[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D -o "AuthorizedKeysCommand /x %u"\n',
      },
      before:
        'cp /usr/sbin/sshd /run/sshd-copy; mount -t tmpfs tmpfs /usr/local/sbin; cp /usr/sbin/sshd /usr/local/sbin/sshd',
    });
    expect(value.impostors).toEqual(['/usr/local/sbin/sshd']);
    expect(value.units).toContainEqual({
      name: '/etc/systemd/system/ssh.service.d/eic.conf',
      execStart: '/usr/sbin/sshd -D -o "AuthorizedKeysCommand /x %u"',
      active: false,
    });
    expect(gaps).toEqual([]);
  });

  const dropbear = needs.program('dropbear', 'dropbear-bin');
  test.skipIf(dropbear)(title('another server is seen', dropbear), () => {
    const { value } = read({ after: 'mkdir -p /etc/dropbear; dropbear -R -s -p 127.0.0.1:2022; sleep 0.3' });
    expect(value.listeners.map(({ program }) => program).sort()).toEqual(['dropbear', 'sshd']);
    expect(value.listeners.find(({ program }) => program === 'dropbear')).toMatchObject({
      commandLine: expect.stringContaining('-s'),
      sockets: ['127.0.0.1:2022'],
    });
  });

  test('no server at all', () => {
    expect(read({ sshd: null }).value.listeners).toEqual([]);
  });

  test('an sshd in a container of its own is not this host’s', () => {
    const { value } = read({
      sshd: null,
      after:
        'unshare --mount --pid --fork --kill-child --mount-proc sh -c "/usr/sbin/sshd; sleep 20" & sleep 0.5',
    });
    expect(value.listeners).toEqual([]);
  });
});

describe('from evidence', () => {
  const stat = '7 (ss) h) d) S 1 7 7 0 -1 4194368 67 0 0 0 0 0 0 0 20 0 1 0 1000 15826944';

  test('start time, even behind an odd program name', () => {
    const reading = readDaemons(
      evidenceOf({
        daemons: `btime 1000000\ntick 100\nasked 7\nprocess 7 0 host /usr/sbin/sshd sshd ${word(stat)} -\n`,
      }),
    );
    expect(reading.ok && reading.value.listeners[0]?.startedAt).toBe(1_000_010);
  });

  test('a start time that is not known is a gap; so is a replaced program', () => {
    const reading = readDaemons(
      evidenceOf({ daemons: `asked 7\nprocess 7 0 host ${word('/usr/sbin/sshd (deleted)')} sshd - -\n` }),
    );
    expect(reading.ok && reading.gaps.join('\n')).toMatch(
      /was replaced since it started[^]*read its configuration is not known/,
    );
  });

  test('a PidFile of another owner or process vouches for nothing', () => {
    const daemons = (pidfile: string) =>
      `btime 1000000\ntick 100\nasked 7\nprocess 7 0 host /usr/sbin/sshd sshd ${word(stat)} -\npidfile /run/sshd.pid ${pidfile}\n`;
    const sshd = 'F /etc/ssh/sshd_config /etc/ssh/sshd_config ok 81a4 0 0 0 1000500 1000500 -\n';
    const newer = (pidfile: string) => {
      const reading = readDaemons(evidenceOf({ daemons: daemons(pidfile), sshd }));
      return reading.ok && reading.value.newerThanDaemon.length;
    };
    expect(newer('81a4 0 0 2 1000900 1000900 7')).toBe(0);
    expect(newer('81a4 1000 0 2 1000900 1000900 7')).toBe(1);
    expect(newer('81a4 0 0 2 1000900 1000900 8')).toBe(1);
  });

  test('tailscaled counts unless its own settings say that Tailscale SSH is off', () => {
    const listeners = (tailscale: string) => {
      const reading = readDaemons(
        evidenceOf({ daemons: `process 9 0 host /usr/sbin/tailscaled tailscaled - -\n${tailscale}` }),
      );
      return reading.ok && reading.value.listeners.map(({ program }) => program);
    };
    expect(listeners(`tailscale ${word('"RunSSH":false,')}\n`)).toEqual([]);
    expect(listeners(`tailscale ${word('"RunSSH":true,')}\n`)).toEqual(['tailscaled']);
    expect(listeners('tailscale -\n')).toEqual(['tailscaled']);
  });

  test('what ssh(1) said of the methods', () => {
    const offered = (text: string) => {
      const reading = readDaemons(evidenceOf({ daemons: `offered 7 root 127.0.0.1:22 ${word(text)}\n` }));
      return reading.ok ? reading.value.offered?.[0] : undefined;
    };
    expect(offered('root@127.0.0.1: Permission denied (publickey,password).\r\nstatus 255\n')).toEqual({
      pid: 7,
      user: 'root',
      address: '127.0.0.1:22',
      answer: 'refused',
      methods: ['publickey', 'password'],
      text: 'root@127.0.0.1: Permission denied (publickey,password).',
      daemon: null,
    });
    expect(offered('status 0\n')).toMatchObject({ answer: 'entered', methods: [] });
    expect(offered('Connection closed by 127.0.0.1 port 22\r\nstatus 255\n')).toMatchObject({
      answer: 'unclear',
      methods: [],
    });
    expect(offered('')).toMatchObject({ answer: 'unclear' });
  });

  test('servers that are started for every connection', () => {
    const inetd =
      '/etc/inetd.conf\t3\ttelnet stream tcp nowait root /usr/sbin/tcpd /usr/sbin/in.telnetd\n/etc/inetd.conf\t4\ttelnet stream tcp nowait root /bin/busybox telnetd -i\n';
    const dropbear = '/usr/lib/systemd/system/dropbear@.service\t3\tExecStart=-/usr/sbin/dropbear -i -s\n';
    const socket = 'Id=dropbear.socket\nLoadState=loaded\nActiveState=active\nListen=[::]:22 (Stream)\n';
    const found = (more: string) => {
      const reading = readDaemons(evidenceOf({ daemons: `unit-lines ${word(inetd + dropbear)}\n${more}` }));
      return (
        reading.ok &&
        reading.value.listeners.map(({ program, commandLine, onDemand }) => [program, commandLine, onDemand])
      );
    };
    expect(found('super 0\n')).toEqual([]);
    expect(found('super 1\n')).toEqual([
      ['in.telnetd', '/usr/sbin/in.telnetd', '/etc/inetd.conf'],
      ['busybox', '/bin/busybox telnetd -i', '/etc/inetd.conf'],
    ]);
    expect(found(`units ${word(socket)}\n`)).toEqual([
      ['dropbear', '/usr/sbin/dropbear -i -s', '/usr/lib/systemd/system/dropbear@.service'],
    ]);
  });

  test('what systemctl shows', () => {
    const shown =
      'Id=ssh.service\nLoadState=loaded\nActiveState=active\nExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D -o PermitRootLogin=yes ; ignore_errors=no }\n\nId=sshd.socket\nLoadState=not-found\nActiveState=inactive\n';
    const reading = readDaemons(evidenceOf({ daemons: `units ${word(shown)}\n` }));
    expect(reading.ok && reading.value.units).toEqual([
      { name: 'ssh.service', execStart: '/usr/sbin/sshd -D -o PermitRootLogin=yes', active: true },
    ]);
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const reading = readDaemons(
          evidenceOf({
            daemons: `process ${text}\nunits ${word(text)}\nunit-lines ${word(`/etc/inetd.conf\t1\t${text}`)}\nsuper 1\nstarted ${word(text)}\noption-lines ${word(text)}\noffered 1 ${word(text)} ${word(text)} ${word(text)}\nprocess 1 0 host ${word(text)} ${word(text)} ${word(text)}\n`,
          }),
        );
        expect(reading.ok && reading.value.listeners.some(({ pid }) => pid === 1)).toBe(true);
      }),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
