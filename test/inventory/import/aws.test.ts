import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadInventory } from '../../../src/inventory/load.js';
import { awsEnv, fakeAws, type FakeAws, type FakeOptions } from '../../fakes/aws.js';
import { runMain } from '../../helpers/io.js';
import { instanceId } from '../../transports/ssm/lab.js';

let aws: FakeAws;

async function run(options: FakeOptions, ...flags: string[]) {
  aws = await fakeAws(options);
  for (const [name, value] of Object.entries(awsEnv(aws))) vi.stubEnv(name, value);
  return runMain(['inventory', 'import', 'aws', ...flags], { env: process.env });
}

afterEach(async () => {
  await aws?.close();
  vi.unstubAllEnvs();
});

const tagged = (number: number, computer: string, tags: Record<string, string>) => ({
  id: instanceId(number),
  computer,
  tags,
});

describe('inventory import aws', () => {
  test('managed nodes become an inventory that loads, in one order', async () => {
    const nodes = Array.from({ length: 60 }, (_, index) => ({
      id: instanceId(60 - index),
      computer: `web-${String(60 - index).padStart(2, '0')}.internal`,
    }));
    const { code, out, err } = await run({ nodes });
    expect(code).toBe(0);
    const { hosts } = loadInventory({ path: 'imported', text: out });
    expect(hosts).toHaveLength(60);
    expect(hosts[0]).toMatchObject({
      name: 'web-01.internal',
      instance: instanceId(1),
      transport: 'ssm',
      become: 'none',
      region: 'eu-central-1',
      unlisted: true,
    });
    expect(out.indexOf('web-02')).toBeLessThan(out.indexOf('web-10'));
    expect(err).toContain('imported: 60 hosts');
    expect(aws.calls.map(({ body }) => body['NextToken'])).toEqual([undefined, '50']);
  });

  test('tags narrow it, and an environment is asked for by its tag', async () => {
    const { out } = await run(
      {
        nodes: [
          tagged(1, 'a', { Team: 'web', Stage: 'production' }),
          tagged(2, 'b', { Team: 'web', Stage: 'staging' }),
          tagged(3, 'c', { Team: 'web' }),
          tagged(4, 'd', { Team: 'db', Stage: 'production' }),
        ],
      },
      '--tag',
      'Team=web',
      '--environment',
      'production',
      '--environment',
      'staging',
      '--environment-tag',
      'Stage',
    );
    const { hosts } = loadInventory({ path: 'imported', text: out });
    expect(hosts.map(({ name, environment }) => [name, environment])).toEqual([
      ['a', 'production'],
      ['b', 'staging'],
    ]);
  });

  test('regions and a role are written down', async () => {
    const role = 'arn:aws:iam::111122223333:role/auditor';
    const { out } = await run(
      { nodes: [{ id: instanceId(1), computer: 'a' }] },
      '--region',
      'us-east-1',
      '--role-arn',
      role,
    );
    expect(loadInventory({ path: 'imported', text: out }).hosts[0]).toMatchObject({
      region: 'us-east-1',
      roleArn: role,
    });
    expect(aws.calls.map(({ name }) => name)).toContain('sts:AssumeRole');
  });

  test('names are the nodes’ own words: unusable, shared or borrowed ones are not taken', async () => {
    const { out, err } = await run({
      nodes: [
        { id: instanceId(1), computer: 'web\u001b[2J: {evil}' },
        { id: instanceId(2), computer: 'same' },
        { id: instanceId(3), computer: 'SAME' },
        { id: instanceId(4), computer: instanceId(5) },
        { id: instanceId(5), computer: '-rf' },
        { id: instanceId(6), computer: 'good', ping: 'ConnectionLost' },
        { id: instanceId(7), computer: 'win', platform: 'Windows' },
        { id: 'i-not-an-id', computer: 'odd' },
      ],
    });
    const { hosts } = loadInventory({ path: 'imported', text: out });
    expect(hosts.map(({ name }) => name)).toEqual(['good', ...[1, 2, 3, 4, 5].map(instanceId)]);
    expect(out + err).not.toContain('\u001b');
    expect(err).toContain(`note: ${instanceId(6)} does not answer now (ConnectionLost)`);
    expect(err).toContain(`note: ${instanceId(7)} is a Windows node`);
  });

  test.each([
    [['--tag', 'nonsense'], 'expected KEY=VALUE'],
    [['--region', 'Frankfurt'], 'expected an AWS region'],
    [['--role-arn', 'auditor'], 'expected the ARN of a role'],
    [['file'], 'takes --region'],
  ])('%j is one clear line', async (flags, message) => {
    const { code, err } = await run({ nodes: [] }, ...flags);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(aws.calls).toEqual([]);
  });

  test('nothing found, and a refusal, are errors', async () => {
    const none = await run({ nodes: [] });
    expect([none.code, none.out]).toEqual([2, '']);
    expect(none.err).toContain('lists no node that fits');
    await aws.close();
    const refused = await run({
      nodes: [],
      refuse: { 'ssm:DescribeInstanceInformation': 'AccessDeniedException' },
    });
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('AccessDeniedException');
  });
});
