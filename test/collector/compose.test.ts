import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { command, compose, composeBytes } from '../../src/collector/compose.js';
import { readFrames } from '../../src/collector/frames.js';
import { PROBES, probesFor } from '../../src/collector/probes.js';
import { collect, collectNeeds, NONCE, probesNamed } from '../helpers/collect.js';
import { needs, title } from '../helpers/needs.js';

const CORE = ['system', 'accounts', 'sshd', 'daemons'];

describe('compose', () => {
  test('refuses a nonce that is none', () => {
    for (const bad of ['', 'x'.repeat(32), NONCE.slice(1), `${NONCE}\n`, NONCE.toUpperCase()])
      expect(() => compose([], bad)).toThrow('nonce');
  });

  test('each set-up stands once, before the probes that need it', () => {
    const script = compose(PROBES, NONCE);
    expect(script.split('\nsshd_setup </dev/null').length).toBe(2);
    expect(script.indexOf('sshd_setup </dev/null')).toBeLessThan(script.indexOf('\nprobe accounts '));
  });

  test('only the probes that the wanted facts need', () => {
    expect(probesFor(new Set(['system'])).map(({ name }) => name)).toEqual(['system']);
    expect(probesFor(new Set(['daemons'])).map(({ name }) => name)).toEqual(['sshd', 'daemons']);
  });

  test('is the same for the same input', () => {
    expect(compose(PROBES, NONCE)).toBe(compose(PROBES, NONCE));
  });

  test('as bytes it is the same script, and all hosts share all but its beginning', () => {
    const parameters = { wrappers: ['/usr/local/bin/agent-ssh'], loginWindowDays: 7 };
    const some = probesFor(new Set(['system']));
    for (const probes of [PROBES, some]) {
      const pieces = composeBytes(probes, NONCE, parameters);
      expect(Buffer.concat(pieces).toString()).toBe(compose(probes, NONCE, parameters));
      expect(composeBytes(probes, 'f'.repeat(32), parameters)[1]).toBe(pieces[1]);
    }
    expect(() => composeBytes(some, 'x', parameters)).toThrow('nonce');
  });
});

describe.skipIf(needs.shellcheck)(title('shellcheck', needs.shellcheck), () => {
  test.each(CORE)('probe %s is clean together with what runs before it', (name) => {
    const setups = PROBES.find((probe) => probe.name === name)?.setup ?? [];
    // The sources, not the composed script: reasons for exceptions stand in their comments.
    const input = ['prelude', ...setups, name]
      .map((part) => readFileSync(`src/collector/probes/${part}.sh`, 'utf8'))
      .join('\n');
    const { stdout } = spawnSync('shellcheck', ['-s', 'sh', '-e', 'SC2034', '-'], { input });
    expect(stdout.toString()).toBe('');
  });
});

