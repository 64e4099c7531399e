/**
 * What every transport does, whatever carries it. One table; each transport's test says how to reach a host in each
 * situation, and what it cannot do by its nature:
 *
 *   conformance('ssh', { need: needs.sshd }, async () => ({ transport, host, … }))
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FailureCode, Host } from '../../src/model.js';
import type { Limits, RunRequest, RunResult, Transport } from '../../src/transports/transport.js';
import { title } from '../helpers/needs.js';

/** A transport and the hosts to try it on. */
export interface Subject {
  readonly transport: Transport;
  /** Reachable; runs what it is sent. */
  readonly host: Host;
  /** Command that reads a script from standard input. Default: `sh -s`. */
  readonly command?: string;
  /** Nobody answers there. */
  readonly unreachable?: { readonly host: Host; readonly codes: readonly FailureCode[] };
  /** Answers, and does not let us in. */
  readonly denied?: { readonly host: Host; readonly codes: readonly FailureCode[] };
  /** What is left over on this machine: descriptions of processes, sockets, files. Empty after `close`. */
  readonly remains: () => readonly string[];
  /** After `transport.close()`: stops the servers. */
  readonly stop?: () => Promise<void>;
}

/** Behaviours a transport may lack, each with the reason shown in the skipped test's title. */
type Trait =
  | 'large output'
  | 'large input'
  | 'separate stderr'
  | 'signals'
  | 'first-byte timeout'
  | 'idle timeout'
  | 'unreachable'
  | 'denied';

export interface ConformanceOptions {
  /** From test/helpers/needs.ts: why nothing can be tried here. */
  readonly need: string | null;
  readonly lacks?: Partial<Record<Trait, string>>;
  /** Default limits over those below, such as a longer total time. */
  readonly limits?: Partial<Limits>;
}

const MiB = 1024 * 1024;
const LIMITS: Limits = {
  connectMs: 5000,
  handshakeMs: 10_000,
  loginMs: 10_000,
  firstByteMs: 10_000,
  idleMs: 10_000,
  totalMs: 40_000,
  maxStdout: 16 * MiB,
  maxStderr: 64 * 1024,
  retries: 0,
};

/** Limits that end nothing while a test lasts. */
const NEVER = { firstByteMs: 600_000, idleMs: 600_000, totalMs: 600_000 } as const;

