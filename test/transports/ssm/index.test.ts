import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { UserError } from '../../../src/errors.js';
import type { RunResult, Transport } from '../../../src/transports/transport.js';
import { awsEnv, fakeAws, type FakeAws, type FakeOptions } from '../../fakes/aws.js';
import { host, instanceId, LIMITS, nonced, request, transport } from './lab.js';

let aws: FakeAws;
let made: Transport | undefined;

async function start(options: FakeOptions, key?: string): Promise<Transport> {
  aws = await fakeAws(options);
  for (const [name, value] of Object.entries(awsEnv(aws, key)))
    vi.stubEnv(name, value === '' ? undefined : value);
  return (made = transport());
}

afterEach(async () => {
  await made?.close();
  made = undefined;
  await aws?.close();
  vi.unstubAllEnvs();
});

function count(name: string): number {
  return aws.calls.filter((call) => call.name === name).length;
}

const text = (result: RunResult) => Buffer.from(result.stdout).toString();
const one = (more = {}) => ({ nodes: [{ id: instanceId(1), ...more }] });

describe('a host by AWS Run Command', () => {
  test('script in, bytes out, and who asked', async () => {
    const ssm = await start(one());
    const result = await ssm.run(request(host(1), nonced('printf %s "$NONCE"; echo said >&2; exit 4')));
    expect(result.failure).toBeUndefined();
    expect(text(result)).toBe(result.nonce);
    expect(result.exitCode).toBe(4);
    expect(Buffer.from(result.stderr).toString()).toBe('said\n');
    expect(result.connection).toMatchObject({
      transport: 'ssm',
      address: instanceId(1),
      user: 'root',
      route: ['AWS Systems Manager in eu-central-1'],
      authenticatedBy: 'AWS arn:aws:sts::111122223333:assumed-role/operator/me (account 111122223333)',
      serverVersion: 'amazon-ssm-agent 3.3.987.0',
    });
  });

  test('120 instances are three commands, watched by one call each, and none fails for another', async () => {
    const numbers = Array.from({ length: 120 }, (_, index) => index + 1);
    const ssm = await start({
      nodes: numbers.map((number) => ({
        id: instanceId(number),
        ...(number === 7 && { outcome: ['Failed', 'Undeliverable'] as const }),
      })),
    });
    const script = (number: number) => nonced(`echo ${number > 0 ? 'hello' : ''}`);
    const results = await Promise.all(
      numbers.map((number) => ssm.run(request(host(number), script(number)))),
    );
    const sent = aws.calls.filter(({ name }) => name === 'ssm:SendCommand').map(({ body }) => body);
    expect(sent.map((body) => (body['InstanceIds'] as string[]).length)).toEqual([50, 50, 20]);
    expect(new Set(sent.map((body) => body['MaxErrors']))).toEqual(new Set(['100%']));
    expect(results.filter(({ failure }) => failure).map(({ failure }) => failure?.code)).toEqual([
      'ssm-undeliverable',
    ]);
    expect(new Set(results.map(({ nonce }) => nonce)).size).toBe(120);
    expect(results.filter((result) => text(result) === 'hello\n')).toHaveLength(119);
    expect(count('sts:GetCallerIdentity')).toBe(1);
    // One a host for the output; the watching does not grow with the hosts.
    expect(count('ssm:GetCommandInvocation')).toBe(119);
    expect(count('ssm:ListCommandInvocations')).toBeLessThan(60);
  }, 60_000);

  test.each([
    ['Failed', 'Undeliverable', 'ssm-undeliverable'],
    ['TimedOut', 'DeliveryTimedOut', 'ssm-delivery-timeout'],
    ['TimedOut', 'Delivery Timed Out', 'ssm-delivery-timeout'],
    ['TimedOut', 'ExecutionTimedOut', 'ssm-execution-timeout'],
    ['Cancelled', 'Cancelled', 'ssm-cancelled'],
    ['Failed', 'Terminated', 'ssm-terminated'],
    ['Failed', 'InvalidPlatform', 'ssm-invalid-platform'],
    ['Failed', 'AccessDenied', 'aws-denied'],
    ['Failed', 'RateExceeded', 'aws-throttled'],
    ['Failed', 'Failed', 'ssm-failed'],
    ['Success', 'Success', 'no-frames'],
  ])('%s, %s', async (status, details, code) => {
    const ssm = await start(one({ outcome: [status, details] }));
    const { failure } = await ssm.run(request(host(1), nonced('true')));
    expect(failure?.code).toBe(code);
  });

  test.each([['Pending'], ['InProgress'], ['Delayed'], ['Cancelling'], ['SomethingNew']])(
    'endless %s ends with the time limit, and is cancelled',
    async (status) => {
      const ssm = await start(one({ outcome: [status, status] }));
      const limits = { ...LIMITS, totalMs: 1500 };
      const { failure } = await ssm.run(request(host(1), nonced('true'), { limits }));
      expect(failure?.code).toBe('total-timeout');
      expect(failure?.detail.includes('had not started')).toBe(!/InProgress|Cancelling/.test(status));
      await ssm.close();
      expect(count('ssm:CancelCommand')).toBe(1);
    },
  );

  test('offline, Windows and unknown instances are told apart, and the others are asked', async () => {
    const ssm = await start({
      nodes: [
        { id: instanceId(1) },
        { id: instanceId(2), ping: 'ConnectionLost' },
        { id: instanceId(3), ping: 'Inactive' },
        { id: instanceId(4), platform: 'Windows' },
        { id: instanceId(5), gone: true },
        { id: instanceId(8), denied: true },
      ],
    });
    const hosts = [...[1, 2, 3, 4, 5, 6, 8].map((number) => host(number)), host(7, { instance: 'bad' })];
    const results = await Promise.all(hosts.map((each) => ssm.run(request(each, nonced('echo here')))));
    expect(results.map(({ failure }) => failure?.code)).toEqual([
      undefined,
      'ssm-agent-offline',
      'ssm-agent-offline',
      'ssm-invalid-platform',
      'ssm-not-managed',
      'ssm-not-managed',
      'aws-denied',
      'ssm-not-managed',
    ]);
    expect(results.map(text)[0]).toBe('here\n');
    expect(results[1]?.failure?.detail).toContain('ConnectionLost');
  });

  test('throttled calls and an invocation that is not there yet are asked again', async () => {
    const ssm = await start({
      ...one(),
      hidden: 1,
      throttle: { 'ssm:SendCommand': 1, 'ssm:ListCommandInvocations': 1 },
    });
    const limits = { ...LIMITS, totalMs: 60_000 };
    expect(text(await ssm.run(request(host(1), nonced('echo late'), { limits })))).toBe('late\n');
    expect(count('ssm:SendCommand')).toBe(2);
    expect(count('ssm:GetCommandInvocation')).toBe(2);
  }, 60_000);

  test.each([
    ['ssm:SendCommand', 'AccessDeniedException', 'aws-denied'],
    ['ssm:SendCommand', 'ExpiredTokenException', 'aws-credentials'],
    ['ssm:SendCommand', 'MaxDocumentSizeExceeded', 'aws-failed'],
    ['ssm:SendCommand', 'garbage', 'aws-failed'],
    ['ssm:ListCommandInvocations', 'AccessDeniedException', 'aws-denied'],
    ['ssm:GetCommandInvocation', 'InvalidPluginName', 'aws-failed'],
    ['sts:GetCallerIdentity', 'InvalidClientTokenId', 'aws-credentials'],
    ['ssm:DescribeInstanceInformation', 'UnrecognizedClientException', 'aws-credentials'],
  ])('%s refused with %s', async (call, error, code) => {
    const ssm = await start({ ...one(), refuse: { [call]: error } });
    const { failure } = await ssm.run(request(host(1), nonced('true')));
    expect(failure?.code).toBe(code);
    expect(failure?.detail).not.toContain('fake-secret');
  });

  test('without the right to describe instances the command is sent all the same', async () => {
    const ssm = await start({
      ...one(),
      refuse: { 'ssm:DescribeInstanceInformation': 'AccessDeniedException' },
    });
    expect(text(await ssm.run(request(host(1), nonced('echo here'))))).toBe('here\n');
  });

  test('an endpoint that is not there', async () => {
    const ssm = await start(one());
    vi.stubEnv('AWS_ENDPOINT_URL_SSM', 'http://127.0.0.1:9');
    const { failure } = await ssm.run(request(host(1), nonced('true')));
    expect(failure?.code).toBe('connect-refused');
  }, 30_000);

  test('an interrupt ends it within a second, and the script on the host', async () => {
    const ssm = await start(one());
    const stop = new AbortController();
    const running = ssm.run(request(host(1), nonced('sleep 60'), { signal: stop.signal }));
    await vi.waitFor(() => expect(aws.running()).toBe(1), 10_000);
    await sleep(50);
    stop.abort();
    const result = await Promise.race([running, sleep(1000, null)]);
    expect(result?.failure?.code).toBe('cancelled');
    await ssm.close();
    expect(count('ssm:CancelCommand')).toBe(1);
    await vi.waitFor(() => expect(aws.running()).toBe(0));
  });

  test('an interrupt before anything was sent', async () => {
    const ssm = await start(one());
    const { failure } = await ssm.run(request(host(1), nonced('true'), { signal: AbortSignal.abort() }));
    expect(failure?.code).toBe('cancelled');
    await ssm.close();
    expect(count('ssm:SendCommand')).toBe(0);
  });
});

