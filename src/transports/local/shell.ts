/** One command under /bin/sh on this machine: script in, bytes out, within bounds. Settles once. */
import { spawn, type ChildProcess } from 'node:child_process';
import { messageOf } from '../../errors.js';
import type { FailureCode, GatherFailure, Phase } from '../../model.js';
import { createOutput, type Output } from '../output.js';
import type { RunRequest, RunResult } from '../transport.js';

/** After the command ended: how long something it left behind may hold its output open. */
const DRAIN_MS = 500;
/** Shortages of this machine, which pass. */
const SHORTAGES = new Set(['EMFILE', 'ENFILE', 'EAGAIN', 'ENOMEM', 'ENOBUFS']);
/** Nothing of the caller's environment reaches the command. */
const ENVIRONMENT = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin',
  HOME: '/',
  LC_ALL: 'C',
};

type ShellRequest = Pick<RunRequest, 'stdin' | 'limits' | 'signal'>;

/** Never rejects; leaves no process behind that this user may end. Kept output is also returned with a failure. */
export function runShell(command: string, request: ShellRequest): Promise<Omit<RunResult, 'connection'>> {
  const { limits, signal } = request;
  return new Promise((resolve) => {
    const stdout = createOutput(limits.maxStdout);
    const stderr = createOutput(limits.maxStderr);
    let phase: Phase = 'exec';
    let settled = false;
    let exit: { readonly exitCode?: number; readonly exitSignal?: string } | undefined;
    let quiet: NodeJS.Timeout | undefined;
    let drain: NodeJS.Timeout | undefined;
    let child: ChildProcess | undefined;

    const settle = (gone?: GatherFailure): void => {
      if (settled) return;
      settled = true;
      for (const timer of [quiet, drain, total]) clearTimeout(timer);
      signal.removeEventListener('abort', cancel);
      if (child) endAll(child);
      const killed = exit?.exitSignal;
      const problem =
        gone ??
        (killed === undefined
          ? undefined
          : failure('killed-by-signal', 'run', `the command was ended by ${killed}`));
      resolve({
        stdout: stdout.bytes(),
        stderr: stderr.bytes(),
        ...exit,
        ...(problem && { failure: problem }),
      });
    };
    const cancel = (): void => settle(failure('cancelled', phase, 'the run was cancelled'));
    const total = setTimeout(
      () => settle(failure('total-timeout', phase, `not finished after ${limits.totalMs} ms`)),
      limits.totalMs,
    );
    if (signal.aborted) return cancel();
    signal.addEventListener('abort', cancel, { once: true });

    try {
      child = spawn('/bin/sh', ['-c', command], { cwd: '/', env: ENVIRONMENT, detached: true });
    } catch (error) {
      return settle(startFailure(error));
    }
    quiet = setTimeout(
      () =>
        settle(failure('first-byte-timeout', phase, `no output within ${limits.firstByteMs} ms of starting`)),
      limits.firstByteMs,
    );
    const take = (into: Output, name: string) => (chunk: Buffer) => {
      if (settled) return;
      phase = 'run';
      clearTimeout(quiet);
      quiet = setTimeout(
        () => settle(failure('idle-timeout', 'run', `no output for ${limits.idleMs} ms`)),
        limits.idleMs,
      );
      if (!into.take(chunk))
        settle(failure('too-much-output', 'run', `more than ${into.limit} bytes on ${name}`));
    };
    child.on('error', (error) => settle(startFailure(error)));
    child.stdout?.on('data', take(stdout, 'standard output'));
    child.stderr?.on('data', take(stderr, 'standard error'));
    child.on('exit', (code, name) => {
      exit = code === null ? { exitSignal: name ?? 'an unnamed signal' } : { exitCode: code };
      clearTimeout(quiet);
      drain = setTimeout(() => settle(), DRAIN_MS);
    });
    child.on('close', () => settle());
    // A command that ends early does not read its input to the end.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(request.stdin);
  });
}

function startFailure(error: unknown): GatherFailure {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (SHORTAGES.has(code))
    return failure(
      'local-resources',
      'exec',
      `this machine cannot start another program: ${messageOf(error)}`,
    );
  return failure('no-shell', 'exec', `cannot start /bin/sh: ${messageOf(error)}`);
}

/** The whole process group. What sudo runs belongs to root: it ends when its output has nowhere to go. */
function endAll(child: ChildProcess): void {
  for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Nobody is left in it, or it is not ours to end.
  }
}

function failure(code: FailureCode, phase: Phase, detail: string): GatherFailure {
  return { code, phase, detail };
}
