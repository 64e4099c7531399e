/** The algorithms of real hosts, through the whole of `run` and again from the saved evidence. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FleetReport, HostEvidence, Outcome } from '../../../src/model.js';
import { startFleet } from '../../fleet/lab.js';
import { fleetNeeds } from '../../fleet/needs.js';
import type { Deviation, Fleet } from '../../fleet/types.js';
import { runMain, type Caught } from '../../helpers/io.js';
import { title } from '../../helpers/needs.js';

const need = fleetNeeds();
if (need !== null && process.env['SSH_SCORECARD_REQUIRE_ALL'] === '1') throw new Error(need);

const state = (id: string, more: Partial<Deviation>): Deviation => ({
  id,
  check: 'root-login',
  title: '',
  why: '',
  expect: 'any',
  ...more,
});

describe.skipIf(need)(title('algorithms of real hosts', need), () => {
  let fleet: Fleet;
  let asked: Caught;
  const cli = (...argv: string[]) =>
    runMain(argv, {
      cwd: fleet.directory,
      env: { PATH: process.env['PATH'], HOME: fleet.directory },
      columns: 100,
    });
  const outcomes = (text: string): Record<string, Outcome | undefined> =>
    Object.fromEntries(
      (JSON.parse(text) as FleetReport).hosts.map(({ name, guidance }) => [
        name,
        guidance.find(({ id }) => id === 'algorithms')?.outcome,
      ]),
    );
  const subjects = (outcome: Outcome | undefined): readonly string[] =>
    outcome?.status === 'fail' ? outcome.findings.map(({ subject }) => subject) : [];

  beforeAll(async () => {
    fleet = await startFleet([
      { name: 'sound' },
      { name: 'old', deviations: [state('old', { apply: 'conf Ciphers +aes256-cbc\nconf MACs +hmac-md5' })] },
      {
        name: 'stale',
        deviations: [state('stale', { afterwards: 'conf Ciphers aes256-gcm@openssh.com,aes256-ctr' })],
      },
      {
        name: 'second',
        deviations: [
          state('second', {
            apply:
              'sed "s/^Port 22/Port 2200/; /^Include/d" /etc/ssh/sshd_config >/etc/ssh/sshd_rescue; printf "PidFile /run/rescue.pid\\nKexAlgorithms +diffie-hellman-group14-sha1\\n" | cat - /etc/ssh/sshd_rescue >/etc/ssh/sshd_rescue2; mv /etc/ssh/sshd_rescue2 /etc/ssh/sshd_rescue',
            afterwards: '/usr/sbin/sshd -f /etc/ssh/sshd_rescue',
          }),
        ],
      },
    ]);
    writeFileSync(join(fleet.directory, 'inventory.yaml'), fleet.inventoryYaml());
    asked = await cli(
      'run',
      join(fleet.directory, 'inventory.yaml'),
      '--evidence=runs',
      '--output=json=-',
      '--quiet',
      '--ssh-config=none',
      '--no-agent',
      `--known-hosts=${fleet.knownHostsFile}`,
      '--config=none',
    );
  }, 180_000);
  afterAll(() => fleet.stop());

  test('a sound host passes, with what is to be replaced in notes', () => {
    const { sound } = outcomes(asked.out);
    expect(sound).toMatchObject({ status: 'pass' });
    expect(sound?.notes?.join('\n')).toContain('To be replaced: MAC hmac-sha1');
  });

  test('old names fail, and point at their line', () => {
    const { old } = outcomes(asked.out);
    expect(subjects(old)).toEqual(['cipher aes256-cbc', 'MAC hmac-md5']);
    const finding = old?.status === 'fail' ? old.findings[0] : undefined;
    expect(finding?.at?.path).toMatch(/^\/etc\/ssh\//);
    expect(finding?.evidence.map(({ probe }) => probe)).toEqual(['handshake', 'sshd']);
  });

  test('a configuration that sshd has not read yet is a disagreement', () => {
    expect(outcomes(asked.out)['stale']).toMatchObject({ status: 'unknown' });
    expect(JSON.stringify(outcomes(asked.out)['stale'])).toContain('only the server names chacha20-poly1305');
  });

  test('a second sshd that did not answer fails by what it is configured to offer', () => {
    const found = subjects(outcomes(asked.out)['second']);
    expect(
      found.filter((subject) => subject.startsWith('key exchange diffie-hellman-group14-sha1')),
    ).toHaveLength(1);
    expect(found.join()).toContain('sshd_rescue');
  });

  test('judged again from what was saved, it is the same', async () => {
    const [run = ''] = readdirSync(join(fleet.directory, 'runs'));
    const folder = join(fleet.directory, 'runs', run);
    const saved = JSON.parse(
      gunzipSync(readFileSync(join(folder, 'evidence', 'sound.json.gz'))).toString(),
    ) as HostEvidence;
    expect(saved.handshake?.kexInit?.kex).toContain('kex-strict-s-v00@openssh.com');
    expect(saved.handshake?.hostKeys.length).toBeGreaterThan(0);
    const again = await cli('audit', folder, '-o', 'json=-', '-q', '--config', 'none');
    expect(outcomes(again.out)).toEqual(outcomes(asked.out));
  });
});