describe('output that is longer than Run Command hands out', () => {
  const script = nonced('head -c 60000 /dev/urandom | base64; echo end');

  test('without a log group it is cut, which is a failure with a remedy', async () => {
    const ssm = await start(one());
    const result = await ssm.run(request(host(1), script));
    expect(result.failure?.code).toBe('output-cut');
    expect(result.failure?.hint).toContain('cloudwatch_log_group');
    expect(result.stdout.length).toBeGreaterThan(10_000);
  });

  test('from the log group it is whole', async () => {
    await start({ ...one(), logLines: Infinity });
    made = transport({ logGroup: '/ssh-scorecard/collector' });
    const result = await made.run(request(host(1), script));
    expect(result.failure).toBeUndefined();
    const sent = aws.calls.find(({ name }) => name === 'ssm:SendCommand')?.body;
    expect(sent?.['CloudWatchOutputConfig']).toEqual({
      CloudWatchLogGroupName: '/ssh-scorecard/collector',
      CloudWatchOutputEnabled: true,
    });
    expect(result.stdout.length).toBe(81_053 + 4);
    expect(text(result).endsWith('end\n')).toBe(true);
    expect(count('logs:GetLogEvents')).toBeGreaterThan(5);
  });
});

describe('a log group that others write to', () => {
  test('one that may not be read is named, and what Run Command handed out is kept', async () => {
    await start({ ...one(), logLines: Infinity, refuse: { 'logs:GetLogEvents': 'AccessDeniedException' } });
    made = transport({ logGroup: '/ssh-scorecard/collector' });
    const { failure, stdout } = await made.run(
      request(host(1), nonced('head -c 60000 /dev/urandom | base64')),
    );
    expect(failure?.code).toBe('output-cut');
    expect(failure?.detail).toContain(
      '/ssh-scorecard/collector could not give the rest: AccessDeniedException',
    );
    expect(stdout.length).toBeGreaterThan(10_000);
  });

  test.each<[string, (line: string, index: number) => string]>([
    [
      'another first line',
      (line, index) => (index === 0 ? line.replace(/ [0-9a-f]{64}$/, ` ${'0'.repeat(64)}`) : line),
    ],
    [
      'another nonce',
      (line, index) => (index === 0 ? line.replace(/(@@ssm \w+) \w+/, `$1 ${'1'.repeat(32)}`) : line),
    ],
    ['a line of their own', (line, index) => (index === 40 ? line.replaceAll(/[A-M]/g, 'x') : line)],
  ])('%s is not believed', async (_, meddle) => {
    await start({ ...one(), logLines: Infinity, meddle });
    made = transport({ logGroup: '/ssh-scorecard/collector' });
    const limits = { ...LIMITS, totalMs: 5000 };
    const script = nonced('head -c 60000 /dev/urandom | base64; echo end');
    const { failure, stdout } = await made.run(request(host(1), script, { limits }));
    expect(['output-cut', 'total-timeout']).toContain(failure?.code);
    expect(stdout.length).toBeLessThan(40_000);
  });
});

