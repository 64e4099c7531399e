/** Coordinator, workers and Redis as real processes; the hosts are the demo fleet's and silent ones. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FleetReport } from '../../src/model.js';
import { needs, title } from '../helpers/needs.js';
import { startRedis, type RedisServer } from '../helpers/redis.js';
import { HOSTS, startBench, startGate, type Bench } from '../helpers/runs.js';
import { startCli, startSilent, until, type Running } from './support.js';

const REDIS = needs.program('redis-server', 'redis-server');
const KEY = 'a queue key for tests only';

describe.skipIf(REDIS)(title('a fleet through the queue', REDIS), () => {
  let bench: Bench;
  let redis: RedisServer;
  let running: Running[] = [];
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    bench = await startBench('queue');
    env = { HOME: bench.folder, SSH_SCORECARD_QUEUE_KEY: KEY };
  });
  afterAll(() => bench.stop());
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const one of running) one.signal('SIGKILL');
    await Promise.all(running.map(({ ended }) => ended));
    running = [];
    await redis.stop();
  });

  const start = (argv: readonly string[], more: NodeJS.ProcessEnv = {}): Running => {
    const one = startCli(argv, { ...env, ...more }, bench.folder);
    running.push(one);
    return one;
  };
  const worker = async (flags: readonly string[] = [], more: NodeJS.ProcessEnv = {}): Promise<Running> => {
    const one = start(
      [
        'worker',
        '--queue',
        redis.url,
        '--environment',
        'production',
        ...bench.reach,
        '--queue-lock',
        '1s',
        ...flags,
      ],
      more,
    );
    await until(
      'the worker is there',
      () => one.err().includes('working for'),
      () => one.err(),
    );
    return one;
  };
  const coordinator = (inventory: string, ...flags: readonly string[]): Running =>
    start([
      'run',
      inventory,
      '--queue',
      redis.url,
      '--config',
      'none',
      '--retries',
      '0',
      '-f',
      'json',
      ...flags,
    ]);
  const reportOf = async (run: Running): Promise<FleetReport> => {
    await run.ended;
    try {
      return JSON.parse(run.out()) as FleetReport;
    } catch {
      throw new Error(run.err());
    }
  };
  /** One environment for all, and hosts moved to other ports. */
  const inventoryWith = (name: string, ports: Readonly<Record<string, number>> = {}): string => {
    let text = readFileSync(bench.inventory, 'utf8').replaceAll(
      /environment: \w+/g,
      'environment: production',
    );
    for (const [host, port] of Object.entries(ports))
      text = text.replace(new RegExp(`(name: ${host}\\n.*\\n    port: )\\d+`), `$1${port}`);
    const path = join(bench.folder, `${name}.yaml`);
    writeFileSync(path, text);
    return path;
  };
  const failuresOf = ({ hosts }: FleetReport) =>
    Object.fromEntries(hosts.flatMap(({ name, failure }) => (failure ? [[name, failure.code]] : [])));

  /** The demo fleet as it is: nothing else went wrong. */
  const AS_ALWAYS = { 'edge-01': 'connect-refused', 'legacy-01': 'sudo-password' };

  test('says what a run from here says; each environment has its own worker; nothing is left, nothing can be read', async () => {
    const direct = await bench.cli(
      'run',
      bench.inventory,
      ...bench.reach,
      '-q',
      '-f',
      'json',
      '--now',
      bench.fleet.now,
    );
    const environments = [...new Set(readFileSync(bench.inventory, 'utf8').match(/environment: \w+/g))].map(
      (line) => line.split(' ')[1] ?? '',
    );
    expect(environments.length).toBeGreaterThan(1);
    // While nobody speaks: ioredis takes a monitored line that comes in one piece with MONITOR's OK for an answer.
    const client = new Redis(redis.port);
    await client.ping();
    const seen: string[] = [];
    const monitor = await client.monitor();
    monitor.on('monitor', (_: string, args: readonly string[]) => void seen.push(args.join(' ')));
    const workers: Running[] = [];
    for (const environment of environments)
      workers.push(start(['worker', '--queue', redis.url, '--environment', environment, ...bench.reach]));
    await Promise.all(workers.map((one) => until('it works', () => one.err().includes('working for'))));
    const report = await reportOf(
      coordinator(bench.inventory, '--now', bench.fleet.now, '--evidence', 'runs'),
    );
    const outcomes = ({ hosts }: FleetReport) =>
      hosts.map(({ name, failure, results }) => [
        name,
        failure?.code,
        results.map(({ outcome }) => outcome.status),
      ]);
    expect(outcomes(report)).toEqual(outcomes(JSON.parse(direct.out) as FleetReport));
    expect(readdirSync(join(bench.folder, 'runs', report.run.id, 'evidence'))).toHaveLength(HOSTS.length);
    // Tasks were seen on the wire, evidence was not.
    const wire = seen.join('\n');
    expect(wire).toContain('web-01');
    for (const word of [
      'PasswordAuthentication',
      'passwordauthentication',
      'authorized_keys',
      KEY,
      '#!/bin/sh',
    ])
      expect(wire.includes(word)).toBe(false);
    for (const one of workers) one.signal('SIGTERM');
    expect(await Promise.all(workers.map(({ ended }) => ended))).toEqual(workers.map(() => 0));
    const left = (await client.keys('*')).filter(
      (key) => !/:(meta|events|marker|id|stalled-check|stalled)$/.test(key),
    );
    expect(left).toEqual([]);
    monitor.disconnect();
    client.disconnect();
  });

  test('a worker killed while it asks a host: another asks it, and it is judged once', async () => {
    const gate = await startGate();
    const silent = await startSilent();
    try {
      const served = Number(
        /name: web-01\n.*\n {4}port: (\d+)/.exec(readFileSync(bench.inventory, 'utf8'))?.[1],
      );
      const inventory = inventoryWith('killed', { 'web-01': gate.port, 'web-02': silent.port });
      const first = await worker();
      const run = coordinator(
        inventory,
        '--evidence',
        'killed',
        '--timeout',
        '20s',
        '--handshake-timeout',
        '4s',
      );
      await until('it asks the host', () => silent.taken() > 0);
      first.signal('SIGKILL');
      expect(await first.ended).toBe('SIGKILL');
      gate.open(served);
      await worker();
      const report = await reportOf(run);
      expect(report.hosts.map(({ name }) => name)).toEqual(HOSTS);
      expect(failuresOf(report)).toEqual({ ...AS_ALWAYS, 'web-02': 'handshake-timeout' });
      // Once more where a busy machine kept the second worker from holding its lock of a second: judged once all the same.
      expect(silent.taken()).toBeGreaterThan(1);
    } finally {
      await gate.close();
      await silent.close();
    }
  });

  test('a worker that stands still for too long: another asks its host, and its own late answer changes nothing', async () => {
    const gate = await startGate();
    const silent = await startSilent();
    try {
      const served = Number(
        /name: web-01\n.*\n {4}port: (\d+)/.exec(readFileSync(bench.inventory, 'utf8'))?.[1],
      );
      const inventory = inventoryWith('slow', { 'web-01': gate.port, 'web-02': silent.port });
      const slow = await worker(['-c', '1', '--handshake-timeout', '2s']);
      const run = coordinator(inventory, '--host', 'web-0*', '--evidence', 'slow');
      await until('it asks the host', () => gate.taken() > 0);
      slow.signal('SIGSTOP');
      gate.open(served);
      const quick = await worker(['--handshake-timeout', '50s']);
      await until(
        'the other one answered',
        () => evidenceIn('slow').length === 1,
        () => quick.err(),
      );
      slow.signal('SIGCONT');
      // It answers for web-01 as well, and finds that the host was given to another.
      await until(
        'the late answer came',
        () => /Missing (?:key|lock) for job .*moveToFinished/.test(slow.err()),
        () => slow.err(),
      );
      await until('web-02 is asked', () => silent.taken() > 0);
      await silent.close();
      const report = await reportOf(run);
      expect(report.hosts.map(({ name }) => name)).toEqual(['web-01', 'web-02']);
      // The late answer said handshake-timeout.
      expect(failuresOf(report)).toEqual({ 'web-02': 'closed-before-login' });
      expect(gate.taken()).toBe(2);
    } finally {
      await gate.close();
      await silent.close();
    }
  });

  test('a host that costs four workers their lives is a row with that reason, and takes no other with it', async () => {
    const silent = await startSilent();
    try {
      const inventory = inventoryWith('poison', { 'web-01': silent.port });
      const run = coordinator(inventory, '--host', 'web-0*');
      for (let life = 1; life <= 4; life += 1) {
        const victim = await worker(['--handshake-timeout', '1h', '--timeout', '1h']);
        await until(`life ${life}`, () => silent.taken() === life);
        victim.signal('SIGKILL');
        await victim.ended;
      }
      await worker();
      const report = await reportOf(run);
      expect(failuresOf(report)).toEqual({ 'web-01': 'worker-lost' });
      expect(report.hosts[0]?.failure?.detail).toContain(
        'every worker that took this host was lost while it asked it',
      );
      expect(silent.taken()).toBe(4);
    } finally {
      await silent.close();
    }
  });

  test('Redis killed and started again in the middle: nobody is lost', async () => {
    const silent = await startSilent();
    try {
      await worker(['-c', '2', '--handshake-timeout', '5s']);
      const run = coordinator(inventoryWith('restart', { 'web-01': silent.port }), '--evidence', 'restart');
      // One host in hand, some done, some not begun.
      await until(
        'it asks, and evidence comes',
        () => silent.taken() > 0 && evidenceIn('restart').length >= 2,
      );
      await redis.kill();
      await until('it was noticed', () => run.err().includes('the queue: '));
      await redis.start();
      const report = await reportOf(run);
      expect(report.hosts.map(({ name }) => name)).toEqual(HOSTS);
      expect(failuresOf(report)).toEqual({ ...AS_ALWAYS, 'web-01': 'handshake-timeout' });
      expect(run.err()).toContain('the queue: reached again');
    } finally {
      await silent.close();
    }
  });

  test('a coordinator killed in the middle: --resume asks the rest, what is kept is kept', async () => {
    const gate = await startGate();
    try {
      const served = Number(
        /name: web-01\n.*\n {4}port: (\d+)/.exec(readFileSync(bench.inventory, 'utf8'))?.[1],
      );
      await worker(['--handshake-timeout', '4s']);
      const first = coordinator(inventoryWith('again', { 'web-01': gate.port }), '--evidence', 'again');
      await until('evidence of the others came', () => evidenceIn('again').length === HOSTS.length - 1);
      first.signal('SIGKILL');
      await first.ended;
      const [id = ''] = readdirSync(join(bench.folder, 'again'));
      const resumed = start([
        'run',
        '--resume',
        `again/${id}`,
        '--queue',
        redis.url,
        '--config',
        'none',
        '-f',
        'json',
      ]);
      gate.open(served);
      const report = await reportOf(resumed);
      expect([report.run.id, report.run.partial]).toEqual([id, false]);
      expect(failuresOf(report)).toEqual(AS_ALWAYS);
    } finally {
      await gate.close();
    }
  });

  test('through a shared folder, which is empty afterwards', async () => {
    mkdirSync(join(bench.folder, 'shared'), { recursive: true });
    await worker(['--queue-folder', 'shared']);
    const run = coordinator(inventoryWith('folder'), '--queue-folder', 'shared', '--evidence', 'folder');
    expect(failuresOf(await reportOf(run))).toEqual(AS_ALWAYS);
    expect(readdirSync(join(bench.folder, 'shared'))).toEqual([]);
  });

  test('a worker without the key, or without the folder, says so in every row', async () => {
    await worker([], { SSH_SCORECARD_QUEUE_KEY: '' });
    const run = coordinator(inventoryWith('keyless'), '--host', 'web-01', '--queue-wait', '20s');
    // It cannot seal as this run wants it, so its refusals are not believed: the host is given out until the bound.
    const [host] = (await reportOf(run)).hosts;
    expect(host?.failure).toMatchObject({ code: 'worker-lost' });
    expect(run.err()).toContain('it was not made for this run and its queue key');
    const wanting = start(
      [
        'run',
        inventoryWith('folderless'),
        '--queue',
        redis.url,
        '--config',
        'none',
        '-f',
        'json',
        '--host',
        'web-01',
        '--queue-folder',
        '.',
      ],
      { SSH_SCORECARD_QUEUE_KEY: '' },
    );
    const [other] = (await reportOf(wanting)).hosts;
    expect(other?.failure).toMatchObject({
      code: 'worker-refused',
      detail: expect.stringContaining('the worker has no --queue-folder') as string,
    });
    expect(await wanting.ended).toBe(3);
  });

  test('without a queue key a worker believes its own known_hosts only, not what a task says', async () => {
    const none = { SSH_SCORECARD_QUEUE_KEY: '' };
    await worker([], none);
    const run = start(
      [
        'run',
        inventoryWith('pins'),
        '--queue',
        redis.url,
        '--config',
        'none',
        '-f',
        'json',
        '--host',
        'web-01',
      ],
      none,
    );
    expect(failuresOf(await reportOf(run))).toEqual({ 'web-01': 'host-key-unknown' });
  });

  test('nobody works for an environment: rows with that reason, and how to start a worker', async () => {
    const run = coordinator(inventoryWith('nobody'), '--host', 'web-0*', '--queue-wait', '2s');
    const report = await reportOf(run);
    expect(failuresOf(report)).toEqual({ 'web-01': 'no-worker', 'web-02': 'no-worker' });
    expect(report.hosts[0]?.failure?.hint).toBe(
      'start one: ssh-scorecard worker --queue URL --environment production',
    );
    expect(await run.ended).toBe(3);
  });

  test('an interrupt and a deadline end the waiting; workers find nothing left to do', async () => {
    const stopped = coordinator(inventoryWith('stopped'), '--host', 'web-0*', '--evidence', 'stopped');
    await until('hosts are in the queue', async () => (await jobsWaiting()) === 2);
    stopped.signal('SIGTERM');
    const report = await reportOf(stopped);
    expect([await stopped.ended, failuresOf(report)]).toEqual([
      143,
      { 'web-01': 'cancelled', 'web-02': 'cancelled' },
    ]);
    const late = coordinator(inventoryWith('late'), '--host', 'web-0*', '--deadline', '1s');
    expect(failuresOf(await reportOf(late))).toEqual({ 'web-01': 'deadline', 'web-02': 'deadline' });
    expect(await jobsWaiting()).toBe(0);
  });

  test('a worker told to stop finishes the host in hand', async () => {
    const silent = await startSilent();
    try {
      const one = await worker(['--handshake-timeout', '3s']);
      const run = coordinator(inventoryWith('term', { 'web-01': silent.port }), '--host', 'web-01');
      await until('it asks the host', () => silent.taken() > 0);
      one.signal('SIGTERM');
      expect(await one.ended).toBe(0);
      expect(failuresOf(await reportOf(run))).toEqual({ 'web-01': 'handshake-timeout' });
      expect(silent.taken()).toBe(1);
    } finally {
      await silent.close();
    }
  });

  function evidenceIn(base: string): string[] {
    try {
      const id = readdirSync(join(bench.folder, base)).find((name) => !name.startsWith('.')) ?? '';
      return readdirSync(join(bench.folder, base, id, 'evidence')).filter((name) => name.endsWith('.gz'));
    } catch {
      return [];
    }
  }
  async function jobsWaiting(): Promise<number> {
    const client = new Redis(redis.port);
    const waiting = await client.llen('ssh-scorecard:env-production:wait');
    client.disconnect();
    return waiting;
  }
});
