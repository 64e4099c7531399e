/** The coordinator against workers that misbehave, and a worker against tasks that are none of ours. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { GatherOptions } from '../../src/gather.js';
import { loadInventory } from '../../src/inventory/load.js';
import type { HostEvidence } from '../../src/model.js';
import { packAnswer, unpackAnswer } from '../../src/queue/answer.js';
import { queueFanOut } from '../../src/queue/coordinate.js';
import { openJobs, openQueue, type QueueLink } from '../../src/queue/link.js';
import { envelopeOf, jobId, keys, parseTask, queueName, type Task } from '../../src/queue/protocol.js';
import { createRecipient } from '../../src/queue/seal.js';
import { startWork, type WorkOptions } from '../../src/queue/work.js';
import type { RunRequest, Transport } from '../../src/transports/transport.js';
import { VERSION } from '../../src/version.js';
import { needs, title } from '../helpers/needs.js';
import { startRedis, type RedisServer } from '../helpers/redis.js';
import { until } from './support.js';

const REDIS = needs.program('redis-server', 'redis-server');
const RUN = '2026-11-21T02-00-00Z-1a2b3c';
const QUEUE = queueName('production');
const QUEUE_KEY = 'a queue key for tests only';
const LIMITS = {
  connectMs: 1000,
  handshakeMs: 1000,
  loginMs: 1000,
  firstByteMs: 1000,
  idleMs: 1000,
  totalMs: 5000,
  maxStdout: 1e6,
  maxStderr: 1e4,
  retries: 0,
};

describe.skipIf(REDIS)(title('hands that cannot be trusted', REDIS), () => {
  let redis: RedisServer;
  let link: QueueLink;
  beforeEach(async () => {
    redis = await startRedis();
    link = await openQueue(at(), () => undefined);
  });
  afterEach(async () => {
    link.close();
    await redis.stop();
  });
  const at = () => ({ host: '127.0.0.1', port: redis.port, db: 0, tls: false });

  function scripted(): Transport & { readonly requests: RunRequest[] } {
    const requests: RunRequest[] = [];
    return {
      name: 'ssh',
      requests,
      plan: () => Promise.reject(new Error('not planned')),
      run: (request) => {
        requests.push(request);
        return Promise.resolve({ stdout: new Uint8Array(), stderr: new Uint8Array(), exitCode: 0 });
      },
      close: () => Promise.resolve(),
    };
  }

  function coordinator(names: readonly string[], more: Partial<GatherOptions> = {}) {
    const found: HostEvidence[] = [];
    const said: string[] = [];
    const { hosts } = loadInventory({
      path: 'test',
      text: ['hosts:', ...names.map((name) => `  - { name: ${name}, environment: production }`), ''].join(
        '\n',
      ),
    });
    const fanOut = queueFanOut({
      address: at(),
      queueKey: QUEUE_KEY,
      waitMs: 30_000,
      say: (line) => said.push(line),
    });
    const done = fanOut(
      {
        hosts,
        transportFor: () => scripted(),
        probes: [],
        parameters: { wrappers: [], loginWindowDays: 1 },
        concurrency: 1,
        limits: LIMITS,
        signal: new AbortController().signal,
        onHost: (evidence) => void found.push(evidence),
        ...more,
      },
      RUN,
    );
    return { done, found, said };
  }

  const evidenceFor = (host: string): HostEvidence => ({
    schema: 1,
    host,
    startedAt: '2026-11-21T02:00:00Z',
    finishedAt: '2026-11-21T02:00:01Z',
    probes: {},
  });

  async function taskOf(host: string): Promise<Task> {
    const jobs = openJobs(link, QUEUE);
    await until(`${host} is in the queue`, async () => (await jobs.getJob(jobId(RUN, host))) !== undefined);
    const job = await jobs.getJob(jobId(RUN, host));
    const data = job?.data as { task: string } | undefined;
    const parsed = parseTask(JSON.parse(data?.task ?? 'null'));
    if (!parsed.ok) throw new Error(parsed.why);
    return parsed.value;
  }
  const push = (bytes: Buffer) => link.redis.lpush(keys.answers(QUEUE, RUN), bytes);

  test('what comes twice, for nobody, forged, of another host or as rubbish changes nothing', async () => {
    const { done, found, said } = coordinator(['web-01', 'web-02']);
    const { recipient } = await taskOf('web-01');
    const from = (host: string, queueKey = QUEUE_KEY) => ({
      job: jobId(RUN, host),
      worker: 'w',
      recipient,
      queueKey,
    });
    const work = (host: string) => ({ kind: 'evidence', evidence: evidenceFor(host) }) as const;
    await push(Buffer.from('rubbish'));
    await push(await packAnswer(work('db-99'), from('db-99')));
    await push(await packAnswer(work('web-01'), from('web-01', 'the key of somebody else')));
    await push(await packAnswer(work('web-02'), from('web-01')));
    await until(
      'both were refused',
      () => said.filter((line) => line.includes('could not be used')).length === 2,
    );
    expect(found).toEqual([]);
    const good = await packAnswer(work('web-01'), from('web-01'));
    await push(good);
    await push(good);
    await until('it was taken', () => found.length === 1);
    await push(good);
    await push(await packAnswer(work('web-02'), from('web-02')));
    await done;
    expect(found.map(({ host }) => host)).toEqual(['web-01', 'web-02']);
  });

  test('a disk that is full ends the run with its error, not with a lost host', async () => {
    const { done } = coordinator(['web-01'], { onHost: () => Promise.reject(new Error('ENOSPC')) });
    const { recipient } = await taskOf('web-01');
    const sender = { job: jobId(RUN, 'web-01'), worker: 'w', recipient, queueKey: QUEUE_KEY };
    const [outcome] = await Promise.all([
      done.catch((error: unknown) => String(error)),
      push(await packAnswer({ kind: 'evidence', evidence: evidenceFor('web-01') }, sender)),
    ]);
    expect(outcome).toBe('Error: ENOSPC');
  });

  describe('a worker', () => {
    const recipient = createRecipient();
    const task: Task = {
      protocol: 1,
      version: VERSION,
      run: RUN,
      host: {
        name: 'web-01',
        address: '127.0.0.1',
        transport: 'ssh',
        become: 'none',
        hostKeys: [],
        environment: 'production',
      },
      probes: ['system'],
      parameters: { wrappers: [], loginWindowDays: 1 },
      limits: { ...LIMITS, totalMs: 3_600_000 },
      recipient: recipient.publicKey,
      returns: 'queue',
    };

    /** Gives one job to a worker, and reads its answer. */
    async function ask(data: unknown, more: Partial<WorkOptions> = {}) {
      const transport = scripted();
      const said: string[] = [];
      const working = await startWork({
        link,
        environments: ['production'],
        transportFor: () => transport,
        concurrency: 2,
        pace: {},
        limits: LIMITS,
        lockMs: 30_000,
        queueKey: QUEUE_KEY,
        say: (line) => said.push(line),
        ...more,
      });
      const jobs = openJobs(link, QUEUE);
      await jobs.add('host', data, { jobId: 'run.1', removeOnComplete: true });
      await until('it is done', async () => (await jobs.getJobState('run.1')) === 'unknown');
      await working.stop();
      const bytes = await link.redis.lindexBuffer(keys.answers(QUEUE, RUN), 0);
      const key = 'queueKey' in more ? more.queueKey : QUEUE_KEY;
      return { transport, said, work: bytes && (await unpackAnswer(bytes, 'run.1', recipient, key)) };
    }
    const refusal = (why: string) => ({ kind: 'refused', why: expect.stringContaining(why) as string });

    test('composes the script itself, and keeps its own limits', async () => {
      const { transport, work } = await ask(envelopeOf(task, QUEUE_KEY));
      expect(work).toMatchObject({ kind: 'evidence', evidence: { host: 'web-01' } });
      expect(transport.requests).toHaveLength(1);
      expect(transport.requests[0]).toMatchObject({ command: 'exec /bin/sh -s', limits: { totalMs: 5000 } });
      expect(transport.requests[0]?.stdin).toContain('probe_system');
    });

    test('short of sockets for a moment, it asks again: that is not the fault of the host', async () => {
      const later = scripted();
      let asked = 0;
      const starved: Transport = {
        ...later,
        run: (request) => {
          asked += 1;
          if (asked === 3) return later.run(request);
          const failure = { code: 'local-resources', phase: 'connect', detail: 'EMFILE' } as const;
          return Promise.resolve({ stdout: new Uint8Array(), stderr: new Uint8Array(), failure });
        },
      };
      const { work } = await ask(envelopeOf(task, QUEUE_KEY), { transportFor: () => starved });
      expect(asked).toBe(3);
      expect(work).toMatchObject({ kind: 'evidence', evidence: { failure: { code: 'no-frames' } } });
    });

    test.each([
      [
        'without a MAC',
        { task: envelopeOf(task, undefined).task },
        'does not come from somebody with its queue key',
      ],
      ['with the MAC of another key', envelopeOf(task, 'x'.repeat(20)), 'does not come from somebody'],
      [
        'changed after it was made',
        {
          ...envelopeOf(task, QUEUE_KEY),
          task: envelopeOf(task, QUEUE_KEY).task.replace('127.0.0.1', '127.0.0.2'),
        },
        'does not come from somebody',
      ],
      [
        'of another version',
        envelopeOf({ ...task, version: '9.9.9' }, QUEUE_KEY),
        `it is ssh-scorecard ${VERSION}, the run is of ssh-scorecard 9.9.9`,
      ],
      [
        'of another protocol',
        envelopeOf({ ...task, protocol: 2 } as unknown as Task, QUEUE_KEY),
        'it speaks protocol 1 (ssh-scorecard',
      ],
      [
        'with a script in it',
        envelopeOf({ ...task, script: 'id' } as unknown as Task, QUEUE_KEY),
        'not of the form it should have',
      ],
      [
        'for a host of another environment',
        envelopeOf({ ...task, host: { ...task.host, environment: 'staging' } }, QUEUE_KEY),
        'not of the environment whose queue it came through',
      ],
      ['with a probe nobody has', envelopeOf({ ...task, probes: ['x'] }, QUEUE_KEY), 'it has no probe "x"'],
      [
        'for a folder',
        envelopeOf({ ...task, returns: 'folder' }, QUEUE_KEY),
        'the worker has no --queue-folder',
      ],
    ])('refuses a task %s, and touches no host', async (_, data, why) => {
      const { transport, work } = await ask(data);
      expect(work).toEqual(refusal(why));
      expect(transport.requests).toEqual([]);
    });

    test('leaves alone what is no task at all', async () => {
      const { transport, work, said } = await ask({ script: 'rm -rf /' });
      expect([transport.requests, work]).toEqual([[], null]);
      expect(said).toEqual(['a job that is none of ours was left alone: run.1']);
    });
  });
});
