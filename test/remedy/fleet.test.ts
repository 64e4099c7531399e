/** Real hosts, mended by the real ansible-playbook or by the commands, and audited again by a login of their own. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport } from '../../src/model.js';
import { DEVIATIONS } from '../fleet/deviations/index.js';
import { startFleet } from '../fleet/lab.js';
import { fleetNeeds } from '../fleet/needs.js';
import type { Deviation, Fleet } from '../fleet/types.js';
import { runMain } from '../helpers/io.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const need = fleetNeeds() ?? needs.program('ansible-playbook', 'ansible-core');

function deviation(id: string): Deviation {
  const found = DEVIATIONS.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no deviation ${id}`);
  return found;
}

/** What is wrong, by the file or the setting it is in. */
const STATES = {
  settings: ['password-yes', 'root-yes'],
  matches: ['password-match-address', 'root-match-address', 'root-dropin'],
  ca: ['ca-extra-key', 'ca-file-0666'],
  principals: ['principals-one-too-many', 'principals-one-missing', 'principals-0666'],
  crlf: ['principals-crlf'],
  none: ['principals-match-none'],
  keys: ['keys-in-authorized-keys', 'keys-of-root'],
  bootstrap: ['bootstrap-principal'],
  logging: ['logging-quiet'],
} as const;

/** Hosts mended by the playbook (`book-`) and by the commands (`sh-`): a play takes seconds a host, the commands none. */
const HOSTS: Readonly<Record<string, readonly (keyof typeof STATES)[]>> = {
  'book-settings': ['settings'],
  'book-matches': ['matches', 'ca'],
  'book-keys': ['keys', 'bootstrap'],
  'sh-matches': ['matches', 'ca'],
  'sh-principals': ['principals', 'keys'],
  'sh-crlf': ['crlf', 'logging'],
  'sh-none': ['none'],
};