describe('the auditor’s own access', () => {
  test('a role is assumed per host, with the external ID of the environment', async () => {
    const ssm = await start({ nodes: [{ id: instanceId(1) }, { id: instanceId(2) }] });
    vi.stubEnv('SSH_SCORECARD_AWS_EXTERNAL_ID', 'agreed-upon');
    const role = 'arn:aws:iam::111122223333:role/auditor';
    const [plain, assumed] = await Promise.all([
      ssm.run(request(host(1), nonced('true'))),
      ssm.run(request(host(2, { roleArn: role, region: 'us-east-1' }), nonced('true'))),
    ]);
    expect(plain?.connection?.authenticatedBy).toContain('operator/me');
    expect(assumed?.connection?.authenticatedBy).toContain('assumed-role/auditor/ssh-scorecard');
    expect(assumed?.connection?.route).toEqual(['AWS Systems Manager in us-east-1']);
    const asked = aws.calls.find(({ name }) => name === 'sts:AssumeRole');
    expect(asked?.body).toMatchObject({
      RoleArn: role,
      ExternalId: 'agreed-upon',
      RoleSessionName: 'ssh-scorecard',
    });
  });

  test('a role that may not be assumed', async () => {
    const ssm = await start({ ...one(), refuse: { 'sts:AssumeRole': 'AccessDenied' } });
    const roleArn = 'arn:aws:iam::111122223333:role/auditor';
    const { failure } = await ssm.run(request(host(1, { roleArn }), nonced('true')));
    expect(failure?.code).toBe('aws-denied');
    const advice = await ssm.prepare?.([host(1, { roleArn })], new AbortController().signal);
    expect(advice?.map(({ level }) => level)).toEqual(['problem']);
  });

  test('a long-lived access key is a warning, whatever role it assumes', async () => {
    const ssm = await start(one(), 'AKIAFAKEFAKEFAKEFAKE');
    const roleArn = 'arn:aws:iam::111122223333:role/auditor';
    for (const each of [host(1), host(1, { roleArn })]) {
      const advice = await ssm.prepare?.([each], new AbortController().signal);
      expect(advice?.find(({ level }) => level === 'warning')?.text).toContain('AKIA');
    }
  });

  test('what is true of the auditor in every account is said once', async () => {
    const ssm = await start(one(), 'AKIAFAKEFAKEFAKEFAKE');
    const roles = ['one', 'two', 'three'].map((name) => `arn:aws:iam::111122223333:role/${name}`);
    const advice = await ssm.prepare?.(
      roles.map((roleArn) => host(1, { roleArn })),
      new AbortController().signal,
    );
    expect(advice?.filter(({ level }) => level === 'ok')).toHaveLength(3);
    expect(advice?.filter(({ level }) => level === 'warning')).toHaveLength(1);
  });

  test('a session that ends soon is a warning', async () => {
    const ssm = await start(one());
    vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(Date.now() + 10 * 60_000).toISOString());
    const advice = await ssm.prepare?.([host(1)], new AbortController().signal);
    expect(advice?.map(({ text }) => text).join('\n')).toMatch(
      /the session ends in \d+ min\n.*sign in again first/,
    );
  });

  test('the plan needs no network', async () => {
    const ssm = await start(one());
    expect(await ssm.plan(host(1))).toMatchObject({ user: 'root', address: instanceId(1), problems: [] });
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_DEFAULT_REGION', undefined);
    expect((await ssm.plan(host(1))).problems).toEqual(['no region: give the host one, or set AWS_REGION']);
    expect(aws.calls).toEqual([]);
  });

  test('an SDK that is not installed is one line with the command that installs it', () => {
    const findPackage = (name: string) => {
      if (name !== '@aws-sdk/client-ssm') throw new Error('not found');
    };
    const make = () => transport({ findPackage, logGroup: 'x' });
    expect(make).toThrow(UserError);
    expect(make).toThrow(
      'AWS Run Command needs @aws-sdk/client-sts and @aws-sdk/client-cloudwatch-logs, not installed here',
    );
    try {
      make();
    } catch (error) {
      expect((error as UserError).hint).toMatch(/^npm install @aws-sdk\/client-sts@~3\.\d+\.0 /);
    }
  });
});
