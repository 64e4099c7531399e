/** The `local` transport: this machine, and a file tree on it. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probesFor, PROBES } from '../../../src/collector/probes.js';
import type { FleetReport, Host, HostReport } from '../../../src/model.js';
import { createTransport } from '../../../src/transports/index.js';
import { treeCommand } from '../../../src/transports/local/tree.js';
import { runMain } from '../../helpers/io.js';
import { needs, title } from '../../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../../helpers/sshd.js';
import { conformance } from '../conformance.js';

const HOST: Host = {
  name: 'here',
  address: 'here',
  transport: 'local',
  become: 'sudo',
  tags: [],
  jump: [],
  hostKeys: [],
  allowedPrincipals: { adm: [], agt: [], atm: [] },
  at: { file: 'inventory.yaml', line: 1, column: 1 },
};

/** Processes of this session's own making: all of them would be children of this one. */
function children(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('sh');
    } catch {
      return false;
    }
  });
}

const nowhere = 'there is no network and no login on the way to oneself';

conformance('local', { need: null, lacks: { unreachable: nowhere, denied: nowhere } }, () =>
  Promise.resolve({
    transport: createTransport('local', {}),
    host: HOST,
    command: 'exec sh -s',
    remains: children,
  }),
);

describe('the command on this machine', () => {
  it('gets nothing of the environment of the auditor', async () => {
    process.env['SECRET_OF_THE_TEST'] = 'secret';
    const result = await createTransport('local', {}).run({
      host: HOST,
      command: 'env; pwd',
      stdin: '',
      limits: LIMITS,
      signal: new AbortController().signal,
    });
    delete process.env['SECRET_OF_THE_TEST'];
    expect(Buffer.from(result.stdout).toString()).not.toContain('secret');
    expect(Buffer.from(result.stdout).toString()).toMatch(/^\/$/m);
  });
});

const LIMITS = {
  connectMs: 1000,
  handshakeMs: 1000,
  loginMs: 1000,
  firstByteMs: 20_000,
  idleMs: 20_000,
  totalMs: 60_000,
  maxStdout: 1 << 24,
  maxStderr: 1 << 16,
  retries: 0,
};

const root = needs.root;

async function audit(
  cwd: string,
  ...argv: string[]
): Promise<{ report: FleetReport; host: HostReport; err: string; out: string }> {
  const ran = await runMain(['run', ...argv, '-f', 'json'], { cwd });
  if (ran.code === 2) throw new Error(ran.err);
  const report = JSON.parse(ran.out) as FleetReport;
  const [host] = report.hosts;
  if (!host) throw new Error('no host');
  return { ...ran, report, host };
}

const statuses = (host: HostReport) =>
  Object.fromEntries(host.results.map(({ id, outcome }) => [id, outcome.status]));