export function conformance(
  name: string,
  { need, lacks = {}, limits = {} }: ConformanceOptions,
  setup: () => Promise<Subject>,
): void {
  describe.skipIf(need)(title(`transport ${name}`, need), () => {
    let subject: Subject;
    beforeAll(async () => {
      subject = await setup();
    });
    afterAll(async () => {
      await subject.transport.close();
      await subject.stop?.();
    });
    const request = (
      stdin: string,
      own: Partial<Limits> = {},
      more: Partial<RunRequest> = {},
    ): RunRequest => ({
      host: subject.host,
      command: subject.command ?? 'sh -s',
      stdin,
      signal: new AbortController().signal,
      ...more,
      limits: { ...LIMITS, ...limits, ...own },
    });
    const run = (...args: Parameters<typeof request>): Promise<RunResult> =>
      subject.transport.run(request(...args));
    const unless = (trait: Trait, what: string, test: () => Promise<void>): void => {
      const reason = lacks[trait];
      it.skipIf(reason)(title(what, reason ?? null), async () => {
        expect.hasAssertions();
        await test();
      });
    };

    it('brings back exact bytes and the exit code', async () => {
      const result = await run("printf 'a\\000b\\377\\r\\n\\033[1mc'\n");
      expect(result.failure).toBeUndefined();
      expect(result.exitCode).toBe(0);
      expect(Buffer.from(result.stdout)).toEqual(Buffer.from('a\0b\xff\r\n\x1b[1mc', 'latin1'));
      expect(result.stderr).toHaveLength(0);
    });

    it('says how the host was reached', async () => {
      const { connection } = await run('true\n');
      expect(connection).toMatchObject({
        address: expect.any(String),
        port: expect.any(Number),
        user: expect.any(String),
        route: expect.any(Array),
      });
      expect(connection?.timings?.['done']).toBeGreaterThanOrEqual(0);
    });

    it.each([1, 3, 77, 254, 255])('tells exit code %i', async (code) => {
      const result = await run(`echo before; exit ${String(code)}\n`);
      expect(result.failure).toBeUndefined();
      expect(result.exitCode).toBe(code);
      expect(text(result)).toBe('before\n');
    });

    unless('separate stderr', 'keeps standard error apart', async () => {
      const result = await run('echo out; echo err >&2; echo more\n');
      expect(text(result)).toBe('out\nmore\n');
      expect(Buffer.from(result.stderr).toString()).toBe('err\n');
    });

    unless('large input', 'takes a script of 200 KB as it is', async () => {
      const line = `${'0123456789 äöü € \u2028 \\ " $x '.repeat(4)}\n`;
      const padding = line.repeat(Math.ceil(200_000 / Buffer.byteLength(line)));
      const result = await run(`cksum <<'END'\n${padding}END\necho done\n`);
      expect(result.failure).toBeUndefined();
      expect(text(result)).toBe(`${cksum(Buffer.from(padding))}\ndone\n`);
    });

    it('gives end of file after the input', async () => {
      const result = await run('cat; echo end\n');
      expect(result.failure).toBeUndefined();
      expect(text(result)).toBe('end\n');
    });

    it('is not troubled by a command that does not read its input', async () => {
      const result = await run(`exit 4\n${'x'.repeat(100_000)}\n`);
      expect(result).toMatchObject({ exitCode: 4 });
      expect(result.failure).toBeUndefined();
    });

    unless('large output', 'brings back 8 MB', async () => {
      const block = 'i=0; while [ $i -lt 8192 ]; do printf "%01024d" $i; i=$((i+1)); done\n';
      const result = await run(block);
      expect(result.failure).toBeUndefined();
      const expected = createHash('sha256');
      for (let i = 0; i < 8192; i += 1) expected.update(String(i).padStart(1024, '0'));
      expect(createHash('sha256').update(result.stdout).digest('hex')).toBe(expected.digest('hex'));
    });

    unless('large output', 'takes exactly as much as is allowed', async () => {
      const result = await run('head -c 100000 /dev/zero\n', { maxStdout: 100_000 });
      expect(result.failure).toBeUndefined();
      expect(result.stdout).toHaveLength(100_000);
    });

    it.each(['stdout', 'stderr'] as const)('cuts a flood on %s', async (stream) => {
      if (stream === 'stderr' && lacks['separate stderr'] !== undefined) return;
      const result = await run(`head -c 1073741824 /dev/zero ${stream === 'stderr' ? '>&2' : ''}\n`, {
        maxStdout: 1000,
        maxStderr: 500,
      });
      expect(result.failure?.code).toBe('too-much-output');
      expect(result[stream]).toHaveLength(stream === 'stdout' ? 1000 : 500);
      expect(result.exitCode).toBeUndefined();
    });

    unless('first-byte timeout', 'ends a command that says nothing', async () => {
      const result = await run('sleep 20\n', { firstByteMs: 400 });
      expect(result.failure?.code).toBe('first-byte-timeout');
      expect(result.exitCode).toBeUndefined();
    });

    unless('idle timeout', 'ends a command that stops talking, and keeps what it said', async () => {
      const result = await run('echo begun; sleep 20\n', { idleMs: 400 });
      expect(result.failure?.code).toBe('idle-timeout');
      expect(text(result)).toBe('begun\n');
    });

    it('ends a command that takes too long altogether', async () => {
      const result = await run('while :; do echo x; sleep 0.05; done\n', { totalMs: 2500 });
      expect(result.failure?.code).toBe('total-timeout');
      expect(result.exitCode).toBeUndefined();
    });

    it('is cancelled before and while it runs, without waiting for its end or for a limit', async () => {
      const controller = new AbortController();
      const running = run('echo begun; sleep 1000\n', NEVER, { signal: controller.signal });
      setTimeout(() => controller.abort(), 1500);
      expect((await running).failure?.code).toBe('cancelled');
      expect((await run('true\n', {}, { signal: controller.signal })).failure?.code).toBe('cancelled');
    }, 60_000);

    unless('signals', 'tells a command that was killed from one that ended', async () => {
      const result = await run('echo before; kill -KILL $$\n');
      expect(result.failure?.code).toBe('killed-by-signal');
      expect(result.exitCode).toBeUndefined();
      expect(text(result)).toBe('before\n');
    });

    unless('unreachable', 'tells a host that is not there', async () => {
      const { unreachable } = subject;
      if (!unreachable) throw new Error('the suite gives no unreachable host');
      const result = await run('true\n', {}, { host: unreachable.host });
      expect(unreachable.codes).toContain(result.failure?.code);
      expect(result.failure?.detail).not.toBe('');
      expect(result.stdout).toHaveLength(0);
    });

    unless('denied', 'tells a login that was refused', async () => {
      const { denied } = subject;
      if (!denied) throw new Error('the suite gives no host that refuses');
      const result = await run('true\n', {}, { host: denied.host });
      expect(denied.codes).toContain(result.failure?.code);
      expect(result.failure?.hint).toBeTruthy();
      expect(result.exitCode).toBeUndefined();
    });

    it('carries several hosts at once', async () => {
      const results = await Promise.all([1, 2, 3, 4].map((number) => run(`echo ${String(number)}\n`)));
      expect(results.map(text)).toEqual(['1\n', '2\n', '3\n', '4\n']);
    });

    it('leaves nothing behind, and closes twice', async () => {
      const controller = new AbortController();
      const running = run('sleep 20\n', {}, { signal: controller.signal });
      setTimeout(() => controller.abort(), 700);
      await running;
      await subject.transport.close();
      await subject.transport.close();
      await expect.poll(() => subject.remains(), { timeout: 5000 }).toEqual([]);
    });
  });
}

function text(result: RunResult): string {
  return Buffer.from(result.stdout).toString('utf8');
}

/** POSIX cksum(1): CRC and length, as the host prints it of its standard input. */
function cksum(data: Buffer): string {
  let crc = 0;
  const feed = (byte: number): void => {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  };
  for (const byte of data) feed(byte);
  for (let length = data.length; length > 0; length = Math.floor(length / 256)) feed(length & 0xff);
  return `${String(~crc >>> 0)} ${String(data.length)}`;
}
