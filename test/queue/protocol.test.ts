import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.js';
import { packAnswer, unpackAnswer } from '../../src/queue/answer.js';
import { parseQueueUrl, shownAddress } from '../../src/queue/link.js';
import {
  decodeAnswer,
  envelopeOf,
  jobId,
  parseEnvelope,
  parseSender,
  parseTask,
  queueName,
  taskHost,
  tighter,
  type Task,
} from '../../src/queue/protocol.js';
import { createRecipient } from '../../src/queue/seal.js';
import type { Host } from '../../src/model.js';

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
const HOST = {
  name: 'db-01',
  address: '10.0.4.11',
  port: 2222,
  user: 'auditor',
  transport: 'ssh',
  become: 'sudo',
  environment: 'production',
  tags: ['secret-tag'],
  jump: ['bastion'],
  hostKeys: [`SHA256:${'A'.repeat(43)}`],
  identityFile: '/root/.ssh/id_ed25519',
  certificateFile: '/root/.ssh/id_ed25519-cert.pub',
  allowedPrincipals: { adm: ['adm-full'], agt: [], atm: [] },
  at: { file: 'inventory.yaml', line: 1, column: 1 },
} as const satisfies Host;
const TASK: Task = {
  protocol: 1,
  version: '0.1.0',
  run: '2026-11-21T02-00-00Z-1a2b3c',
  host: taskHost(HOST),
  probes: ['system'],
  parameters: { wrappers: ['/usr/local/bin/wrapper'], loginWindowDays: 14 },
  limits: LIMITS,
  recipient: createRecipient().publicKey,
  returns: 'queue',
};

describe('tasks', () => {
  test('hold what is needed to reach a host, and nothing to log in with', () => {
    const { task } = envelopeOf(TASK, undefined);
    expect(parseTask(JSON.parse(task))).toEqual({ ok: true, value: TASK });
    for (const word of ['id_ed25519', 'cert.pub', 'secret-tag', 'adm-full', 'bastion', '#!/bin/sh'])
      expect(task).not.toContain(word);
  });

  test.each([
    ['an unknown key', { ...TASK, script: 'rm -rf /' }],
    ['a host that is an option', { ...TASK, host: { ...TASK.host, address: '-oProxyCommand=x' } }],
    ['a user with blanks', { ...TASK, host: { ...TASK.host, user: 'a b' } }],
    ['a wrapper with a quote', { ...TASK, parameters: { ...TASK.parameters, wrappers: ["/x';id;'"] } }],
    ['no end of time', { ...TASK, limits: { ...LIMITS, totalMs: Number.MAX_SAFE_INTEGER } }],
    ['a run that is a path', { ...TASK, run: '../../etc' }],
    ['a short key', { ...TASK, recipient: 'AAAA' }],
  ])('%s is refused', (_, task) => {
    expect(parseTask(task).ok).toBe(false);
  });

  test('any JSON is answered, never with an error', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        expect(typeof parseTask(value).ok).toBe('boolean');
        expect(parseEnvelope(value).ok).toBe(false);
        expect(parseSender(text).ok).toBe(false);
        expect(parseSender(JSON.stringify(value)).ok).toBe(false);
      }),
      { seed: 13, numRuns: 500 },
    );
  });

  test("a worker's own limits hold", () => {
    const own = { ...LIMITS, totalMs: 1, maxStdout: 5e6 };
    expect(tighter(LIMITS, own)).toEqual({ ...LIMITS, totalMs: 1 });
  });

  test('every environment has a queue of its own, under a name Redis patterns can tell apart', () => {
    expect(queueName(undefined)).toBe('no-environment');
    expect(queueName('production')).toBe('env-production');
    expect(queueName('a:b')).toBe('env-a%3Ab');
    expect(jobId('run', 'web-01')).toMatch(/^run\.[0-9a-f]{32}$/);
    expect(jobId('run', 'web-01')).not.toBe(jobId('run', 'web-02'));
  });
});

describe('answers', () => {
  const recipient = createRecipient();
  const sender = { job: 'run.1', worker: 'w', recipient: recipient.publicKey, queueKey: 'k'.repeat(20) };
  const evidence = {
    schema: 1,
    host: 'db-01',
    startedAt: '2026-11-21T02:00:00Z',
    finishedAt: '2026-11-21T02:00:01Z',
    probes: {},
  } as const;

  test('come back as they were sent, for their job alone', async () => {
    const packed = await packAnswer({ kind: 'evidence', evidence }, sender);
    expect(packed.toString('latin1')).not.toContain('db-01');
    expect(await unpackAnswer(packed, 'run.1', recipient, sender.queueKey)).toEqual({
      kind: 'evidence',
      evidence,
    });
    expect(await unpackAnswer(packed, 'run.2', recipient, sender.queueKey)).toBeNull();
    expect(await unpackAnswer(packed, 'run.1', recipient, undefined)).toBeNull();
  });

  test('what is no evidence is none, however well sealed', async () => {
    const bad = { ...evidence, schema: 2 } as unknown as typeof evidence;
    const packed = await packAnswer({ kind: 'evidence', evidence: bad }, sender);
    expect(await unpackAnswer(packed, 'run.1', recipient, sender.queueKey)).toBeNull();
  });

  test('a refusal nobody could open counts only where there is no queue key', async () => {
    const other = { ...sender, recipient: createRecipient().publicKey, queueKey: 'x'.repeat(20) };
    const packed = await packAnswer({ kind: 'refused', why: 'old' }, other);
    expect(await unpackAnswer(packed, 'run.1', recipient, sender.queueKey)).toBeNull();
    expect(await unpackAnswer(packed, 'run.1', recipient, undefined)).toEqual({
      kind: 'refused',
      why: 'old',
    });
  });

  test('any bytes are no answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, line) => {
        const given = Buffer.concat([Buffer.from(line ? '{}\n' : ''), bytes]);
        expect(decodeAnswer(given)).toBeNull();
        expect(await unpackAnswer(given, 'run.1', recipient, undefined)).toBeNull();
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});

describe('--queue', () => {
  test.each([
    ['redis://cache', { host: 'cache', port: 6379, db: 0, tls: false }],
    ['rediss://auditor@cache:6380/3', { host: 'cache', port: 6380, db: 3, tls: true, user: 'auditor' }],
    ['redis://[::1]:7000/', { host: '::1', port: 7000, db: 0, tls: false }],
  ])('%s', (text, address) => {
    expect(parseQueueUrl(text)).toEqual(address);
  });

  test('is shown without its user', () => {
    expect(shownAddress({ host: '::1', port: 1, db: 2, tls: true, user: 'u', password: 'p' })).toBe(
      'rediss://[::1]:1/2',
    );
  });

  test.each([
    '',
    'cache',
    'http://cache',
    'redis://',
    'redis://cache/x',
    'redis://cache/0?x=1',
    'redis:cache',
  ])('refuses %j', (text) => {
    expect(() => parseQueueUrl(text)).toThrow(UserError);
  });

  test('a password in it is refused, and not repeated', () => {
    const attempt = (): unknown => parseQueueUrl('redis://user:hunter2@cache');
    expect(attempt).toThrow('must not hold a password');
    try {
      attempt();
    } catch (error) {
      expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
    }
  });
});