const need = collectNeeds();
describe.skipIf(need)(title('on a real host', need), () => {
  const config =
    'Port 2222\nMatch User alice\n PasswordAuthentication no\nMatch Address 10.0.0.0/8\n PermitRootLogin no\n';
  const passwd = [
    'alice:x:2001:2001:Alice "A" Example,,,:/home/alice:/bin/bash',
    'toor:x:0:0::/root:/bin/sh',
  ];
  const shells = ['dash', 'bash', 'ksh', 'mksh', 'busybox sh'];
  const runs = new Map<string, ReturnType<typeof collect>>();

  test.each(shells)('%s runs it to the end and says nothing of its own', (shell) => {
    const run = collect({ config, passwd, shell, probes: probesNamed(...CORE) });
    runs.set(shell, run);
    expect(run.evidence.failure).toBeUndefined();
    expect(run.stderr).toBe('');
    expect(
      Object.entries(run.evidence.probes).map(([name, { rc, cut, stderr }]) => [name, rc, cut, stderr]),
    ).toEqual(CORE.map((name) => [name, 0, false, '']));
    expect(run.evidence.collector?.uid).toBe(0);
  });

  test('all shells tell the same', () => {
    const told = [...runs.values()].map(({ evidence }) =>
      ['accounts', 'sshd'].map((name) => evidence.probes[name]?.stdout.replace(/\b17\d{8}\b/g, 'TIME')),
    );
    expect(told).toHaveLength(shells.length);
    for (const one of told) expect(one).toEqual(told[0]);
  });

  test('its functions survive a bare environment: no base64, no timeout, no sha256sum', () => {
    const hide = ['base64', 'timeout', 'sha256sum']
      .map((name) => `mount --bind /dev/null /usr/bin/${name}`)
      .join('\n');
    const { evidence } = collect({ config, passwd, before: hide });
    expect(evidence.failure).toBeUndefined();
    expect(evidence.probes['accounts']?.stdout).toBe(runs.get('dash')?.evidence.probes['accounts']?.stdout);
  });

  test('big outputs pass through every shell, mksh with its outer printf included', () => {
    const many = Array.from(
      { length: 1900 },
      (_, index) => `user${index}:x:${5000 + index}:100:${'x'.repeat(150)}:/home/user${index}:/bin/sh`,
    );
    for (const shell of ['dash', 'mksh']) {
      const { evidence } = collect({ config: 'Port 2222\n', passwd: many, shell });
      expect(evidence.failure).toBeUndefined();
      expect(evidence.probes['accounts']?.bytes).toBeGreaterThan(400_000);
    }
  });

  test('works on a host that is mounted read-only, and tells the same', () => {
    const after =
      'for d in $(cut -d" " -f2 /proc/mounts); do mount -o remount,bind,ro "$d" 2>/dev/null || true; done; ! touch /etc/x /run/x /tmp/x 2>/dev/null';
    const { evidence, stderr } = collect({ config, passwd, after });
    expect(stderr).toBe('');
    expect(evidence.failure).toBeUndefined();
    expect(evidence.probes['sshd']?.stdout.replace(/\b17\d{8}\b/g, 'TIME')).toBe(
      runs.get('dash')?.evidence.probes['sshd']?.stdout.replace(/\b17\d{8}\b/g, 'TIME'),
    );
  });

  const strace = needs.program('strace', 'strace');
  test.skipIf(strace)(title('asks the kernel for no change at all', strace), () => {
    const calls =
      'open,openat,creat,mkdir,mkdirat,unlink,unlinkat,rmdir,rename,renameat,renameat2,link,linkat,symlink,symlinkat,mknod,mknodat,chmod,fchmod,fchmodat,chown,fchown,lchown,fchownat,truncate,ftruncate,utimensat,setxattr,mount,umount2,kill,bind,connect';
    const { evidence, stderr } = collect({
      config,
      passwd,
      wrap: `strace -f -qq --seccomp-bpf -s 200 -e trace=${calls}`,
    });
    expect(evidence.failure).toBeUndefined();
    const changes = stderr.split('\n').filter((line) => {
      if (/\bopen(at)?\(/.test(line))
        return /O_WRONLY|O_RDWR|O_CREAT/.test(line) && !/"\/dev\/(null|tty)"/.test(line);
      // Name service lookups and logging go to sockets that already exist; timeout(1) signals itself.
      if (line.includes('AF_NETLINK')) return false;
      return (
        /\b(creat|mkdir|unlink|rmdir|rename|link|symlink|mknod|f?chmod|[fl]?chown|f?truncate|utimensat|setxattr|mount|umount|bind)\w*\(/.test(
          line,
        ) && !/ = -1 E/.test(line)
      );
    });
    expect(changes).toEqual([]);
  });
});

describe('the command a login shell is asked to run', () => {
  const script = `printf '\\n@@${NONCE} S 1 %s 1 sh\\n@@${NONCE} E 0\\n' "$(id -u)"\n`;
  for (const shell of ['sh', 'bash', 'dash', 'ksh', 'mksh', 'tcsh', 'fish']) {
    const missing = needs.program(shell, shell) ?? needs.root;
    test.skipIf(missing)(title(`${shell} reads both forms alike`, missing), () => {
      for (const become of ['none', 'sudo'] as const) {
        const out = execFileSync(shell, ['-c', command(become)], {
          input: script,
          stdio: ['pipe', 'pipe', 'ignore'],
        });
        expect(readFrames(out, NONCE, []).failure).toBeUndefined();
      }
    });
  }
});