describe.skipIf(root)(title('run --local', root), () => {
  const folder = temporaryDirectory('local');
  afterAll(() => removeDirectory(folder));

  it('audits this machine without an inventory, and compares no principals', async () => {
    const { report, host } = await audit(folder, '--local');
    expect(host).toMatchObject({ name: hostname(), connection: { transport: 'local' } });
    expect(host.failure).toBeUndefined();
    expect(report.warnings.join('\n')).toContain('is unlisted');
    const principals = host.results.find(({ id }) => id === 'principals');
    expect(principals?.outcome.status).not.toBe('pass');
    expect(report.totals.hosts).toBe(1);
  }, 60_000);

  it('takes the expectations of a host of the inventory, by name or by this machine’s own', async () => {
    const list = 'allowed_principals: { adm: [adm-full] }';
    writeFileSync(
      join(folder, 'inventory.yaml'),
      `hosts:\n  - { name: other, jump: nowhere@192.0.2.1, ${list} }\n  - { name: ${hostname()}, ${list} }\n`,
    );
    const named = await audit(
      folder,
      join(folder, 'inventory.yaml'),
      '--local',
      'other',
      '--check',
      'root-login',
    );
    expect(named.host).toMatchObject({ name: 'other', connection: { transport: 'local', route: [] } });
    expect(named.report.run.selection.hosts).toEqual(['other']);
    const own = await audit(folder, join(folder, 'inventory.yaml'), '--local', '--check', 'root-login');
    expect(own.host.name).toBe(hostname());
  }, 60_000);

  it.each([
    [
      ['--local', 'inventory.yaml'],
      '--local inventory.yaml: a name is looked up in an inventory, and none was given',
    ],
    [[join(folder, 'inventory.yaml'), '--local', 'othr'], 'has no host othr'],
    [['inventory.yaml', '--root', '/'], '--root belongs to --local'],
    [['--local', '--root', '/no/such/tree'], '--root: /no/such/tree is not a folder'],
    [['--local', '--forced-command'], '--local asks no host'],
    [['--local', '--host', 'a'], '--local NAME picks one host'],
  ])('refuses %j', async (argv, message) => {
    const { code, err } = await runMain(['run', ...argv], { cwd: folder });
    expect([code, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

/** None of a program that is linked statically. */
function librariesOf(program: string): string[] {
  const said = spawnSync('ldd', [program]).stdout.toString();
  return [...said.matchAll(/(\/\S+) \(0x/g)].map(([, library = '']) => library);
}

/** Programs the collector needs and the libraries they need, as a small golden image. */
function makeTree(tree: string): void {
  const programs =
    'sh awk sed grep cat head tail cut tr sort wc stat readlink ls id date uname base64 sha256sum timeout od find getent sleep mkdir env true printf dirname basename tee xargs uniq fold sshd ssh-keygen ps'.split(
      ' ',
    );
  const copy = (path: string): void => {
    if (existsSync(join(tree, path))) return;
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    cpSync(path, join(tree, path), { dereference: true });
  };
  for (const folder of [
    'etc/ssh',
    'dev',
    'run',
    'proc',
    'root',
    'tmp',
    'home',
    'var',
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'usr/lib64',
  ])
    mkdirSync(join(tree, folder), { recursive: true });
  for (const name of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(tree, name));
  for (const program of programs) {
    const found = spawnSync('sh', ['-c', `PATH=/usr/sbin:/usr/bin command -v ${program}`])
      .stdout.toString()
      .trim();
    if (!found.startsWith('/')) continue;
    copy(found);
    librariesOf(found).forEach(copy);
  }
  for (const [path, text] of [
    [
      'etc/passwd',
      'root:x:0:0:root:/root:/bin/sh\nsshd:x:74:74::/run/sshd:/usr/sbin/nologin\nops:x:1000:1000::/home/ops:/bin/sh\n',
    ],
    ['etc/group', 'root:x:0:\nops:x:1000:\nsshd:x:74:\n'],
    ['etc/nsswitch.conf', 'passwd: files\ngroup: files\n'],
    ['etc/ssh/sshd_config', 'PermitRootLogin yes\nPasswordAuthentication yes\nHostKey /etc/ssh/host_key\n'],
  ] as const)
    writeFileSync(join(tree, path), text);
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(tree, 'etc/ssh/host_key')]);
}

const need = needs.sshd ?? needs.program('unshare', 'util-linux');
describe.skipIf(need)(title('run --local --root: a file tree', need), () => {
  const folder = temporaryDirectory('tree');
  const tree = join(folder, 'tree with a blank');
  let made: Awaited<ReturnType<typeof audit>>;
  let before: string;
  const listing = () =>
    execFileSync('sh', ['-c', 'find . | sort | xargs -d "\\n" stat -c "%n %f %s %Y %Z"'], {
      cwd: tree,
      encoding: 'utf8',
    });

  beforeAll(async () => {
    mkdirSync(tree);
    makeTree(tree);
    before = listing();
    made = await audit(folder, '--local', '--root', tree, '--evidence', 'runs');
  }, 120_000);
  afterAll(() => removeDirectory(folder));

  it('reads the settings of the tree, not of this machine', () => {
    expect(made.host).toMatchObject({ connection: { transport: 'local', address: tree } });
    expect(made.host.failure).toBeUndefined();
    expect(statuses(made.host)).toMatchObject({
      'root-login': 'fail',
      'password-auth': 'fail',
      'ca-trust': 'fail',
    });
    const finding = made.host.results.find(({ id }) => id === 'root-login')?.outcome;
    expect(JSON.stringify(finding)).toContain('/etc/ssh/sshd_config');
  });

  it('passes nothing that needs a running system, and says so', () => {
    expect(made.host.score).toBe(0);
    expect(statuses(made.host)['audit-logging']).toBe('unknown');
    expect(made.report.warnings.join('\n')).toContain('not a running system');
    const left = PROBES.filter(({ name }) => ['daemons', 'logins', 'logging'].includes(name));
    expect(left).toHaveLength(3);
    expect(probesFor(new Set(['daemons'])).length).toBeGreaterThan(0);
  });

  it('leaves no mount behind, changes nothing in the tree, and lets the tree write nothing', async () => {
    expect(listing()).toBe(before);
    expect(readFileSync('/proc/self/mounts', 'utf8')).not.toContain(folder);
    const result = await createTransport('local', { root: tree }).run({
      host: HOST,
      command: '',
      stdin:
        'echo x >/planted; echo x >/etc/ssh/sshd_config; ls /proc | grep -c "^[0-9]"; echo "status $?"\n',
      limits: LIMITS,
      signal: new AbortController().signal,
    });
    expect(existsSync(join(tree, 'planted'))).toBe(false);
    expect(statSync(join(tree, 'etc/ssh/sshd_config')).size).toBeGreaterThan(20);
    // Of processes only its own: a shell, ls and grep.
    expect(Number(Buffer.from(result.stdout).toString().split('\n')[0])).toBeLessThan(6);
  });

  const noBox = needs.busybox;
  it.skipIf(noBox)(
    title('takes a tree of busybox with absolute links, as containers have', noBox),
    async () => {
      const box = join(folder, 'box');
      for (const name of ['bin', 'dev', 'run', 'proc', 'etc/ssh', 'home/ops/.ssh'])
        mkdirSync(join(box, name), { recursive: true });
      const program = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
      cpSync(program, join(box, 'bin/busybox'), { dereference: true });
      for (const library of librariesOf(program))
        cpSync(library, join(box, library), { dereference: true, recursive: true });
      for (const applet of execFileSync(program, ['--list'], { encoding: 'utf8' }).trim().split('\n'))
        if (applet !== 'busybox') symlinkSync('/bin/busybox', join(box, 'bin', applet));
      for (const name of ['passwd', 'group', 'ssh/sshd_config'])
        cpSync(join(tree, 'etc', name), join(box, 'etc', name));
      cpSync(join(tree, 'etc/ssh/host_key.pub'), join(box, 'home/ops/.ssh/authorized_keys'));
      const { host } = await audit(folder, '--local', '--root', box);
      expect(host.failure).toBeUndefined();
      // Without an sshd to ask nothing is proven; a key that lies where sshd looks is a finding all the same.
      expect(statuses(host)).toMatchObject({ 'no-static-keys': 'fail', 'root-login': 'unknown' });
      expect(host.score).toBe(0);
    },
    60_000,
  );

  const noSetpriv = needs.program('setpriv', 'util-linux');
  it.skipIf(noSetpriv)(
    title('says that a container without the right cannot do it', noSetpriv),
    () => {
      const cli = [
        'node',
        '--import',
        'tsx',
        'src/cli.ts',
        'run',
        '--local',
        '--root',
        tree,
        '-f',
        'json',
        '-q',
      ];
      const drop = ['--bounding-set=-sys_admin', '--inh-caps=-sys_admin'];
      const { stdout } = spawnSync('setpriv', [...drop, ...cli], { encoding: 'utf8', maxBuffer: 1 << 26 });
      expect((JSON.parse(stdout) as FleetReport).hosts[0]?.failure).toMatchObject({
        code: 'exec-refused',
        detail: expect.stringContaining('may not make namespaces'),
        hint: expect.stringContaining('CAP_SYS_ADMIN'),
      });
    },
    60_000,
  );

  const noSudo = needs.program('sudo', 'sudo') ?? noSetpriv;
  it.skipIf(noSudo)(title('is entered by sudo -n when this process is not root', noSudo), () => {
    const rules = join(folder, 'sudoers.d');
    mkdirSync(rules);
    const script = 'cat /etc/ssh/sshd_config; id -u\n';
    const asNobodyHere =
      'mount --bind "$1" /etc/sudoers.d && exec setpriv --reuid 65534 --regid 65534 --clear-groups /bin/sh -c "$2"';
    const asNobody = (command: string) =>
      spawnSync(
        'unshare',
        // Its sudo rules are this test's own: nothing of it is seen outside.
        ['-m', 'sh', '-c', asNobodyHere, 'sh', rules, command],
        { encoding: 'utf8', input: script, cwd: '/' },
      );
    expect(asNobody(treeCommand(tree)).stderr).toContain('sudo: ');
    writeFileSync(join(rules, 'auditor'), 'nobody ALL=(root) NOPASSWD: ALL\n', { mode: 0o440 });
    const inside = asNobody(treeCommand(tree));
    expect([inside.stdout, inside.status]).toEqual([
      `${readFileSync(join(tree, 'etc/ssh/sshd_config'), 'utf8')}0\n`,
      0,
    ]);
  });

  it('says what a tree lacks', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const { host } = await audit(folder, '--local', '--root', empty);
    expect(host.failure).toMatchObject({
      code: 'exec-refused',
      detail: expect.stringContaining('there is no /bin/sh in it'),
      hint: expect.stringContaining('a whole file tree'),
    });
    expect(host.score).toBe(0);
  }, 60_000);
});
