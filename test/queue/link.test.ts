import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { openJobs, openQueue } from '../../src/queue/link.js';
import { keys, queueName } from '../../src/queue/protocol.js';
import { makeTls } from '../fakes/tls.js';
import { needs, title } from '../helpers/needs.js';
import { startRedis, type RedisServer } from '../helpers/redis.js';
import { freePort, removeDirectory, temporaryDirectory } from '../helpers/sshd.js';
import { startCli, until } from './support.js';

const REDIS = needs.program('redis-server', 'redis-server');
const PASSWORD = 'correct horse battery staple';

describe.skipIf(REDIS)(title('logging in to the queue', REDIS), () => {
  const folder = temporaryDirectory('queue-link');
  let redis: RedisServer;
  beforeAll(async () => {
    // As docs/scale.md gives it: one environment's keys, no administration.
    const acl = `user worker on >${PASSWORD.replaceAll(' ', '-')} ~ssh-scorecard:env-production:* ~ssh-scorecard:env-production%alone:* +@all -@admin -@dangerous +info`;
    redis = await startRedis([acl, 'user default off']);
  });
  afterAll(async () => {
    await redis.stop();
    removeDirectory(folder);
  });
  const address = () => ({ host: '127.0.0.1', port: redis.port, db: 0, tls: false, user: 'worker' });
  const password = PASSWORD.replaceAll(' ', '-');

  test('with the rights of one environment its queue can be used, and no other', async () => {
    const link = await openQueue({ ...address(), password }, () => undefined);
    try {
      const jobs = openJobs(link, queueName('production'));
      await jobs.add('host', {}, { jobId: 'run.1' });
      expect(await jobs.getJobState('run.1')).toBe('waiting');
      await jobs.remove('run.1');
      await expect(link.redis.lpush(keys.answers(queueName('staging'), 'run'), 'x')).rejects.toThrow(
        'NOPERM',
      );
      await expect(link.redis.config('GET', '*')).rejects.toThrow('NOPERM');
    } finally {
      link.close();
    }
  });

  test.each([
    ['a wrong password', { password: 'hunter2' }, 'WRONGPASS'],
    ['no password', {}, 'WRONGPASS'],
  ])('%s is one line, without the password', async (_, more, why) => {
    const opening = openQueue({ ...address(), ...more }, () => undefined);
    const error = await opening.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(why);
    expect((error as UserError).message).not.toContain('hunter2');
    expect((error as UserError).hint).toContain('SSH_SCORECARD_QUEUE_PASSWORD');
  });

  test('over TLS the server is verified: by the system, or by NODE_EXTRA_CA_CERTS', async () => {
    const tls = makeTls();
    const tlsPort = await freePort();
    const server = await startRedis([
      `tls-port ${tlsPort}`,
      `tls-cert-file ${join(tls.folder, 'server.pem')}`,
      `tls-key-file ${join(tls.folder, 'server.key')}`,
      'tls-auth-clients no',
    ]);
    try {
      const argvFor = (host: string) =>
        ['worker', '--queue', `rediss://${host}:${tlsPort}`, '-F', 'none', '--no-agent'] as const;
      const stranger = startCli(argvFor('localhost'), {}, folder);
      expect(await stranger.ended).toBe(2);
      expect(stranger.err()).toContain('unable to verify the first certificate');
      for (const host of ['127.0.0.1', 'localhost']) {
        const known = startCli(argvFor(host), { NODE_EXTRA_CA_CERTS: tls.caFile }, folder);
        await until(
          'it works',
          () => known.err().includes('working for'),
          () => known.err(),
        );
        known.signal('SIGTERM');
        expect(await known.ended).toBe(0);
      }
    } finally {
      await server.stop();
      tls.remove();
    }
  });

  test('a server that throws data away is told of', async () => {
    const forgetful = await startRedis(['maxmemory 100mb', 'maxmemory-policy allkeys-lru']);
    const said: string[] = [];
    const at = { host: '127.0.0.1', port: forgetful.port, db: 0, tls: false };
    (await openQueue(at, (line) => said.push(line))).close();
    expect(said).toEqual([
      'the queue: its maxmemory-policy is allkeys-lru, which throws tasks away; set noeviction',
    ]);
    await forgetful.stop();
  });

  test('nobody listens: said at once', async () => {
    const port = await freePort();
    await expect(openQueue({ ...address(), port }, () => undefined)).rejects.toThrow(
      `cannot use the queue redis://127.0.0.1:${port}/0: connect ECONNREFUSED`,
    );
  });

  test('the password comes from the environment or a private file, and is never printed', async () => {
    const file = join(folder, 'password');
    writeFileSync(file, `${password}\n`, { mode: 0o644 });
    const url = `redis://worker@127.0.0.1:${redis.port}`;
    const worker = (env: NodeJS.ProcessEnv) =>
      startCli(
        ['worker', '--queue', url, '--environment', 'production', '-F', 'none', '--no-agent'],
        env,
        folder,
      );
    const open = worker({ SSH_SCORECARD_QUEUE_PASSWORD_FILE: file });
    expect(await open.ended).toBe(2);
    expect(open.err()).toContain('may be read by everybody');
    chmodSync(file, 0o600);
    for (const env of [
      { SSH_SCORECARD_QUEUE_PASSWORD_FILE: file },
      { SSH_SCORECARD_QUEUE_PASSWORD: password },
    ]) {
      const one = worker(env);
      const ready = new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          if (!one.err().includes('working for')) return;
          clearInterval(timer);
          resolve();
        }, 20);
      });
      await Promise.race([ready, one.ended]);
      one.signal('SIGTERM');
      expect([await one.ended, one.err().includes(password)]).toEqual([0, false]);
      expect(one.err()).toContain(`working for production, from redis://127.0.0.1:${redis.port}/0`);
    }
    const short = worker({ SSH_SCORECARD_QUEUE_PASSWORD: password, SSH_SCORECARD_QUEUE_KEY: 'short' });
    expect([await short.ended, short.err().includes('at least 20 characters')]).toEqual([2, true]);
  });
});

test('without its packages a queue is one line with the command that installs them', async () => {
  const folder = temporaryDirectory('queue-missing');
  const hook = join(folder, 'hook.mjs');
  const resolver = `export const resolve = (name, context, next) => {
    if (name === 'bullmq') throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  };`;
  writeFileSync(
    hook,
    `import { register } from 'node:module';\nregister('data:text/javascript,' + encodeURIComponent(${JSON.stringify(resolver)}));\n`,
  );
  const run = startCli(['worker', '--queue', 'redis://127.0.0.1:1'], {}, folder, ['--import', hook]);
  expect(await run.ended).toBe(2);
  expect(run.err()).toBe(
    'ssh-scorecard: a queue needs the packages bullmq and ioredis, which are not installed\n  hint: npm install bullmq@6.7.0 ioredis@5.11.1 beside ssh-scorecard\n',
  );
  removeDirectory(folder);
});

test('a flag of the login has no meaning where workers log in, and a worker needs a queue', async () => {
  const folder = temporaryDirectory('queue-usage');
  writeFileSync(join(folder, 'inventory.yaml'), 'hosts: [{ name: web-01 }]\n');
  const run = startCli(['run', 'inventory.yaml', '--queue', 'redis://127.0.0.1:1', '-i', 'key'], {}, folder);
  expect([await run.ended, run.err().includes('--identity belongs to the workers')]).toEqual([2, true]);
  const worker = startCli(['worker'], {}, folder);
  expect([await worker.ended, worker.err().includes('a worker needs --queue URL')]).toEqual([2, true]);
  removeDirectory(folder);
});
