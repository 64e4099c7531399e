/** The whole way: an inventory with transport ssm, the real collector, the report. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { FleetReport } from '../../../src/model.js';
import { awsEnv, fakeAws, type FakeAws, type FakeOptions } from '../../fakes/aws.js';
import { runMain } from '../../helpers/io.js';
import { needs, title } from '../../helpers/needs.js';
import { removeDirectory } from '../../helpers/sshd.js';
import { instanceId } from './lab.js';

let folder: string;
let aws: FakeAws | undefined;

beforeAll(() => {
  // Not /tmp, which is hidden below.
  folder = mkdtempSync('/var/tmp/ssh-scorecard-ssm-');
});
afterAll(() => removeDirectory(folder));
afterEach(async () => {
  await aws?.close();
  aws = undefined;
  vi.unstubAllEnvs();
});

/**
 * A shell that sees no process, network or temporary file of the tests that run beside this one. A checkout that lies
 * in /tmp itself stays where it is.
 */
const APART = 'unshare -m -p -n --fork --mount-proc --kill-child sh -c'
  .split(' ')
  .concat(
    'here=$PWD; case $here in /tmp/*) mount --bind "$here" /mnt; esac; mount -t tmpfs tmpfs /tmp; case $here in /tmp/*) mkdir -p "$here" && mount --move /mnt "$here" && cd "$here"; esac && exec sh "$@"',
    'sh',
  );
const needUnshare = needs.program('unshare', 'util-linux');
const PRINCIPALS = 'allowed_principals: { adm: [adm-full] }';

async function start(options: FakeOptions, key?: string): Promise<void> {
  aws = await fakeAws(options);
  for (const [name, value] of Object.entries(awsEnv(aws, key)))
    vi.stubEnv(name, value === '' ? undefined : value);
}

