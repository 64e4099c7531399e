/** What Ansible saves, in all its forms: folder of --tree, json and oneline callbacks, and what is none of them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readAnsible, type SavedOutput } from '../../src/evidence/from-ansible.js';
import { needs, title } from '../helpers/needs.js';
import { removeDirectory, temporaryDirectory } from '../helpers/sshd.js';

const NONCE = 'ab'.repeat(16);
const FRAMES = `\n@@${NONCE} S 1 0 1795248315 ssh-access-scorecard.sh\n@@${NONCE} E 0\n`;

describe('saved results', () => {
  const folder = temporaryDirectory('saved');
  afterAll(() => removeDirectory(folder));
  let count = 0;

  async function readLog(text: string): Promise<Record<string, SavedOutput>> {
    const path = join(folder, `log-${(count += 1)}`);
    writeFileSync(path, text);
    const hosts = await readAnsible(path);
    return Object.fromEntries(
      await Promise.all([...hosts].map(async ([name, host]) => [name, await host.read()] as const)),
    );
  }

  it('are read from a folder, as the tree callback and a play write them', async () => {
    const tree = join(folder, 'tree');
    mkdirSync(tree);
    writeFileSync(
      join(tree, 'web-1.example.org'),
      JSON.stringify({ rc: 0, stdout: FRAMES, stderr: 'noise' }),
    );
    writeFileSync(
      join(tree, 'db.json'),
      JSON.stringify({ unreachable: true, msg: 'ssh: connect: Connection refused' }),
    );
    writeFileSync(join(tree, 'broken'), '{"stdout": "cut');
    writeFileSync(join(tree, '.hidden'), '{}');
    utimesSync(join(tree, 'db.json'), 1_795_000_000, 1_795_000_000);
    const hosts = await readAnsible(tree);
    expect([...hosts.keys()]).toEqual(['broken', 'db', 'web-1.example.org']);
    expect(hosts.get('db')?.at).toBe('2026-11-18T11:06:40.000Z');
    expect(await hosts.get('web-1.example.org')?.read()).toMatchObject({ nonce: NONCE, exitCode: 0 });
    expect((await hosts.get('db')?.read())?.failure?.code).toBe('connect-refused');
    expect((await hosts.get('broken')?.read())?.failure?.code).toBe('output-corrupt');
  });

  it('are read from the json callback, the task with frames before others', async () => {
    const task = (hosts: unknown) => ({ task: { name: 'x' }, hosts });
    const log = {
      plays: [
        {
          tasks: [
            task({ a: { msg: 'made' } }),
            task({ a: { stdout: FRAMES, rc: 0 }, b: { unreachable: true, msg: 'timed out' } }),
            task({ a: { msg: 'kept' } }),
          ],
        },
      ],
    };
    const found = await readLog(JSON.stringify(log));
    expect(found['a']?.nonce).toBe(NONCE);
    expect(found['b']?.failure?.code).toBe('connect-timeout');
  });

  it('are read from the oneline callback', async () => {
    const found = await readLog(
      [
        `a | CHANGED => ${JSON.stringify({ rc: 0, stdout: FRAMES })}`,
        'b | UNREACHABLE!: Failed to connect to the host via ssh: Permission denied (publickey).',
        `c | CHANGED | rc=0 | (stdout) ${FRAMES.replaceAll('\n', String.raw`\r\n`)}(stderr) x`,
        'd | FAILED! => {"msg": "Missing sudo password", "changed": false}',
        '[WARNING]: something else',
      ].join('\n'),
    );
    expect(Object.keys(found)).toEqual(['a', 'b', 'c', 'd']);
    expect([found['a']?.nonce, found['c']?.nonce]).toEqual([NONCE, NONCE]);
    expect(found['b']?.failure?.code).toBe('login-refused');
    expect(Buffer.from(found['d']?.stderr ?? []).toString()).toContain('Missing sudo password');
  });

  it.each([
    ['Host key verification failed.', 'host-key-unknown'],
    ['WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! Host key verification failed.', 'host-key-mismatch'],
    ['ssh: Could not resolve hostname x: Name or service not known', 'dns'],
    ['No route to host', 'network-unreachable'],
    ['', 'connection-lost'],
  ])('say why a host was not reached: %s', async (msg, code) => {
    const found = await readLog(
      `{"plays":[{"tasks":[{"hosts":{"a":${JSON.stringify({ unreachable: true, msg })}}}]}]}`,
    );
    expect(found['a']?.failure?.code).toBe(code);
  });

  it('with frames of two collectors are of neither', async () => {
    const two = FRAMES + FRAMES.replaceAll(NONCE, 'cd'.repeat(16));
    const found = await readLog(`a | CHANGED => ${JSON.stringify({ stdout: two })}`);
    expect(found['a']?.failure?.code).toBe('output-corrupt');
    expect(found['a']?.nonce).toBeUndefined();
  });

  it.each([
    ['no file', '/no/such/file', 'cannot read'],
    ['nothing in it', '', 'holds no result of any host'],
    ['half a JSON', '{"plays": [', 'is not JSON to its end'],
  ])('that are none are refused: %s', async (_, text, message) => {
    if (text.startsWith('/')) return expect(readAnsible(text)).rejects.toThrow(message);
    await expect(readLog(text)).rejects.toThrow(message);
  });

  it('never throw for what a host printed', async () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.constant(null),
      fc.array(fc.string()),
      fc.constant(FRAMES),
    );
    const result = fc.dictionary(
      fc.constantFrom('stdout', 'stderr', 'msg', 'rc', 'unreachable', '__proto__', 'x'),
      value,
    );
    await fc.assert(
      fc.asyncProperty(result, async (one) => {
        const { a } = await readLog(JSON.stringify({ plays: [{ tasks: [{ hosts: { a: one } }] }] }));
        expect(a?.stdout).toBeInstanceOf(Uint8Array);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  const need = needs.program('ansible', 'ansible-core');
  it.skipIf(need)(
    title('are what Ansible really writes, with a script that prints little', need),
    async () => {
      writeFileSync(
        join(folder, 'small.sh'),
        `#!/bin/sh\nprintf '${FRAMES.replaceAll('\n', String.raw`\n`)}'\necho to-stderr >&2\n`,
      );
      const ansible = (...args: string[]): string =>
        execFileSync(
          'ansible',
          ['all', '-i', 'localhost,', '-c', 'local', '-m', 'script', '-a', 'small.sh', ...args],
          {
            cwd: folder,
            encoding: 'utf8',
            env: { PATH: process.env['PATH'], HOME: folder, LC_ALL: 'C.UTF-8' },
          },
        );
      const line = ansible('-o', '--tree', 'real');
      expect((await readLog(line))['localhost']?.nonce).toBe(NONCE);
      const saved = await (await readAnsible(join(folder, 'real'))).get('localhost')?.read();
      expect(saved).toMatchObject({ nonce: NONCE, exitCode: 0 });
      expect(Buffer.from(saved?.stderr ?? []).toString()).toContain('to-stderr');
    },
  );
});
