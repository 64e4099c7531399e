/**
 * The same hosts read in other ways: by Ansible with the stand-alone collector, by the hosts' own copy of it behind a
 * forced command, and from a shell on the host itself. The verdicts must be those of a run over ssh2.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport, HostReport } from '../../src/model.js';
import { DEVIATIONS } from '../fleet/deviations/index.js';
import { startFleet } from '../fleet/lab.js';
import { fleetNeeds } from '../fleet/needs.js';
import type { Fleet } from '../fleet/types.js';
import { runMain } from '../helpers/io.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const need = fleetNeeds();
if (need !== null && process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1') throw new Error(need);
const ansible = needs.program('ansible', 'ansible-core');
const PLAY = fileURLToPath(new URL('../../examples/ssh-access-audit.yml', import.meta.url));
const FORCED = '/usr/local/sbin/ssh-access-collector';
/** One planted state each for settings, keys and files. */
const PLANTED = ['password-auth', 'no-static-keys', 'principals'].flatMap(
  (check) =>
    DEVIATIONS.find((each) => each.check === check && each.expect === 'fail' && !each.lockedOut) ?? [],
);

describe.skipIf(need)(title('hosts read in other ways', need), () => {
  const folder = temporaryDirectory('ways');
  let fleet: Fleet;
  let overSsh: FleetReport;

  const cli = async (...argv: string[]): Promise<{ report: FleetReport; out: string; err: string }> => {
    const ran = await runMain([...argv, '-o', `json=${join(folder, 'results.json')}`], { cwd: folder });
    if (ran.code === 2) throw new Error(ran.err);
    return { ...ran, report: JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as FleetReport };
  };
  const overNetwork = ['-F', 'none', '--no-agent', '-c', '2'];
  const verdicts = (host: HostReport | undefined) =>
    host?.results.map(({ id, outcome }) => `${id} ${outcome.status}`);
  const byName = (report: FleetReport, name: string) => report.hosts.find((host) => host.name === name);

  beforeAll(async () => {
    fleet = await startFleet([
      { name: 'sound' },
      { name: 'guarded' },
      ...PLANTED.map((each) => ({ deviations: [each] })),
    ]);
    writeFileSync(join(folder, 'inventory.yaml'), fleet.inventoryYaml());
    ({ report: overSsh } = await cli(
      'run',
      join(folder, 'inventory.yaml'),
      ...overNetwork,
      '--known-hosts',
      fleet.knownHostsFile,
    ));
    const { out } = await runMain(['collector', join(folder, 'inventory.yaml')], { cwd: folder });
    writeFileSync(join(folder, 'ssh-access-scorecard.sh'), out);
    const { auditor, knownHostsFile } = fleet;
    const args = `-F none -o CertificateFile=${auditor.certFile} -o UserKnownHostsFile=${knownHostsFile} -o IdentitiesOnly=yes -o KexAlgorithms=curve25519-sha256`;
    const lines = fleet.hosts.map(
      ({ name, address, port }) => `${name} ansible_host=${address} ansible_port=${port}`,
    );
    writeFileSync(
      join(folder, 'hosts.ini'),
      `${lines.join('\n')}\n[all:vars]\nansible_user=${auditor.user}\nansible_ssh_private_key_file=${auditor.keyFile}\n` +
        `ansible_ssh_common_args='${args}'\nansible_ssh_transfer_method=piped\nansible_remote_tmp=/tmp/.ansible\n`,
    );
  }, 300_000);
  afterAll(async () => {
    await fleet?.stop();
    removeDirectory(folder);
  });

  const play = (program: string, ...args: string[]): string =>
    execFileSync(program, ['-i', 'hosts.ini', ...args], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8', ANSIBLE_LOCALHOST_WARNING: 'False' },
    });

  test.skipIf(ansible)(title('by ansible -m script --tree: the same verdicts', ansible), async () => {
    play('ansible', 'all', '-m', 'script', '-a', 'ssh-access-scorecard.sh', '--become', '--tree', 'tree');
    const { report, err } = await cli(
      'audit',
      '--from-ansible',
      'tree',
      '--inventory',
      join(folder, 'inventory.yaml'),
    );
    expect(report.hosts.map(verdicts)).toEqual(overSsh.hosts.map(verdicts));
    expect(byName(report, 'sound')?.connection).toMatchObject({ transport: 'ansible' });
    expect(err).toContain('each collector made its own nonce');
  });

  test.skipIf(ansible)(title('by the example playbook: the same verdicts', ansible), async () => {
    copyFileSync(PLAY, join(folder, 'ssh-access-audit.yml'));
    play('ansible-playbook', 'ssh-access-audit.yml');
    expect(readdirSync(join(folder, 'evidence'))).toHaveLength(fleet.hosts.length);
    const { report } = await cli(
      'audit',
      '--from-ansible',
      'evidence',
      '--inventory',
      join(folder, 'inventory.yaml'),
    );
    expect(report.hosts.map(verdicts)).toEqual(overSsh.hosts.map(verdicts));
  });

  test.skipIf(ansible)(title('a host Ansible cannot reach is a row with the reason', ansible), async () => {
    writeFileSync(join(folder, 'gone.ini'), 'sound ansible_host=127.0.0.1 ansible_port=9\n');
    try {
      play(
        'ansible',
        'all',
        '-i',
        'gone.ini',
        '--limit',
        'sound',
        '-m',
        'script',
        '-a',
        'ssh-access-scorecard.sh',
        '--tree',
        'gone',
      );
    } catch {
      // It ends with 4 for unreachable hosts.
    }
    const { report } = await cli(
      'audit',
      '--from-ansible',
      'gone',
      '--inventory',
      join(folder, 'inventory.yaml'),
    );
    expect(byName(report, 'sound')?.failure?.code).toBe('connect-refused');
    expect(byName(report, 'guarded')?.failure).toMatchObject({ code: 'no-frames', phase: 'connect' });
  });

  describe('behind a forced command', () => {
    let identity: string[];
    const forcedRun = () =>
      cli(
        'run',
        join(folder, 'guarded.yaml'),
        ...overNetwork,
        '--known-hosts',
        fleet.knownHostsFile,
        '--forced-command',
        ...identity,
      );
    const install = (script: string) =>
      fleet
        .host('guarded')
        .run(`cat >${FORCED} <<'END-OF-COLLECTOR'\n${script}END-OF-COLLECTOR\nchmod 755 ${FORCED}\n`);

    beforeAll(async () => {
      const { out } = await runMain(['collector', '--forced-command']);
      await install(out);
      await fleet
        .host('guarded')
        .run(`printf '%s\\n' 'auditor ALL=(root) NOPASSWD: ${FORCED} ""' >/etc/sudoers.d/auditor`);
      const { keyFile, certificateFile } = await fleet.ca.issue({
        keyId: 'atm-scorecard',
        principals: ['atm-scorecard'],
        validity: '+1h',
        options: ['clear', `force-command=${FORCED}`, 'source-address=127.0.0.0/8'],
      });
      identity = ['-i', keyFile, '--certificate', certificateFile, '--host', 'guarded'];
      writeFileSync(join(folder, 'guarded.yaml'), fleet.inventoryYaml());
    });

    test('the same verdicts, from a login that can do nothing else', async () => {
      const { report } = await forcedRun();
      expect(verdicts(byName(report, 'guarded'))).toEqual(verdicts(byName(overSsh, 'guarded')));
      expect(byName(report, 'guarded')?.failure).toBeUndefined();
    });

    test('the same with the wrapper every automation is forced to, which starts it for this account', async () => {
      await fleet
        .host('guarded')
        .run(`sed -i '2i case $(id -un) in auditor) exec ${FORCED} ;; esac' /usr/local/bin/atm-wrapper.sh`);
      const { keyFile, certFile } = fleet.auditor;
      const { report } = await cli(
        'run',
        join(folder, 'guarded.yaml'),
        ...overNetwork,
        '--known-hosts',
        fleet.knownHostsFile,
        '--forced-command',
        '-i',
        keyFile,
        '--certificate',
        certFile,
        '--host',
        'guarded',
      );
      expect(verdicts(byName(report, 'guarded'))).toEqual(verdicts(byName(overSsh, 'guarded')));
    });

    test('a script is not run: the login says that it takes parameters only', async () => {
      const { report } = await cli(
        'run',
        join(folder, 'guarded.yaml'),
        ...overNetwork,
        '--known-hosts',
        fleet.knownHostsFile,
        ...identity,
      );
      expect(byName(report, 'guarded')?.failure).toMatchObject({
        code: 'no-frames',
        hint: 'run with --forced-command',
      });
    });

    test('a copy that is not this version passes nothing', async () => {
      const { out } = await runMain(['collector', '--forced-command']);
      await install(out.replace('LOGIN_DAYS=$4', 'LOGIN_DAYS=1'));
      const { report } = await forcedRun();
      expect(byName(report, 'guarded')?.failure?.code).toBe('collector-differs');
      expect(byName(report, 'guarded')?.score).toBe(0);
      await install(out);
    });

    test('a host without it says so', async () => {
      const plain = [...identity.slice(0, 4), '--host', 'sound'];
      const { keyFile, certFile } = fleet.auditor;
      const own = ['-i', keyFile, '--certificate', certFile, ...plain.slice(4)];
      const { report } = await cli(
        'run',
        join(folder, 'guarded.yaml'),
        ...overNetwork,
        '--known-hosts',
        fleet.knownHostsFile,
        '--forced-command',
        ...own,
      );
      expect(byName(report, 'sound')?.failure).toMatchObject({ code: 'no-frames' });
      expect(byName(report, 'sound')?.failure?.detail).toContain('there is no forced command');
    });
  });
});
