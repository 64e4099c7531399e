import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadInventory } from '../../src/inventory/load.js';
import { title } from '../helpers/needs.js';
import { awkward } from './awkward/index.js';
import { run, tryRun, type Ran } from './exec.js';
import { startFleet, stopFleet } from './lab.js';
import { fleetNeeds } from './needs.js';
import { alive, cgroupRoot, fleetDirectories, hostProcesses } from './state.js';
import type { Fleet } from './types.js';

const need = fleetNeeds();
if (need !== null && process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1') throw new Error(need);

/** Other test files start fleets of their own meanwhile. */
function ownFleets(): string[] {
  return fleetDirectories().filter((directory) => {
    try {
      const owner = JSON.parse(readFileSync(join(directory, 'owner'), 'utf8')) as { pid?: number };
      return owner.pid === process.pid;
    } catch {
      return false;
    }
  });
}

/** Logs in as the auditor with the real client. */
function ssh(fleet: Fleet, host: string, command: string, input = ''): Promise<Ran> {
  const { keyFile, certFile, user } = fleet.auditor;
  const options = [
    'BatchMode=yes',
    'IdentitiesOnly=yes',
    'IdentityAgent=none',
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${fleet.knownHostsFile}`,
    `CertificateFile=${certFile}`,
  ];
  const flags = options.flatMap((option) => ['-o', option]);
  return tryRun(
    'ssh',
    ['-F', '/dev/null', ...flags, '-i', keyFile, '--', `${user}@${fleet.host(host).address}`, command],
    { input },
  );
}

async function eventually(holds: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    if (holds()) return true;
    await sleep(20);
  }
  return false;
}

describe.skipIf(need)(title('the lab', need), () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet([
      {},
      { name: 'quiet', logins: false, logging: false },
      { awkward: awkward('shell-tcsh') },
      { awkward: awkward('down') },
    ]);
  });
  afterAll(async () => {
    await fleet.stop();
  });

  it('lets the auditor in by certificate and gives root by sudo', async () => {
    for (const host of ['sound-01', 'quiet', 'shell-tcsh']) {
      const ran = await ssh(fleet, host, 'sudo -n sh -s', 'id -u; hostname');
      expect([ran.status, ran.stdout]).toEqual([0, `0\n${host}\n`]);
    }
  });

  it('refuses a key that no certificate vouches for', async () => {
    const keyFile = join(fleet.directory, 'material', 'static');
    const ran = await ssh(
      { ...fleet, auditor: { user: 'auditor', keyFile, certFile: '/nonexistent' } },
      'quiet',
      'true',
    );
    expect(ran.status).toBe(255);
    expect(ran.stderr).toContain('Permission denied (publickey)');
  });

  it("writes certificate identities to the host's own journal, as lines of ssh.service", async () => {
    const journal = await fleet
      .host('sound-01')
      .run('journalctl -q --no-pager -o json -u ssh.service -t sshd');
    const rows = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>);
    const accepted = rows.filter((row) => row['MESSAGE']?.startsWith('Accepted publickey'));
    const issued = readFileSync(fleet.ca.logFile, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { serial: string; key_id: string });
    for (const keyId of ['adm-bernd', 'agt-incident-resolver-v2', 'atm-backup-daily']) {
      const serial = issued.find((each) => each.key_id === keyId)?.serial;
      const row = accepted.find((each) =>
        each['MESSAGE']?.includes(` ID ${keyId} (serial ${serial}) CA ED25519 ${fleet.ca.fingerprint}`),
      );
      expect(row).toMatchObject({ _UID: '0', _EXE: '/usr/sbin/sshd', _HOSTNAME: 'sound-01' });
    }
  });

  it('forwards them to the collector', async () => {
    const log = fleet.collectorLog as string;
    expect(
      await eventually(
        () =>
          existsSync(log) &&
          /sound-01 sshd\[\d+\]: Accepted publickey .* ID adm-bernd /.test(readFileSync(log, 'utf8')),
      ),
    ).toBe(true);
  });

  it('shows a host nothing of this machine', async () => {
    writeFileSync(join(fleet.directory, 'outside'), '');
    const seen = await fleet
      .host('sound-01')
      .run(
        'ls -A / /root /tmp /home /opt /srv /usr/local/bin /var/lib /run /etc/ssh /etc/cron.d; ls /proc | grep -c "^[0-9]"',
      );
    expect(seen).not.toMatch(/^(work|container_info.json|farm|outside|ssh-scorecard.*|\.claude|\.npm|lab)$/m);
    const machine = readdirSync('/').filter(
      (name) => !['usr', 'bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'].includes(name),
    );
    const own = new Set([
      'boot',
      'dev',
      'etc',
      'home',
      'media',
      'mnt',
      'opt',
      'proc',
      'root',
      'run',
      'srv',
      'sys',
      'tmp',
      'var',
    ]);
    const root = (await fleet.host('sound-01').run('ls -A /')).trim().split('\n');
    for (const name of machine.filter((each) => !own.has(each))) expect(root).not.toContain(name);
    expect(Number(seen.trim().split('\n').at(-1))).toBeLessThan(15);
    const keys = await fleet
      .host('sound-01')
      .run('grep -rlE "PRIVATE KEY" /etc /home /root /var /opt /srv /usr/local || true');
    expect(keys.trim()).toBe('/etc/ssh/ssh_host_ed25519_key');
    const accounts = await fleet
      .host('sound-01')
      .run("getent passwd | awk -F: '$3 >= 1000 && $3 < 60000 {print $1}'");
    expect(accounts.trim().split('\n')).toEqual(['ops', 'agent', 'automation', 'auditor']);
  });

  it('is an inventory that loads, with every host in it', () => {
    const inventory = loadInventory({ path: '/lab/inventory.yaml', text: fleet.inventoryYaml() });
    expect(new Map(inventory.hosts.map((host) => [host.name, host.address]))).toEqual(
      new Map(fleet.hosts.map((host) => [host.name, host.address])),
    );
    expect(inventory.ca.fingerprints).toEqual([fleet.ca.fingerprint]);
    expect(inventory.hosts.find((host) => host.name === 'quiet')).toMatchObject({
      user: 'auditor',
      allowedPrincipals: { agt: ['agt-incident-resolver-v2'] },
    });
  });

  it('refuses two hosts of one name, and says why a host did not start', async () => {
    await expect(startFleet([{ name: 'a' }, { name: 'a' }])).rejects.toThrow('two hosts are called a');
    const broken = {
      id: 'broken',
      check: 'ca-trust',
      title: '',
      expect: 'pass',
      why: '',
      apply: 'echo reason >&2; false',
    } as const;
    await expect(startFleet([{ deviations: [broken] }], { collector: false })).rejects.toThrow(
      /host broken did not start: setup ended with 1: reason/,
    );
    expect(ownFleets()).toEqual([fleet.directory]);
  });
});

describe.skipIf(need)(title('ending a lab', need), () => {
  it('leaves no process, mount, cgroup, listener or folder', async () => {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const fleet = await startFleet([{ logins: false }, { awkward: awkward('silent-before-banner') }]);
    const processes = hostProcesses(fleet.directory);
    expect(processes).toHaveLength(2); // the host and the collector
    expect(processes.every(alive)).toBe(true);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mounts);
    const cgroup = join(cgroupRoot(), fleet.directory.split('/').at(-1) as string);
    expect(existsSync(cgroup)).toBe(true);
    await fleet.stop();
    expect(processes.some(alive)).toBe(false);
    expect(existsSync(cgroup)).toBe(false);
    expect(existsSync(fleet.directory)).toBe(false);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toBe(mounts);
    const network = fleet.hosts[0]?.address.split('.').slice(0, 2).join('.');
    expect(await run('ss', ['-Hltn'])).not.toContain(`${network}.`);
    await fleet.stop(); // again does no harm
  });

  it('ends what a killed starter left behind at the next start, and nothing that lives', async () => {
    const living = await startFleet([{ logins: false, logging: false }], { collector: false });
    const folder = mkdtempSync(join(tmpdir(), 'ssh-scorecard-lab-'));
    try {
      await compileLab(folder);
      const starter = spawn(process.execPath, [join(folder, 'start.mjs')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const left = await new Promise<string>((resolve) =>
        starter.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim())),
      );
      const processes = hostProcesses(left);
      const { ino } = statSync(left);
      // Its network, and so the folder's name, may be another fleet's by the time we look.
      const gone = (): boolean => statSync(left, { throwIfNoEntry: false })?.ino !== ino;
      expect(processes).toHaveLength(2);
      expect(processes.every(alive)).toBe(true);
      starter.kill('SIGKILL');
      // From here on any start ends it: the next one below, or another test file's before that.
      await new Promise((resolve) => starter.once('exit', resolve));

      const next = await startFleet([{ logins: false, logging: false }], { collector: false });
      expect(await eventually(() => !processes.some(alive) && gone())).toBe(true);
      expect(hostProcesses(living.directory).every(alive)).toBe(true);
      await next.stop();
    } finally {
      rmSync(folder, { recursive: true });
      await living.stop();
    }
  });

  it('leaves a detached fleet alone until it is asked to end it', async () => {
    const fleet = await startFleet([{ logins: false, logging: false }], { collector: false, detached: true });
    const other = await startFleet([{ logins: false, logging: false }], { collector: false });
    expect(hostProcesses(fleet.directory).every(alive)).toBe(true);
    await other.stop();
    await stopFleet(fleet.directory);
    expect(existsSync(fleet.directory)).toBe(false);
  });
});

/** The lab as plain JavaScript, with a program that starts one host, names its folder and waits. */
async function compileLab(folder: string): Promise<void> {
  const flags = [
    '--ignoreConfig',
    '--outDir',
    folder,
    '--rootDir',
    '.',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--skipLibCheck',
    '--types',
    'node',
  ];
  await run('node_modules/.bin/tsc', [...flags, 'test/fleet/lab.ts']);
  cpSync('test/fleet/host.sh', join(folder, 'test/fleet/host.sh'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(
    join(folder, 'start.mjs'),
    "import { startFleet } from './test/fleet/lab.js';\nconst fleet = await startFleet([{ logins: false }]);\nconsole.log(fleet.directory);\nsetInterval(() => undefined, 1000);\n",
  );
}
