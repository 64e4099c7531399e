import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readSshd } from '../../src/facts/sshd.js';
import type { SshdCase, SshdFacts } from '../../src/facts/types.js';
import { collect, collectNeeds, type PrivateHost } from '../helpers/collect.js';
import { evidenceOf, word } from '../helpers/evidence.js';
import { title } from '../helpers/needs.js';

const ALICE = 'alice:x:2001:2001::/home/alice:/bin/bash';

function read(host: PrivateHost): { value: SshdFacts; gaps: readonly string[] } {
  const reading = readSshd(collect(host).evidence);
  if (!reading.ok) throw new Error(reading.detail);
  return reading;
}
const of = (cases: readonly SshdCase[], account: string, address?: string): (string | undefined)[] => [
  ...new Set(
    cases
      .filter((one) => one.accounts.includes(account) && (!address || one.witness.address === address))
      .map((one) => one.settings['passwordauthentication']?.[0]),
  ),
];

const need = collectNeeds();
describe.skipIf(need)(title('a real sshd', need), () => {
  test('without Match lines one answer holds for everyone', () => {
    const { value, gaps } = read({ config: 'Port 2222\nPermitRootLogin no\n', passwd: [ALICE] });
    expect(gaps).toEqual([]);
    expect(value.binary).toBe('/usr/sbin/sshd');
    expect(value.version?.text).toMatch(/^OpenSSH_\d+\.\d+p\d+/);
    expect(value.cases).toHaveLength(1);
    expect(value.cases[0]?.accounts).toEqual(expect.arrayContaining(['root', 'alice']));
    expect(value.cases[0]?.witness.localPort).toBe(2222);
    expect(value.cases[0]?.origins['permitrootlogin']).toEqual({ path: '/etc/ssh/sshd_config', line: 2 });
    expect(value.matchBlocks).toEqual([]);
  });

  test('drop-ins are read where Include stands, and values are traced to them', () => {
    const { value, gaps } = read({
      config: 'Include /etc/ssh/sshd_config.d/*.conf\nPort 2222\nPasswordAuthentication no\n',
      files: {
        '/etc/ssh/sshd_config.d/50-cloud-init.conf': '# by cloud-init\nPasswordAuthentication yes\n',
        '/etc/ssh/sshd_config.d/ignored.bak': 'PermitRootLogin yes\n',
      },
    });
    expect(gaps).toEqual([]);
    expect(value.files.map(({ path }) => path)).toEqual([
      '/etc/ssh/sshd_config',
      '/etc/ssh/sshd_config.d/50-cloud-init.conf',
    ]);
    expect(value.cases[0]?.settings['passwordauthentication']).toEqual(['yes']);
    expect(value.cases[0]?.origins['passwordauthentication']).toEqual({
      path: '/etc/ssh/sshd_config.d/50-cloud-init.conf',
      line: 2,
    });
  });

  test('Match lines: users, groups, addresses, ports, each with a witness', () => {
    const { value, gaps } = read({
      config: [
        'Port 2222',
        'PasswordAuthentication no',
        'Match User alice Address 10.0.0.0/8,!10.1.0.0/16',
        ' PasswordAuthentication yes',
        'Match Group ops',
        ' PermitRootLogin no',
        'Match LocalPort 2223',
        ' X11Forwarding yes',
        'Match Host *.corp',
        ' AuthenticationMethods publickey',
        '',
      ].join('\n'),
      passwd: [ALICE, 'bob:x:2002:2002::/home/bob:/bin/bash'],
      group: ['ops:x:3000:bob'],
    });
    expect(gaps).toEqual([]);
    expect(of(value.cases, 'alice', '10.0.0.0')).toEqual(['yes']);
    expect(of(value.cases, 'alice', '10.1.0.0')).toEqual(['no']);
    expect(of(value.cases, 'bob')).toEqual(['no']);
    expect(
      value.cases.some(
        (one) => one.accounts.includes('bob') && one.settings['permitrootlogin']?.[0] === 'no',
      ),
    ).toBe(true);
    expect(
      value.cases.some(
        (one) => one.accounts.includes('alice') && one.settings['permitrootlogin']?.[0] === 'no',
      ),
    ).toBe(false);
    expect(
      value.cases.some(
        (one) => one.witness.localPort === 2223 && one.settings['x11forwarding']?.[0] === 'yes',
      ),
    ).toBe(true);
    expect(
      value.cases.some(
        (one) =>
          one.witness.host.endsWith('.corp') && one.settings['authenticationmethods']?.[0] === 'publickey',
      ),
    ).toBe(true);
    expect(value.matchBlocks.map(({ at, settings }) => [at.line, Object.keys(settings)])).toEqual([
      [3, ['passwordauthentication']],
      [5, ['permitrootlogin']],
      [9, ['authenticationmethods']],
    ]);
    const witness = value.cases.find(
      (one) => one.witness.address === '10.0.0.0' && one.accounts.includes('alice'),
    );
    expect(witness?.origins['passwordauthentication']).toEqual({ path: '/etc/ssh/sshd_config', line: 4 });
  });

  test('many accounts that no Match line tells apart cost no more than one', () => {
    const passwd = Array.from(
      { length: 1500 },
      (_, index) => `user${index}:x:${5000 + index}:100::/home/user${index}:/bin/sh`,
    );
    const { value, gaps } = read({
      config: 'Port 2222\nMatch User user7\n PasswordAuthentication no\n',
      passwd,
    });
    expect(gaps).toEqual([]);
    expect(of(value.cases, 'user7')).toEqual(['no']);
    expect(of(value.cases, 'user1499')).toEqual(['yes']);
  });

  test('more combinations than may be asked: a gap', () => {
    const lines = Array.from(
      { length: 80 },
      (_, index) => `Match User user${index} Address 10.${index}.0.0/16\n PasswordAuthentication no\n`,
    );
    const passwd = Array.from(
      { length: 80 },
      (_, index) => `user${index}:x:${5000 + index}:100::/home/user${index}:/bin/sh`,
    );
    const { gaps } = read({ config: `Port 2222\n${lines.join('')}`, passwd });
    expect(gaps.join('\n')).toMatch(/not about every combination/);
    expect(gaps.join('\n')).toMatch(/more than 64 different connections/);
  });

  test('/run/sshd missing: asked in a mount namespace of its own, nothing made on the host', () => {
    const { value, gaps } = read({
      config: 'Port 2222\nMatch LocalPort 22\n PermitRootLogin yes\n',
      after: 'rmdir /run/sshd',
    });
    expect(gaps).toEqual([]);
    expect(value.cases.map((one) => one.settings['permitrootlogin']?.[0]).sort()).toEqual(
      expect.arrayContaining(['without-password', 'yes']),
    );
  });

  test('/run/sshd missing and no namespaces to be had: only derived, and a gap with sshd’s own words', () => {
    const { value, gaps } = read({ after: 'rmdir /run/sshd; mount --bind /dev/null /usr/bin/unshare' });
    expect(value.cases.every((one) => one.by === 'engine')).toBe(true);
    expect(gaps.join()).toContain('Missing privilege separation directory: /run/sshd');
  });

  test('a configuration sshd refuses: not read, with sshd’s own words', () => {
    const reading = readSshd(collect({ after: `printf 'Foo bar\\n' >>/etc/ssh/sshd_config` }).evidence);
    expect(!reading.ok && reading.detail).toContain('Bad configuration option: Foo');
  });

  test('no host key that sshd can load', () => {
    expect(read({ after: 'chmod 644 /etc/ssh/ssh_host_ed25519_key' }).gaps.join()).toContain(
      'no hostkeys available',
    );
  });

  test('what no question of ours reached is derived from the text', () => {
    const { value, gaps } = read({
      config:
        'Port 2222\nMatch Group contractors\n PasswordAuthentication no\nMatch User *-svc,!a-svc\n PermitRootLogin no\n',
      group: ['contractors:x:3000:'],
    });
    expect(gaps).toEqual([]);
    expect(
      value.cases
        .filter((one) => one.by === 'engine')
        .map((one) => [one.assumes, one.settings['passwordauthentication']?.[0]]),
    ).toContainEqual([expect.stringContaining('contractors'), 'no']);
  });

  test('the running daemon’s own options are asked with, and traced to the command line', () => {
    const { value, gaps } = read({
      config: 'Port 2222\nPasswordAuthentication no\n',
      sshd: [
        '-f',
        '/etc/ssh/other_config',
        '-o',
        'AuthorizedKeysCommand /bin/echo %u %f',
        '-oAuthorizedKeysCommandUser=nobody',
        '-o',
        'PasswordAuthentication=yes',
      ],
      files: { '/etc/ssh/other_config': 'Port 2223\nPermitRootLogin no\n' },
    });
    expect(gaps).toEqual([]);
    expect(value.files.map(({ path }) => path)).toEqual(['/etc/ssh/other_config']);
    expect(value.cases[0]?.settings).toMatchObject({
      authorizedkeyscommand: ['/bin/echo %u %f'],
      passwordauthentication: ['yes'],
      permitrootlogin: ['no'],
      port: ['2223'],
    });
    expect(value.cases[0]?.origins['passwordauthentication']?.path).toBe('command line');
  });

  test('a second sshd with other options is asked as well; one that only listens elsewhere is the same', () => {
    const second = '/usr/sbin/sshd -o Port=2300 -o PidFile=none';
    const alike = read({ after: '/usr/sbin/sshd -p 2300' });
    expect(alike.gaps).toEqual([]);
    expect(alike.value.cases.some(({ daemon }) => daemon)).toBe(false);
    const { value, gaps } = read({ after: `${second} -o PermitRootLogin=yes` });
    expect(gaps).toEqual([]);
    const command = '/usr/sbin/sshd -o Port=2300 -o PidFile=none -o PermitRootLogin=yes';
    expect(value.cases.map(({ daemon }) => daemon?.command)).toEqual([undefined, command]);
    expect(value.cases[1]?.daemon?.startedBy).toMatch(/^pid \d+$/);
    expect(value.cases[1]?.settings).toMatchObject({ permitrootlogin: ['yes'] });
    expect(value.cases[0]?.settings).toMatchObject({ permitrootlogin: ['without-password'] });
  });

  test('a second sshd with a file of its own: its Match lines, its files and its places', () => {
    const { value, gaps } = read({
      config: 'Port 2222\nMatch LocalPort 2222\n PermitRootLogin no\n',
      files: {
        '/etc/ssh/rescue':
          'Port 2300\nPidFile none\nInclude /etc/ssh/rescue.d/*\nMatch User alice Address 10.0.0.0/8\n PasswordAuthentication no\n',
        '/etc/ssh/rescue.d/1': 'TrustedUserCAKeys /etc/ssh/rescue.pub\n',
      },
      passwd: [ALICE],
      after: '/usr/sbin/sshd -f /etc/ssh/rescue',
    });
    expect(gaps).toEqual([]);
    expect(value.files.map(({ path }) => path)).toEqual([
      '/etc/ssh/sshd_config',
      '/etc/ssh/rescue',
      '/etc/ssh/rescue.d/1',
    ]);
    const beside = value.cases.filter(({ daemon }) => daemon?.configFile === '/etc/ssh/rescue');
    expect(of(beside, 'alice', '10.0.0.0')).toEqual(['no']);
    expect(of(beside, 'alice', '192.0.2.1')).toEqual(['yes']);
    expect(beside.every(({ settings }) => settings['trustedusercakeys']?.[0] === '/etc/ssh/rescue.pub')).toBe(
      true,
    );
    expect(beside[0]?.origins['trustedusercakeys']).toEqual({ path: '/etc/ssh/rescue.d/1', line: 1 });
    expect(value.matchBlocks.map(({ at }) => at.path)).toEqual(['/etc/ssh/sshd_config', '/etc/ssh/rescue']);
  });

  test('a second sshd whose file was broken after its start: a gap with its own words', () => {
    const { gaps } = read({
      files: { '/etc/ssh/rescue': 'Port 2300\nPidFile none\n' },
      after: '/usr/sbin/sshd -f /etc/ssh/rescue; echo Foo bar >>/etc/ssh/rescue',
    });
    expect(gaps.join('\n')).toMatch(
      /sshd -f \/etc\/ssh\/rescue -T told no configuration: .*Foo \(started by pid/,
    );
  });

  test('a root’s sshd that others can change is not run, and leaves the question open', () => {
    const { value, gaps } = read({
      sshd: null,
      passwd: [ALICE],
      after: `cp /usr/sbin/sshd /home/sshd; chown 2001 /home/sshd; /home/sshd; sleep 0.3`,
    });
    expect(value.binary).toBe('/usr/sbin/sshd');
    expect(gaps.join('\n')).toMatch(/process \d+ \(\/home\/sshd\) can be changed by others than root/);
    expect(gaps.join('\n')).toMatch(/another sshd \(pid \d+, uid 0\)/);
  });

  /** systemctl as a host with systemd has it. */
  const systemctl = (shown: string): string =>
    `mkdir -p /run/systemd/system; printf '#!/bin/sh\ncat /run/shown\n' >/run/systemctl; chmod 755 /run/systemctl
     printf '%b' '${shown.replaceAll('\n', '\\n')}' >/run/shown; mount --bind /run/systemctl /usr/bin/systemctl`;
  const unit = (id: string, more: string): string =>
    `Id=${id}\nLoadState=loaded\nActiveState=active\n${more}\n\n`;

  test('socket activation: no daemon is no gap, and the unit’s own options are asked with', () => {
    const host: PrivateHost = {
      sshd: null,
      files: {
        '/etc/systemd/system/ssh@.service':
          '[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=-/usr/sbin/sshd -i $SSHD_OPTS \\\n  -o "AuthorizedKeysCommand /bin/echo %u %f" -o AuthorizedKeysCommandUser=nobody\n',
        '/etc/systemd/system/ssh.socket': '[Socket]\nListenStream=22\nAccept=yes\n',
        '/etc/default/ssh': `SSHD_OPTS="-oPasswordAuthentication=no"\n`,
      },
    };
    const { value, gaps } = read({
      ...host,
      before: systemctl(unit('ssh.socket', 'Listen=[::]:22 (Stream)')),
    });
    expect(gaps).toEqual([]);
    expect(value.cases).toHaveLength(1);
    expect(value.cases[0]?.daemon).toBeUndefined();
    expect(value.cases[0]?.settings).toMatchObject({
      authorizedkeyscommand: ['/bin/echo %u %f'],
      passwordauthentication: ['no'],
    });
    expect(read(host).gaps.join()).toContain('no running sshd was found');
  });

  test('units beside a running sshd: active ones are asked as servers of their own, others are not doors', () => {
    const generated =
      '[Service]\nExecStart=-/usr/sbin/sshd -i -o "AuthorizedKeysFile /run/keys-%i/a .ssh/authorized_keys"\n';
    const { value, gaps } = read({
      config: 'Port 2222\nAuthorizedKeysFile none\n',
      files: {
        '/etc/systemd/system/ssh-off.service': '[Service]\nExecStart=/usr/sbin/sshd -o PermitRootLogin=yes\n',
        '/run/systemd/generator/sshd-vsock@.service': generated,
      },
      before: systemctl(
        unit(
          'ssh-rescue.service',
          'ExecStart={ path=/usr/sbin/sshd ; argv[]=/usr/sbin/sshd -D -p 2300 -f /etc/ssh/sshd_config -o PasswordAuthentication=no ; ignore_errors=no }',
        ),
      ),
    });
    expect(gaps).toEqual([]);
    expect(
      value.cases.map(({ daemon, settings }) => [
        daemon?.startedBy,
        settings['authorizedkeysfile']?.[0],
        settings['passwordauthentication']?.[0],
        settings['permitrootlogin']?.[0],
      ]),
    ).toEqual([
      [undefined, 'none', 'yes', 'without-password'],
      ['ssh-rescue.service', 'none', 'no', 'without-password'],
      [
        '/run/systemd/generator/sshd-vsock@.service',
        '/run/keys-%i/a .ssh/authorized_keys',
        'yes',
        'without-password',
      ],
    ]);
  });

  test('lines of inetd count where an inetd runs', () => {
    const line = 'ssh stream tcp nowait root /usr/sbin/sshd sshd -i -o PasswordAuthentication=no\n';
    const files = { '/etc/inetd.conf': line };
    expect(read({ files }).value.cases).toHaveLength(1);
    // Only its name counts.
    const { value } = read({ files, after: 'cp /bin/sleep /run/inetd; /run/inetd 100 & sleep 0.1' });
    expect(value.cases.map(({ daemon }) => daemon?.startedBy)).toEqual([undefined, '/etc/inetd.conf']);
  });

  test('an sshd of an ordinary user is never asked with root’s rights', () => {
    const { value, gaps } = read({
      sshd: null,
      passwd: [ALICE],
      after: `cp /usr/sbin/sshd /home/sshd; chown 2001 /home/sshd; ssh-keygen -q -t ed25519 -N '' -f /home/key; chown 2001 /home/key
        setpriv --reuid 2001 --clear-groups /home/sshd -f /dev/null -h /home/key -p 2400 -o PidFile=none; sleep 0.3`,
    });
    expect(value.binary).toBe('/usr/sbin/sshd');
    expect(gaps.join()).toMatch(/another sshd \(pid \d+, uid 2001\)/);
  });

  test('no sshd runs: what serves logins is not known', () => {
    expect(read({ sshd: null }).gaps.join()).toContain('no running sshd was found');
  });

  test('no sshd at all', () => {
    expect(
      readSshd(collect({ sshd: null, after: 'mount --bind /dev/null /usr/sbin/sshd' }).evidence),
    ).toMatchObject({ ok: false, reason: 'missing-tool' });
  });
});

describe('sshd facts from evidence', () => {
  const modern = readFileSync('test/fixtures/sshd/sshd-T-default-10.6.txt', 'utf8').replace(
    /^HostKey .*\n/m,
    '',
  );
  const config = 'PermitRootLogin no\n';
  const F = `F /etc/ssh/sshd_config /etc/ssh/sshd_config ok 81a4 0 0 ${config.length} 1 1 ${Buffer.from(config).toString('base64')}\n`;
  const answer = (text: string): string => `answer 1 ${word(text)}\n`;
  const base = `binary /usr/sbin/sshd\nflags -\nversion ${word('OpenSSH_10.6p1 Debian-1')}\nmatch -\nclasses ${word('root\troot\n')}\n${F}`;
  const daemons = 'process 5 0 host /usr/sbin/sshd - - -\nsessions 0\n';

  test('an answer that contradicts the configuration text is not believed', () => {
    const cases = `cases ${word('1\t0\troot\th\t1.1.1.1\t2.2.2.2\t22\n')}\n`;
    const reading = readSshd(
      evidenceOf({
        sshd:
          base + cases + answer(modern.replace('PermitRootLogin prohibit-password', 'PermitRootLogin yes')),
        daemons,
        accounts: `passwd ${word('n:root:x:0:0::/root:/bin/sh\n')}\n`,
      }),
    );
    expect(reading.ok && reading.gaps).toEqual([
      'disagreement on permitrootlogin: sshd -T prints `yes`, the configuration text says `no`',
    ]);
  });

  test('a question without an answer is a gap, no answer at all is no reading', () => {
    const cases = `cases ${word('1\t0\troot\th\t1.1.1.1\t2.2.2.2\t22\n0\t255\talice\th\t1.1.1.1\t2.2.2.2\t22\n')}\n`;
    const error = `error ${word('user=alice,host=h\n/etc/ssh/sshd_config line 3: Bad Match condition\n')}\n`;
    const reading = readSshd(
      evidenceOf({ sshd: base + cases + error + answer('Port 22\nPermitRootLogin no\n'), daemons }),
    );
    expect(reading.ok && reading.gaps.join('\n')).toContain(
      'gave no answer to 1 of 2 questions, first for account alice: /etc/ssh/sshd_config line 3: Bad Match condition',
    );
    expect(readSshd(evidenceOf({ sshd: base + error, daemons }))).toMatchObject({
      ok: false,
      reason: 'failed',
    });
  });

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 120 }),
        fc.constantFrom('cases', 'classes', 'flags', 'version', 'match', 'error', 'answer 1', 'gap', 'F'),
        (text, kind) => {
          const cases = `cases ${word('1\t0\troot\th\t1.1.1.1\t2.2.2.2\t22\n')}\n`;
          const reading = readSshd(
            evidenceOf({
              sshd: `${kind} ${word(text)}\n${base}${cases}${answer('Port 22\n')}`,
              daemons: `process ${word(text)}\n${daemons}`,
            }),
          );
          // Whatever stands there, it never makes the facts whole: the answer lacks almost every keyword.
          expect(reading.ok && reading.gaps.length === 0).toBe(false);
        },
      ),
      { seed: 20261121, numRuns: 500 },
    );
  });
});