function inventory(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function audit(path: string): Promise<{ report: FleetReport; err: string; code: number }> {
  const { out, err, code } = await runMain(['run', path, '-f', 'json', '--no-progress', '--timeout', '2m'], {
    env: process.env,
    cwd: folder,
  });
  if (out === '') throw new Error(err);
  return { report: JSON.parse(out) as FleetReport, err, code };
}

const statuses = ({ hosts }: FleetReport, index = 0) =>
  hosts[index]?.results.map(({ id, outcome }) => `${id} ${outcome.status}`);

describe.skipIf(needs.root)(title('run with transport ssm', needs.root), () => {
  test.skipIf(needUnshare)(
    title('the verdicts are those of the same machine by the local transport', needUnshare),
    async () => {
      await start({ nodes: [{ id: instanceId(1), shell: [...APART, '-s'] }], logLines: Infinity });
      const here = inventory('local.yaml', `hosts:\n  - { name: here, transport: local, ${PRINCIPALS} }\n`);
      const cli = ['node', '--import', 'tsx', 'src/cli.ts', 'run', here, '-f', 'json', '--no-progress'];
      const [program = '', ...args] = [...APART, '-c', 'exec "$@"', 'sh', ...cli];
      const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
      if (stdout === '') throw new Error(stderr);
      const local = JSON.parse(stdout) as FleetReport;
      const { report: ssm } = await audit(
        inventory(
          'ssm.yaml',
          `ssm: { cloudwatch_log_group: /ssh-scorecard }\nhosts:\n  - { name: here, transport: ssm, instance: ${instanceId(1)}, ${PRINCIPALS} }\n`,
        ),
      );
      const [host] = ssm.hosts;
      expect(host?.failure).toBeUndefined();
      expect(host?.connection).toMatchObject({ transport: 'ssm', address: instanceId(1), user: 'root' });
      expect(statuses(ssm)).toEqual(statuses(local));
      expect(statuses(ssm)?.filter((text) => !text.endsWith('unknown')).length).toBeGreaterThan(3);
    },
    180_000,
  );

  test('an output that was cut passes nothing, and a host that is offline is a row', async () => {
    await start({
      nodes: [{ id: instanceId(1) }, { id: instanceId(2), ping: 'ConnectionLost' }],
      stdoutLimit: 4000,
    });
    const entry = (number: number) =>
      `  - { name: node-${number}, instance: ${instanceId(number)}, ${PRINCIPALS} }\n`;
    const { report, code } = await audit(
      inventory('cut.yaml', `defaults: { transport: ssm }\nhosts:\n${entry(1)}${entry(2)}`),
    );
    expect(report.hosts.map(({ failure }) => failure?.code)).toEqual(['output-cut', 'ssm-agent-offline']);
    expect(
      report.hosts.flatMap(({ results }) => results).filter(({ outcome }) => outcome.status === 'pass'),
    ).toEqual([]);
    expect(code).not.toBe(0);
  }, 180_000);

  test('a long-lived access key is a warning of the run, and doctor tells who asks', async () => {
    await start(
      { nodes: [{ id: instanceId(1), outcome: ['Failed', 'Undeliverable'] }] },
      'AKIAFAKEFAKEFAKEFAKE',
    );
    const path = inventory(
      'key.yaml',
      `hosts:\n  - { name: here, transport: ssm, instance: ${instanceId(1)}, ${PRINCIPALS} }\n`,
    );
    const { report, err } = await audit(path);
    expect(report.warnings.join('\n')).toContain('AKIA');
    expect(err).toContain('access: AWS arn:aws:iam::111122223333:user/nightly (account 111122223333)\n');
    const { out } = await runMain(['doctor', path], { env: process.env, cwd: folder });
    expect(out).toContain('AWS arn:aws:iam::111122223333:user/nightly (account 111122223333)');
    expect(out).not.toContain('fake-secret');
  }, 60_000);

  test('how long the session lasts is said before the first host is asked', async () => {
    await start({ nodes: [{ id: instanceId(1), outcome: ['Failed', 'Undeliverable'] }] });
    vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(Date.now() + 90 * 60_000 + 30_000).toISOString());
    const path = inventory(
      'session.yaml',
      `hosts:\n  - { name: here, transport: ssm, instance: ${instanceId(1)}, ${PRINCIPALS} }\n`,
    );
    expect((await audit(path)).err).toMatch(
      /^access: AWS arn\S+ \(account \d+\); the session ends in 1 h 30 min$/m,
    );
  }, 60_000);

  test('one AWS identity in two environments is a warning, found by the run itself', async () => {
    const gone = { outcome: ['Failed', 'Undeliverable'] as const };
    await start({
      nodes: [
        { id: instanceId(1), ...gone },
        { id: instanceId(2), ...gone },
      ],
    });
    const entry = (name: string, number: number) =>
      `  - { name: ${name}, environment: ${name}, instance: ${instanceId(number)}, ${PRINCIPALS} }\n`;
    const { report } = await audit(
      inventory(
        'two.yaml',
        `defaults: { transport: ssm }\nhosts:\n${entry('production', 1)}${entry('staging', 2)}`,
      ),
    );
    expect(report.warnings.join('\n')).toContain(
      'in this run the identity "arn:aws:sts::111122223333:assumed-role/operator" reaches both production (production) and staging (staging)',
    );
  }, 60_000);

  test('a dry run asks nothing of AWS', async () => {
    await start({ nodes: [{ id: instanceId(1) }] });
    const path = inventory(
      'dry.yaml',
      `hosts:\n  - { name: here, transport: ssm, instance: ${instanceId(1)}, ${PRINCIPALS} }\n`,
    );
    const { out, code } = await runMain(['run', path, '--dry-run'], { env: process.env, cwd: folder });
    expect(code).toBe(0);
    expect(out).toContain(`here: ssm root@${instanceId(1)}`);
    expect(aws?.calls).toEqual([]);
  });

  test.each([
    ['{ name: a, transport: ssm }', 'has transport ssm and no instance'],
    ['{ name: a, transport: ssm, instance: web-1 }', 'expected the ID of a managed node'],
    [
      `{ name: a, transport: ssm, instance: ${instanceId(1)} }\n  - { name: b, transport: ssm, instance: ${instanceId(1)} }`,
      'is the one of host a',
    ],
    [`{ name: a, region: Frankfurt }`, 'expected an AWS region'],
    [`{ name: a, role_arn: auditor }`, 'expected the ARN of a role'],
  ])('%s is said at its line', async (entry, message) => {
    const path = inventory('bad.yaml', `hosts:\n  - ${entry}\n`);
    const { code, err } = await runMain(['validate', path], { cwd: folder });
    expect(code).toBe(2);
    expect(err).toMatch(/bad\.yaml:[23]:\d+/);
    expect(err).toContain(message);
  });
});
