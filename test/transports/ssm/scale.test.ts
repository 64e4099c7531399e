/** Many instances, and an AWS that allows few calls a second. */
import pLimit from 'p-limit';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createJob } from '../../../src/transports/ssm/job.js';
import { patiently } from '../../../src/transports/ssm/patience.js';
import type { Transport } from '../../../src/transports/transport.js';
import { awsEnv, fakeAws, type FakeAws, type FakeOptions } from '../../fakes/aws.js';
import { host, instanceId, LIMITS, nonced, request, transport } from './lab.js';

let aws: FakeAws;
let made: Transport | undefined;

afterEach(async () => {
  await made?.close();
  made = undefined;
  await aws?.close();
  vi.unstubAllEnvs();
});

const limits = { ...LIMITS, totalMs: 170_000 };

async function runAll(count: number, concurrency: number, options: Omit<FakeOptions, 'nodes'> = {}) {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  aws = await fakeAws({
    ...options,
    nodes: numbers.map((number) => ({ id: instanceId(number), prints: `answer of ${number}\n` })),
  });
  for (const [name, value] of Object.entries(awsEnv(aws))) vi.stubEnv(name, value);
  const ssm = (made = transport());
  const limit = pLimit(concurrency);
  const results = await Promise.all(
    numbers.map((number) => limit(() => ssm.run(request(host(number), nonced('true'), { limits })))),
  );
  const wrong = results.filter(
    ({ stdout }, index) => Buffer.from(stdout).toString() !== `answer of ${index + 1}\n`,
  );
  return { results, wrong };
}

function calls(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name } of aws.calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

describe('many instances', () => {
  test('500 at once: ten commands of fifty, one look for fifty, and each gets its own answer', async () => {
    const { results, wrong } = await runAll(500, 500);
    expect(wrong).toEqual([]);
    expect(new Set(results.map(({ nonce }) => nonce)).size).toBe(500);
    const { 'ssm:ListCommandInvocations': looks = 0, ...rest } = calls();
    expect(rest).toEqual({
      'sts:GetCallerIdentity': 1,
      'ssm:DescribeInstanceInformation': 10,
      'ssm:SendCommand': 10,
      'ssm:GetCommandInvocation': 500,
    });
    expect(looks).toBeLessThanOrEqual(30);
  }, 180_000);

  test('with fewer at a time the commands are still large: hosts that come one by one wait for each other', async () => {
    const { wrong } = await runAll(200, 100);
    expect(wrong).toEqual([]);
    expect(calls()['ssm:SendCommand']).toBeLessThanOrEqual(12);
  }, 180_000);

  test('an account that allows ten calls a second slows it down, and loses nobody', async () => {
    const rate = { 'ssm:SendCommand': 10, 'ssm:ListCommandInvocations': 10, 'ssm:GetCommandInvocation': 10 };
    const { wrong } = await runAll(100, 100, { rate });
    expect(wrong).toEqual([]);
    // The SDK learns the pace: it is refused far less often than it is answered.
    expect(calls()['ssm:GetCommandInvocation']).toBeLessThan(200);
  }, 180_000);
});

describe('a call that is throttled for longer than the SDK tries', () => {
  const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
  const job = (totalMs: number) =>
    createJob(request(host(1), '', { limits: { ...LIMITS, totalMs } }), instanceId(1), 'eu-central-1');

  test('is asked again', async () => {
    const one = job(60_000);
    let left = 1;
    const answer = await patiently('ssm:SendCommand', [one], one.signal, () =>
      left-- > 0 ? Promise.reject(throttled) : Promise.resolve('sent'),
    );
    expect(answer).toBe('sent');
    expect(one.settled()).toBe(false);
    one.settle({ stdout: new Uint8Array(), stderr: new Uint8Array() });
  });

  test('is the reason when time is up, and another error is told at once', async () => {
    const one = job(300);
    await expect(
      patiently('ssm:SendCommand', [one], one.signal, () => Promise.reject(throttled)),
    ).rejects.toBe(throttled);
    expect((await one.result).failure).toMatchObject({
      code: 'aws-throttled',
      detail: expect.stringMatching(/^not finished after 300 ms: ssm:SendCommand: ThrottlingException/),
    });
    const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });
    await expect(patiently('x', [], AbortSignal.abort(), () => Promise.reject(denied))).rejects.toBe(denied);
  });
});
