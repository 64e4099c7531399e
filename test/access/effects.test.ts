import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectOf, effectOfLine } from '../../src/access/effects.js';

describe('what a command alters', () => {
  test.each([
    ['/usr/bin/apt install -y curl', 'packages'],
    ['apt-get -o Dpkg::Options::=--force-confold dist-upgrade', 'packages'],
    ['dpkg -i x.deb', 'packages'],
    ['rpm -Uvh x.rpm', 'packages'],
    ['yum -y update', 'packages'],
    ['apk add curl', 'packages'],
    ['pip3 install x', 'packages'],
    ['systemctl restart nginx', 'services'],
    ['service nginx reload', 'services'],
    ['docker restart web', 'services'],
    ['useradd eve', 'users'],
    ['passwd eve', 'users'],
    ['mkdir /srv/x', 'files'],
    ['sed -i s/a/b/ /etc/x', 'files'],
    ['sed -ni.bak p /etc/x', 'files'],
    ['find / -name x -delete', 'files'],
    ['tar xf a.tar', 'files'],
    ['curl -o /tmp/x https://h', 'files'],
    ['mount /dev/sdb1 /mnt', 'mounts'],
    ['mkfs.ext4 /dev/sdb1', 'mounts'],
    ['ip link set eth0 down', 'network'],
    ['iptables -A INPUT -j DROP', 'network'],
    ['sysctl -w net.ipv4.ip_forward=1', 'kernel'],
    ['modprobe br_netfilter', 'kernel'],
    ['timedatectl set-time 2026-01-01', 'time'],
    ['sudo -u root -- tee /etc/x', 'files'],
    ['env A=b nice -n 5 timeout 5 rm /x', 'files'],
    ['xargs -n 1 rm', 'files'],
    ["bash -c 'id; echo x > /etc/x'", 'files'],
    ["sh -c 'true && systemctl stop nginx'", 'services'],
    ["sudo bash -lc 'apt-get update'", 'packages'],
    ['sudoedit /etc/hosts', 'files'],
    ['watch -n 5 rm /x', 'files'],
    ['strace -f rm /x', 'files'],
    ['strace -o /etc/x -p 1', 'files'],
    ['tcpdump -i eth0 -w /srv/x', 'files'],
    ['uniq /srv/a /srv/b', 'files'],
    ['yq -i .a=1 /etc/x.yaml', 'files'],
    ['less -o /etc/x /var/log/syslog', 'files'],
    ['ss -K dst 10.0.0.1', 'network'],
    ['arp -d 10.0.0.1', 'network'],
    ['chronyc makestep', 'time'],
    ['/tmp/rm /x', 'files'],
  ])('%s: %s', (line, effect) => {
    expect(effectOfLine(line, true).alters).toContain(effect);
  });

  test.each([
    'apt list --installed', 'apt-cache policy curl', 'dpkg -l', 'rpm -qa', 'dnf list', 'systemctl status nginx', 'ip addr show',
    'iptables -L -n', 'sysctl -a', 'sed -n 1,5p /etc/hosts', 'find / -name x', 'mount -l', 'passwd -S eve', 'journalctl -u ssh',
    'docker ps -a', 'kubectl get pods', 'crontab -l', 'cat /etc/shadow', 'strace -p 1', 'tar tf a.tar', 'top -b -n 1', '/usr/bin/top -bn1', "awk '{ print $1 }' /etc/hosts", 'curl -s http://localhost/health', 'tcpdump -ni eth0', 'strace -p 1', '/usr/local/bin/ls', 'uniq -c /srv/a', 'chronyc tracking', "bash -c 'ps aux | grep x 2>/dev/null'",
  ])('%s only looks', (line) => {
    expect(effectOfLine(line, true)).toEqual({ alters: [], opaque: false });
  }); // prettier-ignore

  test.each([
    'python3 x.py',
    'vim /etc/hosts',
    '/opt/vendor/tool --check',
    "bash -c '$(cat x)'",
    'sudo -i',
    'awk \'{ print > "/etc/x" }\' /etc/hosts',
    'gawk -i inplace 1 /etc/x',
    'awk \'BEGIN { system("rm x") }\'',
    'curl -X POST http://localhost/admin',
    'curl -d a=b http://localhost/admin',
    'top',
    'top -u bob',
    'htop',
    'sftp-server',
    'jcmd 1 GC.run',
    'run-parts /etc/cron.daily',
    "env -S 'rm /x'",
    "bash -c 'cat <(rm x)'",
    '/tmp/ls',
    './ls',
    'sudo /home/ops/ls',
    'sh /tmp/x.sh',
    'perl -e 1',
  ])('%s may have done anything', (line) => {
    expect(effectOfLine(line, true).opaque).toBe(true);
  });

  test('the login shell of a user is nothing by itself; that of root may write by redirection', () => {
    expect(effectOf(['-bash'], false)).toEqual({ alters: [], opaque: false });
    expect(effectOf(['-bash'], true).opaque).toBe(true);
  });

  test('what runs another program never hides it', () => {
    const runner = fc.constantFrom(
      ['sudo'],
      ['sudo', '-n', '-u', 'root', '--'],
      ['env', 'A=b'],
      ['nice', '-n', '5'],
      ['nohup'],
      ['timeout', '-k', '1', '5'],
      ['setsid'],
      ['time'],
      ['/usr/bin/ionice', '-c', '3'],
    );
    const altering = fc.constantFrom(
      ['rm', '-rf', '/x'],
      ['apt-get', 'install', 'y'],
      ['systemctl', 'stop', 'z'],
    );
    fc.assert(
      fc.property(fc.array(runner, { maxLength: 4 }), altering, (runners, argv) => {
        expect(effectOf([...runners.flat(), ...argv], false).alters.length).toBe(1);
      }),
      { seed: 20261121 },
    );
  });

  test('any line ends, and is never called harmless for being strange', () => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        const { alters, opaque } = effectOfLine(`zz-${line}`, true);
        expect(alters.length > 0 || opaque).toBe(true);
      }),
      { seed: 20261121, numRuns: 500 },
    );
    expect(
      effectOf(
        Array.from({ length: 400 }, () => 'sudo'),
        true,
      ).opaque,
    ).toBe(true);
  });
});