describe.skipIf(need)(title('remediation of real hosts', need), () => {
  const folder = temporaryDirectory('remedy');
  let fleet: Fleet;
  let plays = 0;
  /** The last run that found `book-settings` as it was planted. */
  let asPlanted: string | undefined;

  const cli = (...args: string[]) =>
    runMain(args, { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } });

  /** Audits the fleet, or some of it. @returns the failing checks of each host, and the run folder. */
  async function audited(name: string, only = '*') {
    const reach = ['-F', 'none', '--no-agent', '--known-hosts', fleet.knownHostsFile, '--no-progress'];
    const runs = join(folder, name);
    const inventory = join(folder, 'inventory.yaml');
    const keep = ['--evidence', runs, '-f', 'json'];
    const { out, err } = await cli('run', inventory, ...reach, '--host', only, ...keep);
    if (out === '') throw new Error(err);
    const report = JSON.parse(out) as FleetReport;
    const fails = report.hosts.map((host) => [
      host.name,
      host.failure?.code ??
        host.results.flatMap(({ id, outcome }) => (outcome.status === 'fail' ? [id] : [])),
    ]);
    return {
      fails: Object.fromEntries(fails) as object,
      run: join(runs, readdirSync(runs)[0] ?? ''),
    };
  }

  /** @param piped whether modules go through the connection itself, as many have it set, or as files first, as by default. */
  function playbook(
    args: readonly string[] = [],
    piped: 'piped' | 'files' = 'files',
  ): Promise<{ code: number; text: string }> {
    return new Promise((resolve, reject) => {
      const child = spawn('ansible-playbook', ['-i', 'ansible.yaml', 'remediate.yml', ...args], {
        cwd: folder,
        env: {
          PATH: process.env['PATH'],
          HOME: folder,
          ANSIBLE_NOCOLOR: '1',
          ANSIBLE_LOCAL_TEMP: join(folder, 'tmp'),
          ANSIBLE_PIPELINING: String(piped === 'piped'),
          // A connection of its own each time: the record of its login is what is looked for.
          ANSIBLE_SSH_CONTROL_PATH_DIR: join(folder, `cp${(plays += 1)}`),
          // To look for it on every host in every play costs a module each.
          ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
          ANSIBLE_SSH_ARGS: `-F none -o ControlMaster=auto -o ControlPersist=20s -o UserKnownHostsFile=${fleet.knownHostsFile} -o IdentityAgent=none -o KexAlgorithms=curve25519-sha256`,
        },
      });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code: code ?? -1, text }));
    });
  }

  const changes = (text: string) =>
    [...text.matchAll(/^(\S+)\s+: ok=\d+\s+changed=(\d+).*$/gm)].flatMap(([, host, count]) =>
      count === '0' ? [] : [host],
    );

  beforeAll(async () => {
    fleet = await startFleet(
      Object.entries(HOSTS).map(([name, states]) => ({
        name,
        deviations: states.flatMap((state) => STATES[state].map(deviation)),
        logins: false,
      })),
    );
    writeFileSync(join(folder, 'inventory.yaml'), fleet.inventoryYaml());
    mkdirSync(join(folder, 'tmp'));
  });
  afterAll(async () => {
    await fleet?.stop();
    removeDirectory(folder);
  });

  test('audit, remediate, audit: everything passes, a second time nothing changes, and the login still works', async () => {
    const before = await audited('before');
    expect(before.fails).toEqual({
      'book-settings': ['password-auth', 'root-login'],
      'book-matches': ['ca-trust', 'password-auth', 'root-login'],
      'book-keys': ['no-static-keys', 'principals', 'bootstrap-complete'],
      'sh-matches': ['ca-trust', 'password-auth', 'root-login'],
      'sh-principals': ['no-static-keys', 'principals'],
      'sh-crlf': ['principals', 'audit-logging'],
      'sh-none': ['principals'],
    });
    const book = await cli('remediate', before.run, '--host', 'book-*');
    writeFileSync(join(folder, 'remediate.yml'), book.out);
    writeFileSync(
      join(folder, 'ansible.yaml'),
      (await cli('remediate', before.run, '-f', 'ansible-inventory')).out,
    );

    const tried = await playbook(['--check', '--diff'], 'piped');
    expect([tried.code, tried.text.includes('+PasswordAuthentication no'), tried.text]).toEqual([
      0,
      true,
      tried.text,
    ]);
    const looked = Object.entries(before.fails).filter(([name]) => name.startsWith('book-'));
    expect((await audited('looked', 'book-*')).fails).toEqual(Object.fromEntries(looked));

    const applied = await playbook();
    expect([applied.code, applied.text]).toEqual([0, applied.text]);
    const again = await playbook([], 'piped');
    expect([again.code, changes(again.text), again.text]).toEqual([0, [], again.text]);

    const script = (await cli('remediate', before.run, '--host', 'sh-*', '-f', 'commands')).out;
    for (const host of fleet.hosts.filter(({ name }) => name.startsWith('sh-'))) {
      const run = `SCORECARD_CONSOLE=yes sh -s ${host.name} <<'END-OF-SCRIPT'\n${script}\nEND-OF-SCRIPT\n`;
      expect(await host.run(run)).toContain('changed: ');
      expect(await host.run(run)).not.toContain('changed: ');
    }

    const clean = Object.fromEntries(fleet.hosts.map(({ name }) => [name, []]));
    expect((await audited('after')).fails).toEqual(clean);
    for (const host of fleet.hosts)
      expect(
        await host.run(
          'find /etc/ssh /root/.ssh /home -name "*~" -o -name "*.??????" -newer /etc/hostname -path "*ssh*" 2>/dev/null || :',
        ),
      ).toBe('');
  }, 300_000);

  test('what sshd would refuse is taken back, and the login stays', async () => {
    const host = fleet.host('book-settings');
    await host.run('rm -f /etc/ssh/sshd_config.d/00-ssh-scorecard.conf; kill -HUP "$(cat /run/sshd.pid)"');
    const { run } = await audited('undo', 'book-settings');
    const reach = await cli('remediate', run, '-f', 'ansible-inventory');
    writeFileSync(join(folder, 'ansible.yaml'), reach.out);
    const { out } = await cli('remediate', run, '--host', 'book-settings');
    // A value that sshd does not know, as if this sshd were another than the one that was judged.
    writeFileSync(
      join(folder, 'remediate.yml'),
      out.replace('PasswordAuthentication no', 'PasswordAuthentication perhaps'),
    );
    const { code, text } = await playbook();
    expect([code, text.includes('put back as it was'), text]).toEqual([2, true, text]);
    expect(await host.run('ls /etc/ssh/sshd_config.d; sshd -t && ls /run/*.armed 2>/dev/null || :')).toBe('');
    const after = await audited('after-undo', 'book-settings');
    expect(after.fails).toMatchObject({ 'book-settings': ['password-auth', 'root-login'] });
    asPlanted = after.run;
  });

  test('a login whose record is gone is not shut out: the host is left as it is, and said so', async () => {
    const host = fleet.host('book-settings');
    const run = asPlanted ?? (await audited('guard', 'book-settings')).run;
    writeFileSync(
      join(folder, 'remediate.yml'),
      (await cli('remediate', run, '--host', 'book-settings')).out,
    );
    await host.run('sed -i "1i LogLevel QUIET" /etc/ssh/sshd_config; kill -HUP "$(cat /run/sshd.pid)"');
    const { code, text } = await playbook();
    expect([code, text.includes('This host is left as it is'), text]).toEqual([2, true, text]);
    expect(await host.run('ls /etc/ssh/sshd_config.d')).toBe('');
    expect(readFileSync(join(folder, 'remediate.yml'), 'utf8')).not.toContain('LogLevel');
  });
});
