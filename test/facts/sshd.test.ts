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

  test('a second sshd with other options is a gap, one that only listens elsewhere is not', () => {
    const second = '/usr/sbin/sshd -o Port=2300 -o PidFile=none';
    expect(read({ after: '/usr/sbin/sshd -p 2300' }).gaps).toEqual([]);
    expect(read({ after: `${second} -o PasswordAuthentication=yes` }).gaps.join()).toMatch(
      /another sshd \(pid \d+, uid 0\) runs as .*PasswordAuthentication=yes/,
    );
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
